"""Reviews: a verdict on exactly the revision that was looked at, with notes pinned to places."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from annotation.core import lifecycle
from annotation.core.edits import Edit
from annotation.core.lifecycle import Move
from annotation.core.sampling import is_drawn
from annotation.models import Branch, Note, Review, Revision, Task, TaskKind, TaskState, Verdict
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import reviews as reading_reviews
from annotation.services import labels, news, review_rules, revisions, tasks
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Pin:
    """A remark at a frame and, where given, at a pixel (px, image coordinates) and a cell."""

    t: int
    z: int
    text: str
    y: float | None = None
    x: float | None = None
    cell: int | None = None


class SubmissionChanged(Conflict):
    """What was looked at is not what is handed in."""


class SettledTogether(Conflict):
    """A blind rating is not accepted alone: whoever decides looks at both."""


class TaskInTheWay(Conflict):
    """Somebody has a task on these labels: they are judged when it is handed in."""


class NothingChanged(Conflict):
    """What was accepted is what is there."""


class ReturnNeedsReason(Invalid):
    """Work goes back only with a comment or a note that says why."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What a reviewer changes on top of what is handed in, in the same breath as accepting it."""

    batch_id: UUID
    base: int
    edits: Sequence[Edit]


MOVES = {
    Verdict.ACCEPTED: Move.ACCEPT,
    Verdict.RETURNED: Move.RETURN,
    Verdict.REQUEUED: Move.REQUEUE,
}


@transaction.atomic
def decide(
    *,
    task: Task,
    by: User,
    verdict: str,
    comment: str = "",
    notes: Sequence[Pin] = (),
    number: int | None = None,
    fix: Fix | None = None,
) -> Review:
    """Accept a submitted task, return it to its author, or put it back into the queue for anybody.

    `number` is the revision that the reviewer looked at: the submitted one, or, when accepting, a later one
    that holds nothing but the reviewer's own corrections on top of it; anything else raises
    `SubmissionChanged`. None means the submitted one. `fix` is put on top first and accepted with the rest.
    """
    locked, state = tasks.move(task=task, move=MOVES[Verdict(verdict)], by=by)
    if locked.blind and verdict == Verdict.ACCEPTED:
        raise SettledTogether("A blind rating is settled beside the first one, on the page “Agreement”.")
    if verdict != Verdict.ACCEPTED and not comment.strip() and not notes:
        raise ReturnNeedsReason("Say in a comment or a note what is to be changed.")
    if verdict == Verdict.ACCEPTED:
        review_rules.refuse_own_work(task=locked, by=by)
        number = _fixed(locked, by, number, fix) if fix else number
    revision = _looked_at(locked, by, verdict, number)
    review = Review.objects.create(
        task=locked, revision=revision, reviewer=by, verdict=verdict, comment=comment
    )
    _pin(locked, review, notes, by)
    _settle(locked, state, review)
    return review


def _fixed(task: Task, by: User, number: int | None, fix: Fix) -> int:
    """The number of the reviewer's corrections, once nobody else's lie between."""
    _looked_at(task, by, Verdict.ACCEPTED, number)
    branch = Branch.objects.select_related("image__dataset__project__team").get(pk=task.branch_id)
    made = labels.commit_edits(
        branch=branch, batch_id=fix.batch_id, base=fix.base, edits=fix.edits, author=by
    )
    task.refresh_from_db(fields=["submitted_revision"])
    return made.number


def _settle(task: Task, state: lifecycle.TaskState, review: Review) -> None:
    """Write down what follows from a verdict, and tell who did the work."""
    worker = task.assignee_id
    task.state, task.submitted_revision = state, review.revision
    if review.verdict == Verdict.ACCEPTED:
        labels.accept(revision=review.revision, by=review.reviewer)
        task.reopened_from = None
    if review.verdict == Verdict.REQUEUED:
        task.assignee = task.lease_until = task.submitted_revision = None
    tasks.save(task)
    news.judged(task=task, review=review, worker=worker)


# ---------------------------------------------------------------- handing in, and what need not be looked at


@transaction.atomic
def hand_in(*, task: Task, by: User) -> Task:
    """Hand a task in. Where the project looks at a share only, one that is not drawn is accepted by rule.

    What was returned once, and what was changed after it was accepted, is always looked at.
    """
    handed = tasks.submit(task=task, by=by)
    # What the others' blind ratings of the same image will be compared with.
    unsettled = handed.second_ratings.exclude(state__in=[TaskState.ACCEPTED, TaskState.CANCELLED])
    unsettled.update(compared_with=handed.submitted_revision)
    news.handed_in(task=handed)
    rule = reading_reviews.rule_of(project=handed.project)
    drawn = is_drawn(seed=rule.seed, key=str(handed.pk), percent=rule.share_percent)
    once_refused = handed.reviews.exclude(verdict=Verdict.ACCEPTED).exists()
    if drawn or handed.blind or handed.reopened_from_id or once_refused:
        return handed
    state = lifecycle.check(handed.state, Move.PASS, role=None, is_assignee=False)
    review = Review.objects.create(
        task=handed,
        revision=handed.submitted_revision,  # type: ignore[misc]  # handed in, so it is there
        verdict=Verdict.ACCEPTED,
        by_rule=True,
        comment=f"Accepted by rule: {rule.share_percent:g} % are looked at, this one was not drawn.",
    )
    _settle(handed, state, review)
    return handed


@transaction.atomic
def accept_revision(*, revision: Revision, by: User) -> Revision:
    """Accept a revision without a task. Where a task brings it, this is the verdict on the task; where
    somebody is at work on the same labels, it is refused."""
    branch = Branch.objects.select_related("image__dataset__project__team").get(pk=revision.branch_id)
    project = branch.image.dataset.project
    access.require(by, project, Role.REVIEWER)
    live = Task.objects.filter(branch=branch, state__in=[*lifecycle.WORKED_ON, TaskState.SUBMITTED])
    brought = live.filter(state=TaskState.SUBMITTED, submitted_revision=revision).first()
    if brought is not None:
        return decide(task=brought, by=by, verdict=Verdict.ACCEPTED).revision
    other = live.exclude(assignee=by).select_related("assignee").first()
    if other is not None:
        raise TaskInTheWay(
            f"“{other.title}” is about these labels and with {other.assignee}: judge what is handed in there."
        )
    if revision.accepted_at is None:
        review_rules.refuse_own_revision(
            revision=revision, project=project, by=by, holds_it=live.filter(assignee=by).exists()
        )
    return labels.accept(revision=revision, by=by)


@transaction.atomic
def ask_again(*, branch: Branch, by: User) -> Task:
    """Bring labels that were changed after acceptance, without a task, to review."""
    access.require(by, branch.image.dataset.project, Role.REVIEWER)
    locked = revisions.lock(branch.pk)
    accepted, head = reading_reviews.accepted_number(branch_id=locked.pk), locked.head_number
    waits = Task.objects.filter(branch=locked, state=TaskState.SUBMITTED).first()
    if waits is not None:
        return waits
    if accepted in (0, head):
        raise NothingChanged("These labels were not changed after they were accepted.")
    before, after = (reading.get_revision(branch=locked, number=number) for number in (accepted, head))
    task = Task(
        project=locked.image.dataset.project,
        image=locked.image,
        branch=locked,
        kind=TaskKind.CORRECT,
        title=f"Changed after acceptance: {locked.image.name}"[:300],
        state=TaskState.SUBMITTED,
        assignee=after.author or by,
        created_by=by,
        base_revision=before,
        submitted_revision=after,
        reopened_from=before,
    )
    return tasks.save(task)


def _looked_at(task: Task, by: User, verdict: str, number: int | None) -> Revision:
    submitted = task.submitted_revision
    if submitted is None:
        raise SubmissionChanged("Nothing is handed in.")
    if number is None or number == submitted.number:
        return submitted
    later = Revision.objects.filter(branch_id=task.branch_id, number__gt=submitted.number, number__lte=number)
    if verdict != Verdict.ACCEPTED or number < submitted.number or later.exclude(author=by).exists():
        raise SubmissionChanged(
            f"Revision {submitted.number} is handed in; you looked at {number}, which holds other "
            f"people's changes.",
            submitted=submitted.number,
        )
    return reading.get_revision(branch=task.branch, number=number)


def _pin(task: Task, review: Review, notes: Sequence[Pin], by: User) -> None:
    for pin in notes:
        reading.check_frame(image=task.image, t=pin.t, z=pin.z)
    Note.objects.bulk_create(
        Note(task=task, review=review, author=by, t=p.t, z=p.z, y=p.y, x=p.x, cell=p.cell, text=p.text)
        for p in notes
    )


@transaction.atomic
def resolve(*, note: Note, resolved: bool, by: User) -> Note:
    """Mark a note as dealt with, or open it again."""
    locked = (
        Note.objects.select_for_update(of=("self",))
        .select_related("task__project__team", "author")
        .get(pk=note.pk)
    )
    access.require(by, locked.task.project, Role.ANNOTATOR)
    if resolved != (locked.resolved_at is not None):
        locked.resolved_at = now() if resolved else None
        locked.save(update_fields=["resolved_at"])
        task = locked.task
        events.publish(
            "task.changed", project=task.project_id, id=task.pk, note=locked.pk, image=task.image_id,
            branch=task.branch_id,
        )  # fmt: skip
    return locked
