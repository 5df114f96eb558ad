"""Edits become revisions, exactly or not at all; planes from outside, acceptance and the log."""

import uuid

import numpy as np
import pytest

from annotation.core.edits import CellChange, CellFacts, PixelChange
from annotation.models import Branch, CellHead, EditRecord, Revision, Tile, TileHead
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.services import labels
from annotation.services.collisions import BrokenLineage
from annotation.services.labels import (
    BadEdit,
    EditDoesNotFit,
    EditTooLarge,
    NoSuchBase,
)
from backend.accounts.models import Team, User
from backend.foundation.errors import Invalid
from tests.factories.annotation import (
    box,
    commit,
    edit,
    erase,
    make_branch,
    make_class,
    new_cell,
    paint,
    picture,
)


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def area(branch: Branch, cell: int, t: int = 0) -> int:
    return int((reading.read_planes(branch=branch, t=t, z=0) == cell).sum())


# ---------------------------------------------------------------- a plain commit


def test_a_commit_writes_one_numbered_revision(branch: Branch, ben: User) -> None:
    revision = commit(branch, ben, new_cell(1, 10, 10))
    branch.refresh_from_db()
    assert (revision.number, revision.base_number, branch.head_number) == (1, 0, 1)
    assert (revision.author, revision.rebased, revision.edit_count) == (ben, False, 1)
    assert area(branch, 1) == 16


def test_a_commit_writes_only_the_tiles_it_touches(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 300, 300))
    commit(branch, ben, paint(1, 20, 20))
    assert Tile.objects.filter(branch=branch).count() == 3
    assert sorted(TileHead.objects.filter(branch=branch).values_list("ty", "tx", "number")) == [
        (0, 0, 2),
        (1, 1, 1),
    ]


def test_a_cell_across_tiles_is_whole_when_read(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 250, 250, 12, 12))
    assert Tile.objects.filter(branch=branch).count() == 4
    assert area(branch, 1) == 144


def test_numbers_count_per_image_and_each_branch_has_its_own_head(branch: Branch, ben: User) -> None:
    other = labels.open_branch(image=branch.image, name="second", origin="PERSON")
    Branch.objects.filter(pk=other.pk).update(next_cell=50)
    numbers = [commit(b, ben, new_cell(cell, 10, 10)).number for b, cell in ((branch, 1), (other, 1))]
    assert numbers == [1, 2]
    assert area(other, 1) == area(branch, 1) == 16


def test_pixels_of_two_cells_may_overlap(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 12, 12))
    planes = reading.read_planes(branch=branch, t=0, z=0)
    assert planes.shape[0] == 2
    assert [int((planes == cell).sum()) for cell in (1, 2)] == [16, 16]


def test_the_same_batch_sent_again_answers_the_same(branch: Branch, ben: User) -> None:
    batch = uuid.uuid4()
    first = commit(branch, ben, new_cell(1, 10, 10), batch_id=batch, base=0)
    again = commit(branch, ben, new_cell(1, 10, 10), batch_id=batch, base=0)
    assert again == first
    assert Revision.objects.filter(branch=branch).count() == 1


def test_the_inverse_edit_restores_the_state(branch: Branch, ben: User) -> None:
    made = new_cell(1, 10, 10)
    commit(branch, ben, made)
    [logged] = reading.edits_after(branch=branch, number=0)
    assert logged == made
    commit(
        branch,
        ben,
        edit(
            pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, CellFacts(), None)]
        ),
    )
    assert area(branch, 1) == 0
    assert reading.cell_facts(branch=branch) == {}


def test_pixel_counts_of_cells_are_kept(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 254, 254, 4, 4))
    commit(branch, ben, paint(1, 10, 10, 2, 2, t=1), erase(1, 254, 254, 1, 1))
    assert CellHead.objects.get(branch=branch, cell=1).pixel_count == 16 + 4 - 1


# ---------------------------------------------------------------- what is refused


def test_adding_pixels_that_are_there_is_refused_and_names_the_cell(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    with pytest.raises(EditDoesNotFit) as refused:
        commit(branch, ben, paint(1, 10, 10))
    assert refused.value.details["cells"] == [1]
    assert Revision.objects.filter(branch=branch).count() == 1


def test_pixels_for_a_cell_that_does_not_exist_are_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(EditDoesNotFit, match="does not exist"):
        commit(branch, ben, paint(1, 10, 10))


def test_facts_that_do_not_hold_are_refused(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    change = CellChange(1, CellFacts(quality=0.5), CellFacts())
    with pytest.raises(EditDoesNotFit, match="not what the edit expects"):
        commit(branch, ben, edit(cells=[change]))


def test_pixels_outside_the_image_are_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(BadEdit, match="leaves the image"):
        commit(branch, ben, new_cell(1, 598, 10))


def test_a_frame_outside_the_image_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(BadEdit, match="frame is not in the image"):
        commit(branch, ben, new_cell(1, 10, 10, t=2))


def test_an_id_that_was_never_reserved_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(BadEdit, match="never reserved"):
        commit(branch, ben, new_cell(1001, 10, 10))


def test_a_class_of_another_project_is_refused(branch: Branch, ben: User, team: Team) -> None:
    foreign = make_class(make_branch(team).image.dataset.project)
    with pytest.raises(BadEdit, match="no class"):
        commit(branch, ben, new_cell(1, 10, 10, facts=CellFacts(label_class=str(foreign.pk))))


def test_a_class_of_the_project_is_kept(branch: Branch, ben: User) -> None:
    own = make_class(branch.image.dataset.project)
    commit(branch, ben, new_cell(1, 10, 10, facts=CellFacts(label_class=str(own.pk))))
    assert reading.cell_facts(branch=branch)[1].label_class == str(own.pk)


def test_an_empty_batch_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(Invalid, match="at least one edit"):
        commit(branch, ben)


def test_too_many_edits_are_refused(branch: Branch, ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "MAX_EDITS", 1)
    with pytest.raises(EditTooLarge, match="at most 1 edits"):
        commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 20, 20))


def test_too_many_runs_are_refused(branch: Branch, ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "MAX_RUNS", 3)
    with pytest.raises(EditTooLarge, match="runs of pixels"):
        commit(branch, ben, new_cell(1, 10, 10))


def test_a_base_that_is_no_revision_of_the_branch_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(NoSuchBase):
        commit(branch, ben, new_cell(1, 10, 10), base=7)


def test_deleting_a_cell_whose_pixels_stay_elsewhere_is_refused(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), paint(1, 10, 10, t=1))
    gone = edit(
        pixels=[PixelChange(0, 0, 1, remove=box(10, 10, 4, 4))], cells=[CellChange(1, CellFacts(), None)]
    )
    with pytest.raises(EditDoesNotFit, match="left in other frames"):
        commit(branch, ben, gone)


def test_a_viewer_may_not_label(branch: Branch, vic: User) -> None:
    with pytest.raises(RoleTooLow):
        commit(branch, vic, new_cell(1, 10, 10))


# ---------------------------------------------------------------- lineage


def test_a_mother_that_exists_is_kept(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 20, 20, t=1, facts=CellFacts(mother=1)))
    assert reading.cell_facts(branch=branch)[2].mother == 1


def test_a_mother_that_does_not_exist_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(BrokenLineage, match="does not exist"):
        commit(branch, ben, new_cell(2, 20, 20, facts=CellFacts(mother=1)))


def test_a_circle_of_mothers_is_refused(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 20, 20, facts=CellFacts(mother=1)))
    with pytest.raises(BrokenLineage, match="own ancestor"):
        commit(branch, ben, edit(cells=[CellChange(1, CellFacts(), CellFacts(mother=2))]))


# ---------------------------------------------------------------- ids


def test_reserved_ids_are_nobody_elses(branch: Branch, ben: User, cleo: User) -> None:
    first = labels.reserve_cells(branch=branch, count=10, by=ben)
    second = labels.reserve_cells(branch=branch, count=5, by=cleo)
    assert (first, second) == (1001, 1011)


def test_too_many_ids_at_once_are_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(Invalid, match="can be reserved at once"):
        labels.reserve_cells(branch=branch, count=10**6, by=ben)


def test_ids_end_somewhere(branch: Branch, ben: User) -> None:
    Branch.objects.filter(pk=branch.pk).update(next_cell=2**31 - 3)
    assert labels.reserve_cells(branch=branch, count=3, by=ben) == 2**31 - 3
    with pytest.raises(labels.IdsUsedUp):
        labels.reserve_cells(branch=branch, count=1, by=ben)


# ---------------------------------------------------------------- planes from outside


def test_imported_planes_are_read_back_equal(team: Team, ben: User) -> None:
    branch = make_branch(team, ids=0, shape_tzyx=(2, 1, 5, 8))
    planes = np.concatenate((picture(ONE), picture(TWO)))
    revision = labels.import_planes(
        image=branch.image, branch=branch, frames=[(0, 0, planes), (1, 0, picture(ONE))],
        facts={2: CellFacts(mother=1)}, author=ben, kind="IMPORT", message="",
    )  # fmt: skip
    back = reading.read_planes(revision=revision, t=0, z=0)
    assert all(np.array_equal((back == cell).any(axis=0), (planes == cell).any(axis=0)) for cell in (1, 2))
    assert reading.cell_facts(revision=revision) == {1: CellFacts(), 2: CellFacts(mother=1)}
    branch.refresh_from_db()
    assert branch.next_cell == 3


def test_importing_again_replaces_whole_frames(team: Team, ben: User) -> None:
    branch = make_branch(team, ids=0, shape_tzyx=(2, 1, 5, 8))
    frames = [(0, 0, picture(TWO)), (1, 0, picture(ONE))]
    labels.import_planes(image=branch.image, branch=branch, frames=frames, facts={}, author=ben)
    labels.import_planes(
        image=branch.image, branch=branch, frames=[(0, 0, picture(ONE))], facts={}, author=ben
    )
    assert np.array_equal(reading.read_planes(branch=branch, t=0, z=0), picture(ONE))
    assert sorted(reading.cell_facts(branch=branch)) == [1]
    assert dict(CellHead.objects.values_list("cell", "pixel_count")) == {1: 8, 2: 0}


def test_an_import_with_a_known_batch_answers_the_earlier_revision(team: Team, ben: User) -> None:
    branch = make_branch(team, ids=0, shape_tzyx=(1, 1, 5, 8))
    batch = uuid.uuid4()
    answers = [
        labels.import_planes(
            image=branch.image,
            branch=branch,
            frames=[(0, 0, picture(ONE))],
            facts={},
            author=ben,
            batch_id=batch,
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


def test_planes_of_another_size_are_refused_and_nothing_is_left(branch: Branch, ben: User) -> None:
    with pytest.raises(labels.LabelsDoNotFit, match="is needed"):
        labels.import_planes(
            image=branch.image, branch=branch, frames=[(0, 0, picture(ONE))], facts={}, author=ben
        )
    assert not Revision.objects.exists()


def test_a_frame_given_twice_is_refused(team: Team, ben: User) -> None:
    branch = make_branch(team, ids=0, shape_tzyx=(1, 1, 5, 8))
    frames = [(0, 0, picture(ONE)), (0, 0, picture(ONE))]
    with pytest.raises(labels.LabelsDoNotFit, match="came twice"):
        labels.import_planes(image=branch.image, branch=branch, frames=frames, facts={}, author=ben)


def test_a_model_is_an_author_by_name(team: Team) -> None:
    branch = make_branch(team, ids=0, shape_tzyx=(1, 1, 5, 8))
    author = labels.ModelAuthor(id=uuid.uuid4(), name="nuclei-1")
    mine = labels.open_branch(image=branch.image, name="nuclei-1", origin="MODEL", author_model=author)
    revision = labels.import_planes(
        image=branch.image, branch=mine, frames=[(0, 0, picture(ONE))], facts={1: CellFacts(quality=0.7)},
        author=author, kind="PREDICTION", message="job",
    )  # fmt: skip
    assert (revision.author, revision.author_model_name, revision.author_model_id) == (
        None,
        "nuclei-1",
        author.id,
    )
    assert (
        labels.open_branch(image=branch.image, name="nuclei-1", origin="MODEL", author_model=author) == mine
    )


def test_a_name_that_another_holds_gets_a_number(branch: Branch) -> None:
    author = labels.ModelAuthor(id=uuid.uuid4(), name="main")
    assert (
        labels.open_branch(image=branch.image, name="main", origin="MODEL", author_model=author).name
        == "main (2)"
    )


ONE = """
    . . . . . . . .
    . 1 1 . . . . .
    . 1 1 . . . . .
    . . . . . . . .
    . . . . . . . .
"""
TWO = """
    . . . . . . . .
    . 2 2 . . . . .
    . . . . . 2 2 .
    . . . . . 2 2 .
    . . . . . . . .
"""


# ---------------------------------------------------------------- acceptance


def test_an_accepted_revision_makes_its_branch_current(branch: Branch, ben: User, cleo: User) -> None:
    other = labels.open_branch(image=branch.image, name="second", origin="PERSON")
    Branch.objects.filter(pk=other.pk).update(next_cell=10)
    revision = commit(other, ben, new_cell(1, 10, 10))
    accepted = labels.accept(revision=revision, by=cleo)
    branch.image.refresh_from_db()
    assert (accepted.accepted_by, branch.image.current_branch_id) == (cleo, other.pk)
    assert reading.accepted_revision(branch.image) == revision


def test_accepting_again_changes_nothing(branch: Branch, ben: User, cleo: User, mia: User) -> None:
    revision = commit(branch, ben, new_cell(1, 10, 10))
    first = labels.accept(revision=revision, by=cleo)
    again = labels.accept(revision=revision, by=mia)
    assert (again.accepted_at, again.accepted_by) == (first.accepted_at, cleo)


def test_an_annotator_may_not_accept(branch: Branch, ben: User) -> None:
    revision = commit(branch, ben, new_cell(1, 10, 10))
    with pytest.raises(RoleTooLow):
        labels.accept(revision=revision, by=ben)


# ---------------------------------------------------------------- the log


def test_the_log_gives_whole_revisions_in_order(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 20, 20))
    commit(branch, ben, paint(1, 30, 30))
    log = reading.list_log(branch=branch, after=0, limit=2)
    assert [(entry.revision.number, entry.position) for entry in log] == [(1, 0), (1, 1)]
    assert [entry.revision.number for entry in reading.list_log(branch=branch, after=1, limit=2)] == [2]
    assert EditRecord.objects.count() == 3
