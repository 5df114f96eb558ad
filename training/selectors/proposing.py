"""Who proposes on new images, and which of them a model is for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from annotation.models import Image, Upload
from backend.accounts.models import User
from training.contract.reading import alike, shows_unstained
from training.contract.recipes import Makes, recipe_named
from training.models import ProposalRule, TrainedModel
from training.models.proposing import Proposer, UploadProposalQuerySet
from training.policies import proposing as policies
from training.selectors import reading

UNASKED_PX = 2_000_000_000
"""What a starter model reads of one upload without being asked, in pixels: some minutes of one core."""
_ELECTRONS = re.compile(r"\bem\b|electron", re.IGNORECASE)
_OF_UNSTAINED = frozenset({"cells"})
"""Starter models that learned from cells without stain; the others learned from stained ones."""


@dataclass(frozen=True)
class Rule:
    """Who proposes: the starter model that fits, one trained model, or nobody."""

    proposer: Proposer
    trained_model: TrainedModel | None = None


@dataclass(frozen=True)
class Choice:
    """The model that proposes on images, or the reason why none does."""

    model: TrainedModel | None = None
    images: Sequence[Image] = ()
    reason: str = ""


def rule_of(*, project_id: uuid.UUID) -> Rule:
    """What the project chose, else the starter model that fits."""
    row = ProposalRule.objects.filter(project_id=project_id).select_related("trained_model").first()
    return Rule(Proposer(row.proposer), row.trained_model) if row else Rule(Proposer.STARTER)


def choose(*, upload: Upload) -> Choice:
    """Which model is to propose on which images of an upload: those that are ready and have no labels."""
    project_id = upload.dataset.project_id
    rule = rule_of(project_id=project_id)
    if rule.proposer is Proposer.OFF:
        return Choice(reason="The project wants no proposals on new images.")
    found = Image.objects.ready().labelled(False).filter(upload=upload).select_related("dataset")
    bare = list(found.order_by("name", "pk"))
    if not bare:
        return Choice(reason="Every image came with labels, or was there already.")
    if rule.trained_model is not None:
        return _choice(rule.trained_model, bare, bare)
    return _of_starters(starters(project_id=project_id), bare)


def starters(*, project_id: uuid.UUID) -> list[TrainedModel]:
    """The newest version of each starter model of a project."""
    rows = TrainedModel.objects.starters().of_project(project_id)
    return list(rows.order_by("starter", "-version").distinct("starter"))


def proposers(*, project_id: uuid.UUID) -> list[TrainedModel]:
    """The trained models of a project that can propose on new images, the newest first."""
    rows = TrainedModel.objects.of_project(project_id).order_by("-created_at", "pk")
    return [model for model in rows if not may_propose(model)]


def may_propose(model: TrainedModel) -> str:
    """Why a trained model cannot propose on images that have no labels; empty where it can."""
    recipe = recipe_named(model.recipe)
    if recipe.makes is Makes.VECTORS:
        return f"{model} makes maps of cells, so it has nothing to propose on an image."
    if recipe.reads_cells and not model.summary.get("whole_images"):
        return f"{model} judges cells that are outlined already, and new images have none."
    return ""


def fits(model: TrainedModel, images: Sequence[Image]) -> list[Image]:
    """Those images that a starter model is for, as far as the channels that it reads of them tell: of
    electron microscopy none has learned, and what says nothing of its light is taken for stained."""
    channels = reading.chooser(model=model, asked={})
    return [image for image in images if _fits(model, image, channels(image))]


def _aptness(model: TrainedModel, images: Sequence[Image]) -> tuple[int, int, int, bool]:
    """How many images a starter model is for, how many of them as they stand, of how many the channels are
    called like what it has learned from, and whether it reads stains."""
    found, words = fits(model, images), reading.words_of(model=model)
    channels = reading.chooser(model=model, asked={})
    whole = sum(channels(image) is None for image in found)
    named = sum(alike(image.channel_names, words) is not None for image in found)
    return len(found), whole, named, model.starter not in _OF_UNSTAINED


def _fits(model: TrainedModel, image: Image, read: Sequence[int] | None) -> bool:
    names = image.channel_names if read is None else [image.channel_names[place] for place in read]
    unstained = any(map(shows_unstained, names))
    return unstained == (model.starter in _OF_UNSTAINED) and not _ELECTRONS.search(
        " ".join(image.channel_names)
    )


def list_upload_proposals(
    *, user: User | AnonymousUser, dataset: uuid.UUID | None = None, upload: uuid.UUID | None = None
) -> UploadProposalQuerySet:
    """What came of uploads, the newest first, as far as this person may see them."""
    found = policies.visible_to(user).select_related("job__trained_model", "job__created_by", "upload")
    found = found.filter(upload__dataset_id=dataset) if dataset else found
    return found.filter(upload_id=upload) if upload else found


def _of_starters(models: Sequence[TrainedModel], bare: Sequence[Image]) -> Choice:
    """The starter model that is for most of the images; of equals the most apt, then the first by name."""
    if not models:
        return Choice(reason="No starter model is installed.")
    best = max(models, key=lambda model: _aptness(model, bare))
    images = fits(best, bare)
    if _pixels(images) > UNASKED_PX:
        said = (
            f"The images are large ({_pixels(images) / 1e9:.1f} gigapixels in all), so nothing is proposed "
            "without being asked for."
        )
        return Choice(reason=said)
    return _choice(best, images, bare)


def _choice(model: TrainedModel, images: Sequence[Image], bare: Sequence[Image]) -> Choice:
    if images:
        return Choice(model, images)
    kinds = sorted({", ".join(image.channel_names) for image in bare})
    more = " and others" if len(kinds) > 1 else ""
    return Choice(reason=f"{model} is not for images with the channels {kinds[0]}{more}.")


def _pixels(images: Iterable[Image]) -> int:
    return sum(image.size_t * image.size_z * image.size_y * image.size_x for image in images)
