"""Predictions become draft revisions and tasks; corrections come back as a score of the model."""

from __future__ import annotations

import numpy as np
import pytest

from annotation.core.edits import CellFacts
from annotation.models import Image, LabelClass, Origin, Revision, RevisionKind, Task, TaskKind
from annotation.selectors import labels as label_selectors
from annotation.services import labels
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.results import CellEntry
from training.models import Correction, Job, Prediction, Snapshot, TrainedModel
from training.models.jobs import Kind
from training.selectors import predictions as prediction_selectors
from training.selectors import trained_models as selectors
from training.services import corrections, jobs, predictions

SURE_AND_UNSURE = (CellEntry(cell=1, quality=0.9), CellEntry(cell=2, quality=0.2))

PROPOSED = """
    1 1 . . . . . .
    1 1 . . 2 2 2 2
    . . . . 2 2 2 2
    . . . . . . . .
    3 3 . . . . . .
"""
CORRECTED = """
    1 1 . . . . . .
    1 1 . . 2 2 2 .
    . . . . 2 2 2 .
    . . . . . . . .
    . . . . . . 4 4
"""


@pytest.fixture
def model(team: Team, mia: User, outbox: Outbox) -> TrainedModel:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 3)
    return make.trained_model(make.snapshot(dataset, by=mia), by=mia)


def predicting(model: TrainedModel, images: list[Image], by: User, *, make_tasks: bool = True) -> Job:
    order = make.order(kind=Kind.PREDICT, trained_model=model, images=images, make_tasks=make_tasks)
    job = jobs.start(project=model.project, order=order, by=by)
    assert jobs.claim(job_id=job.pk, worker="worker 1") is not None
    return job


def accept(
    job: Job, image: Image, *, text: str = PROPOSED, cells: tuple[CellEntry, ...] = SURE_AND_UNSURE
) -> Prediction:
    frames = [(t, 0, make.picture(text)) for t in range(image.size_t)]
    return predictions.accept(job_id=job.pk, worker="worker 1", image=image, frames=frames, cells=cells)


def correct(prediction: Prediction, text: str, by: User) -> Revision:
    """What a person makes of a proposal, accepted."""
    revision = make.label(prediction.image, text, branch=prediction.branch, accepted=False)
    return labels.accept(revision=revision, by=by)


def fresh_image(model: TrainedModel, frames: int = 1) -> Image:
    return make.image(model.project.datasets.get(), shape_tyx=(frames, 5, 8))


# ---------------------------------------------------------------- entering


def test_a_prediction_is_a_draft_revision_by_the_model_on_a_branch_of_its_own(
    model: TrainedModel, mia: User
) -> None:
    image = fresh_image(model)
    made = accept(predicting(model, [image], mia), image)
    assert (made.branch.name, made.branch.origin) == ("nuclei v1", Origin.MODEL)
    assert (made.revision.kind, made.revision.author, made.revision.author_model_id) == (
        RevisionKind.PREDICTION, None, model.pk,
    )  # fmt: skip
    assert made.revision.accepted_at is None
    image.refresh_from_db()
    assert image.current_branch is not None
    assert image.current_branch.name == "main"
    read = label_selectors.read_planes(revision=made.revision, t=0, z=0)
    np.testing.assert_array_equal(read, make.picture(PROPOSED))


def test_the_quality_of_each_cell_is_kept(model: TrainedModel, mia: User) -> None:
    image = fresh_image(model)
    made = accept(predicting(model, [image], mia), image)
    facts = label_selectors.cell_facts(revision=made.revision)
    assert {cell: fact.quality for cell, fact in facts.items()} == {1: 0.9, 2: 0.2, 3: None}
    assert made.object_count == 2
    assert made.mean_quality == pytest.approx(0.55)


def test_classes_come_back_as_the_projects_classes(model: TrainedModel, mia: User) -> None:
    kept = LabelClass.objects.create(project=model.project, name="mitosis")
    model.settings = {"classes": ["gone", "mitosis"]}
    model.save()
    image = fresh_image(model)
    cells = (CellEntry(cell=1, class_index=2), CellEntry(cell=2, class_index=1))
    made = accept(predicting(model, [image], mia), image, cells=cells)
    facts = label_selectors.cell_facts(revision=made.revision)
    assert facts[1] == CellFacts(str(kept.pk), None, None)
    assert facts[2] == CellFacts(None, None, None)


def test_tasks_are_made_and_the_most_uncertain_comes_first(model: TrainedModel, mia: User) -> None:
    sure, unsure = fresh_image(model), fresh_image(model)
    job = predicting(model, [sure, unsure], mia)
    accept(job, sure, cells=(CellEntry(cell=1, quality=0.99), CellEntry(cell=2, quality=0.95)))
    accept(job, unsure)
    first, second = Task.objects.in_queue_order()
    assert (first.image, second.image) == (unsure, sure)
    assert first.kind == TaskKind.CORRECT
    assert first.priority == pytest.approx(0.9)
    listed = prediction_selectors.list_predictions(user=mia, job=job.pk)
    assert [row.image for row in listed] == [unsure, sure]


def test_no_tasks_unless_asked_for(model: TrainedModel, mia: User) -> None:
    image = fresh_image(model)
    assert accept(predicting(model, [image], mia, make_tasks=False), image).task is None
    assert not Task.objects.exists()


def test_an_image_that_was_entered_is_passed_over_when_the_job_goes_on(
    model: TrainedModel, mia: User
) -> None:
    image = fresh_image(model)
    job = predicting(model, [image], mia)
    first = accept(job, image)
    assert accept(job, image) == first
    assert Revision.objects.filter(branch=first.branch).count() == 1
    assert Task.objects.count() == 1


def test_a_second_prediction_does_not_stand_on_the_corrections_of_the_first(
    model: TrainedModel, mia: User
) -> None:
    image = fresh_image(model)
    first = accept(predicting(model, [image], mia), image)
    second = accept(predicting(model, [image], mia), image)
    assert second.branch != first.branch
    assert second.branch.name == "nuclei v1, run 2"


def test_a_worker_that_lost_the_job_enters_nothing(model: TrainedModel, mia: User) -> None:
    image = fresh_image(model)
    job = predicting(model, [image], mia)
    with pytest.raises(jobs.JobTakenOver):
        predictions.accept(job_id=job.pk, worker="worker 2", image=image, frames=[], cells=())
    assert not Prediction.objects.exists()


# ---------------------------------------------------------------- corrections


def naive(before: np.ndarray, after: np.ndarray) -> tuple[int, dict[int, float], int, int]:
    """Untouched, IoU of changed, added, removed, pixel by pixel."""
    old, new = set(np.unique(before)) - {0}, set(np.unique(after)) - {0}
    ious = {}
    for cell in old & new:
        a, b = before == cell, after == cell
        ious[int(cell)] = float((a & b).sum() / (a | b).sum())
    changed = {cell: iou for cell, iou in ious.items() if iou < 1}
    return len(ious) - len(changed), changed, len(new - old), len(old - new)


def test_corrections_are_counted_as_the_naive_twin_counts(model: TrainedModel, mia: User, cleo: User) -> None:
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    correct(prediction, CORRECTED, cleo)
    assert corrections.score_new() == 1
    found = Correction.objects.get(prediction=prediction)
    untouched, changed, added, removed = naive(make.picture(PROPOSED), make.picture(CORRECTED))
    assert (untouched, changed, added, removed) == (1, {2: 0.75}, 1, 1)
    assert (found.untouched_count, found.changed_count, found.added_count, found.removed_count) == (
        1,
        1,
        1,
        1,
    )
    assert found.mean_changed_iou == pytest.approx(0.75)
    assert found.matches == {"0.5": [2, 1, 1], "0.75": [2, 1, 1], "0.9": [1, 2, 2]}


def test_L19_nothing_is_counted_of_what_was_accepted_as_ignored(
    model: TrainedModel, mia: User, cleo: User
) -> None:
    """As if neither the ignored cells nor the proposals under them were there."""
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    covered = CORRECTED.replace("2 2 2", "9 9 9")
    facts = {9: CellFacts(ignored=True), 1: CellFacts(ignored=True)}
    revision = make.label(image, covered, branch=prediction.branch, facts=facts, accepted=False)
    labels.accept(revision=revision, by=cleo)
    corrections.score_new()
    found = Correction.objects.get(prediction=prediction)
    before, after = make.picture(PROPOSED), make.picture(covered)
    before[np.isin(before, (1, 2))] = 0  # 2 lies for the most part in 9
    after[np.isin(after, (1, 9))] = 0
    untouched, changed, added, removed = naive(before, after)
    assert (untouched, changed, added, removed) == (0, {}, 1, 1)
    assert (found.untouched_count, found.changed_count, found.added_count, found.removed_count) == (
        0,
        0,
        1,
        1,
    )
    assert found.matches["0.5"] == [0, 1, 1]


def test_a_movie_is_compared_over_all_frames_and_untouched_frames_are_not_read(
    model: TrainedModel, mia: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = fresh_image(model, frames=3)
    prediction = accept(predicting(model, [movie], mia), movie)
    revision = labels.import_planes(
        image=movie, branch=prediction.branch, frames=[(1, 0, make.picture(CORRECTED))], facts={}, author=None
    )
    labels.accept(revision=revision, by=cleo)
    read: list[int] = []
    planes = label_selectors.read_planes

    def counting(**asked: object) -> np.ndarray:
        read.append(asked["t"])  # type: ignore[arg-type]
        return planes(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(label_selectors, "read_planes", counting)
    corrections.score_new()
    found = Correction.objects.get()
    assert set(read) == {1}
    assert (found.untouched_count, found.changed_count, found.added_count, found.removed_count) == (
        1,
        2,
        1,
        0,
    )
    assert found.matches["0.5"] == [3 + 2 + 3, 1, 1]


def test_a_proposal_accepted_as_it_is_was_not_corrected(model: TrainedModel, mia: User, cleo: User) -> None:
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    labels.accept(revision=prediction.revision, by=cleo)
    corrections.score_new()
    facts = selectors.corrections(trained_model=model)
    assert (facts.predictions, facts.accepted, facts.untouched, facts.kept_share) == (1, 1, 3, 1.0)
    assert facts.ap == {"ap0.5": 1.0, "ap0.75": 1.0, "ap0.9": 1.0}


def test_what_was_not_accepted_is_not_scored(model: TrainedModel, mia: User, cleo: User) -> None:
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    make.label(image, CORRECTED, branch=prediction.branch, accepted=False)
    make.label(image)
    assert corrections.score_new() == 0
    assert corrections.score(prediction=prediction) is None
    assert selectors.corrections(trained_model=model).kept_share is None


def test_scoring_again_changes_nothing_until_something_new_is_accepted(
    model: TrainedModel, mia: User, cleo: User
) -> None:
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    correct(prediction, PROPOSED, cleo)
    assert (corrections.score_new(), corrections.score_new()) == (1, 0)
    newest = correct(prediction, CORRECTED, cleo)
    assert (corrections.score_new(), corrections.score_new()) == (1, 0)
    assert Correction.objects.get().revision == newest


def test_corrections_pool_over_predictions(model: TrainedModel, mia: User, cleo: User) -> None:
    images = [fresh_image(model) for _ in range(3)]
    job = predicting(model, images, mia)
    made = [accept(job, image) for image in images]
    correct(made[0], CORRECTED, cleo)
    labels.accept(revision=made[1].revision, by=cleo)
    corrections.score_new()
    facts = selectors.corrections(trained_model=model)
    assert (facts.predictions, facts.accepted, facts.proposed_cells) == (3, 2, 6)
    assert (facts.untouched, facts.changed, facts.added, facts.removed) == (4, 1, 1, 1)
    assert facts.kept_share == pytest.approx(4 / 6)
    assert facts.ap["ap0.5"] == pytest.approx(5 / 7)


def test_a_correction_enters_the_next_snapshot(model: TrainedModel, mia: User, cleo: User) -> None:
    dataset = model.project.datasets.get()
    image = fresh_image(model)
    prediction = accept(predicting(model, [image], mia), image)
    assert image not in [item.image for item in make.snapshot(dataset, by=mia).items.all()]
    accepted = correct(prediction, CORRECTED, cleo)
    second: Snapshot = make.snapshot(dataset, by=mia)
    assert second.items.get(image=image).revision == accepted
