"""How sure a pooled score is: the percentile bootstrap over images (Efron and Tibshirani 1993, chapter 13).

What is drawn again is whole images, n of n with replacement, all frames of an image together, since cells of
one image are alike. The counts of the drawn images are added and then divided, as `matching.pool` does. Two
predictions of the same images are compared with the same draws for both (a paired bootstrap), so what makes
an image hard for both does not widen the interval. One seed gives one answer, on every machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core.matching import ImageCounts

Floats = NDArray[np.float64]

DRAWS = 2000
LEVEL = 0.95
SEED = 0
DRAWS_AT_ONCE = 200
NAMES = ("ap50", "ap75", "ap90", "mean_ap", "precision", "recall", "f1", "pq", "seg")


@dataclass(frozen=True)
class Estimate:
    """A pooled score and its interval; without at least two images there is none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference:
    """Second less first, over the images that both have; `below_zero` is the share of draws in which it is
    negative, equal draws counted as not negative."""

    first: float
    second: float
    value: float
    low: float | None
    high: float | None
    below_zero: float


def total(counts: Sequence[ImageCounts]) -> ImageCounts:
    """The counts of all frames of one image as one. Raises ValueError for none."""
    if not counts:
        raise ValueError("There is no frame to count.")
    tp, fp, fn, iou = (
        np.sum([getattr(c, name) for c in counts], axis=0) for name in ("tp", "fp", "fn", "iou_sum")
    )
    seg = float(sum(c.seg_sum for c in counts))
    truths, splits, merges = (
        sum(getattr(c, name) for c in counts) for name in ("truths", "splits", "merges")
    )
    return ImageCounts(counts[0].thresholds, tp, fp, fn, iou, seg, truths, splits, merges)


def scores(counts: Sequence[ImageCounts]) -> dict[str, float]:
    """The pooled scores by name (`NAMES`), precision to PQ at IoU 0.5. Raises ValueError for no image."""
    values = _scores(_table(counts).sum(axis=0)[None], counts[0].thresholds)[0]
    return dict(zip(NAMES, values.tolist(), strict=True))


def estimates(
    counts: Sequence[ImageCounts], *, seed: int = SEED, draws: int = DRAWS, level: float = LEVEL
) -> dict[str, Estimate]:
    """Each pooled score with its interval; one entry of `counts` an image. Raises ValueError for no image."""
    values = scores(counts)
    if len(counts) < 2:
        return {name: Estimate(value, None, None) for name, value in values.items()}
    drawn = _drawn(_table(counts), counts[0].thresholds, seed, draws)
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2), axis=0)
    return {name: Estimate(values[name], float(low[i]), float(high[i])) for i, name in enumerate(NAMES)}


def differences(
    first: Sequence[ImageCounts],
    second: Sequence[ImageCounts],
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> dict[str, Difference]:
    """Each score of `second` less that of `first`, entry i of both being the same image.

    Raises ValueError where they are not as many, or none.
    """
    if len(first) != len(second):
        raise ValueError(f"Paired images are needed, not {len(first)} and {len(second)}.")
    one, two = scores(first), scores(second)
    if len(first) < 2:
        return {
            n: Difference(one[n], two[n], two[n] - one[n], None, None, float(two[n] < one[n])) for n in NAMES
        }
    gain = _drawn(_table(second), second[0].thresholds, seed, draws) - _drawn(
        _table(first), first[0].thresholds, seed, draws
    )
    low, high = np.quantile(gain, ((1 - level) / 2, (1 + level) / 2), axis=0)
    below = (gain < 0).mean(axis=0)
    return {
        n: Difference(one[n], two[n], two[n] - one[n], float(low[i]), float(high[i]), float(below[i]))
        for i, n in enumerate(NAMES)
    }


def weighted(counts: Sequence[ImageCounts], weights: Floats) -> dict[str, Floats]:
    """Each score (draws,) by name with image i counted as often as `weights` (draws, images) says."""
    found = _scores(weights @ _table(counts), counts[0].thresholds)
    return {name: found[:, i] for i, name in enumerate(NAMES)}


def _table(counts: Sequence[ImageCounts]) -> Floats:
    """(images, 4 thresholds + 2): what adds up, side by side: tp, fp, fn, IoU of matches, SEG sum, true
    cells."""
    if not counts:
        raise ValueError("There is no image to score.")
    rows = [np.concatenate([c.tp, c.fp, c.fn, c.iou_sum, [c.seg_sum, c.truths]]) for c in counts]
    return np.asarray(rows, np.float64)


def _drawn(table: Floats, thresholds: Sequence[float], seed: int, draws: int) -> Floats:
    """(draws, names): the scores of each draw of as many images as there are."""
    return np.concatenate([_scores(w @ table, thresholds) for w in weights(len(table), seed, draws)])


def weights(images: int, seed: int, draws: int) -> Iterator[Floats]:
    """(≤ DRAWS_AT_ONCE, images): how often each image was drawn, some draws at a time."""
    random = np.random.default_rng(seed)
    for start in range(0, draws, DRAWS_AT_ONCE):
        some = min(DRAWS_AT_ONCE, draws - start)
        chosen = random.integers(0, images, (some, images)) + np.arange(some)[:, None] * images
        yield np.bincount(chosen.ravel(), minlength=some * images).reshape(some, images).astype(np.float64)


def _scores(sums: Floats, thresholds: Sequence[float]) -> Floats:
    """(rows, names) from summed counts (rows, columns of `_table`)."""
    n = len(thresholds)
    tp, fp, fn, iou = (sums[:, i * n : (i + 1) * n] for i in range(4))
    ap = _ratio(tp, tp + fp + fn)
    half, three, nine = (list(thresholds).index(at) for at in (0.5, 0.75, 0.9))
    hit, false, missed = tp[:, half], fp[:, half], fn[:, half]
    return np.stack(
        [
            ap[:, half],
            ap[:, three],
            ap[:, nine],
            ap.mean(axis=1),
            _ratio(hit, hit + false),
            _ratio(hit, hit + missed),
            _ratio(2 * hit, 2 * hit + false + missed),
            _ratio(2 * iou[:, half], 2 * hit + false + missed),
            _ratio(sums[:, 4 * n], sums[:, 4 * n + 1]),
        ],
        axis=1,
    )


def _ratio(above: Floats, below: Floats) -> Floats:
    """1 where there is nothing to find and nothing was found."""
    return np.divide(above, below, out=np.ones_like(above), where=below > 0)
