"""What the predicted quality of a cell of a volume is reckoned from; as `decoding.quality` in the plane."""

import numpy as np
import numpy.typing as npt

Maps = npt.NDArray[np.float32]


def measure(labels: npt.NDArray[np.uint32], foreground: Maps, edge: Maps) -> npt.NDArray[np.float64]:
    """Features float64 (n, 4) of the cells 1 … n of labels (z, y, x), from maps (z, y, x) in 0..1.

    Mean foreground; how much likelier an edge is on the surface than inside; share of decided voxels;
    log10 of the volume.
    """
    n = int(labels.max(initial=0))
    at = np.flatnonzero(labels)
    cell, sure, border = labels.ravel()[at], foreground.ravel()[at], edge.ravel()[at]
    rim = _touches_another(labels).ravel()[at]
    decided = np.abs(sure - 0.5) > 0.4
    rows = (None, sure, decided, rim, border * rim, border * ~rim)
    volume, sure_sum, decided_px, rim_px, on_rim, inside = (
        np.bincount(cell, values, minlength=n + 1)[1:] for values in rows
    )
    volume = np.maximum(volume, 1)
    contrast = on_rim / np.maximum(rim_px, 1) - inside / np.maximum(volume - rim_px, 1)
    return np.stack([sure_sum / volume, contrast, decided_px / volume, np.log10(volume) - 2], axis=1)


def _touches_another(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Whether one of the six neighbours has another label."""
    result = np.zeros(labels.shape, bool)
    for axis in range(3):
        here = tuple(slice(1, None) if k == axis else slice(None) for k in range(3))
        there = tuple(slice(None, -1) if k == axis else slice(None) for k in range(3))
        differs = labels[here] != labels[there]
        result[here] |= differs
        result[there] |= differs
    return result
