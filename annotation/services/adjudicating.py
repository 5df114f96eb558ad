"""Two ratings of an image settled: the first stays, or the second, some cells of it, what both agree on."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from annotation.core import adjudication, frame_differences
from annotation.core.adjudication import Adjudicated, Frame, Take, Unit
from annotation.core.edits import Edit
from annotation.core.lifecycle import Move
from annotation.core.tiles import runs_of_tiles
from annotation.models import Branch, CellHead, Review, Revision, Task, TaskState, Verdict
from annotation.policies import access
from annotation.selectors import changes, ratings
from annotation.selectors import labels as reading
from annotation.selectors.differences import LEAST_IOU
from annotation.services import labels, news, reverting, review_rules, revisions, tasks
from backend.accounts.models import Role, User
from backend.foundation.errors import Conflict, Invalid

TOOL = "adjudicate"


class RatingsNotReady(Conflict):
    """Both ratings must be handed in before anybody decides."""


class LabelsMoved(Conflict):
    """Somebody changed the labels after they were looked at."""


class WhichCells(Invalid):
    """Cell by cell means naming cells; a whole choice names none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of one cell in one frame whose answer counts: its name in the first labels, in the second, or both."""

    t: int
    z: int
    take: Take
    first: int | None = None
    second: int | None = None


@transaction.atomic
def settle(
    *,
    rating: Task,
    take: Take,
    cells: Sequence[Chosen] = (),
    head: int | None = None,
    comment: str = "",
    by: User,
) -> Task | None:
    """Decide between two ratings; answers the task that now brings the result to review, None where the first
    labels stay as they are.

    `take` is for every cell that `cells` does not name. What changes is one edit on the first task's branch,
    made on its revision `head` (what was looked at); the first task goes to review with it. The second is
    settled: its rater sees everything again. Who made one of the ratings may not decide where somebody else
    could. Raises RoleTooLow, RatingsNotReady, LabelsMoved, OwnWorkRefused.
    """
    access.require(by, rating.project, Role.REVIEWER)
    [pair] = ratings.pairs_of([rating])
    if pair.stage not in (ratings.Stage.READY, ratings.Stage.SETTLED) or pair.first is None:
        raise RatingsNotReady("Both ratings must be handed in before they are settled.")
    raters = {pair.first.assignee_id, pair.second.assignee_id}
    review_rules.refuse_own_rating(raters=raters, project=rating.project, by=by)
    changed = None
    if cells or take is not Take.FIRST:
        changed = _change(pair.first, pair.second, _decision(take, cells), head, by)
    _close(rating, _words(take, cells, comment), by)
    return None if changed is None else _to_review(pair.first, changed)


def _decision(take: Take, cells: Collection[Chosen]) -> Callable[[Unit], Take]:
    named: dict[tuple[int, int, str, int], Take] = {}
    for one in cells:
        if one.first is None and one.second is None:
            raise WhichCells("Name a cell of the first labels, of the second, or of both.")
        for side, cell in (("first", one.first), ("second", one.second)):
            if cell is not None:
                named[one.t, one.z, side, cell] = one.take

    def decide(unit: Unit) -> Take:
        for side, cell in (("first", unit.first), ("second", unit.second)):
            found = named.get((unit.t, unit.z, side, cell)) if cell is not None else None
            if found is not None:
                return found
        return take

    return decide


def _change(
    first: Task, second: Task, decide: Callable[[Unit], Take], head: int | None, by: User
) -> Revision | None:
    locked = revisions.lock(first.branch_id)
    if head is not None and head != locked.head_number:
        raise LabelsMoved(
            f"The labels are at revision {locked.head_number} now, not at {head}; look at them again."
        )
    plan = _planned(locked, second, decide)
    if not plan.pixels and not plan.cells:
        return None
    if plan.new_cells:
        labels.reserve_cells(branch=locked, count=plan.new_cells, by=by)
    facts = reverting.with_lineage(locked, plan.cells)
    edit = Edit(str(uuid.uuid4()), TOOL, plan.pixels, tuple(facts), parameters={"rating": str(second.pk)})
    branch = Branch.objects.select_related("image__dataset__project__team").get(pk=locked.pk)
    return labels.commit_edits(
        branch=branch, batch_id=uuid.uuid4(), base=locked.head_number, edits=[edit], author=by
    )


def _planned(first: Branch, second: Task, decide: Callable[[Unit], Take]) -> Adjudicated:
    handed_in = second.submitted_revision
    assert handed_in is not None  # a pair that is ready
    one, two = (first.pk, first.head_number), (second.branch_id, handed_in.number)
    heads = CellHead.objects.filter(branch=first, exists=True)
    return adjudication.adjudicate(
        [_frame(one, two, t, z) for t, z in ratings.frames_of(first.pk, second.branch_id)],
        decide=decide,
        first=reading.facts_at(branch_id=first.pk, number=first.head_number),
        second=reading.facts_at(branch_id=second.branch_id, number=handed_in.number),
        pixel_counts=dict(heads.values_list("cell", "pixel_count")),
        free=first.next_cell,
    )


def _frame(one: tuple[uuid.UUID, int], two: tuple[uuid.UUID, int], t: int, z: int) -> Frame:
    before, after = (
        changes.contents_at(branch_id=branch, number=number, t=t, z=z) for branch, number in (one, two)
    )
    compared = frame_differences.by_overlap(before, after, least_iou=LEAST_IOU)
    return Frame(t, z, runs_of_tiles(before), runs_of_tiles(after), compared)


def _close(rating: Task, comment: str, by: User) -> None:
    """The second rating is done with; its labels stay where they are."""
    if rating.state == TaskState.ACCEPTED:
        return
    locked, state = tasks.move(task=rating, move=Move.ACCEPT, by=by)
    assert locked.submitted_revision is not None  # it is handed in
    Review.objects.create(
        task=locked, revision=locked.submitted_revision, reviewer=by, verdict=Verdict.ACCEPTED,
        comment=comment,
    )  # fmt: skip
    locked.state = state
    tasks.save(locked)
    news.settled(task=locked, by=by)


def _words(take: Take, cells: Collection[Chosen], comment: str) -> str:
    said = {Take.FIRST: "the first rating", Take.SECOND: "the second", Take.CONSENSUS: "what both agree on"}
    one_by_one = f", {len(cells)} cells one by one" if cells else ""
    return f"Settled: {said[take]}{one_by_one}. {comment}".strip()


def _to_review(first: Task, changed: Revision) -> Task:
    """The first task, handed in as what was decided; one accepted before was recalled by the change."""
    locked = Task.objects.select_for_update(of=("self",)).select_related("project", "image").get(pk=first.pk)
    if locked.state == TaskState.SUBMITTED and locked.submitted_revision_id != changed.pk:
        locked.submitted_revision = changed
        tasks.save(locked)
    return locked
