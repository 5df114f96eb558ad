"""What somebody who rates an image blind must not see, and what nobody sees of a rating that is under way.

Two rules, both about branches. Who holds a blind task sees no labels of its image but those of the task's own
branch, and nothing that tells of them. And a rating under way is seen by whoever makes it and by reviewers,
unless they make the other rating of the pair.
"""

from typing import Any, cast

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.policies import Person

# From being given until it is settled: what was handed in can be taken back and drawn anew.
UNDER_WAY = ("ASSIGNED", "RETURNED", "SUBMITTED")
# A rating that somebody gave back holds what they drew.
UNSETTLED = (*UNDER_WAY, "OPEN")


def _tasks() -> QuerySet[Any]:
    return cast("QuerySet[Any]", apps.get_model("annotation", "Task").objects.order_by())


def own_blind_tasks(user: Person) -> QuerySet[Any]:
    """The blind tasks that `user` holds, or has handed in while nobody has settled them."""
    return _tasks().filter(blind=True, assignee=user.pk, state__in=UNDER_WAY)


def veiled_images(user: Person) -> QuerySet[Any]:
    """Ids of the images of which `user` must see no labels but their own."""
    return own_blind_tasks(user).values("image")


def others_ratings(user: Person, *, reviewed: QuerySet[Any]) -> QuerySet[Any]:
    """The blind tasks not yet settled whose labels `user` must not see: of every one but their own, unless
    the project is among those `reviewed` by them and they do not hold the first task of the pair."""
    rates_first = Q(second_of__assignee=user.pk, second_of__state__in=UNDER_WAY)
    reviews_there = Q(project__in=reviewed.values("pk"))
    others = _tasks().filter(blind=True, state__in=UNSETTLED).exclude(assignee=user.pk)
    return others.filter(rates_first | ~reviews_there)


def outside(user: Person, *, image: str, branch: str) -> Q:
    """Rows, by their roads to an image and a branch, that the first rule leaves to `user`."""
    own = own_blind_tasks(user)
    elsewhere = ~Q(Exists(own.filter(image=OuterRef(image))))
    return elsewhere | Q(Exists(own.filter(branch=OuterRef(branch))))


def unsealed(user: Person, *, reviewed: QuerySet[Any], branch: str) -> Q:
    """Rows, by their road to a branch, that the second rule leaves to `user`."""
    return ~Q(Exists(others_ratings(user, reviewed=reviewed).filter(branch=OuterRef(branch))))


def telling_nothing(user: Person, *, images: str) -> Q:
    """Rows, by their road to several images, that tell of none that is veiled."""
    return ~Q(**{f"{images}__in": veiled_images(user)})
