"""Attributes of cells, and every version of what the cells of a project may be."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import LabelClass, Project


class AttributeKind(models.TextChoices):
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    TEXT = "TEXT"
    FLAG = "FLAG"


class CellAttributeQuerySet(OwnedQuerySet["CellAttribute"]):
    team_road = "project__team_id"


class CellAttribute(models.Model):
    """Something said of a cell beside its classes: of every cell, or of those of one class and below it.

    Its kind never changes: a retyped attribute is archived, another takes its place (`replaced_by`), and
    `conversion` says how a value becomes one of the other. `unit`, `low` and `high` are a number's, `choices`
    a choice's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attributes")
    label_class = models.ForeignKey(
        LabelClass, null=True, on_delete=models.RESTRICT, related_name="attributes"
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=AttributeKind)
    unit = models.CharField(max_length=20, blank=True, default="")
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    choices = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replaces")
    conversion = models.JSONField(default=dict)

    objects = CellAttributeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=Q(archived=False),
                name="attribute_name_once_in_project",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="attribute_has_name"),
            models.CheckConstraint(
                condition=Q(kind__in=AttributeKind.values), name="attribute_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SchemaVersionQuerySet(OwnedQuerySet["SchemaVersion"]):
    team_road = "project__team_id"


class SchemaVersion(models.Model):
    """What the cells of a project could be from one change to the next; a trigger refuses to change it.

    `content` is the whole schema, `changes` are sentences of what differs from the version before.
    `migration` says what became of the cells: {operation, cells, images, locked}; empty when none changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="schema_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    changes = models.JSONField(default=list)
    migration = models.JSONField(default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="schema_versions"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SchemaVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="schema_number_once_in_project")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
