"""Targets of the distance kind: foreground, energy (normalised distance to the edge) and edge.

The idea of learning a per-object normalised distance is from StarDist (Schmidt et al. 2018, arXiv 1806.03535,
there as the object probability) and from deep watershed (Bai & Urtasun 2017, arXiv 1611.08303).
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

CHANNELS = ("foreground", "energy", "edge", "weight")
MOST_WEIGHT = 8.0
_PLAIN_AREA_PX = 300.0
_SMALL_WEIGHT, _TOUCH_WEIGHT = 3.0, 3.0


def build(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Targets of one frame.

    labels: uint32 (p, y, x), 0 is background, overlapping cells on further planes.
    Returns uint8 (4, y, x) in 1/255: foreground, energy (distance to the cell's edge over its largest, 0
    outside), edge (the ring of pixels on either side of a cell's outline), and how much the pixel counts in
    the loss, over 8 (see `weigh`). On overlaps the largest value counts.
    """
    target = np.zeros((4, *labels.shape[1:]), np.uint8)
    target[3] = np.rint(255 / MOST_WEIGHT)
    for plane in labels:
        if plane.any():
            np.maximum(target, _build_plane(plane), out=target)
    return target


def edge_distance(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """Distance in px of each cell's pixel to the nearest pixel of its outline, plus one; 0 on the background.

    plane: uint32 (y, x). The border of the frame is no edge, so that a cell cut by it is not taken for a
    whole one.
    """
    inner = (plane > 0) & ~_differs(plane)
    if inner.all():
        return np.full(plane.shape, float(max(plane.shape)), np.float32)
    distance = np.asarray(ndimage.distance_transform_edt(inner), np.float32) + 1
    return np.where(plane > 0, distance, 0).astype(np.float32)


def largest_per_cell(
    values: npt.NDArray[np.float32], plane: npt.NDArray[np.uint32]
) -> npt.NDArray[np.float32]:
    """For each pixel the largest of `values` in its cell; float32 (y, x), 1 on the background."""
    cells, index = np.unique(plane, return_inverse=True)
    index = index.reshape(-1)
    largest = np.zeros(len(cells), np.float32)
    np.maximum.at(largest, index, values.reshape(-1))
    spread = largest[index].reshape(plane.shape)
    return np.where(plane > 0, spread, 1).astype(np.float32)


def _build_plane(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    distance = edge_distance(plane)
    energy = np.maximum(distance - 0.5, 0) / np.maximum(largest_per_cell(distance, plane) - 0.5, 0.5)
    return np.stack(
        [
            np.where(plane > 0, 255, 0).astype(np.uint8),
            np.rint(np.minimum(energy, 1) * 255).astype(np.uint8),
            np.where(_differs(plane), 255, 0).astype(np.uint8),
            np.rint(weigh(plane) * (255 / MOST_WEIGHT)).astype(np.uint8),
        ]
    )


def weigh(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """How much each pixel counts in the loss, float32 (y, x), 1 … 6; plane: uint32 (y, x).

    More on and around cells of fewer than 300 px, of which a few pixels decide, and most where two cells
    meet, which a net gives up on first (the weight map of Ronneberger et al. 2015, arXiv 1505.04597,
    without its distances).
    """
    cells, index, area = np.unique(plane, return_inverse=True, return_counts=True)
    small = np.where(cells > 0, np.clip(np.sqrt(_PLAIN_AREA_PX / area), 1, _SMALL_WEIGHT), 1)
    weight = ndimage.maximum_filter(small[index.reshape(plane.shape)].astype(np.float32), 5)
    labels = index.reshape(plane.shape) + (0 if cells[0] == 0 else 1)
    highest = ndimage.maximum_filter(labels, 5)
    lowest = ndimage.minimum_filter(np.where(labels > 0, labels, len(cells) + 1), 5)
    meets = (highest > 0) & (lowest <= len(cells)) & (highest != lowest)
    return np.asarray(weight + _TOUCH_WEIGHT * meets, np.float32)


def _differs(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Whether one of the four neighbours inside the frame has another label."""
    differs = np.zeros(plane.shape, bool)
    down = plane[1:] != plane[:-1]
    right = plane[:, 1:] != plane[:, :-1]
    differs[1:] |= down
    differs[:-1] |= down
    differs[:, 1:] |= right
    differs[:, :-1] |= right
    return differs
