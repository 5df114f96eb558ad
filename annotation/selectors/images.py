"""Reading images."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from annotation.models import Branch, Image, Origin, Revision, veil
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
    `draft_id` and `draft_name`; filters that are not given do nothing.

    `own_branch` is told of an image that `user` rates blind: nothing else may be told of its labels then, and
    to the filters it is neither labelled nor accepted.
    """
    newest = Revision.objects.accepted().filter(image=OuterRef("pk")).order_by("-accepted_at", "-number")
    images = Image.objects.visible_to(user).select_related("dataset", "current_branch")
    images = images.annotate(accepted_number=Subquery(newest.values("number")[:1]))
    drafts = Branch.objects.filter(image=OuterRef("pk"), origin=Origin.MODEL, head_number__gt=0)
    draft = drafts.order_by("-created_at", "-pk")
    images = images.annotate(
        draft_id=Subquery(draft.values("pk")[:1]), draft_name=Subquery(draft.values("name")[:1])
    )
    own = veil.own_blind_tasks(user).filter(image=OuterRef("pk"))
    facts = JSONObject(id="branch_id", name="branch__name", head_number="branch__head_number")
    images = images.annotate(own_branch=Subquery(own.values(told=facts)[:1]))
    has_labels = Q(current_branch__head_number__gt=0)
    for wanted_so, is_so in ((labelled, has_labels), (accepted, Q(Exists(newest)))):
        if wanted_so is not None:
            told = is_so & ~Q(Exists(own))
            images = images.filter(told) if wanted_so else images.exclude(told)
    wanted: dict[str, Any] = {"dataset": dataset, "dataset__project": project, "state": state}
    wanted["name__icontains"] = search or None
    return images.filter(**{name: value for name, value in wanted.items() if value is not None})


def list_branches(*, image: Image, user: User) -> QuerySet[Branch]:
    """The image's branches that `user` may see, the oldest first, each with `accepted_number`."""
    return with_acceptance(Branch.objects.visible_to(user).filter(image=image))


def with_acceptance(branches: QuerySet[Branch]) -> QuerySet[Branch]:
    """Adds `accepted_number`, the revision of the branch that was accepted last, and the image."""
    accepted = Revision.objects.accepted().filter(branch=OuterRef("pk")).order_by("-accepted_at", "-number")
    return branches.select_related("image__dataset__project").annotate(
        accepted_number=Subquery(accepted.values("number")[:1])
    )


def list_revisions(*, branch: Branch) -> QuerySet[Revision]:
    """The branch's revisions, the newest first."""
    return Revision.objects.filter(branch=branch).select_related("author", "accepted_by").order_by("-number")
