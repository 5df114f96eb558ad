"""A snapshot: the frozen list of (image, revision, split) that a model is trained or scored on."""

from __future__ import annotations

import uuid

from django.db import models

from annotation.models.ownership import OwnedQuerySet


class Include(models.TextChoices):
    """Which revision of an image a snapshot takes."""

    ACCEPTED = "ACCEPTED", "the newest accepted revision"
    HEAD = "HEAD", "the newest revision, accepted or not"
    IMAGES = "IMAGES", "none: the images alone, for recipes that learn without labels"


class Split(models.TextChoices):
    """The side of the wall on which an image stands."""

    TRAIN = "train", "train"
    VALIDATION = "validation", "validation"
    TEST = "test", "test"


class SnapshotQuerySet(OwnedQuerySet["Snapshot"]):
    """Chainable filters over snapshots."""

    team_road = "project__team_id"
    images_roads = ("items__image",)

    def of_project(self, project_id: uuid.UUID | str) -> SnapshotQuerySet:
        return self.filter(project_id=project_id)


class Snapshot(models.Model):
    """Never changed after it was made; `digest` covers images, revisions and splits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="snapshots")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    rule = models.JSONField()
    seed = models.PositiveIntegerField(default=0)
    fractions = models.JSONField()
    counts = models.JSONField()
    left_out = models.JSONField(default=list)
    notice = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="snapshots"
    )
    created_at = models.DateTimeField()

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="snapshot_digest_is_sha256"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="snapshot_has_a_name"),
        ]
        indexes = [models.Index(fields=["project", "-created_at"], name="snapshot_by_project")]

    def __str__(self) -> str:
        return f"{self.name} ({self.digest[:12]})"


class SnapshotItem(models.Model):
    """One image of a snapshot, pinned to one split, and to one revision unless images alone enter."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="items")
    # RESTRICT: an image that a model learned from goes only together with its whole project.
    image = models.ForeignKey("annotation.Image", on_delete=models.RESTRICT, related_name="snapshot_items")
    revision = models.ForeignKey(
        "annotation.Revision", null=True, on_delete=models.RESTRICT, related_name="snapshot_items"
    )
    split = models.CharField(max_length=10, choices=Split.choices)
    group = models.CharField(max_length=500)

    class Meta:
        ordering = ["split", "group", "image_id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "image"], name="snapshot_holds_an_image_once"),
            models.CheckConstraint(
                condition=models.Q(split__in=Split.values), name="snapshot_split_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.split}"
