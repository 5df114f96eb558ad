"""An atlas: the map of many cells, their vectors, and what was labelled with its help."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotation.models.ownership import OwnedQuerySet


class AtlasQuerySet(OwnedQuerySet["Atlas"]):
    """Chainable filters over atlases."""

    team_road = "project__team_id"
    images_roads = ("sources__image",)


class Atlas(models.Model):
    """What one job made of the cells of some images.

    The columns of all points lie in storage below `folder`, as the pages read them; the rows of `AtlasPoint`
    answer what must be searched for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="atlases")
    job = models.OneToOneField("training.Job", on_delete=models.CASCADE, related_name="atlas")
    trained_model = models.ForeignKey(
        "training.TrainedModel", null=True, blank=True, on_delete=models.SET_NULL, related_name="atlases"
    )
    name = models.CharField(max_length=200)
    made_of = models.CharField(max_length=200)
    measures = models.JSONField(default=list)
    point_count = models.PositiveIntegerField()
    group_count = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="atlases"
    )
    created_at = models.DateTimeField()

    objects = AtlasQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> str:
        """Where its columns lie in storage."""
        return f"atlases/{self.pk}"


class AtlasImage(models.Model):
    """An image of an atlas, and the revision of its labels that was looked at."""

    atlas = models.ForeignKey(Atlas, on_delete=models.CASCADE, related_name="sources")
    image = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="atlas_sources")
    revision = models.ForeignKey("annotation.Revision", on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["atlas", "place"], name="atlas_image_once_a_place"),
            models.UniqueConstraint(fields=["atlas", "image"], name="atlas_image_once"),
        ]

    def __str__(self) -> str:
        return f"image {self.place} of {self.atlas_id}"


class Real(models.FloatField):  # type: ignore[type-arg]
    """A number of four bytes."""

    def db_type(self, connection: Any) -> str:
        """PostgreSQL's word for it."""
        return "real"


class AtlasPoint(models.Model):
    """One cell of an atlas; `number` is its row in the columns.

    The embedding is an array and not pgvector's own type, so that the table stands in a PostgreSQL without
    that extension too; where it is there, an index over the cast makes neighbours quick (decision 14).
    """

    atlas = models.ForeignKey(Atlas, on_delete=models.CASCADE, related_name="points", db_index=False)
    source = models.ForeignKey(AtlasImage, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveIntegerField()
    cell = models.PositiveIntegerField()
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    y = Real()
    x = Real()
    length_px = Real()
    embedding = ArrayField(Real())

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["atlas", "number"], name="atlas_point_once_a_number"),
        ]

    def __str__(self) -> str:
        return f"cell {self.cell} of {self.source_id}"


class LabellingQuerySet(OwnedQuerySet["Labelling"]):
    """Chainable filters over labellings."""

    team_road = "atlas__project__team_id"
    images_roads = ("atlas__sources__image",)


class Labelling(models.Model):
    """One act: many cells of an atlas were given a class, or none, a quality, a flag, doubt or attributes; it
    is undone as one.

    `said` is what was said of them: `class` (an id), `quality`, `ignored`, `uncertain`, `attributes` (by id).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    atlas = models.ForeignKey(Atlas, on_delete=models.CASCADE, related_name="labellings")
    label_class = models.ForeignKey(
        "annotation.LabelClass", null=True, on_delete=models.CASCADE, related_name="labellings"
    )
    said = models.JSONField(default=dict, db_default={})
    cell_count = models.PositiveIntegerField()
    skipped_count = models.PositiveIntegerField(default=0)
    revisions: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "annotation.Revision", related_name="labellings"
    )
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="labellings"
    )
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = LabellingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.cell_count} cells of {self.atlas_id}"
