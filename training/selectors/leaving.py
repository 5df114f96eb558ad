"""What travels with a model that leaves, and whether it is served."""

from __future__ import annotations

from backend.foundation.errors import Conflict
from training.contract.leaving import LICENCES, Facts
from training.models import TrainedModel
from training.selectors import promotions, reading


class NotPromoted(Conflict):
    """Only the live model of a recipe is served."""


def facts_of(*, trained_model: TrainedModel, licence: str, code_version: str) -> Facts:
    """The registry's facts, for the card of a model that leaves."""
    author = trained_model.created_by
    return Facts(
        name=trained_model.name,
        version=trained_model.version,
        description=trained_model.description,
        author=author.name if author else "",
        licence=licence or LICENCES[0],
        made_at=trained_model.created_at.isoformat(),
        learned_from=_learned_from(trained_model),
        snapshot=trained_model.snapshot_digest,
        identity=str(trained_model.pk),
        code_version=code_version,
        scores=trained_model.scores,
        reads=reading.words_of(model=trained_model),
    )


def require_live(*, trained_model: TrainedModel) -> None:
    """Raises NotPromoted."""
    live = promotions.present_of(project_id=trained_model.project_id, recipe=trained_model.recipe)
    if live is not None and live.trained_model_id == trained_model.pk:
        return
    instead = (
        f"the live model of {trained_model.recipe} is {live.trained_model}"
        if live
        else f"no model of {trained_model.recipe} is live yet"
    )
    raise NotPromoted(
        f"{trained_model} is not promoted, and only promoted models are served; {instead}. Promote it on its "
        "page, or predict with it in a job."
    )


def _learned_from(trained_model: TrainedModel) -> str:
    snapshot = trained_model.snapshot
    if snapshot is None:
        return _shipped_sets(trained_model)
    parts = []
    for split, counts in snapshot.counts.items():
        if isinstance(counts, dict) and counts.get("images") and split != "all":
            parts.append(f"{counts['images']} images with {counts.get('cells', 0)} labelled cells ({split})")
    told = f"Snapshot “{snapshot.name}” of the project “{trained_model.project.name}”"
    return f"{told}: {', '.join(parts)}." if parts else f"{told}."


def _shipped_sets(trained_model: TrainedModel) -> str:
    """What a starter model learned from, with the credits that its sets ask for."""
    sets = trained_model.summary.get("starter", {}).get("data", [])
    told = [f"{one['name']}, {one['images']} images ({one['licence']} Cite: {one['cite']})" for one in sets]
    return "Openly licensed images: " + "; ".join(told)
