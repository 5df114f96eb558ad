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
    gathered = np.bincount(ends, minlength=mask.size).reshape(mask.shape)
    crowded = _sums_of_nine(gathered.astype(np.float32)) >= decoding.gathered
    crowded &= gathered > 0
    near = ndimage.maximum_filter(crowded.view(np.uint8), 2 * decoding.reach_px + 1, mode="constant")
    middles, _ = ndimage.label(near, np.ones((3, 3)))
    labels = np.zeros(mask.shape, np.int64)
    labels.ravel()[at] = middles.ravel()[ends]
    return without_small(fill_holes(labels), decoding.size_px)


def follow(
    flow: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The pixels of the mask (n,) and where each ends after 128 steps of `flow` (2, y, x), (n,), both as flat
    indices. The flow is still off the mask.
    """
    height, width = mask.shape
    at = np.flatnonzero(mask)
    number = np.full(mask.size, len(at), np.int32)
    number[at] = np.arange(len(at), dtype=np.int32)
    place = np.stack(np.divmod(at, width)).astype(np.float32)
    most = np.array([[height - 1], [width - 1]], np.float32)
    # One more pixel, which stands still, is where all land that leave the mask.
    moved = np.zeros((2, len(at) + 1), np.float32)
    moved[:, :-1] = flow.reshape(2, -1)[:, at]
    for _ in range(_DOUBLINGS):
        landed = number[_flat(place + moved[:, :-1], most, width)]
        moved[:, :-1] += moved[:, landed]
    return at, _flat(place + moved[:, :-1], most, width)


def _flat(
    places: npt.NDArray[np.float32], most: npt.NDArray[np.float32], width: int
) -> npt.NDArray[np.int64]:
    """Flat index of the pixel nearest to each place (2, n), within the frame."""
    y, x = np.clip(np.rint(places), 0, most).astype(np.int64)
    return np.asarray(y * width + x, np.int64)


def _sums_of_nine(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Sum of each pixel and its eight neighbours, (y, x)."""
    return np.asarray(ndimage.uniform_filter(values, 3, mode="constant") * 9, np.float32)
