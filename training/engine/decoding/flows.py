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
    ends_y, ends_x = follow(maps[1:3], mask)
    ys, xs = ends_y[mask], ends_x[mask]
    gathered = np.bincount(ys * mask.shape[1] + xs, minlength=mask.size).reshape(mask.shape)
    side = 2 * decoding.reach_px + 1
    crowded = ndimage.uniform_filter(gathered.astype(np.float32), 3, mode="constant") * 9 >= decoding.gathered
    crowded &= gathered > 0
    near = ndimage.binary_dilation(crowded, np.ones((side, side), bool))
    middles, _ = ndimage.label(near, np.ones((3, 3)))
    labels = np.zeros(mask.shape, np.int64)
    labels[mask] = middles[ys, xs]
    return without_small(fill_holes(labels), decoding.size_px)


def follow(
    flow: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each pixel ends, int64 (y, x) twice, after 128 steps of `flow` (2, y, x), which is still off
    the mask.
    """
    height, width = mask.shape
    ys, xs = np.indices(mask.shape)
    moved_y, moved_x = flow[0] * mask, flow[1] * mask
    for _ in range(_DOUBLINGS):
        at_y = np.clip(np.rint(ys + moved_y), 0, height - 1).astype(np.int64)
        at_x = np.clip(np.rint(xs + moved_x), 0, width - 1).astype(np.int64)
        moved_y, moved_x = moved_y + moved_y[at_y, at_x], moved_x + moved_x[at_y, at_x]
    ends_y = np.clip(np.rint(ys + moved_y), 0, height - 1).astype(np.int64)
    return ends_y, np.clip(np.rint(xs + moved_x), 0, width - 1).astype(np.int64)
