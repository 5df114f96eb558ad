"""Movies that linkers are judged by: two real ones, and simulated ones whose detections are spoiled on
purpose."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

from annotation.core.simulation import Movie, simulate_movie
from training.engine.linking.detections import Detections, gather, measure_frame

DATA = Path(os.environ.get("CYTOLOOP_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
FAULTS = 0.05
REGIMES: dict[str, dict[str, float]] = {
    "sparse": {"cells": 18, "speed_px": 1.9, "cycle_frames": 40.0},
    "middle": {"cells": 40, "speed_px": 4.0, "cycle_frames": 28.0},
    "dense": {"cells": 80, "speed_px": 6.0, "cycle_frames": 20.0},
}
"""Three densities and frame rates: from slow steps and rare divisions to fast steps and many."""
CROWD: dict[str, float] = {
    "cells": 113,
    "speed_px": 5.0,
    "cycle_frames": 40.0,
    "steady": 0.0,
    "solid": False,
}
"""Where places say little: one cell per 30 px squared, steps with a spread of 5 px that no earlier step
foretells, about 2 % dividing in a frame; 2 % are missing."""
CROWD_MISSING = 0.02
FRAMES, SIDE_PX = 30, 320
POINT_RADII = 0.5, 1.2
"""Of discs around points, in radii of the cells."""


@dataclass(frozen=True, eq=False)
class TrackingMovie:
    """Labels uint32 (t, y, x) in which each detection has a number of its own within its frame, the pixels
    (t, y, x), and for each (t, number) the true cell, 0 where there is none; mothers by daughter."""

    name: str
    labels: NDArray[np.uint32]
    pixels: NDArray[Any]
    truth: dict[tuple[int, int], int]
    mothers: dict[int, int]

    def detections(self) -> Detections:
        """As the engine measures them."""
        frames = [
            measure_frame(labels[None, None], pixels[None, None])
            for labels, pixels in zip(self.labels, self.pixels, strict=True)
        ]
        return gather(frames, (1, *self.labels.shape[1:]))

    def cells_of(self, found: Detections) -> NDArray[np.int64]:
        """(n,) The true cell of each detection."""
        pairs = zip(found.t.tolist(), found.cell.tolist(), strict=True)
        return np.array([self.truth[pair] for pair in pairs], np.int64)


def simulated(regime: str, seed: int, *, faults: float = 0.0) -> TrackingMovie:
    """A simulated movie of nuclei that round up, brighten and divide."""
    movie = film(regime, seed)
    name = f"{regime}{'-spoiled' if faults else ''}-{seed}"
    return named(name, movie.labels[:, 0], movie.image[:, 0, 0], movie.mothers, faults=faults, seed=seed)


def whole_cells(regime: str, seed: int, *, faults: float = 0.0) -> TrackingMovie:
    """The same cells, outlined whole: they touch, and round up little."""
    movie = film(regime, seed, labelled="cells")
    name = f"{regime}-{seed}-cells"
    return named(name, movie.labels[:, 0], movie.image[:, 0, 0], movie.mothers, faults=faults, seed=seed)


def crowd(seed: int) -> TrackingMovie:
    """A simulated movie of the setting `CROWD`."""
    movie = film("crowd", seed)
    labels, chance = movie.labels[:, 0].copy(), np.random.default_rng(seed + 2_000_003)
    for frame in labels:
        cells = np.unique(frame)
        frame[np.isin(frame, cells[chance.random(len(cells)) < CROWD_MISSING])] = 0
    return named(f"crowd-{seed}", labels, movie.image[:, 0, 0], movie.mothers, seed=seed)


def as_points(movie: TrackingMovie, seed: int) -> TrackingMovie:
    """The same movie as people click it: discs of one size around the cells' centres, half to a little more
    than as large as the cells."""
    found, chance = movie.detections(), np.random.default_rng(seed + 3_000_003)
    radius = float(np.median(np.sqrt(found.area / np.pi))) * chance.uniform(*POINT_RADII)
    labels = np.zeros_like(movie.labels)
    for t in range(len(labels)):
        rows = found.rows(t)
        if rows.stop > rows.start:
            places = np.rint(found.place[rows, 1:]).astype(np.int64)
            labels[t] = discs(labels.shape[1:], places, found.cell[rows].tolist(), radius)
    return TrackingMovie(f"{movie.name}-points", labels, movie.pixels, movie.truth, movie.mothers)


def film(regime: str, seed: int, *, labelled: Literal["cells", "nuclei"] = "nuclei") -> Movie:
    """The simulated movie of a regime, or of the `crowd`."""
    told = CROWD if regime == "crowd" else REGIMES[regime]
    return simulate_movie(
        seed=seed,
        frames=FRAMES,
        height=SIDE_PX,
        width=SIDE_PX,
        cells=int(told["cells"]),
        labelled=labelled,
        cycle_frames=told["cycle_frames"],
        speed_px=told["speed_px"],
        steady=told.get("steady", 0.8),
        solid=bool(told.get("solid", True)),
    )


def named(
    name: str,
    labels: NDArray[np.uint32],
    pixels: NDArray[Any],
    mothers: dict[int, int],
    *,
    faults: float = 0.0,
    seed: int = 0,
) -> TrackingMovie:
    """A movie whose numbers say nothing of who is who: they are dealt anew in each frame."""
    chance = np.random.default_rng(seed + 1_000_003)
    dealt = np.zeros_like(labels)
    truth: dict[tuple[int, int], int] = {}
    for t, frame in enumerate(labels):
        whole = _spoiled(frame, faults, chance) if faults else frame
        cells = np.unique(whole)
        cells = cells[cells > 0]
        numbers = chance.permutation(len(cells)) + 1
        lookup = np.zeros(int(whole.max(initial=0)) + 1, np.uint32)
        lookup[cells] = numbers
        dealt[t] = lookup[whole]
        known = int(labels.max())
        truth |= {
            (t, int(number)): int(cell) if cell <= known else 0
            for number, cell in zip(numbers, cells, strict=True)
        }
    return TrackingMovie(name, dealt, pixels, truth, mothers)


def _spoiled(frame: NDArray[np.uint32], faults: float, chance: np.random.Generator) -> NDArray[np.uint32]:
    """So many cells missing, false ones added that look like others, and neighbours that are one outline."""
    spoiled = frame.copy()
    cells = np.unique(frame)
    cells = cells[cells > 0]
    for cell in cells[chance.random(len(cells)) < faults]:
        spoiled[spoiled == cell] = 0
    _merge(spoiled, faults, chance)
    false_number = 1 << 20
    for cell in cells[chance.random(len(cells)) < faults]:
        ys, xs = np.nonzero(frame == cell)
        shift = chance.integers(0, frame.shape)
        ys, xs = (ys + shift[0]) % frame.shape[0], (xs + shift[1]) % frame.shape[1]
        if (
            np.ptp(ys) < frame.shape[0] // 2
            and np.ptp(xs) < frame.shape[1] // 2
            and not spoiled[ys, xs].any()
        ):
            spoiled[ys, xs] = false_number
            false_number += 1
    return spoiled


def _merge(spoiled: NDArray[np.uint32], share: float, chance: np.random.Generator) -> None:
    """Neighbours whose outlines are close become one with the chance `share`; the larger gives the number."""
    cells, number = np.unique(spoiled, return_inverse=True)
    if len(cells) < 3:
        return
    area = np.bincount(number.ravel())[1:]
    ys, xs = np.indices(spoiled.shape)
    middle = np.stack([np.bincount(number.ravel(), axis.ravel())[1:] / area for axis in (ys, xs)], 1)
    close = cKDTree(middle).query_pairs(2.6 * float(np.sqrt(np.median(area) / np.pi)))
    gone: set[int] = set()
    for a, b in sorted(close):
        if chance.random() < share and not {a, b} & gone:
            small, large = (a, b) if area[a] < area[b] else (b, a)
            spoiled[spoiled == cells[small + 1]] = cells[large + 1]
            gone |= {a, b}


def drosophila() -> TrackingMovie:
    """`drosophila_nuclei_tracking` with its own outlines."""
    folder = DATA / "drosophila_nuclei_tracking"
    labels = np.stack([tifffile.imread(path) for path in sorted((folder / "01_GT" / "TRA").glob("*.tif"))])
    pixels = np.stack([tifffile.imread(path) for path in sorted((folder / "01").glob("*.tif"))])
    rows = (folder / "01_GT" / "TRA" / "man_track.txt").read_text().split("\n")
    tracks = [[int(word) for word in row.split()] for row in rows if row.strip()]
    mothers = {label: parent for label, _, _, parent in tracks if parent}
    return named("drosophila", labels.astype(np.uint32), pixels, mothers)


def c2c12() -> TrackingMovie:
    """`c2c12_phase_tracking`: points, each with a disc around it as outline, as far as no other is nearer."""
    folder = DATA / "c2c12_phase_tracking"
    pixels = np.stack([np.asarray(Image.open(path)) for path in sorted((folder / "images").glob("*.png"))])
    rows = [
        [int(word) for word in row.split()]
        for row in (folder / "tracks.txt").read_text().split("\n")
        if row.strip()
    ]
    labels = np.zeros(pixels.shape, np.uint32)
    for t in range(len(pixels)):
        here = [row for row in rows if row[0] == t]
        labels[t] = discs(
            pixels.shape[1:], np.array([(row[3], row[2]) for row in here]), [row[1] for row in here]
        )
    seen = {row[1] for row in rows}
    mothers = {row[1]: row[4] for row in rows if row[4] in seen}
    return named("c2c12", labels, pixels, mothers)


def part_of(
    movie: TrackingMovie, *, name: str, frames: slice = slice(None), columns: slice = slice(None)
) -> TrackingMovie:
    """Some frames or columns of a movie. Cells keep their numbers; of mothers, those that are in it."""
    labels = movie.labels[frames, :, columns]
    first = range(len(movie.labels))[frames].start
    there = {(t, number) for t, frame in enumerate(labels) for number in np.unique(frame).tolist() if number}
    truth = {(t, number): movie.truth[t + first, number] for t, number in there}
    known = set(truth.values())
    mothers = {a: b for a, b in movie.mothers.items() if {a, b} <= known}
    return TrackingMovie(name, labels, movie.pixels[frames, :, columns], truth, mothers)


def discs(
    size: tuple[int, ...], places: NDArray[np.int64], numbers: list[int], radius: float = 9
) -> NDArray[np.uint32]:
    """Labels (y, x): discs around places (k, 2); a pixel belongs to the nearest."""
    ys, xs = np.indices(size)
    distance, nearest = cKDTree(places).query(np.stack([ys.ravel(), xs.ravel()], 1))
    inside = np.asarray(numbers, np.uint32)[nearest] * (distance <= radius)
    return np.asarray(inside.reshape(size), np.uint32)


def all_movies(seeds: int = 1) -> Iterator[TrackingMovie]:
    """Every movie of the benchmark: the real ones, then each regime as it is and spoiled."""
    yield drosophila()
    yield c2c12()
    for regime in REGIMES:
        for seed in range(seeds):
            yield simulated(regime, seed)
            yield simulated(regime, seed, faults=FAULTS)
