"""Revisions that are not made of edits: label images from outside, and old revisions brought back."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from annotation.core import lineage
from annotation.core import tiles as core_tiles
from annotation.core.edit_values import Parameters
from annotation.core.edits import MAX_CELL, CellFacts, TileKey
from annotation.core.tiles import CellMeasures, TileContent
from annotation.models import Branch, CellHead, Image, Revision, RevisionKind, Task, TileHead
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import regions
from annotation.services import holding, revisions
from annotation.services.authors import Author
from annotation.services.holding import Held
from annotation.services.revisions import NewTile
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid

TILES_AT_ONCE = 500

Frames = Iterable[tuple[int, int, NDArray[np.uint32]]]
Item = TypeVar("Item")
States = dict[int, tuple[CellFacts | None, CellFacts]]


class LabelsDoNotFit(Invalid):
    """Label planes of another size than the image, or frames that it does not have."""


# ---------------------------------------------------------------- import


@transaction.atomic
def import_planes(
    *,
    image: Image,
    branch: Branch,
    frames: Frames,
    facts: Mapping[int, CellFacts],
    author: Author,
    kind: str = RevisionKind.IMPORT,
    message: str = "",
    batch_id: UUID | None = None,
    parameters: Parameters | None = None,
) -> Revision:
    """One revision that replaces whole frames: (t, z, planes (p, y, x) of cell ids), each frame once.

    Frames that are not given stay; cells left without any pixel are gone, locked ones stay as they are, which
    the revision's message says. Cells without an entry in `facts` get empty facts. A `batch_id` that the
    branch has seen answers the earlier revision. Frames are read one by one. `parameters`: with what they
    were made, for the record.
    """
    locked = revisions.lock(branch.pk)
    if isinstance(author, User):
        access.require(author, locked.image.dataset.project, Role.ANNOTATOR)
    batch = batch_id or uuid.uuid4()
    seen = Revision.objects.filter(branch=locked, batch_id=batch).first()
    if seen is not None:
        return seen
    stay = holding.held(locked, facts)
    revision = revisions.begin(
        branch=locked,
        kind=RevisionKind(kind),
        author=author,
        batch_id=batch,
        base=locked.head_number,
        message=f"{message} {stay.sentence}".strip(),
        parameters=parameters,
    )
    gained: Counter[int] = Counter()
    for batch_of_tiles in _batches(_new_tiles(image, locked, frames, gained, stay)):
        revisions.write_tiles(revision=revision, tiles=batch_of_tiles)
    _write_imported_cells(locked, revision, gained, without(facts, stay.cells))
    revisions.announce(revision)
    return revision


def without(facts: Mapping[int, CellFacts], cells: frozenset[int]) -> Mapping[int, CellFacts]:
    """The facts of the other cells."""
    return {cell: known for cell, known in facts.items() if cell not in cells} if cells else facts


def _new_tiles(
    image: Image, branch: Branch, frames: Frames, gained: Counter[int], stay: Held
) -> Iterator[NewTile]:
    """The tiles of the frames, empty ones where the head has content now; counts the pixels that cells
    gain."""
    seen: set[tuple[int, int]] = set()
    for t, z, planes in frames:
        _check_frame(image, t, z, planes, seen)
        old = _frame_stats(branch, t, z)
        for stats in old.values():
            gained.subtract(_areas(stats))
        new = core_tiles.tiles_of_planes(planes)
        for ty, tx in sorted(new.keys() | old.keys()):
            content = new.get((ty, tx), core_tiles.EMPTY_TILE)
            tile = _new_tile(branch, (t, z, ty, tx), content, old.get((ty, tx)), stay)
            gained.update(_areas(CellMeasures.from_bytes(tile.stats)))
            yield tile


def _new_tile(
    branch: Branch, key: TileKey, content: TileContent, old: CellMeasures | None, stay: Held
) -> NewTile:
    if stay.concerns(content, *([old] if old else [])):
        return stay.kept(key, holding.heads(branch, [key])[key], content)
    before = core_tiles.EMPTY_TILE.ids if old is None else old.ids
    return revisions.new_tile(*key, content, before=before)


def _check_frame(
    image: Image, t: int, z: int, planes: NDArray[np.uint32], seen: set[tuple[int, int]]
) -> None:
    if planes.ndim != 3 or planes.shape[1:] != (image.size_y, image.size_x):
        raise LabelsDoNotFit(
            f"The labels of frame t={t}, z={z} have shape {planes.shape}; (p, {image.size_y}, "
            f"{image.size_x}) is needed."
        )
    if not (0 <= t < image.size_t and 0 <= z < image.size_z) or (t, z) in seen:
        raise LabelsDoNotFit(
            f"Labels were given for t={t}, z={z}, which the image does not have or which came twice."
        )
    if planes.size and int(planes.max()) > MAX_CELL:
        raise LabelsDoNotFit(
            f"Cell {int(planes.max())} of frame t={t}, z={z} is above the highest id {MAX_CELL}."
        )
    seen.add((t, z))


def _frame_stats(branch: Branch, t: int, z: int) -> dict[tuple[int, int], CellMeasures]:
    heads = TileHead.objects.filter(branch=branch, t=t, z=z).values_list("ty", "tx", "tile__stats")
    return {(ty, tx): CellMeasures.from_bytes(bytes(stats)) for ty, tx, stats in heads}


def _areas(stats: CellMeasures) -> dict[int, int]:
    return dict(zip(stats.ids.tolist(), stats.area_px.tolist(), strict=True))


def _write_imported_cells(
    branch: Branch, revision: Revision, gained: Counter[int], facts: Mapping[int, CellFacts]
) -> None:
    known = revisions.known_cells(branch_id=branch.pk, cells=gained.keys() | facts.keys())
    counts = {cell: (known[cell].pixel_count if cell in known else 0) + gained[cell] for cell in gained}
    states: States = {}
    for cell, count in sorted(counts.items()):
        was = known.get(cell)
        now = facts.get(cell, was.facts if was and was.facts else CellFacts()) if count else None
        if now != (was.facts if was else None):
            states[cell] = (now, now or (was.last_facts if was else CellFacts()))
    _check_facts(branch, states)
    for part in _batches(states.items(), 20_000):
        revisions.write_cells(revision=revision, states=dict(part), pixel_counts=counts)
    revisions.write_cells(
        revision=revision, states={}, pixel_counts={c: n for c, n in counts.items() if c not in states}
    )
    branch.next_cell = max(branch.next_cell, max(counts, default=0) + 1)
    branch.save(update_fields=["next_cell"])


def _check_facts(branch: Branch, states: States) -> None:
    """Mothers must be cells that are there, and no later than their daughters; nothing is invented or left
    out."""
    named = {facts.mother for facts, _ in states.values() if facts is not None and facts.mother is not None}
    elsewhere = named - {cell for cell, (facts, _) in states.items() if facts is not None}
    heads = CellHead.objects.filter(branch=branch, exists=True, cell__in=elsewhere)
    absent = elsewhere - set(heads.values_list("cell", flat=True))
    if absent:
        raise LabelsDoNotFit(f"Cell {min(absent)} is named as a mother but has no pixel in any frame.")
    mothers = {
        cell: facts.mother
        for cell, (facts, _) in states.items()
        if facts is not None and facts.mother is not None
    }
    spans = regions.spans_of(branch_id=branch.pk, cells=mothers.keys() | named) if mothers else {}
    begins = {cell: span.first for cell, span in spans.items()}
    early = lineage.born_before_mothers(mothers, begins)
    if early:
        raise LabelsDoNotFit(early[0].message)


def _batches(items: Iterable[Item], size: int = TILES_AT_ONCE) -> Iterator[list[Item]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


# ---------------------------------------------------------------- restore


@transaction.atomic
def restore(*, branch: Branch, number: int, by: User) -> Revision:
    """A new revision that says again what revision `number` of the branch said; nothing in between is lost.

    Number 0 is the branch before its first revision. Contents are copied as stored. Cells that are locked now
    stay as they are, which the revision's message says.
    """
    access.require(by, branch.image.dataset.project, Role.ANNOTATOR)
    locked = revisions.lock(branch.pk)
    if number != 0:
        reading.get_revision(branch=locked, number=number)
    stay = holding.held(locked, reading.facts_at(branch_id=locked.pk, number=number))
    revision = revisions.begin(
        branch=locked,
        kind=RevisionKind.RESTORE,
        author=by,
        batch_id=uuid.uuid4(),
        base=locked.head_number,
    )
    revision.message = " ".join([f"Restored revision {number}.", *_told(revision, stay)])
    revision.save(update_fields=["message"])
    gained: Counter[int] = Counter()
    for tiles in _batches(_restored_tiles(locked, number, gained, stay)):
        revisions.write_tiles(revision=revision, tiles=tiles)
    _restore_cells(locked, revision, number, gained, stay)
    revisions.announce(revision)
    return revision


def _told(revision: Revision, stay: Held) -> list[str]:
    """What else the person who restores should know."""
    recalled = Task.objects.filter(submitted_revision=revision, reopened_from__isnull=False).exists()
    return [
        *([stay.sentence] if stay.locked else []),
        *(["The labels had been accepted; the change waits for review."] if recalled else []),
    ]


def _restored_tiles(branch: Branch, number: int, gained: Counter[int], stay: Held) -> Iterator[NewTile]:
    heads = TileHead.objects.filter(branch=branch, number__gt=number).order_by("t", "z", "ty", "tx")
    rows = list(heads.values_list("t", "z", "ty", "tx", "tile__stats"))
    for part in _batches(rows):
        old = _tiles_at(branch, number, [row[:4] for row in part])
        for *key, stats in part:
            t, z, ty, tx = key
            before = CellMeasures.from_bytes(bytes(stats))
            tile = old.get((t, z, ty, tx)) or _empty_tile(t, z, ty, tx)
            if stay.concerns(before, CellMeasures.from_bytes(tile.stats)):
                at = holding.heads(branch, [(t, z, ty, tx)])[t, z, ty, tx]
                tile = stay.kept((t, z, ty, tx), at, core_tiles.unpack(tile.content))
            now = CellMeasures.from_bytes(tile.stats)
            gained.subtract(_areas(before))
            gained.update(_areas(now))
            yield revisions.compared(tile, before=before.ids, now=now.ids)


def _empty_tile(t: int, z: int, ty: int, tx: int) -> NewTile:
    empty = core_tiles.EMPTY_TILE
    return revisions.new_tile(t, z, ty, tx, empty, before=empty.ids)


def _tiles_at(branch: Branch, number: int, keys: Sequence[TileKey]) -> dict[TileKey, NewTile]:
    """The named tiles as of revision `number`; those not written yet are left out."""
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(TILES_AT_SQL, [*columns, branch.pk, number])
        rows = cursor.fetchall()
    return {
        (t, z, ty, tx): NewTile(t, z, ty, tx, bytes(content), bytes(stats))
        for t, z, ty, tx, content, stats in rows
    }


TILES_AT_SQL = """
SELECT k.t, k.z, k.ty, k.tx, old.content, old.stats
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS k(t, z, ty, tx) CROSS JOIN LATERAL (
    SELECT tile.content, tile.stats FROM annotation_tile tile
    WHERE tile.branch_id = %s AND (tile.t, tile.z, tile.ty, tile.tx) = (k.t, k.z, k.ty, k.tx)
    AND tile.number <= %s ORDER BY tile.number DESC LIMIT 1
) old
"""


def _restore_cells(branch: Branch, revision: Revision, number: int, gained: Counter[int], stay: Held) -> None:
    changed = set(
        CellHead.objects.filter(branch=branch, state__number__gt=number).values_list("cell", flat=True)
    ).difference(stay.cells)
    known = revisions.known_cells(branch_id=branch.pk, cells=changed | gained.keys())
    old = reading.facts_at(branch_id=branch.pk, number=number, cells=changed)
    counts = {cell: cell_now.pixel_count + gained[cell] for cell, cell_now in known.items()}
    if stay.cells:  # nothing is left of a cell whose place is taken by a locked one
        old = {cell: facts for cell, facts in old.items() if counts.get(cell)}
    states: States = {
        cell: (old.get(cell), known[cell].last_facts)
        for cell in sorted(changed)
        if old.get(cell) != known[cell].facts
    }
    revisions.write_cells(revision=revision, states=states, pixel_counts=counts)
