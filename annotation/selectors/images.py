"""Reading images."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from annotation.models import Branch, Image, Origin, Revision
from backend.accounts.models import User


def list_images(
    *,
    user: User,
    dataset: UUID | None = None,
    project: UUID | None = None,
    search: str = "",
    state: str | None = None,
    labelled: bool | None = None,
    accepted: bool | None = None,
) -> QuerySet[Image]:
    """The images that `user` may see, each with `accepted_number` and the newest branch that a model made,
    `draft_id` and `draft_name`; filters that are not given do nothing."""
    newest = Revision.objects.accepted().filter(image=OuterRef("pk")).order_by("-accepted_at", "-number")
    images = Image.objects.visible_to(user).select_related("dataset", "current_branch")
    images = images.annotate(accepted_number=Subquery(newest.values("number")[:1]))
    drafts = Branch.objects.filter(image=OuterRef("pk"), origin=Origin.MODEL, head_number__gt=0)
    draft = drafts.order_by("-created_at", "-pk")
    images = images.annotate(
        draft_id=Subquery(draft.values("pk")[:1]), draft_name=Subquery(draft.values("name")[:1])
    )
    if labelled is not None:
        images = images.labelled(labelled)
    if accepted is not None:
        images = images.filter(Exists(newest) if accepted else ~Exists(newest))
    wanted: dict[str, Any] = {"dataset": dataset, "dataset__project": project, "state": state}
    wanted["name__icontains"] = search or None
    return images.filter(**{name: value for name, value in wanted.items() if value is not None})


def list_branches(*, image: Image) -> QuerySet[Branch]:
    """The image's branches, the oldest first, each with `accepted_number`."""
    return with_acceptance(Branch.objects.filter(image=image))


def with_acceptance(branches: QuerySet[Branch]) -> QuerySet[Branch]:
    """Adds `accepted_number`, the revision of the branch that was accepted last, and the image."""
    accepted = Revision.objects.accepted().filter(branch=OuterRef("pk")).order_by("-accepted_at", "-number")
    return branches.select_related("image__dataset__project").annotate(
        accepted_number=Subquery(accepted.values("number")[:1])
    )


def list_revisions(*, branch: Branch) -> QuerySet[Revision]:
    """The branch's revisions, the newest first."""
    return Revision.objects.filter(branch=branch).select_related("author", "accepted_by").order_by("-number")
