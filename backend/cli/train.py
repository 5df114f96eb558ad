"""`cytoloop train`: a snapshot of a dataset's accepted labels, and a model trained on it."""

import argparse
import json
from typing import Any

from annotation.models import Project
from backend.cli import jobs as waiting
from backend.cli import saying, workplace
from backend.foundation.errors import Invalid, NotFound
from training.contract.recipes import recipe_named
from training.models import Snapshot, TrainedModel
from training.models.jobs import Kind
from training.models.snapshots import Include
from training.selectors.orders import Order
from training.selectors.snapshots import DEFAULT_FRACTIONS, Rule
from training.services import jobs, snapshots


class BadSetting(Invalid):
    """A setting is not written as KEY=VALUE."""


class NoSuchModel(NotFound):
    """No trained model of this name in the project."""


def run(arguments: argparse.Namespace) -> int:
    """Freeze, train, wait; answers the trained model with its scores."""
    settings = dict(parse_setting(text) for text in arguments.setting)
    place = workplace.enter(arguments.project)
    dataset = workplace.find_dataset(place, arguments.dataset)
    init_from = find_model(place, arguments.init_from) if arguments.init_from else None
    include = Include.ACCEPTED if recipe_named(arguments.recipe).needs_labels else Include.IMAGES
    snapshot = snapshots.freeze(
        project=place.project,
        name=f"{dataset.name} for {arguments.name or arguments.recipe}",
        rule=Rule(dataset_ids=[dataset.pk], include=include),
        fractions=DEFAULT_FRACTIONS,
        seed=arguments.seed,
        by=place.owner,
    )
    order = Order(
        kind=Kind.TRAIN,
        recipe=arguments.recipe,
        snapshot=snapshot,
        init_from=init_from,
        settings=settings,
        seed=arguments.seed,
        minutes=arguments.minutes,
        name=arguments.name or f"{dataset.name} {arguments.recipe}",
    )
    with workplace.answered() as worker, saying.bar("Training") as tell:
        job = jobs.start(project=place.project, order=order, by=place.owner)
        waiting.wait(job=job, worker=worker, tell=tell)
    model = TrainedModel.objects.get(job=job)
    saying.answer(as_json=arguments.json, facts=facts_of(model, snapshot), sentence=sentence_of(model))
    return 0


def find_model(place: workplace.Workplace, name: str) -> TrainedModel:
    """The newest version of this name, or the starter model of it; raises `NoSuchModel`."""
    mine = TrainedModel.objects.filter(project=place.project)
    found = (
        mine.filter(name=name).order_by("-version").first()
        or mine.filter(starter=name).order_by("-version").first()
    )
    if found is None:
        known = ", ".join(sorted(set(mine.values_list("name", flat=True)))) or "none yet"
        said = f"There is no trained model “{name}” in {place.project.name}. There are: {known}."
        raise NoSuchModel(said + _elsewhere(place, name))
    return found


def _elsewhere(place: workplace.Workplace, name: str) -> str:
    """Where else a model of this name is; empty where it is nowhere."""
    mine = Project.objects.visible_to(place.owner).filter(trained_models__name=name).distinct()
    named = ", ".join(f"“{project.name}”" for project in mine.order_by("name"))
    return f" It is in {named}; say so with --project." if named else ""


def parse_setting(text: str) -> tuple[str, Any]:
    """`width=32` → ("width", 32); values are JSON where they can be read as such, else words."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise BadSetting(f"--setting {text}: write KEY=VALUE.")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def facts_of(model: TrainedModel, snapshot: Snapshot) -> dict[str, Any]:
    """What a program wants to know."""
    return {
        "id": model.pk,
        "name": model.name,
        "version": model.version,
        "recipe": model.recipe,
        "snapshot": {"id": snapshot.pk, "digest": snapshot.digest, "counts": snapshot.counts},
        "scores": model.scores,
        "seed": model.seed,
        "code_version": model.code_version,
    }


def sentence_of(model: TrainedModel) -> str:
    """What a person wants to know."""
    test = (model.scores or {}).get("test") or {}
    told = ", ".join(f"{name} {value:.3f}" for name, value in test.items() if isinstance(value, float))
    return f"{model.name}, version {model.version}. On the test split: {told or 'not scored, it is empty'}."
