"""What is wrong with outlines, region by region, as one would show it to the worker who drew them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from scipy import ndimage

from annotation.core.crowd import pixels
from annotation.core.crowd.pixels import Bools, Drawn
from annotation.core.crowd.values import Floats, Ints, Runs

MATCH_IOU = 0.5
WITHIN = 0.5
SLACK_PX = 2  # an edge that is no further off is right
SPECK_PX = 6


class Fault(StrEnum):
    """What is wrong in a region."""

    MISSED = "MISSED"
    INVENTED = "INVENTED"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    TOO_MUCH = "TOO_MUCH"
    TOO_LITTLE = "TOO_LITTLE"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Region:
    """A place of the crop to be shown: runs of pixels, or a point, or neither for a choice."""

    fault: Fault
    runs: tuple[tuple[int, int, int], ...] = ()
    point: tuple[float, float] | None = None

    def as_json(self) -> Mapping[str, Any]:
        """For the page."""
        point = None if self.point is None else list(self.point)
        return {"fault": self.fault.value, "runs": [list(run) for run in self.runs], "point": point}


@dataclass(frozen=True, eq=False)
class Compared:
    """Masks side by side: the first `said` of them are the answer's, the others true."""

    masks: Drawn
    said: int

    @cached_property
    def shared(self) -> Floats:
        """(said, true): pixels in common."""
        return self.masks.shared()[: self.said, self.said :]

    @cached_property
    def areas(self) -> tuple[Ints, Ints]:
        """Pixels of the said, and of the true ones."""
        return self.masks.area_px[: self.said], self.masks.area_px[self.said :]

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """(said, true, IoU) of the cells that are found: above one half there is but one for each."""
        said_px, true_px = self.areas
        iou = self.shared / np.maximum(said_px[:, None] + true_px[None, :] - self.shared, 1)
        rows, columns = np.nonzero(iou > MATCH_IOU)
        _, first = np.unique(columns, return_index=True)
        rows, columns = rows[first], columns[first]
        _, once = np.unique(rows, return_index=True)
        rows, columns = rows[once], columns[once]
        return rows, columns, iou[rows, columns]

    @cached_property
    def quality(self) -> float:
        """Panoptic quality; 1 where there is nothing and nothing was said."""
        cells = (self.masks.masks) / 2
        return float(self.pairs[2].sum() / cells) if cells else 1.0

    def picture(self, mask: int) -> Bools:
        """(y, x) of a mask, with a rim of `SLACK_PX` around all."""
        rows, columns = self._box
        found = np.zeros((rows[1] - rows[0], columns[1] - columns[0]), bool)
        mine = self.masks.pixel[self.masks.mask == mask]
        found[self.masks.row[mine] - rows[0], self.masks.column[mine] - columns[0]] = True
        return found

    def runs(self, picture: Bools) -> Runs:
        """A picture of `picture` as runs of the crop."""
        y, x = np.nonzero(picture)
        return pixels.runs_of(y + self._box[0][0], x + self._box[1][0])

    @cached_property
    def _box(self) -> tuple[tuple[int, int], tuple[int, int]]:
        row, column, rim = self.masks.row, self.masks.column, SLACK_PX + 1
        return (
            (int(row.min()) - rim, int(row.max()) + rim + 1),
            (int(column.min()) - rim, int(column.max()) + rim + 1),
        )


def of(compared: Compared) -> tuple[Region, ...]:
    """Merged, split, missed and invented cells, and where the edge of a found one is off by more than
    `SLACK_PX`."""
    if not compared.masks.row.size:
        return ()
    said_px, true_px = compared.areas
    rows, columns, _ = compared.pairs
    lost = np.ones(true_px.size, bool)
    false = np.ones(said_px.size, bool)
    lost[columns], false[rows] = False, False
    covers = compared.shared > WITHIN * true_px[None, :]
    part_of = compared.shared > WITHIN * said_px[:, None]
    merged = covers.sum(axis=1) >= 2
    split = part_of.sum(axis=0) >= 2
    missed = lost & ~covers[merged].any(axis=0) & ~split
    invented = false & ~merged & ~part_of[:, split].any(axis=1)
    found = [(Fault.MERGED, i) for i in np.flatnonzero(merged).tolist()]
    found += [(Fault.SPLIT, i + compared.said) for i in np.flatnonzero(split).tolist()]
    found += [(Fault.MISSED, i + compared.said) for i in np.flatnonzero(missed).tolist()]
    found += [(Fault.INVENTED, i) for i in np.flatnonzero(invented).tolist()]
    whole = [_region(compared, fault, compared.picture(mask)) for fault, mask in found]
    plain = ~merged[rows] & ~split[columns]
    return (*whole, *_edges(compared, rows[plain], columns[plain] + compared.said))


def _edges(compared: Compared, said: Ints, true: Ints) -> tuple[Region, ...]:
    found = []
    for one, other in zip(said.tolist(), true.tolist(), strict=True):
        mine, its = compared.picture(one), compared.picture(other)
        for fault, picture in (
            (Fault.TOO_MUCH, mine & ~ndimage.binary_dilation(its, iterations=SLACK_PX)),
            (Fault.TOO_LITTLE, its & ~ndimage.binary_dilation(mine, iterations=SLACK_PX)),
        ):
            if picture.sum() >= SPECK_PX:
                found.append(_region(compared, fault, picture))
    return tuple(found)


def _region(compared: Compared, fault: Fault, picture: Bools) -> Region:
    runs = compared.runs(picture).tolist()
    return Region(fault, tuple((y, start, end) for y, start, end in runs))
