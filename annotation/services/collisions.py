"""Does stale work really collide with newer work on the branch?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection

from annotation.core import edits as core_edits
from annotation.core import lineage
from annotation.core.cell_labels import Axis, one_axis
from annotation.core.edits import CellFacts, Collision, Edit, TileKey
from annotation.core.lineage import Span
from annotation.models import Branch, CellHead, CellState, Revision, RevisionKind
from annotation.selectors import labels as reading
from annotation.selectors import regions
from annotation.services import revisions, workbench
from annotation.services.workbench import Workbench
from backend.foundation.errors import Conflict


class BrokenLineage(Conflict):
    """A mother is given that does not exist, begins after her daughter or descends from her, or a fusion with
    a cell that does not exist."""


@dataclass(frozen=True, slots=True)
class NewerWork:
    """What was done on a locked branch since `base`, and where the cells lie whose facts matter for it."""

    base: int
    edits: list[Edit]
    spans: dict[int, Span]


def newer_work(*, branch: Branch, base: int, edits: Sequence[Edit]) -> NewerWork:
    """Every edit newer than `base`; `edits` are those to be put on top."""
    newer = reading.edits_after(branch=branch, number=base)
    moved = any(edit.moves for edit in (*newer, *edits))
    cells = workbench.cells_of([*newer, *edits]) if moved else set()
    return NewerWork(base, newer, regions.spans_of(branch_id=branch.pk, cells=cells))


def follow(*, newer: NewerWork, edits: Sequence[Edit]) -> list[Edit]:
    """The edits in the names that cells have at the head; a move that is made already is left out."""
    followed = core_edits.follow(edits, newer.edits, newer.spans)
    return [replace(e, moves=tuple(m for m in e.moves if m.cell != m.to)) for e in followed]


def find(
    *, branch: Branch, newer: NewerWork, edits: Sequence[Edit], axis: Axis = one_axis
) -> list[Collision]:
    """Collisions of edits with every newer revision of the locked branch; `axis`: which classes exclude each
    other."""
    size_t = branch.image.size_t
    colliding = core_edits.find_collisions(edits, newer.edits, newer.spans, size_t=size_t, axis=axis)
    found = _within_channels(branch, colliding, [*newer.edits, *edits])
    bulk = Revision.objects.filter(branch=branch, number__gt=newer.base).exclude(kind=RevisionKind.EDIT)
    numbers = list(bulk.values_list("number", flat=True))
    return [*found, *_with_bulk(branch, numbers, edits)] if numbers else found


def _within_channels(branch: Branch, found: Sequence[Collision], edits: Iterable[Edit]) -> list[Collision]:
    """Leaves out pixels that were given to masks of two channels."""
    shared = {cell for c in found if c.cell != c.other_cell for cell in (c.cell, c.other_cell)}
    if not shared:
        return list(found)
    known = revisions.known_cells(branch_id=branch.pk, cells=shared)
    channels = {cell: now.last_facts.channel for cell, now in known.items()}
    made = {c.cell: c.after.channel for edit in edits for c in edit.cells if c.after is not None}
    return core_edits.within_channels(found, {**made, **channels})


def _with_bulk(branch: Branch, numbers: list[int], edits: Sequence[Edit]) -> Iterable[Collision]:
    """Imports and restorations keep no edits: whatever touches a tile or a cell that they wrote collides, and
    whatever moves a cell."""
    tiles = _tiles_written(branch, numbers, [key for edit in edits for key in core_edits.split_by_tile(edit)])
    states = CellState.objects.filter(branch=branch, number__in=numbers, cell__in=workbench.cells_of(edits))
    cells = set(states.values_list("cell", flat=True))
    for edit in edits:
        for key, changes in core_edits.split_by_tile(edit).items():
            if key in tiles:
                yield from (Collision(c.cell, c.t, c.z, c.cell, edit.id) for c in changes)
        for move in edit.moves if numbers else ():
            yield Collision(move.cell, move.first, None, move.to, edit.id)
        for cell in sorted(cells & workbench.cells_of([edit])):
            yield Collision(cell, None, None, cell, edit.id)


def _tiles_written(branch: Branch, numbers: list[int], keys: list[TileKey]) -> set[TileKey]:
    if not keys:
        return set()
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_SQL, [*columns, branch.pk, numbers])
        return {(t, z, ty, tx) for t, z, ty, tx in cursor.fetchall()}


WRITTEN_SQL = """
SELECT DISTINCT tile.t, tile.z, tile.ty, tile.tx
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS k(t, z, ty, tx)
JOIN annotation_tile tile USING (t, z, ty, tx)
WHERE tile.branch_id = %s AND tile.number = ANY(%s)
"""


# ---------------------------------------------------------------- lineage


def check_mothers(*, branch: Branch, bench: Workbench, edits: Sequence[Edit]) -> None:
    """Raises `BrokenLineage` when these edits give a cell a mother that is not there, begins after it or is
    its own descendant, or merge it into a cell that is not there.

    Whoever takes an edit back brings back what stood before, in whatever order it was.
    """
    facts = bench.facts
    _check_fusions(facts, edits)
    _check_order(branch, _given(facts, [edit for edit in edits if edit.undoes is None]), bench)
    given = _given(facts, edits)
    if not given:
        return
    absent = sorted(mother for mother in given.values() if mother not in facts)
    if absent:
        raise BrokenLineage(f"Cell {absent[0]} is named as a mother but does not exist.", cells=absent)
    mothers = _mothers_at_head(branch) | {cell: known.mother for cell, known in facts.items()}
    circular = lineage.cells_in_circles(
        {cell: mother for cell, mother in mothers.items() if mother is not None}
    )
    if circular:
        raise BrokenLineage(f"Cell {min(circular)} would be its own ancestor.", cells=sorted(circular))


def _given(facts: Mapping[int, CellFacts], edits: Sequence[Edit]) -> dict[int, int]:
    """The mothers that these edits say, by daughter, as far as they still hold after all of them."""
    said = {c.cell: c.said.get("mother") for edit in edits for c in edit.cells if "mother" in c.said}
    return {
        cell: mother for cell, mother in said.items() if mother is not None and _mother(facts, cell) == mother
    }


def _check_order(branch: Branch, given: Mapping[int, int], bench: Workbench) -> None:
    begins = bench.first_frames(branch_id=branch.pk, cells=given.keys() | set(given.values()))
    early = lineage.born_before_mothers(given, begins)
    if early:
        raise BrokenLineage(early[0].message, cells=[early[0].cell, early[0].mother])


def _check_fusions(facts: Mapping[int, CellFacts], edits: Sequence[Edit]) -> None:
    changed = {change.cell for edit in edits for change in edit.cells if "merged_into" in change.said}
    for cell in sorted(changed & facts.keys()):
        into = facts[cell].merged_into
        if into is not None and into not in facts:
            raise BrokenLineage(f"Cell {cell} merges into cell {into}, which does not exist.", cells=[into])


def _mother(facts: Mapping[int, CellFacts], cell: int) -> int | None:
    return facts[cell].mother if cell in facts else None


def _mothers_at_head(branch: Branch) -> dict[int, int | None]:
    heads = CellHead.objects.filter(branch=branch, exists=True, state__mother__isnull=False)
    return dict(heads.values_list("cell", "state__mother"))
