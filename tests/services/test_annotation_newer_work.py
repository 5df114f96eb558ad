"""Edits on an older base: put on top of newer work, or refused; old revisions stay and can be restored."""

import numpy as np
import pytest

from annotation.core.edits import CellChange, CellFacts, PixelChange
from annotation.models import Branch, CellHead
from annotation.selectors import labels as reading
from annotation.services import labels
from annotation.services.labels import (
    OnConflict,
    StaleRevision,
)
from backend.accounts.models import Team, User
from tests.factories.annotation import (
    box,
    commit,
    edit,
    make_branch,
    new_cell,
    paint,
)


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def area(branch: Branch, cell: int, t: int = 0) -> int:
    return int((reading.read_planes(branch=branch, t=t, z=0) == cell).sum())


# ---------------------------------------------------------------- stale work


def test_stale_work_on_other_cells_is_put_on_top(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), base=0)
    revision = commit(branch, cleo, new_cell(2, 100, 100), base=0)
    assert (revision.rebased, revision.base_number, revision.parent_number, revision.number) == (
        True,
        0,
        1,
        2,
    )
    assert (area(branch, 1), area(branch, 2)) == (16, 16)


def test_stale_work_on_the_same_cell_is_refused_and_names_it(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 50, 50))
    commit(branch, ben, paint(1, 20, 20), base=1)
    mine = paint(1, 30, 30)
    with pytest.raises(StaleRevision) as refused:
        commit(branch, cleo, paint(2, 60, 60), mine, base=1)
    assert refused.value.details["head"] == 2
    assert refused.value.details["collisions"] == [
        {"cell": 1, "t": 0, "z": 0, "other_cell": 1, "edit": mine.id}
    ]
    assert area(branch, 2) == 16, "nothing of a refused batch is applied"


def test_keeping_mine_loses_nothing_that_anybody_drew(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 14, 10), base=1)
    commit(branch, cleo, paint(1, 14, 12), base=1, on_conflict=OnConflict.KEEP_MINE)
    assert area(branch, 1) == 16 + 16 + 8


def test_keeping_mine_logs_what_was_really_done(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 14, 10), base=1)
    commit(branch, cleo, paint(1, 14, 12), base=1, on_conflict=OnConflict.KEEP_MINE)
    [logged] = reading.edits_after(branch=branch, number=2)
    assert logged.pixels == (PixelChange(0, 0, 1, add=box(14, 14, 4, 2)),)


def test_keeping_mine_brings_a_deleted_cell_back(branch: Branch, ben: User, cleo: User) -> None:
    facts = CellFacts(quality=0.5)
    commit(branch, ben, new_cell(1, 10, 10, facts=facts))
    gone = edit(pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, facts, None)])
    commit(branch, ben, gone, base=1)
    commit(branch, cleo, paint(1, 30, 30), base=1, on_conflict=OnConflict.KEEP_MINE)
    assert reading.cell_facts(branch=branch) == {1: facts}
    assert area(branch, 1) == 16


def test_keeping_mine_does_not_delete_what_somebody_drew_meanwhile(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, cleo, paint(1, 30, 30, t=1), base=1)
    gone = edit(
        pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, CellFacts(), None)]
    )
    with pytest.raises(StaleRevision):
        commit(branch, ben, gone, base=1)
    commit(branch, ben, gone, base=1, on_conflict=OnConflict.KEEP_MINE)
    assert (area(branch, 1), area(branch, 1, t=1)) == (0, 16)
    assert 1 in reading.cell_facts(branch=branch)


def test_stale_work_collides_with_a_restoration_of_its_cell(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 20, 20))
    labels.restore(branch=branch, number=1, by=ben)
    with pytest.raises(StaleRevision):
        commit(branch, cleo, paint(1, 30, 30), base=2)


def test_stale_work_elsewhere_does_not_collide_with_a_restoration(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 20, 20))
    labels.restore(branch=branch, number=1, by=ben)
    assert commit(branch, cleo, new_cell(2, 400, 400), base=2).rebased


# ---------------------------------------------------------------- old revisions


def test_every_old_revision_stays_readable(branch: Branch, ben: User) -> None:
    revisions = [
        commit(branch, ben, new_cell(1, 10, 10)),
        *(commit(branch, ben, paint(1, 20 + 4 * i, 10)) for i in range(3)),
    ]
    areas = [int((reading.read_planes(revision=r, t=0, z=0) == 1).sum()) for r in revisions]
    assert areas == [16, 32, 48, 64]


def test_restoring_says_again_what_a_revision_said(branch: Branch, ben: User) -> None:
    first = commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 300, 300))
    commit(
        branch,
        ben,
        edit(
            pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, CellFacts(), None)]
        ),
    )
    commit(branch, ben, new_cell(3, 400, 400), paint(2, 310, 300))
    before = reading.read_planes(revision=first, t=0, z=0)
    restored = labels.restore(branch=branch, number=1, by=ben)
    assert restored.kind == "RESTORE"
    assert np.array_equal(reading.read_planes(branch=branch, t=0, z=0), before)
    assert sorted(reading.cell_facts(branch=branch)) == [1, 2]
    counts = dict(CellHead.objects.filter(branch=branch).values_list("cell", "pixel_count"))
    assert counts == {1: 16, 2: 16, 3: 0}


def test_restoring_the_beginning_empties_the_branch(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    labels.restore(branch=branch, number=0, by=ben)
    assert not reading.read_planes(branch=branch, t=0, z=0).any()
    assert reading.cell_facts(branch=branch) == {}


def test_after_restoring_one_can_go_on(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 20, 20))
    labels.restore(branch=branch, number=1, by=ben)
    commit(branch, ben, paint(1, 20, 20))
    assert area(branch, 1) == 32


def test_a_revision_of_another_branch_cannot_be_restored(branch: Branch, ben: User) -> None:
    other = labels.open_branch(image=branch.image, name="second", origin="PERSON")
    commit(branch, ben, new_cell(1, 10, 10))
    with pytest.raises(reading.NoSuchRevision):
        labels.restore(branch=other, number=1, by=ben)
