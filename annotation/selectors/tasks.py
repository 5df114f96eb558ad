"""Reading tasks, their reviews and notes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotation.models import Note, Review, Task, TaskState
from backend.accounts.models import User

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


def list_reviews(*, task: Task) -> QuerySet[Review]:
    """The task's reviews, the newest first, with their notes."""
    return task.reviews.select_related("reviewer", "revision").prefetch_related("notes__author")


def list_notes(*, task: Task) -> QuerySet[Note]:
    """The task's notes, the oldest first."""
    return task.notes.select_related("author")
