"""Fits the weights of `training/engine/linking/division_weights.py` on simulated movies.

    python -m benchmarks.tracking_fit

Seeds from 100 on; the benchmark judges by seeds below. Prints the file.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.tracking_movies import FAULTS, REGIMES, TrackingMovie, as_points, simulated, whole_cells
from training.engine.linking import calibrating, division
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections

SEEDS = range(100, 104)
RIDGE = 1.0
PER_MOVIE = 50.0
DARK = 0.5
"""Weight of every example once more without its light: there are cells that do not brighten."""
Floats = NDArray[np.float64]


def examples(movie: TrackingMovie, found: Detections) -> tuple[Floats, NDArray[np.bool_]]:
    """Features (k, f) of every pair of children of a cell, and whether they are its daughters."""
    weights = calibrating.weigh(found, Options(divisions=False))
    ways, square = weights.ways(0, found.frames - 1)
    a, b = division.pairs_of_children(ways, square)
    cell = movie.cells_of(found)
    mother_of = np.zeros(max(int(cell.max()), *movie.mothers, 0) + 1, np.int64)
    mother_of[list(movie.mothers)] = list(movie.mothers.values())
    mother, one, other = cell[ways.source[a]], cell[ways.target[a]], cell[ways.target[b]]
    true = (mother > 0) & (mother_of[one] == mother) & (mother_of[other] == mother) & (one != other)
    single = np.minimum(ways.energy[a], ways.energy[b])
    return division.features(weights, ways.source[a], ways.target[a], ways.target[b], single), true


def fit(x: Floats, y: NDArray[np.bool_], share: Floats) -> Floats:
    """Weights of a logistic function by Newton's method; `share` is what each example weighs."""
    weights = np.zeros(x.shape[1])
    for _ in range(60):
        said = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (share * (said - y)) + RIDGE * weights
        bend = (x * (share * said * (1 - said))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights -= step
        if np.abs(step).max() < 1e-7:
            break
    return weights


def fit_both(sets: Sequence[tuple[TrackingMovie, Detections]], *, shaped: bool = True) -> dict[bool, Floats]:
    """Weights with light and without; of movies that are not `shaped`, none of shapes."""
    pairs = [examples(movie, found) for movie, found in sets]
    x, y = np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])
    share = np.concatenate([evenly(pair[1]) for pair in pairs])
    x[:, [] if shaped else list(division.SHAPES)] = 0
    dark = x.copy()
    dark[:, ["light" in name for name in division.NAMES]] = 0
    lit = fit(np.concatenate([x, dark]), np.concatenate([y, y]), np.concatenate([share, DARK * share]))
    return {True: lit, False: fit(dark, y, share)}


def evenly(y: NDArray[np.bool_]) -> Floats:
    """Every movie weighs the same, and in it both kinds do, so that what is fitted is a likelihood ratio."""
    return np.asarray(np.where(y, 1 / max(y.sum(), 1), 1 / max((~y).sum(), 1)) * PER_MOVIE)


def main() -> None:
    """Fit and print."""
    asked = [(regime, seed, faults) for regime in REGIMES for seed in SEEDS for faults in (0.0, FAULTS)]
    nuclei = [simulated(regime, seed, faults=faults) for regime, seed, faults in asked]
    cells = [whole_cells(regime, seed, faults=faults) for regime, seed, faults in asked]
    points = [as_points(movie, seed) for movie, (_, seed, _) in zip(nuclei, asked, strict=True)]
    for name, movies in (("NUCLEI", nuclei), ("CELLS", cells), ("POINTS", points)):
        found = [(movie, movie.detections()) for movie in movies]
        _print(name, fit_both(found, shaped=name != "POINTS"))


def _print(name: str, fitted: dict[bool, Floats]) -> None:
    print(f"{name} = {{")  # noqa: T201
    for lit, weights in fitted.items():
        print(f"    {lit}: np.array({np.round(weights, 2).tolist()}),")  # noqa: T201
    print("}")  # noqa: T201


if __name__ == "__main__":
    main()
