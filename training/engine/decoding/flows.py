"""From foreground and flows to labels: every pixel follows the flow, pixels that end together are one cell.

Cellpose (Stringer et al. 2021, doi:10.1038/s41592-020-01018-x) walks 200 small steps. Here the displacement
of n steps is doubled to that of 2 n by one look-up, so 128 steps take seven whole-array operations.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.engine.decoding.watershed import fill_holes, without_small

_DOUBLINGS = 7
_CHUNK = 1 << 15
"""So many pixels are followed at a time: what is reckoned of them stays near the processor."""


@dataclass(frozen=True, kw_only=True)
class FlowDecoding:
    """Thresholds. foreground: of a cell's pixel; gathered: pixels that must end at a place to make it a
    middle; reach_px: how far apart ends of one cell may lie; size_px: the fewest pixels of a cell."""

    foreground: float = 0.5
    gathered: int = 4
    reach_px: int = 2
    size_px: int = 12

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "FlowDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        return FlowDecoding(**{f.name: data[f.name] for f in fields(FlowDecoding) if f.name in data})


def decode(maps: npt.NDArray[np.float32], decoding: FlowDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (y, x), 1 … n, from maps float32 (4, y, x): foreground, flow y, flow x, edge."""
    mask = maps[0] > decoding.foreground
    at, ends = follow(maps[1:3], mask)
    middles = _middles(np.bincount(ends, minlength=mask.size), mask.shape, decoding)
    labels = np.zeros(mask.shape, np.int32)
    labels.ravel()[at] = middles.ravel()[ends]
    return without_small(fill_holes(labels), decoding.size_px)


def _middles(
    gathered: npt.NDArray[np.intp], size: tuple[int, ...], decoding: FlowDecoding
) -> npt.NDArray[np.int32]:
    """Numbered middles int32 (y, x) from how many pixels end at each place (y · x,): places around which
    enough end, and what lies near them. Only places where any end are looked at; they are few.
    """
    reach = decoding.reach_px
    wide = size[1] + 2 * max(reach, 1)
    ends = np.flatnonzero(gathered)
    y, x = np.divmod(ends, size[1])
    place = (y + max(reach, 1)) * wide + x + max(reach, 1)
    counts = np.zeros((size[0] + 2 * max(reach, 1)) * wide, np.int32)
    counts[place] = gathered.take(ends)
    around = sum(counts[place + shift] for shift in _square(1, wide))
    near = np.zeros(counts.shape, bool)
    crowded = place[around >= decoding.gathered]
    for shift in _square(reach, wide):
        near[crowded + shift] = True
    inside = np.s_[max(reach, 1) : -max(reach, 1)]
    middles, _ = ndimage.label(near.reshape(-1, wide)[inside, inside], np.ones((3, 3)))
    return np.asarray(middles, np.int32)


def _square(reach: int, wide: int) -> list[int]:
    """How far the places of a square around a place are from it, in a picture `wide` pixels wide."""
    return [dy * wide + dx for dy in range(-reach, reach + 1) for dx in range(-reach, reach + 1)]


def follow(
    flow: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The pixels of the mask (n,) and where each ends after 128 steps of `flow` (2, y, x), (n,), both as flat
    indices. The flow is still off the mask.
    """
    at = np.flatnonzero(mask)
    count = len(at)
    number = np.full(mask.size, count, np.int32)
    number[at] = np.arange(count, dtype=np.int32)
    place = np.stack(np.divmod(at.astype(np.int32), np.int32(mask.shape[1]))).astype(np.float32)
    # One more pixel, which stands still, is where all land that leave the mask.
    moved, further = np.zeros((2, 2, count + 1), np.float32)
    moved[:, :-1] = flow.reshape(2, -1)[:, at]
    chunks = [slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]
    for _ in range(_DOUBLINGS):
        for chunk in chunks:
            landed = number.take(_flat(place[:, chunk] + moved[:, chunk], mask.shape))
            for before, after in zip(moved, further, strict=True):
                before.take(landed, out=after[chunk], mode="clip")
                after[chunk] += before[chunk]
        moved, further = further, moved
    ends = np.empty(count, np.int32)
    for chunk in chunks:
        ends[chunk] = _flat(place[:, chunk] + moved[:, chunk], mask.shape)
    return at, ends


def _flat(places: npt.NDArray[np.float32], shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """Flat index of the pixel nearest to each place (2, n), within the frame; overwrites the places."""
    np.rint(places, out=places)
    for along, length in zip(places, shape, strict=True):
        np.clip(along, 0, length - 1, out=along)
    y, x = places.astype(np.int32)
    y *= shape[1]
    y += x
    return np.asarray(y)
