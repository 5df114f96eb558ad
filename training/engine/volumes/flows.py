"""From foreground and flows of a volume to labels: every voxel follows the flow, those that end together
are one cell. As `decoding.flows` in the plane: pointer doubling, 128 steps by seven look-ups."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.engine.volumes.watershed import without_small

_DOUBLINGS = 7

Maps = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class VolumeFlowDecoding:
    """Thresholds. foreground: of a cell's voxel; gathered: voxels that must end around a place to make it a
    middle; reach_px: how far apart ends of one cell may lie; size_px: the fewest voxels of a cell."""

    foreground: float = 0.5
    gathered: int = 12
    reach_px: int = 2
    size_px: int = 30

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "VolumeFlowDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        known = {f.name: data[f.name] for f in fields(VolumeFlowDecoding) if f.name in data}
        return VolumeFlowDecoding(**known)


@dataclass(frozen=True)
class Ends:
    """Which voxels are cells', bool (z, y, x), and the flat index of where each of them ends, (n,)."""

    mask: npt.NDArray[np.bool_]
    ends: Ints


def follow(maps: Maps, foreground: float, spacing: float) -> Ends:
    """Where voxels of maps (5, z, y, x) end after 128 steps: foreground, flow z, y, x in px of the plane,
    edge.

    A step of one px in z is 1 / spacing slices. The flow is still off the mask.
    """
    mask = maps[0] > foreground
    here = np.indices(mask.shape, np.float32)
    moved = maps[1:4] * mask
    moved[0] /= spacing
    for _ in range(_DOUBLINGS):
        moved = moved + moved[:, *_rounded(here + moved, mask.shape)]
    ends = np.ravel_multi_index(_rounded(here + moved, mask.shape), mask.shape)
    return Ends(mask, ends[mask].astype(np.int64))


def gather(found: Ends, decoding: VolumeFlowDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (z, y, x), 1 … n: voxels whose ends lie together are one cell."""
    shape = found.mask.shape
    count = np.bincount(found.ends, minlength=found.mask.size).reshape(shape)
    crowded = ndimage.uniform_filter(count.astype(np.float32), 3, mode="constant") * 27 >= decoding.gathered
    crowded &= count > 0
    side = 2 * decoding.reach_px + 1
    near = ndimage.maximum_filter(crowded, (min(side, 3), side, side))
    middles, _ = ndimage.label(near, np.ones((3, 3, 3)))
    labels = np.zeros(shape, np.int64)
    labels[found.mask] = middles.ravel()[found.ends]
    return without_small(labels, decoding.size_px)


def _rounded(places: Maps, shape: tuple[int, ...]) -> tuple[Ints, ...]:
    return tuple(
        np.clip(np.rint(along), 0, length - 1).astype(np.int64)
        for along, length in zip(places, shape, strict=True)
    )
