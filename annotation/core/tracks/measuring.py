"""What is measured of each cell in every frame: size, place, shape, light of each channel, speed.

Shapes are those of the ellipse with the same second moments in the plane (of volumes: of all slices laid on
each other). Neighbours are cells whose outlines come within `REACH_PX` of each other, slice by slice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core import lineage
from annotation.core.tracks.graph import Floats, Ints

REACH_PX = 4
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Calibration:
    """Sizes of a pixel in µm, z first, and seconds from frame to frame; None where nobody said."""

    pixel_zyx_um: tuple[float | None, float | None, float | None] = (None, None, None)
    frame_s: float | None = None

    @property
    def in_plane_um(self) -> float | None:
        """The side of a square pixel, None where it is not known or not square."""
        _, y, x = self.pixel_zyx_um
        return y if y is not None and x is not None and abs(y - x) < 1e-6 * max(y, x) else None


@dataclass(frozen=True)
class CellStory:
    """What is known of cells over the whole movie: their class, mother, generation and cycle in frames."""

    mothers: Mapping[int, int]
    classes: Mapping[int, str]
    first: Mapping[int, int]

    @property
    def cycles(self) -> dict[int, int]:
        """Frames from a cell's birth to that of its daughters, of cells whose birth and division are seen."""
        born = lineage.daughters(self.mothers)
        return {
            cell: min(self.first[d] for d in some if d in self.first) - self.first[cell]
            for cell, some in born.items()
            if cell in self.mothers and cell in self.first and any(d in self.first for d in some)
        }

    def generation(self, cell: int) -> int:
        """How many divisions lie before a cell; 0 for founders."""
        depth, seen = 0, {cell}
        while (cell := self.mothers.get(cell, 0)) and cell not in seen:
            seen.add(cell)
            depth += 1
        return depth


# ---------------------------------------------------------------- one frame


def measure_frame(
    labels: NDArray[Any], image: NDArray[Any], channels: Sequence[str], calibration: Calibration
) -> Columns:
    """Columns over the cells of one frame, ids ascending: labels (p, z, y, x), image (c, z, y, x).

    `mean_…` and `sum_…` are of the raw values of each channel. Lengths are in px and, where the size of a
    pixel is known, in µm.
    """
    p, z, y, x = np.nonzero(labels)
    cells, which = np.unique(labels[p, z, y, x], return_inverse=True)
    sizes = np.bincount(which, minlength=cells.size).astype(np.int64)
    middle = [np.bincount(which, weights=axis, minlength=cells.size) / sizes for axis in (z, y, x)]
    columns: Columns = {"cell": cells.astype(np.int64), "area_px": sizes}
    columns |= _sizes(sizes, calibration, deep=labels.shape[1] > 1)
    columns |= {f"{name}_px": value for name, value in zip(("z", "y", "x"), middle, strict=True)}
    columns |= _shape(which, y, x, middle[1:], sizes)
    for name, plane in zip(unique(channels), image, strict=True):
        light = np.bincount(which, weights=plane[z, y, x].astype(float), minlength=cells.size)
        columns |= {f"mean_{name}": light / sizes, f"sum_{name}": light}
    columns["neighbours"] = count_neighbours(labels, cells)
    return columns


def _sizes(sizes: Ints, calibration: Calibration, *, deep: bool) -> Columns:
    """The size in µm², of volumes in µm³, where pixels have a known size."""
    z, y, x = calibration.pixel_zyx_um
    if y is None or x is None or (deep and z is None):
        return {}
    return {"volume_um3": sizes * (y * x * (z or 1))} if deep else {"area_um2": sizes * (y * x)}


def _shape(which: Ints, y: Ints, x: Ints, middle: list[Floats], sizes: Ints) -> Columns:
    """Axes of the ellipse of the same second moments, and how far it is from a circle (0) to a line (1)."""
    dy, dx = y - middle[0][which], x - middle[1][which]
    yy, xx, yx = (
        np.bincount(which, weights=product, minlength=sizes.size) / sizes
        for product in (dy * dy, dx * dx, dy * dx)
    )
    half, root = (yy + xx) / 2, np.sqrt(((yy - xx) / 2) ** 2 + yx**2)
    major, minor = 4 * np.sqrt(half + root), 4 * np.sqrt(np.maximum(half - root, 0))
    eccentricity = np.sqrt(1 - (minor / np.where(major > 0, major, np.inf)) ** 2) * (major > 0)
    return {"major_px": major, "minor_px": minor, "eccentricity": eccentricity}


def count_neighbours(labels: NDArray[Any], cells: Ints) -> Ints:
    """(n,) How many other cells come within reach of each, in any slice of labels (p, z, y, x)."""
    pairs: set[tuple[int, int]] = set()
    for slice_ in labels.max(axis=0):
        pairs |= _touching(_grown(slice_))
    counts = dict.fromkeys(cells.tolist(), 0)
    for a, b in pairs:
        counts[a] = counts.get(a, 0) + 1
        counts[b] = counts.get(b, 0) + 1
    return np.array([counts[cell] for cell in cells.tolist()], np.int64)


def _grown(plane: NDArray[Any]) -> NDArray[Any]:
    """Every pixel within half the reach of a cell belongs to the nearest one."""
    if not plane.any():
        return plane
    far, nearest = ndimage.distance_transform_edt(plane == 0, return_indices=True)
    grown: NDArray[Any] = np.where(far <= REACH_PX / 2, plane[tuple(nearest)], 0)
    return grown


def _touching(plane: NDArray[Any]) -> set[tuple[int, int]]:
    """Pairs of cells that share an edge of pixels, smaller id first."""
    found: set[tuple[int, int]] = set()
    for a, b in ((plane[1:], plane[:-1]), (plane[:, 1:], plane[:, :-1])):
        meet = (a != b) & (a > 0) & (b > 0)
        low, high = np.minimum(a[meet], b[meet]), np.maximum(a[meet], b[meet])
        found |= set(zip(low.tolist(), high.tolist(), strict=True))
    return found


def unique(names: Sequence[str]) -> list[str]:
    """Channel names of which each is there once; nameless ones are called by their place."""
    told: list[str] = []
    for place, name in enumerate(names):
        plain = name.strip() or f"channel {place}"
        told.append(plain if plain not in told else f"{plain} ({place})")
    return told


# ---------------------------------------------------------------- over time


def follow(
    frames: Iterable[tuple[int, Columns]], story: CellStory, calibration: Calibration
) -> Iterator[Columns]:
    """The columns of each frame with what needs the frames before: `t` first, speed, age, and what the story
    says. Frames come in the order of time; `speed_px` is per frame since a cell was last seen, NaN at first.
    """
    last: dict[int, tuple[int, float, float, float]] = {}
    cycles = story.cycles
    for t, columns in frames:
        cells = columns["cell"].tolist()
        places = list(zip(cells, *(columns[f"{axis}_px"].tolist() for axis in "zyx"), strict=True))
        moved = [_moved(last.get(cell), t, here, calibration) for cell, *here in places]
        last |= {cell: (t, *here) for cell, *here in places}
        yield {
            "t": np.full(len(cells), t, np.int64),
            **columns,
            "speed_px": np.array([one[0] for one in moved], float),
            **_speed_um(moved, calibration),
            "age_frames": np.array([t - story.first.get(cell, t) for cell in cells], np.int64),
            "generation": np.array([story.generation(cell) for cell in cells], np.int64),
            "cycle_frames": np.array([cycles.get(cell, np.nan) for cell in cells], float),
            "mother": np.array([story.mothers.get(cell, 0) for cell in cells], np.int64),
            "class": np.array([story.classes.get(cell, "") for cell in cells], object),
        }


def _moved(
    before: tuple[int, float, float, float] | None, t: int, here: list[float], calibration: Calibration
) -> tuple[float, float]:
    """(px a frame in the plane, µm a frame with depth) since a cell was last seen."""
    if before is None:
        return np.nan, np.nan
    t_before, *there = before
    step = np.subtract(here, there) / (t - t_before)
    z_um, y_um, x_um = (np.nan if size is None else size for size in calibration.pixel_zyx_um)
    um = np.hypot(step[1] * y_um, step[2] * x_um)
    deep = um if not step[0] else np.hypot(um, step[0] * z_um)
    return float(np.hypot(step[1], step[2])), float(deep)


def _speed_um(moved: list[tuple[float, float]], calibration: Calibration) -> Columns:
    _, y, x = calibration.pixel_zyx_um
    if not calibration.frame_s or y is None or x is None:
        return {}
    return {"speed_um_s": np.array([one[1] for one in moved], float) / calibration.frame_s}
