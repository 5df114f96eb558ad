"""Targets of the embedding kind: for each pixel the way to the middle of its cell, and to that of another one
where two overlap."""

import numpy as np
import numpy.typing as npt

from training.engine.targets.layers import two_layers

CHANNELS = (
    "foreground", "overlap", "edge", "weight", "energy",
    "first_y", "first_x", "first_radius", "second_y", "second_x", "second_radius",
)  # fmt: skip

Floats = npt.NDArray[np.float32]


def finish(labels: npt.NDArray[np.int32], soft: Floats) -> Floats:
    """Targets of one crop: float32 (11, y, x): foreground and overlap, 0 or 1, edge, weight and energy as in
    `soft` (4, y, x), then y and x in px to the middle of the cell in which the pixel lies deepest, that
    cell's radius in px were it a disc, and the same of the other cell where two overlap; 0 outside.

    labels: int32 (p, y, x), the crop's cells with a margin, so that cells that the crop cuts have their
    middles nearly where they truly are.
    """
    first, second = two_layers(labels)
    middle, radius = _measure(labels)
    layers = [part for layer in (first, second) for part in _ways(layer, middle, radius)]
    return np.stack([first > 0, second > 0, soft[2], soft[3], soft[1], *layers]).astype(np.float32)


def _measure(labels: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Middle y and x (2, n) and radius of the disc of equal area (n,), in px, by number of cell."""
    y, x = np.indices(labels.shape[1:]).reshape(2, -1)
    count, sums = int(labels.max()) + 1, np.zeros((3, int(labels.max()) + 1))
    for plane in labels.reshape(len(labels), -1):
        for row, weights in enumerate((None, y, x)):
            sums[row] += np.bincount(plane, weights, count)
    area = np.maximum(sums[0], 1)
    return sums[1:] / area, np.sqrt(area / np.pi)


def _ways(
    layer: npt.NDArray[np.int32], middle: npt.NDArray[np.float64], radius: npt.NDArray[np.float64]
) -> list[npt.NDArray[np.float64]]:
    """Way to the middle, y and x, and radius, each (y, x), of the cells of one layer (y, x)."""
    y, x = np.indices(layer.shape)
    return [part * (layer > 0) for part in (middle[0][layer] - y, middle[1][layer] - x, radius[layer])]
