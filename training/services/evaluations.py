"""The life of an evaluation: asked, perhaps waiting for predictions, reckoned image by image, kept."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction

from annotation.core import bootstrap, count_json
from annotation.core.faults import Fault
from annotation.core.matching import ImageCounts
from annotation.models import Image
from backend.accounts.models import User
from backend.foundation import clock, events, queue
from backend.foundation.errors import Conflict, CytoloopError
from training.contract.recipes import Makes, recipe_named
from training.models import Evaluation, EvaluationFault, EvaluationItem, Job, PredictedImage
from training.models.evaluations import ReckoningState as State
from training.models.jobs import FINAL_STATES, Kind
from training.models.jobs import State as JobState
from training.policies import projects as project_policies
from training.selectors import evaluations as selectors
from training.selectors.evaluations import NothingToEvaluate, Pair, Pairing, Question
from training.selectors.orders import Order
from training.services import jobs, reckoning, reckoning_pictures, score_families

logger = logging.getLogger(__name__)

# Up to so many pixels are reckoned while the person waits; more goes to a background function.
AT_ONCE_PX = 4_000_000
SILENT_AFTER = timedelta(minutes=30)


class PredictionsMissing(Conflict):
    """The model has not predicted every image of the split yet, and nobody asked that it should."""


class LinkerKeepsTruth(Conflict):
    """A trained linker is given what people have said of links, so it can't be scored against their work."""


def ask(*, question: Question, by: User, predict_missing: bool = False) -> Evaluation:
    """Keep an evaluation and reckon it: at once when it is small, else by letter.

    Where the model has not seen every image of the split, `predict_missing` starts the prediction and the
    evaluation waits for it. Raises NotAllowed, LinkerKeepsTruth, NothingToEvaluate, PredictionsMissing.
    """
    project_policies.require_manager(user=by, project=question.project)
    if question.trained_model and recipe_named(question.trained_model.recipe).makes is Makes.TRACKS:
        raise LinkerKeepsTruth(
            f"{question.trained_model} links cells and keeps every link that people made, so scoring it "
            "against their labels would score them. Its scores on movies that it did not learn from stand on "
            "its page."
        )
    found = selectors.pairing(question=question)
    if found.unpredicted and not predict_missing:
        raise _missing(found)
    if not found.unpredicted and not found.pairs:
        raise NothingToEvaluate(_nothing(question))
    evaluation = _keep(question, found, by)
    if evaluation.state == State.QUEUED and is_small(found.pairs):
        run(evaluation_id=evaluation.pk)
        evaluation.refresh_from_db()
    return evaluation


def run(*, evaluation_id: uuid.UUID | str) -> None:
    """Reckon what is not reckoned yet, then pool. Delivered twice it finds nothing to do; the end is in the
    row.
    """
    evaluation = _claim(evaluation_id)
    if evaluation is None:
        return
    try:
        items = list(
            selectors.list_items(evaluation=evaluation).select_related(
                "truth__image", "predicted__image", "picture__trained_model"
            )
        )
        for number, item in enumerate(items):
            if item.counts is None:
                _reckon(item)
            heard = {"fraction": (number + 1) / len(items), "heard_at": clock.now()}
            Evaluation.objects.filter(pk=evaluation.pk).update(**heard)
        _finish(evaluation, items)
    except Exception as error:
        logger.exception("The evaluation %s failed.", evaluation.pk)
        said = (
            error.message if isinstance(error, CytoloopError) else f"The labels could not be scored: {error}"
        )
        _end(evaluation, State.FAILED, error=said or "The labels could not be scored.")


@transaction.atomic
def wake(*, job_id: uuid.UUID) -> int:
    """Pair anew what waited for a prediction job that has ended; answers how many evaluations."""
    waiting = Evaluation.objects.select_for_update(of=("self",)).filter(waits_for=job_id, state=State.WAITING)
    rows = list(waiting.select_related("project", "trained_model", "snapshot", "waits_for"))
    for evaluation in rows:
        _go_on(evaluation)
    return len(rows)


def sweep() -> None:
    """Wake those whose prediction has ended, and post the letters of those nobody has heard of again."""
    over = Evaluation.objects.filter(state=State.WAITING, waits_for__state__in=FINAL_STATES)
    for job_id in set(over.values_list("waits_for_id", flat=True)):
        if job_id is not None:
            wake(job_id=job_id)
    for evaluation in Evaluation.objects.silent_since(clock.now() - SILENT_AFTER):
        with transaction.atomic():
            _post(evaluation)


@transaction.atomic
def delete(*, evaluation: Evaluation, by: User) -> None:
    """Forget an evaluation. Raises NotAllowed."""
    project_policies.require_manager(user=by, project=evaluation.project)
    evaluation.delete()


# ---------------------------------------------------------------- asking


@transaction.atomic
def _keep(question: Question, found: Pairing, by: User) -> Evaluation:
    branch = question.predicted.branch if question.predicted else None
    job = _predict(question, found, by) if found.unpredicted else None
    evaluation = Evaluation.objects.create(
        project=question.project,
        trained_model=question.trained_model,
        branch=branch,
        snapshot=question.snapshot,
        split=question.split,
        name=_name(question),
        state=State.WAITING if job else State.QUEUED,
        waits_for=job,
        heard_at=clock.now(),
        created_by=by,
        created_at=clock.now(),
    )
    if job is None:
        _enter(evaluation, found.pairs)
        if not is_small(found.pairs):
            _post(evaluation)
    _tell(evaluation)
    return evaluation


def _predict(question: Question, found: Pairing, by: User) -> Job:
    order = Order(
        kind=Kind.PREDICT,
        trained_model=question.trained_model,
        images=found.unpredicted,
        name=f"Predictions for scoring {question.trained_model}",
    )
    return jobs.start(project=question.project, order=order, by=by)


def _go_on(evaluation: Evaluation) -> None:
    """The prediction has ended: enter the pairs, or say why there are none."""
    job = evaluation.waits_for
    if job is not None and job.state not in FINAL_STATES:
        return
    question = Question(
        project=evaluation.project,
        trained_model=evaluation.trained_model,
        snapshot=evaluation.snapshot,
        split=evaluation.split,
    )
    found = selectors.pairing(question=question)
    if found.unpredicted or (job is not None and job.state != JobState.SUCCEEDED):
        said = f"{len(found.unpredicted)} images were not predicted, because the prediction did not succeed."
        _end(evaluation, State.FAILED, error=said)
        return
    _enter(evaluation, found.pairs)
    evaluation.state = State.QUEUED
    _post(evaluation)


def _enter(evaluation: Evaluation, pairs: Sequence[Pair]) -> None:
    EvaluationItem.objects.bulk_create(
        EvaluationItem(
            evaluation=evaluation,
            image=pair.image,
            truth=pair.truth,
            predicted=pair.predicted,
            picture=pair.picture,
            split=pair.split,
        )
        for pair in pairs
    )


def _missing(found: Pairing) -> PredictionsMissing:
    images = found.unpredicted
    more = f" and {len(images) - 1} more" if len(images) > 1 else ""
    return PredictionsMissing(
        f"The model has not predicted {images[0].name}{more} yet. Have them predicted first.",
        image_ids=[str(image.pk) for image in images],
    )


def _nothing(question: Question) -> str:
    if question.trained_model and recipe_named(question.trained_model.recipe).makes is Makes.IMAGES:
        targets = " and ".join(question.trained_model.settings.get("targets") or ["what is predicted"])
        where = f"of the snapshot {question.snapshot.name} " if question.snapshot else "that was predicted "
        return f"No image {where}has recorded {targets}, so there is nothing to score the prediction against."
    if question.snapshot is not None:
        side = f" on its {question.split} side" if question.split else ""
        return f"The snapshot {question.snapshot.name} has no image{side} that could be scored."
    return "No image has both a prediction and other accepted labels to score it against."


def _name(question: Question) -> str:
    what = str(question.trained_model or "")
    if question.predicted is not None:
        what = f"{question.predicted.branch.name}, revision {question.predicted.number}"
    if question.snapshot is None:
        makes = question.trained_model and recipe_named(question.trained_model.recipe).makes
        return f"{what} against {'recorded channels' if makes is Makes.IMAGES else 'accepted labels'}"[:500]
    return f"{what} on {question.split or 'all images'} of {question.snapshot.name}"[:500]


def is_small(pairs: Iterable[Pair | EvaluationItem]) -> bool:
    """Whether images are reckoned while the person waits."""
    return sum(_pixels(pair.image, pair.picture) for pair in pairs) <= AT_ONCE_PX


def _pixels(image: Image, picture: PredictedImage | None) -> int:
    return reckoning_pictures.pixels(picture=picture) if picture else reckoning.pixels(image=image)


def _post(evaluation: Evaluation) -> None:
    evaluation.heard_at = clock.now()
    evaluation.state = State.QUEUED
    evaluation.save(update_fields=["heard_at", "state"])
    queue.post(queue.Letter.RUN_EVALUATION, evaluation_id=str(evaluation.pk))


# ---------------------------------------------------------------- reckoning


@transaction.atomic
def _claim(evaluation_id: uuid.UUID | str) -> Evaluation | None:
    row = Evaluation.objects.select_for_update(of=("self",)).filter(pk=evaluation_id).first()
    if row is None or row.state != State.QUEUED:
        return None
    row.state, row.heard_at = State.RUNNING, clock.now()
    row.save(update_fields=["state", "heard_at"])
    return row


@transaction.atomic
def _reckon(item: EvaluationItem) -> None:
    """Score one image and keep it; what an interrupted run left is replaced."""
    if item.picture is not None:
        _reckon_picture(item, item.picture)
        return
    if item.truth is None or item.predicted is None:
        raise ValueError(f"The item {item.pk} has nothing to score.")
    found = reckoning.reckon(truth=item.truth, predicted=item.predicted)
    item.counts = count_json.to_json(found.counts)
    item.classes = {name: count_json.to_json(counts) for name, counts in found.classes.items()}
    item.tables = found.tables
    item.scores = {
        **bootstrap.scores([found.counts]),
        **_cells(found.counts),
        **score_families.of_image(found.tables),
    }
    item.tallies = found.tallies
    _keep_item(item, found.faults)


def _reckon_picture(item: EvaluationItem, picture: PredictedImage) -> None:
    """Of predicted channels there are no cells to count."""
    found = reckoning_pictures.reckon(picture=picture)
    item.counts, item.classes, item.tables = {}, {}, {"pictures": found.table}
    item.scores = score_families.of_image(item.tables)
    item.tallies = found.tallies
    _keep_item(item, found.faults)


def _keep_item(item: EvaluationItem, found: Sequence[tuple[int, Fault]]) -> None:
    item.save(update_fields=["counts", "classes", "scores", "tallies", "tables"])
    item.faults.all().delete()
    EvaluationFault.objects.bulk_create(_fault(item, t, fault) for t, fault in found)


def _fault(item: EvaluationItem, t: int, fault: Fault) -> EvaluationFault:
    z, y, x = fault.at_zyx
    return EvaluationFault(
        item=item, kind=fault.kind.value, harm=fault.harm, iou=fault.iou, size_px=fault.size_px,
        t=t, z=z, y=y, x=x, truth_cells=list(fault.truth), predicted_cells=list(fault.predicted),
    )  # fmt: skip


def _finish(evaluation: Evaluation, items: Sequence[EvaluationItem]) -> None:
    sides = sorted({item.split for item in items})
    of_side = {side: [item for item in items if item.split == side] for side in sides}
    evaluation.scores, evaluation.classes, evaluation.figures = {}, {}, {}
    for side, some in of_side.items():
        whole, classes = score_families.pooled(some)
        outlined = [_counts(item.counts) for item in some if item.picture_id is None]
        evaluation.scores[side] = {**(scores_of(outlined) if outlined else {}), **whole}
        evaluation.classes[side] = _merged(_by_class(some), classes)
        evaluation.figures[side] = _figures(evaluation, some)
    tallies: Counter[str] = Counter()
    for item in items:
        tallies.update(item.tallies)
    evaluation.tallies = dict(tallies)
    evaluation.method = {
        "interval": "percentile bootstrap over images, all frames of an image together",
        "draws": bootstrap.DRAWS,
        "level": bootstrap.LEVEL,
        "seed": bootstrap.SEED,
        "images": {side: len(some) for side, some in of_side.items()},
    }
    _end(evaluation, State.DONE)


def _figures(evaluation: Evaluation, items: Sequence[EvaluationItem]) -> dict[str, Any]:
    """What pages draw, and of predicted channels what their intervals promise."""
    found = score_families.figures(items)
    if "intervals" in found and evaluation.trained_model is not None:
        found["level"] = reckoning_pictures.level_of(evaluation.trained_model)
    return found


def scores_of(counts: Sequence[ImageCounts]) -> dict[str, Mapping[str, float | None]]:
    """{score: {value, low, high}} of images, and how many cells, splits and merges there are."""
    found: dict[str, Mapping[str, float | None]] = {
        name: asdict(estimate) for name, estimate in bootstrap.estimates(counts).items()
    }
    told = {name: {"value": value, "low": None, "high": None} for name, value in _cells(*counts).items()}
    return {**found, **told}


def _by_class(items: Sequence[EvaluationItem]) -> dict[str, Any]:
    names = sorted({name for item in items for name in item.classes})
    return {
        name: scores_of([_counts(item.classes[name]) for item in items if name in item.classes])
        for name in names
    }


def _merged(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {**a.get(name, {}), **b.get(name, {})} for name in sorted({*a, *b})}


def _cells(*counts: ImageCounts) -> dict[str, float]:
    """True and predicted cells, and what is wrong of them at an IoU of 0.5."""
    return {
        "true_cells": float(sum(c.truths for c in counts)),
        "predicted_cells": float(sum(int(c.tp[0] + c.fp[0]) for c in counts)),
        "missed": float(sum(int(c.fn[0]) for c in counts)),
        "invented": float(sum(int(c.fp[0]) for c in counts)),
        "splits": float(sum(c.splits for c in counts)),
        "merges": float(sum(c.merges for c in counts)),
    }


def _counts(data: dict[str, Any] | None) -> ImageCounts:
    if data is None:
        raise ValueError("An image was not reckoned.")
    return count_json.from_json(data)


def _end(evaluation: Evaluation, state: State, *, error: str = "") -> None:
    evaluation.state, evaluation.error, evaluation.finished_at = state, error, clock.now()
    evaluation.fraction = 1.0 if state == State.DONE else evaluation.fraction
    kept = ("state", "error", "finished_at", "fraction", "scores", "classes", "tallies", "figures", "method")
    # Not `save`: what was deleted meanwhile does not come back.
    Evaluation.objects.filter(pk=evaluation.pk).update(**{name: getattr(evaluation, name) for name in kept})
    _tell(evaluation)


def _tell(evaluation: Evaluation) -> None:
    events.publish(
        "evaluation.changed", project=evaluation.project_id, id=evaluation.pk, state=evaluation.state
    )
