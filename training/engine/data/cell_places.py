"""Where the labelled cells of an image are, and cutting single cells out of its frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

from training.engine.data.crops import mirrored_index
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import Look, look_at, normalise

LEAST_FIELD_PX = 8.0
"""Smallest side of the square that a crop shows: below that there is nothing to magnify."""


@dataclass(frozen=True)
class CellPlace:
    """A cell in a frame: its id and its box in px, half open."""

    cell: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def length_px(self) -> int:
        """The box's longer side."""
        return max(self.bottom - self.top, self.right - self.left)


@dataclass(frozen=True)
class Sight:
    """How a crop shows a cell: `crop_px` a side, and how many px of the image that is.

    `field_px` is one for all cells; None means `surroundings` times each cell's own length.
    """

    crop_px: int
    surroundings: float
    field_px: float | None

    def field_of(self, place: CellPlace) -> float:
        """Side in px of the image's square that the crop shows."""
        field = place.length_px * self.surroundings if self.field_px is None else self.field_px
        return max(field, LEAST_FIELD_PX)


def places(labels: npt.NDArray[np.uint32]) -> list[CellPlace]:
    """Every cell of a frame's labels uint32 (p, y, x), by id; a cell on several planes has one box."""
    boxes: dict[int, CellPlace] = {}
    for plane in labels:
        ids, numbers = np.unique(plane, return_inverse=True)
        first = int(ids[0] == 0)
        found = ndimage.find_objects(numbers.reshape(plane.shape) + 1 - first)
        for cell, box in zip(ids[first:].tolist(), found, strict=True):
            place = CellPlace(cell, box[0].start, box[1].start, box[0].stop, box[1].stop)
            boxes[cell] = _joined(boxes[cell], place) if cell in boxes else place
    return [boxes[cell] for cell in sorted(boxes)]


def places_of(image: LabelledImage) -> Iterator[tuple[int, int, list[CellPlace]]]:
    """(t, z, cells) of every frame of an image that has any. Raises UnreadableImage."""
    for t, z in image.frames:
        found = places(image.read_labels(t, z))
        if found:
            yield t, z, found


@dataclass(frozen=True)
class ReadFrame:
    """A frame that cells are cut from: raw pixels (c, y, x), labels uint32 (p, y, x), and the look of the
    whole."""

    pixels: npt.NDArray[Any]
    labels: npt.NDArray[np.uint32]
    look: Look

    @staticmethod
    def of(image: LabelledImage, t: int, z: int) -> "ReadFrame":
        """Raises UnreadableImage."""
        pixels = image.read(t, z)
        return ReadFrame(pixels, image.read_labels(t, z), look_at(pixels))

    @staticmethod
    def whole(image: LabelledImage, t: int, z: int) -> "ReadFrame":
        """A frame that is one cell, number 1. Raises UnreadableImage."""
        pixels = image.read(t, z)
        return ReadFrame(pixels, np.ones((1, *pixels.shape[1:]), np.uint32), look_at(pixels))

    def cut(self, place: CellPlace, sight: Sight, channels: int, *, reach: float = 1.0) -> npt.NDArray[Any]:
        """Pixels and mask of a cell in its middle, float16 (channels + 1, s, s), s = crop_px × reach.

        Normalised by the whole frame, never by the crop; beyond the border the picture is mirrored and the
        mask is empty. Raises ChannelMismatch.
        """
        side = max(round(sight.field_of(place) * reach), 2)
        top = (place.top + place.bottom - side) // 2
        left = (place.left + place.right - side) // 2
        rows, columns = np.arange(top, top + side), np.arange(left, left + side)
        height, width = self.pixels.shape[1:]
        y, x = mirrored_index(rows, height)[:, None], mirrored_index(columns, width)
        shown = normalise(self.pixels[:, y, x], self.look, channels)
        inside = ((rows >= 0) & (rows < height))[:, None] & (columns >= 0) & (columns < width)
        mask = (self.labels[:, y, x] == place.cell).any(0) & inside
        both = torch.from_numpy(np.concatenate([shown, mask[None].astype(np.float32)]))
        size = round(sight.crop_px * reach)
        resized = functional.interpolate(both[None], (size, size), mode="bilinear", antialias=True)
        return np.asarray(resized[0].numpy(), np.float16)


def common_field_px(found: Sequence[CellPlace], surroundings: float) -> float:
    """The field that shows nine of ten cells whole with their surroundings."""
    return float(np.percentile([place.length_px for place in found], 90) * surroundings)


def _joined(a: CellPlace, b: CellPlace) -> CellPlace:
    return CellPlace(
        a.cell, min(a.top, b.top), min(a.left, b.left), max(a.bottom, b.bottom), max(a.right, b.right)
    )
