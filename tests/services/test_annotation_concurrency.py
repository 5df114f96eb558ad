"""Two people at one branch and one queue: nothing is lost, nothing is given twice, cost does not grow."""

import random
import threading
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.core import documents
from annotation.core import edits as core_edits
from annotation.core.edits import Edit
from annotation.models import Branch, CellHead, CellState, Revision, Task, Tile, TileHead
from annotation.selectors import frames
from annotation.selectors import labels as reading
from annotation.services import labels, tasks
from annotation.services.labels import OnConflict, StaleRevision
from backend.accounts.models import Team, User
from tests.cast import Cast, gather
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs at the same time, each in a thread with its own database session; errors are answers."""
    start = threading.Barrier(len(jobs))
    answers: list[Any] = [None] * len(jobs)

    def run(i: int) -> None:
        start.wait()
        try:
            answers[i] = jobs[i]()
        except Exception as error:
            answers[i] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# ---------------------------------------------------------------- threads


@pytest.mark.django_db(transaction=True)
def test_two_people_commit_to_one_branch_at_once() -> None:
    cast = gather()
    branch = make_branch(cast.team)

    def work(person: User, first: int) -> Callable[[], int]:
        def draw() -> int:
            for i in range(10):
                commit(branch, person, new_cell(first + i, 10 * i, first), base=0)
            return 10

        return draw

    assert together(work(cast.ben, 100), work(cast.cleo, 300)) == [10, 10]
    assert sorted(Revision.objects.values_list("number", flat=True)) == list(range(1, 21))
    drawn = reading.read_planes(branch=branch, t=0, z=0)
    assert sorted(np.unique(drawn[drawn > 0]).tolist()) == [*range(100, 110), *range(300, 310)]


@pytest.mark.django_db(transaction=True)
def test_the_same_cell_at_once_is_one_answer_and_one_refusal() -> None:
    cast = gather()
    branch = make_branch(cast.team)
    commit(branch, cast.ben, new_cell(1, 10, 10))
    answers = together(
        lambda: commit(branch, cast.ben, paint(1, 20, 20), base=1),
        lambda: commit(branch, cast.cleo, paint(1, 30, 30), base=1),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Revision", "StaleRevision"]


@pytest.mark.django_db(transaction=True)
def test_one_batch_sent_twice_at_once_is_one_revision() -> None:
    cast = gather()
    branch = make_branch(cast.team)
    batch, drawn = uuid.uuid4(), new_cell(1, 10, 10)
    answers = together(*[lambda: commit(branch, cast.ben, drawn, base=0, batch_id=batch)] * 4)
    assert len(set(answers)) == 1
    assert Revision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_hands_never_pull_the_same_task() -> None:
    cast = gather()
    branch = make_branch(cast.team)
    project = branch.image.dataset.project
    for _ in range(4):
        tasks.create(project=project, image=branch.image, by=cast.mia)
    people = [cast.ana, cast.mia, cast.cleo, cast.ben]
    pulled = together(*[lambda who=who: tasks.take_next(project=project, by=who) for who in people])
    assert len({task.pk for task in pulled}) == 4
    assert Task.objects.filter(state="ASSIGNED").count() == 4


@pytest.mark.django_db(transaction=True)
def test_reserved_ids_never_overlap() -> None:
    cast = gather()
    branch = make_branch(cast.team)
    people = [cast.ana, cast.mia, cast.cleo, cast.ben] * 2
    firsts = together(
        *[lambda who=who: labels.reserve_cells(branch=branch, count=7, by=who) for who in people]
    )
    assert sorted(firsts) == list(range(1001, 1001 + 7 * 8, 7))


# ---------------------------------------------------------------- rebase, against a naive twin


CELLS = range(1, 7)
PLACES = st.tuples(st.sampled_from(CELLS), st.integers(0, 40), st.integers(0, 40), st.booleans())


def gestures(document: documents.Labels, wishes: list[tuple[int, int, int, bool]]) -> list[Edit]:
    """Edits that fit the document, one after the other: strokes that add or remove a box of a cell."""
    made: list[Edit] = []
    for cell, y, x, adds in wishes:
        wanted = paint(cell, y, x, 5, 5) if adds else erase(cell, y, x, 5, 5)
        after = documents.apply(document, wanted, exact=False)
        pixels = _difference(document, after, cell)
        if pixels:
            made.append(core_edits.Edit(str(uuid.uuid4()), "brush", pixels))
            document = after
    return made


def _difference(
    before: documents.Labels, after: documents.Labels, cell: int
) -> tuple[core_edits.PixelChange, ...]:
    old, new = (_mask(document, cell) for document in (before, after))
    add, remove = core_edits.runs_of_mask(new & ~old), core_edits.runs_of_mask(old & ~new)
    return (core_edits.PixelChange(0, 0, cell, add, remove),) if add or remove else ()


def _mask(document: documents.Labels, cell: int) -> np.ndarray:
    mask = np.zeros((64, 64), bool)
    runs = documents.runs(document, t=0, z=0).get(cell, ())
    for y, x, n in zip(runs[0::3], runs[1::3], runs[2::3], strict=True):
        mask[y, x : x + n] = True
    return mask


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(theirs=st.lists(PLACES, min_size=1, max_size=4), mine=st.lists(PLACES, min_size=1, max_size=4))
def test_nobodys_pixels_are_lost(
    cast: Cast, theirs: list[tuple[int, int, int, bool]], mine: list[tuple[int, int, int, bool]]
) -> None:
    """Stale work is refused naming a cell that both touched, or the result is that of the naive twin: one
    document to which both sides' edits are applied. With KEEP_MINE the twin is the same with sets."""
    branch = make_branch(cast.team, shape_tzyx=(1, 1, 64, 64))
    start = [new_cell(cell, 6 * cell, 6 * cell) for cell in CELLS]
    commit(branch, cast.ben, *start)
    document = documents.Labels()
    for drawn in start:
        document = documents.apply(document, drawn)
    first, second = gestures(document, theirs), gestures(document, mine)
    if not first or not second:
        return
    commit(branch, cast.ben, *first, base=1)
    refused = refusal_of(lambda: commit(branch, cast.cleo, *second, base=1))
    if refused is not None:
        touched = {p.cell for e in second for p in e.pixels}
        assert {c["cell"] for c in refused.details["collisions"]} <= touched
        commit(branch, cast.cleo, *second, base=1, on_conflict=OnConflict.KEEP_MINE)
    for drawn in (*first, *second):
        document = documents.apply(document, drawn, exact=False)
    stored = reading.frame_tiles(branch=branch, t=0, z=0)
    assert stored == {key[2:]: content for key, content in document.tiles.items()}
    _check_books(branch)


def refusal_of(job: Callable[[], Any]) -> StaleRevision | None:
    try:
        job()
    except StaleRevision as refused:
        return refused
    return None


def _check_books(branch: Branch) -> None:
    """The kept pixel counts are those of the pixels; undoing the whole log leads back to nothing."""
    planes = reading.read_planes(branch=branch, t=0, z=0)
    for head in CellHead.objects.filter(branch=branch):
        assert head.pixel_count == int((planes == head.cell).sum())
    document = documents.Labels(
        {(0, 0, *at): content for at, content in reading.frame_tiles(branch=branch, t=0, z=0).items()},
        reading.cell_facts(branch=branch),
    )
    for drawn in reversed(reading.edits_after(branch=branch, number=0)):
        document = documents.apply(document, core_edits.invert(drawn))
    assert (document.tiles, document.facts) == ({}, {})


# ---------------------------------------------------------------- cost


def stroke(branch: Branch, by: User, i: int) -> Revision:
    """One small stroke of cell 1, in one tile."""
    y, x = divmod(i, 50)
    return commit(branch, by, paint(1, 5 + y % 200, 2 * x, 1, 1) if i < 10_000 else erase(1, 0, 0))


def test_a_stroke_costs_the_same_late_as_early(team: Team, ben: User) -> None:
    branch = make_branch(team)
    commit(branch, ben, new_cell(1, 0, 150))
    with CaptureQueriesContext(connection) as early:
        stroke(branch, ben, 0)
    for i in range(1, 300):
        stroke(branch, ben, i)
    with CaptureQueriesContext(connection) as late:
        stroke(branch, ben, 300)
    assert len(late) == len(early) <= 25
    assert Tile.objects.filter(branch=branch).count() == Revision.objects.filter(branch=branch).count() == 302
    assert TileHead.objects.filter(branch=branch).count() == 1
    assert CellState.objects.filter(branch=branch).count() == 1, "a stroke does not repeat a cell's facts"


def test_opening_a_frame_costs_the_same_late_as_early(team: Team, ben: User) -> None:
    branch = make_branch(team)
    commit(branch, ben, new_cell(1, 0, 150))
    for i in range(60):
        stroke(branch, ben, i)
    branch = Branch.objects.select_related("image").get(pk=branch.pk)
    with CaptureQueriesContext(connection) as opened:
        answer = frames.read(branch=branch, t=0, z=0)
    assert answer.body is not None
    assert len(opened) == 2
    assert len(answer.body) < 1000, "only the newest content of the tile travels"


@pytest.mark.slow
def test_five_thousand_revisions_are_read_through_heads_only(team: Team, ben: User) -> None:
    """Plans, not clocks: the frame at the head is an index scan over the heads, never over the history."""
    branch = make_branch(team)
    commit(branch, ben, new_cell(1, 0, 150))
    grow(branch, 5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotation_tile, annotation_tilehead")
        query = TileHead.objects.filter(branch=branch, t=0, z=0).values_list(
            "ty", "tx", "number", "tile__content"
        )
        plan = query.explain(analyze=True)
    assert "Seq Scan on annotation_tile " not in plan
    assert "rows=1 " in plan
    with CaptureQueriesContext(connection) as late:
        stroke(branch, ben, 7)
    assert len(late) <= 25


def grow(branch: Branch, count: int) -> None:
    """A long history, written without the service: revisions of one tile with the content of the head."""
    branch.refresh_from_db()
    history = Tile.objects.filter(branch=branch, t=0, z=0, ty=0, tx=0)
    last = history.latest("number")
    numbers = range(branch.head_number + 1, branch.head_number + 1 + count)
    rows = [
        Revision(
            image=branch.image, branch=branch, number=n, kind="EDIT", batch_id=uuid.uuid4(),
            base_number=n - 1, parent_number=n - 1,
        )
        for n in numbers
    ]  # fmt: skip
    Revision.objects.bulk_create(rows, batch_size=1000)
    Tile.objects.bulk_create(
        [
            Tile(
                branch=branch, revision=row, number=row.number, t=0, z=0, ty=0, tx=0, content=last.content,
                stats=last.stats,
            )
            for row in rows
        ],
        batch_size=1000,
    )  # fmt: skip
    newest = history.latest("number")
    TileHead.objects.filter(tile=last).update(tile=newest, number=newest.number)
    Branch.objects.filter(pk=branch.pk).update(head_number=newest.number)
    type(branch.image).objects.filter(pk=branch.image_id).update(last_number=newest.number)
    branch.refresh_from_db()


def test_the_random_order_of_two_people_does_not_matter(team: Team, ben: User, cleo: User) -> None:
    """U3: two scripted people, many interleavings, no lost edit."""
    for seed in range(5):
        branch = make_branch(team)
        mine = [new_cell(i, 10 * i, 10) for i in range(1, 8)]
        yours = [new_cell(100 + i, 10 * i, 400) for i in range(1, 8)]
        queue = [(ben, e) for e in mine] + [(cleo, e) for e in yours]
        random.Random(seed).shuffle(queue)
        for person, drawn in queue:
            commit(branch, person, drawn, base=0)
        assert sorted(reading.cell_facts(branch=branch)) == [*range(1, 8), *range(101, 108)]
