"""What changed between two revisions of a branch: cells added, removed, changed, frame by frame."""

from dataclasses import dataclass
from uuid import UUID

from annotation.core import frame_differences
from annotation.core import tiles as core_tiles
from annotation.core.frame_differences import ChangeKind, FrameComparison
from annotation.core.tiles import TileContent
from annotation.models import Branch, Revision, Task, Tile
from annotation.selectors import labels

__all__ = ["CellDifference", "ChangeKind", "between", "contents_at", "of_task", "rows_of"]


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell in one frame, before and after; y and x are its centre in px, where it is or was.

    For FACTS (class, mother or quality changed) there may be no frame. `base_cell` is its name before, where
    it was there before.
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
    base_cell: int | None = None


def between(*, branch: Branch, base: Revision | None, target: Revision) -> list[CellDifference]:
    """Differences of `target` from `base` (None: from nothing), by frame and cell. Only touched frames are
    read."""
    since = base.number if base else 0
    written = Tile.objects.filter(branch=branch, number__gt=since, number__lte=target.number)
    frames = sorted(set(written.values_list("t", "z")))
    found = [row for t, z in frames for row in _in_frame(branch.pk, since, target.number, t, z)]
    return [*found, *_facts(branch.pk, since, target.number)]


def _in_frame(branch_id: UUID, since: int, number: int, t: int, z: int) -> list[CellDifference]:
    before = contents_at(branch_id=branch_id, number=since, t=t, z=z)
    after = contents_at(branch_id=branch_id, number=number, t=t, z=z)
    return rows_of(frame_differences.by_id(before, after), t=t, z=z)


def rows_of(compared: FrameComparison, *, t: int, z: int) -> list[CellDifference]:
    """The cells of one frame that differ, ascending."""
    added = [
        CellDifference(each.cell, ChangeKind.ADDED, t, z, 0.0, 0, each.area_px, each.y, each.x)
        for each in compared.added
    ]
    removed = [
        CellDifference(each.cell, ChangeKind.REMOVED, t, z, 0.0, each.area_px, 0, each.y, each.x, each.cell)
        for each in compared.removed
    ]
    changed = [
        CellDifference(
            pair.after, ChangeKind.CHANGED, t, z, round(pair.iou, 4), pair.area_before_px,
            pair.area_after_px, *compared.centres[pair.after], pair.before,
        )
        for pair in compared.pairs
        if not pair.is_same
    ]  # fmt: skip
    return sorted([*added, *removed, *changed], key=lambda row: row.cell)


def contents_at(*, branch_id: UUID, number: int, t: int, z: int) -> dict[tuple[int, int], TileContent]:
    """The decoded tiles of one frame as of revision `number`."""
    rows = labels.frame_at(branch_id=branch_id, t=t, z=z, number=number)
    return {(row.ty, row.tx): core_tiles.unpack(row.content) for row in rows}


def _facts(branch_id: UUID, since: int, number: int) -> list[CellDifference]:
    """Cells that were there before and are there still, but whose class, mother or quality changed."""
    old, new = (
        labels.facts_at(branch_id=branch_id, number=since),
        labels.facts_at(branch_id=branch_id, number=number),
    )
    return [
        CellDifference(cell, ChangeKind.FACTS, base_cell=cell)
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
