"""Reading tasks, their reviews and notes."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from annotation.core import lifecycle
from annotation.models import Note, Project, Review, Revision, Task, TaskState, veil
from annotation.policies import access
from backend.accounts.models import Role, User
from backend.foundation.clock import now

WAITING = (TaskState.OPEN, TaskState.ASSIGNED, TaskState.RETURNED)


def list_tasks(
    *,
    user: User,
    project: UUID | None = None,
    image: UUID | None = None,
    state: str | None = None,
    kind: str | None = None,
    mine: bool | None = None,
    waiting: bool | None = None,
) -> QuerySet[Task]:
    """The tasks that `user` may see, most urgent first; filters that are not given do nothing."""
    tasks = Task.objects.visible_to(user).select_related(
        "image__dataset", "branch", "assignee", "created_by", "base_revision", "submitted_revision"
    )
    wanted: dict[str, Any] = {"project": project, "image": image, "state": state, "kind": kind}
    tasks = tasks.filter(**{name: value for name, value in wanted.items() if value is not None})
    if mine is not None:
        tasks = tasks.filter(assignee=user) if mine else tasks.exclude(assignee=user)
    if waiting is not None:
        tasks = tasks.filter(state__in=WAITING) if waiting else tasks.exclude(state__in=WAITING)
    return tasks.in_queue_order()


def waiting_for(
    *, user: User, project: UUID, kind: str | None = None
) -> tuple[QuerySet[Task], QuerySet[Task]]:
    """What the queue would give `user`, first things first: tasks held already, and tasks that are free."""
    moment = now()
    tasks = Task.objects.filter(project=project).filter(**({"kind": kind} if kind else {}))
    held = tasks.filter(assignee=user, state__in=lifecycle.WORKED_ON).exclude(lease_until__lt=moment)
    free = tasks.filter(Q(state=TaskState.OPEN) | Q(state=TaskState.ASSIGNED, lease_until__lt=moment))
    free = free.filter(_open_to(user))
    return held.order_by("-state", "-priority", "created_at"), free.in_queue_order()


def _open_to(user: User) -> Q:
    """Tasks that the queue may give `user`: none about an image that they rate blind, no repetition, and of
    two ratings of an image only one."""
    own = Task.objects.filter(assignee=user)
    knows = knowing(user=user)
    rated = own.filter(blind=True).exclude(state=TaskState.CANCELLED)
    repeated = Q(second_of__in=knows) | Q(second_of__in=rated.values("second_of"))
    also_rated = Q(pk__in=rated.filter(second_of__isnull=False).values("second_of"))
    veiled = Q(image__in=veil.veiled_images(user))
    return Q(repeat_after_days__isnull=True) & ~(Q(blind=True) & repeated) & ~also_rated & ~veiled


def knowing(*, user: User) -> QuerySet[Task]:
    """The tasks whose answers `user` knows: their own, and those on whose labels they drew."""
    drawn = Revision.objects.filter(author=user, edit_count__gt=0).order_by().values("branch")
    return Task.objects.filter(Q(assignee=user) | Q(branch__in=drawn)).order_by()


def peek_next(
    *, user: User, project: Project, kind: str | None = None, after: UUID | None = None
) -> Task | None:
    """The task that the queue would give `user` now, or once `after` is done; taken by nobody.

    It is a guess: whoever asks first gets it. Raises `NothingHere` or `RoleTooLow` like taking it would.
    """
    access.require(user, project, Role.ANNOTATOR)
    for waiting in waiting_for(user=user, project=project.pk, kind=kind):
        task = (waiting if after is None else waiting.exclude(pk=after)).first()
        if task is not None:
            return task
    return None


def list_reviews(*, task: Task) -> QuerySet[Review]:
    """The task's reviews, the newest first, with their notes."""
    return task.reviews.select_related("reviewer", "revision").prefetch_related("notes__author")


def list_notes(*, task: Task) -> QuerySet[Note]:
    """The task's notes, the oldest first."""
    return task.notes.select_related("author")
