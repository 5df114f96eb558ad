"""The simulated microscope: two channels with blur, haze, uneven light, bleaching and noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label, zoom

from annotation.core.simulation_cells import TEXTURE_PX, Cell

Floats = NDArray[np.float32]

CAMERA_OFFSET = 100.0
READ_NOISE = 2.2
NUCLEUS_PHOTONS = 420.0
BODY_PHOTONS = 95.0
EDGE_PHOTONS = 190.0
BACKGROUND_PHOTONS = (14.0, 18.0)
GAIN = 2.1  # grey levels a photon


@dataclass(frozen=True)
class Window:
    """The part of the picture a cell can reach, and its coordinates seen from the cell."""

    rows: slice
    columns: slice
    dy: NDArray[np.float64]
    dx: NDArray[np.float64]
    depth: NDArray[np.float64]  # 0 at the centre, 1 at the outline


def window_of(cell: Cell, height: int, width: int) -> Window | None:
    """A cell's window, None when it does not touch the picture."""
    reach = 1.7 * cell.size + 3
    top, bottom = max(0, math.floor(cell.y - reach)), min(height, math.ceil(cell.y + reach))
    left, right = max(0, math.floor(cell.x - reach)), min(width, math.ceil(cell.x + reach))
    if top >= bottom or left >= right:
        return None
    dy = np.arange(top, bottom)[:, None] - cell.y
    dx = np.arange(left, right)[None, :] - cell.x
    y, x = (np.asarray(grid, np.float64) for grid in np.broadcast_arrays(dy, dx))
    depth = np.hypot(y, x) / cell.outline(np.arctan2(y, x))
    return Window(slice(top, bottom), slice(left, right), y, x, depth)


def draw_bodies(
    cells: Sequence[Cell], windows: Sequence[Window | None], height: int, width: int
) -> NDArray[np.uint32]:
    """Exact labels (y, x): each pixel is the cell's in which it lies deepest; every cell is one piece."""
    labels = np.zeros((height, width), np.uint32)
    best = np.ones((height, width))
    for cell, window in zip(cells, windows, strict=True):
        if window is not None:
            here = np.s_[window.rows, window.columns]
            wins = window.depth < best[here]
            best[here][wins] = window.depth[wins]
            labels[here][wins] = cell.number
    for cell, window in zip(cells, windows, strict=True):
        if window is not None:
            _keep_largest_piece(labels[window.rows, window.columns], cell.number)
    return labels


def _keep_largest_piece(part: NDArray[np.uint32], number: int) -> None:
    pieces, count = label(part == number)
    if count > 1:
        largest = 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
        part[(pieces > 0) & (pieces != largest)] = 0


def nucleus_depth(cell: Cell, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(depth in the nucleus: below 1 inside; the same turned coordinates stacked for its texture)."""
    y = window.dy - cell.nucleus_shift[0] * cell.size
    x = window.dx - cell.nucleus_shift[1] * cell.size
    cos, sin = math.cos(cell.angle), math.sin(cell.angle)
    along, across = x * cos + y * sin, y * cos - x * sin
    plate = max(cell.rounding**2, min(1.0, 1.3 * cell.youth))
    long, short = cell.radius * (0.52 - 0.09 * plate), cell.radius * (0.44 - 0.27 * plate)
    bend = 1 + 0.05 * np.cos(3 * np.arctan2(across, along) + cell.phases[0])
    return np.hypot(along / long, across / short) / bend, np.stack((across, along))


def draw_light(
    cells: Sequence[Cell], windows: Sequence[Window | None], labels: NDArray[np.uint32]
) -> tuple[Floats, Floats]:
    """Photons a pixel of the nucleus marker and the membrane marker, before the optics."""
    nuclei, bodies = np.zeros(labels.shape, np.float32), np.zeros(labels.shape, np.float32)
    for cell, window in zip(cells, windows, strict=True):
        if window is None:
            continue
        here = np.s_[window.rows, window.columns]
        inside = labels[here] == cell.number
        if inside.any():
            _light_of(cell, window, inside, nuclei[here], bodies[here])
    bodies += _edges(cells, labels)
    return nuclei, bodies


def _light_of(cell: Cell, window: Window, inside: NDArray[np.bool_], nuclei: Floats, bodies: Floats) -> None:
    depth, turned = nucleus_depth(cell, window)
    plate = max(cell.rounding**2, cell.youth)
    index = (turned + TEXTURE_PX / 2).astype(np.intp) % TEXTURE_PX
    soft = np.clip((1 - depth) * 3.5, 0, 1) * inside
    texture = 1 + (cell.chromatin[index[0], index[1]] - 1) * (1 - plate)
    nuclei += (soft * texture * NUCLEUS_PHOTONS * cell.nucleus_light * (1 + 1.5 * plate)).astype(np.float32)
    grain = 1 + 0.13 * cell.cytoplasm[index[0], index[1]]
    thick = 0.4 + 0.9 * np.exp(-2.2 * window.depth**2)
    hollow = 1 - 0.45 * soft * (1 - plate)
    rounded = 1 + 0.9 * max(cell.rounding, 0.6 * cell.youth)
    bodies += (inside * grain * thick * hollow * rounded * BODY_PHOTONS * cell.body_light).astype(np.float32)


def _edges(cells: Sequence[Cell], labels: NDArray[np.uint32]) -> Floats:
    """Membranes: the outermost pixels of every cell, each in its cell's brightness."""
    padded = np.pad(labels, 1, mode="edge")
    middle = padded[1:-1, 1:-1]
    neighbours = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    edge = np.logical_or.reduce([middle != other for other in neighbours]) & (middle > 0)
    light = np.zeros(max((cell.number for cell in cells), default=0) + 1, np.float32)
    for cell in cells:
        light[cell.number] = EDGE_PHOTONS * cell.body_light * (1 + 0.5 * cell.rounding)
    return np.where(edge, light[labels], np.float32(0))


@dataclass(frozen=True)
class Microscope:
    """What stays the same over a movie: the light field, the specks on the glass, the focus."""

    field: Floats
    specks: Floats
    focus_px: float
    bleaching: float
    rng: np.random.Generator

    @classmethod
    def made(cls, height: int, width: int, rng: np.random.Generator, *, bleaching: float) -> "Microscope":
        """A microscope with its own faults."""
        return cls(_field(height, width, rng), _specks(height, width, rng), 1.05, bleaching, rng)

    def expose(self, light: Floats, t: int, channel: int) -> NDArray[np.uint16]:
        """What the camera records of this light at frame t."""
        sharp = gaussian_filter(light, self.focus_px * float(self.rng.uniform(0.93, 1.12)))
        signal = 0.86 * sharp + 0.3 * _haze(light) + self.specks * (0.5 if channel else 1.0)
        faded = signal * math.exp(-self.bleaching * t) + BACKGROUND_PHOTONS[channel]
        photons = self.rng.poisson(np.maximum(faded * self.field, 0))
        levels = photons * GAIN + CAMERA_OFFSET + self.rng.normal(0, READ_NOISE, light.shape)
        return np.asarray(np.clip(np.rint(levels), 0, 65535), np.uint16)


def _haze(light: Floats) -> Floats:
    """Light from out of focus: a broad blur, computed on every fourth pixel."""
    height, width = light.shape
    padded = np.pad(light, ((0, -height % 4), (0, -width % 4)), mode="edge")
    small = padded.reshape(padded.shape[0] // 4, 4, padded.shape[1] // 4, 4).mean((1, 3))
    broad = zoom(gaussian_filter(small, 4.0, mode="nearest"), 4, order=1, mode="nearest", grid_mode=True)
    return np.asarray(broad[:height, :width], np.float32)


def _field(height: int, width: int, rng: np.random.Generator) -> Floats:
    """Uneven illumination: brightest off the centre, about a third darker in the far corner."""
    y = np.linspace(-1, 1, height)[:, None] - rng.uniform(-0.35, 0.35)
    x = np.linspace(-1, 1, width)[None, :] - rng.uniform(-0.35, 0.35)
    return np.asarray(0.62 + 0.43 * np.exp(-(y**2 + x**2) / 1.8), np.float32)


def _specks(height: int, width: int, rng: np.random.Generator) -> Floats:
    """A little debris: dots in and out of focus that are no cells."""
    specks = np.zeros((height, width), np.float32)
    rows, columns = np.mgrid[-15:16, -15:16]
    for _ in range(rng.poisson(height * width / 16_000)):
        y, x = int(rng.integers(0, height)), int(rng.integers(0, width))
        wide, bright = float(rng.uniform(1.0, 4.0)), float(rng.uniform(40, 260))
        dot = bright / wide * np.exp(-(rows**2 + columns**2) / (2 * wide**2))
        top, left = max(0, y - 15), max(0, x - 15)
        part = specks[top : y + 16, left : x + 16]
        part += dot[top - y + 15 :, left - x + 15 :][: part.shape[0], : part.shape[1]].astype(np.float32)
    return specks
