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
    rise: float = 0.2
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
    grown = watershed(-energy, seeds, mask=mask)  # type: ignore[no-untyped-call]
    return without_small(fill_holes(grown.astype(np.int64)), decoding.size_px)


def find_seeds(
    energy: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], decoding: DistanceDecoding
) -> npt.NDArray[np.int32]:
    """Numbered seeds int32 (y, x): tops of the energy that stand `rise` above the pass to a higher top."""
    lowered = np.maximum(energy - decoding.rise, 0)
    flooded = reconstruction(lowered, energy, method="dilation")  # type: ignore[no-untyped-call]
    tops = (energy - flooded >= decoding.rise * 0.999) & (energy >= decoding.seed)
    tops |= (energy > 0.999 * (flooded + decoding.rise)) & (energy >= decoding.seed)
    seeds, _ = ndimage.label(tops & mask, np.ones((3, 3)))
    return np.asarray(seeds, np.int32)


def fill_holes(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Gives background that one single cell encloses to that cell; int64 (y, x)."""
    numbered, count = ndimage.label(labels == 0)
    if count <= 1:
        return labels
    holes = np.asarray(numbered, np.int64)
    lowest = np.full(count + 1, np.iinfo(np.int64).max)
    highest = np.zeros(count + 1, np.int64)
    for here, there in (np.s_[1:, :], np.s_[:-1, :]), (np.s_[:, 1:], np.s_[:, :-1]):
        for hole, cell in ((holes[here], labels[there]), (holes[there], labels[here])):
            touch = (hole > 0) & (cell > 0)
            np.minimum.at(lowest, hole[touch], cell[touch])
            np.maximum.at(highest, hole[touch], cell[touch])
    enclosed = lowest == highest
    for side in (holes[0], holes[-1], holes[:, 0], holes[:, -1]):
        enclosed[side] = False
    return np.where(labels > 0, labels, np.where(enclosed, highest, 0)[holes])


def without_small(labels: npt.NDArray[np.int64], size_px: int) -> npt.NDArray[np.uint32]:
    """Drops cells of fewer pixels and numbers the rest 1 … n; uint32 (y, x)."""
    keep = np.bincount(labels.ravel()) >= max(size_px, 1)
    keep[0] = False
    return np.where(keep, np.cumsum(keep), 0)[labels].astype(np.uint32)
