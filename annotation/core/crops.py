"""Images cut into crops that overlap, so that a cell on a border is seen whole by somebody."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.core.intervals import Ints


class Box(NamedTuple):
    """y0 ≤ y < y1 and x0 ≤ x < x1, px of the image."""

    y0: int
    x0: int
    y1: int
    x1: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        """Columns."""
        return self.x1 - self.x0

    def common(self, other: "Box") -> "Box | None":
        """Where both are; None: nowhere."""
        box = Box(*(max(a, b) for a, b in zip(self[:2], other[:2], strict=True)),
                  *(min(a, b) for a, b in zip(self[2:], other[2:], strict=True)))  # fmt: skip
        return box if box.y0 < box.y1 and box.x0 < box.x1 else None


class Crop(NamedTuple):
    """A crop, and the part of it that no other crop is at home in; the homes cover the image once."""

    box: Box
    home: Box


def cut(height: int, width: int, *, size: int, overlap: int) -> list[Crop]:
    """Crops of `size` × `size` px, row by row, neighbours sharing at least `overlap` px; the last ones reach
    back so that all have one size. An image smaller than a crop is one crop."""
    if not 0 <= overlap < size:
        raise ValueError(f"Crops of {size} px can share 0 to {size - 1} px, not {overlap}.")
    rows, columns = _axis(height, size, overlap), _axis(width, size, overlap)
    return [
        Crop(Box(y0, x0, y1, x1), Box(hy0, hx0, hy1, hx1))
        for y0, y1, hy0, hy1 in rows
        for x0, x1, hx0, hx1 in columns
    ]


def _axis(length: int, size: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """(start, end, home's start, home's end) along one axis; homes meet in the middle of what is shared."""
    starts = [*range(0, max(length - size, 0), size - overlap), max(length - size, 0)]
    ends = [min(start + size, length) for start in starts]
    meets = [(after + end) // 2 for end, after in zip(ends, starts[1:], strict=False)]
    homes = zip([0, *meets], [*meets, length], strict=True)
    return [(start, end, *home) for start, end, home in zip(starts, ends, homes, strict=True)]


def around(bounds: Sequence[int], *, margin: int, least: int, most: int, height: int, width: int) -> Box:
    """The crop around a cell of `bounds` (y_min, x_min, y_max, x_max, both ends inside), its sides at least
    `least` and at most `most` px, moved into the image where it would leave it."""
    y0, y1 = _side(bounds[0], bounds[2] + 1, margin, least, most, height)
    x0, x1 = _side(bounds[1], bounds[3] + 1, margin, least, most, width)
    return Box(y0, x0, y1, x1)


def _side(start: int, end: int, margin: int, least: int, most: int, length: int) -> tuple[int, int]:
    size = min(max(end - start + 2 * margin, least), most, length)
    first = min(max((start + end - size) // 2, 0), length - size)
    return first, first + size


def within(runs: Ints, box: Box) -> Ints:
    """The part of runs (n, 3) of y, x0, x1 inside the box, in the same coordinates."""
    rows = runs[(runs[:, 0] >= box.y0) & (runs[:, 0] < box.y1)]
    starts, ends = np.maximum(rows[:, 1], box.x0), np.minimum(rows[:, 2], box.x1)
    kept = starts < ends
    return np.stack((rows[kept, 0], starts[kept], ends[kept]), axis=1)


def moved(runs: Ints, dy: int, dx: int) -> Ints:
    """Runs (n, 3) moved by so many pixels."""
    return runs + np.asarray((dy, dx, dx), np.int64)


def area_px(runs: Ints) -> int:
    """Pixels of runs (n, 3)."""
    return int((runs[:, 2] - runs[:, 1]).sum())


def runs_of(mask: NDArray[np.bool_]) -> Ints:
    """Runs (n, 3) of a picture (y, x)."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    return np.stack((rows, starts, np.nonzero(steps == -1)[1]), axis=1).astype(np.int64)


def mask_of(runs: Ints, height: int, width: int) -> NDArray[np.bool_]:
    """The picture (y, x) of runs (n, 3)."""
    steps = np.zeros((height, width + 1), np.int32)
    np.add.at(steps, (runs[:, 0], runs[:, 1]), 1)
    np.add.at(steps, (runs[:, 0], runs[:, 2]), -1)
    return np.asarray(steps.cumsum(axis=1)[:, :width] > 0)


def flat(runs: Sequence[int]) -> Ints:
    """The runs of an edit, flat (y, x, n, …), as (n, 3) of y, x0, x1."""
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    return np.stack((table[:, 0], table[:, 1], table[:, 1] + table[:, 2]), axis=1)
