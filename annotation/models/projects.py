"""Projects and the classes that their cells may carry."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from backend.accounts.models import Team


class ProjectQuerySet(OwnedQuerySet["Project"]):
    team_road = "team_id"


class Project(models.Model):
    """A team's workspace: datasets, classes, tasks, trained models."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="created_projects"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="project_name_once_in_team"),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class LabelClassQuerySet(OwnedQuerySet["LabelClass"]):
    team_road = "project__team_id"


class LabelClass(models.Model):
    """A kind of cell, with the colour it is drawn in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="classes")
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=7, default="#7aa2f7")
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)

    objects = LabelClassQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="class_name_once_in_project"),
            models.CheckConstraint(condition=Q(color__regex=r"^#[0-9a-f]{6}$"), name="class_color_is_hex"),
            models.CheckConstraint(condition=~Q(name=""), name="class_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
