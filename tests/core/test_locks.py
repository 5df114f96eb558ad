"""M20: what an edit may do to a locked cell, and M19: which pixels of two masks collide."""

import pytest

from annotation.core import edits, locks
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange

FREE, LOCKED = CellFacts(), CellFacts(locked=True)
UNLOCK, LOCK = CellChange(7, LOCKED, FREE), CellChange(7, FREE, LOCKED)
PAINT = PixelChange(0, 0, 7, (1, 1, 3))


def edit(*pixels: PixelChange, cells: tuple[CellChange, ...] = ()) -> Edit:
    return Edit("e", "test", pixels, cells)


@pytest.mark.parametrize(
    "edit",
    [
        edit(PAINT),
        edit(PixelChange(3, 1, 7, (), (1, 1, 3))),
        edit(cells=(CellChange(7, LOCKED, CellFacts(locked=True, mother=3)),)),
        edit(cells=(CellChange(7, LOCKED, None),)),
        edit(cells=(CellChange(7, FREE, CellFacts(ignored=True)),)),
        edit(cells=(CellChange(7, FREE, FREE),)),
    ],
)
def test_M20_a_locked_cell_is_changed_by_no_edit(edit: Edit) -> None:
    with pytest.raises(locks.CellsLocked, match="Cell 7 is locked") as refused:
        locks.check([edit], {7})
    assert refused.value.cells == (7,)
    locks.check([edit], {8})


def test_M20_an_edit_may_unlock_and_change_at_once_and_later_ones_too() -> None:
    locks.check([edit(PAINT, cells=(UNLOCK,)), edit(PAINT)], {7})


def test_M20_locked_within_the_batch_is_locked_for_what_follows() -> None:
    locks.check([edit(PAINT, cells=(LOCK,))], ())
    with pytest.raises(locks.CellsLocked):
        locks.check([edit(PAINT, cells=(LOCK,)), edit(PAINT)], ())


def test_M20_taking_back_unlock_and_stroke_is_no_change_of_a_locked_cell() -> None:
    done = edit(PAINT, cells=(UNLOCK,))
    locks.check([done, edits.invert(done), done], {7})


def test_M19_pixels_of_two_channels_do_not_collide() -> None:
    mine = [edit(PAINT)]
    theirs = [edit(PixelChange(0, 0, 9, (1, 2, 1)))]
    found = edits.find_collisions(mine, theirs)
    assert [(c.cell, c.other_cell) for c in found] == [(7, 9)]
    assert edits.within_channels(found, {7: 0, 9: 1}) == []
    assert edits.within_channels(found, {7: 0}) == []
    assert edits.within_channels(found, {7: 1, 9: 1}) == edits.within_channels(found, {}) == found


def test_M19_the_same_cell_collides_in_every_channel() -> None:
    found = edits.find_collisions([edit(PAINT)], [edit(PixelChange(0, 0, 7, (), (5, 5, 1)))])
    assert edits.within_channels(found, {7: 0}) == found
