"""What an evaluation would score, and reading those that were made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from annotation.core.faults import FaultKind
from annotation.models import Branch, Image, Project, Revision
from annotation.policies import access
from annotation.selectors import labels
from backend.accounts.models import User
from backend.foundation.errors import Invalid, NotFound
from training.contract.recipes import Makes, recipe_named
from training.models import (
    Comparison,
    Evaluation,
    EvaluationFault,
    EvaluationItem,
    PredictedImage,
    Prediction,
    Snapshot,
    TrainedModel,
)
from training.models.evaluations import ComparisonQuerySet, EvaluationQuerySet
from training.policies import comparisons as comparison_policies
from training.policies import evaluations as policies
from training.policies import predictions as prediction_policies
from training.selectors import channels, snapshots, trained_models

ACCEPTED = (
    "accepted"  # the side of images that were scored against accepted revisions, not against a snapshot
)


# The side of predicted channels that were scored against recorded ones, without a snapshot.
RECORDED = "recorded"


class EvaluationMissing(NotFound):
    """There is no such evaluation, or not for this person."""


class ComparisonMissing(NotFound):
    """There is no such comparison, or not for this person."""


class NothingToEvaluate(Invalid):
    """No image has both predicted and accepted labels."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person wants scored: a trained model, or one branch up to a revision; and against what."""

    project: Project
    trained_model: TrainedModel | None = None
    predicted: Revision | None = None
    truth: Revision | None = None
    snapshot: Snapshot | None = None
    split: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One image with what is right and what was predicted of it: two revisions, or a predicted image whose
    source has recorded what was predicted."""

    image: Image
    truth: Revision | None = None
    predicted: Revision | None = None
    picture: PredictedImage | None = None
    split: str


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """The images that can be scored, and those that the model has not predicted yet."""

    pairs: Sequence[Pair]
    unpredicted: Sequence[Image] = field(default=())


def question_from(*, user: User, asked: Mapping[str, Any]) -> Question:
    """The question behind a request's ids, as this person may see them.

    `asked` has one of `trained_model`, `prediction` or `branch` (with `revision`, else its newest), and
    `truth` (the number of a revision of the same image), or `snapshot` and `split`. Raises what is missing.
    """
    model = _trained_model(user, asked.get("trained_model"))
    predicted = _predicted(user, asked)
    if (model is None) == (predicted is None):
        raise NothingToEvaluate("Name one of trained_model, prediction and branch: what is to be scored.")
    snapshot = _snapshot(user, asked.get("snapshot"))
    project = model.project if model else _project_of(predicted)
    if snapshot is not None and snapshot.project_id != project.pk:
        raise NothingToEvaluate("snapshot: it belongs to another project.")
    return Question(
        project=project,
        trained_model=model,
        predicted=predicted,
        truth=_truth(predicted, asked.get("truth")),
        snapshot=snapshot,
        split=asked.get("split") or "",
    )


def pairing(*, question: Question) -> Pairing:
    """Which revision is scored against which, each image once; nothing is scored against itself. Of a model
    that makes channels: which predicted image."""
    if question.trained_model and recipe_named(question.trained_model.recipe).makes is Makes.IMAGES:
        return _pairing_of_pictures(question, question.trained_model)
    truths = _truths(question)
    if question.predicted is not None:
        said = {question.predicted.image_id: question.predicted}
    else:
        said = newest_predictions(trained_model=question.trained_model)
    pairs = [
        Pair(image=truth.image, truth=truth, predicted=said[truth.image_id], split=split)
        for truth, split in truths
        if truth.image_id in said and said[truth.image_id].pk != truth.pk
    ]
    wanted = question.trained_model is not None and question.snapshot is not None
    lacking = [truth.image for truth, _ in truths if wanted and truth.image_id not in said]
    return Pairing(pairs=pairs, unpredicted=lacking)


def newest_predictions(*, trained_model: TrainedModel | None) -> dict[uuid.UUID, Revision]:
    """What the model itself said last of each image, before anybody corrected it."""
    rows = Prediction.objects.filter(trained_model=trained_model).select_related("revision")
    newest = rows.order_by("image_id", "-created_at", "-revision__number").distinct("image_id")
    return {row.image_id: row.revision for row in newest}


def newest_pictures(*, trained_model: TrainedModel) -> dict[uuid.UUID, PredictedImage]:
    """What the model made last of each image, by the id of the image."""
    rows = PredictedImage.objects.filter(trained_model=trained_model).select_related("source", "made")
    return {row.source_id: row for row in rows.order_by("source_id", "-created_at").distinct("source_id")}


def list_evaluations(
    *,
    user: User | AnonymousUser,
    project: uuid.UUID | None = None,
    trained_model: uuid.UUID | None = None,
    branch: uuid.UUID | None = None,
    snapshot: uuid.UUID | None = None,
) -> EvaluationQuerySet:
    """Evaluations that this person may see, newest first."""
    found = policies.visible_to(user).select_related("trained_model", "snapshot", "branch", "created_by")
    asked = {
        "project_id": project,
        "trained_model_id": trained_model,
        "branch_id": branch,
        "snapshot_id": snapshot,
    }
    return found.filter(Q(**{name: value for name, value in asked.items() if value}))


def get_evaluation(*, user: User | AnonymousUser, evaluation_id: uuid.UUID | str) -> Evaluation:
    """Raises EvaluationMissing."""
    found = list_evaluations(user=user).filter(pk=evaluation_id).first()
    if found is None:
        raise EvaluationMissing("There is no such evaluation that you may see.")
    return found


def list_items(*, evaluation: Evaluation) -> QuerySet[EvaluationItem]:
    """Its images with their counts and scores, by name."""
    found = EvaluationItem.objects.filter(evaluation=evaluation)
    related = found.select_related("image", "truth", "predicted", "picture__made", "picture__source")
    return related.order_by("split", "image__name", "image_id")


def list_faults(
    *, evaluation: Evaluation, kind: str = "", image: uuid.UUID | None = None
) -> QuerySet[EvaluationFault]:
    """What was wrong, the most harmful first; frames only when they are asked for."""
    found = EvaluationFault.objects.filter(item__evaluation=evaluation)
    found = found.filter(kind=kind) if kind else found.exclude(kind=FaultKind.FRAME)
    found = found.filter(item__image_id=image) if image else found
    related = found.select_related("item__image", "item__predicted", "item__truth", "item__picture")
    return related.order_by("-harm", "-size_px", "pk")


def list_comparisons(
    *, user: User | AnonymousUser, evaluation: uuid.UUID | None = None
) -> ComparisonQuerySet:
    """Comparisons that this person may see, newest first."""
    found = comparison_policies.visible_to(user).select_related(
        "first__trained_model", "second__trained_model", "first__project"
    )
    return found.filter(Q(first_id=evaluation) | Q(second_id=evaluation)) if evaluation else found


def get_comparison(*, user: User | AnonymousUser, comparison_id: uuid.UUID | str) -> Comparison:
    """Raises ComparisonMissing."""
    found = list_comparisons(user=user).filter(pk=comparison_id).first()
    if found is None:
        raise ComparisonMissing("There is no such comparison that you may see.")
    return found


# ---------------------------------------------------------------- what is right


def _truths(question: Question) -> list[tuple[Revision, str]]:
    """(true revision, split) of every image in question."""
    if question.snapshot is not None:
        items = snapshots.list_items(snapshot=question.snapshot)
        items = items.filter(split=question.split) if question.split else items
        if question.predicted is not None:
            items = items.filter(image_id=question.predicted.image_id)
        labelled = items.filter(revision__isnull=False).select_related("revision__image")
        return [(item.revision, item.split) for item in labelled if item.revision is not None]
    if question.truth is not None:
        return [(question.truth, ACCEPTED)]
    accepted = Revision.objects.accepted().filter(image__dataset__project=question.project)
    if question.predicted is not None:
        accepted = accepted.filter(image_id=question.predicted.image_id).exclude(pk=question.predicted.pk)
    newest = accepted.order_by("image_id", "-accepted_at", "-number").distinct("image_id")
    return [(revision, ACCEPTED) for revision in newest.select_related("image")]


def _pairing_of_pictures(question: Question, model: TrainedModel) -> Pairing:
    """Images that have recorded what the model predicts: those of a snapshot, or all it made something of."""
    said = newest_pictures(trained_model=model)
    if question.snapshot is None:
        asked = [(row.source, RECORDED) for row in said.values()]
    else:
        items = snapshots.list_items(snapshot=question.snapshot).select_related("image")
        items = items.filter(split=question.split) if question.split else items
        asked = [(item.image, item.split) for item in items]
    wanted = model.settings.get("targets") or []
    asked = [(image, side) for image, side in asked if channels.places(image=image, words=wanted)]
    pairs = [
        Pair(image=image, picture=said[image.pk], split=side) for image, side in asked if image.pk in said
    ]
    lacking = [image for image, _ in asked if image.pk not in said]
    return Pairing(pairs=pairs, unpredicted=lacking)


def _truth(predicted: Revision | None, number: int | None) -> Revision | None:
    """The accepted revision of the same image with this number."""
    if number is None:
        return None
    if predicted is None:
        raise NothingToEvaluate(
            "truth: a revision is of one image, so name a branch or a prediction with it."
        )
    found = Revision.objects.accepted().filter(image_id=predicted.image_id, number=number)
    revision = found.select_related("image").first()
    if revision is None:
        raise NothingToEvaluate(f"truth: the image has no accepted revision {number}.")
    return revision


def _predicted(user: User, asked: Mapping[str, Any]) -> Revision | None:
    if asked.get("prediction"):
        found = prediction_policies.visible_to(user).filter(pk=asked["prediction"])
        row = found.select_related("revision__image__dataset__project").first()
        if row is None:
            raise NotFound("There is no such prediction that you may see.")
        return row.revision
    if not asked.get("branch"):
        return None
    branch = access.find(
        Branch.objects.select_related("image__dataset__project"), user=user, pk=asked["branch"]
    )
    if asked.get("revision"):
        return labels.get_revision(branch=branch, number=asked["revision"])
    head = labels.head_revision(branch)
    if head is None:
        raise NothingToEvaluate("branch: nothing was labelled on it yet.")
    return head


def _project_of(revision: Revision | None) -> Project:
    if revision is None:
        raise NothingToEvaluate("There is no revision to score.")
    return revision.image.dataset.project


def _trained_model(user: User, pk: uuid.UUID | None) -> TrainedModel | None:
    return trained_models.get_trained_model(user=user, trained_model_id=pk) if pk else None


def _snapshot(user: User, pk: uuid.UUID | None) -> Snapshot | None:
    return snapshots.get_snapshot(user=user, snapshot_id=pk) if pk else None
