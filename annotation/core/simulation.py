"""A simulated time-lapse of fluorescent cells with exact truth: labels of every frame and who is whose
mother.

Cells crawl, press against each other, round up and brighten before they divide, come into the picture and
leave it. Two channels, a nucleus and a membrane marker, are seen through a microscope with blur, haze, uneven
light, bleaching, Poisson and camera noise. The same seed gives the same movie.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats.base import ArraySource, LabelStack, of_array, stack_of
from annotation.core.simulation_cells import Cell, World, visible_numbers
from annotation.core.simulation_optics import (
    Microscope,
    Window,
    draw_bodies,
    draw_light,
    nucleus_depth,
    window_of,
)

CHANNELS = ("Nuclei", "Membrane")
LARGEST_RADIUS_PX = 27.0


@dataclass(frozen=True)
class Movie:
    """A simulated movie: image (t, c, z, y, x) uint16, labels (t, z, y, x) uint32, mothers.

    Mothers are {daughter: mother}. Cells are numbered 1, 2, … as they first appear; a cell that has left does
    not come back.
    """

    image: NDArray[np.uint16]
    labels: NDArray[np.uint32]
    mothers: dict[int, int]
    channel_names: tuple[str, ...]
    pixel_size_um: float
    frame_interval_s: float

    def source(self, name: str) -> ArraySource:
        """The image as an image source."""
        return of_array(
            self.image,
            name=name,
            channel_names=self.channel_names,
            pixel_size_zyx_um=(None, self.pixel_size_um, self.pixel_size_um),
            frame_interval_s=self.frame_interval_s,
        )

    def stack(self, name: str) -> LabelStack:
        """The truth as a label stack."""
        return stack_of(
            self.labels[None],
            name=name,
            mothers=self.mothers,
            pixel_size_zyx_um=(None, self.pixel_size_um, self.pixel_size_um),
            frame_interval_s=self.frame_interval_s,
        )


def simulate_movie(
    *,
    seed: int,
    frames: int = 12,
    height: int = 256,
    width: int = 256,
    cells: int = 25,
    labelled: Literal["cells", "nuclei"] = "cells",
    cycle_frames: float = 34.0,
    speed_px: float = 1.9,
    steady: float = 0.8,
    solid: bool = True,
    bleaching: float = 0.018,
    pixel_size_um: float = 0.65,
    frame_interval_s: float = 600.0,
) -> Movie:
    """A movie with about `cells` cells in its first frame; later ones have more, because cells divide.

    `labelled` says whether the truth outlines whole cells, which touch, or their nuclei. Of each step the
    part `steady` is the step before; cells that are not `solid` walk over each other. Raises ValueError for
    sizes that are no picture.
    """
    if min(frames, height, width, cells) < 1:
        raise ValueError("A movie needs at least one frame, one pixel and one cell.")
    life, optics = np.random.default_rng(seed).spawn(2)  # noise must not change what the cells do
    radius = min(LARGEST_RADIUS_PX, 0.5 * math.sqrt((height + 25) * (width + 25) / cells))
    world = World(height, width, radius, cycle_frames, speed_px, life, steady, solid)
    world.fill(cells)
    microscope = Microscope.made(height, width, optics, bleaching=bleaching)
    image = np.zeros((frames, 2, 1, height, width), np.uint16)
    labels = np.zeros((frames, 1, height, width), np.uint32)
    mothers: dict[int, int] = {}
    for t in range(frames):
        if t:
            world.step()
        labels[t, 0], image[t, :, 0] = _frame(world, microscope, t, labelled)
        mothers.update({cell.number: cell.mother for cell in world.cells if cell.mother is not None})
    return Movie(*_renumbered(image, labels, mothers), CHANNELS, pixel_size_um, frame_interval_s)


def _frame(
    world: World, microscope: Microscope, t: int, labelled: str
) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Labels (y, x) and the two channels (c, y, x) of one frame."""
    windows = [window_of(cell, world.height, world.width) for cell in world.cells]
    bodies = draw_bodies(world.cells, windows, world.height, world.width)
    light = draw_light(world.cells, windows, bodies)
    truth = bodies if labelled == "cells" else _nuclei(world.cells, windows, bodies)
    visible_numbers(world.cells, truth)
    return truth, np.stack([microscope.expose(light[c], t, c) for c in range(2)])


def _nuclei(
    cells: list[Cell], windows: list[Window | None], bodies: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Labels of the nuclei: where the nucleus marker is at least half as bright as in its middle."""
    nuclei = np.zeros_like(bodies)
    for cell, window in zip(cells, windows, strict=True):
        if window is not None:
            here = np.s_[window.rows, window.columns]
            inside = (bodies[here] == cell.number) & (nucleus_depth(cell, window)[0] < 1 - 0.5 / 3.5)
            nuclei[here][inside] = cell.number
    return nuclei


def _renumbered(
    image: NDArray[np.uint16], labels: NDArray[np.uint32], mothers: dict[int, int]
) -> tuple[NDArray[np.uint16], NDArray[np.uint32], dict[int, int]]:
    """Cells numbered in the order in which they come into sight; mothers never seen are forgotten."""
    order: dict[int, int] = {0: 0}
    for frame in labels:
        for number in np.unique(frame).tolist():
            order.setdefault(number, len(order))
    lookup = np.zeros(max(order) + 1, np.uint32)
    lookup[list(order)] = list(order.values())
    known = {order[d]: order[m] for d, m in mothers.items() if d in order and m in order}
    return image, lookup[labels], known


def simulate_field(*, seed: int, height: int = 2048, width: int = 2048, cells: int = 1000) -> Movie:
    """One large frame full of cells, for measuring speed."""
    return simulate_movie(seed=seed, frames=1, height=height, width=width, cells=cells)


def crop(movie: Movie, rows: slice, columns: slice) -> Movie:
    """A part of a movie, cells and mothers as they are."""
    return replace(movie, image=movie.image[..., rows, columns], labels=movie.labels[..., rows, columns])
