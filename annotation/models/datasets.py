"""Datasets: named collections of images of one project."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project


class DatasetQuerySet(OwnedQuerySet["Dataset"]):
    team_road = "project__team_id"


class Dataset(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="created_datasets"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="dataset_name_once_in_project"),
            models.CheckConstraint(condition=~Q(name=""), name="dataset_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
