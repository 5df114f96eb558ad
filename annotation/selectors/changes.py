"""What changed between two revisions of a branch: cells added, removed, changed, frame by frame."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from annotation.core import frame_differences, moves
from annotation.core import tiles as core_tiles
from annotation.core.edits import CellMove
from annotation.core.frame_differences import ChangeKind, FrameComparison
from annotation.core.tiles import TileContent
from annotation.models import Branch, EditRecord, Revision, RevisionKind, Task, Tile
from annotation.selectors import labels

__all__ = ["CellDifference", "ChangeKind", "between", "contents_at", "of_task", "rows_of"]


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell in one frame, before and after; y and x are its centre in px, where it is or was.

    For FACTS (class, mother or quality changed) there may be no frame. `base_cell` is its name before, where
    it was there before. RENAMED is one row of the frames t to `last_t`.
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
    last_t: int | None = None


def between(*, branch: Branch, base: Revision | None, target: Revision) -> list[CellDifference]:
    """Differences of `target` from `base` (None: from nothing), by frame and cell. Only touched frames are
    read."""
    since = base.number if base else 0
    written = Tile.objects.filter(branch=branch, number__gt=since, number__lte=target.number)
    frames = sorted(set(written.values_list("t", "z")))
    moved = _moves(branch, since, target.number)
    rows: list[CellDifference] = []
    renamed: dict[tuple[int, int], list[CellDifference]] = defaultdict(list)
    for t, z in frames:
        compared = _in_frame(branch.pk, since, target.number, t, z, moved)
        rows += rows_of(compared, t=t, z=z)
        for row in _renamed(compared, t, z):
            renamed[row.base_cell or 0, row.cell].append(row)
    tracks = [_as_one(several) for several in renamed.values()]
    return [*rows, *tracks, *_facts(branch.pk, since, target.number)]


def _moves(branch: Branch, since: int, number: int) -> list[tuple[CellMove, ...]]:
    """The moves of tracks between two revisions, edit by edit; none where labels were replaced as a whole:
    then names say nothing."""
    newer = Revision.objects.filter(branch=branch, number__gt=since, number__lte=number)
    if newer.exclude(kind=RevisionKind.EDIT).exists():
        return []
    records = EditRecord.objects.filter(revision__in=newer).order_by("revision__number", "position")
    edits = (labels.read_edit(bytes(body)) for body in records.values_list("body", flat=True).iterator(500))
    return [edit.moves for edit in edits if edit.moves]


def _in_frame(
    branch_id: UUID, since: int, number: int, t: int, z: int, moved: Sequence[tuple[CellMove, ...]]
) -> FrameComparison:
    before = contents_at(branch_id=branch_id, number=since, t=t, z=z)
    after = contents_at(branch_id=branch_id, number=number, t=t, z=z)
    names: dict[int, int] = {}
    for several in moved:
        names = moves.composed_names(names, moves.names_in(several, t))
    return frame_differences.by_names(before, after, {cell: to for cell, to in names.items() if cell != to})


def _renamed(compared: FrameComparison, t: int, z: int) -> list[CellDifference]:
    """Cells of one frame that have another number and not one other pixel."""
    return [
        CellDifference(
            pair.after, ChangeKind.RENAMED, t, z, 1.0, pair.area_before_px, pair.area_after_px,
            *compared.centres[pair.after], pair.before,
        )
        for pair in compared.pairs
        if pair.is_same and pair.before != pair.after
    ]  # fmt: skip


def _as_one(several: Sequence[CellDifference]) -> CellDifference:
    """A part of a track: where it begins, to its last frame."""
    return replace(several[0], last_t=max(row.t or 0 for row in several))


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
