"""What a net learns of labelled volumes: distances to the cell's edge, flows to its middle, or which voxels
gather in one place, with anisotropy.

As `targets.distance`, `targets.flows` and `targets.embedding` in the plane; lengths are in px of the plane,
so that slices that are far apart count as far.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.engine.targets.distance import MOST_WEIGHT

Labels = npt.NDArray[np.uint32]
Target = npt.NDArray[np.uint8]

_SMALL_WEIGHT, _TOUCH_WEIGHT = 3.0, 3.0
_AXES = (0, 1, 2)
_MOST_NUMBERS = 65_535


def build_distance(labels: Labels, spacing: float) -> Target:
    """uint8 (4, z, y, x) in 1/255: foreground, energy (distance to the cell's edge over its largest),
    edge, and over 8 how much the voxel counts; labels: uint32 (z, y, x)."""
    energy = normalised_distance(labels, spacing)
    return np.stack([_foreground(labels), _packed(energy), _edge(labels), _weight(labels, spacing)])


def build_flows(labels: Labels, spacing: float) -> Target:
    """uint8 (6, z, y, x): foreground in 1/255, flow z, y, x as 128 + 127 v, edge and weight as above."""
    flow = np.rint(128 + 127 * flows(labels, spacing)).astype(np.uint8)
    rest = [_edge(labels)[None], _weight(labels, spacing)[None]]
    return np.concatenate([_foreground(labels)[None], flow, *rest])


def build_embedding(labels: Labels, spacing: float) -> npt.NDArray[np.uint16]:
    """uint16 (3, z, y, x): number of the cell, 1 … n, edge and weight as above; a volume of more than 65,535
    cells begins anew at 1."""
    numbers = _compact(labels)
    numbers = np.where(numbers > 0, (numbers - 1) % _MOST_NUMBERS + 1, 0)
    return np.stack([numbers, _edge(labels), _weight(labels, spacing)]).astype(np.uint16)


def normalised_distance(labels: Labels, spacing: float) -> npt.NDArray[np.float32]:
    """Distance of each voxel to the edge of its cell over the largest in the cell, float32 (z, y, x), 0
    outside.

    Cell by cell in its box, for cells that touch have an edge between them. The border of the volume is no
    edge, so that a cell cut by it is not taken for a whole one.
    """
    energy = np.zeros(labels.shape, np.float32)
    for box, inside in _cells(labels):
        distance = ndimage.distance_transform_edt(inside, sampling=(spacing, 1, 1)).astype(np.float32)
        # An edge runs half a voxel beside the voxel's middle; in z that is half a slice.
        distance = np.maximum(distance - 0.5, 0.25)
        core = tuple(_inner(side) for side in box)
        energy[box] = np.where(inside[core], distance[core] / distance[inside].max(), energy[box])
    return energy


def flows(labels: Labels, spacing: float) -> npt.NDArray[np.float32]:
    """Unit vectors float32 (3, z, y, x) in order z, y, x, in px of the plane, that climb the heat of each
    cell.

    Heat spreads from each cell's middle, between slices the slower the farther they are apart (the diffusion
    of Cellpose, Stringer et al. 2021, doi:10.1038/s41592-020-01018-x, on an anisotropic grid).
    """
    padded = np.pad(labels, 1)
    inside = np.flatnonzero(padded)
    flow = np.zeros((3, padded.size), np.float32)
    if not len(inside):
        return np.zeros((3, *labels.shape), np.float32)
    number = np.full(padded.size, len(inside), np.int32)
    number[inside] = np.arange(len(inside))
    flat, strides = padded.reshape(-1), np.array(padded.strides) // padded.itemsize
    index, same = [], []
    for axis in _AXES:
        for step in (-strides[axis], strides[axis]):
            neighbour = flat[inside + step] == flat[inside]
            same.append(neighbour)
            index.append(np.where(neighbour, number[inside + step], len(inside)))
    heat = np.append(np.log1p(_spread(padded, inside, index, spacing)), 0).astype(np.float32)
    slopes = np.stack([heat[index[2 * k + 1]] - heat[index[2 * k]] for k in _AXES])
    slopes[0] /= spacing
    flow[:, inside] = slopes / np.maximum(np.linalg.norm(slopes, axis=0), 1e-12)
    return flow.reshape(3, *padded.shape)[:, 1:-1, 1:-1, 1:-1]


def _spread(
    padded: Labels, inside: npt.NDArray[np.int64], index: list[npt.NDArray[np.int32]], spacing: float
) -> npt.NDArray[np.float64]:
    """Heat of each voxel inside after as many sweeps as the largest cell's sides are long together."""
    source = np.searchsorted(inside, _middles(padded, spacing))
    through_z = 1 / spacing**2
    share = 1 / (5 + 2 * through_z)
    heat = np.zeros(len(inside) + 1)
    for _ in range(_sweeps(padded)):
        heat[source] += 1
        across = heat[index[2]] + heat[index[3]] + heat[index[4]] + heat[index[5]]
        heat[:-1] = share * (heat[:-1] + across + through_z * (heat[index[0]] + heat[index[1]]))
    return heat[:-1]


def _middles(padded: Labels, spacing: float) -> npt.NDArray[np.int64]:
    """Flat index, for each cell, of its voxel nearest to its centroid."""
    places = np.argwhere(padded)
    cells, index = np.unique(padded[tuple(places.T)], return_inverse=True)
    scaled = places * np.array([spacing, 1, 1])
    count = np.bincount(index)
    centre = np.stack([np.bincount(index, scaled[:, k]) / count for k in _AXES], 1)
    off = np.square(scaled - centre[index]).sum(1)
    order = np.lexsort((off, index))
    first = order[np.searchsorted(index[order], np.arange(len(cells)))]
    return np.asarray(np.ravel_multi_index(tuple(places[first].T), padded.shape), np.int64)


def _sweeps(padded: Labels) -> int:
    sides = [sum(s.stop - s.start for s in box) for box in ndimage.find_objects(_compact(padded)) if box]
    return int(2 * max(sides))


def _cells(labels: Labels) -> list[tuple[tuple[slice, ...], npt.NDArray[np.bool_]]]:
    """Box of each cell, and which voxels of the box with a voxel around it, where the volume goes on, are
    its."""
    compact = _compact(labels)
    found = []
    for number, box in enumerate(ndimage.find_objects(compact), start=1):
        if box is not None:
            wide = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in box)
            found.append((box, compact[wide] == number))
    return found


def _inner(side: slice) -> slice:
    """Where a side of the box lies in the box with a voxel around it."""
    start = min(side.start, 1)
    return slice(start, start + side.stop - side.start)


def _foreground(labels: Labels) -> Target:
    return np.where(labels > 0, 255, 0).astype(np.uint8)


def _packed(share: npt.NDArray[np.float32]) -> Target:
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def _edge(labels: Labels) -> Target:
    """255 where one of the six neighbours has another label."""
    differs = np.zeros(labels.shape, bool)
    for axis in _AXES:
        first, second = [slice(None)] * 3, [slice(None)] * 3
        first[axis], second[axis] = slice(1, None), slice(None, -1)
        other = labels[tuple(first)] != labels[tuple(second)]
        differs[tuple(first)] |= other
        differs[tuple(second)] |= other
    return np.where(differs, 255, 0).astype(np.uint8)


def _weight(labels: Labels, spacing: float) -> Target:
    """More on small cells, of which a few voxels decide, and most where two cells meet; in 1/255 of 8."""
    compact = _compact(labels)
    voxels = np.bincount(compact.ravel())
    usual = np.median(voxels[1:]) if len(voxels) > 1 else 1.0
    small = np.clip(np.sqrt(usual / np.maximum(voxels, 1)), 1, _SMALL_WEIGHT)
    small[0] = 1
    around = (3 if spacing < 2 else 1, 5, 5)
    weight = ndimage.maximum_filter(small[compact].astype(np.float32), around)
    highest = ndimage.maximum_filter(compact, around)
    lowest = ndimage.minimum_filter(np.where(compact > 0, compact, len(voxels)), around)
    meets = (highest > 0) & (lowest < len(voxels)) & (highest != lowest)
    return np.asarray(np.rint((weight + _TOUCH_WEIGHT * meets) * (255 / MOST_WEIGHT)), np.uint8)


def _compact(labels: Labels) -> npt.NDArray[np.int32]:
    """Cells numbered 1 … n."""
    cells, index = np.unique(labels, return_inverse=True)
    return (index.reshape(labels.shape) + (0 if cells[0] == 0 else 1)).astype(np.int32)
