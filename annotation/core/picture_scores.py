"""How like a predicted plane is to a recorded one: Pearson's r, structural similarity, mean error, and
whether the intervals that were told hold what they promise."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.resampling import Floats, Judge, Key, ratio

Plane = NDArray[np.float32]
KINDS = ("r", "ssim", "mae", "coverage", "width")
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of the pixels that intervals promise to hold, at which the promise is checked."""
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.8
_SIGMA_PX, _TRUNCATE = 1.5, 3.5
_BORDER_PX = int(_TRUNCATE * _SIGMA_PX + 0.5)


def pearson(truth: Plane, said: Plane) -> float:
    """Pearson's r of two planes; 0 where either is flat, for then nothing was said."""
    a, b = truth.astype(np.float64).ravel(), said.astype(np.float64).ravel()
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 1e-12 * a.size else 0.0


def structural_similarity(truth: Plane, said: Plane, *, span: float = 1.0) -> float:
    """SSIM with a Gaussian window of 1.5 px (Wang et al. 2004, doi:10.1109/TIP.2003.819861), mean over all
    but the border; `span` is the range of values that counts as full contrast."""
    x, y = truth.astype(np.float64), said.astype(np.float64)

    def smooth(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(ndimage.gaussian_filter(plane, _SIGMA_PX, truncate=_TRUNCATE))

    mean_x, mean_y = smooth(x), smooth(y)
    var_x, var_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    both = smooth(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    same = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    similar = same / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    edge = min(_BORDER_PX, (min(x.shape) - 1) // 2)
    return float(similar[edge : x.shape[0] - edge, edge : x.shape[1] - edge].mean())


def range_of(truth: Plane) -> tuple[float, float]:
    """Low percentile of a recorded plane and the way to the high one: what errors are measured by."""
    low, high = np.percentile(truth, (LOW_PERCENTILE, HIGH_PERCENTILE))
    return float(low), float(high - low) or 1.0


def count(
    truth: Plane, said: Plane, *, sigma: Plane | None = None, level: float = 0.9, span: float | None = None
) -> dict[str, Any]:
    """What one frame of one channel adds. SSIM and the mean error are in units of the true frame's range,
    percentile 1 to 99.8, or of `span`.

    `sigma`: what the model says of its error, one standard deviation of each pixel; then `coverage` is the
    share of the pixels inside the interval that promises `level`, `width` that of the interval in the same
    units, and `within` the shares inside those of `LEVELS`.
    """
    span = range_of(truth)[1] if span is None else span
    error = np.abs(truth.astype(np.float64) - said)
    similar = structural_similarity(truth, said, span=span)
    found: dict[str, Any] = {
        "frames": 1.0, "r": pearson(truth, said), "ssim": similar, "mae": float(error.mean()) / span,
    }  # fmt: skip
    if sigma is None:
        return found
    reach = _reach(level)
    found["coverage"] = float((error <= reach * sigma).mean())
    found["width"] = float(2 * reach * np.asarray(sigma, np.float64).mean()) / span
    found["within"] = [float((error <= _reach(one) * sigma).mean()) for one in LEVELS]
    return found


def added(frames: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of what frames of one channel add. Raises ValueError for none."""
    if not frames:
        raise ValueError("There is no frame to score.")
    found: dict[str, Any] = {
        key: float(sum(one[key] for one in frames)) for key in frames[0] if key != "within"
    }
    if "within" in frames[0]:
        found["within"] = np.sum([one["within"] for one in frames], axis=0).tolist()
    return found


def judge(images: Sequence[Mapping[str, Any]]) -> Judge:
    """Scores of images, each a table {channel: summed `count`}: means over frames, of all and of each
    channel."""
    names = sorted({name for image in images for name in image})
    told = {key for image in images for channel in image.values() for key in channel}
    kinds = [kind for kind in KINDS if kind in told]
    width = 1 + len(kinds)
    rows = [[[image.get(n, {}).get(k, 0.0) for k in ("frames", *kinds)] for n in names] for image in images]
    table = np.asarray(rows, np.float64).reshape(len(images), len(names) * width)

    def scores(weights: Floats) -> dict[Key, Floats]:
        sums = (weights @ table).reshape(len(weights), len(names), width)
        found: dict[Key, Floats] = {}
        for place, kind in enumerate(kinds, start=1):
            means = ratio(sums[..., place], sums[..., 0], empty=0.0)
            found["", f"mean_{kind}"] = means.mean(axis=1)
            found |= {(name, kind): means[:, k] for k, name in enumerate(names)}
        return found

    return scores


def curve(images: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Of each of `LEVELS` what intervals promise (`said`) and hold (`right`), over the frames (`cells`) of
    all channels that tell their uncertainty."""
    told = [channel for image in images for channel in image.values() if "within" in channel]
    frames = sum(channel["frames"] for channel in told)
    if not frames:
        return []
    shares = np.sum([channel["within"] for channel in told], axis=0) / frames
    return [
        {"cells": float(frames), "said": level, "right": float(share)}
        for level, share in zip(LEVELS, shares, strict=True)
    ]


def _reach(level: float) -> float:
    """Standard deviations within which a normal variable lies with this chance: 0.9 → 1.645."""
    return NormalDist().inv_cdf((1 + level) / 2)
