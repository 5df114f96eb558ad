"""From foreground, energy and edge to labels: seeds where the energy is high, grown by watershed."""

from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.morphology import reconstruction
from skimage.segmentation import watershed

Label = TypeVar("Label", np.int32, np.int64)


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
    grown = grow(find_seeds(energy, mask, decoding), energy, mask)
    return without_small(fill_holes(grown.astype(np.int64)), decoding.size_px)


def grow(
    seeds: npt.NDArray[np.int32], energy: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32]:
    """Seeds (y, x) grown over the mask by watershed, downhill from high energy; int32 (y, x).

    A piece of the mask with one seed is that seed's, so only pieces with several are flooded.
    """
    pieces, count = ndimage.label(mask)
    at = np.flatnonzero(seeds)
    piece, seed = pieces.ravel()[at], seeds.ravel()[at]
    highest = np.zeros(count + 1, np.int32)
    lowest = np.full(count + 1, np.iinfo(np.int32).max, np.int32)
    np.maximum.at(highest, piece, seed)
    np.minimum.at(lowest, piece, seed)
    several = lowest < highest
    grown = np.where(several, 0, highest)[pieces]
    if several.any():
        at = np.flatnonzero(several[pieces])
        y, x, shape = _moved_together(np.asarray(pieces), at)
        close, markers, within = (
            np.zeros(shape, energy.dtype),
            np.zeros(shape, np.int32),
            np.zeros(shape, bool),
        )
        close[y, x], markers[y, x], within[y, x] = -energy.ravel()[at], seeds.ravel()[at], True
        flooded = watershed(close, markers, mask=within)
        grown.ravel()[at] = flooded[y, x]
    return np.asarray(grown, np.int32)


def find_seeds(
    energy: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], decoding: DistanceDecoding
) -> npt.NDArray[np.int32]:
    """Numbered seeds int32 (y, x): tops of the energy that stand `rise` above the pass to a higher top.

    A pass below `seed` less `rise` parts any two tops, so only what lies above counts. A piece of that with
    one summit needs no search; the others are moved close together first, for the reconstruction sorts all
    pixels of what it is given.
    """
    kept = (energy > max(decoding.seed - decoding.rise, 0.0)) & mask
    pieces, count = ndimage.label(kept, np.ones((3, 3)))
    seeds = np.zeros(energy.shape, np.int32)
    if not count:
        return seeds
    at = np.flatnonzero(kept)
    piece, height = pieces.ravel()[at], energy.ravel()[at]
    summit = np.zeros(count + 1, energy.dtype)
    np.maximum.at(summit, piece, height)
    peaks = height >= ndimage.maximum_filter(energy, 3).ravel()[at]
    several = np.bincount(piece[peaks], minlength=count + 1) > 1
    tops = np.zeros(energy.shape, bool)
    tops.ravel()[at] = (height >= decoding.seed) & (height > 0.999 * summit[piece])
    search = several[piece]
    if search.any():
        at = at[search]
        y, x, shape = _moved_together(np.asarray(pieces), at)
        close = np.zeros(shape, energy.dtype)
        close[y, x] = energy.ravel()[at]
        tops.ravel()[at] = _tops(close, decoding)[y, x]
    numbered, _ = ndimage.label(tops, np.ones((3, 3)))
    return np.asarray(numbered, np.int32)


def _tops(energy: npt.NDArray[np.float32], decoding: DistanceDecoding) -> npt.NDArray[np.bool_]:
    """Pixels of tops that stand `rise` above the pass to a higher one, (y, x)."""
    lowered = np.maximum(energy - decoding.rise, 0)
    flooded = reconstruction(lowered, energy, method="dilation")
    tops = energy - flooded >= decoding.rise * 0.999
    tops |= energy > 0.999 * (flooded + decoding.rise)
    return np.asarray(tops & (energy >= decoding.seed))


def _moved_together(
    pieces: npt.NDArray[np.int32], at: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[int, int]]:
    """New places y, x of the pixels at flat indices `at` of pieces (y, x), numbered from 1, and the size of
    the canvas that holds them: their boxes in rows, the highest first, with a pixel between."""
    here = np.unique(pieces.ravel()[at])
    found = ndimage.find_objects(pieces)
    boxes = np.array([[s.start for s in found[n - 1]] + [s.stop for s in found[n - 1]] for n in here])
    sizes = boxes[:, 2:] - boxes[:, :2] + 1
    order = np.argsort(-sizes[:, 0], kind="stable")
    high, wide = sizes[order].T
    side = int(np.sqrt((high * wide).sum())) + 1
    before = np.cumsum(wide) - wide
    row = np.unique(before // side, return_inverse=True)[1]
    heights = high[np.unique(row, return_index=True)[1]]
    shift = np.zeros_like(sizes)
    shift[order, 0], shift[order, 1] = (np.cumsum(heights) - heights)[row], before % side
    shift -= boxes[:, :2]
    y, x = np.divmod(at, pieces.shape[1])
    piece = np.searchsorted(here, pieces.ravel()[at])
    return y + shift[piece, 0], x + shift[piece, 1], (int(heights.sum()), side + int(wide.max()))


def fill_holes(labels: npt.NDArray[Label]) -> npt.NDArray[Label]:
    """Gives background that one single cell encloses to that cell; (y, x).

    Background that reaches the frame's edge encloses nothing, and it is nearly all of it: only the rest is
    looked at.
    """
    numbered, count = ndimage.label(labels == 0)
    enclosed = np.ones(count + 1, bool)
    enclosed[0] = False
    for side in (numbered[0], numbered[-1], numbered[:, 0], numbered[:, -1]):
        enclosed[side] = False
    if not enclosed.any():
        return labels
    width = labels.shape[1]
    at = np.flatnonzero(enclosed.take(numbered))  # none of them at the frame's edge
    hole, cells = numbered.ravel()[at], labels.ravel()
    lowest = np.full(count + 1, np.iinfo(labels.dtype).max, labels.dtype)
    highest = np.zeros(count + 1, labels.dtype)
    for step in (-width, -1, 1, width):
        cell = cells[at + step]
        touch = cell > 0
        np.minimum.at(lowest, hole[touch], cell[touch])
        np.maximum.at(highest, hole[touch], cell[touch])
    filled = labels.copy()
    filled.ravel()[at] = np.where(lowest == highest, highest, 0)[hole]
    return filled


def without_small(labels: npt.NDArray[Label], size_px: int) -> npt.NDArray[np.uint32]:
    """Drops cells of fewer pixels and numbers the rest 1 … n; uint32 (y, x)."""
    kept, at = np.zeros(labels.shape, np.uint32), np.flatnonzero(labels)
    cell = labels.ravel().take(at)
    keep = np.bincount(cell) >= max(size_px, 1)
    kept.ravel()[at] = np.where(keep, np.cumsum(keep), 0).take(cell)
    return kept
