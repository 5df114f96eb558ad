"""What changed between two revisions of a branch: cells added, removed, changed, frame by frame."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from annotation.core import intervals, tile_content
from annotation.core import tiles as core_tiles
from annotation.core.tiles import CellMeasures, TileContent
from annotation.models import Branch, Revision, Task, Tile
from annotation.selectors import labels


class ChangeKind(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"
    FACTS = "FACTS"


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell in one frame, before and after; y and x are its centre in px, where it is or was.

    For FACTS (class, mother or quality changed) there is no frame.
    """

    cell: int
    change: ChangeKind
    t: int | None = None
    z: int | None = None
    iou: float | None = None
    area_before_px: int = 0
    area_after_px: int = 0
    y: float | None = None
    x: float | None = None


def between(*, branch: Branch, base: Revision | None, target: Revision) -> list[CellDifference]:
    """Differences of `target` from `base` (None: from nothing), by frame and cell. Only touched frames are
    read."""
    since = base.number if base else 0
    written = Tile.objects.filter(branch=branch, number__gt=since, number__lte=target.number)
    frames = sorted(set(written.values_list("t", "z")))
    found = [row for t, z in frames for row in _in_frame(branch.pk, since, target.number, t, z)]
    return [*found, *_facts(branch.pk, since, target.number)]


def _in_frame(branch_id: UUID, since: int, number: int, t: int, z: int) -> list[CellDifference]:
    before = _contents(branch_id, since, t, z)
    after = _contents(branch_id, number, t, z)
    old, new = _measures(before), _measures(after)
    shared = _shared_pixels(before, after)
    rows = []
    for cell in sorted(old.keys() | new.keys()):
        area_before, area_after = old.get(cell, (0,))[0], new.get(cell, (0,))[0]
        both = shared.get(cell, 0)
        if both == area_before == area_after:
            continue
        _, y, x = new.get(cell) or old[cell]
        kind = (
            ChangeKind.ADDED
            if cell not in old
            else ChangeKind.REMOVED
            if cell not in new
            else ChangeKind.CHANGED
        )
        iou = both / (area_before + area_after - both)
        rows.append(CellDifference(cell, kind, t, z, round(iou, 4), area_before, area_after, y, x))
    return rows


def _contents(branch_id: UUID, number: int, t: int, z: int) -> dict[tuple[int, int], TileContent]:
    rows = labels.frame_at(branch_id=branch_id, t=t, z=z, number=number)
    return {(row.ty, row.tx): core_tiles.unpack(row.content) for row in rows}


def _measures(frame: dict[tuple[int, int], TileContent]) -> dict[int, tuple[int, float, float]]:
    """(area px, centre y, centre x) of every cell."""
    merged: CellMeasures = core_tiles.merge_stats(
        [core_tiles.measure(content, ty=ty, tx=tx) for (ty, tx), content in frame.items()]
    )
    rows = zip(
        merged.ids.tolist(),
        merged.area_px.tolist(),
        merged.centroid_y.tolist(),
        merged.centroid_x.tolist(),
        strict=True,
    )
    return {cell: (area, round(y, 1), round(x, 1)) for cell, area, y, x in rows}


def _shared_pixels(
    before: dict[tuple[int, int], TileContent], after: dict[tuple[int, int], TileContent]
) -> dict[int, int]:
    """How many pixels each cell has both before and after."""
    shared = {}
    for at in before.keys() & after.keys():
        both = intervals.intersection(
            tile_content.to_intervals(before[at]), tile_content.to_intervals(after[at])
        )
        shared[at] = tile_content.from_intervals(both)
    return {cell: area for cell, (area, _, _) in _measures(shared).items()}


def _facts(branch_id: UUID, since: int, number: int) -> list[CellDifference]:
    """Cells that were there before and are there still, but whose class, mother or quality changed."""
    old, new = (
        labels.facts_at(branch_id=branch_id, number=since),
        labels.facts_at(branch_id=branch_id, number=number),
    )
    return [
        CellDifference(cell, ChangeKind.FACTS)
        for cell in sorted(old.keys() & new.keys())
        if old[cell] != new[cell]
    ]


def of_task(*, task: Task) -> list[CellDifference]:
    """What was changed since the task's base: up to the submitted revision, or the head while it is worked
    on."""
    target = task.submitted_revision or labels.head_revision(task.branch)
    if target is None:
        return []
    return between(branch=task.branch, base=task.base_revision, target=target)
