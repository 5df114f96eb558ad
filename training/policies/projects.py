"""Who may make snapshots, jobs and models in a project: its managers. Reading is for every member."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from annotation.models import Project
from annotation.models.projects import ProjectQuerySet
from annotation.policies import access
from backend.accounts.models import Role, User


def trainable_by(user: User | AnonymousUser) -> ProjectQuerySet:
    """Projects in which this person may freeze, start, cancel, rename and delete."""
    return Project.objects.held_by(user, Role.MANAGER)


def require_manager(*, user: User, project: Project) -> None:
    """Raises RoleTooLow for members of a lower role, NothingHere for strangers."""
    access.require(user, project, Role.MANAGER)
