"""Two evaluations side by side: what the second gains, and where the two predictions differ most."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import transaction

from annotation.core import bootstrap, count_json, faults, matching, picture_faults, picture_scores
from annotation.core.bootstrap import Difference
from annotation.core.faults import Fault, FaultKind
from backend.accounts.models import User
from backend.foundation import clock, events, queue
from backend.foundation.errors import CytoloopError, Invalid
from training.contract.recipes import recipe_named
from training.models import Comparison, Evaluation, EvaluationItem, PredictedImage
from training.models.evaluations import ReckoningState as State
from training.policies import projects as project_policies
from training.selectors import evaluations as selectors
from training.services import evaluations, reckoning, reckoning_pictures, score_families

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(minutes=30)
AP = "ap50"


class NotComparable(Invalid):
    """Two evaluations share no image with the same true labels, or are not done."""


@dataclass(frozen=True)
class Both:
    """One image as both evaluations scored it."""

    first: EvaluationItem
    second: EvaluationItem


def ask(*, first: Evaluation, second: Evaluation, by: User) -> Comparison:
    """Compare two evaluations of one project, once a pair; asking again answers the same one.

    Raises NotAllowed, NotComparable.
    """
    project_policies.require_manager(user=by, project=first.project)
    together = pair(first=first, second=second)
    comparison, is_new = _keep(first, second)
    if not is_new and comparison.state != State.FAILED:
        return comparison
    if evaluations.is_small(both.first for both in together):
        run(comparison_id=comparison.pk)
        comparison.refresh_from_db()
    else:
        post(comparison=comparison)
    return comparison


def pair(*, first: Evaluation, second: Evaluation, split: str = "") -> list[Both]:
    """The images that both scored against the same revision, by name (of one split). Raises NotComparable."""
    if first.pk == second.pk or first.project_id != second.project_id:
        raise NotComparable("Two different evaluations of one project can be compared.")
    if State.DONE not in (first.state, second.state) or first.state != second.state:
        raise NotComparable("Both evaluations must be done before they can be compared.")
    related = ("truth__image", "predicted__image", "picture__trained_model")
    ours = selectors.list_items(evaluation=first).select_related(*related)
    theirs = selectors.list_items(evaluation=second).select_related(*related)
    of_right = {item.right: item for item in theirs}
    found = [Both(item, of_right[item.right]) for item in ours if item.right in of_right]
    found = [both for both in found if not split or both.first.split == split]
    if not found:
        raise NotComparable("The two evaluations share no image that was scored against the same labels.")
    return found


def differences(together: Sequence[Both]) -> dict[str, Difference]:
    """Second less first, each score with the interval of the paired bootstrap over these images."""
    more = score_families.differences([(both.first.tables, both.second.tables) for both in together])
    outlined = [both for both in together if both.first.counts and both.second.counts]
    if not outlined:
        return more
    ours = [count_json.from_json(both.first.counts or {}) for both in outlined]
    theirs = [count_json.from_json(both.second.counts or {}) for both in outlined]
    return {**bootstrap.differences(ours, theirs), **more}


def main_score(evaluation: Evaluation) -> str:
    """The score by which images are compared: that of the model's recipe, else AP at an IoU of 0.5."""
    model = evaluation.trained_model
    return (recipe_named(model.recipe).score if model else "") or AP


def run(*, comparison_id: uuid.UUID | str) -> None:
    """Reckon a comparison that waits; delivered twice it finds nothing to do."""
    comparison = _claim(comparison_id)
    if comparison is None:
        return
    try:
        together = pair(first=comparison.first, second=comparison.second)
        comparison.scores = _tables(together)
        score = main_score(comparison.second)
        images = [{**_facts(both, score), **_disagreement(both)} for both in together]
        comparison.images = sorted(
            images, key=lambda one: (-one["disagreement"], -one["differing"], one["name"])
        )
        comparison.notice = _notice(comparison, len(together))
        _end(comparison, State.DONE)
    except Exception as error:
        logger.exception("The comparison %s failed.", comparison.pk)
        said = error.message if isinstance(error, CytoloopError) else f"They could not be compared: {error}"
        _end(comparison, State.FAILED, error=said or "They could not be compared.")


def sweep() -> None:
    """Post the letters of comparisons that nobody has heard of again."""
    waiting = Comparison.objects.filter(
        state__in=(State.QUEUED, State.RUNNING), heard_at__lt=clock.now() - SILENT_AFTER
    )
    for comparison in waiting:
        post(comparison=comparison)


@transaction.atomic
def post(*, comparison: Comparison) -> None:
    """Ask for the background function that reckons it."""
    Comparison.objects.filter(pk=comparison.pk).update(state=State.QUEUED, heard_at=clock.now())
    queue.post(queue.Letter.RUN_COMPARISON, comparison_id=str(comparison.pk))


@transaction.atomic
def _keep(first: Evaluation, second: Evaluation) -> tuple[Comparison, bool]:
    comparison, is_new = Comparison.objects.get_or_create(
        first=first, second=second, defaults={"heard_at": clock.now(), "created_at": clock.now()}
    )
    if not is_new and comparison.state == State.FAILED:
        Comparison.objects.filter(pk=comparison.pk).update(state=State.QUEUED, error="")
    return comparison, is_new


@transaction.atomic
def _claim(comparison_id: uuid.UUID | str) -> Comparison | None:
    found = Comparison.objects.select_for_update(of=("self",)).select_related("first", "second")
    row = found.filter(pk=comparison_id, state=State.QUEUED).first()
    if row is not None:
        row.state, row.heard_at = State.RUNNING, clock.now()
        row.save(update_fields=["state", "heard_at"])
    return row


def _tables(together: Sequence[Both]) -> dict[str, Any]:
    """{split: {score: {first, second, value, low, high, below_zero}}}"""
    sides = sorted({both.first.split for both in together})
    of_side = {side: [both for both in together if both.first.split == side] for side in sides}
    return {
        side: {name: asdict(one) for name, one in differences(some).items()} for side, some in of_side.items()
    }


def _facts(both: Both, score: str) -> dict[str, Any]:
    """One image's row without the disagreement: scores of both, and where each prediction is seen."""
    first, second = both.first, both.second
    told = first.scores.get(score, 0.0), second.scores.get(score, 0.0)
    return {
        "image": str(first.image_id),
        "name": first.image.name,
        "split": first.split,
        "first_ap50": first.scores.get("ap50"),
        "second_ap50": second.scores.get("ap50"),
        "score": score,
        "first_score": told[0],
        "second_score": told[1],
        "difference": told[1] - told[0],
        **_seen("first", first),
        **_seen("second", second),
    }


def _seen(side: str, item: EvaluationItem) -> dict[str, Any]:
    """The image that shows a prediction, and its branch and revision where it is labels."""
    return {
        f"{side}_shown": str(item.shown),
        f"{side}_branch": str(item.predicted.branch_id) if item.predicted else None,
        f"{side}_revision": item.predicted.number if item.predicted else None,
    }


def _disagreement(both: Both) -> dict[str, Any]:
    """How far the two predictions are from each other, and where most.

    Of labels it is 1 − F1 at an IoU of 0.5 of the one prediction against the other, where cells that match
    but are told two classes differ twice; the true labels have no say in it, but what they leave out
    (ignored cells) is left out here too. Of predicted channels it is 1 − Pearson's r of the two.
    """
    if both.first.picture is not None and both.second.picture is not None:
        return _of_pictures(both.first.picture, both.second.picture)
    if not (both.first.truth and both.first.predicted and both.second.predicted):
        raise NotComparable("Labels and predicted channels cannot be set side by side.")
    differing = agreeing = 0
    worst: tuple[int, Fault] | None = None
    right = reckoning.open_labels(revision=both.first.truth)
    ours = reckoning.open_labels(revision=both.first.predicted)
    theirs = reckoning.open_labels(revision=both.second.predicted)
    for t, wanted, given, ignored in _triples(right, ours, theirs):
        found = matching.count(wanted, given, (faults.AT_IOU,), ignored=ignored)
        here = faults.find(
            wanted, given, ignored=ignored, truth_classes=ours.classes, predicted_classes=theirs.classes
        )
        two_classes = sum(fault.kind is FaultKind.WRONG_CLASS for fault in here)
        differing += int(found.fp[0] + found.fn[0]) + 2 * two_classes
        agreeing += int(found.tp[0]) - two_classes
        for fault in here[:1]:
            if worst is None or (fault.harm, fault.size_px) > (worst[1].harm, worst[1].size_px):
                worst = (t, fault)
    cells = 2 * agreeing + differing
    return {
        "disagreement": differing / cells if cells else 0.0,
        "differing": differing,
        "agreeing": agreeing,
        "place": _place(worst),
    }


def _of_pictures(first: PredictedImage, second: PredictedImage) -> dict[str, Any]:
    like: list[float] = []
    worst: tuple[int, Fault] | None = None
    ours, theirs = (reckoning_pictures.frames(picture=one) for one in (first, second))
    for mine, its in zip(ours, theirs, strict=False):
        like.append(picture_scores.pearson(mine.said, its.said))
        found = picture_faults.find(mine.said, its.said, span=mine.span, z=mine.z)
        if found and (worst is None or found[0].harm > worst[1].harm):
            worst = (mine.t, found[0])
    return {
        "disagreement": 1 - sum(like) / len(like) if like else 0.0,
        "differing": 0,
        "agreeing": 0,
        "place": _place(worst),
    }


def _triples(right: reckoning.Labels, ours: reckoning.Labels, theirs: reckoning.Labels) -> Any:
    """(t, first prediction, second prediction, ignored), one time point at a time."""
    for t in range(right.revision.image.size_t):
        shape = ours.volume(t)
        if right.ignored.size:
            ignored = np.isin(right.volume(t), right.ignored).any(axis=0)
        else:
            ignored = np.zeros(shape.shape[1:], np.bool_)
        yield t, shape, theirs.volume(t), ignored


def _place(worst: tuple[int, Fault] | None) -> dict[str, Any] | None:
    """Where the two differ most: the fault of the second, were the first the truth."""
    if worst is None:
        return None
    t, fault = worst
    z, y, x = fault.at_zyx
    # What the fault shows lies in the first prediction, unless only the second has it.
    in_second = fault.kind not in (FaultKind.SPLIT, FaultKind.MISSED, FaultKind.LOOSE, FaultKind.WRONG_CLASS)
    return {
        "t": t, "z": z, "y": y, "x": x, "size_px": fault.size_px, "in_second": in_second,
        "first_cells": list(fault.truth), "second_cells": list(fault.predicted),
    }  # fmt: skip


def _notice(comparison: Comparison, shared: int) -> str:
    most = max(evaluation.items.count() for evaluation in (comparison.first, comparison.second))
    if shared == most:
        return ""
    return f"Only the {shared} of {most} images that both scored against the same labels are compared."


def _end(comparison: Comparison, state: State, *, error: str = "") -> None:
    Comparison.objects.filter(pk=comparison.pk).update(
        state=state,
        error=error,
        scores=comparison.scores,
        images=comparison.images,
        notice=comparison.notice,
        heard_at=clock.now(),
    )
    events.publish("comparison.changed", project=comparison.first.project_id, id=comparison.pk)
