"""Detections: every cell of every frame as a row of numbers. Pixels are read one time point at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Detections:
    """n rows sorted by t.

    `t` and `cell` name them; `place` float64 (n, 3) is the centre z, y, x in px of the plane (z stretched by
    its step); `area` in px (voxels); `light` (n,) the brightness in the channel in which cells stand out
    most, nan without an image; `slender` 0..1 is the shorter axis by the longer one; `border` the distance to
    the picture's edge in px. `frames` is how long the movie is, `size` its z, y, x extent in px of the plane.
    """

    t: Ints
    cell: Ints
    place: Floats
    area: Floats
    light: Floats
    slender: Floats
    border: Floats
    frames: int
    size: tuple[float, float, float]

    def __len__(self) -> int:
        return len(self.t)

    @cached_property
    def bounds(self) -> Ints:
        """(frames + 1,): the rows of frame t are bounds[t] to bounds[t + 1]."""
        return np.searchsorted(self.t, np.arange(self.frames + 1)).astype(np.int64)

    @property
    def axes(self) -> int:
        """2 for a movie of planes, 3 for one of stacks."""
        return 3 if self.size[0] > 1 else 2

    @cached_property
    def room(self) -> float:
        """Area of a frame in px², or its volume in px³."""
        return float(np.prod([max(side, 1.0) for side in self.size[-self.axes :]]))

    def rows(self, t: int) -> slice:
        """The rows of a frame."""
        return slice(int(self.bounds[t]), int(self.bounds[t + 1]))


@dataclass(frozen=True, eq=False)
class FrameMeasures:
    """Cells of one time point: `cell` (k,), `place` (k, 3), `area` (k,), `slender` (k,), `light` (k, c), and
    the light of the ground between them, (c,)."""

    cell: Ints
    place: Floats
    area: Floats
    slender: Floats
    light: Floats
    ground: Floats


def measure_frame(
    labels: npt.NDArray[np.uint32], pixels: npt.NDArray[Any] | None, z_step: float = 1.0
) -> FrameMeasures:
    """Measures labels uint32 (p, z, y, x) and pixels (c, z, y, x) of one time point.

    `z_step` is the distance of slices in px of the plane.
    """
    at = np.nonzero(labels)
    cells, number = np.unique(labels[at], return_inverse=True)
    count = len(cells)
    area = np.bincount(number, minlength=count).astype(np.float64)
    along = [axis.astype(np.float64) * (z_step if i == 0 else 1.0) for i, axis in enumerate(at[1:])]
    place = np.stack([np.bincount(number, axis, count) for axis in along], 1) / area[:, None]
    off = [axis - place[number, i] for i, axis in enumerate(along)]
    spread = np.empty((count, 3, 3))
    for i in range(3):
        for j in range(i, 3):
            spread[:, i, j] = spread[:, j, i] = np.bincount(number, off[i] * off[j], count) / area
    flat = labels.shape[1] == 1
    slender = _slender(spread[:, 1:, 1:] if flat else spread)
    light, ground = _light(pixels, at, number, count)
    return FrameMeasures(cells.astype(np.int64), place, area, slender, light, ground)


def _slender(spread: Floats) -> Floats:
    """Shorter by longer axis of ellipses with these second moments, a pixel's own extent counted in."""
    wide = np.linalg.eigvalsh(spread + np.eye(spread.shape[1]) / 12)
    return np.asarray(np.sqrt(np.maximum(wide[:, 0], 1e-9) / np.maximum(wide[:, -1], 1e-9)))


def _light(
    pixels: npt.NDArray[Any] | None, at: tuple[Any, ...], number: npt.NDArray[np.intp], count: int
) -> tuple[Floats, Floats]:
    if pixels is None:
        return np.empty((count, 0)), np.empty(0)
    area = np.bincount(number, minlength=count)
    light = np.stack(
        [np.bincount(number, channel[at[1:]].astype(np.float64), count) / area for channel in pixels], 1
    )
    thin = pixels[..., :: max(1, pixels.shape[-2] // 256), :: max(1, pixels.shape[-1] // 256)]
    ground = np.median(thin.reshape(len(pixels), -1).astype(np.float64), axis=1)
    return light, ground


def gather(frames: Sequence[FrameMeasures], size: tuple[int, int, int], z_step: float = 1.0) -> Detections:
    """All frames of a movie as one table; `size` z, y, x in px."""
    counts = [len(frame.cell) for frame in frames]
    t = np.repeat(np.arange(len(frames)), counts)
    place = _stack([frame.place for frame in frames], (0, 3))
    extent = (size[0] * z_step, float(size[1]), float(size[2]))
    edges = np.minimum(place[:, 1:], np.array(extent[1:]) - 1 - place[:, 1:])
    return Detections(
        t=t.astype(np.int64),
        cell=_stack([frame.cell for frame in frames], (0,)).astype(np.int64),
        place=place,
        area=_stack([frame.area for frame in frames], (0,)),
        light=_brightest_channel(frames, len(t)),
        slender=_stack([frame.slender for frame in frames], (0,)),
        border=np.maximum(edges.min(1), 0.0) if len(t) else np.empty(0),
        frames=len(frames),
        size=extent if size[0] > 1 else (1.0, *extent[1:]),
    )


def _stack(parts: Sequence[npt.NDArray[Any]], empty: tuple[int, ...]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(empty)


def _brightest_channel(frames: Sequence[FrameMeasures], count: int) -> Floats:
    """The light above the ground in the channel in which the cells stand out most from it."""
    channels = max((frame.light.shape[1] for frame in frames), default=0)
    if channels == 0 or count == 0:
        return np.full(count, np.nan)
    above = np.concatenate([frame.light - frame.ground for frame in frames])
    typical = np.abs(np.median(above, 0)) / (np.median(np.abs(above - np.median(above, 0)), 0) + 1e-9)
    return np.asarray(above[:, int(np.argmax(typical))])
