"""A training on few images that is judged on every one of them: k nets, each without a part of the images."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

FOLDS_LEAST, FOLDS_MOST = 2, 10


class CrossValidation(models.Model):
    """What a training job was asked beside a model: the score of every image by a net that did not see it.

    `images`: [{"image", "name", "fold", "scores"}] as they come in. `summary`: score → {"mean", "low",
    "high"}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField("training.Job", on_delete=models.CASCADE, related_name="cross_validation")
    folds = models.PositiveIntegerField()
    images = models.JSONField(default=list, blank=True)
    summary = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(folds__gte=FOLDS_LEAST, folds__lte=FOLDS_MOST), name="cross_validation_folds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.folds} folds of {self.job_id}"
