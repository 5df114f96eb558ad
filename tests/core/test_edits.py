"""Edits: parsing with every refusal, the algebra, the collisions."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.core import edits
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange
from tests.core.drawing import draw, members

UUID = "3b241101-e2bb-4255-8caf-4136c566a962"
GOOD: dict[str, Any] = {
    "id": UUID,
    "tool": "brush",
    "pixels": [{"t": 0, "z": 0, "cell": 12, "add": [10, 4, 7, 11, 4, 2], "remove": [3, 0, 1]}],
    "cells": [
        {"cell": 12, "before": {"class": None, "mother": None, "quality": 0.5}, "after": {"class": UUID}}
    ],
}
FACTS = CellFacts()


def pixels(cell: int, add: edits.Runs = (), remove: edits.Runs = (), t: int = 0, z: int = 0) -> PixelChange:
    return PixelChange(t, z, cell, add, remove)


def edit(*changes: PixelChange, cells: tuple[CellChange, ...] = (), id: str = UUID) -> Edit:
    return Edit(id, "test", changes, cells)


def small_planes() -> st.SearchStrategy[NDArray[np.uint32]]:
    rows = st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=4, max_size=4)
    return rows.map(lambda table: np.asarray([table], np.uint32))


def test_a_good_edit_parses_and_writes_back() -> None:
    parsed = edits.parse(GOOD)
    assert parsed.pixels == (pixels(12, (10, 4, 7, 11, 4, 2), (3, 0, 1)),)
    assert parsed.cells[0].before == CellFacts(quality=0.5)
    assert edits.parse(edits.to_json(parsed)) == parsed


def broken(path: str, value: Any) -> dict[str, Any]:
    """The good edit with one thing changed; the value `...` takes it away."""
    result = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place: Any = result
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return result


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("id", "no", "uuid"),
        ("id", 5, "uuid"),
        ("tool", "", "tool"),
        ("tool", "x" * 41, "tool"),
        ("pixels", ..., "pixels missing"),
        ("pixels", {}, "a list is needed"),
        ("extra", 1, "unknown extra"),
        ("pixels.0.t", -1, r"pixels\[0\].t"),
        ("pixels.0.t", True, "whole number"),
        ("pixels.0.cell", 0, "between 1"),
        ("pixels.0.cell", 2**31, "between 1"),
        ("pixels.0.add", [1, 2], "triples"),
        ("pixels.0.add", [1, 2, 0], "empty"),
        ("pixels.0.add", [1, 2, 3.0], "whole numbers"),
        ("pixels.0.add", [1, -2, 3], "out of range"),
        ("pixels.0.add", [1, 2, 3, 1, 5, 2], "maximal"),
        ("pixels.0.add", [2, 0, 1, 1, 0, 1], "sorted"),
        ("pixels.0.add", [3, 0, 4], "added and removed"),
        ("pixels.0", 7, "object"),
        ("cells.0.cell", "a", "whole number"),
        ("cells.0.after.class", "red", "uuid"),
        ("cells.0.after.quality", 1.5, "between 0 and 1"),
        ("cells.0.after.quality", "x", "a number or null"),
        ("cells.0.after.channel", -1, "between 0 and"),
        ("cells.0.after.channel", True, "a whole number"),
        ("cells.0.after.locked", "yes", "true or false"),
        ("cells.0.after.ignored", None, "true or false"),
        ("undoes", "the last one", "a uuid is needed"),
        ("cells.0.after.mother", 0, "between 1"),
        ("cells.0.after.mother", 12, "own mother"),
        ("cells.0.after.size", 3, "unknown size"),
        ("cells.0.before", None, "is made here"),
        ("cells.0.after", None, "is deleted here"),
    ],
)
def test_each_fault_is_refused_and_placed(path: str, value: Any, why: str) -> None:
    with pytest.raises(edits.InvalidEdit, match=why):
        edits.parse(broken(path, value))


@pytest.mark.parametrize("name", ["pixels", "cells"])
def test_a_cell_named_twice_is_refused(name: str) -> None:
    doubled = {**GOOD, name: GOOD[name] * 2}
    with pytest.raises(edits.InvalidEdit, match="twice"):
        edits.parse(doubled)


def test_something_else_than_an_object_is_refused() -> None:
    with pytest.raises(edits.InvalidEdit, match="object"):
        edits.parse([GOOD])


@pytest.mark.parametrize("runs", [(0, 8, 3), (5, 0, 1)])
def test_pixels_outside_the_image_are_refused(runs: edits.Runs) -> None:
    with pytest.raises(edits.InvalidEdit, match="leaves the image"):
        edits.check_bounds(edit(pixels(1, runs)), size_t=1, size_z=1, height=5, width=10)


def test_a_frame_that_does_not_exist_is_refused() -> None:
    with pytest.raises(edits.InvalidEdit, match="not in the image"):
        edits.check_bounds(edit(pixels(1, t=2)), size_t=2, size_z=1, height=5, width=10)


def test_invert_twice_is_the_same_edit() -> None:
    parsed = edits.parse(GOOD)
    assert edits.invert(edits.invert(parsed)) == parsed
    assert edits.invert(parsed) != parsed


@given(small_planes(), small_planes())
def test_edits_between_equal_the_difference_of_members(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> None:
    between = edits.edits_between(a, b, t=1, z=2, id=UUID, tool="x")
    for sign, wanted in (("add", members(b) - members(a)), ("remove", members(a) - members(b))):
        got = {
            (change.cell, y, x + i)
            for change in between.pixels
            for y, x, n in np.reshape(getattr(change, sign), (-1, 3)).tolist()
            for i in range(n)
        }
        assert got == wanted
    assert edits.parse(edits.to_json(between)) == between


@given(small_planes(), small_planes(), small_planes())
def test_compose_equals_the_direct_way(
    a: NDArray[np.uint32], b: NDArray[np.uint32], c: NDArray[np.uint32]
) -> None:
    first = edits.edits_between(a, b, t=0, z=0, id=UUID, tool="x")
    second = edits.edits_between(b, c, t=0, z=0, id=UUID, tool="x")
    direct = edits.edits_between(a, c, t=0, z=0, id=UUID, tool="x")
    assert sorted(edits.compose(first, second).pixels, key=lambda p: p.cell) == list(direct.pixels)


@given(small_planes(), small_planes())
def test_an_edit_and_its_inverse_are_nothing(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> None:
    there = edits.edits_between(a, b, t=0, z=0, id=UUID, tool="x", facts_after={1: FACTS})
    assert edits.compose(there, edits.invert(there)) == Edit(UUID, "x")


def test_edits_between_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        edits.edits_between(draw("a"), draw("aa"), t=0, z=0, id=UUID, tool="x")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600), st.integers(1, 600)), max_size=6))
def test_split_by_tile_loses_no_pixel(triples: list[tuple[int, int, int]]) -> None:
    runs = edits.runs_of_intervals(edits.intervals_of_runs([n for triple in triples for n in triple]))
    parts = edits.split_by_tile(edit(pixels(3, runs)))
    for (_, _, ty, tx), (change,) in parts.items():
        for y, x, n in np.reshape(change.add, (-1, 3)).tolist():
            assert (y // 256, x // 256, (x + n - 1) // 256) == (ty, tx, tx)
    again = [n for (change,) in parts.values() for n in change.add]
    assert edits.runs_of_intervals(edits.intervals_of_runs(again)) == runs


def test_runs_of_mask() -> None:
    mask = draw("a.aa\n.aa.")[0] > 0
    assert edits.runs_of_mask(mask, y=5, x=100) == (5, 100, 1, 5, 102, 2, 6, 101, 2)


# ---------------------------------------------------------------- facts


def test_facts_are_made_changed_and_deleted() -> None:
    other = CellFacts(mother=1)
    changes = [CellChange(1, None, FACTS), CellChange(2, FACTS, other), CellChange(3, FACTS, None)]
    assert edits.apply_facts({2: FACTS, 3: FACTS}, changes) == {1: FACTS, 2: other}


def test_stale_facts_are_refused_with_the_cells() -> None:
    changes = [CellChange(1, None, FACTS), CellChange(2, FACTS, None), CellChange(3, FACTS, None)]
    with pytest.raises(edits.StaleFacts, match="cell 1, 2") as caught:
        edits.apply_facts({1: CellFacts(mother=5), 3: FACTS}, changes)
    assert caught.value.cells == (1, 2)


def test_facts_that_are_there_already_pass_when_inexact() -> None:
    change = CellChange(1, CellFacts(quality=0.3), FACTS)
    with pytest.raises(edits.StaleFacts):
        edits.apply_facts({1: FACTS}, [change])
    assert edits.apply_facts({1: FACTS}, [change], exact=False) == {1: FACTS}


def test_pixels_for_an_unknown_cell_are_refused() -> None:
    with pytest.raises(edits.UnknownCell, match="cell 4") as caught:
        edits.check_cells_exist(edit(pixels(4, (0, 0, 1)), pixels(5, (), (0, 0, 1))), {1: FACTS})
    assert caught.value.cells == (4,)


# ---------------------------------------------------------------- collisions


def places(stale: Edit, newer: Edit) -> list[tuple[int, int | None, int | None, int]]:
    return [(c.cell, c.t, c.z, c.other_cell) for c in edits.find_collisions([stale], [newer])]


MADE, GONE = CellChange(4, None, FACTS), CellChange(4, FACTS, None)
CHILD = CellChange(9, FACTS, CellFacts(mother=4))


@pytest.mark.parametrize(
    ("stale", "newer", "wanted"),
    [
        (edit(pixels(1, (0, 0, 3))), edit(pixels(2, (0, 3, 3))), []),
        (edit(pixels(1, (0, 0, 3))), edit(pixels(2, (0, 2, 3))), [(1, 0, 0, 2)]),
        (edit(pixels(1, (0, 0, 3))), edit(pixels(1, (9, 9, 1))), [(1, 0, 0, 1)]),
        (edit(pixels(1, (0, 0, 3))), edit(pixels(1, (0, 0, 3), t=1)), []),
        (edit(pixels(1, (), (0, 0, 3))), edit(pixels(2, (0, 0, 3))), []),
        (
            edit(pixels(4, (0, 0, 1), t=5)),
            edit(pixels(4, (), (0, 0, 1)), cells=(GONE,)),
            [(4, None, None, 4)],
        ),
        (edit(cells=(GONE,)), edit(pixels(4, (0, 0, 1), t=3)), [(4, None, None, 4)]),
        (edit(cells=(CHILD,)), edit(cells=(GONE,)), [(9, None, None, 4)]),
        (edit(cells=(GONE,)), edit(cells=(CHILD,)), [(4, None, None, 9)]),
        (edit(cells=(CHILD,)), edit(cells=(CHILD,)), []),
        (
            edit(cells=(CHILD,)),
            edit(cells=(CellChange(9, FACTS, CellFacts(mother=2)),)),
            [(9, None, None, 9)],
        ),
        (edit(cells=(MADE,)), edit(cells=(CellChange(5, None, FACTS),)), []),
    ],
)
def test_what_collides_and_what_does_not(stale: Edit, newer: Edit, wanted: list[tuple[int, ...]]) -> None:
    assert places(stale, newer) == wanted


def test_collisions_name_the_edit_and_come_sorted_and_once() -> None:
    other = "aaaaaaaa-e2bb-4255-8caf-4136c566a962"
    stale = [edit(pixels(7, (0, 0, 1))), edit(pixels(2, (0, 0, 1)), id=other), edit(pixels(2, (1, 0, 1)))]
    newer = [edit(pixels(1, (0, 0, 5), ())), edit(pixels(1, (1, 0, 5)))]
    found = edits.find_collisions(stale, newer)
    assert [(c.cell, c.edit) for c in found] == [(2, other), (7, UUID)]


@given(small_planes(), small_planes(), small_planes())
def test_without_collision_the_order_does_not_matter(
    base: NDArray[np.uint32], mine: NDArray[np.uint32], theirs: NDArray[np.uint32]
) -> None:
    a = edits.edits_between(base, mine, t=0, z=0, id=UUID, tool="x")
    b = edits.edits_between(base, theirs, t=0, z=0, id=UUID, tool="x")
    if not edits.find_collisions([a], [b]):
        one, other = edits.compose(a, b), edits.compose(b, a)
        assert sorted(one.pixels, key=lambda p: p.cell) == sorted(other.pixels, key=lambda p: p.cell)
