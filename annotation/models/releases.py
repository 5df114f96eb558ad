"""Releases: named states of a dataset that are never changed again."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.datasets import Dataset
from annotation.models.images import Image
from annotation.models.labels import Revision
from annotation.models.ownership import OwnedQuerySet


class ReleaseQuerySet(OwnedQuerySet["Release"]):
    team_road = "dataset__project__team_id"
    images_roads = ("items__image",)


class Release(models.Model):
    """A version of a dataset for good: its images, one revision of each, and what the words meant then.

    `classes` are the project's classes as they were named; `digest` covers the items, their labels and the
    classes. `citation` (CITATION.cff) and `card` (README.md) are kept as they were written. A trigger of the
    database refuses to change any of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.RESTRICT, related_name="releases")
    name = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    notes = models.TextField(blank=True, default="")
    licence = models.CharField(max_length=100, blank=True, default="")
    authors = models.JSONField(default=list)
    classes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, editable=False)
    citation = models.TextField()
    card = models.TextField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="releases"
    )
    created_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="release_name_once_in_dataset"),
            models.CheckConstraint(condition=~Q(name=""), name="release_has_name"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="release_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseItem(models.Model):
    """One image of a release at one revision; `facts` are its size, scale and channels as they were."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    # RESTRICT: what was released stays.
    image = models.ForeignKey(Image, on_delete=models.RESTRICT, related_name="release_items")
    revision = models.ForeignKey(Revision, on_delete=models.RESTRICT, related_name="release_items")
    name = models.CharField(max_length=500)
    facts = models.JSONField()
    image_sha256 = models.CharField(max_length=64)
    labels_sha256 = models.CharField(max_length=64)
    cell_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["release", "image"], name="release_holds_an_image_once"),
            models.UniqueConstraint(fields=["release", "position"], name="release_position_once"),
        ]

    def __str__(self) -> str:
        return self.name
