"""Reading the registry: lists, one model, how much of its proposals was corrected, its archive."""

from __future__ import annotations

import json
import tempfile
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import IO, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, Sum

from backend.accounts.models import User
from backend.foundation import storage
from backend.foundation.errors import NotFound
from training.contract.starters import PICTURE
from training.models import Correction, Prediction, TrainedModel
from training.models.trained_models import TrainedModelQuerySet
from training.policies import trained_models as policies

ARCHIVE_IN_MEMORY_BYTES = 16 * 1024 * 1024


class TrainedModelMissing(NotFound):
    """There is no such trained model, or not for this person."""


class PictureMissing(NotFound):
    """No picture came with this model."""


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """What people made of a model's proposals, over the predictions whose corrected labels were accepted.

    `kept_share` is the part of the proposed cells that nobody touched; `ap` pools true positives, false
    positives and false negatives of the proposals against the accepted labels: TP / (TP + FP + FN).
    """

    predictions: int = 0
    accepted: int = 0
    proposed_cells: int = 0
    untouched: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    kept_share: float | None = None
    mean_changed_iou: float | None = None
    ap: dict[str, float] = field(default_factory=dict)


def list_trained_models(
    *,
    user: User | AnonymousUser,
    project: uuid.UUID | None = None,
    name: str = "",
    starter: bool | None = None,
) -> TrainedModelQuerySet:
    """Trained models that this person may see, newest first; with `starter` only those that came with
    Cytoloop, or only those that did not."""
    found = policies.visible_to(user).select_related("project", "snapshot", "parent", "created_by", "job")
    wanted = Q()
    if project:
        wanted &= Q(project_id=project)
    if name:
        wanted &= Q(name=name)
    if starter is not None:
        wanted &= ~Q(starter="") if starter else Q(starter="")
    return found.filter(wanted)


def get_trained_model(*, user: User | AnonymousUser, trained_model_id: uuid.UUID | str) -> TrainedModel:
    """Raises TrainedModelMissing."""
    trained_model = list_trained_models(user=user).filter(pk=trained_model_id).first()
    if trained_model is None:
        raise TrainedModelMissing("There is no such trained model that you may see.")
    return trained_model


def corrections(*, trained_model: TrainedModel) -> Corrections:
    """Sums over the scored corrections of this model's predictions."""
    rows = list(Correction.objects.filter(prediction__trained_model=trained_model))
    made = Prediction.objects.filter(trained_model=trained_model).aggregate(count=Count("pk"))["count"]
    sums = Correction.objects.filter(prediction__trained_model=trained_model).aggregate(
        untouched=Sum("untouched_count", default=0),
        changed=Sum("changed_count", default=0),
        added=Sum("added_count", default=0),
        removed=Sum("removed_count", default=0),
    )
    proposed = sums["untouched"] + sums["changed"] + sums["removed"]
    return Corrections(
        predictions=made,
        accepted=len(rows),
        proposed_cells=proposed,
        kept_share=sums["untouched"] / proposed if proposed else None,
        mean_changed_iou=_mean_changed_iou(rows),
        ap=_pooled_ap(rows),
        **sums,
    )


def open_archive(*, trained_model: TrainedModel) -> IO[bytes]:
    """A zip of the weights, the engine's card and the registry's facts, at its start; close it."""
    archive = tempfile.SpooledTemporaryFile(max_size=ARCHIVE_IN_MEMORY_BYTES)  # noqa: SIM115  the caller closes it
    folder = f"{trained_model.name}-v{trained_model.version}".replace("/", "_")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
        for key in sorted(storage.list_keys(trained_model.weights_key)):
            inside = key.removeprefix(trained_model.weights_key).lstrip("/")
            zipped.writestr(f"{folder}/{inside}", storage.get(key))
        facts = json.dumps(describe(trained_model=trained_model), indent=1, ensure_ascii=False)
        zipped.writestr(f"{folder}/registry.json", facts)
    archive.seek(0)
    return archive


def starter_picture(*, trained_model: TrainedModel) -> bytes:
    """PNG that came with a starter model. Raises PictureMissing for any other."""
    key = f"{trained_model.weights_key}/{PICTURE}"
    if not trained_model.starter or not storage.exists(key):
        raise PictureMissing(f"{trained_model} is no starter model, so no picture came with it.")
    return storage.get(key)


def describe(*, trained_model: TrainedModel) -> dict[str, Any]:
    """Where it came from, as plain JSON: enough to train it again."""
    return {
        "id": str(trained_model.pk),
        "name": trained_model.name,
        "version": trained_model.version,
        "recipe": trained_model.recipe,
        "settings": trained_model.settings,
        "seed": trained_model.seed,
        "code_version": trained_model.code_version,
        "starter": bool(trained_model.starter),
        "snapshot": {
            "id": str(trained_model.snapshot_id),
            "name": trained_model.snapshot.name,
            "digest": trained_model.snapshot_digest,
            "counts": trained_model.snapshot.counts,
        }
        if trained_model.snapshot
        else None,
        "parent": str(trained_model.parent) if trained_model.parent else None,
        "scores": trained_model.scores,
        "weights_sha256": trained_model.weights_digest,
        "created_at": trained_model.created_at.isoformat(),
    }


def _mean_changed_iou(rows: list[Correction]) -> float | None:
    changed = [row for row in rows if row.changed_count and row.mean_changed_iou is not None]
    total = sum(row.changed_count for row in changed)
    return (
        sum((row.mean_changed_iou or 0.0) * row.changed_count for row in changed) / total if total else None
    )


def _pooled_ap(rows: list[Correction]) -> dict[str, float]:
    pooled: dict[str, float] = {}
    for threshold in sorted({name for row in rows for name in row.matches}):
        tp, fp, fn = (sum(row.matches.get(threshold, [0, 0, 0])[i] for row in rows) for i in range(3))
        if tp + fp + fn:
            pooled[f"ap{threshold}"] = tp / (tp + fp + fn)
    return pooled
