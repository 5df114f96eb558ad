"""Reading labels: frames as tiles or planes, cells with their facts and measures, the log of edits."""

import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from annotation.core import edits as core_edits
from annotation.core import tiles as core_tiles
from annotation.core.edits import CellFacts, TileKey
from annotation.core.tiles import CellMeasures, TileContent
from annotation.models import Branch, CellHead, CellState, EditRecord, Image, Revision, TileHead
from backend.accounts.models import User
from backend.foundation.errors import Invalid, NotFound


class NoSuchRevision(NotFound):
    """The branch has no revision of this number."""


class NoSuchFrame(Invalid):
    """The image has no such t or z."""


class StoredTile(NamedTuple):
    """A tile's place, the revision that wrote it, and its packed content as stored."""

    ty: int
    tx: int
    number: int
    content: bytes


class CellSpan(NamedTuple):
    """First and last frame in which a cell has pixels, and its pixels over all frames."""

    first_t: int
    last_t: int
    area_px: int


# ---------------------------------------------------------------- branches and revisions


def get_revision(*, branch: Branch, number: int) -> Revision:
    """The revision of this branch with this number; raises `NoSuchRevision`."""
    revision = Revision.objects.filter(branch=branch, number=number).first()
    if revision is None:
        raise NoSuchRevision(f"The branch {branch.name} has no revision {number}.")
    return revision


def accepted_revision(image: Image) -> Revision | None:
    """The revision of the image that was accepted last, on whichever branch."""
    newest = Revision.objects.accepted().filter(image=image).select_related("branch")
    return newest.order_by("-accepted_at", "-number").first()


def head_revision(branch: Branch) -> Revision | None:
    """The newest revision of the branch, None while nothing was labelled on it."""
    return Revision.objects.filter(branch=branch).order_by("-number").first()


def check_frame(*, image: Image, t: int, z: int) -> None:
    """Raises `NoSuchFrame` when t or z lie outside the image."""
    if not (0 <= t < image.size_t and 0 <= z < image.size_z):
        raise NoSuchFrame(
            f"The image has {image.size_t} frames and {image.size_z} slices; t={t}, z={z} is none of them."
        )


# ---------------------------------------------------------------- tiles


def frame_number(*, branch_id: UUID, t: int, z: int) -> int:
    """The newest revision that touched the frame, 0 when none did."""
    heads = TileHead.objects.filter(branch_id=branch_id, t=t, z=z)
    newest: int | None = heads.aggregate(newest=Max("number"))["newest"]
    return newest or 0


def frame_at_head(*, branch_id: UUID, t: int, z: int, since: int | None = None) -> list[StoredTile]:
    """The frame's newest tiles, contents as stored. With `since`, only tiles written after that revision."""
    heads = TileHead.objects.filter(branch_id=branch_id, t=t, z=z)
    if since is not None:
        heads = heads.filter(number__gt=since)
    rows = heads.order_by("ty", "tx").values_list("ty", "tx", "number", "tile__content")
    return [StoredTile(ty, tx, number, bytes(content)) for ty, tx, number, content in rows]


def frame_at(*, branch_id: UUID, t: int, z: int, number: int) -> list[StoredTile]:
    """The frame's tiles as of revision `number`: of each tile the newest content that is not newer."""
    with connection.cursor() as cursor:
        cursor.execute(FRAME_AT_SQL, [number, branch_id, t, z])
        return [StoredTile(ty, tx, written, bytes(content)) for ty, tx, written, content in cursor.fetchall()]


# One step down the index for each tile that was ever written, however long its history is.
FRAME_AT_SQL = """
SELECT h.ty, h.tx, old.number, old.content
FROM annotation_tilehead h CROSS JOIN LATERAL (
    SELECT tile.number, tile.content FROM annotation_tile tile
    WHERE (tile.branch_id, tile.t, tile.z, tile.ty, tile.tx) = (h.branch_id, h.t, h.z, h.ty, h.tx)
    AND tile.number <= %s ORDER BY tile.number DESC LIMIT 1
) old
WHERE h.branch_id = %s AND h.t = %s AND h.z = %s ORDER BY h.ty, h.tx
"""


def frame_tiles(
    *, branch: Branch | None = None, revision: Revision | None = None, t: int, z: int
) -> dict[tuple[int, int], TileContent]:
    """The decoded non-empty tiles of one frame, at the head of `branch` or as of `revision`."""
    branch_id, number = _place(branch, revision)
    if number is None:
        rows = frame_at_head(branch_id=branch_id, t=t, z=z)
    else:
        rows = frame_at(branch_id=branch_id, t=t, z=z, number=number)
    contents = {(row.ty, row.tx): core_tiles.unpack(row.content) for row in rows}
    return {at: content for at, content in contents.items() if len(content)}


def read_planes(
    *, branch: Branch | None = None, revision: Revision | None = None, t: int, z: int
) -> NDArray[np.uint32]:
    """Planes (p, y, x) uint32 of one frame, at the head of `branch` or as of `revision`; p = 1 without
    overlaps."""
    owner = revision or branch
    if owner is None:
        raise ValueError("Give a branch or a revision.")
    contents = frame_tiles(branch=branch, revision=revision, t=t, z=z)
    return core_tiles.planes_of_tiles(contents, owner.image.size_y, owner.image.size_x)


def without_empty(tiles: Iterable[StoredTile]) -> list[StoredTile]:
    """Leaves out tiles that hold no cell; all empty tiles have the same bytes."""
    return [tile for tile in tiles if tile.content != EMPTY_CONTENT]


EMPTY_CONTENT = core_tiles.pack(core_tiles.EMPTY_TILE)


def heads_at(*, branch_id: UUID, keys: Sequence[TileKey]) -> dict[TileKey, TileContent]:
    """The newest contents of the named tiles (t, z, ty, tx), in one query; tiles never written are left
    out."""
    if not keys:
        return {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(HEADS_SQL, [*columns, branch_id])
        return {
            (t, z, ty, tx): core_tiles.unpack(bytes(content)) for t, z, ty, tx, content in cursor.fetchall()
        }


HEADS_SQL = """
SELECT h.t, h.z, h.ty, h.tx, tile.content
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS k(t, z, ty, tx)
JOIN annotation_tilehead h USING (t, z, ty, tx)
JOIN annotation_tile tile ON tile.id = h.tile_id
WHERE h.branch_id = %s
"""


# ---------------------------------------------------------------- cells


def cell_facts(*, branch: Branch | None = None, revision: Revision | None = None) -> dict[int, CellFacts]:
    """The facts of every cell that exists, at the head of `branch` or as of `revision`, by cell id."""
    branch_id, number = _place(branch, revision)
    if number is not None:
        return facts_at(branch_id=branch_id, number=number)
    heads = CellHead.objects.filter(branch_id=branch_id, exists=True).order_by("cell")
    rows = heads.values_list("cell", *(f"state__{column}" for column in FACT_COLUMNS))
    return {cell: facts_of(*columns) for cell, *columns in rows}


def facts_at(*, branch_id: UUID, number: int, cells: Collection[int] | None = None) -> dict[int, CellFacts]:
    """The facts of every cell (or of `cells`) that existed at revision `number`: of each the newest not
    newer."""
    states = CellState.objects.filter(branch_id=branch_id, number__lte=number)
    if cells is not None:
        states = states.filter(cell__in=cells)
    newest = states.order_by("cell", "-number").distinct("cell")
    rows = newest.values_list("cell", "exists", *FACT_COLUMNS)
    return {cell: facts_of(*columns) for cell, exists, *columns in rows if exists}


def facts_of_cells(
    *, branch: Branch, revision: Revision | None, cells: Collection[int]
) -> dict[int, CellFacts]:
    """The facts of those of these cells that exist, at the head of `branch` or as of `revision`."""
    if revision is not None:
        return facts_at(branch_id=revision.branch_id, number=revision.number, cells=cells)
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, [sorted(cells), branch.pk])
        return {cell: facts_of(*columns) for cell, *columns in cursor.fetchall()}


# In the order of `CellFacts`.
FACT_COLUMNS = (
    "label_class_id",
    "mother",
    "quality",
    "channel",
    "locked",
    "ignored",
    "merged_into",
    "ending",
    "also",
    "attributes",
    "uncertain",
)
FACTS = ", ".join(f"s.{column}" for column in FACT_COLUMNS)

# OFFSET 0: cells are few beside those of the branch, which must not be read whole.
FACTS_SQL = f"""
SELECT k.cell, {FACTS}
FROM unnest(%s::int[]) AS k(cell) CROSS JOIN LATERAL (
    SELECT state.* FROM annotation_cellhead h JOIN annotation_cellstate state ON state.id = h.state_id
    WHERE h.branch_id = %s AND h.cell = k.cell AND h.exists OFFSET 0
) s
"""


def facts_of(label_class: UUID | None, *others: Any) -> CellFacts:
    """Facts from the columns of a cell's state, in the order of `FACT_COLUMNS`."""
    *plain, also, attributes, uncertain = others
    further = tuple(_plain(also)) if also != "[]" else ()
    pairs = tuple(sorted(_plain(attributes).items())) if attributes != "{}" else ()
    known: list[Any] = [None if label_class is None else str(label_class), *plain, further, pairs, uncertain]
    return CellFacts(*known)


def _plain(column: Any) -> Any:
    """JSON, which comes as text where no model stands between."""
    return json.loads(column) if isinstance(column, str) else column


def cell_measures(
    *, branch: Branch | None = None, revision: Revision | None = None, t: int
) -> dict[int, CellMeasures]:
    """Measures of the cells of frame t, by z: areas, sums and bounds in px. No pixel is read."""
    branch_id, number = _place(branch, revision)
    by_z: dict[int, list[CellMeasures]] = {}
    for _, z, stats in tile_stats(branch_id, number, t):
        by_z.setdefault(z, []).append(CellMeasures.from_bytes(stats))
    return {z: core_tiles.merge_stats(stats) for z, stats in sorted(by_z.items())}


def cell_spans(*, branch: Branch | None = None, revision: Revision | None = None) -> dict[int, CellSpan]:
    """First and last frame and pixels of every cell that has pixels. No pixel is read."""
    branch_id, number = _place(branch, revision)
    if number is None:
        return _spans_at_head(branch_id)
    spans: dict[int, CellSpan] = {}
    for t, _, stats in tile_stats(branch_id, number):
        measures = CellMeasures.from_bytes(stats)
        for cell, area in zip(measures.ids.tolist(), measures.area_px.tolist(), strict=True):
            old = spans.get(cell, CellSpan(t, t, 0))
            spans[cell] = CellSpan(min(old.first_t, t), max(old.last_t, t), old.area_px + area)
    return spans


def _spans_at_head(branch_id: UUID) -> dict[int, CellSpan]:
    with connection.cursor() as cursor:
        cursor.execute(SPANS_SQL, {"branch": branch_id})
        return {cell: CellSpan(*span) for cell, *span in cursor.fetchall()}


SPANS_SQL = """
SELECT h.cell, span.first_t, span.last_t, h.pixel_count
FROM annotation_cellhead h JOIN (
    SELECT cell, min(t) AS first_t, max(t) AS last_t FROM annotation_celltile
    WHERE branch_id = %(branch)s GROUP BY cell
) span USING (cell)
WHERE h.branch_id = %(branch)s AND h.pixel_count > 0
"""


def tile_stats(branch_id: UUID, number: int | None, t: int | None = None) -> Iterable[tuple[int, int, bytes]]:
    """(t, z, stats) of every tile (of frame t), at the head or as of revision `number`."""
    if number is not None:
        with connection.cursor() as cursor:
            cursor.execute(STATS_AT_SQL, [number, branch_id, t, t])
            yield from ((frame, z, bytes(stats)) for frame, z, stats in cursor.fetchall())
        return
    heads = TileHead.objects.filter(branch_id=branch_id)
    heads = heads if t is None else heads.filter(t=t)
    rows = heads.values_list("t", "z", "tile__stats").iterator(1000)
    yield from ((frame, z, bytes(stats)) for frame, z, stats in rows)


STATS_AT_SQL = """
SELECT h.t, h.z, old.stats
FROM annotation_tilehead h CROSS JOIN LATERAL (
    SELECT tile.stats FROM annotation_tile tile
    WHERE (tile.branch_id, tile.t, tile.z, tile.ty, tile.tx) = (h.branch_id, h.t, h.z, h.ty, h.tx)
    AND tile.number <= %s ORDER BY tile.number DESC LIMIT 1
) old
WHERE h.branch_id = %s AND (%s::int IS NULL OR h.t = %s)
"""


def _place(branch: Branch | None, revision: Revision | None) -> tuple[UUID, int | None]:
    """Which branch, and up to which number (None: the head)."""
    if revision is not None:
        return revision.branch_id, revision.number
    if branch is None:
        raise ValueError("Give a branch or a revision.")
    return branch.pk, None


# ---------------------------------------------------------------- the log


def edits_after(*, branch: Branch, number: int) -> list[core_edits.Edit]:
    """The edits of every revision of the branch newer than `number`, in the order they were applied."""
    records = EditRecord.objects.filter(revision__branch=branch, revision__number__gt=number)
    bodies = records.order_by("revision__number", "position").values_list("body", flat=True)
    return [read_edit(bytes(body)) for body in bodies]


def read_edit(body: bytes) -> core_edits.Edit:
    """An edit from the log, as stored by `services.revisions.write_edits`."""
    return core_edits.parse(json.loads(zlib.decompress(body)))


class LoggedEdit(NamedTuple):
    """An edit with the revision it belongs to; `body` is its JSON, `undoes` the edit it takes back."""

    revision: Revision
    position: int
    undoes: UUID | None
    body: dict[str, Any]


def list_log(*, branch: Branch, after: int, limit: int) -> list[LoggedEdit]:
    """The oldest `limit` edits of the branch newer than revision `after`, whole revisions only, in order.

    At least one revision is answered when there is one, even when it holds more edits than `limit`.
    """
    revisions = Revision.objects.filter(branch=branch, number__gt=after, edit_count__gt=0)
    return _logged(revisions.order_by("number"), limit)


def list_own_log(*, branch: Branch, author: User, before: int | None, limit: int) -> list[LoggedEdit]:
    """The newest `limit` edits that `author` made on the branch before revision `before`, newest first, whole
    revisions only: what undo needs after a reload or on another device.

    An edit that took back another names it in `undoes`. A page costs the same at any age of the branch.
    """
    revisions = Revision.objects.filter(branch=branch, author=author, edit_count__gt=0)
    if before is not None:
        revisions = revisions.filter(number__lt=before)
    return _logged(revisions.order_by("-number"), limit)[::-1]


def _logged(revisions: QuerySet[Revision], limit: int) -> list[LoggedEdit]:
    """The edits of the first of these revisions, oldest first: at least one revision, else `limit` edits."""
    chosen: list[Revision] = []
    total = 0
    for revision in revisions.select_related("author")[:limit]:
        if chosen and total + revision.edit_count > limit:
            break
        chosen.append(revision)
        total += revision.edit_count
    by_id = {revision.pk: revision for revision in chosen}
    records = EditRecord.objects.filter(revision__in=by_id).order_by("revision__number", "position")
    rows = records.values_list("revision_id", "position", "undoes", "body")
    return [
        LoggedEdit(by_id[pk], position, undoes, json.loads(zlib.decompress(bytes(body))))
        for pk, position, undoes, body in rows
    ]
