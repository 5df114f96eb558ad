"""Places on a map, so that neighbours stay neighbours: UMAP.

McInnes, Healy, Melville, “UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction”, 2018.
Written here in numpy (decision 14): the published package compiles itself for a quarter of a minute in every
process before it places its first cell.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from training.engine.atlas.neighbours import Neighbours

CURVE_A, CURVE_B = 1.5769, 0.8951
"""Of 1 / (1 + a·d^2b), fitted to the paper's curve for a least distance of 0.1."""
FARS = 5
"""Cells that are pushed away for every neighbour that is drawn near."""
LARGEST_STEP = 4.0
EXTENT = 10.0
_PARTS = 2
_BISECTIONS = 40

Places = npt.NDArray[np.float64]
Index = npt.NDArray[np.integer]


def place(
    vectors: npt.NDArray[np.float32],
    near: Neighbours,
    *,
    seed: int = 0,
    at_fraction: Callable[[float], None] = lambda _fraction: None,
) -> npt.NDArray[np.float32]:
    """Places float32 (n, 2) for vectors (n, d) with their neighbours; the same seed gives the same map.

    The start is the first two directions of `vectors`, which come sorted by how much they tell (a start that
    keeps the whole in view: Kobak and Linderman 2021). `at_fraction` hears how far it is, 0 … 1.
    """
    count, k = near.index.shape
    places = vectors[:, :2].astype(np.float64)
    if count < 3 or k == 0:
        return places.astype(np.float32)
    places *= EXTENT / max(float(np.abs(places).max()), 1e-9)
    rng = np.random.default_rng(seed)
    places += rng.normal(0, 1e-3, places.shape)
    pairs = fuzzy_graph(near).tocoo()
    often = (pairs.data / pairs.data.max()).astype(np.float32)
    epochs = 300 if count <= 10_000 else 200
    for epoch in range(epochs):
        rate = 1 - epoch / epochs
        drawn = np.flatnonzero(rng.random(len(often), np.float32) < often)
        rng.shuffle(drawn)
        for part in np.array_split(drawn, _PARTS):
            heads = pairs.row[part]
            _draw_near(places, heads, pairs.col[part], rate)
            _push_away(places, np.repeat(heads, FARS), rng, rate)
        if epoch % 10 == 9:
            at_fraction((epoch + 1) / epochs)
    return places.astype(np.float32)


def fuzzy_graph(near: Neighbours) -> sparse.csr_matrix:
    """How surely two cells are neighbours, (n, n), symmetric, 0 … 1: equations 1 to 3 of the paper."""
    count, k = near.index.shape
    distance = near.distance.astype(np.float64)
    nearest = distance[:, :1]
    width = _widths(distance - nearest, np.log2(k + 1))
    sure = np.exp(-np.maximum(distance - nearest, 0) / width)
    rows = np.repeat(np.arange(count), k)
    one_way = sparse.csr_matrix((sure.ravel(), (rows, near.index.ravel())), shape=(count, count))
    back = one_way.T.tocsr()
    either: sparse.csr_matrix = (one_way + back - one_way.multiply(back)).tocsr()
    return either


def _widths(beyond: npt.NDArray[np.float64], wanted: float) -> npt.NDArray[np.float64]:
    """Of each cell the width at which its neighbours count `wanted` in all, (n, 1), by bisection."""
    low, high = np.zeros((len(beyond), 1)), np.full((len(beyond), 1), np.inf)
    width = np.ones((len(beyond), 1))
    for _ in range(_BISECTIONS):
        much = np.exp(-np.maximum(beyond, 0) / width).sum(1, keepdims=True) > wanted
        high, low = np.where(much, width, high), np.where(much, low, width)
        width = np.where(np.isfinite(high), (low + np.minimum(high, 1e300)) / 2, width * 2)
    return np.maximum(width, 1e-3 * max(float(beyond.mean()), 1e-12))


def _draw_near(places: Places, heads: Index, tails: Index, rate: float) -> None:
    apart = places[heads] - places[tails]
    square = np.maximum((apart**2).sum(1, keepdims=True), 1e-12)
    power = square**CURVE_B
    pull = -2 * CURVE_A * CURVE_B * power / square / (1 + CURVE_A * power)
    step = np.clip(pull * apart, -LARGEST_STEP, LARGEST_STEP) * rate
    _move(places, heads, step)
    _move(places, tails, -step)


def _push_away(places: Places, heads: Index, rng: np.random.Generator, rate: float) -> None:
    apart = places[heads] - places[rng.integers(len(places), size=len(heads))]
    square = (apart**2).sum(1, keepdims=True)
    push = 2 * CURVE_B / ((0.001 + square) * (1 + CURVE_A * square**CURVE_B))
    _move(places, heads, np.clip(push * apart, -LARGEST_STEP, LARGEST_STEP) * rate)


def _move(places: Places, which: Index, step: Places) -> None:
    """Adds every step to its place; a place that is named twice takes both."""
    for axis in range(2):
        places[:, axis] += np.bincount(which, step[:, axis], len(places))
