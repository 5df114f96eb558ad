"""Images: one acquisition each, axes always t, c, z, y, x, stored as OME-Zarr."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from annotation.models.datasets import Dataset
from annotation.models.ownership import OwnedQuerySet
from annotation.models.uploads import Upload


class ImageState(models.TextChoices):
    IMPORTING = "IMPORTING"
    READY = "READY"


class ImageQuerySet(OwnedQuerySet["Image"]):
    team_road = "dataset__project__team_id"

    def ready(self) -> "ImageQuerySet":
        return self.filter(state=ImageState.READY)

    def labelled(self, wanted: bool) -> "ImageQuerySet":
        """Images whose current branch has (or has not) at least one revision."""
        has_labels = Q(current_branch__head_number__gt=0)
        return self.filter(has_labels) if wanted else self.exclude(has_labels)

    def with_acceptance(self) -> "ImageQuerySet":
        """Adds `has_accepted`: is any revision of the image accepted?"""
        revisions = self.model._meta.get_field("revisions").related_model
        accepted = revisions._default_manager.filter(image=OuterRef("pk"), accepted_at__isnull=False)
        return self.annotate(has_accepted=Exists(accepted))


class Image(models.Model):
    """One image sequence. `content_sha256` names the imported bytes, `last_number` the newest revision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="images")
    upload = models.ForeignKey(Upload, null=True, on_delete=models.SET_NULL, related_name="images")
    name = models.CharField(max_length=500)
    group = models.CharField(max_length=500, blank=True, default="")
    size_t = models.PositiveIntegerField()
    size_c = models.PositiveIntegerField()
    size_z = models.PositiveIntegerField()
    size_y = models.PositiveIntegerField()
    size_x = models.PositiveIntegerField()
    dtype = models.CharField(max_length=16)
    channel_names = ArrayField(models.CharField(max_length=200))
    pixel_size_z_um = models.FloatField(null=True)
    pixel_size_y_um = models.FloatField(null=True)
    pixel_size_x_um = models.FloatField(null=True)
    frame_interval_s = models.FloatField(null=True)
    axes_note = models.TextField(blank=True, default="")
    store_key = models.CharField(max_length=200, unique=True)
    thumbnail_key = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=ImageState, default=ImageState.IMPORTING)
    source = models.CharField(max_length=1000, blank=True, default="")
    content_sha256 = models.CharField(max_length=64)
    last_number = models.PositiveIntegerField(default=0)
    current_branch = models.ForeignKey(
        "annotation.Branch", null=True, on_delete=models.SET_NULL, related_name="current_of"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "content_sha256"], name="image_content_once_in_dataset"
            ),
            models.CheckConstraint(condition=Q(state__in=ImageState.values), name="image_state_is_known"),
            models.CheckConstraint(
                condition=Q(size_t__gt=0, size_c__gt=0, size_z__gt=0, size_y__gt=0, size_x__gt=0),
                name="image_has_size",
            ),
        ]
        indexes = [models.Index(F("dataset"), F("name"), name="image_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def shape_tczyx(self) -> tuple[int, int, int, int, int]:
        """Sizes in pixels or counts, in the order t, c, z, y, x."""
        return (self.size_t, self.size_c, self.size_z, self.size_y, self.size_x)
