"""Reading a part of a frame: the cost follows what is answered, not the size of the image or its labels.

Every statement goes down the index of heads (branch, t, z, ty, tx) once for each row of tiles and reads there
only the columns asked for.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Count

from annotation.core import stubs as core_stubs
from annotation.core.edits import CellFacts, CellMove, TileKey
from annotation.core.lineage import Span
from annotation.core.stubs import Stubs
from annotation.core.tiles import CellMeasures
from annotation.models import Branch, CellHead, Image, Tile, TileHead
from annotation.selectors import labels
from annotation.selectors.labels import StoredTile
from backend.foundation.errors import Invalid

# So many heads are listed before a region counts as too full to list; from then on it is sampled.
LISTED_TILES = 4096
FIRST_TILES = 128
SUMMED_FRAMES = 1000


class NoSuchRegion(Invalid):
    """The range of tiles is empty, or only a part of it was given."""


class Region(NamedTuple):
    """Tiles ty0 ≤ ty < ty1 and tx0 ≤ tx < tx1 of a frame."""

    ty0: int
    tx0: int
    ty1: int
    tx1: int


class TilePlace(NamedTuple):
    """That a cell has pixels in a tile."""

    cell: int
    t: int
    z: int
    ty: int
    tx: int

    @property
    def key(self) -> TileKey:
        """The tile."""
        return (self.t, self.z, self.ty, self.tx)


def within(image: Image, region: Region) -> Region:
    """The region less what lies outside the image; raises `NoSuchRegion` when it is no range."""
    if region.ty0 >= region.ty1 or region.tx0 >= region.tx1:
        raise NoSuchRegion(f"The range of tiles {tuple(region)} is empty: ty0 < ty1 and tx0 < tx1 is needed.")
    rows, columns = core_stubs.tiles_across(image.size_y), core_stubs.tiles_across(image.size_x)
    return Region(region.ty0, region.tx0, min(region.ty1, rows), min(region.tx1, columns))


# One step down the index for each row of tiles; OFFSET 0 keeps the planner from reading whole rows.
REGION_SQL = """
FROM generate_series(%(ty0)s::int, %(ty1)s::int - 1) AS line(ty) CROSS JOIN LATERAL (
    SELECT heads.ty, heads.tx, heads.number, heads.tile_id FROM annotation_tilehead heads
    WHERE heads.branch_id = %(branch)s AND heads.t = %(t)s AND heads.z = %(z)s AND heads.ty = line.ty
    AND heads.tx >= %(tx0)s AND heads.tx < %(tx1)s OFFSET 0
) h
"""
TILE_SQL = "CROSS JOIN LATERAL (SELECT {} FROM annotation_tile one WHERE one.id = h.tile_id OFFSET 0) tile"
# Of each tile the newest content that is not newer than the revision.
OLD_TILE_SQL = """
CROSS JOIN LATERAL (
    SELECT one.number, one.content, one.stats FROM annotation_tile one
    WHERE one.branch_id = %(branch)s AND one.t = %(t)s AND one.z = %(z)s
    AND one.ty = h.ty AND one.tx = h.tx AND one.number <= %(revision)s ORDER BY one.number DESC LIMIT 1
) tile
"""


def _rows(sql: str, branch_id: UUID, t: int, z: int, region: Region, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"branch": branch_id, "t": t, "z": z, **region._asdict(), **more})
        return list(cursor.fetchall())


# ---------------------------------------------------------------- tiles


def newest(*, branch_id: UUID, t: int, z: int, region: Region) -> int:
    """The newest revision that touched the region, 0 when none did."""
    [(number,)] = _rows(f"SELECT max(h.number) {REGION_SQL}", branch_id, t, z, region)
    return number or 0


def tiles_at_head(
    *, branch_id: UUID, t: int, z: int, region: Region, since: int | None = None
) -> list[StoredTile]:
    """The region's newest tiles, contents as stored. With `since`, only tiles written after that revision."""
    sql = f"""
        SELECT h.ty, h.tx, h.number, tile.content {REGION_SQL} {TILE_SQL.format("one.content")}
        WHERE h.number > %(since)s ORDER BY h.ty, h.tx
    """
    rows = _rows(sql, branch_id, t, z, region, since=since or 0)
    return [StoredTile(ty, tx, number, bytes(content)) for ty, tx, number, content in rows]


def tiles_at(*, branch_id: UUID, t: int, z: int, region: Region, number: int) -> list[StoredTile]:
    """The region's tiles as of revision `number`."""
    sql = f"SELECT h.ty, h.tx, tile.number, tile.content {REGION_SQL} {OLD_TILE_SQL} ORDER BY h.ty, h.tx"
    rows = _rows(sql, branch_id, t, z, region, revision=number)
    return [StoredTile(ty, tx, written, bytes(content)) for ty, tx, written, content in rows]


# ---------------------------------------------------------------- cells


def measures(
    *, branch_id: UUID, t: int, z: int, region: Region, number: int | None = None
) -> dict[TileKey, CellMeasures]:
    """Measures of the cells in each tile of the region that was ever written, at the head or as of a
    revision."""
    tile = TILE_SQL.format("one.stats") if number is None else OLD_TILE_SQL
    sql = f"SELECT h.ty, h.tx, tile.stats {REGION_SQL} {tile}"
    rows = _rows(sql, branch_id, t, z, region, revision=number)
    return {(t, z, ty, tx): CellMeasures.from_bytes(bytes(stats)) for ty, tx, stats in rows}


def places(*, branch_id: UUID, frames: Mapping[int, int], z: int | None) -> list[TilePlace]:
    """The tiles in which cells have pixels at the head: of each cell in its frame of `frames` (cell → t), in
    every slice or in slice z."""
    asked = {"cells": list(frames), "frames": list(frames.values())}
    with connection.cursor() as cursor:
        cursor.execute(PLACES_SQL, {**asked, "branch": branch_id, "z": z, "any_z": z is None})
        return [TilePlace(*row) for row in cursor.fetchall()]


PLACES_SQL = """
SELECT p.cell, k.t, p.z, p.ty, p.tx
FROM unnest(%(cells)s::int[], %(frames)s::int[]) AS k(cell, t) CROSS JOIN LATERAL (
    SELECT c.cell, c.z, c.ty, c.tx FROM annotation_celltile c
    WHERE c.branch_id = %(branch)s AND c.cell = k.cell AND c.t = k.t
    AND (%(any_z)s OR c.z = %(z)s::int) OFFSET 0
) p ORDER BY p.cell, p.z, p.ty, p.tx
"""


def tiles_of_moves(*, branch_id: UUID, moves: Sequence[CellMove]) -> set[TileKey]:
    """The tiles that hold a cell which is moved, or the one that it becomes, in the frames of the move."""
    if not moves:
        return set()
    rows = [(cell, move.first, move.last) for move in moves for cell in (move.cell, move.to)]
    with connection.cursor() as cursor:
        cursor.execute(MOVES_SQL, [*map(list, zip(*rows, strict=True)), branch_id])
        return {(t, z, ty, tx) for t, z, ty, tx in cursor.fetchall()}


MOVES_SQL = """
SELECT DISTINCT p.t, p.z, p.ty, p.tx
FROM unnest(%s::int[], %s::int[], %s::int[]) AS k(cell, first, last) CROSS JOIN LATERAL (
    SELECT c.t, c.z, c.ty, c.tx FROM annotation_celltile c
    WHERE c.branch_id = %s AND c.cell = k.cell AND c.t BETWEEN k.first AND k.last OFFSET 0
) p
"""


def tiles_of_cells(*, branch_id: UUID, cells: Collection[int]) -> set[tuple[int, int, int, int, int]]:
    """(cell, t, z, ty, tx) of every tile in which these cells lie at the head."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell, t, z, ty, tx FROM annotation_celltile WHERE branch_id = %s AND cell = ANY(%s)",
            [branch_id, sorted(cells)],
        )
        return {(cell, t, z, ty, tx) for cell, t, z, ty, tx in cursor.fetchall()}


def spans_of(*, branch_id: UUID, cells: Collection[int]) -> dict[int, Span]:
    """First and last frame in which these cells have pixels at the head; cells without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(SPANS_SQL, {"cells": sorted(cells), "branch": branch_id})
        return {cell: Span(first, last) for cell, first, last in cursor.fetchall() if first is not None}


# min and max are one step down the primary key each, however many frames the cell lives.
SPANS_SQL = """
SELECT k.cell,
    (SELECT min(c.t) FROM annotation_celltile c WHERE c.branch_id = %(branch)s AND c.cell = k.cell),
    (SELECT max(c.t) FROM annotation_celltile c WHERE c.branch_id = %(branch)s AND c.cell = k.cell)
FROM unnest(%(cells)s::int[]) AS k(cell)
"""


def stats_of(*, branch_id: UUID, keys: Collection[TileKey]) -> dict[TileKey, CellMeasures]:
    """Measures of the named tiles (t, z, ty, tx) at the head, in one query."""
    if not keys:
        return {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(STATS_SQL, [*columns, branch_id])
        return {
            (t, z, ty, tx): CellMeasures.from_bytes(bytes(stats)) for t, z, ty, tx, stats in cursor.fetchall()
        }


STATS_SQL = """
SELECT k.t, k.z, k.ty, k.tx, tile.stats
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS k(t, z, ty, tx) CROSS JOIN LATERAL (
    SELECT one.stats FROM annotation_tilehead h JOIN annotation_tile one ON one.id = h.tile_id
    WHERE h.branch_id = %s AND h.t = k.t AND h.z = k.z AND h.ty = k.ty AND h.tx = k.tx OFFSET 0
) tile
"""


class Life(NamedTuple):
    """A cell at the head: its facts, the frames in which it has pixels (None: in none), and its pixels."""

    facts: CellFacts
    first_t: int | None
    last_t: int | None
    area_px: int


def lives(*, branch_id: UUID, cells: Collection[int]) -> dict[int, Life]:
    """Those of these cells that exist at the head."""
    with connection.cursor() as cursor:
        cursor.execute(LIVES_SQL, {"cells": sorted(cells), "branch": branch_id})
        return {
            cell: Life(labels.facts_of(*facts), first, last, pixels)
            for cell, pixels, first, last, *facts in cursor.fetchall()
        }


# min and max are one step down the primary key each, however many frames the cell lives.
LIVES_SQL = f"""
SELECT h.cell, h.pixel_count,
    (SELECT min(c.t) FROM annotation_celltile c WHERE c.branch_id = %(branch)s AND c.cell = h.cell),
    (SELECT max(c.t) FROM annotation_celltile c WHERE c.branch_id = %(branch)s AND c.cell = h.cell),
    {labels.FACTS}
FROM unnest(%(cells)s::int[]) AS k(cell) CROSS JOIN LATERAL (
    SELECT one.cell, one.pixel_count, one.state_id FROM annotation_cellhead one
    WHERE one.branch_id = %(branch)s AND one.cell = k.cell AND one.exists OFFSET 0
) h CROSS JOIN LATERAL (SELECT * FROM annotation_cellstate one WHERE one.id = h.state_id OFFSET 0) s
"""


# ---------------------------------------------------------------- stubs


def read_stubs(*, branch: Branch, t: int, z: int, region: Region, most: int) -> Stubs:
    """At most `most` cells of the region as points.

    Where there are more, whole tiles are left out, evenly over the region: position and area are of the
    pixels in the tiles that were read. Raises `NoSuchFrame`, `NoSuchRegion`.
    """
    labels.check_frame(image=branch.image, t=t, z=z)
    inside = within(branch.image, region)
    found, in_range = _tiles_to_read(branch.pk, t, z, inside)
    ty, tx, ids = np.asarray(found, np.int64).reshape(-1, 3).T
    stats = _read_until(ids[core_stubs.evenly(ty, tx)].tolist(), most)
    return Stubs(branch.head_number, len(stats), in_range, core_stubs.stubs_of(stats, most=most))


def _tiles_to_read(branch_id: UUID, t: int, z: int, region: Region) -> tuple[list[tuple[Any, ...]], int]:
    """Tiles (ty, tx, id) to read stubs from, and how many there are: all of a region with few, else one of
    each block of a grid."""
    listing = f"SELECT h.ty, h.tx, h.tile_id {REGION_SQL} LIMIT {LISTED_TILES + 1}"
    listed = _rows(listing, branch_id, t, z, region)
    if len(listed) <= LISTED_TILES:
        return listed, len(listed)
    inside = TileHead.objects.filter(branch_id=branch_id, t=t, z=z)
    count = inside.filter(
        ty__gte=region.ty0, ty__lt=region.ty1, tx__gte=region.tx0, tx__lt=region.tx1
    ).count()
    rows, columns = region.ty1 - region.ty0, region.tx1 - region.tx0
    lines = min(rows, max(1, math.isqrt(LISTED_TILES * rows // columns)))
    blocks = {"lines": lines, "rows": rows, "posts": min(columns, LISTED_TILES // lines), "columns": columns}
    return _rows(GRID_SQL, branch_id, t, z, region, **blocks), count


# The first tile of each block in the middle row of the block.
GRID_SQL = """
SELECT h.ty, h.tx, h.tile_id
FROM generate_series(0, %(lines)s::int - 1) AS i, generate_series(0, %(posts)s::int - 1) AS j
CROSS JOIN LATERAL (
    SELECT heads.ty, heads.tx, heads.tile_id FROM annotation_tilehead heads
    WHERE heads.branch_id = %(branch)s AND heads.t = %(t)s AND heads.z = %(z)s
    AND heads.ty = %(ty0)s + (2 * i + 1) * %(rows)s / (2 * %(lines)s)
    AND heads.tx >= %(tx0)s + j * %(columns)s / %(posts)s
    AND heads.tx < %(tx0)s + (j + 1) * %(columns)s / %(posts)s
    ORDER BY heads.tx LIMIT 1
) h
"""


def _read_until(ids: Sequence[int], most: int) -> list[CellMeasures]:
    """Measures of the first of these tiles, until they hold `most` cells; a few tiles more at most."""
    stats: list[CellMeasures] = []
    found, step = 0, FIRST_TILES
    while len(stats) < len(ids) and found < most:
        part = ids[len(stats) : len(stats) + step]
        rows = Tile.objects.filter(pk__in=part).values_list("stats", flat=True)
        stats += [CellMeasures.from_bytes(bytes(row)) for row in rows]
        found = sum(map(len, stats))
        step = min(LISTED_TILES, math.ceil((most - found) * len(stats) / max(found, 1)) + 1)
    return stats


# ---------------------------------------------------------------- summary


class Summary(NamedTuple):
    """How much there is to read on a branch: cells, and tiles ever written of each (t, z)."""

    head_number: int
    cells: int
    tiles: list[dict[str, Any]]


def summarise(*, branch: Branch) -> Summary:
    """What the reader needs to choose between whole frames and regions; the first 1000 frames."""
    cells = CellHead.objects.filter(branch=branch, exists=True).count()
    heads = TileHead.objects.filter(branch=branch, t__lt=SUMMED_FRAMES).values("t", "z")
    counted = heads.annotate(n_tiles=Count("*")).order_by("t", "z")[:SUMMED_FRAMES]
    return Summary(branch.head_number, cells, [dict(row) for row in counted])
