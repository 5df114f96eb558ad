"""Which model is live, which were before, and on which images a new one is judged."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.foundation.errors import Conflict
from training.contract.recipes import RECIPES
from training.models import Evaluation, Promotion, PromotionRule, Snapshot, SnapshotItem, TrainedModel
from training.models.promotions import PromotionQuerySet
from training.models.snapshots import Split
from training.policies import promotions as policies


def list_promotions(
    *, user: User | AnonymousUser, project: uuid.UUID | None = None, present: bool = False
) -> PromotionQuerySet:
    """Promotions that this person may see, newest first; with `present` only the one that counts of each
    recipe.
    """
    found = policies.visible_to(user)
    found = found.filter(project_id=project) if project else found
    found = found.present() if present else found
    return found.select_related("trained_model", "snapshot", "promoted_by", "replaced__trained_model")


def present_of(*, project_id: uuid.UUID, recipe: str) -> Promotion | None:
    """The promotion that counts in a project for a recipe."""
    found = Promotion.objects.filter(project_id=project_id, recipe=recipe)
    return found.select_related("trained_model", "snapshot").order_by("-number").first()


@dataclass(frozen=True)
class Rule:
    """Which score decides on promotions of a recipe, and how much of it may be lost."""

    recipe: str
    score: str
    margin: float = 0.0


def rule_of(*, project_id: uuid.UUID, recipe: str) -> Rule:
    """What the project chose, else the recipe's own score and nothing to be lost."""
    row = PromotionRule.objects.filter(project_id=project_id, recipe=recipe).first()
    if row is not None:
        return Rule(recipe, row.score, row.margin)
    return Rule(recipe, next((one.score for one in RECIPES if one.name == recipe), "") or "ap50")


class NoTestImages(Conflict):
    """Nothing in the project says on which images a starter model should be judged."""


def frozen_test_set(*, trained_model: TrainedModel, present: Promotion | None) -> Snapshot:
    """The snapshot whose test images decide: that of the present model, or the candidate's own when it is the
    first, which for a starter model is the newest of the project. Raises NoTestImages.
    """
    if present is not None:
        return present.snapshot
    chosen = trained_model.snapshot or (
        Snapshot.objects.filter(project_id=trained_model.project_id).order_by("-created_at").first()
    )
    if chosen is None:
        raise NoTestImages(
            f"{trained_model} came with Cytoloop, and this project has no snapshot with test images to judge "
            "it on; freeze one, then evaluate."
        )
    return chosen


def scored_on_test(*, trained_model: TrainedModel, snapshot: Snapshot) -> Evaluation | None:
    """The newest finished evaluation of the model on the test images of the snapshot."""
    found = Evaluation.objects.done().filter(trained_model=trained_model, snapshot=snapshot)
    return found.filter(split__in=("", Split.TEST)).order_by("-created_at").first()


def learned_from(*, trained_model: TrainedModel) -> set[uuid.UUID]:
    """The images that the model, or one it continues from, was trained on or chosen by."""
    found: set[uuid.UUID] = set()
    model: TrainedModel | None = trained_model
    while model is not None:
        items = SnapshotItem.objects.filter(snapshot__trained_models=model).exclude(split=Split.TEST)
        found.update(items.values_list("image_id", flat=True))
        model = model.parent
    return found
