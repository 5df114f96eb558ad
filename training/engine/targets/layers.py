"""Labels that stay labels until a crop is cut: for targets that must be worked out on the crop itself.

Numbers of cells can be turned and zoomed by taking the nearest pixel; distances along rays and places of
middles cannot. So a frame keeps its labels beside the soft maps of `distance.build`, which can be blended.
"""

import numpy as np
import numpy.typing as npt

from training.engine.targets import distance

SOFT = 4
"""How many planes of a frame's target are soft maps: foreground, energy, edge, weight, the last four."""

Numbers = npt.NDArray[np.int64]


def build(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
    """Targets of one frame: int32 (p + 4, y, x), the cells of every plane, then the soft maps in 1/255.

    labels: uint32 (p, y, x). Cells are numbered anew, so that no number stands on two planes.
    """
    numbered = np.zeros(labels.shape, np.int32)
    before = 0
    for place, plane in enumerate(labels):
        cells, index = np.unique(plane, return_inverse=True)
        first = 1 if len(cells) and cells[0] == 0 else 0
        numbers = np.arange(len(cells)) + 1 - first + before
        numbers[:first] = 0
        numbered[place] = numbers[index.reshape(plane.shape)]
        before += len(cells) - first
    return np.concatenate([numbered, distance.build(labels).astype(np.int32)])


def two_layers(labels: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The cell in which each pixel lies deepest, and the next one where cells overlap, else 0; both (y, x).

    labels: int32 (p, y, x). Deep is the distance to the cell's edge over its largest, so that both cells of
    an overlap own the half on their side, and a net can tell from the picture which is which. A third cell on
    a pixel is passed over.
    """
    first = labels.max(0)
    if len(labels) == 1 or not ((labels > 0).sum(0) > 1).any():
        return first, np.zeros_like(first)
    depth = np.stack([_depth(plane) for plane in labels.astype(np.uint32)])
    order = np.argsort(-depth, axis=0, kind="stable")[:2]
    ordered = np.take_along_axis(labels, order, axis=0)
    return ordered[0], ordered[1]


def _depth(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """Distance to the cell's edge over its largest; 0 outside."""
    away = distance.edge_distance(plane)
    return np.asarray(away / distance.largest_per_cell(away, plane), np.float32)
