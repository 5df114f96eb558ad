"""T10: which links people made is read from the log, whatever was renamed, undone or replaced since."""

import uuid
from collections.abc import Sequence

import numpy as np
import pytest

from annotation.core import edits as core_edits
from annotation.core import link_tables
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit, PixelChange
from annotation.core.human_links import HumanLinks, Ledger, brief

FACTS = CellFacts()
BORN = CellChange(7, None, FACTS)


def ledger(*tracks: tuple[int, int, int]) -> Ledger:
    """Tracks (cell, first, last) of 4 px in each frame."""
    book = Ledger()
    book.stand_on((t, cell, 4) for cell, first, last in tracks for t in range(first, last + 1))
    return book


def move(*moves: tuple[int, int, int, int], cells: Sequence[CellChange] = ()) -> Edit:
    return Edit(str(uuid.uuid4()), "track", (), tuple(cells), None, tuple(CellMove(*m) for m in moves))


def draw(*pixels: PixelChange, cells: Sequence[CellChange] = ()) -> Edit:
    return Edit(str(uuid.uuid4()), "brush", pixels, tuple(cells))


def undo(edit: Edit) -> Edit:
    turned = core_edits.invert(edit, id=str(uuid.uuid4()))
    return Edit(turned.id, "undo", turned.pixels, turned.cells, edit.id, turned.moves)


def standing(book: Ledger, *edits: Edit, facts: dict[int, CellFacts] | None = None) -> HumanLinks:
    for edit in edits:
        book.take(brief(edit))
    return book.standing(facts or {})


def chain(cell: int, first: int, last: int) -> list[tuple[int, int, int, int]]:
    return [(t, cell, t + 1, cell) for t in range(first, last)]


def test_T10_a_piece_given_to_another_cell_is_linked_at_both_ends_and_within() -> None:
    found = standing(ledger((1, 0, 9), (2, 0, 3), (2, 7, 9)), move((1, 2, 4, 6)))
    assert [*found.links] == chain(2, 3, 7)
    assert [*found.cuts] == [(3, 1, 4, 2), (6, 2, 7, 1)]


def test_T10_a_piece_that_becomes_a_new_cell_is_only_taken_away() -> None:
    found = standing(ledger((1, 0, 9)), move((1, 7, 4, 9), cells=[BORN]))
    assert (found.links, found.cuts) == ((), ((3, 1, 4, 7),))


def test_T10_a_division_is_a_link_to_the_daughter_and_no_cut() -> None:
    daughter = CellChange(7, None, CellFacts(mother=1))
    facts = {1: FACTS, 7: CellFacts(mother=1)}
    found = standing(ledger((1, 0, 9)), move((1, 7, 4, 9), cells=[daughter]), facts=facts)
    assert (found.links, found.cuts) == (((3, 1, 4, 7),), ())


def test_T10_a_mother_that_a_person_took_away_is_a_cut_and_one_that_a_linker_set_is_nothing() -> None:
    before = CellFacts(mother=1)
    book = ledger((1, 0, 3), (2, 4, 9), (3, 4, 9))
    edit = draw(cells=[CellChange(2, before, FACTS)])
    found = standing(book, edit, facts={1: FACTS, 2: FACTS, 3: CellFacts(mother=1)})
    assert (found.links, found.cuts) == ((), ((3, 1, 4, 2),))


def test_T10_a_cell_drawn_where_it_was_lost_is_linked_and_a_better_outline_says_nothing() -> None:
    book = ledger((1, 0, 3), (1, 5, 9))
    assert not standing(book, draw(PixelChange(2, 0, 1, add=(0, 9, 3), remove=(0, 0, 1))))
    found = standing(book, draw(PixelChange(4, 0, 1, add=(0, 0, 4))))
    assert [*found.links] == [(3, 1, 4, 1), (4, 1, 5, 1)]
    found = standing(book, draw(PixelChange(4, 0, 1, remove=(0, 0, 4))))
    assert not found.links


def test_T10_pixels_that_go_whole_from_one_cell_to_another_are_a_move() -> None:
    book, moved = ledger((1, 0, 9), (2, 0, 3)), ledger((1, 0, 9), (2, 0, 3))
    runs = (0, 0, 4)
    found = standing(book, draw(PixelChange(4, 0, 1, remove=runs), PixelChange(4, 0, 2, add=runs)))
    assert found == standing(moved, move((1, 2, 4, 4)))
    assert [*found.links] == [(3, 2, 4, 2)]


def test_T10_what_was_undone_was_not_said_and_what_was_redone_was() -> None:
    edit = move((1, 2, 4, 9))
    back = undo(edit)
    book = ledger((1, 0, 9), (2, 0, 3))
    assert not standing(book, edit, back)
    found = standing(book, undo(back))
    assert [*found.links] == chain(2, 3, 9)


def test_T10_links_keep_to_their_cells_under_later_names() -> None:
    link = move((1, 2, 4, 9))
    swap = move((2, 5, 6, 9), (5, 2, 6, 9))
    found = standing(ledger((1, 0, 9), (2, 0, 3), (5, 0, 9)), link, swap)
    assert [*found.links] == sorted([*chain(2, 3, 5), *chain(2, 5, 9), *chain(5, 5, 9)])
    assert (5, 2, 6, 5) in found.cuts
    assert (5, 5, 6, 2) in found.cuts


def test_T10_a_locked_cell_and_one_that_ends_are_said_whoever_made_them() -> None:
    facts = {1: CellFacts(ending="death"), 2: CellFacts(mother=1, locked=True), 3: CellFacts(mother=1)}
    found = standing(ledger((1, 0, 3), (2, 4, 6)), facts={**facts, 1: FACTS})
    assert [*found.links] == [(3, 1, 4, 2), *chain(2, 4, 6)]
    assert standing(ledger((1, 0, 3)), facts={1: facts[1]}).ends == ((3, 1),)


def test_T10_what_still_stands_by_name_outlives_a_restore() -> None:
    book = ledger((1, 0, 9), (2, 0, 3))
    book.take(brief(move((1, 2, 4, 9))))
    book.stand_on((t, 2, 4) for t in range(6))
    assert [*book.standing({}).links] == chain(2, 3, 5)


def test_T10_what_was_said_before_an_earlier_run_is_known_by_its_table() -> None:
    said = link_tables.table(
        t=[1, 2, 3], cell=[1, 1, 8], from_t=[0, 1, 2], from_cell=[1, 1, 1], confidence=[0.9, 1, 1],
        given=[False, True, True],
    )  # fmt: skip
    said = link_tables.with_cuts(said, [(2, 1, 3, 9)])  # type: ignore[list-item]
    again = link_tables.LinkTable.from_bytes(said.to_bytes())
    assert again.confidence.tolist() == pytest.approx([0.9, 1, 1, 0])
    book = Ledger()
    book.stand_on([(0, 1, 4), (1, 1, 4), (2, 1, 4), (3, 8, 4), (3, 9, 4)], again.human())
    found = book.standing({1: FACTS, 8: CellFacts(mother=1), 9: FACTS})
    assert [*found.links] == [(1, 1, 2, 1), (2, 1, 3, 8)]
    assert [*found.cuts] == [(2, 1, 3, 9)]


def test_confidences_follow_moves_at_both_ends() -> None:
    count = 6
    table = link_tables.table(
        t=np.arange(1, count), cell=[1] * 5, from_t=np.arange(count - 1), from_cell=[1] * 5,
        confidence=[0.5] * 5, given=[False] * 5,
    )  # fmt: skip
    after = link_tables.followed(table, [(CellMove(1, 2, 3, 5), CellMove(2, 1, 3, 5))])
    assert after.cell.tolist() == [1, 1, 2, 2, 2]
    assert after.from_cell.tolist() == [1, 1, 1, 2, 2]
