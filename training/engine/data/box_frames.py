"""The frames that a detector learns from: pixels, labels and boxes, made smaller so that cells have the size
that suits the net."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

from training.engine.data.frames import CACHE_BYTES, choose_frames
from training.engine.data.images import Frame, LabelledImage, Truth
from training.engine.data.normalising import look_at, normalise
from training.engine.errors import NothingToLearn

Floats = npt.NDArray[np.float32]

LEAST_SIDE_PX = 1.0


@dataclass(frozen=True)
class TrueBoxes:
    """The cells of a frame: boxes float32 (n, 4) as x0, y0, x1, y1 in px, class (n,) from 1, id (n,)."""

    boxes: Floats
    classes: npt.NDArray[np.int64]
    ids: npt.NDArray[np.uint32]

    def scaled(self, scale: float) -> "TrueBoxes":
        """The same in a picture that is `scale` times as large."""
        return TrueBoxes(np.asarray(self.boxes * scale, np.float32), self.classes, self.ids)


@dataclass(frozen=True)
class BoxFrame:
    """A frame as the net sees it: pixels float16 (c, y, x), labels uint32 (p, y, x), both made smaller."""

    pixels: npt.NDArray[np.float16]
    labels: npt.NDArray[np.uint32]


def boxes_of(labels: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Floats]:
    """Ids (n,) and boxes (n, 4) as x0, y0, x1, y1 of the cells of labels (p, y, x), whatever their planes."""
    ids = np.unique(labels[labels > 0])
    boxes = np.full((len(ids), 4), np.inf, np.float32)
    boxes[:, 2:] = -np.inf
    for plane in labels:
        numbers = np.where(plane > 0, np.searchsorted(ids, plane) + 1, 0)
        for row, place in enumerate(ndimage.find_objects(numbers)):
            if place is not None:
                y, x = place
                boxes[row, :2] = np.minimum(boxes[row, :2], (x.start, y.start))
                boxes[row, 2:] = np.maximum(boxes[row, 2:], (x.stop, y.stop))
    return ids, boxes


def read_boxes(image: LabelledImage, truth: Truth, classes: int) -> tuple[TrueBoxes, Truth]:
    """The true boxes of a frame, and its truth with cells of no known class ignored where there are several.

    `classes`: how many are told apart; with one, every cell is of class 1.
    """
    ids, boxes = boxes_of(truth.labels)
    if classes == 1 and not image.classes:
        return TrueBoxes(boxes, np.ones(len(ids), np.int64), ids), truth
    told = np.array([image.classes.get(int(cell), 1 if classes == 1 else 0) for cell in ids], np.int64)
    told = np.minimum(told, 1) if classes == 1 else told
    known = (told >= 1) & (told <= classes)
    if not known.all():
        open_px = np.isin(truth.labels, ids[~known])
        truth = Truth(np.where(open_px, 0, truth.labels).astype(np.uint32), truth.ignored | open_px.any(0))
    return TrueBoxes(boxes[known], told[known], ids[known]), truth


class BoxFrames:
    """All training frames with their boxes. What fits into `cache_bytes` stays in memory."""

    def __init__(
        self,
        images: Sequence[LabelledImage],
        *,
        channels: int,
        classes: int,
        cell_px: int | None,
        scale: float | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Reads every frame once. `scale`: how much smaller, where a trained model says so; else the median
        cell becomes `cell_px` wide. Raises UnreadableImage, ChannelMismatch, NothingToLearn."""
        self.images, self.channels, self.classes = images, channels, classes
        self.frames = choose_frames(images)
        self.cells = [self._read_truth(frame)[0] for frame in self.frames]
        sides = np.concatenate([np.sqrt(_areas(cells.boxes)) for cells in self.cells])
        if not len(sides):
            raise NothingToLearn(
                "No training image has a labelled cell (of the classes that are asked for). Label some "
                "cells, or accept labels that exist."
            )
        self.object_size_px = float(np.median(sides))
        self.scale = scale or (1.0 if cell_px is None else min(1.0, cell_px / self.object_size_px))
        self.cells = [cells.scaled(self.scale) for cells in self.cells]
        self._left, self._cached = cache_bytes, dict[int, BoxFrame]()
        self._digests: list[str] = []
        self.sizes = [self._first_read(number) for number in range(len(self.frames))]

    def frame(self, number: int) -> BoxFrame:
        """One frame, from memory or read again."""
        return self._cached.get(number) or self._read(number)[0]

    def all_boxes(self) -> Floats:
        """Every box of every frame, (n, 4), in px of the net."""
        return np.concatenate([cells.boxes for cells in self.cells])

    def digest(self) -> str:
        """SHA-256 over which frames were learned from and what they hold."""
        lines = [
            f"{self.images[frame.image].line.image_id} {frame.t} {frame.z} {digest}\n"
            for frame, digest in zip(self.frames, self._digests, strict=True)
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _first_read(self, number: int) -> tuple[int, int]:
        ready, digest = self._read(number)
        self._digests.append(digest)
        size = ready.pixels.nbytes + ready.labels.nbytes
        if size <= self._left:
            self._cached[number] = ready
        self._left = max(0, self._left - size)
        return ready.pixels.shape[1], ready.pixels.shape[2]

    def _read(self, number: int) -> tuple[BoxFrame, str]:
        frame = self.frames[number]
        raw = self.images[frame.image].read(frame.t, frame.z)
        _, truth = self._read_truth(frame)
        digest = hashlib.sha256(np.ascontiguousarray(raw).data)
        digest.update(np.ascontiguousarray(truth.labels).data)
        digest.update(np.packbits(truth.ignored).data)
        shown = normalise(raw, look_at(raw), self.channels)
        # A net that finds a cell where nothing is said would be told that it is wrong; so nothing is seen.
        shown[:, truth.ignored] = np.median(shown)
        pixels = shrink(shown, self.scale)
        labels = _nearest(truth.labels, pixels.shape[1], pixels.shape[2])
        return BoxFrame(pixels.astype(np.float16), labels), digest.hexdigest()

    def _read_truth(self, frame: Frame) -> tuple[TrueBoxes, Truth]:
        image = self.images[frame.image]
        return read_boxes(image, image.read_truth(frame.t, frame.z), self.classes)


def shrink(pixels: npt.NDArray[Any], scale: float) -> Floats:
    """Pixels (c, y, x) made `scale` times as large, at most 1, each new pixel the mean of what it covers."""
    if scale == 1:
        return np.asarray(pixels, np.float32)
    size = [max(1, round(length * scale)) for length in pixels.shape[1:]]
    given = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None]
    smaller = functional.interpolate(given, size, mode="bilinear", antialias=True)
    return np.asarray(smaller[0].numpy(), np.float32)


def _nearest(labels: npt.NDArray[np.uint32], height: int, width: int) -> npt.NDArray[np.uint32]:
    if labels.shape[1:] == (height, width):
        return labels
    rows = ((np.arange(height) + 0.5) * labels.shape[1] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * labels.shape[2] / width).astype(int)
    return labels[:, rows[:, None], columns]


def _areas(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], LEAST_SIDE_PX), axis=1), np.float32)
