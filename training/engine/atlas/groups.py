"""Groups of cells that lie together on the map, and cells that lie beside everything.

Groups are the hills of the map's density, as in Shekhar et al., “Automatic classification of cellular
expression by nonlinear stochastic embedding (ACCENSE)”, PNAS 2014: they are the islands that a person sees,
and of 100,000 cells they are found in a second. Outliers: Breunig et al., “LOF: identifying density-based
local outliers”, SIGMOD 2000.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage import morphology, segmentation

from training.engine.atlas.neighbours import Neighbours

GRID = 384
MARGIN = 0.06
"""Room around the map, as a share of its sides, so that no hill is cut off."""
HILL = 0.15
"""A hill of its own stands out of what is around it by this share of its own height, or of the common one."""
LOWEST = 0.02
"""Cells where the density is less than this share of the common hill's height belong to no group."""
LEAST_SHARE, LEAST_CELLS = 0.005, 5
NO_GROUP = -1


def groups(places: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """The group of each cell at places (n, 2), int32 (n,): 0 the largest, …, −1 for cells between groups."""
    count = len(places)
    if count < 2 * LEAST_CELLS:
        return np.zeros(count, np.int32)
    cells = _on_grid(places)
    counts = np.bincount(cells[0] * GRID + cells[1], minlength=GRID * GRID).reshape(GRID, GRID)
    # Few cells are smoothed widely and many narrowly, as Scott's rule has it.
    width = max(GRID * 0.10 * count ** (-1 / 6), 2.0)
    density = np.sqrt(ndimage.gaussian_filter(counts.astype(np.float64), width, mode="constant"))
    common = float(np.percentile(density[counts > 0], 75))
    hills = morphology.h_maxima(density, HILL * common)
    seeds, _ = ndimage.label(hills, structure=np.ones((3, 3)))
    regions = segmentation.watershed(-density, seeds, mask=density > np.sqrt(LOWEST) * common)
    return _by_size(np.asarray(regions, np.int64)[cells], max(LEAST_CELLS, round(LEAST_SHARE * count)))


def _on_grid(places: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The square of the grid that each cell lies in; both axes to one scale. The farthest of a thousand cells
    does not set the scale."""
    low, high = np.percentile(places, (0.1, 99.9), axis=0)
    side = max(float((high - low).max()), 1e-9) * (1 + 2 * MARGIN)
    scaled = (places - (low + high) / 2) / side + 0.5
    squares = np.clip((scaled * GRID).astype(np.int64), 0, GRID - 1)
    return squares[:, 0], squares[:, 1]


def _by_size(regions: npt.NDArray[np.int64], least: int) -> npt.NDArray[np.int32]:
    """Regions numbered from 0 by falling size; 0 and those with fewer than `least` cells are −1."""
    sizes = np.bincount(regions)
    sizes[0] = 0
    order = np.argsort(-sizes, kind="stable")
    numbers = np.full(len(sizes), NO_GROUP, np.int32)
    kept = [region for region in order.tolist() if sizes[region] >= least]
    numbers[kept] = np.arange(len(kept), dtype=np.int32)
    return numbers[regions]


def outlier_scores(near: Neighbours) -> npt.NDArray[np.float32]:
    """How much sparser it is around each cell than around its neighbours, float32 (n,): about 1 for a cell
    among its like, more for one that stands alone."""
    count, k = near.index.shape
    if k == 0:
        return np.ones(count, np.float32)
    reach = near.distance[:, -1]
    reached = np.maximum(near.distance, reach[near.index]).mean(1)
    density = 1 / np.maximum(reached, 1e-10)
    return np.asarray(density[near.index].mean(1) / density, np.float32)
