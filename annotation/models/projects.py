"""Projects and the classes that their cells may carry."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from backend.accounts.models import Team


class ProjectQuerySet(OwnedQuerySet["Project"]):
    team_road = "team_id"


class ClassRule(models.TextChoices):
    """How many classes a cell may carry."""

    ONE = "ONE", "one class"
    BRANCH = "BRANCH", "one class from each branch of the tree"
    ANY = "ANY", "any number of classes"


class Project(models.Model):
    """A team's workspace: datasets, classes, tasks, trained models.

    `schema_number` is that of the newest version of its classes and attributes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    class_rule = models.CharField(max_length=10, choices=ClassRule, default=ClassRule.ONE)
    schema_number = models.PositiveIntegerField(default=1, db_default=1)
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
            models.CheckConstraint(
                condition=Q(class_rule__in=ClassRule.values), name="project_class_rule_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabelClassQuerySet(OwnedQuerySet["LabelClass"]):
    team_road = "project__team_id"


class LabelClass(models.Model):
    """A kind of cell, with the colour it is drawn in, below its `parent` in the tree of classes.

    `key` is its digit in the editor; without one it gets a free digit in the order of the tree. An archived
    class is given no more; `replaced_by` is the one that takes its place in what is still said of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="classes")
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=7, default="#7aa2f7")
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="children")
    key = models.CharField(max_length=1, blank=True, default="", db_default="")
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replaces")

    objects = LabelClassQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="class_name_once_in_project"),
            models.CheckConstraint(condition=Q(color__regex=r"^#[0-9a-f]{6}$"), name="class_color_is_hex"),
            models.CheckConstraint(condition=~Q(name=""), name="class_has_name"),
            models.CheckConstraint(condition=Q(key__regex=r"^[1-9]?$"), name="class_key_is_a_digit"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="class_is_not_its_parent"
            ),
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=~Q(key="") & Q(archived=False),
                name="class_key_once_in_project",
            ),
        ]

    def __str__(self) -> str:
        return self.name
