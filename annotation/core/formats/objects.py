"""Objects that a file tells as boxes, outlines or classes of whole images: each becomes a cell.

A box becomes a cell that fills it; overlapping ones lie on different planes. An image that has a class as a
whole becomes one cell that fills it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from skimage.draw import polygon2mask

from annotation.core.formats.base import ImageSource, LabelFrame, RefusedFile, frames_of
from annotation.core.layers import layers_of

NO_CLASS = frozenset({"", "cell", "cells", "object", "objects"})
"""Names that say no more than that something is a cell."""


class Shape(Protocol):
    """Where an object lies."""

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """Row-major pixel numbers inside the picture. Raises ValueError where it cannot be drawn."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """A box in px from the picture's upper left corner, half open."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """The pixels of the box that lie inside the picture."""
        x = np.arange(max(round(self.left), 0), min(round(self.right), width))
        y = np.arange(max(round(self.top), 0), min(round(self.bottom), height))
        return np.asarray((y[:, None] * width + x).ravel(), np.int64)


@dataclass(frozen=True, slots=True)
class Outline:
    """Polygons (x, y, x, y, …) in px; a pixel belongs to it when its centre does."""

    rings: tuple[tuple[float, ...], ...]

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """The pixels inside any of the polygons."""
        inside = np.zeros((height, width), np.bool_)
        for ring in self.rings:
            points = np.asarray(ring, np.float64).reshape(-1, 2)
            top, left = np.floor(points.min(0)[::-1]).astype(int).clip(0)
            bottom, right = np.ceil(points.max(0)[::-1]).astype(int).clip(0, (height, width))
            if bottom > top and right > left:
                local = points[:, ::-1] - (top, left) - 0.5
                inside[top:bottom, left:right] |= polygon2mask((bottom - top, right - left), local)
        return np.flatnonzero(inside)


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """One object of a picture and the name of its class; `ignored`: nothing is said about what lies there."""

    shape: Shape
    kind: str = ""
    ignored: bool = False


@dataclass(frozen=True)
class DrawnLabels:
    """The objects of one picture as cells numbered from 1, in the order of the file."""

    path: Path
    height: int
    width: int
    objects: Sequence[DrawnObject]

    @cached_property
    def _drawn(self) -> list[tuple[DrawnObject, NDArray[np.int64]]]:
        """Objects that have any pixel, each once however often the file says the same."""
        kept: dict[tuple[str, bytes], tuple[DrawnObject, NDArray[np.int64]]] = {}
        for one in self.objects:
            try:
                pixels = one.shape.pixels(self.height, self.width)
            except ValueError as error:
                raise RefusedFile(self.path, str(error)) from None
            if pixels.size:
                kept.setdefault((one.kind, pixels.tobytes()), (one, pixels))
        return list(kept.values())

    @property
    def note(self) -> str:
        """What was left out."""
        gone = len(self.objects) - len(self._drawn)
        return f"{gone} objects were left out: said twice, or outside the image." if gone else ""

    @property
    def classes(self) -> dict[int, str]:
        """{cell: name of its class}, as far as there is one."""
        names = {cell: one.kind.strip() for cell, (one, _) in enumerate(self._drawn, start=1)}
        return {cell: name for cell, name in names.items() if name.casefold() not in NO_CLASS}

    @property
    def ignored(self) -> frozenset[int]:
        """Cells about which nothing is said."""
        return frozenset(cell for cell, (one, _) in enumerate(self._drawn, start=1) if one.ignored)

    def __iter__(self) -> Iterator[LabelFrame]:
        sizes = [pixels.size for _, pixels in self._drawn]
        owners = np.repeat(np.arange(1, len(sizes) + 1, dtype=np.uint32), sizes)
        flat = np.concatenate([np.zeros(0, np.int64), *(pixels for _, pixels in self._drawn)])
        planes = layers_of(flat, owners, self.height * self.width)
        yield 0, 0, planes.reshape(-1, self.height, self.width)


def draw(path: Path, objects: Sequence[DrawnObject], image: ImageSource) -> DrawnLabels:
    """The objects that `path` tells, checked against their image.

    Raises RefusedFile for a movie or a stack: such files do not say which frame they mean.
    """
    size_t, _, size_z, height, width = image.shape_tczyx
    if size_t * size_z != 1:
        raise RefusedFile(path, "boxes and outlines are read for single pictures, but the image has frames")
    labels = DrawnLabels(path, height, width, objects)
    if objects and not any(planes.any() for _, _, planes in labels):
        raise RefusedFile(path, f"all objects lie outside the image of {height} x {width} px")
    return labels


@dataclass(frozen=True)
class WholeImage:
    """One cell that fills every frame of an image."""

    source: ImageSource

    @property
    def note(self) -> str:
        """What was done that the file does not say."""
        return "The image has a class as a whole: one cell fills it."

    def __iter__(self) -> Iterator[LabelFrame]:
        _, _, _, height, width = self.source.shape_tczyx
        for t, z in frames_of(self.source):
            yield t, z, np.ones((1, height, width), np.uint32)


def classes_of_whole(name: str) -> Mapping[int, str]:
    """{cell: class} of a `WholeImage`."""
    return {1: name}
