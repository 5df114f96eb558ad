"""Exports: a dataset's labels on their way out, as one zip in storage."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.datasets import Dataset
from annotation.models.ownership import OwnedQuerySet


class ExportFormat(models.TextChoices):
    LABEL_TIFF = "LABEL_TIFF"
    OME_TIFF = "OME_TIFF"
    CTC = "CTC"
    COCO = "COCO"
    TRACKMATE = "TRACKMATE"
    GEFF = "GEFF"
    TRACK_TABLE = "TRACK_TABLE"
    IMAGEJ_ROI = "IMAGEJ_ROI"
    GEOJSON = "GEOJSON"
    MEASURES = "MEASURES"


class ExportWhich(models.TextChoices):
    ACCEPTED = "ACCEPTED"
    HEAD = "HEAD"
    RELEASE = "RELEASE"


class ExportState(models.TextChoices):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class ExportQuerySet(OwnedQuerySet["Export"]):
    team_road = "dataset__project__team_id"
    images_roads = ("dataset__images",)

    def unfinished(self) -> "ExportQuerySet":
        return self.filter(state__in=[ExportState.PENDING, ExportState.RUNNING])


class Export(models.Model):
    """`pinned` remembers, at the time of asking, which revision of which image goes out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=12, choices=ExportFormat)
    which = models.CharField(max_length=10, choices=ExportWhich)
    release = models.ForeignKey(
        "annotation.Release", null=True, on_delete=models.CASCADE, related_name="exports"
    )
    pinned = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.PENDING)
    key = models.CharField(max_length=200, blank=True, default="")
    size_bytes = models.BigIntegerField(default=0)
    message = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="exports"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(format__in=ExportFormat.values), name="export_format_is_known"
            ),
            models.CheckConstraint(condition=Q(which__in=ExportWhich.values), name="export_which_is_known"),
            models.CheckConstraint(
                condition=Q(which=ExportWhich.RELEASE, release__isnull=False)
                | (~Q(which=ExportWhich.RELEASE) & Q(release__isnull=True)),
                name="export_of_release_names_it",
            ),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.DONE) | ~Q(key=""), name="finished_export_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.dataset_id}"
