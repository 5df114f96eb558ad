"""A predicted image: channels that a trained model made of an image, kept as an image beside it."""

from __future__ import annotations

import uuid

from django.db import models

from annotation.models.ownership import OwnedQuerySet


class PredictedImageQuerySet(OwnedQuerySet["PredictedImage"]):
    """Chainable filters over predicted images."""

    team_road = "source__dataset__project__team_id"


class PredictedImage(models.Model):
    """Where `made` comes from. `uncertainty` is 1 where the model is as sure as on its validation images."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("training.Job", on_delete=models.CASCADE, related_name="predicted_images")
    source = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="predicted_images")
    made = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="predicted_from")
    trained_model = models.ForeignKey(
        "training.TrainedModel", on_delete=models.RESTRICT, related_name="predicted_images"
    )
    channels = models.JSONField(default=list)
    novelty = models.FloatField()
    uncertainty = models.FloatField()
    warning = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects = PredictedImageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "source"], name="predicted_image_once_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.made_id} of {self.source_id} by {self.trained_model_id}"
