"""Reviews of submitted revisions, and notes pinned to a place in the image."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.labels import Revision
from annotation.models.ownership import OwnedQuerySet
from annotation.models.tasks import Task


class Verdict(models.TextChoices):
    """Right; to be done again by its author; to be done again by whoever takes it."""

    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    REQUEUED = "REQUEUED"


class Review(models.Model):
    """One verdict on one revision, which it names: what was not looked at is never accepted.

    `by_rule`: nobody looked, the project's rule said that this one need not be looked at.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reviews")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reviews"
    )
    verdict = models.CharField(max_length=10, choices=Verdict)
    comment = models.TextField(blank=True, default="")
    by_rule = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="review_verdict_is_known"),
            models.CheckConstraint(
                condition=Q(by_rule=False) | Q(verdict=Verdict.ACCEPTED, reviewer__isnull=True),
                name="review_by_rule_accepts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.task_id}"


class NoteQuerySet(OwnedQuerySet["Note"]):
    team_road = "task__project__team_id"
    image_road = "task__image"
    branch_road = "task__branch"


class Note(models.Model):
    """A remark pinned to a frame and, where given, to a pixel and a cell."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="notes")
    review = models.ForeignKey(Review, null=True, on_delete=models.CASCADE, related_name="notes")
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    y = models.FloatField(null=True)
    x = models.FloatField(null=True)
    cell = models.PositiveIntegerField(null=True)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="notes"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]

    def __str__(self) -> str:
        return self.text[:60]
