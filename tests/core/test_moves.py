"""Moves against a twin that keeps every pixel of every cell in a set."""

import copy
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.core import documents, edits, locks, moves, tiles
from annotation.core.documents import Labels
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit, PixelChange
from tests.core.drawing import members

UUID = "3b241101-e2bb-4255-8caf-4136c566a962"
FRAMES, CELLS = 5, 4
FACTS = CellFacts()

Movie = NDArray[np.uint32]
Members = set[tuple[int, int, int, int]]


def movies() -> st.SearchStrategy[Movie]:
    """Movies (t, y, x) of a few cells, drawn at random."""
    flat = st.lists(st.integers(0, CELLS), min_size=FRAMES * 12, max_size=FRAMES * 12)
    return flat.map(lambda values: np.asarray(values, np.uint32).reshape(FRAMES, 3, 4))


def some_moves() -> st.SearchStrategy[tuple[CellMove, ...]]:
    cell, frame = st.integers(1, CELLS + 2), st.integers(0, FRAMES - 1)
    one = st.tuples(cell, cell, frame, frame).filter(lambda m: m[0] != m[1])
    several = st.lists(
        one.map(lambda m: CellMove(m[0], m[1], min(m[2:]), max(m[2:]))), min_size=1, max_size=3
    )
    return several.map(tuple).filter(is_well_formed)


def is_well_formed(several: tuple[CellMove, ...]) -> bool:
    try:
        moves.check(Edit(UUID, "x", moves=several))
    except edits.InvalidEdit:
        return False
    return True


def document(movie: Movie) -> Labels:
    found = {
        (t, 0, ty, tx): content
        for t, plane in enumerate(movie)
        for (ty, tx), content in tiles.tiles_of_planes(plane[np.newaxis]).items()
    }
    return Labels(found, dict.fromkeys(range(1, CELLS + 3), FACTS))


def members_of(labels: Labels) -> Members:
    frames: dict[int, dict[tuple[int, int], tiles.TileContent]] = {}
    for (t, _, ty, tx), content in labels.tiles.items():
        frames.setdefault(t, {})[ty, tx] = content
    return {(t, *one) for t, frame in frames.items() for one in members(tiles.planes_of_tiles(frame, 3, 4))}


def twin(before: Members, several: tuple[CellMove, ...]) -> Members | None:
    """What the moves make of it; None where a cell would be moved onto one that stays."""
    after: Members = set()
    for t, cell, y, x in before:
        [to] = [m.to for m in several if m.cell == cell and m.first <= t <= m.last] or [cell]
        after.add((t, to, y, x))
        if to == cell and any(m.to == cell and m.first <= t <= m.last for m in several):
            return None
    return after


@given(movies(), some_moves())
def test_T1_moves_equal_the_twin_and_their_inverse_leads_back(
    movie: Movie, several: tuple[CellMove, ...]
) -> None:
    before, edit = document(movie), Edit(UUID, "x", moves=several)
    wanted = twin(members_of(before), several)
    if wanted is None:
        with pytest.raises(edits.CellInTheWay):
            documents.apply(before, edit)
        return
    after = documents.apply(before, edit)
    assert members_of(after) == wanted
    assert documents.apply(after, edits.invert(edit)) == before


def legal_moves(rng: np.random.Generator, present: Members) -> tuple[CellMove, ...]:
    """Names in a row, each given to the one before; the last goes to the first, or nobody had it there."""
    first, last = sorted(rng.integers(0, FRAMES, 2).tolist())
    row = rng.permutation(np.arange(1, CELLS + 3))[: rng.integers(2, 4)].tolist()
    several = tuple(CellMove(cell, to, first, last) for cell, to in pairwise(row))
    if any(cell == row[-1] and first <= t <= last for t, cell, _, _ in present) or rng.random() < 0.3:
        several += (CellMove(row[-1], row[0], first, last),)
    return several


@given(movies(), st.integers(0, 2**32 - 1))
def test_T1_composed_moves_do_what_all_do(movie: Movie, seed: int) -> None:
    rng, before = np.random.default_rng(seed), document(movie)
    now, known, whole = before, members_of(before), Edit(UUID, "x")
    for _ in range(3):
        edit = Edit(UUID, "x", moves=legal_moves(rng, known))
        now, after = documents.apply(now, edit), twin(known, edit.moves)
        assert after is not None
        known, whole = after, edits.compose(whole, edit)
    moves.check(whole)
    assert documents.apply(before, whole) == now
    assert members_of(now) == known


@given(some_moves())
def test_T1_moves_and_their_inverse_are_nothing(several: tuple[CellMove, ...]) -> None:
    edit = Edit(UUID, "x", moves=several)
    assert edits.compose(edit, edits.invert(edit)).moves == ()


@given(movies(), movies(), st.integers(0, 2**32 - 1))
def test_T1_drawing_elsewhere_and_moving_compose_in_either_order(
    movie: Movie, drawn: Movie, seed: int
) -> None:
    several = legal_moves(np.random.default_rng(seed), members_of(document(movie)))
    moving = Edit(UUID, "x", moves=several)
    drawing = edits.edits_between(movie[:1], drawn[:1], t=0, z=0, id=UUID, tool="x")
    try:
        both = edits.compose(moving, drawing)
    except edits.NotOneEdit:
        named = {cell for m in several if m.first == 0 for cell in (m.cell, m.to)}
        assert named & {p.cell for p in drawing.pixels}
        return
    after = documents.apply(documents.apply(document(movie), moving), drawing)
    assert documents.apply(document(movie), both) == after


def test_T3_two_moves_at_once_swap_two_cells_from_a_frame_on() -> None:
    movie = np.asarray([[[1, 2]], [[1, 2]], [[1, 2]]], np.uint32)
    swap = Edit(UUID, "swap", moves=(CellMove(1, 2, 1, 2), CellMove(2, 1, 1, 2)))
    after = documents.apply(document(movie), swap)
    assert members_of(after) == members_of(document(np.asarray([[[1, 2]], [[2, 1]], [[2, 1]]], np.uint32)))


def test_a_move_is_a_few_bytes_and_survives_json() -> None:
    edit = Edit(UUID, "link", moves=(CellMove(7, 9, 3, 999),))
    assert edits.to_json(edit)["moves"] == [{"cell": 7, "to": 9, "first": 3, "last": 999}]
    assert edits.parse(edits.to_json(edit)) == edit
    assert "moves" not in edits.to_json(Edit(UUID, "brush"))


GOOD: dict[str, Any] = {
    "id": UUID,
    "tool": "track",
    "pixels": [{"t": 4, "z": 0, "cell": 7, "add": [0, 0, 1], "remove": []}],
    "cells": [{"cell": 9, "before": None, "after": {"ending": "death", "merged_into": 3}}],
    "moves": [{"cell": 7, "to": 9, "first": 5, "last": 8}],
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"moves": [{"cell": 7, "to": 7, "first": 0, "last": 1}]}, "moved to itself"),
        ({"moves": [{"cell": 7, "to": 9, "first": 2, "last": 1}]}, r"moves\[0\].last: must lie between 2"),
        ({"moves": [{"cell": 7, "to": 0, "first": 2, "last": 3}]}, r"moves\[0\].to"),
        ({"moves": [{"cell": 7, "to": 9}]}, "first, last missing"),
        ({"moves": GOOD["moves"] * 2}, r"moves\[1\]: cell 7 is named by two moves in frame 5"),
        (
            {"moves": [*GOOD["moves"], {"cell": 8, "to": 9, "first": 8, "last": 9}]},
            "cell 9 is named by two moves",
        ),
        ({"moves": [{"cell": 7, "to": 9, "first": 4, "last": 8}]}, "drawn on and moved in frame 4"),
        (
            {"moves": [{"cell": 9, "to": 2, "first": 5, "last": 8}]},
            "cell 9 is made here and has nothing to move",
        ),
        (
            {"cells": [{"cell": 9, "before": {}, "after": None}]},
            "cell 9 is deleted here and can be given nothing",
        ),
        ({"cells": [{"cell": 9, "before": None, "after": {"ending": "sleeps"}}]}, "death, leaves"),
        ({"cells": [{"cell": 9, "before": None, "after": {"merged_into": 9}}]}, "merge into itself"),
    ],
)
def test_each_fault_of_a_move_is_refused_and_placed(change: dict[str, Any], why: str) -> None:
    assert edits.parse(copy.deepcopy(GOOD)).moves == (CellMove(7, 9, 5, 8),)
    with pytest.raises(edits.InvalidEdit, match=why):
        edits.parse({**GOOD, **change})


def test_a_move_beyond_the_last_frame_and_onto_an_unknown_cell_are_refused() -> None:
    edit = Edit(UUID, "x", moves=(CellMove(1, 9, 0, 5),))
    with pytest.raises(edits.InvalidEdit, match="frame 5 is not in the image"):
        edits.check_bounds(edit, size_t=5, size_z=1, height=9, width=9)
    with pytest.raises(edits.UnknownCell, match="cell 9"):
        edits.check_cells_exist(edit, {1: FACTS})


def test_locked_cells_are_neither_moved_nor_moved_onto() -> None:
    for cell in (1, 2):
        with pytest.raises(locks.CellsLocked):
            locks.check([Edit(UUID, "x", moves=(CellMove(1, 2, 0, 5),))], [cell])


def test_a_deleted_cell_must_have_been_moved_away() -> None:
    movie = np.asarray([[[1, 2]], [[1, 0]]], np.uint32)
    gone = (CellChange(1, FACTS, None),)
    kept = Edit(UUID, "x", cells=gone, moves=(CellMove(1, 3, 0, 0),))
    with pytest.raises(documents.CellNotEmpty):
        documents.apply(document(movie), kept)
    merged = Edit(UUID, "x", cells=gone, moves=(CellMove(1, 3, 0, 1),))
    assert 1 not in documents.apply(document(movie), merged).facts


def test_pixels_beside_moves_are_applied_together() -> None:
    movie = np.asarray([[[1, 0]], [[1, 0]]], np.uint32)
    edit = Edit(UUID, "x", (PixelChange(0, 0, 2, (0, 1, 1)),), moves=(CellMove(1, 3, 1, 1),))
    assert members_of(documents.apply(document(movie), edit)) == {(0, 1, 0, 0), (0, 2, 0, 1), (1, 3, 0, 0)}
