"""Starter models in the registry: every project has those that come with the package, from its beginning."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from annotation.models import Project
from backend.foundation import clock, storage
from training.contract.files import MODEL_CARD, WEIGHTS, read_model_card
from training.contract.results import ModelCard
from training.contract.starters import MODEL_FILES, StarterFacts, read_facts, shipped
from training.models import TrainedModel
from training.services.trained_models import next_version


@dataclass(frozen=True)
class Starter:
    """A starter model that comes with the package."""

    folder: Path
    facts: StarterFacts
    card: ModelCard
    digest: str

    @property
    def key(self) -> str:
        """Where its files lie in storage, once for all projects."""
        return f"starters/{self.facts.name}-{self.digest[:16]}"


@transaction.atomic
def adopt(*, project: Project) -> list[TrainedModel]:
    """Enters those shipped starter models that the project lacks; weights of a newer package are a new
    version, and older ones stay. Answers what was entered.
    """
    known = set(
        TrainedModel.objects.starters().of_project(project.pk).values_list("weights_digest", flat=True)
    )
    return [_enter(project, starter) for starter in starters() if starter.digest not in known]


def adopt_everywhere() -> int:
    """`adopt` for every project; answers how many rows were entered."""
    lacking = Q()
    for starter in starters():
        having = TrainedModel.objects.starters().filter(weights_digest=starter.digest)
        lacking |= ~Q(pk__in=having.values("project_id"))
    return sum(len(adopt(project=project)) for project in Project.objects.filter(lacking)) if lacking else 0


def starters() -> tuple[Starter, ...]:
    """What the package brings, read once a process; none where the installation wants none."""
    return tuple(_read(folder) for folder in shipped().values()) if settings.CYTOLOOP_STARTERS else ()


@lru_cache(maxsize=8)
def _read(folder: Path) -> Starter:
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    return Starter(folder, read_facts(folder), read_model_card(folder), digest)


def _enter(project: Project, starter: Starter) -> TrainedModel:
    _keep_files(starter)
    name = f"Starter {starter.facts.name}"
    return TrainedModel.objects.create(
        project=project,
        name=name,
        version=next_version(project.pk, name),
        description=starter.facts.purpose,
        recipe=starter.card.recipe,
        starter=starter.facts.name,
        weights_key=starter.key,
        weights_digest=starter.digest,
        size_bytes=sum((starter.folder / name).stat().st_size for name in MODEL_FILES),
        settings=starter.card.settings,
        seed=starter.card.seed,
        code_version=starter.card.code_version or "shipped",
        scores={"test": {name: told["value"] for name, told in starter.facts.scores.items()}},
        summary={
            "starter": starter.facts.to_json(),
            "object_size_px": starter.card.object_size_px,
            "channels": starter.card.channels,
            "versions": starter.card.versions,
            "data_digest": starter.card.data_digest,
        },
        created_at=clock.now(),
    )


def _keep_files(starter: Starter) -> None:
    """In storage, so that rows keep their weights when the package is replaced; the card last."""
    if storage.exists(f"{starter.key}/{MODEL_CARD}"):
        return
    for name in sorted(MODEL_FILES, key=lambda name: name == MODEL_CARD):
        storage.put(f"{starter.key}/{name}", (starter.folder / name).read_bytes())
