"""L12, A5, A6: predictions scored against accepted labels, two models compared, the gate of promotions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.edits import CellFacts
from annotation.core.faults import FaultKind
from annotation.models import Image, LabelClass, Origin, Revision
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as label_selectors
from annotation.services import labels
from backend.accounts.models import Team, User
from backend.foundation import clock
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Evaluation, Prediction, Promotion, Snapshot, TrainedModel
from training.models.evaluations import ReckoningState as State
from training.models.jobs import Kind
from training.selectors import evaluations as selectors
from training.selectors.evaluations import NothingToEvaluate, Question
from training.services import comparisons, evaluations, jobs, promotions, trained_models

ALL_TEST = {"train": 0.0, "validation": 0.0, "test": 1.0}
HALF = """
    . . . . . . . .
    . 7 7 . . . . .
    . 7 7 . . . . .
    . . . . . . . .
    . . . . . . . 9
"""
"""Of the two cells of `make.TWO_CELLS`, 1 is found and 2 is missed; 9 is invented."""


@pytest.fixture
def images(team: Team, outbox: Outbox) -> list[Image]:
    return make.labelled_images(make.dataset(make.project(team)), 4)


@pytest.fixture
def frozen(images: list[Image], mia: User) -> Snapshot:
    return make.snapshot(images[0].dataset, by=mia, fractions=ALL_TEST)


def model_of(frozen: Snapshot, by: User, name: str = "good") -> TrainedModel:
    return make.trained_model(frozen, by=by, name=name)


def predict(model: TrainedModel, image: Image, text: str = make.TWO_CELLS) -> Prediction:
    """What a prediction job leaves behind."""
    made = make.job_of(model)
    branch = labels.open_branch(
        image=image, name=f"{model} {Prediction.objects.count()}", origin=Origin.MODEL
    )
    return Prediction.objects.create(
        job=made if not Prediction.objects.filter(job=made, image=image).exists() else jobs.start(
            project=model.project,
            order=make.order(kind=Kind.PREDICT, trained_model=model, images=[image]),
            by=made.created_by or User(),
        ),
        image=image, branch=branch, revision=make.label(image, text, branch=branch, accepted=False),
        trained_model=model, object_count=2, created_at=clock.now(),
    )  # fmt: skip


def evaluate(model: TrainedModel, frozen: Snapshot, by: User) -> Evaluation:
    question = Question(project=frozen.project, trained_model=model, snapshot=frozen, split="test")
    return evaluations.ask(question=question, by=by)


def predicted(frozen: Snapshot, images: list[Image], by: User, texts: list[str], name: str) -> TrainedModel:
    model = model_of(frozen, by, name)
    for image, text in zip(images, texts, strict=True):
        predict(model, image, text)
    return model


def labels_of(revision: Revision | None) -> NDArray[np.uint32]:
    assert revision is not None
    return label_selectors.read_planes(revision=revision, t=0, z=0)


# ---------------------------------------------------------------- L12


def test_L12_a_model_is_scored_on_the_test_images_of_a_snapshot(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    texts = [make.TWO_CELLS, HALF, HALF, make.TWO_CELLS]
    model = predicted(frozen, images, mia, texts, "nuclei")
    made = evaluate(model, frozen, mia)
    assert made.state == State.DONE
    pairs = [
        (labels_of(item.truth), labels_of(item.predicted)) for item in selectors.list_items(evaluation=made)
    ]
    pooled, alone = matching.score(pairs)
    assert made.scores["test"]["ap50"]["value"] == pytest.approx(pooled.ap[0.5]) == pytest.approx(6 / 10)
    assert made.scores["test"]["ap50"]["low"] < 0.6 < made.scores["test"]["ap50"]["high"]
    told = [item.scores["ap50"] for item in selectors.list_items(evaluation=made)]
    assert told == pytest.approx([one.ap[0.5] for one in alone])
    assert made.method["images"] == {"test": 4}
    assert made.tallies == {"MISSED": 2, "INVENTED": 2}


def test_L12_worst_cases_name_image_place_and_cells(frozen: Snapshot, images: list[Image], mia: User) -> None:
    model = predicted(frozen, images, mia, [make.TWO_CELLS, HALF, make.TWO_CELLS, make.TWO_CELLS], "nuclei")
    made = evaluate(model, frozen, mia)
    found = list(selectors.list_faults(evaluation=made))
    assert [(f.kind, f.item.image_id, f.truth_cells, f.predicted_cells) for f in found] == [
        ("MISSED", images[1].pk, [2], []),
        ("INVENTED", images[1].pk, [], [9]),
    ]
    assert (found[1].t, found[1].z, found[1].y, found[1].x) == (0, 0, 4, 7)
    assert labels_of(found[0].item.truth)[0, found[0].y, found[0].x] == 2
    assert [f.harm for f in selectors.list_faults(evaluation=made, kind=FaultKind.FRAME)] == [2]
    assert not selectors.list_faults(evaluation=made, image=images[0].pk).exists()


def test_L12_any_branch_is_scored_against_any_accepted_revision(images: list[Image], mia: User) -> None:
    first = Revision.objects.accepted().get(image=images[0])
    second = make.label(images[0], HALF)
    question = Question(project=images[0].dataset.project, predicted=second, truth=first)
    made = evaluations.ask(question=question, by=mia)
    assert made.scores["accepted"]["ap50"]["value"] == pytest.approx(1 / 3)
    assert made.scores["accepted"]["ap50"]["low"] is None
    other = evaluations.ask(question=Question(project=question.project, predicted=second), by=mia)
    assert other.items.get().truth == first


def test_L12_ignored_cells_count_neither_way(images: list[Image], mia: User) -> None:
    truth = make.label(images[0], facts={2: CellFacts(None, None, None, None, False, True)})
    predicted = make.label(images[0], HALF, accepted=False)
    made = evaluations.ask(
        question=Question(project=images[0].dataset.project, predicted=predicted, truth=truth), by=mia
    )
    assert made.tallies == {"INVENTED": 1}
    assert made.scores["accepted"]["ap50"]["value"] == pytest.approx(1 / 2)


def test_L12_classes_have_scores_of_their_own(images: list[Image], mia: User) -> None:
    project = images[0].dataset.project
    names = [LabelClass.objects.create(project=project, name=name) for name in ("round", "long")]
    facts = {cell: CellFacts(str(one.pk), None, None) for cell, one in zip((1, 2), names, strict=True)}
    truth = make.label(images[0], facts=facts)
    predicted = make.label(images[0], HALF, accepted=False)
    made = evaluations.ask(question=Question(project=project, predicted=predicted, truth=truth), by=mia)
    told = {name: scores["recall"]["value"] for name, scores in made.classes["accepted"].items()}
    assert told == {"round": 1.0, "long": 0.0}


def test_C1_a_model_that_tells_a_class_is_right_on_cells_of_the_classes_below_it(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    project = images[0].dataset.project
    white = LabelClass.objects.create(project=project, name="white")
    others = [
        LabelClass.objects.create(project=project, name=name, parent=white) for name in ("lympho", "mono")
    ]
    red = LabelClass.objects.create(project=project, name="red")
    truth = make.label(images[0], facts={i + 1: CellFacts(str(one.pk)) for i, one in enumerate(others)})
    model = model_of(frozen, mia)
    TrainedModel.objects.filter(pk=model.pk).update(settings={"classes": ["white", "red"]})
    prediction = predict(model, images[0])
    facts = {1: CellFacts(str(white.pk)), 2: CellFacts(str(red.pk))}
    said = make.label(images[0], branch=prediction.branch, facts=facts, accepted=False)
    Prediction.objects.filter(pk=prediction.pk).update(revision=said)
    made = evaluations.ask(question=Question(project=project, predicted=said, truth=truth), by=mia)
    told = {name: scores["recall"]["value"] for name, scores in made.classes["accepted"].items()}
    assert told["white"] == 0.5
    assert not {"lympho", "mono"} & set(told)


def test_L12_images_not_predicted_are_named_or_predicted_first(
    frozen: Snapshot, images: list[Image], mia: User, outbox: Outbox
) -> None:
    model = predicted(frozen, images[:3], mia, [make.TWO_CELLS] * 3, "nuclei")
    with pytest.raises(evaluations.PredictionsMissing) as refused:
        evaluate(model, frozen, mia)
    assert refused.value.details["image_ids"] == [str(images[3].pk)]
    question = Question(project=frozen.project, trained_model=model, snapshot=frozen, split="test")
    waiting = evaluations.ask(question=question, by=mia, predict_missing=True)
    assert waiting.waits_for is not None
    assert (waiting.state, [t.image_id for t in waiting.waits_for.job_targets.all()]) == (
        State.WAITING, [images[3].pk],
    )  # fmt: skip
    jobs.claim(job_id=waiting.waits_for.pk, worker="w")
    predict(model, images[3])
    jobs.succeed(job_id=waiting.waits_for.pk, worker="w", message="Predicted.")
    evaluations.wake(job_id=waiting.waits_for.pk)
    outbox.deliver(only=Letter.RUN_EVALUATION)
    outbox.deliver_again()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.scores["test"]["ap50"]["value"]) == (State.DONE, 1.0)


def test_L12_a_prediction_that_failed_ends_the_waiting(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    question = Question(project=frozen.project, trained_model=model_of(frozen, mia), snapshot=frozen)
    waiting = evaluations.ask(question=question, by=mia, predict_missing=True)
    assert waiting.waits_for is not None
    jobs.cancel(job=waiting.waits_for, by=mia)
    evaluations.sweep()
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert "4 images were not predicted" in waiting.error


def test_L12_large_ones_go_by_letter_and_a_lost_letter_is_posted_again(
    frozen: Snapshot, images: list[Image], mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluations, "AT_ONCE_PX", 10)
    model = predicted(frozen, images, mia, [make.TWO_CELLS] * 4, "nuclei")
    made = evaluate(model, frozen, mia)
    assert (made.state, len(outbox.of(Letter.RUN_EVALUATION))) == (State.QUEUED, 1)
    Evaluation.objects.update(heard_at=clock.now() - evaluations.SILENT_AFTER * 2, state=State.RUNNING)
    evaluations.sweep()
    assert len(outbox.of(Letter.RUN_EVALUATION)) == 2
    outbox.deliver(only=Letter.RUN_EVALUATION)
    made.refresh_from_db()
    assert made.state == State.DONE


def test_L12_refusals(frozen: Snapshot, images: list[Image], mia: User, ben: User) -> None:
    only = Revision.objects.accepted().get(image=images[0])
    question = Question(project=frozen.project, predicted=only)
    with pytest.raises(NothingToEvaluate):
        evaluations.ask(question=question, by=mia)
    with pytest.raises(RoleTooLow):
        evaluations.ask(question=question, by=ben)
    with pytest.raises(NothingToEvaluate, match="accepted revision 99"):
        selectors.question_from(user=mia, asked={"branch": only.branch_id, "truth": 99})


# ---------------------------------------------------------------- A6


def test_A6_two_models_are_compared_on_the_same_images(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    good = predicted(frozen, images, mia, [make.TWO_CELLS] * 4, "good")
    poor = predicted(frozen, images, mia, [make.TWO_CELLS, HALF, make.TWO_CELLS, make.TWO_CELLS], "poor")
    first, second = evaluate(poor, frozen, mia), evaluate(good, frozen, mia)
    made = comparisons.ask(first=first, second=second, by=mia)
    table = made.scores["test"]["ap50"]
    assert table["value"] == pytest.approx(1 - 7 / 9)
    assert table["low"] <= table["value"] <= table["high"]
    assert table["below_zero"] == 0
    assert comparisons.ask(first=first, second=second, by=mia).pk == made.pk
    with pytest.raises(comparisons.NotComparable):
        comparisons.ask(first=first, second=first, by=mia)


def test_A6_images_where_they_disagree_most_come_first(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    """The top of the list is computed from both predictions, whatever is right."""
    nothing = make.TWO_CELLS.replace("1", ".").replace("2", ".")
    first = predicted(frozen, images, mia, [make.TWO_CELLS, HALF, HALF, nothing], "first")
    second = predicted(frozen, images, mia, [make.TWO_CELLS, make.TWO_CELLS, HALF, HALF], "second")
    made = comparisons.ask(first=evaluate(first, frozen, mia), second=evaluate(second, frozen, mia), by=mia)
    told = {one["image"]: one["disagreement"] for one in made.images}
    naive = {}
    for image in images:
        ours, theirs = (
            labels_of(Prediction.objects.get(trained_model=model, image=image).revision)
            for model in (first, second)
        )
        naive[str(image.pk)] = 1 - matching.score([(ours, theirs)], (0.5,))[0].f1[0.5]
    assert told == pytest.approx(naive)
    assert [one["image"] for one in made.images] == sorted(naive, key=lambda pk: -naive[pk])
    top = made.images[0]
    assert (top["image"], top["disagreement"]) == (str(images[3].pk), 1.0)
    assert (top["place"]["in_second"], top["place"]["second_cells"]) == (True, [7])


# ---------------------------------------------------------------- A5


@pytest.fixture
def live(frozen: Snapshot, images: list[Image], mia: User) -> TrainedModel:
    """A perfect model that is live."""
    model = predicted(frozen, images, mia, [make.TWO_CELLS] * 4, "good")
    evaluate(model, frozen, mia)
    promotions.promote(trained_model=model, by=mia)
    return model


def test_A5_a_planted_worse_model_is_refused_with_the_figures(
    live: TrainedModel, frozen: Snapshot, images: list[Image], mia: User
) -> None:
    worse = predicted(frozen, images, mia, [HALF] * 4, "worse")
    evaluate(worse, frozen, mia)
    with pytest.raises(promotions.PromotionRefused) as refused:
        promotions.promote(trained_model=worse, by=mia)
    assert "worse v1 is worse than the live good v1" in refused.value.message
    verdict = refused.value.details["verdict"]
    assert verdict["code"] == "WORSE"
    assert verdict["difference"]["value"] == pytest.approx(1 / 3 - 1)
    assert verdict["difference"]["high"] < 0
    assert Promotion.objects.get().trained_model == live


def test_A5_a_model_that_may_be_as_good_passes(
    live: TrainedModel, frozen: Snapshot, images: list[Image], mia: User
) -> None:
    """Worse on one image of four: drawn again, a third of the time that image is not there."""
    near = predicted(frozen, images, mia, [make.TWO_CELLS] * 3 + [HALF], "near")
    evaluate(near, frozen, mia)
    verdict = promotions.judge(trained_model=near)
    assert verdict.difference is not None
    assert verdict.difference.below_zero == pytest.approx(1 - (3 / 4) ** 4, abs=0.03)
    made = promotions.promote(trained_model=near, by=mia)
    assert made.replaced is not None
    assert (made.replaced.trained_model, made.number, made.snapshot) == (live, 2, frozen)
    with pytest.raises(promotions.AlreadyPromoted):
        promotions.promote(trained_model=near, by=mia)
    with pytest.raises(trained_models.TrainedModelInUse, match="1 promotions"):
        trained_models.delete(trained_model=near, by=mia)


def test_A5_without_an_evaluation_on_the_frozen_images_nothing_goes_live(
    live: TrainedModel, frozen: Snapshot, mia: User
) -> None:
    new = model_of(frozen, mia, "new")
    with pytest.raises(promotions.PromotionRefused, match="no evaluation on the test images"):
        promotions.promote(trained_model=new, by=mia)


def test_A5_an_owner_may_overrule_with_a_reason_that_is_kept(
    live: TrainedModel, frozen: Snapshot, images: list[Image], mia: User, ana: User
) -> None:
    worse = predicted(frozen, images, mia, [HALF] * 4, "worse")
    evaluate(worse, frozen, mia)
    reason = "It is ten times faster on the stage."
    with pytest.raises(RoleTooLow):
        promotions.promote(trained_model=worse, by=mia, reason=reason)
    with pytest.raises(promotions.ReasonMissing):
        promotions.promote(trained_model=worse, by=ana, reason="why not")
    made = promotions.promote(trained_model=worse, by=ana, reason=reason)
    assert (made.reason, made.verdict["code"], made.promoted_by) == (reason, "WORSE", ana)


def test_A5_images_that_a_model_learned_from_do_not_count(
    frozen: Snapshot, images: list[Image], mia: User
) -> None:
    learned = make.snapshot(
        images[0].dataset, by=mia, fractions={"train": 1.0, "validation": 0.0, "test": 0.0}
    )
    cheat = predicted(learned, images, mia, [make.TWO_CELLS] * 4, "cheat")
    evaluate(cheat, frozen, mia)
    verdict = promotions.judge(trained_model=cheat, snapshot=frozen)
    assert (verdict.code, verdict.may_pass) == ("NO_TEST_IMAGES", False)
