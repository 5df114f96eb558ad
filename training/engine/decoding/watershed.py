"""From foreground, energy and edge to labels: seeds where the energy is high, grown by watershed."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.morphology import reconstruction
from skimage.segmentation import watershed


@dataclass(frozen=True, kw_only=True)
class DistanceDecoding:
    """Thresholds. foreground: of a cell's pixel; seed: least energy of a seed; rise: how far the energy
    must climb between two seeds, else they are one; size_px: the fewest pixels of a cell."""

    foreground: float = 0.5
    seed: float = 0.4
    rise: float = 0.1
    size_px: int = 12

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "DistanceDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        return DistanceDecoding(**{f.name: data[f.name] for f in fields(DistanceDecoding) if f.name in data})


def decode(maps: npt.NDArray[np.float32], decoding: DistanceDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (y, x), 1 … n, from maps float32 (3, y, x) in 0..1: foreground, energy, edge."""
    mask = maps[0] > decoding.foreground
    energy = ndimage.gaussian_filter(maps[1], 0.5) * mask
    seeds = find_seeds(energy, mask, decoding)
    grown = watershed(-energy, seeds, mask=mask)
    return without_small(fill_holes(grown.astype(np.int64)), decoding.size_px)


def find_seeds(
    energy: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], decoding: DistanceDecoding
) -> npt.NDArray[np.int32]:
    """Numbered seeds int32 (y, x): tops of the energy that stand `rise` above the pass to a higher top."""
    lowered = np.maximum(energy - decoding.rise, 0)
    flooded = reconstruction(lowered, energy, method="dilation")
    tops = (energy - flooded >= decoding.rise * 0.999) & (energy >= decoding.seed)
    tops |= (energy > 0.999 * (flooded + decoding.rise)) & (energy >= decoding.seed)
    seeds, _ = ndimage.label(tops & mask, np.ones((3, 3)))
    return np.asarray(seeds, np.int32)


def fill_holes(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Gives background that one single cell encloses to that cell; int64 (y, x)."""
    holes, count = ndimage.label(labels == 0)
    if count <= 1:
        return labels
    index = np.arange(1, count + 1)
    grown_high = ndimage.grey_dilation(labels, size=3)
    grown_low = -ndimage.grey_dilation(np.where(labels > 0, -labels, np.iinfo(np.int64).min + 1), size=3)
    high = np.asarray(ndimage.maximum(grown_high, holes, index))
    touching = grown_low < np.iinfo(np.int64).max - 1
    low = np.asarray(ndimage.minimum(np.where(touching, grown_low, np.iinfo(np.int64).max), holes, index))
    border = np.zeros(count + 1, bool)
    for side in (holes[0], holes[-1], holes[:, 0], holes[:, -1]):
        border[side] = True
    filler = np.where((high == low) & ~border[1:], high, 0)
    return np.where(labels > 0, labels, np.append(0, filler)[holes])


def without_small(labels: npt.NDArray[np.int64], size_px: int) -> npt.NDArray[np.uint32]:
    """Drops cells of fewer pixels and numbers the rest 1 … n; uint32 (y, x)."""
    keep = np.bincount(labels.ravel()) >= max(size_px, 1)
    keep[0] = False
    return np.where(keep, np.cumsum(keep), 0)[labels].astype(np.uint32)
