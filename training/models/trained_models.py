"""A trained model: weights, and the record of how they were made."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet


class TrainedModelQuerySet(OwnedQuerySet["TrainedModel"]):
    """Chainable filters over trained models."""

    team_road = "project__team_id"
    images_roads = ("snapshot__items__image", "predictions__correction__prediction__image")

    def of_project(self, project_id: uuid.UUID | str) -> TrainedModelQuerySet:
        return self.filter(project_id=project_id)

    def starters(self) -> TrainedModelQuerySet:
        """Those that came with the package."""
        return self.exclude(starter="")

    def named(self, name: str) -> TrainedModelQuerySet:
        """All versions that carry a name, newest first."""
        return self.filter(name=name).order_by("-version")


class TrainedModel(models.Model):
    """One version of one name. A job makes at most one.

    `starter` names the starter model that this is, empty for those trained here: it came with the package,
    so no job and no snapshot of this project made it, and it stays as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="trained_models")
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True, default="")
    recipe = models.CharField(max_length=60)
    starter = models.CharField(max_length=60, blank=True, default="")
    job = models.OneToOneField(
        "training.Job", null=True, blank=True, on_delete=models.RESTRICT, related_name="result"
    )
    snapshot = models.ForeignKey(
        "training.Snapshot", null=True, blank=True, on_delete=models.RESTRICT, related_name="trained_models"
    )
    snapshot_digest = models.CharField(max_length=64, blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="children"
    )
    weights_key = models.CharField(max_length=300)
    weights_digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    settings = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    code_version = models.CharField(max_length=100)
    scores = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="trained_models"
    )
    created_at = models.DateTimeField()

    objects = TrainedModelQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name", "version"], name="trained_model_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="trained_model_versions_from_1"),
            models.CheckConstraint(condition=~Q(name=""), name="trained_model_has_a_name"),
            models.CheckConstraint(condition=~Q(code_version=""), name="trained_model_knows_its_code"),
            models.CheckConstraint(
                condition=Q(starter="", job__isnull=False, snapshot__isnull=False)
                | (~Q(starter="") & Q(job__isnull=True, snapshot__isnull=True)),
                name="trained_model_was_trained_here_or_shipped",
            ),
            models.UniqueConstraint(
                fields=["project", "starter", "weights_digest"],
                condition=~Q(starter=""),
                name="trained_model_starter_once",
            ),
        ]
        indexes = [models.Index(fields=["project", "-created_at"], name="trained_model_by_project")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
