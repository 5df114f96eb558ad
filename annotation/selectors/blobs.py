"""Where an image's bytes lie, for those who may see the image. A picture is hundreds of requests, so the
answer is remembered for some seconds for each person and image."""

from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache

from annotation.models import Image
from annotation.policies.access import NothingHere
from backend.accounts.models import User

REMEMBERED_S = 10


class Place(NamedTuple):
    """Keys in storage."""

    store_key: str
    thumbnail_key: str


def find_image(*, user: User, image_id: UUID) -> Place:
    """Keys of an image that `user` may see; raises `NothingHere`. Refusals are not remembered."""
    known = f"annotation.place:{user.pk}:{image_id}"
    place: Place | None = cache.get(known)
    if place is None:
        row = (
            Image.objects.visible_to(user)
            .ready()
            .filter(pk=image_id)
            .values_list("store_key", "thumbnail_key")
            .first()
        )
        if row is None:
            raise NothingHere("There is nothing here that you may see.")
        place = Place(*row)
        cache.set(known, place, REMEMBERED_S)
    return place


def key_inside(store_key: str, path: str) -> str:
    """The key of `path` inside a store; a path that leaves it is not found."""
    parts = path.split("/")
    if "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise NothingHere("There is nothing here that you may see.")
    return f"{store_key}/{path}"
