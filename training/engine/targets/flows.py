"""Targets of the flows kind: foreground, edge, and a unit vector at each pixel that leads to its cell's
middle.

Cellpose (Stringer et al. 2021, doi:10.1038/s41592-020-01018-x) takes the gradient of heat that spreads from
the cell's middle. The same is solved here for all cells of a frame at once, by relaxation on a shrinking
grid of work: every sweep is a handful of whole-array operations over the cells' pixels only.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.engine.targets import distance

CHANNELS = ("foreground", "flow_y", "flow_x", "edge", "weight")
_NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def build(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Targets of one frame.

    labels: uint32 (p, y, x), 0 is background. Returns uint8 (4, y, x): foreground and edge in 1/255, flow_y
    and flow_x as 128 + 127 v with v in −1 … 1. On overlaps the plane that comes first gives the flow. Last
    the weight, see `distance.weigh`.
    """
    target = distance.build(labels)
    flow = np.zeros((2, *labels.shape[1:]), np.float32)
    taken = np.zeros(labels.shape[1:], bool)
    for plane in labels:
        if plane.any():
            free = (plane > 0) & ~taken
            flow = np.where(free, flows_of_plane(plane), flow)
            taken |= free
    packed = np.rint(128 + 127 * flow).astype(np.uint8)
    return np.stack([target[0], packed[0], packed[1], target[2], target[3]])


def flows_of_plane(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """Unit vectors float32 (2, y, x) in order y, x, that climb the heat of each cell; 0 on the background."""
    padded = np.pad(plane, 1)
    inside = np.flatnonzero(padded)
    if not len(inside):
        return np.zeros((2, *plane.shape), np.float32)
    width = padded.shape[1]
    number = np.full(padded.size, len(inside), np.int64)
    number[inside] = np.arange(len(inside))
    flat = padded.reshape(-1)
    neighbours = np.stack([inside + dy * width + dx for dy, dx in _NEIGHBOURS])
    same = flat[neighbours] == flat[inside]
    # A neighbour in another cell or outside is replaced by one more place that stays cold.
    index = np.where(same, number[neighbours], len(inside))
    heat = np.log1p(_heat(padded, inside, index))
    heat = np.append(heat, 0)
    gradient_y = _slope(heat, index, same, 0, 1)
    gradient_x = _slope(heat, index, same, 2, 3)
    length = np.maximum(np.hypot(gradient_y, gradient_x), 1e-12)
    flow = np.zeros((2, padded.size), np.float32)
    flow[0, inside], flow[1, inside] = gradient_y / length, gradient_x / length
    return flow.reshape(2, *padded.shape)[:, 1:-1, 1:-1]


def middles(padded: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Flat index, for each cell, of its pixel nearest to its centroid; padded: uint32 (y, x)."""
    ys, xs = np.nonzero(padded)
    cells, index = np.unique(padded[ys, xs], return_inverse=True)
    count = np.bincount(index)
    centre_y, centre_x = np.bincount(index, ys) / count, np.bincount(index, xs) / count
    off = (ys - centre_y[index]) ** 2 + (xs - centre_x[index]) ** 2
    order = np.lexsort((off, index))
    first = order[np.searchsorted(index[order], np.arange(len(cells)))]
    return np.asarray(ys[first] * padded.shape[1] + xs[first], np.int64)


def _heat(
    padded: npt.NDArray[np.uint32], inside: npt.NDArray[np.int64], index: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Heat after one source at each middle has spread for as many sweeps as the largest cell is wide and
    high.
    """
    source = np.searchsorted(inside, middles(padded))
    heat = np.zeros(len(inside) + 1)
    for _ in range(_sweeps(padded)):
        heat[source] += 1
        heat[:-1] = (heat[:-1] + heat[index].sum(0)) / 9
    return heat[:-1]


def _sweeps(padded: npt.NDArray[np.uint32]) -> int:
    boxes = [box for box in ndimage.find_objects(_compact(padded)) if box is not None]
    return max(2 * int(box[0].stop - box[0].start + box[1].stop - box[1].start) for box in boxes)


def _compact(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    cells, index = np.unique(plane, return_inverse=True)
    return (index.reshape(plane.shape) + (0 if cells[0] == 0 else 1)).astype(np.int64)


def _slope(
    heat: npt.NDArray[np.float64],
    index: npt.NDArray[np.int64],
    same: npt.NDArray[np.bool_],
    before: int,
    after: int,
) -> npt.NDArray[np.float64]:
    """Central difference of heat; across the cell's edge the outside is cold."""
    return np.asarray(heat[index[after]] * same[after] - heat[index[before]] * same[before])
