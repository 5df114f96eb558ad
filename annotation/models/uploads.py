"""Uploads: files on their way into a dataset, received in chunks and then imported."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotation.models.datasets import Dataset
from annotation.models.ownership import OwnedQuerySet


class UploadState(models.TextChoices):
    OPEN = "OPEN"
    RECEIVED = "RECEIVED"
    IMPORTING = "IMPORTING"
    DONE = "DONE"
    FAILED = "FAILED"


class UploadQuerySet(OwnedQuerySet["Upload"]):
    team_road = "dataset__project__team_id"

    def unfinished(self) -> "UploadQuerySet":
        """Complete on our side of the wire, not yet imported."""
        return self.filter(state__in=[UploadState.RECEIVED, UploadState.IMPORTING])


class Upload(models.Model):
    """One announcement of files. `attempts` counts how often an import of it was begun."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="uploads"
    )
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.OPEN)
    labels_accepted = models.BooleanField(default=False)
    message = models.TextField(blank=True, default="")
    fraction = models.FloatField(default=0.0)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=UploadState.values), name="upload_state_is_known"),
            models.CheckConstraint(
                condition=Q(fraction__gte=0.0) & Q(fraction__lte=1.0), name="upload_fraction_in_range"
            ),
        ]
        indexes = [models.Index(fields=["state", "updated_at"], name="upload_by_state")]

    def __str__(self) -> str:
        return f"upload {self.id}"


class UploadFileState(models.TextChoices):
    PENDING = "PENDING"
    RECEIVED = "RECEIVED"
    IMPORTED = "IMPORTED"
    REFUSED = "REFUSED"


class UploadFile(models.Model):
    """One announced file; `received` bytes are here, contiguous from its start."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=UploadFileState, default=UploadFileState.PENDING)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "path"], name="file_path_once_in_upload"),
            models.CheckConstraint(
                condition=Q(size__gte=0) & Q(received__gte=0) & Q(received__lte=F("size")),
                name="file_received_within_size",
            ),
            models.CheckConstraint(condition=Q(state__in=UploadFileState.values), name="file_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=UploadFileState.PENDING)
                | Q(state=UploadFileState.REFUSED)
                | Q(received=F("size")),
                name="file_whole_before_import",
            ),
        ]

    def __str__(self) -> str:
        return self.path
