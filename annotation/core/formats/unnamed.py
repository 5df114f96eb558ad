"""Whether the unnamed axis of an image is time or z, as the labels that belong to it tell.

Where the label file names its axes, the image's are the same. Where it does not, the cells tell: a body that
is cut into slices tapers off towards both of its ends, while a cell of a movie keeps its size until it is
gone.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import sources
from annotation.core.formats.axes import said_of_unnamed
from annotation.core.formats.base import Facts, ImageSource, RefusedFile

LEAST_PLANES = 3
"""A cell on fewer planes tells nothing."""
MOST_AT_ENDS = 0.5
"""Mean area at a body's two ends in parts of its largest; less is a taper."""
LEAST_TELLING = 0.2
"""Of all cells so many must begin and end inside of the stack, each on neighbouring planes."""


def settle(source: ImageSource, labels: Path) -> ImageSource:
    """The image as a volume where its axis was guessed to be time and its labels tell otherwise."""
    if not is_guess(source):
        return source
    why = _why_z(source, labels)
    if not why:
        return source
    return sources.as_volume(source, said_of_unnamed(source.shape_tczyx[0], "Z", why))


def alike(truth: ImageSource, predicted: ImageSource) -> tuple[ImageSource, ImageSource]:
    """Two label images that are to be compared: what one of them says of the axes holds for both, and where
    neither does, what the true cells say.
    """
    ours, theirs = is_guess(truth), is_guess(predicted)
    if ours and ((theirs and taper_off(truth)) or predicted.shape_tczyx[2] > 1):
        truth = sources.as_volume(truth)
    if theirs and truth.shape_tczyx[2] > 1:
        predicted = sources.as_volume(predicted)
    return truth, predicted


def is_guess(source: ImageSource) -> bool:
    """Whether an unnamed axis was taken for time although nothing said so."""
    return isinstance(source, Facts) and source.time_guessed and source.shape_tczyx[2] == 1


def _why_z(source: ImageSource, labels: Path) -> str:
    """Why the axis is z, empty where the labels do not say so."""
    try:
        cells = sources.open_image(labels)
        if cells.shape_tczyx[:3] == (1, 1, source.shape_tczyx[0]):
            return "its labels have slices"
        fits = is_guess(cells) and cells.shape_tczyx[0] == source.shape_tczyx[0]
        return "its labelled cells taper off along it" if fits and taper_off(cells) else ""
    except RefusedFile:
        return ""  # told where the labels are opened to be kept


def taper_off(labels: ImageSource) -> bool:
    """Whether the cells of a label image are bodies along its time axis."""
    cells: dict[int, _Cell] = {}
    planes = labels.shape_tczyx[0]
    for t in range(planes):
        for cell, area in _areas(labels.read_plane(t, 0, 0)):
            cells.setdefault(cell, _Cell(t)).areas.append((t, area))
    telling = [one.at_ends() for one in cells.values() if one.lies_inside(planes)]
    return len(telling) >= max(1, LEAST_TELLING * len(cells)) and float(np.median(telling)) < MOST_AT_ENDS


def _areas(plane: NDArray[Any]) -> list[tuple[int, int]]:
    """(cell, px) of a plane (y, x)."""
    cells, areas = np.unique(plane[plane > 0], return_counts=True)
    return list(zip(cells.tolist(), areas.tolist(), strict=True))


@dataclass
class _Cell:
    """Where a cell begins, and its area in px on each plane on which it is."""

    first: int
    areas: list[tuple[int, int]] = field(default_factory=list)

    def lies_inside(self, planes: int) -> bool:
        """Whether it is on enough planes in a row, without the first and the last of the stack."""
        last = self.areas[-1][0]
        in_a_row = last - self.first + 1 == len(self.areas) >= LEAST_PLANES
        return in_a_row and self.first > 0 and last < planes - 1

    def at_ends(self) -> float:
        """Mean area at its two ends in parts of its largest."""
        areas = [area for _, area in self.areas]
        return (areas[0] + areas[-1]) / 2 / max(areas)
