"""M20 on the server: a cell locked at the head is changed by nobody, seen or not."""

import uuid

import pytest

from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange
from annotation.models import Branch, Revision
from annotation.selectors import labels as reading
from annotation.services import labels
from annotation.services.labels import CellLocked, OnConflict
from backend.accounts.models import Team, User
from tests.factories.annotation import box, commit, edit, make_branch, new_cell, paint

FREE, LOCKED = CellFacts(), CellFacts(locked=True)


def lock(cell: int = 1) -> Edit:
    return edit(cells=[CellChange(cell, FREE, LOCKED)], tool="lock")


def unlock(cell: int = 1) -> Edit:
    return edit(cells=[CellChange(cell, LOCKED, FREE)], tool="lock")


@pytest.fixture
def branch(team: Team, ben: User) -> Branch:
    """Cell 1 is locked, cell 2 is not."""
    made = make_branch(team)
    commit(made, ben, new_cell(1, 10, 10), new_cell(2, 60, 60))
    commit(made, ben, lock())
    return made


def test_M20_a_locked_cell_is_refused_by_name_and_nothing_is_saved(branch: Branch, cleo: User) -> None:
    before = Revision.objects.filter(branch=branch).count()
    with pytest.raises(CellLocked, match="Cell 1 is locked") as refused:
        commit(branch, cleo, paint(2, 80, 80), paint(1, 20, 20))
    assert (refused.value.code, refused.value.details["cells"]) == ("cell_locked", [1])
    assert Revision.objects.filter(branch=branch).count() == before


def test_M20_deleting_a_locked_cell_is_refused(branch: Branch, ben: User) -> None:
    gone = edit(pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, LOCKED, None)])
    with pytest.raises(CellLocked):
        commit(branch, ben, gone)


def test_M20_who_did_not_see_the_lock_is_refused_too(branch: Branch, cleo: User) -> None:
    for choice in OnConflict:
        with pytest.raises(CellLocked):
            commit(branch, cleo, paint(1, 20, 20), base=1, on_conflict=choice)
    blind = edit(cells=[CellChange(1, FREE, CellFacts(ignored=True))])
    with pytest.raises(CellLocked):
        commit(branch, cleo, blind, base=1, on_conflict=OnConflict.KEEP_MINE)
    assert reading.cell_facts(branch=branch)[1] == LOCKED


def test_M20_other_cells_are_rebased_over_the_lock(branch: Branch, cleo: User) -> None:
    assert commit(branch, cleo, paint(2, 80, 80), base=1).rebased


def test_M20_unlocked_in_the_batch_it_is_open(branch: Branch, cleo: User) -> None:
    commit(branch, cleo, unlock(), paint(1, 20, 20), lock())
    assert reading.cell_facts(branch=branch)[1] == LOCKED
    at_once = edit(pixels=[PixelChange(0, 0, 1, add=box(30, 30, 2, 2))], cells=unlock().cells)
    commit(branch, cleo, at_once)
    assert reading.cell_facts(branch=branch)[1] == FREE


def test_M20_a_repeated_batch_is_answered_although_the_cell_is_locked_now(branch: Branch, ben: User) -> None:
    commit(branch, ben, unlock())
    batch_id = uuid.uuid4()
    first = commit(branch, ben, paint(1, 20, 20), batch_id=batch_id)
    commit(branch, ben, lock())
    assert commit(branch, ben, paint(1, 20, 20), batch_id=batch_id, base=first.base_number) == first


def test_facts_of_channels_locks_and_ignored_survive_revisions_and_restoring(
    branch: Branch, ben: User
) -> None:
    marked = CellFacts(channel=0, ignored=True, locked=True)
    number = commit(branch, ben, edit(cells=[CellChange(2, FREE, marked)])).number
    commit(branch, ben, edit(cells=[CellChange(2, marked, CellFacts(channel=0))]))
    old = Revision.objects.get(branch=branch, number=number)
    assert reading.cell_facts(revision=old)[2] == marked
    labels.restore(branch=branch, number=number, by=ben)
    assert reading.cell_facts(branch=branch)[2] == marked
