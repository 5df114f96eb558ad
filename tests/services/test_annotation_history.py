"""Undo from the server's log: each person's own edits, newest first, whatever the others do meanwhile."""

import random
import uuid
from dataclasses import replace

import pytest
from django.db import connection

from annotation.core import edits as core_edits
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange
from annotation.models import Branch, EditRecord, Revision
from annotation.selectors import labels as reading
from annotation.services.labels import EditDoesNotFit, OnConflict, StaleRevision
from backend.accounts.models import Team, User
from tests.factories.annotation import box, commit, edit, erase, make_branch, new_cell, paint


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def taking_back(done: Edit, tool: str = "undo") -> Edit:
    return replace(core_edits.invert(done, id=str(uuid.uuid4())), tool=tool, undoes=done.id)


def own_log(branch: Branch, person: User, page: int = 2) -> list[Edit]:
    """All edits of a person, newest first, read page by page."""
    found: list[Edit] = []
    before = None
    while True:
        log = reading.list_own_log(branch=branch, author=person, before=before, limit=page)
        found += [core_edits.parse(row.body) for row in log]
        if not log:
            return found
        before = log[-1].revision.number


def to_undo(log: list[Edit]) -> list[Edit]:
    """What Ctrl+Z takes back, one after the other: the log without what was taken back and without undos."""
    taken: set[str] = set()
    stack = []
    for each in log:
        if each.undoes is not None:
            if each.id not in taken:
                taken.add(each.undoes)
            else:
                continue
        if each.id not in taken and each.tool != "undo":
            stack.append(each)
    return stack


# ---------------------------------------------------------------- the log of one person


def test_U2_own_edits_come_newest_first_in_pages(branch: Branch, ben: User, cleo: User) -> None:
    first = commit(branch, ben, new_cell(1, 10, 10), paint(1, 20, 20))
    commit(branch, cleo, new_cell(2, 40, 40))
    last = commit(branch, ben, paint(1, 30, 30))
    log = reading.list_own_log(branch=branch, author=ben, before=None, limit=1)
    assert [(row.revision.number, row.position) for row in log] == [(last.number, 0)]
    log = reading.list_own_log(branch=branch, author=ben, before=last.number, limit=1)
    assert [(row.revision.number, row.position) for row in log] == [(first.number, 1), (first.number, 0)]
    assert reading.list_own_log(branch=branch, author=ben, before=first.number, limit=9) == []


def test_U2_an_edit_that_takes_back_another_names_it(branch: Branch, ben: User) -> None:
    stroke = new_cell(1, 10, 10)
    commit(branch, ben, stroke)
    commit(branch, ben, taking_back(stroke))
    [undo, drawn] = reading.list_own_log(branch=branch, author=ben, before=None, limit=9)
    assert (str(undo.undoes), undo.body["undoes"]) == (stroke.id, stroke.id)
    assert drawn.undoes is None
    assert "undoes" not in drawn.body
    assert EditRecord.objects.filter(undoes=stroke.id).count() == 1


def test_U2_fifty_steps_are_undone_from_the_log_alone(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    start = reading.read_planes(branch=branch, t=0, z=0)
    facts = reading.cell_facts(branch=branch)
    for i in range(50):
        step = new_cell(2 + i, 20 + 8 * i, 20) if i % 3 == 0 else paint(1, 20 + 8 * i, 60)
        commit(branch, ben, step)
    for each in to_undo(own_log(branch, ben, page=7))[:50]:
        commit(branch, ben, taking_back(each))
    assert (reading.read_planes(branch=branch, t=0, z=0) == start).all()
    assert reading.cell_facts(branch=branch) == facts
    assert len(to_undo(own_log(branch, ben, page=7))) == 1


def test_U2_a_page_walks_one_index(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    # Among few rows any index will do, so there are many, and few of them are Ben's.
    first = Revision.objects.get(branch=branch)
    Revision.objects.bulk_create(
        Revision(
            image=first.image, branch=branch, number=number, kind=first.kind, batch_id=uuid.uuid4(),
            author=cleo if number % 10 else ben,
            base_number=number - 1, parent_number=number - 1, edit_count=1,
        )
        for number in range(2, 3000)
    )  # fmt: skip
    rows = Revision.objects.filter(branch=branch, author=ben, edit_count__gt=0, number__lt=2900)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotation_revision")
    assert "revision_of_author" in rows.order_by("-number")[:50].explain()


# ---------------------------------------------------------------- U3: undo mine, keep yours


@pytest.mark.parametrize("seed", range(12))
def test_U3_two_people_undo_their_own_and_lose_nothing(team: Team, ben: User, cleo: User, seed: int) -> None:
    """Each draws a cell of one tile, from whatever base they have seen, and takes steps back at random."""
    chance = random.Random(seed)
    branch = make_branch(team, shape_tzyx=(1, 1, 256, 256))
    commit(branch, ben, new_cell(1, 0, 0), new_cell(2, 0, 20))
    expected: dict[str, set[int]] = {"ben": set(), "cleo": set()}
    seen = {"ben": 1, "cleo": 1}
    for _ in range(25):
        name, person, cell, x = chance.choice([("ben", ben, 1, 40), ("cleo", cleo, 2, 60)])
        stack = [each for each in to_undo(own_log(branch, person)) if each.tool == "step"]
        if stack and chance.random() < 0.4:
            step, (row, adding) = taking_back(stack[0]), row_of(stack[0])
            adding = not adding
        else:
            row = chance.randrange(10, 40)
            adding = row not in expected[name]
            runs = (row, x, 5)
            change = PixelChange(0, 0, cell, runs, ()) if adding else PixelChange(0, 0, cell, (), runs)
            step = edit(pixels=[change], tool="step")
        seen[name] = commit(branch, person, step, base=seen[name]).number
        (expected[name].add if adding else expected[name].discard)(row)
        if chance.random() < 0.3:
            seen = dict.fromkeys(seen, seen[name])
    drawn = reading.read_planes(branch=branch, t=0, z=0)[0]
    assert {row for row in range(10, 40) if drawn[row, 40] == 1} == expected["ben"]
    assert {row for row in range(10, 40) if drawn[row, 60] == 2} == expected["cleo"]


def row_of(step: Edit) -> tuple[int, bool]:
    [change] = step.pixels
    return (change.add or change.remove)[0], bool(change.add)


# ---------------------------------------------------------------- U7: stale writes


def test_U7_two_stale_clients_the_later_is_told_and_nothing_is_lost(
    branch: Branch, ben: User, cleo: User
) -> None:
    """The base number that comes with every batch is the version token of each cell in it: it is compared per
    cell and frame with what was changed since."""
    base = commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 100, 100)).number
    commit(branch, ben, paint(1, 20, 20), base=base)
    with pytest.raises(StaleRevision) as refused:
        commit(branch, cleo, paint(1, 30, 30), base=base)
    assert refused.value.details["head"] == base + 1
    assert [row["cell"] for row in refused.value.details["collisions"]] == [1]
    merged = commit(branch, cleo, paint(2, 110, 110), base=base)
    assert merged.rebased
    imposed = commit(branch, cleo, paint(1, 30, 30), base=base, on_conflict=OnConflict.KEEP_MINE)
    drawn = reading.read_planes(branch=branch, t=0, z=0)[0]
    assert imposed.rebased
    assert (drawn[20, 20], drawn[30, 30], drawn[110, 110]) == (1, 1, 2)


def test_U7_facts_of_a_cell_are_guarded_by_the_same_token(branch: Branch, ben: User, cleo: User) -> None:
    base = commit(branch, ben, new_cell(1, 10, 10)).number
    ignored = edit(cells=[CellChange(1, CellFacts(), CellFacts(ignored=True))])
    commit(branch, ben, ignored, base=base)
    locked = edit(cells=[CellChange(1, CellFacts(), CellFacts(locked=True))])
    with pytest.raises(StaleRevision, match="cell 1"):
        commit(branch, cleo, locked, base=base)
    with pytest.raises(EditDoesNotFit, match="cell 1"):
        commit(branch, cleo, locked)


def test_U7_a_batch_sent_twice_is_one_revision(branch: Branch, ben: User) -> None:
    batch_id = uuid.uuid4()
    stroke = new_cell(1, 10, 10)
    first = commit(branch, ben, stroke, batch_id=batch_id, base=0)
    commit(branch, ben, erase(1, 10, 10, 1, 1))
    assert commit(branch, ben, stroke, batch_id=batch_id, base=0) == first
    assert Revision.objects.filter(branch=branch).count() == 2


def test_U7_edits_that_arrived_before_their_page_heard_so_are_no_collision(
    branch: Branch, ben: User, cleo: User
) -> None:
    """A page left between sending and the answer sends the same edits again, in a batch of another id."""
    first, second = new_cell(1, 10, 10), paint(1, 20, 20, 2, 2)
    arrived = commit(branch, ben, first, base=0)
    assert commit(branch, ben, first, base=0) == arrived
    assert commit(branch, ben, first, second, base=0).number == arrived.number + 1
    log = EditRecord.objects.filter(revision__branch=branch).values_list("edit_id", flat=True)
    assert sorted(map(str, log)) == sorted([first.id, second.id])
    commit(branch, cleo, erase(1, 10, 10, 1, 1))
    with pytest.raises(StaleRevision, match="cell 1"):
        commit(branch, ben, first, second, paint(1, 30, 30, 1, 1), base=0)


def test_W4_the_same_pixel_for_masks_of_two_channels_is_no_collision(
    branch: Branch, ben: User, cleo: User
) -> None:
    """M19: a nucleus and its cell cover the same pixels; drawing one says nothing of the other."""
    base = commit(
        branch,
        ben,
        new_cell(1, 10, 10, facts=CellFacts(channel=0)),
        new_cell(2, 10, 30, facts=CellFacts(channel=1)),
        new_cell(3, 10, 50, facts=CellFacts(channel=1)),
    ).number
    commit(branch, ben, paint(1, 60, 60), base=base)
    over = commit(branch, cleo, paint(2, 60, 60), base=base)
    assert over.rebased
    with pytest.raises(StaleRevision) as refused:
        commit(branch, cleo, paint(3, 62, 62), base=base)
    assert [row["other_cell"] for row in refused.value.details["collisions"]] == [2]
    nucleus, whole = (
        edit(
            pixels=[PixelChange(0, 0, cell, add=box(60, 60, 2, 2))],
            cells=[CellChange(cell, None, CellFacts(channel=channel))],
        )
        for cell, channel in ((8, 1), (9, None))
    )
    with pytest.raises(StaleRevision, match="cell 8"):
        commit(branch, cleo, nucleus, base=over.parent_number)
    assert commit(branch, cleo, whole, base=over.parent_number).rebased
