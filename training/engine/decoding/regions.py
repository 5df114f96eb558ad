"""From shares of classes to labels: the likeliest class of each pixel, one id for each connected region."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage


def class_map(shares: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """The likeliest class of each pixel, int64 (y, x), from shares float32 (k, y, x)."""
    return np.asarray(shares.argmax(0), np.int64)


def decode(
    shares: npt.NDArray[np.float32], size_px: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Regions of one class each: labels uint32 (y, x) with ids 1 … n, their class (n,) and mean share (n,).

    shares: float32 (k, y, x), background first. Regions of fewer than `size_px` pixels are dropped.
    """
    classes = class_map(shares)
    labels = np.zeros(classes.shape, np.uint32)
    found: list[int] = []
    for k in range(1, len(shares)):
        regions, _ = ndimage.label(classes == k)
        keep = np.bincount(regions.ravel()) >= max(size_px, 1)
        keep[0] = False
        number = np.where(keep, np.cumsum(keep) + len(found), 0)
        labels = np.where(regions > 0, number[regions], labels).astype(np.uint32)
        found += [k] * int(keep.sum())
    sums = np.bincount(labels.ravel(), shares.max(0).ravel(), minlength=len(found) + 1)[1:]
    count = np.bincount(labels.ravel(), minlength=len(found) + 1)[1:]
    return labels, np.array(found, np.int64), sums / np.maximum(count, 1)
