"""Roles in one project: what a guest of the team may see at all, and where a member may do more than
elsewhere."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project
from backend.accounts.models import Role

# Nobody owns a project without owning the team, and a guest is a guest because nothing is opened to them.
GRANTED = (Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR, Role.VIEWER)
ROLES_GIVEN = [(role.value, role.label) for role in GRANTED]


class ProjectMemberQuerySet(OwnedQuerySet["ProjectMember"]):
    team_road = "project__team_id"


class ProjectMember(models.Model):
    """A member of the team who holds at least this role in this project, whatever the role in the team."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="project_memberships"
    )
    role = models.CharField(max_length=10, choices=ROLES_GIVEN)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="project_roles_given"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectMemberQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_role_of_a_person_in_a_project"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in GRANTED]), name="project_role_is_granted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} in {self.project}"
