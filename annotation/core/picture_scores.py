"""How like a predicted plane is to a recorded one: Pearson's r, structural similarity, mean error."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.resampling import Floats, Judge, Key, ratio

Plane = NDArray[np.float32]
KINDS = ("r", "ssim", "mae")
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


def count(truth: Plane, said: Plane) -> dict[str, float]:
    """What one frame of one channel adds. SSIM and the mean error are in units of the true frame's range,
    percentile 1 to 99.8."""
    low, high = np.percentile(truth, (1, 99.8))
    span = float(high - low) or 1.0
    error = float(np.abs(truth.astype(np.float64) - said).mean()) / span
    similar = structural_similarity(truth, said, span=span)
    return {"frames": 1.0, "r": pearson(truth, said), "ssim": similar, "mae": error}


def judge(images: Sequence[Mapping[str, Any]]) -> Judge:
    """Scores of images, each a table {channel: summed `count`}: means over frames, of all and of each
    channel."""
    names = sorted({name for image in images for name in image})
    rows = [[[image.get(n, {}).get(k, 0.0) for k in ("frames", *KINDS)] for n in names] for image in images]
    table = np.asarray(rows, np.float64).reshape(len(images), len(names) * 4)

    def scores(weights: Floats) -> dict[Key, Floats]:
        sums = (weights @ table).reshape(len(weights), len(names), 4)
        found: dict[Key, Floats] = {}
        for place, kind in enumerate(KINDS, start=1):
            means = ratio(sums[..., place], sums[..., 0], empty=0.0)
            found["", f"mean_{kind}"] = means.mean(axis=1)
            found |= {(name, kind): means[:, k] for k, name in enumerate(names)}
        return found

    return scores
