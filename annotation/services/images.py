"""Images: changed, forgotten, and brought in from files (the same way from the command line and from
uploads)."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from annotation.models import (
    Branch,
    CellHead,
    CellState,
    Dataset,
    EditRecord,
    Export,
    Image,
    Revision,
    Tile,
    TileHead,
    Upload,
)
from annotation.policies import access
from annotation.services.ingestion import image_folder, ingest
from backend.accounts.models import Role, User
from backend.foundation import events, storage
from backend.foundation.errors import Conflict, Invalid

__all__ = ["ImageIsUsed", "WrongChannelNames", "change", "delete", "delete_datasets", "ingest"]


class ImageIsUsed(Conflict):
    """A snapshot or a prediction needs the image."""


class WrongChannelNames(Invalid):
    """Not as many names as the image has channels."""


@transaction.atomic
def change(*, image: Image, by: User, **changes: Any) -> Image:
    """Correct an image's name, group, channel names, pixel sizes or frame interval."""
    access.require(by, image.dataset.project, Role.MANAGER)
    names = changes.get("channel_names")
    if names is not None and len(names) != image.size_c:
        raise WrongChannelNames(f"{image.name} has {image.size_c} channels; {len(names)} names were given.")
    for name, value in changes.items():
        setattr(image, name, value)
    image.save(update_fields=list(changes))
    events.publish("image.ready", project=image.dataset.project_id, id=image.pk, dataset=image.dataset_id)
    return image


@transaction.atomic
def delete(*, image: Image, by: User) -> None:
    """Forget an image with all its labels, and its bytes once that is committed."""
    access.require(by, image.dataset.project, Role.MANAGER)
    _delete_rows(Image.objects.filter(pk=image.pk))
    events.publish("image.ready", project=image.dataset.project_id, id=image.pk, dataset=image.dataset_id)


@transaction.atomic
def delete_datasets(*, dataset_ids: Sequence[UUID]) -> None:
    """Forget whole datasets with everything in them, and their bytes once that is committed."""
    folders = [
        *(
            f"uploads/{pk}"
            for pk in Upload.objects.filter(dataset__in=dataset_ids).values_list("pk", flat=True)
        ),
        *(
            f"exports/{pk}"
            for pk in Export.objects.filter(dataset__in=dataset_ids).values_list("pk", flat=True)
        ),
    ]
    _delete_rows(Image.objects.filter(dataset__in=dataset_ids))
    Dataset.objects.filter(pk__in=dataset_ids).delete()
    for folder in folders:
        transaction.on_commit(partial(storage.delete_prefix, folder))


def _delete_histories(image_ids: Sequence[UUID]) -> None:
    """The many small rows, one statement a table; left to the cascade they would be fetched first."""
    branches = Branch.objects.filter(image__in=image_ids)
    for table in (TileHead, CellHead, Tile, CellState):
        table._default_manager.filter(branch__in=branches).delete()
    EditRecord.objects.filter(revision__in=Revision.objects.filter(image__in=image_ids)).delete()


def _delete_rows(images: Any) -> None:
    ids = list(images.values_list("pk", flat=True))
    keys = [image_folder(pk) for pk in ids]
    _delete_histories(ids)
    try:
        images.delete()
    except (ProtectedError, RestrictedError) as error:
        raise ImageIsUsed(
            "A release, a snapshot or a prediction was made of this; what it rests on is kept."
        ) from error
    for key in keys:
        transaction.on_commit(partial(storage.delete_prefix, key))
