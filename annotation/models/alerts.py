"""Alerts that a person has looked at and found in order."""

import uuid

from django.conf import settings
from django.db import models

from annotation.models.labels import Branch
from annotation.models.ownership import OwnedQuerySet


class AlertDismissalQuerySet(OwnedQuerySet["AlertDismissal"]):
    team_road = "branch__image__dataset__project__team_id"
    image_road = "branch__image"
    branch_road = "branch"


class AlertDismissal(models.Model):
    """Why an alert of a branch is not shown any more, and who says so.

    `mark` is what the alert was told about (`core.alert_marks`): when one of its cells changes, the alert has
    another mark and is shown again. `kind`, `cell` and `t` are for people who read the list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(
        Branch, on_delete=models.CASCADE, related_name="alert_dismissals", db_index=False
    )
    mark = models.CharField(max_length=32)
    kind = models.CharField(max_length=40)
    cell = models.PositiveIntegerField()
    t = models.PositiveIntegerField()
    reason = models.CharField(max_length=500, blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="alert_dismissals"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AlertDismissalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["branch", "mark"], name="alert_dismissed_once")]

    def __str__(self) -> str:
        return f"{self.kind} of cell {self.cell} at t{self.t}"
