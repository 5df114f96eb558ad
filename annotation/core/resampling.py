"""How sure any score is that is pooled over images: the same bootstrap for regions, classes, boxes, pictures.

A judge makes the scores of an evaluation from how often each of its images counts; with ones it
tells the score itself, with the draws of `bootstrap.weights` what the score might have been. What adds up
over images is kept as a table an image; so scores can be pooled and compared again without pixels.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.core import bootstrap
from annotation.core.bootstrap import DRAWS, LEVEL, SEED, Difference, Estimate
from annotation.core.matching import ImageCounts

Floats = NDArray[np.float64]
Key = tuple[str, str]
"""Class (empty for all together) and name of the score."""
Judge = Callable[[Floats], dict[Key, Floats]]
"""Weights (draws, images) → scores (draws,) by key."""


def judge_outlines(images: Sequence[ImageCounts]) -> Judge:
    """The scores of outlines, `bootstrap.NAMES`, from the counts of images."""

    def scores(weights: Floats) -> dict[Key, Floats]:
        return {("", name): value for name, value in bootstrap.weighted(images, weights).items()}

    return scores


def values(judge: Judge, images: int) -> dict[Key, float]:
    """The pooled scores. Raises ValueError for no image."""
    if images < 1:
        raise ValueError("There is no image to score.")
    return {key: float(one[0]) for key, one in judge(np.ones((1, images))).items()}


def estimates(
    judge: Judge, images: int, *, seed: int = SEED, draws: int = DRAWS, level: float = LEVEL
) -> dict[Key, Estimate]:
    """Each pooled score with its interval; none for a single image. Raises ValueError for no image."""
    pooled = values(judge, images)
    if images < 2:
        return {key: Estimate(value, None, None) for key, value in pooled.items()}
    found = {}
    for key, drawn in _drawn(judge, images, seed, draws).items():
        low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
        found[key] = Estimate(pooled[key], float(low), float(high))
    return found


def differences(
    first: Judge,
    second: Judge,
    images: int,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> dict[Key, Difference]:
    """Each score that both have of `second` less that of `first`, image i of both being the same."""
    one, two = values(first, images), values(second, images)
    if images < 2:
        return {
            key: Difference(one[key], two[key], two[key] - one[key], None, None, float(two[key] < one[key]))
            for key in one.keys() & two.keys()
        }
    ours, theirs = _drawn(first, images, seed, draws), _drawn(second, images, seed, draws)
    found = {}
    for key in ours.keys() & theirs.keys():
        gain = theirs[key] - ours[key]
        low, high = np.quantile(gain, ((1 - level) / 2, (1 + level) / 2))
        below = float((gain < 0).mean())
        found[key] = Difference(one[key], two[key], two[key] - one[key], float(low), float(high), below)
    return found


def share_worse(
    first: Judge, second: Judge, images: int, key: Key, *, margin: float, higher_is_better: bool
) -> float:
    """Share of paired draws in which `second` is worse than `first` by more than `margin`."""
    if images < 2:
        one, two = values(first, images)[key], values(second, images)[key]
        gain = np.array([two - one])
    else:
        gain = _drawn(second, images, SEED, DRAWS)[key] - _drawn(first, images, SEED, DRAWS)[key]
    return float(((gain if higher_is_better else -gain) < -margin).mean())


def ratio(above: Floats, below: Floats, *, empty: float = 1.0) -> Floats:
    """Their ratio; `empty` where there is nothing to divide by."""
    shares: Floats = np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)
    return shares


def _drawn(judge: Judge, images: int, seed: int, draws: int) -> dict[Key, Floats]:
    parts = [judge(weights) for weights in bootstrap.weights(images, seed, draws)]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
