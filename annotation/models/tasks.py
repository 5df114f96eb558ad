"""Tasks: pieces of labelling or correcting given to a person."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotation.models.images import Image
from annotation.models.labels import Branch, Revision
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project
from backend.accounts.policies import Person


class TaskKind(models.TextChoices):
    LABEL = "LABEL"
    CORRECT = "CORRECT"


class TaskState(models.TextChoices):
    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


HELD = [TaskState.ASSIGNED, TaskState.RETURNED]
FREE = [TaskState.OPEN, TaskState.CANCELLED]
HANDED_IN = [TaskState.SUBMITTED, TaskState.ACCEPTED]


class TaskQuerySet(OwnedQuerySet["Task"]):
    team_road = "project__team_id"
    image_road = "image"
    branch_road = "branch"

    def with_expired_lease(self, at: datetime) -> "TaskQuerySet":
        return self.filter(state=TaskState.ASSIGNED, lease_until__lt=at)

    def unsealed_for(self, user: Person) -> Q:
        """A blind task that nobody holds may be seen, and taken; its labels may not."""
        return Q(state=TaskState.OPEN) | super().unsealed_for(user)

    def in_queue_order(self) -> "TaskQuerySet":
        """Most uncertain first, then the oldest."""
        return self.order_by("-priority", "created_at", "id")


class Task(models.Model):
    """`lease_until` is set for tasks pulled from the queue and empty for those given by hand.

    `reopened_from` is the accepted revision whose labels were changed later. A `blind` task is a rating of
    its own: until it is settled, its assignee reads no other labels of the image (`models.veil`). `second_of`
    is the task whose work it rates again; with `repeat_after_days` by the same person, so many days after the
    first was handed in. `compared_with` is what was handed in first: whatever becomes of those labels later,
    it is what the two agree on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, choices=TaskKind)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="tasks")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.RESTRICT, related_name="tasks"
    )
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="created_tasks"
    )
    priority = models.FloatField(default=0.0)
    base_revision = models.ForeignKey(
        Revision, null=True, on_delete=models.RESTRICT, related_name="tasks_from"
    )
    submitted_revision = models.ForeignKey(
        Revision, null=True, on_delete=models.RESTRICT, related_name="tasks_submitting"
    )
    reopened_from = models.ForeignKey(
        Revision, null=True, on_delete=models.SET_NULL, related_name="tasks_reopened"
    )
    blind = models.BooleanField(default=False, db_default=False)
    second_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="second_ratings")
    repeat_after_days = models.PositiveIntegerField(null=True)
    compared_with = models.ForeignKey(
        Revision, null=True, on_delete=models.SET_NULL, related_name="ratings_compared"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="task_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=TaskState.values), name="task_state_is_known"),
            models.CheckConstraint(
                condition=Q(assignee__isnull=True, state__in=FREE)
                | (Q(assignee__isnull=False) & ~Q(state__in=FREE)),
                name="task_held_by_one_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HANDED_IN) | Q(submitted_revision__isnull=False),
                name="task_handed_in_with_revision",
            ),
            models.CheckConstraint(
                condition=Q(lease_until__isnull=True) | Q(state=TaskState.ASSIGNED),
                name="task_lease_while_held",
            ),
            models.CheckConstraint(
                condition=Q(repeat_after_days__isnull=True) | Q(blind=True), name="task_repeated_blind"
            ),
            models.UniqueConstraint(
                fields=["branch"], condition=Q(blind=True), name="blind_task_has_its_own_branch"
            ),
        ]
        indexes = [
            models.Index(
                F("project"),
                F("priority").desc(),
                F("created_at"),
                condition=Q(state__in=[TaskState.OPEN, TaskState.ASSIGNED]),
                name="task_queue",
            ),
            models.Index(fields=["project", "state"], name="task_by_state"),
            models.Index(fields=["assignee", "image"], condition=Q(blind=True), name="task_rated_blind"),
        ]

    def __str__(self) -> str:
        return self.title
