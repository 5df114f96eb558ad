"""Datasets: made, renamed, forgotten."""

from typing import Any

from django.db import transaction

from annotation.models import Dataset, Project
from annotation.policies import access
from annotation.services import images
from annotation.services.naming import keep
from backend.accounts.models import Role, User


@transaction.atomic
def create(*, project: Project, name: str, description: str = "", by: User) -> Dataset:
    """A new, empty dataset."""
    access.require(by, project, Role.MANAGER)
    return keep(Dataset(project=project, name=name, description=description, created_by=by))


@transaction.atomic
def change(*, dataset: Dataset, by: User, **changes: Any) -> Dataset:
    """Rename or describe a dataset."""
    access.require(by, dataset.project, Role.MANAGER)
    return keep(dataset, changes)


@transaction.atomic
def delete(*, dataset: Dataset, by: User) -> None:
    """Forget a dataset with its images, labels, uploads and exports."""
    access.require(by, dataset.project, Role.MANAGER)
    images.delete_datasets(dataset_ids=[dataset.pk])
