"""A prediction: which revision a model or a linker proposed for an image, and what people made of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet


class PredictionQuerySet(OwnedQuerySet["Prediction"]):
    """Chainable filters over predictions."""

    team_road = "image__dataset__project__team_id"
    image_road = "image"
    branch_road = "branch"


class Prediction(models.Model):
    """The labels themselves are an ordinary revision on a branch named after the trained model; a linker that
    learned nothing has none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("training.Job", on_delete=models.CASCADE, related_name="predictions")
    image = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="predictions")
    branch = models.ForeignKey("annotation.Branch", on_delete=models.CASCADE, related_name="predictions")
    revision = models.ForeignKey("annotation.Revision", on_delete=models.CASCADE, related_name="predictions")
    trained_model = models.ForeignKey(
        "training.TrainedModel",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="predictions",
    )
    task = models.ForeignKey(
        "annotation.Task", null=True, blank=True, on_delete=models.SET_NULL, related_name="predictions"
    )
    object_count = models.PositiveIntegerField()
    mean_quality = models.FloatField(null=True, blank=True)
    expected_wrong = models.FloatField(default=0.0)
    # Names of the channels that were read, where not all were; zoom and size of the cells, where known.
    reading = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField()

    objects = PredictionQuerySet.as_manager()

    class Meta:
        ordering = ["-expected_wrong", "id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "image"], name="prediction_once_an_image"),
            models.CheckConstraint(
                condition=Q(mean_quality__isnull=True) | (Q(mean_quality__gte=0) & Q(mean_quality__lte=1)),
                name="prediction_quality_between_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trained_model_id or 'a linker'} on {self.image_id}"


class Correction(models.Model):
    """How far the accepted revision on a prediction's branch is from what the model proposed."""

    prediction = models.OneToOneField(Prediction, on_delete=models.CASCADE, related_name="correction")
    revision = models.ForeignKey("annotation.Revision", on_delete=models.CASCADE, related_name="corrections")
    untouched_count = models.PositiveIntegerField()
    changed_count = models.PositiveIntegerField()
    added_count = models.PositiveIntegerField()
    removed_count = models.PositiveIntegerField()
    mean_changed_iou = models.FloatField(null=True, blank=True)
    # True positives, false positives, false negatives of the prediction at IoU 0.5, 0.75 and 0.9; they pool.
    matches = models.JSONField(default=dict)
    scored_at = models.DateTimeField()

    class Meta:
        ordering = ["prediction_id"]

    def __str__(self) -> str:
        return f"correction of {self.prediction_id}"
