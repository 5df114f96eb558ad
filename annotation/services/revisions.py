"""Writing one revision: rows of a locked branch, each kind of row in one statement.

Everything here runs inside the caller's transaction and trusts that the branch was locked with `lock`.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotation.core import edits as core_edits
from annotation.core import tiles as core_tiles
from annotation.core.edit_values import Parameters
from annotation.core.edits import CellFacts, Edit
from annotation.core.tiles import TileContent
from annotation.models import Branch, EditRecord, Revision, RevisionKind
from annotation.selectors import labels as reading
from annotation.services.authors import Author, ModelAuthor
from annotation.services.recall import recall
from backend.accounts.models import User
from backend.foundation import events

Ids = NDArray[np.uint32]


class NewTile(NamedTuple):
    """A tile as it will be stored: place, packed content, packed measures.

    `joined` and `left` are the cells that have pixels in it now and had none at the head, and the reverse.
    """

    t: int
    z: int
    ty: int
    tx: int
    content: bytes
    stats: bytes
    joined: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownCell:
    """A cell at the head: its facts (None: deleted), and its pixels over all frames."""

    facts: CellFacts | None
    last_facts: CellFacts
    pixel_count: int


def lock(branch_id: UUID) -> Branch:
    """The branch, locked until the transaction ends, so that its numbers can be believed."""
    branches = Branch.objects.select_for_update(of=("self",)).select_related("image__dataset__project")
    return branches.get(pk=branch_id)


def begin(
    *,
    branch: Branch,
    kind: RevisionKind,
    author: Author,
    batch_id: UUID,
    base: int,
    message: str = "",
    edit_count: int = 0,
    parameters: Parameters | None = None,
    recalls: bool = True,
) -> Revision:
    """The next revision of a locked branch; its number is the next one of the image. Moves the branch's
    head, and brings the task whose labels change back to review, unless it `recalls` none."""
    revision = Revision.objects.create(
        image_id=branch.image_id,
        branch=branch,
        number=_next_number(branch.image_id),
        kind=kind,
        author=author if isinstance(author, User) else None,
        author_model_name=author.name if isinstance(author, ModelAuthor) else "",
        author_model_id=author.id if isinstance(author, ModelAuthor) else None,
        batch_id=batch_id,
        base_number=base,
        parent_number=branch.head_number,
        message=message,
        edit_count=edit_count,
        parameters=dict(parameters or {}),
        schema_number=branch.image.dataset.project.schema_number,
    )
    branch.head_number = revision.number
    branch.save(update_fields=["head_number", "next_cell"])
    if recalls:
        recall(revision=revision)
    return revision


def _next_number(image_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [image_id])
        return int(cursor.fetchone()[0])


# Of the 8000 bytes of a notification, so that ids and names fit beside them.
RIDING_BYTES = 6_000

NUMBER_SQL = "UPDATE annotation_image SET last_number = last_number + 1 WHERE id = %s RETURNING last_number"


def announce(revision: Revision, edits: Sequence[Edit] = ()) -> None:
    """Tell those who watch the project that the branch has a new revision, once the transaction commits.

    `previous` is the revision it was put on: who has drawn that one can draw `edits` on top, and needs to ask
    for nothing. They ride along where they fit into a notification; without them the tiles are fetched.
    """
    author = revision.author
    bodies = [core_edits.to_json(edit) for edit in edits]
    size = len(json.dumps(bodies, separators=(",", ":")).encode())
    riding = {"edits": bodies} if bodies and size <= RIDING_BYTES else {}
    events.publish(
        "revision.created",
        project=revision.branch.image.dataset.project_id,
        id=revision.pk,
        image=revision.image_id,
        branch=revision.branch_id,
        number=revision.number,
        previous=revision.parent_number,
        kind=str(revision.kind),
        batch=revision.batch_id,
        author=None if author is None else {"id": str(author.pk), "name": author.name},
        edit_count=revision.edit_count,
        bytes=size,
        **riding,
    )


# ---------------------------------------------------------------- tiles


def new_tile(t: int, z: int, ty: int, tx: int, content: TileContent, *, before: Ids) -> NewTile:
    """A tile packed and measured, ready to be written; `before` are the cells in it at the head."""
    stats = core_tiles.measure(content, ty=ty, tx=tx)
    tile = NewTile(t, z, ty, tx, core_tiles.pack(content), stats.to_bytes())
    return compared(tile, before=before, now=content.ids)


def compared(tile: NewTile, *, before: Ids, now: Ids) -> NewTile:
    """The tile with the cells that came into it and left it: `before` are those at the head, `now` its
    own."""
    joined, left = np.setdiff1d(now, before), np.setdiff1d(before, now)
    return tile._replace(joined=tuple(joined.tolist()), left=tuple(left.tolist()))


def write_tiles(*, revision: Revision, tiles: Sequence[NewTile]) -> None:
    """Append the tiles, point the heads at them, and note which cells lie in them."""
    if not tiles:
        return
    names = ("t", "z", "ty", "tx", "content", "stats")
    columns = {name: [getattr(tile, name) for tile in tiles] for name in names}
    keys: dict[str, Any] = {"branch": revision.branch_id, "revision": revision.pk, "number": revision.number}
    joined = [(cell, *tile[:4]) for tile in tiles for cell in tile.joined]
    left = [(cell, *tile[:4]) for tile in tiles for cell in tile.left]
    with connection.cursor() as cursor:
        cursor.execute(TILES_SQL, {**keys, **columns})
        for sql, rows in ((JOINED_SQL, joined), (LEFT_SQL, left)):
            if rows:
                places = [list(column) for column in zip(*rows, strict=True)]
                cursor.execute(sql, [revision.branch_id, *places])


TILES_SQL = """
WITH written AS (
    INSERT INTO annotation_tile (branch_id, revision_id, number, t, z, ty, tx, content, stats)
    SELECT %(branch)s, %(revision)s, %(number)s, n.* FROM unnest(
        %(t)s::int[], %(z)s::int[], %(ty)s::int[], %(tx)s::int[],
        %(content)s::bytea[], %(stats)s::bytea[]) AS n
    RETURNING id, t, z, ty, tx
)
INSERT INTO annotation_tilehead (branch_id, number, tile_id, t, z, ty, tx)
SELECT %(branch)s, %(number)s, id, t, z, ty, tx FROM written
ON CONFLICT (branch_id, t, z, ty, tx) DO UPDATE SET number = EXCLUDED.number, tile_id = EXCLUDED.tile_id
"""

JOINED_SQL = """
INSERT INTO annotation_celltile (branch_id, cell, t, z, ty, tx)
SELECT %s, n.* FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[]) AS n
ON CONFLICT DO NOTHING
"""

LEFT_SQL = """
WITH gone AS (
    SELECT %s::uuid AS branch_id, n.*
    FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[]) AS n(cell, t, z, ty, tx)
)
DELETE FROM annotation_celltile c USING gone n
WHERE (c.branch_id, c.cell, c.t, c.z, c.ty, c.tx) = (n.branch_id, n.cell, n.t, n.z, n.ty, n.tx)
"""


# ---------------------------------------------------------------- cells


def known_cells(*, branch_id: UUID, cells: Iterable[int]) -> dict[int, KnownCell]:
    """What the head knows of these cells, in one query; cells that never existed are left out."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_SQL, [sorted(cells), branch_id])
        return {row[0]: _known(row[1], row[2], reading.facts_of(*row[3:])) for row in cursor.fetchall()}


KNOWN_SQL = f"""
SELECT h.cell, h.exists, h.pixel_count,
    {reading.FACTS}
FROM unnest(%s::int[]) AS k(cell)
JOIN annotation_cellhead h USING (cell)
JOIN annotation_cellstate s ON s.id = h.state_id
WHERE h.branch_id = %s
"""


def _known(exists: bool, pixels: int, facts: CellFacts) -> KnownCell:
    return KnownCell(facts if exists else None, facts, pixels)


def write_cells(
    *,
    revision: Revision,
    states: Mapping[int, tuple[CellFacts | None, CellFacts]],
    pixel_counts: Mapping[int, int],
) -> None:
    """Append the changed facts, point the heads at them, and keep the pixel counts.

    `states`: cell → (facts or None when deleted, last known facts); `pixel_counts`: cell → pixels over all
    frames.
    """
    if states:
        with connection.cursor() as cursor:
            cursor.execute(STATES_SQL, _state_columns(revision, states, pixel_counts))
    counted = {cell: count for cell, count in pixel_counts.items() if cell not in states}
    if counted:
        with connection.cursor() as cursor:
            cursor.execute(COUNTS_SQL, [list(counted), list(counted.values()), revision.branch_id])


def _state_columns(
    revision: Revision,
    states: Mapping[int, tuple[CellFacts | None, CellFacts]],
    pixel_counts: Mapping[int, int],
) -> dict[str, Any]:
    last = [facts or was for facts, was in states.values()]
    return {
        "branch": revision.branch_id,
        "revision": revision.pk,
        "number": revision.number,
        "cell": list(states),
        "exists": [facts is not None for facts, _ in states.values()],
        "class": [None if facts.label_class is None else UUID(facts.label_class) for facts in last],
        "mother": [facts.mother for facts in last],
        "quality": [facts.quality for facts in last],
        "channel": [facts.channel for facts in last],
        "locked": [facts.locked for facts in last],
        "ignored": [facts.ignored for facts in last],
        "merged_into": [facts.merged_into for facts in last],
        "ending": [facts.ending for facts in last],
        "also": [json.dumps(facts.also) for facts in last],
        "attributes": [json.dumps(dict(facts.attributes)) for facts in last],
        "uncertain": [facts.uncertain for facts in last],
        "pixels": [pixel_counts[cell] for cell in states],
    }


STATES_SQL = """
WITH given AS (
    SELECT * FROM unnest(%(cell)s::int[], %(exists)s::bool[], %(class)s::uuid[], %(mother)s::int[],
        %(quality)s::float8[], %(channel)s::int[], %(locked)s::bool[], %(ignored)s::bool[],
        %(merged_into)s::int[], %(ending)s::text[], %(also)s::text[], %(attributes)s::text[],
        %(uncertain)s::bool[], %(pixels)s::bigint[])
    AS n(cell, exists, class, mother, quality, channel, locked, ignored, merged_into, ending, also,
        attributes, uncertain, pixels)
), written AS (
    INSERT INTO annotation_cellstate
        (branch_id, revision_id, number, cell, exists, label_class_id, mother, quality, channel, locked,
        ignored, merged_into, ending, also, attributes, uncertain)
    SELECT %(branch)s, %(revision)s, %(number)s, cell, exists, class, mother, quality, channel, locked,
        ignored, merged_into, ending, also::jsonb, attributes::jsonb, uncertain
    FROM given
    RETURNING id, cell, exists
)
INSERT INTO annotation_cellhead (branch_id, cell, exists, pixel_count, state_id)
SELECT %(branch)s, cell, written.exists, given.pixels, written.id FROM written JOIN given USING (cell)
ON CONFLICT (branch_id, cell) DO UPDATE
SET exists = EXCLUDED.exists, pixel_count = EXCLUDED.pixel_count, state_id = EXCLUDED.state_id
"""

COUNTS_SQL = """
UPDATE annotation_cellhead h SET pixel_count = n.pixels
FROM unnest(%s::int[], %s::bigint[]) AS n(cell, pixels)
WHERE h.branch_id = %s AND h.cell = n.cell AND h.pixel_count <> n.pixels
"""


# ---------------------------------------------------------------- the log


def write_edits(*, revision: Revision, edits: Sequence[Edit]) -> None:
    """Keep the edits as applied, in order."""
    EditRecord.objects.bulk_create(
        EditRecord(
            revision=revision,
            position=i,
            edit_id=edit.id,
            tool=edit.tool,
            undoes=edit.undoes,
            parameters=dict(edit.parameters),
            body=pack_edit(edit),
        )
        for i, edit in enumerate(edits)
    )


def pack_edit(edit: Edit) -> bytes:
    """An edit as compressed JSON."""
    return zlib.compress(json.dumps(core_edits.to_json(edit), separators=(",", ":")).encode())
