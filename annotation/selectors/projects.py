"""Reading projects and classes."""

from django.db.models import OuterRef, QuerySet, Subquery

from annotation.models import LabelClass, Project
from backend.accounts.models import Membership, User


def list_projects(*, user: User) -> QuerySet[Project]:
    """The projects that `user` may see, each with `role`: what `user` may do there."""
    mine = Membership.objects.filter(user=user, team=OuterRef("team"))
    return (
        Project.objects.visible_to(user)
        .select_related("team")
        .annotate(role=Subquery(mine.values("role")[:1]))
    )


def list_classes(*, project: Project) -> QuerySet[LabelClass]:
    """The project's classes in their order, archived ones too."""
    return project.classes.all()
