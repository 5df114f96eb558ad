"""Moves of whole tracks: what is written, what is logged, and what becomes of work that was drawn before."""

from dataclasses import replace

import numpy as np
import pytest

from annotation.core import edits as core_edits
from annotation.core.alerts import AlertKind
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit
from annotation.models import Branch, CellHead, CellTile, Tile
from annotation.selectors import changes, tracks
from annotation.selectors import labels as reading
from annotation.selectors.changes import ChangeKind
from annotation.services import labels
from annotation.services.bulk import LabelsDoNotFit
from annotation.services.collisions import BrokenLineage
from annotation.services.labels import BadEdit, CellLocked, EditDoesNotFit, OnConflict, StaleRevision
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, make_branch, move, new_cell, paint

FRAMES = 10
LAST = FRAMES - 1
FACTS = CellFacts()


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(FRAMES, 2, 300, 600))


def track(cell: int, y: int, x: int, first: int = 0, last: int = LAST) -> list[Edit]:
    """A cell that stands still, over the border of two tiles when x is 254."""
    begin = new_cell(cell, y, x, t=first)
    return [begin, *(paint(cell, y, x, t=t) for t in range(first + 1, last + 1))]


def frames_of(branch: Branch, cell: int) -> list[int]:
    """Read from the pixels; the table of places must say the same."""
    drawn = [t for t in range(FRAMES) if (reading.read_planes(branch=branch, t=t, z=0) == cell).any()]
    noted = (
        CellTile.objects.filter(branch=branch, cell=cell).values_list("t", flat=True).distinct().order_by("t")
    )
    assert drawn == list(noted)
    return drawn


def born(cell: int, mother: int | None = None) -> CellChange:
    return CellChange(cell, None, CellFacts(mother=mother))


def adopts(cell: int, mother: int | None, before: CellFacts = FACTS) -> CellChange:
    return CellChange(cell, before, CellFacts(mother=mother))


# ---------------------------------------------------------------- what is written


def test_T1_a_track_is_cut_and_only_the_tiles_that_hold_it_are_written(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 254), *track(2, 10, 500), *track(3, 280, 10))
    revision = commit(branch, ben, move((1, 7, 4, LAST), cells=[born(7)]))
    assert (frames_of(branch, 1), frames_of(branch, 7)) == ([0, 1, 2, 3], [4, 5, 6, 7, 8, 9])
    written = set(Tile.objects.filter(revision=revision).values_list("t", "ty", "tx"))
    assert written == {(t, 0, tx) for t in range(4, FRAMES) for tx in (0, 1)}
    counts = dict(CellHead.objects.filter(branch=branch).values_list("cell", "pixel_count"))
    assert counts == {1: 4 * 16, 7: 6 * 16, 2: 160, 3: 160}


def test_T1_the_log_holds_the_move_and_its_inverse_takes_it_back(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 254))
    there = move((1, 7, 4, LAST), cells=[born(7)])
    commit(branch, ben, there)
    [logged] = reading.edits_after(branch=branch, number=1)
    assert logged == there
    commit(branch, ben, core_edits.invert(logged, id="3b241101-e2bb-4255-8caf-4136c566a962"))
    assert (frames_of(branch, 1), frames_of(branch, 7)) == (list(range(FRAMES)), [])
    assert set(reading.cell_facts(branch=branch)) == {1}


def test_T3_swap_at_a_frame(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10), *track(2, 100, 10, last=6))
    commit(branch, ben, move((1, 2, 5, LAST), (2, 1, 5, LAST)))
    assert (frames_of(branch, 1), frames_of(branch, 2)) == (list(range(7)), list(range(FRAMES)))
    assert reading.read_planes(branch=branch, t=6, z=0)[0, 10, 10] == 2


def test_T1_tracks_are_merged_in_one_batch_with_the_strokes_before(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10, last=3), *track(2, 10, 10, first=5))
    gap = paint(2, 10, 10, t=4)
    merged = move((2, 1, 4, LAST), cells=[CellChange(2, FACTS, None)])
    commit(branch, ben, gap, merged)
    assert (frames_of(branch, 1), frames_of(branch, 2)) == (list(range(FRAMES)), [])
    assert set(reading.cell_facts(branch=branch)) == {1}


def test_a_restored_revision_has_its_tracks_back(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10))
    commit(branch, ben, move((1, 7, 4, LAST), cells=[born(7)]))
    labels.restore(branch=branch, number=1, by=ben)
    assert (frames_of(branch, 1), frames_of(branch, 7)) == (list(range(FRAMES)), [])
    assert set(reading.cell_facts(branch=branch)) == {1}
    assert reading.cell_spans(revision=reading.get_revision(branch=branch, number=2))[7][:2] == (4, LAST)


# ---------------------------------------------------------------- what is refused


def test_a_move_onto_pixels_that_stay_is_refused(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10), *track(2, 100, 500, first=8))
    with pytest.raises(EditDoesNotFit, match="Cell 2 has pixels in frame 8"):
        commit(branch, ben, move((1, 2, 4, LAST)))
    with pytest.raises(EditDoesNotFit, match="pixels of it are left"):
        commit(branch, ben, move((1, 2, 0, 7), cells=[CellChange(1, FACTS, None)]))


def test_a_move_past_the_movie_or_of_a_locked_cell_is_refused(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10), new_cell(2, 50, 50, facts=CellFacts(locked=True)))
    with pytest.raises(BadEdit, match="frame 10 is not in the image"):
        commit(branch, ben, move((1, 3, 4, FRAMES)))
    with pytest.raises(CellLocked):
        commit(branch, ben, move((1, 2, 4, LAST)))
    with pytest.raises(EditDoesNotFit, match="cell 3, which does not exist"):
        commit(branch, ben, move((1, 3, 4, LAST)))


def test_T2_fusion_and_death_are_facts(branch: Branch, ben: User) -> None:
    commit(branch, ben, *track(1, 10, 10), *track(2, 100, 10, last=4), *track(3, 100, 100, last=4))
    marks = [CellFacts(merged_into=1), CellFacts(ending="death")]
    commit(branch, ben, edit(cells=[CellChange(2, FACTS, marks[0]), CellChange(3, FACTS, marks[1])]))
    assert reading.cell_facts(branch=branch) == {1: FACTS, 2: marks[0], 3: marks[1]}
    with pytest.raises(BrokenLineage, match="merges into cell 9"):
        commit(branch, ben, edit(cells=[CellChange(1, FACTS, CellFacts(merged_into=9))]))


# ---------------------------------------------------------------- T12: work that was drawn before


def test_T12_a_stroke_follows_the_track_that_was_moved_meanwhile(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, *track(1, 10, 10))
    commit(branch, ben, move((1, 7, 4, LAST), cells=[born(7)]))
    revision = commit(branch, cleo, paint(1, 14, 10, t=6), base=1)
    assert revision.rebased
    assert reading.read_planes(branch=branch, t=6, z=0)[0, 14, 10] == 7
    [logged] = reading.edits_after(branch=branch, number=2)
    assert [p.cell for p in logged.pixels] == [7]


def test_T12_a_division_made_later_in_the_movie_follows_its_mother(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, *track(1, 10, 10))
    commit(branch, ben, move((1, 7, 3, LAST), cells=[born(7)]))
    commit(branch, cleo, move((1, 20, 6, LAST), cells=[born(20, mother=1)]), base=1)
    assert [frames_of(branch, cell) for cell in (1, 7, 20)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]]
    assert reading.cell_facts(branch=branch)[20].mother == 7


def test_T12_a_division_that_was_there_first_keeps_its_mother_when_she_is_moved(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, *track(1, 10, 10))
    commit(branch, cleo, move((1, 20, 6, LAST), cells=[born(20, mother=1)]), base=1)
    commit(branch, ben, move((1, 7, 3, LAST), cells=[born(7)]), base=1)
    assert [frames_of(branch, cell) for cell in (1, 7, 20)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]]
    assert reading.cell_facts(branch=branch)[20].mother == 7
    [logged] = reading.edits_after(branch=branch, number=2)
    assert CellChange(20, CellFacts(mother=1), CellFacts(mother=7)) in logged.cells


def test_T12_two_facts_of_one_cell_are_both_kept(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, *track(1, 10, 10, last=3), *track(2, 10, 10, first=4))
    commit(branch, ben, edit(cells=[adopts(2, 1)]))
    commit(branch, cleo, edit(cells=[CellChange(2, FACTS, CellFacts(ending="death"))]), base=1)
    assert reading.cell_facts(branch=branch)[2] == CellFacts(mother=1, ending="death")


@pytest.mark.parametrize(
    ("newer", "stale"),
    [
        pytest.param([(1, 7, 4, LAST)], [(1, 8, 4, LAST)], id="cut at the same frame"),
        pytest.param([(2, 1, 5, LAST)], [(3, 1, 5, LAST)], id="joined to the same cell"),
        pytest.param([(2, 1, 5, LAST)], [(3, 1, 6, LAST)], id="joined to the same cell later"),
    ],
)
def test_T12_moves_that_contradict_each_other_are_refused(
    branch: Branch, ben: User, cleo: User, newer: list[tuple[int, int, int, int]],
    stale: list[tuple[int, int, int, int]],
) -> None:  # fmt: skip
    later = [*track(2, 50, 10, first=5), *track(3, 90, 10, first=5)]
    last = LAST if newer[0][0] == 1 else 4
    commit(branch, ben, *track(1, 10, 10, last=last), *later, edit(cells=[born(7), born(8)]))
    commit(branch, ben, move(*newer))
    with pytest.raises(StaleRevision) as refused:
        commit(branch, cleo, move(*stale), base=1)
    assert refused.value.details["collisions"]


def test_T12_a_stroke_under_a_name_that_another_cell_was_given_is_refused(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, *track(1, 10, 10, last=4), *track(2, 50, 10, first=5))
    commit(branch, ben, move((2, 1, 5, LAST)))
    with pytest.raises(StaleRevision):
        commit(branch, cleo, paint(1, 10, 10, t=5), base=1)


def test_T12_keeping_mine_brings_cells_together_and_can_be_taken_back(
    branch: Branch, ben: User, cleo: User
) -> None:
    commit(branch, ben, *track(1, 10, 10, last=4), *track(2, 50, 10, first=5))
    commit(branch, ben, paint(1, 10, 10, t=6))
    with pytest.raises(StaleRevision):
        commit(branch, cleo, move((2, 1, 5, LAST)), base=1)
    commit(branch, cleo, move((2, 1, 5, LAST)), base=1, on_conflict=OnConflict.KEEP_MINE)
    assert (frames_of(branch, 1), frames_of(branch, 2)) == (list(range(FRAMES)), [])
    [logged] = reading.edits_after(branch=branch, number=2)
    assert logged.moves == (CellMove(2, 1, 5, 5), CellMove(2, 1, 7, LAST))
    assert {(p.cell, p.t) for p in logged.pixels} == {(1, 6), (2, 6)}
    commit(branch, cleo, core_edits.invert(logged, id="3b241101-e2bb-4255-8caf-4136c566a962"))
    assert (frames_of(branch, 1), frames_of(branch, 2)) == ([0, 1, 2, 3, 4, 6], [5, 6, 7, 8, 9])


def test_T12_a_move_over_a_restoration_is_refused(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, *track(1, 10, 10), edit(cells=[born(7)]))
    commit(branch, ben, paint(1, 14, 10))
    labels.restore(branch=branch, number=1, by=ben)
    with pytest.raises(StaleRevision):
        commit(branch, cleo, move((1, 7, 4, LAST)), base=2)


# ---------------------------------------------------------------- a mother is there before her daughter


def test_T2_a_mother_that_begins_after_her_daughter_is_refused(team: Team, ben: User) -> None:
    late = make_branch(team, shape_tzyx=(4, 1, 20, 40))
    commit(
        late, ben, new_cell(1, 2, 2, t=2), paint(1, 2, 2, t=3), new_cell(2, 2, 12, t=1), paint(2, 2, 12, t=2)
    )
    given = edit(cells=[CellChange(2, CellFacts(), CellFacts(mother=1))])
    with pytest.raises(BrokenLineage, match="Cell 2 begins in frame 1, before cell 1, which begins in"):
        commit(late, ben, given)
    # The same edit may put it right: the frames that count are those after it.
    commit(late, ben, paint(1, 2, 2, t=0), given)
    assert reading.cell_facts(branch=late)[2].mother == 1


def test_T2_what_was_there_before_can_be_brought_back_by_undoing(team: Team, ben: User) -> None:
    old = make_branch(team, shape_tzyx=(4, 1, 20, 40))
    commit(old, ben, new_cell(1, 2, 2, t=1), new_cell(2, 2, 12, t=2, facts=CellFacts(mother=1)))
    commit(old, ben, paint(2, 2, 12, t=0))
    [alert] = [one for one in tracks.list_alerts(branch=old) if one.kind is AlertKind.BROKEN_LINEAGE]
    assert (alert.cell, alert.others) == (2, (1,))
    assert "a mother is there before her daughter" in alert.message
    taken = edit(cells=[CellChange(2, CellFacts(mother=1), CellFacts())])
    commit(old, ben, taken)
    commit(old, ben, replace(core_edits.invert(taken), undoes=taken.id))
    assert reading.cell_facts(branch=old)[2].mother == 1


def test_T2_labels_from_outside_with_such_a_mother_are_refused(team: Team, ben: User) -> None:
    made = make_branch(team, shape_tzyx=(3, 1, 8, 8))
    planes = [(t, 0, np.full((1, 8, 8), 1 + (t > 1), np.uint32)) for t in range(3)]
    with pytest.raises(LabelsDoNotFit, match="before cell 2, which begins in frame 2"):
        labels.import_planes(
            image=made.image, branch=made, frames=planes, author=ben, facts={1: CellFacts(mother=2)}
        )


def test_T1_a_moved_track_is_told_as_renamed_and_not_as_removed_and_added(branch: Branch, ben: User) -> None:
    before = commit(branch, ben, *track(1, 10, 10), *track(2, 10, 60), *track(3, 10, 100))
    commit(branch, ben, move((1, 2, 5, LAST), (2, 1, 5, LAST)), move((3, 7, 4, LAST), cells=[born(7)]))
    target = commit(branch, ben, paint(7, 10, 104, t=6))
    rows = changes.between(branch=branch, base=before, target=target)
    told = [(row.change, row.base_cell, row.cell, row.t, row.last_t) for row in rows]
    assert sorted(told, key=str) == sorted(
        [
            (ChangeKind.RENAMED, 1, 2, 5, LAST),
            (ChangeKind.RENAMED, 2, 1, 5, LAST),
            (ChangeKind.RENAMED, 3, 7, 4, LAST),
            (ChangeKind.CHANGED, 3, 7, 6, None),
        ],
        key=str,
    )
    # What was taken back did not happen.
    back = commit(branch, ben, move((7, 3, 4, LAST), cells=[CellChange(7, FACTS, None)]))
    rows = changes.between(branch=branch, base=before, target=back)
    assert {(row.change, row.base_cell, row.cell) for row in rows} == {
        (ChangeKind.RENAMED, 1, 2), (ChangeKind.RENAMED, 2, 1), (ChangeKind.CHANGED, 3, 3),
    }  # fmt: skip
