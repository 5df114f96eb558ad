"""Where a stale edit and a newer one really collide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.cell_labels import Axis, contend, one_axis
from annotation.core.edit_values import (
    MAX_COORDINATE,
    ROW,
    CellChange,
    CellMove,
    Collision,
    Edit,
    PixelChange,
)
from annotation.core.following import Renaming, Spans, brought_up, follow
from annotation.core.intervals import Ints
from annotation.core.runs import intervals_of_runs

Seam = tuple[int, int]
"""A cell, and the frame before which it is cut or joined."""


FACTS_APART = (
    ("quality", "channel", "locked", "ignored"),
    ("uncertain",),
    ("mother",),
    ("merged_into", "ending"),
)
"""What a cell is, how it begins and how it ends: two people may say one each; classes and attributes one by
one (`cell_labels`)."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a series of edits did in one frame: the cells touched, and all runs added, sorted by start."""

    cells: frozenset[int]
    starts: Ints
    ends: Ints
    owners: Ints


@dataclass(frozen=True, slots=True)
class _Touched:
    """What a series of edits touched, looked up by frame and by cell."""

    frames: dict[tuple[int, int], _Frame]
    cells: frozenset[int]
    facts: dict[int, list[CellChange]]
    daughters: dict[int, set[int]]  # cells that were given this mother
    moves: dict[int, list[CellMove]]
    seams: dict[Seam, int]
    renaming: Renaming


def find_collisions(
    stale: Sequence[Edit],
    newer: Sequence[Edit],
    spans: Spans | None = None,
    *,
    size_t: int = MAX_COORDINATE,
    axis: Axis = one_axis,
) -> list[Collision]:
    """Where edits made from an older base really collide with newer ones.

    That is: the same cell in the same frame, the same pixel added, what is said of a cell, its beginning or
    its end changed differently, a cell made or deleted that the other side touches or names as mother, a
    cell cut or joined by moves at the same frame, or a fact of an end (mother, fusion, ending) that the other
    side moved. Everything else can simply be put on top once it followed the newer moves. `spans`: frames of
    the cells whose facts are changed, at the head; `size_t`: frames of the image; `axis`: which classes
    exclude each other. Sorted, each one once.
    """
    touched, spans = _touched(newer, size_t), spans or {}
    found: dict[tuple[int, int | None, int | None, int], Collision] = {}
    for edit, followed in zip(stale, follow(stale, newer, spans), strict=True):
        both = (
            *_in_frames(followed, touched),
            *_in_facts(edit, followed, touched, axis),
            *_in_moves(edit, followed, touched, spans, size_t),
        )
        for collision in both:
            found.setdefault((collision.cell, collision.t, collision.z, collision.other_cell), collision)
    return sorted(found.values(), key=lambda c: (c.cell, -1 if c.t is None else c.t, c.z or 0, c.other_cell))


def within_channels(found: Iterable[Collision], channels: Mapping[int, int | None]) -> list[Collision]:
    """The collisions less those of pixels given to masks of two channels, which never touch each other.

    `channels` is cell → channel for the cells in question; a cell that it does not name outlines the whole
    cell (None).
    """
    return [
        collision
        for collision in found
        if collision.t is None or channels.get(collision.cell) == channels.get(collision.other_cell)
    ]


def _touched(edits: Sequence[Edit], size_t: int) -> _Touched:
    changes: dict[tuple[int, int], list[PixelChange]] = defaultdict(list)
    facts: dict[int, list[CellChange]] = defaultdict(list)
    daughters: dict[int, set[int]] = defaultdict(set)
    for edit in brought_up(edits):
        for change in edit.pixels:
            changes[change.t, change.z].append(change)
        for fact in edit.cells:
            facts[fact.cell].append(fact)
            if fact.after and fact.after.mother:
                daughters[fact.after.mother].add(fact.cell)
    frames = {at: _frame(several) for at, several in changes.items()}
    cells = {cell for frame in frames.values() for cell in frame.cells}
    moves: dict[int, list[CellMove]] = defaultdict(list)
    seams: dict[Seam, int] = {}
    for move in (move for edit in edits for move in edit.moves):
        moves[move.cell].append(move)
        cells |= {move.cell, move.to}
        seams.update(dict.fromkeys(_seams(move, size_t), move.to))
    return _Touched(
        frames, frozenset(cells), dict(facts), dict(daughters), dict(moves), seams, Renaming(edits)
    )


def _frame(changes: Sequence[PixelChange]) -> _Frame:
    table = np.asarray([n for change in changes for n in change.add], np.int64).reshape(-1, 3)
    owners = np.repeat([change.cell for change in changes], [len(change.add) // 3 for change in changes])
    starts = table[:, 0] * ROW + table[:, 1]
    order = np.argsort(starts, kind="stable")
    cells = frozenset(change.cell for change in changes)
    return _Frame(cells, starts[order], (starts + table[:, 2])[order], owners[order].astype(np.int64))


def _in_frames(edit: Edit, touched: _Touched) -> Iterator[Collision]:
    for change in edit.pixels:
        frame = touched.frames.get((change.t, change.z))
        if frame:
            same = {change.cell} & frame.cells
            for cell in sorted(same | _owners_of_shared_pixels(change, frame)):
                yield Collision(change.cell, change.t, change.z, cell, edit.id)


def _owners_of_shared_pixels(change: PixelChange, frame: _Frame) -> set[int]:
    """Cells that were given a pixel which this change gives too; only the rows in question are looked at."""
    mine = intervals_of_runs(change.add)
    if mine.starts.size == 0:
        return set()
    first, last = np.searchsorted(frame.starts, (mine.starts[0] // ROW * ROW, mine.ends[-1]))
    starts, ends = frame.starts[first:last], frame.ends[first:last]
    nearest = np.searchsorted(mine.ends, starts, side="right")
    begins = np.append(mine.starts, np.iinfo(np.int64).max)[nearest]
    return set(frame.owners[first:last][begins < ends].tolist())


def _in_facts(edit: Edit, followed: Edit, touched: _Touched, axis: Axis) -> Iterator[Collision]:
    pairs = (*_of_the_dead(edit, followed, touched), *_births_and_deaths(edit, followed, touched))
    for cell, other in (*pairs, *_different_facts(edit, touched, axis)):
        yield Collision(cell, None, None, other, edit.id)


def _different_facts(edit: Edit, touched: _Touched, axis: Axis) -> Iterator[tuple[int, int]]:
    for change in edit.cells:
        theirs = touched.facts.get(change.cell)
        if theirs and _differ(change, CellChange(change.cell, theirs[0].before, theirs[-1].after), axis):
            yield change.cell, change.cell


def _differ(mine: CellChange, theirs: CellChange, axis: Axis) -> bool:
    if None in (mine.before, mine.after, theirs.before, theirs.after):
        return (mine.before, mine.after) != (theirs.before, theirs.after)
    return contend(mine, theirs, axis) or any(
        not mine.said.keys().isdisjoint(group)
        and not theirs.said.keys().isdisjoint(group)
        and any(getattr(mine.after, name) != getattr(theirs.after, name) for name in group)
        for group in FACTS_APART
    )


def _of_the_dead(edit: Edit, followed: Edit, touched: _Touched) -> Iterator[tuple[int, int]]:
    """Pixels and moves of a cell that newer edits made, or deleted; who was renamed must only be alive."""
    for then, now in zip(_named(edit), _named(followed), strict=False):
        theirs = touched.facts.get(now, [])
        if any(_is_birth_or_death(fact) for fact in theirs) and (then == now or theirs[-1].after is None):
            yield then, now


def _named(edit: Edit) -> list[int]:
    return [*(p.cell for p in edit.pixels), *(cell for move in edit.moves for cell in (move.cell, move.to))]


def _births_and_deaths(edit: Edit, followed: Edit, touched: _Touched) -> Iterator[tuple[int, int]]:
    for change, named in zip(edit.cells, followed.cells, strict=False):
        if _is_birth_or_death(change) and change.cell in touched.cells:
            yield change.cell, change.cell
        if named.after is None:
            yield from ((change.cell, daughter) for daughter in touched.daughters.get(change.cell, ()))
        elif named.after.mother and any(f.after is None for f in touched.facts.get(named.after.mother, ())):
            yield change.cell, named.after.mother


def _is_birth_or_death(change: CellChange) -> bool:
    return (change.before is None) != (change.after is None)


# ---------------------------------------------------------------- moves


def _in_moves(
    edit: Edit, followed: Edit, touched: _Touched, spans: Spans, size_t: int
) -> Iterator[Collision]:
    for move in (*edit.moves, *followed.moves):
        for cell, t in sorted(_seams(move, size_t) & touched.seams.keys()):
            yield Collision(cell, t, None, touched.seams[cell, t], edit.id)
    for change in edit.pixels:
        name = touched.renaming.at(change.cell, change.t)
        if touched.renaming.owner(name, change.t) not in (None, change.cell):
            yield Collision(change.cell, change.t, change.z, name, edit.id)
    for cell in sorted(_moved_ends(edit, touched, spans)):
        yield Collision(cell, None, None, cell, edit.id)


def _seams(move: CellMove, size_t: int) -> set[Seam]:
    """Where the move cuts or joins: a cell, and the frame in which it is no longer, or now, linked to the
    frame before."""
    return {(cell, t) for cell in (move.cell, move.to) for t in (move.first, move.last + 1) if 0 < t < size_t}


def _moved_ends(edit: Edit, touched: _Touched, spans: Spans) -> set[int]:
    """Cells of which one side says how they begin or end, while the other moves that end away."""
    found = {change.cell for change in edit.cells if _says_moved(change, touched.moves, spans)}
    mine: dict[int, list[CellMove]] = defaultdict(list)
    for move in edit.moves:
        mine[move.cell].append(move)
    theirs = (change for cell in mine for change in touched.facts.get(cell, ()))
    return found | {change.cell for change in theirs if _says_moved(change, mine, spans)}


def _says_moved(change: CellChange, moves: Mapping[int, Sequence[CellMove]], spans: Spans) -> bool:
    span = spans.get(change.cell)
    if span is None or change.before is None or change.after is None or change.cell not in moves:
        return False
    ends = [span.first] if "mother" in change.said else []
    ends += [span.last] if {"merged_into", "ending"} & change.said.keys() else []
    return any(move.first <= t <= move.last for move in moves[change.cell] for t in ends)
