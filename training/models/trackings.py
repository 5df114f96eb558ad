"""How the tracks of a prediction came to be."""

from __future__ import annotations

from django.db import models


class Tracking(models.Model):
    """The linker, its settings, and the revision whose cells it linked; None where a trained model outlined
    the cells in the same job. `trained_model` weighed the links, None where the linker has learned nothing.

    `kept_links` and `kept_cuts` are what people had said of the links of that revision, all of it kept.
    `measured` are the scales that the linker measured in the movie, by name.
    """

    prediction = models.OneToOneField(
        "training.Prediction", primary_key=True, on_delete=models.CASCADE, related_name="tracking"
    )
    linker = models.CharField(max_length=60)
    trained_model = models.ForeignKey(
        "training.TrainedModel", null=True, blank=True, on_delete=models.RESTRICT, related_name="trackings"
    )
    settings = models.JSONField(default=dict)
    base = models.ForeignKey(
        "annotation.Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="trackings"
    )
    link_count = models.PositiveIntegerField()
    division_count = models.PositiveIntegerField()
    kept_links = models.PositiveIntegerField(default=0)
    kept_cuts = models.PositiveIntegerField(default=0)
    measured = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["prediction_id"]

    def __str__(self) -> str:
        return f"{self.link_count} links by {self.linker}"
