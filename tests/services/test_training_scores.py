"""L12, A5, A6 beyond outlines: classes, regions, boxes and confidence of predictions; the gate."""

from __future__ import annotations

import json
import uuid

import pytest

from annotation.core.edits import CellFacts
from annotation.models import Image, LabelClass, Origin
from annotation.policies.access import RoleTooLow
from annotation.services import labels
from backend.accounts.models import User
from backend.foundation import clock
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.results import CellEntry, CellList
from training.models import Evaluation, Prediction, Snapshot
from training.models.evaluations import ReckoningState as State
from training.models.jobs import Kind
from training.selectors.evaluations import Question
from training.services import comparisons, evaluations, jobs, predictions, promotions

ALL_TEST = {"train": 0.0, "validation": 0.0, "test": 1.0}
IMAGES = 6


@pytest.fixture
def images(cast: Cast, outbox: Outbox) -> list[Image]:
    """Images of two cells each, cell 1 round and cell 2 long."""
    dataset = make.dataset(make.project(cast.team))
    kinds = kinds_of(dataset.project_id)
    found = [make.image(dataset) for _ in range(IMAGES)]
    for image in found:
        make.label(image, facts={1: CellFacts(kinds["round"], None), 2: CellFacts(kinds["long"], None)})
    return found


def kinds_of(project_id: uuid.UUID) -> dict[str, str]:
    rows = [
        LabelClass.objects.get_or_create(project_id=project_id, name=name, defaults={"color": color})[0]
        for name, color in (("round", "#ff0000"), ("long", "#00ff00"))
    ]
    return {row.name: str(row.pk) for row in rows}


@pytest.fixture
def frozen(images: list[Image], cast: Cast) -> Snapshot:
    return make.snapshot(images[0].dataset, by=cast.mia, fractions=ALL_TEST)


def evaluated(frozen: Snapshot, images: list[Image], by: User, wrong: int, recipe: str) -> Evaluation:
    """An evaluation of a model that gives the first `wrong` images' cells 2 the class of cell 1."""
    kinds = kinds_of(frozen.project_id)
    settings = {"classes": ["round", "long"], "most_cells": 50}
    model = make.trained_model(frozen, by=by, recipe=recipe, name=f"{recipe} {wrong}", settings=settings)
    order = make.order(kind=Kind.PREDICT, recipe=recipe, trained_model=model, images=images)
    job = jobs.start(project=model.project, order=order, by=by)
    for number, image in enumerate(images):
        second = kinds["round" if number < wrong else "long"]
        told = {1: CellFacts(kinds["round"], None, 0.9), 2: CellFacts(second, None, 0.7)}
        branch = labels.open_branch(image=image, name=f"{model}", origin=Origin.MODEL)
        revision = make.label(image, branch=branch, facts=told, accepted=False)
        Prediction.objects.create(
            job=job, image=image, branch=branch, revision=revision, trained_model=model, object_count=2,
            created_at=clock.now(),
        )  # fmt: skip
    question = Question(project=frozen.project, trained_model=model, snapshot=frozen, split="test")
    made = evaluations.ask(question=question, by=by)
    assert made.state == State.DONE, made.error
    return made


def test_L12_classes_of_cells_are_scored_and_drawn(frozen: Snapshot, images: list[Image], cast: Cast) -> None:
    made = evaluated(frozen, images, cast.mia, 2, "classify")
    scores = made.scores["test"]
    # 6 round right, 4 long right, 2 long told round: F1 of 12/14 and 8/10.
    assert scores["macro_f1"]["value"] == pytest.approx((12 / 14 + 8 / 10) / 2)
    assert scores["macro_f1"]["low"] < scores["macro_f1"]["value"] < scores["macro_f1"]["high"]
    assert made.classes["test"]["long"]["class_recall"]["value"] == pytest.approx(4 / 6)
    assert made.figures["test"]["confusion"] == {"names": ["long", "round"], "table": [[4, 2], [0, 6]]}
    steps = {
        round(one["said"], 1): one["right"] for one in made.figures["test"]["reliability"] if one["cells"]
    }
    assert steps == {0.9: 1.0, 0.7: pytest.approx(4 / 6)}
    assert made.items.order_by("image__name")[0].scores["accuracy"] == 0.5
    assert made.tallies == {"WRONG_CLASS": 2}


def test_L12_regions_are_scored_by_class(frozen: Snapshot, images: list[Image], cast: Cast) -> None:
    made = evaluated(frozen, images, cast.mia, 3, "semantic")
    # Of 4 px a cell: long has 12 px hit, 12 missed; round 24 hit, 12 invented.
    assert made.classes["test"]["long"]["dice"]["value"] == pytest.approx(2 * 12 / (2 * 12 + 12))
    assert made.classes["test"]["round"]["iou"]["value"] == pytest.approx(24 / 36)
    assert made.scores["test"]["mean_iou"]["value"] == pytest.approx((12 / 24 + 24 / 36) / 2)
    assert made.scores["test"]["foreground_dice"]["value"] == 1


def test_L12_boxes_are_scored_as_they_were_told(frozen: Snapshot, images: list[Image], cast: Cast) -> None:
    exact = evaluated(frozen, images, cast.mia, 0, "detect")
    assert (exact.scores["test"]["map"]["value"], exact.scores["test"]["map50"]["value"]) == (1, 1)
    prediction = Prediction.objects.filter(trained_model=exact.trained_model).first()
    assert prediction is not None
    off = CellList(cells=[CellEntry(cell=1, quality=0.9, box=(1.0, 1.0, 3.0, 1.9))])
    predictions.keep_cells(
        job_id=prediction.job_id, image=prediction.image, content=json.dumps(off.to_json()).encode()
    )
    question = Question(
        project=frozen.project, trained_model=exact.trained_model, snapshot=frozen, split="test"
    )
    again = evaluations.ask(question=question, by=cast.mia)
    assert again.scores["test"]["map50"]["value"] < 1, "its own box, not the one around the pixels"


def test_A6_two_classifiers_are_compared_by_their_classes(
    frozen: Snapshot, images: list[Image], cast: Cast
) -> None:
    first, second = (evaluated(frozen, images, cast.mia, wrong, "classify") for wrong in (2, 0))
    made = comparisons.ask(first=first, second=second, by=cast.mia)
    assert made.state == State.DONE, made.error
    assert made.scores["test"]["macro_f1"]["value"] == pytest.approx(1 - (12 / 14 + 8 / 10) / 2)
    differing = [one["differing"] for one in made.images]
    assert differing == [2, 2, 0, 0, 0, 0]
    assert (made.images[0]["score"], made.images[0]["second_score"]) == ("macro_f1", 1.0)
    assert made.images[0]["place"]["second_cells"] == [2]


def test_A5_the_gate_judges_by_the_score_and_the_margin_that_an_owner_chose(
    frozen: Snapshot, images: list[Image], cast: Cast
) -> None:
    good, bad = (evaluated(frozen, images, cast.mia, wrong, "classify") for wrong in (0, 6))
    assert good.trained_model is not None
    assert bad.trained_model is not None
    promotions.promote(trained_model=good.trained_model, by=cast.mia)
    verdict = promotions.judge(trained_model=bad.trained_model)
    assert (verdict.code, verdict.score, verdict.may_pass) == ("WORSE", "macro_f1", False)
    project = frozen.project
    promotions.set_rule(project=project, recipe="classify", score="macro_f1", margin=0.9, by=cast.ana)
    assert promotions.judge(trained_model=bad.trained_model).code == "NOT_WORSE"
    promotions.set_rule(project=project, recipe="classify", score="ap50", margin=0.0, by=cast.ana)
    assert promotions.judge(trained_model=bad.trained_model).code == "NOT_WORSE", "the outlines are equal"
    promotions.set_rule(project=project, recipe="classify", score="map", margin=0.0, by=cast.ana)
    told = promotions.judge(trained_model=bad.trained_model)
    assert (told.code, "choose another score" in told.sentence) == ("NOT_EVALUATED", True)
    with pytest.raises(promotions.UnknownScore, match="there is no 'luck'"):
        promotions.set_rule(project=project, recipe="classify", score="luck", margin=0.0, by=cast.ana)
    with pytest.raises(RoleTooLow):
        promotions.set_rule(project=project, recipe="classify", score="f1", margin=0.0, by=cast.mia)
