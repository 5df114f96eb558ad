"""From foreground, energy and edge of a volume to labels: basins of the energy, joined where no pass parts
them.

Every top of the energy floods its basin once; then basins are joined over their highest passes until each top
stands `rise` above the pass to a higher one. That is what seeds by reconstruction give (topological
persistence, Edelsbrunner et al. 2002, doi:10.1007/s00454-002-2885-2), and other thresholds need no other
flood.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.segmentation import watershed

Maps = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class BasinDecoding:
    """Thresholds. foreground: of a cell's voxel; seed: least energy of a cell's top; rise: how far the energy
    must climb from the pass between two cells; size_px: the fewest voxels of a cell."""

    foreground: float = 0.5
    seed: float = 0.4
    rise: float = 0.2
    size_px: int = 30

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "BasinDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        return BasinDecoding(**{f.name: data[f.name] for f in fields(BasinDecoding) if f.name in data})


@dataclass(frozen=True)
class Basins:
    """Flooded basins: labels int (z, y, x) 1 … n, `tops` energy of each (n + 1,), and between which two of
    them (e, 2) a pass of which height (e,) lies."""

    labels: npt.NDArray[np.int32]
    tops: Maps
    between: Ints
    passes: Maps


def flood(maps: Maps, foreground: float) -> Basins:
    """Basins of maps (3, z, y, x) in 0..1: foreground, energy, edge."""
    mask = maps[0] > foreground
    energy = np.asarray(ndimage.gaussian_filter(maps[1], 0.7), np.float32) * mask
    peaks = (ndimage.maximum_filter(energy, 3) == energy) & mask
    seeds, count = ndimage.label(peaks, np.ones((3, 3, 3)))
    labels = np.asarray(watershed(-energy, seeds, mask=mask), np.int32)
    tops = np.zeros(count + 1, np.float32)
    np.maximum.at(tops, labels.ravel(), energy.ravel())
    tops[0] = 0
    return Basins(labels, tops, *_passes(labels, energy, count))


def join(basins: Basins, decoding: BasinDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (z, y, x), 1 … n: basins joined over passes that part nothing, small ones dropped."""
    owner = np.arange(len(basins.tops))
    top = basins.tops.astype(float)

    def root(basin: int) -> int:
        while owner[basin] != basin:
            owner[basin] = basin = owner[owner[basin]]
        return basin

    for place in np.argsort(-basins.passes, kind="stable"):
        a, b = (root(int(basin)) for basin in basins.between[place])
        low, high = (a, b) if top[a] < top[b] else (b, a)
        parted = top[low] - basins.passes[place] >= decoding.rise and top[low] >= decoding.seed
        if low != high and not parted:
            owner[low] = high
    roots = np.array([root(basin) for basin in range(len(owner))])
    roots[top[roots] < decoding.seed] = 0
    return without_small(roots[basins.labels], decoding.size_px)


def without_small(labels: Ints, size_px: int) -> npt.NDArray[np.uint32]:
    """Drops cells of fewer voxels and numbers the rest 1 … n."""
    keep = np.bincount(labels.ravel()) >= max(size_px, 1)
    keep[0] = False
    return np.where(keep, np.cumsum(keep), 0)[labels].astype(np.uint32)


def _passes(labels: npt.NDArray[np.int32], energy: Maps, count: int) -> tuple[Ints, Maps]:
    """Which basins touch, (e, 2), and the highest energy at which one can go from one to the other, (e,)."""
    codes, heights = [], []
    for axis in range(3):
        here = tuple(slice(1, None) if k == axis else slice(None) for k in range(3))
        there = tuple(slice(None, -1) if k == axis else slice(None) for k in range(3))
        a, b = labels[here], labels[there]
        touch = (a != b) & (a > 0) & (b > 0)
        first, second = a[touch].astype(np.int64), b[touch].astype(np.int64)
        codes.append(np.minimum(first, second) * (count + 1) + np.maximum(first, second))
        heights.append(np.minimum(energy[here][touch], energy[there][touch]))
    pairs, index = np.unique(np.concatenate(codes), return_inverse=True)
    highest = np.zeros(len(pairs), np.float32)
    np.maximum.at(highest, index, np.concatenate(heights))
    return np.stack(np.divmod(pairs, count + 1), 1), highest
