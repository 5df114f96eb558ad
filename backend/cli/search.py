"""`cytoloop search`: a snapshot of a dataset, trials of a recipe on it, and the best of them as a model."""

import argparse
from typing import Any

from backend.cli import jobs as waiting
from backend.cli import saying, workplace
from backend.cli.train import find_model, parse_setting
from training.contract.recipes import recipe_named
from training.models import Search, TrainedModel
from training.models.jobs import Kind
from training.models.snapshots import Include
from training.selectors.orders import Order
from training.selectors.snapshots import DEFAULT_FRACTIONS, Rule
from training.services import searches, snapshots


def run(arguments: argparse.Namespace) -> int:
    """Freeze, try, wait; answers the trials and the trained model."""
    settings = dict(parse_setting(text) for text in arguments.setting)
    place = workplace.enter(arguments.project)
    dataset = workplace.find_dataset(place, arguments.dataset)
    name = arguments.name or f"{dataset.name} {arguments.recipe}"
    include = Include.ACCEPTED if recipe_named(arguments.recipe).needs_labels else Include.IMAGES
    snapshot = snapshots.freeze(
        project=place.project,
        name=f"{dataset.name} for {name}",
        rule=Rule(dataset_ids=[dataset.pk], include=include),
        fractions=DEFAULT_FRACTIONS,
        seed=arguments.seed,
        by=place.owner,
    )
    order = Order(
        kind=Kind.TRAIN,
        recipe=arguments.recipe,
        snapshot=snapshot,
        init_from=find_model(place, arguments.init_from) if arguments.init_from else None,
        settings=settings,
        seed=arguments.seed,
        name=name,
    )
    wish = searches.Wish(
        minutes=arguments.minutes,
        trial_minutes=arguments.trial_minutes,
        counts_cpu=arguments.cpu,
        vary=arguments.vary or None,
    )
    with workplace.answered() as worker, saying.bar("Searching") as tell:
        search = searches.start(project=place.project, order=order, wish=wish, by=place.owner)
        waiting.wait(job=search.job, worker=worker, tell=tell)
    search = Search.objects.select_related("job", "best").get(pk=search.pk)
    saying.answer(as_json=arguments.json, facts=facts_of(search), sentence=sentence_of(search))
    return 0


def facts_of(search: Search) -> dict[str, Any]:
    """What a program wants to know."""
    model = TrainedModel.objects.get(job=search.job)
    trials = search.trials.values("number", "settings", "state", "score", "rungs", "spent_s", "spent_cpu_s")
    return {
        "id": search.pk,
        "model": {"id": model.pk, "name": model.name, "version": model.version, "scores": model.scores},
        "score": search.score,
        "best": search.best.number if search.best else None,
        "settings": search.best.settings if search.best else {},
        "on_test": search.confirmed,
        "trials": list(trials),
    }


def sentence_of(search: Search) -> str:
    """What a person wants to know."""
    best, default = search.best, search.trials.get(number=0)
    if best is None or best.score is None or default.score is None:
        return "No trial learned to the end."
    chosen = ", ".join(f"{name} {value}" for name, value in best.settings.items()) or "the default settings"
    return (
        f"{search.trials.count()} trials. Best: {chosen}; {search.score} {best.score:.3f} on the validation "
        f"split, the default {default.score:.3f}. Kept as {search.job.name}."
    )
