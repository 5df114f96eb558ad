"""Sorting the training frames into kinds by how they look, so that rare kinds are seen often enough.

Cluster-balanced sampling over image modes is an idea of MEDIAR (Lee et al. 2022, arXiv 2212.03465).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.data.normalising import Look, normalise, thinned

MOST_KINDS = 10
_LEAST_DISTANCE = 0.6
"""Two kinds whose middles are nearer than this, in standard deviations of a feature, are one kind."""


def describe(frame: npt.NDArray[Any], look: Look, object_size_px: float) -> npt.NDArray[np.float64]:
    """Numbers that say how a frame (c, y, x) looks: float64 (8,), comparable between frames."""
    shown = normalise(thinned(frame), look, len(frame))
    grey = shown.mean(0)
    rough = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return np.array(
        [
            np.log(frame.shape[1] * frame.shape[2]),
            2.0 * (len(frame) > 1),
            2.0 * look.inverted,
            3 * float(np.abs(shown - grey).mean()),
            4 * float(grey.mean()),
            4 * float(grey.std()),
            0.5 * float(np.log(rough + 1e-3)),
            float(np.log(max(object_size_px, 2.0))),
        ]
    )


def sort_into_kinds(features: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Kind of each frame, int64 (n,), from features (n, k): farthest-point seeds, then Lloyd's iterations."""
    middles = _spread_seeds(features, rng)
    kinds = np.zeros(len(features), np.int64)
    for _ in range(20):
        kinds = np.linalg.norm(features[:, None] - middles[None], axis=2).argmin(1)
        middles = np.stack([_mean_of(features, kinds == k, middles[k]) for k in range(len(middles))])
    return np.unique(kinds, return_inverse=True)[1]


def sampling_weights(
    kinds: npt.NDArray[np.int64], areas_px: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Chance of each frame to be drawn, float64 (n,), sum 1.

    Halfway between every frame alike and every kind alike; within a kind, larger frames more often.
    """
    count = np.bincount(kinds)[kinds]
    weights = np.sqrt(areas_px)
    within = np.bincount(kinds, weights)[kinds]
    chance = weights / within * np.sqrt(count)
    return np.asarray(chance / chance.sum())


def _spread_seeds(features: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    middles = [features[rng.integers(len(features))]]
    while len(middles) < min(MOST_KINDS, len(features)):
        distance = np.min([np.linalg.norm(features - middle, axis=1) for middle in middles], axis=0)
        if distance.max() < _LEAST_DISTANCE:
            break
        middles.append(features[distance.argmax()])
    return np.stack(middles)


def _mean_of(
    features: npt.NDArray[np.float64], chosen: npt.NDArray[np.bool_], otherwise: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return np.asarray(features[chosen].mean(0)) if chosen.any() else otherwise
