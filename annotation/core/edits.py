"""Edits, the front door: values, JSON, inverse, composition, application, collisions, differences."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from annotation.core import intervals, moves
from annotation.core.collisions import find_collisions, within_channels
from annotation.core.differences import changes_between, edits_between, runs_of_planes
from annotation.core.edit_json import check_bounds, facts_to_json, parse, parse_facts, to_json
from annotation.core.edit_values import (
    ENDINGS,
    MAX_CELL,
    MAX_COORDINATE,
    TILE_PX,
    CellChange,
    CellFacts,
    CellMove,
    Collision,
    Edit,
    InvalidEdit,
    PixelChange,
    Runs,
    StaleFacts,
    TileKey,
    UnknownCell,
)
from annotation.core.following import follow
from annotation.core.moves import CellInTheWay, NotOneEdit
from annotation.core.runs import area_px, intervals_of_runs, runs_of_intervals, runs_of_mask

__all__ = [
    "ENDINGS",
    "MAX_CELL",
    "TILE_PX",
    "CellChange",
    "CellFacts",
    "CellInTheWay",
    "CellMove",
    "Collision",
    "Edit",
    "InvalidEdit",
    "NotOneEdit",
    "PixelChange",
    "Runs",
    "StaleFacts",
    "TileKey",
    "UnknownCell",
    "apply_facts",
    "area_px",
    "changes_between",
    "check_bounds",
    "check_cells_exist",
    "compose",
    "edits_between",
    "facts_to_json",
    "find_collisions",
    "follow",
    "intervals_of_runs",
    "invert",
    "parse",
    "parse_facts",
    "runs_of_intervals",
    "runs_of_mask",
    "runs_of_planes",
    "split_by_tile",
    "to_json",
    "within_channels",
]


def invert(edit: Edit, *, id: str | None = None) -> Edit:
    """The edit that undoes this one exactly; it keeps the id unless another is given.

    What it takes back is for the sender to say: `undoes` is left open.
    """
    pixels = tuple(replace(p, add=p.remove, remove=p.add) for p in edit.pixels)
    cells = tuple(CellChange(c.cell, c.after, c.before) for c in edit.cells)
    return Edit(id or edit.id, edit.tool, pixels, cells, moves=moves.turned(edit.moves))


def _compose_pixels(first: PixelChange, second: PixelChange) -> PixelChange:
    add1, remove1 = intervals_of_runs(first.add), intervals_of_runs(first.remove)
    add2, remove2 = intervals_of_runs(second.add), intervals_of_runs(second.remove)
    add = intervals.union(intervals.difference(add1, remove2), intervals.difference(add2, remove1))
    remove = intervals.union(intervals.difference(remove1, add2), intervals.difference(remove2, add1))
    return replace(first, add=runs_of_intervals(add), remove=runs_of_intervals(remove))


def compose(first: Edit, second: Edit, *, id: str | None = None) -> Edit:
    """The one edit that does what `first` and then `second` do; what cancels out is left out.

    Raises NotOneEdit when one moves a cell in a frame where the other draws on it.
    """
    moves.check_apart_from_pixels(second.moves, first)
    moves.check_apart_from_pixels(first.moves, second)
    pixels = {(p.t, p.z, p.cell): p for p in first.pixels}
    for p in second.pixels:
        key = (p.t, p.z, p.cell)
        pixels[key] = _compose_pixels(pixels[key], p) if key in pixels else p
    cells = {c.cell: c for c in first.cells}
    for c in second.cells:
        cells[c.cell] = CellChange(c.cell, cells[c.cell].before if c.cell in cells else c.before, c.after)
    return Edit(
        id or second.id,
        second.tool,
        tuple(p for p in pixels.values() if p.add or p.remove),
        tuple(c for c in cells.values() if c.before != c.after),
        moves=moves.composed(first.moves, second.moves),
    )


def apply_facts(
    facts: Mapping[int, CellFacts], changes: Iterable[CellChange], *, exact: bool = True
) -> dict[int, CellFacts]:
    """Facts after the changes; raises StaleFacts naming the cells whose `before` does not hold. With
    `exact=False` a change that is already there is passed over (a repeated or rebased edit)."""
    after = dict(facts)
    stale = []
    for change in changes:
        now = after.get(change.cell)
        if now != change.before and (exact or now != change.after):
            stale.append(change.cell)
        elif change.after is None:
            after.pop(change.cell, None)
        else:
            after[change.cell] = change.after
    if stale:
        raise StaleFacts(f"The facts of cell {_names(stale)} are not what the edit expects.", stale)
    return after


def check_cells_exist(edit: Edit, facts_after: Mapping[int, CellFacts]) -> None:
    """Raise UnknownCell when the edit gives pixels to a cell that its facts do not make or leave alive."""
    given = {p.cell for p in edit.pixels if p.add} | {m.to for m in edit.moves}
    unknown = sorted(given - facts_after.keys())
    if unknown:
        raise UnknownCell(f"Pixels are added to cell {_names(unknown)}, which does not exist.", unknown)


def _names(cells: Iterable[int]) -> str:
    several = [str(cell) for cell in cells]
    return ", ".join(several[:10]) + (f" and {len(several) - 10} more" if len(several) > 10 else "")


def split_by_tile(edit: Edit) -> dict[TileKey, list[PixelChange]]:
    """The pixel changes of an edit by the tile (t, z, ty, tx) they fall in, cut at tile borders."""
    tiles: dict[TileKey, list[PixelChange]] = {}
    for change in edit.pixels:
        added, removed = _cut_by_tile(change.add), _cut_by_tile(change.remove)
        for ty, tx in sorted(added.keys() | removed.keys()):
            part = replace(change, add=added.get((ty, tx), ()), remove=removed.get((ty, tx), ()))
            tiles.setdefault((change.t, change.z, ty, tx), []).append(part)
    return tiles


def _cut_by_tile(runs: Runs) -> dict[tuple[int, int], Runs]:
    if not runs:
        return {}
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    which, starts, ends = intervals.cut(table[:, 1], table[:, 1] + table[:, 2], TILE_PX)
    rows = table[which, 0]
    columns = starts // TILE_PX
    key = (rows // TILE_PX) * (MAX_COORDINATE // TILE_PX + 1) + columns
    pieces = np.stack((rows, starts, ends - starts), axis=1)
    order = np.argsort(key, kind="stable")
    edges = np.flatnonzero(np.diff(key[order])) + 1
    groups = np.split(pieces[order], edges)
    return {(int(g[0, 0]) // TILE_PX, int(g[0, 1]) // TILE_PX): tuple(g.ravel().tolist()) for g in groups}
