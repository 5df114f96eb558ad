"""An order for a job: what a person asks for, its rows looked up as that person may see them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.models import Branch, Dataset, Image
from annotation.policies import access
from backend.accounts.models import User
from backend.foundation.errors import NotFound
from training.models import Snapshot, TrainedModel
from training.models.jobs import Kind
from training.selectors import snapshots, trained_models

LINKS = "link"
"""The recipe that links cells that are outlined already, without a trained model."""


class ImageMissing(NotFound):
    """An image of the order is not there, or not for this person."""


class BranchMissing(NotFound):
    """The branch of the order is not there, or not for this person."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a person asks for when starting a job; which fields are needed depends on the kind.

    `link` are settings of the recipe `link`: the cells that a trained model outlines are followed over time,
    by the trained linker `link_model` where there is one.
    `branch` is the branch whose cells are linked, where it is not the one that people see.
    """

    kind: Kind
    recipe: str = ""
    snapshot: Snapshot | None = None
    trained_model: TrainedModel | None = None
    init_from: TrainedModel | None = None
    images: Sequence[Image] = ()
    branch: Branch | None = None
    link: Mapping[str, Any] | None = None
    link_model: TrainedModel | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    minutes: float | None = None
    name: str = ""
    make_tasks: bool = False


def order_from(*, user: User, asked: Mapping[str, Any]) -> Order:
    """The order behind a request's ids. Raises what is missing: SnapshotMissing, ImageMissing and their kin.

    `asked` has the fields of `Order` with ids in place of rows, and `dataset` for all ready images of one.
    """
    branch = _branch(user, asked.get("branch"))
    chosen = _images(user, asked.get("image_ids") or (), asked.get("dataset"))
    if asked.get("dataset") is not None and asked.get("recipe") == LINKS and not asked.get("trained_model"):
        chosen = _movies(chosen, asked.get("image_ids") or ())
    return Order(
        kind=Kind(asked["kind"]),
        recipe=asked.get("recipe") or "",
        snapshot=_snapshot(user, asked.get("snapshot")),
        trained_model=_trained_model(user, asked.get("trained_model")),
        init_from=_trained_model(user, asked.get("init_from")),
        images=[branch.image] if branch is not None and not chosen else chosen,
        branch=branch,
        link={} if asked.get("link_model") and asked.get("link") is None else asked.get("link"),
        link_model=_trained_model(user, asked.get("link_model")),
        settings=asked.get("settings") or {},
        seed=asked.get("seed") or 0,
        minutes=asked.get("minutes"),
        name=asked.get("name") or "",
        make_tasks=bool(asked.get("make_tasks")),
    )


def images_of(*, order: Order) -> list[Image]:
    """Every image that the job would read."""
    if order.snapshot is None or order.kind is Kind.PREDICT:
        return list(order.images)
    items = snapshots.list_items(snapshot=order.snapshot)
    if order.kind is Kind.EVALUATE:
        items = items.filter(split=order.settings.get("split", "test"))
    return [item.image for item in items]


def _snapshot(user: User, pk: uuid.UUID | None) -> Snapshot | None:
    return snapshots.get_snapshot(user=user, snapshot_id=pk) if pk else None


def _trained_model(user: User, pk: uuid.UUID | None) -> TrainedModel | None:
    return trained_models.get_trained_model(user=user, trained_model_id=pk) if pk else None


def _branch(user: User, pk: uuid.UUID | None) -> Branch | None:
    if pk is None:
        return None
    found = Branch.objects.visible_to(user).select_related("image__dataset").filter(pk=pk).first()
    if found is None:
        raise BranchMissing("branch: it is not there, or not for you to see.")
    return found


def _movies(images: Sequence[Image], asked_for: Sequence[uuid.UUID]) -> list[Image]:
    """Of a whole dataset only the movies with outlined cells; images that were chosen one by one stay."""
    outlined = Image.objects.filter(pk__in=[image.pk for image in images], current_branch__head_number__gt=0)
    can = set(outlined.filter(size_t__gt=1).values_list("pk", flat=True)) | set(asked_for)
    return [image for image in images if image.pk in can]


def _images(user: User, image_ids: Sequence[uuid.UUID], dataset: uuid.UUID | None) -> list[Image]:
    visible = Image.objects.visible_to(user).select_related("dataset")
    chosen = {image.pk: image for image in visible.filter(pk__in=image_ids)}
    if len(chosen) != len(set(image_ids)):
        raise ImageMissing("image_ids: an image is not there, or not for you to see.")
    if dataset is not None:
        found = access.find(Dataset.objects.all(), user=user, pk=dataset)
        chosen |= {image.pk: image for image in visible.ready().filter(dataset=found)}
    return sorted(chosen.values(), key=lambda image: (image.name, str(image.pk)))


def atlas_order(*, user: User, asked: Mapping[str, Any]) -> Order:
    """The order for a map of the outlined cells of images; images without any are left out."""
    images = _images(user, asked.get("image_ids") or (), asked.get("dataset"))
    outlined = {
        image.pk
        for image in Image.objects.filter(
            pk__in=[image.pk for image in images], current_branch__head_number__gt=0
        )
    }
    if images and not outlined:
        raise ImageMissing(
            "None of these images has outlined cells; outline some, or predict outlines first."
        )
    return Order(
        kind=Kind.PREDICT,
        recipe="embed",
        trained_model=_trained_model(user, asked.get("trained_model")),
        images=[image for image in images if image.pk in outlined],
        settings=asked.get("settings") or {},
        name=asked.get("name") or "",
    )
