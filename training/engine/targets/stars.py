"""Targets of the stars kind: how far it is from each pixel to the edge of its cell in 32 directions.

StarDist (Schmidt et al. 2018, arXiv 1806.03535) walks every ray pixel by pixel. Here a picture is sheared so
that the rays of one direction and its opposite become its rows; where the cell ends on either side is then
one running minimum and one running maximum along the rows, for all pixels at once.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from training.engine.targets.layers import two_layers

RAYS = 32
CHANNELS = ("foreground", "energy", "edge", "weight", *(f"ray_{k}" for k in range(RAYS)))
ANGLES = 2 * np.pi * np.arange(RAYS) / RAYS
"""Direction of each ray in radians: 0 is along x, a quarter turn along y."""


def finish(labels: npt.NDArray[np.int32], soft: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Targets of one crop: float32 (36, y, x): foreground, energy, edge, weight as in `soft` (4, y, x),
    then the distances in px along the rays, of the cell in which the pixel lies deepest; 0 outside cells.

    labels: int32 (p, y, x), the crop's cells.
    """
    first, second = two_layers(labels)
    distances = rays_of_plane(first) if not second.any() else np.zeros((RAYS, *first.shape), np.float32)
    if second.any():
        for plane in labels:
            if plane.any():
                mine = (plane > 0) & (plane == first)
                distances = np.where(mine, rays_of_plane(plane), distances)
    return np.concatenate([soft, distances]).astype(np.float32, copy=False)


def rays_of_plane(plane: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Distances float32 (32, y, x) in px from each pixel's middle to the edge of its cell, half way to the
    first pixel outside; 0 on the background. plane: int32 (y, x). The picture's border ends a cell.

    A ray goes along the pixels of a digital line, up to a pixel beside the true one: the distances are right
    within about a pixel, but for rays that graze an edge.
    """
    result = np.empty((RAYS, *plane.shape), np.float32)
    across = np.ascontiguousarray(plane.T)
    for k in range(RAYS // 2):
        dy, dx = np.sin(ANGLES[k]), np.cos(ANGLES[k])
        if abs(dx) >= abs(dy) - 1e-9:
            ahead, behind = _runs(plane, round(float(dy / dx), 9))
            ahead, behind = (ahead, behind) if dx > 0 else (behind, ahead)
            step = 1 / abs(dx)
        else:
            ahead, behind = (run.T for run in _runs(across, round(float(dx / dy), 9)))
            step = 1 / abs(dy)
        result[k], result[k + RAYS // 2] = ahead, behind
        for place in (k, k + RAYS // 2):
            result[place] -= 0.5
            result[place] *= step
    result *= plane > 0
    return result


def _runs(plane: npt.NDArray[np.int32], slope: float) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Steps to the first pixel with another number, int32 (y, x) forwards and backwards in x, along lines
    that climb `slope`."""
    there, back = _shear(*plane.shape, slope)
    width = plane.shape[1]
    rows = np.append(plane, np.int32(-1)).take(there)
    places = np.arange(width, dtype=np.int32)
    changes = rows[:, 1:] != rows[:, :-1]
    begins = np.zeros(rows.shape, np.int32)
    np.multiply(changes, places[1:], out=begins[:, 1:])
    np.maximum.accumulate(begins, axis=1, out=begins)
    ends = np.full(rows.shape, width, np.int32)
    np.copyto(ends[:, :-1], places[1:], where=changes)
    backwards = ends[:, ::-1]
    np.minimum.accumulate(backwards, axis=1, out=backwards)
    return (ends - places).take(back), (places - begins + 1).take(back)


@lru_cache(maxsize=64)
def _shear(height: int, width: int, slope: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Flat indices: for each place of the sheared picture (rows, x) its pixel, `height * width` where there
    is none; and for each pixel (y, x) its place."""
    climb = np.rint(slope * np.arange(width)).astype(np.intp)
    rows = height + int(climb.max() - climb.min())
    x = np.arange(width)
    y = np.arange(rows)[:, None] + climb - climb.max()
    there = np.where((y >= 0) & (y < height), y * width + x, height * width)
    return there, (np.arange(height)[:, None] - climb + climb.max()) * width + x
