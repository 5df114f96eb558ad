"""Reviews: a verdict on exactly the revision that was looked at, with notes pinned to places."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from annotation.core.lifecycle import Move
from annotation.models import Note, Review, Revision, Task, Verdict
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.services import labels, tasks
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


class ReturnNeedsReason(Invalid):
    """Work goes back only with a comment or a note that says why."""


@transaction.atomic
def decide(
    *,
    task: Task,
    by: User,
    verdict: str,
    comment: str = "",
    notes: Sequence[Pin] = (),
    number: int | None = None,
) -> Review:
    """Accept or return a submitted task. `number` is the revision that the reviewer looked at.

    It must be the submitted one, or, when accepting, a later one that holds nothing but the reviewer's own
    corrections on top of it; anything else raises `SubmissionChanged`. None means the submitted one.
    """
    move = Move.ACCEPT if verdict == Verdict.ACCEPTED else Move.RETURN
    locked, state = tasks.move(task_id=task.pk, move=move, by=by)
    if verdict == Verdict.RETURNED and not comment.strip() and not notes:
        raise ReturnNeedsReason("Say in a comment or a note what is to be changed.")
    revision = _looked_at(locked, by, verdict, number)
    review = Review.objects.create(
        task=locked, revision=revision, reviewer=by, verdict=verdict, comment=comment
    )
    _pin(locked, review, notes, by)
    if verdict == Verdict.ACCEPTED:
        labels.accept(revision=revision, by=by)
    locked.state, locked.submitted_revision = state, revision
    tasks.save(locked)
    return review


def _looked_at(task: Task, by: User, verdict: str, number: int | None) -> Revision:
    submitted = task.submitted_revision
    if submitted is None:
        raise SubmissionChanged("Nothing is handed in.")
    if number is None or number == submitted.number:
        return submitted
    later = Revision.objects.filter(branch_id=task.branch_id, number__gt=submitted.number, number__lte=number)
    if verdict == Verdict.RETURNED or number < submitted.number or later.exclude(author=by).exists():
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
        events.publish("task.changed", project=locked.task.project_id, id=locked.task_id, note=locked.pk)
    return locked
