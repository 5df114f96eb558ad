"""What becomes of a campaign's answers: stitching, the drafts that it makes, and where people disagreed."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.campaigns import Campaign
from annotation.models.images import Image
from annotation.models.labels import Branch, Revision


class StitchingState(models.TextChoices):
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class CrowdStitching(models.Model):
    """Answers being put back into labels: `wish` says which, `done` of `total` images have their draft."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="stitchings", db_index=False
    )
    state = models.CharField(max_length=10, choices=StitchingState, default=StitchingState.WAITING)
    wish: Any = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    tasks = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True, default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_stitchings"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StitchingState.values), name="stitching_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=["WAITING", "RUNNING"]),
                name="one_stitching_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "-asked_at"], name="stitchings_of_campaign")]

    def __str__(self) -> str:
        return f"{self.done} of {self.total} images stitched"


class CrowdDraft(models.Model):
    """A revision that was stitched from a campaign's answers. `ambiguity` 0…1 is the mean over its items."""

    stitching = models.ForeignKey(CrowdStitching, null=True, on_delete=models.SET_NULL, related_name="drafts")
    base = models.ForeignKey(Branch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="drafts")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="crowd_drafts")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="crowd_drafts")
    item_count = models.PositiveIntegerField()
    change_count = models.PositiveIntegerField(default=0)
    ambiguity = models.FloatField(default=0.0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.item_count} items stitched"


class Doubt(models.Model):
    """How far people disagreed about the pixels of a part of a revision's frame, whoever they were.

    `content` is zlib of uint8 (height, width), 255: as many for as against.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="doubts", db_index=False)
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    x = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["revision", "t", "z"], name="doubts_of_frame")]

    def __str__(self) -> str:
        return f"doubt at t{self.t} z{self.z} ({self.y}, {self.x})"
