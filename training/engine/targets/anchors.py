"""Anchors that fit the training cells: published ones begin at 32 px and end at 512, which few cells are."""

import numpy as np
import numpy.typing as npt

LEAST_PX = 6.0
_COMMON = (0.03, 0.97)
"""Between these quantiles of the cells' sizes the anchors are spread."""
_LEAST_SPREAD = 2.0
"""Cells of one size vary where they are cut and turned: the largest anchor is at least so many times the
smallest."""
_LONGEST = 3.0


def fit_sizes(boxes: npt.NDArray[np.float32], levels: int = 4) -> tuple[float, ...]:
    """Sides in px of the anchors of each level, ascending, from boxes (n, 4) as x0, y0, x1, y1."""
    low, high = np.quantile(np.sqrt(_sides(boxes).prod(1)), _COMMON)
    widen = max(1.0, np.sqrt(_LEAST_SPREAD * low / max(high, 1e-6)))
    sizes = np.geomspace(max(LEAST_PX, low / widen), max(_LEAST_SPREAD * LEAST_PX, high * widen), levels)
    return tuple(round(float(size), 1) for size in sizes)


def fit_ratios(boxes: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """Three heights over widths; crops are turned by quarters, so that for each its inverse is as common."""
    sides = _sides(boxes)
    stretch = float(np.quantile(sides.max(1) / sides.min(1), 0.7))
    stretch = round(min(max(stretch, 1.25), _LONGEST), 2)
    return round(1 / stretch, 2), 1.0, stretch


def longest_px(boxes: npt.NDArray[np.float32]) -> float:
    """Longest side that all but one cell in fifty stay below."""
    return round(float(np.quantile(_sides(boxes).max(1), 0.98)), 1)


def _sides(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(np.maximum(boxes[:, 2:] - boxes[:, :2], 1), np.float32)
