"""The life of a job, and what the engine tells while it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from annotation.models import Image, ImageState, LabelClass
from annotation.policies.access import NothingHere, RoleTooLow
from backend.accounts.models import Team, User
from backend.foundation import clock
from backend.foundation.queue import Letter, Queue
from tests.conftest import Outbox
from tests.factories import training as make
from tests.factories.working import AT, claimed, metrics, silence, tell
from training.contract.files import RunFolder
from training.contract.progress import Status
from training.contract.recipes import complete_settings
from training.models import Job, JobPoint, Snapshot
from training.models.jobs import Kind, State
from training.runners import layout
from training.selectors import jobs as selectors
from training.services import jobs, orders


@pytest.fixture
def frozen(team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    return make.snapshot(dataset, by=mia)


@pytest.fixture
def job(frozen: Snapshot, mia: User, outbox: Outbox) -> Job:
    return make.training(frozen, by=mia)


# ---------------------------------------------------------------- start


def test_a_started_job_waits_and_its_letter_is_posted(job: Job, outbox: Outbox) -> None:
    assert (job.state, job.minutes) == (State.QUEUED, 15.0)
    assert job.settings == complete_settings("instances", {})
    [posted] = outbox.of(Letter.RUN_JOB)
    assert (posted.ids, posted.queue) == ({"job_id": str(job.pk)}, Queue.CPU)


def test_a_preview_does_not_wait_behind_trainings(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    make.training(frozen, by=mia, kind=Kind.PREVIEW)
    assert outbox.of(Letter.RUN_JOB)[0].queue == Queue.INTERACTIVE


def test_a_job_that_is_rolled_back_posts_no_letter(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    with transaction.atomic():
        make.training(frozen, by=mia)
        transaction.set_rollback(True)
    assert not outbox.letters
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"snapshot": None}, "snapshot: a TRAIN job needs"),
        ({"name": " "}, "name: a trained model needs a name"),
        ({"minutes": 0.0}, "minutes: give more than 0"),
        ({"kind": Kind.PREDICT}, "trained_model: a PREDICT job needs"),
        ({"kind": Kind.EVALUATE}, "trained_model: a EVALUATE job needs"),
    ],
)
def test_an_order_that_lacks_something_is_refused(
    frozen: Snapshot, mia: User, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(orders.JobNotComplete, match=sentence):
        make.training(frozen, by=mia, **changes)
    assert not Job.objects.exists()


def test_a_prediction_needs_images_that_are_ready(frozen: Snapshot, mia: User) -> None:
    model = make.trained_model(frozen, by=mia)
    with pytest.raises(orders.JobNotComplete, match="at least one image"):
        make.training(frozen, by=mia, kind=Kind.PREDICT, trained_model=model)
    image = make.image(frozen.project.datasets.get())
    image.state = ImageState.IMPORTING
    with pytest.raises(orders.JobNotComplete, match="still being imported"):
        make.training(frozen, by=mia, kind=Kind.PREDICT, trained_model=model, images=[image])


def test_only_a_prediction_takes_images(frozen: Snapshot, mia: User) -> None:
    image = make.image(frozen.project.datasets.get())
    with pytest.raises(orders.JobNotComplete, match="only a PREDICT job takes images"):
        make.training(frozen, by=mia, images=[image])


def test_parts_of_other_projects_are_refused(frozen: Snapshot, team: Team, mia: User) -> None:
    other = make.dataset(make.project(team))
    make.labelled_images(other, 1)
    foreign = make.snapshot(other, by=mia)
    model = make.trained_model(foreign, by=mia)
    with pytest.raises(orders.NotOfThisProject, match="snapshot"):
        jobs.start(project=frozen.project, order=make.order(foreign), by=mia)
    with pytest.raises(orders.NotOfThisProject, match="init_from"):
        make.training(frozen, by=mia, init_from=model)
    own, image = make.trained_model(frozen, by=mia), make.image(other)
    with pytest.raises(orders.NotOfThisProject, match="image_ids"):
        make.training(frozen, by=mia, kind=Kind.PREDICT, trained_model=own, images=[image])


def test_settings_are_checked_before_anything_is_queued(frozen: Snapshot, mia: User) -> None:
    for settings, sentence in (
        ({"crop_px": 1}, "from 64 to 512"),
        ({"magic": True}, "no setting “magic”"),
    ):
        with pytest.raises(orders.BadSettings, match=sentence):
            make.training(frozen, by=mia, settings=settings)
    with pytest.raises(orders.BadSettings, match="no recipe"):
        make.training(frozen, by=mia, recipe="dreams")


def test_classes_to_be_learned_must_be_in_the_project(frozen: Snapshot, mia: User) -> None:
    wanted = {"recipe": "semantic", "settings": {"classes": ["mitosis"]}}
    with pytest.raises(orders.BadSettings, match="no class “mitosis”"):
        make.training(frozen, by=mia, **wanted)
    LabelClass.objects.create(project=frozen.project, name="mitosis")
    assert make.training(frozen, by=mia, **wanted).settings["classes"] == ["mitosis"]


def test_only_the_same_recipe_continues_from_a_model(frozen: Snapshot, mia: User) -> None:
    model = make.trained_model(frozen, by=mia)
    with pytest.raises(orders.JobNotComplete, match="only that recipe can continue"):
        make.training(frozen, by=mia, recipe="semantic", init_from=model)
    assert make.training(frozen, by=mia, init_from=model).init_from == model


def test_an_evaluation_knows_its_split(frozen: Snapshot, mia: User) -> None:
    evaluation = {"kind": Kind.EVALUATE, "trained_model": make.trained_model(frozen, by=mia)}
    assert make.training(frozen, by=mia, **evaluation).settings == {"split": "test"}
    with pytest.raises(orders.BadSettings, match="takes only “split”"):
        make.training(frozen, by=mia, **evaluation, settings={"split": "all"})


def test_L18_a_prediction_chooses_how_the_model_reads(frozen: Snapshot, mia: User, tmp_path: Path) -> None:
    model, images = make.trained_model(frozen, by=mia), [item.image for item in frozen.items.all()]
    asked = {"kind": Kind.PREDICT, "trained_model": model, "images": images}
    careful, fast = (make.training(frozen, by=mia, **asked, settings=s) for s in ({}, {"flips": False}))
    read = []
    for job in (careful, fast):
        layout.lay_out(job=job, folder=RunFolder(tmp_path / str(job.pk)))
        read.append(RunFolder(tmp_path / str(job.pk)).read_spec().settings)
    assert [settings["flips"] for settings in read] == [True, False]
    assert {**read[1], "flips": True} == read[0] == model.settings
    for settings, sentence in (({"crop_px": 64}, "takes only “flips”"), ({"flips": "no"}, "true or false")):
        with pytest.raises(orders.BadSettings, match=sentence):
            make.training(frozen, by=mia, **asked, settings=settings)


def test_who_may_start(
    frozen: Snapshot, mia: User, ben: User, cleo: User, vic: User, dan: User, outbox: Outbox
) -> None:
    for member in (ben, cleo, vic):
        with pytest.raises(RoleTooLow):
            make.training(frozen, by=member)
    with pytest.raises(NothingHere):
        make.training(frozen, by=dan)
    assert not outbox.letters


# ---------------------------------------------------------------- claim, beat, end


def test_a_second_worker_finds_nothing_to_claim(job: Job) -> None:
    claimed(job)
    assert jobs.claim(job_id=job.pk, worker="worker 2") is None
    job.refresh_from_db()
    assert (job.state, job.claimed_by, job.attempt) == (State.RUNNING, "worker 1", 1)


def test_a_letter_for_a_job_that_is_gone_does_nothing(outbox: Outbox) -> None:
    assert jobs.claim(job_id="00000000-0000-4000-8000-000000000000", worker="worker 1") is None


def test_a_worker_that_lost_the_job_may_not_write(job: Job) -> None:
    claimed(job)
    silence(job, 120)
    jobs.sweep()
    claimed(job, "worker 2")
    for write in (
        lambda: jobs.beat(job_id=job.pk, worker="worker 1"),
        lambda: jobs.note(job_id=job.pk, worker="worker 1", message="still here"),
        lambda: tell(job, metrics(1, loss=1.0)),
        lambda: jobs.succeed(job_id=job.pk, worker="worker 1", message="Done."),
        lambda: jobs.fail(job_id=job.pk, worker="worker 1", error="No."),
        lambda: jobs.release(job_id=job.pk, worker="worker 1", reason="?"),
        lambda: jobs.confirm_cancelled(job_id=job.pk, worker="worker 1"),
    ):
        with pytest.raises(jobs.JobTakenOver):
            write()
    job.refresh_from_db()
    assert (job.state, job.claimed_by) == (State.RUNNING, "worker 2")


def test_a_failed_job_says_why(job: Job) -> None:
    claimed(job)
    failed = jobs.fail(job_id=job.pk, worker="worker 1", error="The disk is full.", detail="Traceback")
    assert (failed.state, failed.error, failed.detail) == (State.FAILED, "The disk is full.", "Traceback")
    assert failed.finished_at is not None


def test_the_database_refuses_states_that_make_no_sense(job: Job) -> None:
    for columns, constraint in (
        ({"state": State.RUNNING}, "job_in_hand_has_a_worker"),
        ({"state": State.SUCCEEDED}, "job_ends_when_it_is_final"),
        ({"state": State.FAILED, "finished_at": clock.now()}, "job_fails_with_a_sentence"),
        ({"fraction": 1.5}, "job_fraction_between_0_and_1"),
        ({"snapshot": None}, "job_learns_from_a_snapshot"),
        ({"kind": Kind.EVALUATE}, "job_uses_a_trained_model"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**columns)


# ---------------------------------------------------------------- cancel and retry


def test_a_waiting_job_is_cancelled_at_once(job: Job, mia: User, outbox: Outbox) -> None:
    assert jobs.cancel(job=job, by=mia).state == State.CANCELLED
    outbox.deliver()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.CANCELLED, 0)


def test_a_running_job_is_asked_to_stop_and_the_worker_hears_it(job: Job, mia: User) -> None:
    claimed(job)
    assert jobs.cancel(job=job, by=mia).state == State.CANCELLING
    assert jobs.beat(job_id=job.pk, worker="worker 1") == State.CANCELLING
    assert jobs.confirm_cancelled(job_id=job.pk, worker="worker 1").state == State.CANCELLED


def test_a_job_that_is_over_cannot_be_cancelled(job: Job, mia: User) -> None:
    claimed(job)
    jobs.succeed(job_id=job.pk, worker="worker 1", message="Done.")
    with pytest.raises(jobs.JobIsOver, match="succeeded"):
        jobs.cancel(job=job, by=mia)


def test_a_retry_is_a_new_job_and_the_old_one_keeps_its_history(job: Job, mia: User, outbox: Outbox) -> None:
    with pytest.raises(jobs.JobNotOver):
        jobs.retry(job=job, by=mia)
    claimed(job)
    tell(job, metrics(1, loss=0.5))
    jobs.fail(job_id=job.pk, worker="worker 1", error="The disk is full.")
    again = jobs.retry(job=job, by=mia)
    assert (again.retry_of, again.state, again.settings, again.name) == (
        job,
        State.QUEUED,
        job.settings,
        job.name,
    )
    job.refresh_from_db()
    assert (job.state, job.points.count()) == (State.FAILED, 1)
    assert [posted.ids["job_id"] for posted in outbox.letters] == [str(job.pk), str(again.pk)]


def test_a_retried_prediction_asks_for_the_same_images(frozen: Snapshot, mia: User) -> None:
    images = list(frozen.project.datasets.get().images.all())
    model = make.trained_model(frozen, by=mia)
    job = make.training(
        frozen, by=mia, kind=Kind.PREDICT, trained_model=model, images=images, make_tasks=True
    )
    jobs.cancel(job=job, by=mia)
    again = jobs.retry(job=job, by=mia)
    assert set(again.targets.all()) == set(images)
    assert again.make_tasks


def test_who_may_cancel_and_retry(job: Job, mia: User, ben: User, dan: User) -> None:
    for move in (jobs.cancel, jobs.retry):
        with pytest.raises(RoleTooLow):
            move(job=job, by=ben)
        with pytest.raises(NothingHere):
            move(job=job, by=dan)


# ---------------------------------------------------------------- what the engine tells


def test_a_status_moves_the_bar(job: Job) -> None:
    claimed(job)
    tell(job, Status(at=AT, message="Training", fraction=0.25, eta_s=60.0), offset=77)
    job.refresh_from_db()
    assert (job.message, job.fraction, job.eta_s, job.progress_offset) == ("Training", 0.25, 60.0, 77)


def test_losses_and_scores_of_one_step_come_together(job: Job) -> None:
    claimed(job)
    tell(job, metrics(1, loss=0.9), metrics(2, loss=0.5), metrics(2, val_ap50=0.7))
    assert list(JobPoint.objects.values_list("step", "values")) == [
        (1, {"loss": 0.9}),
        (2, {"loss": 0.5, "val_ap50": 0.7}),
    ]


def test_a_reader_gets_only_news_also_of_steps_that_are_told_again(job: Job) -> None:
    claimed(job)
    tell(job, metrics(1, loss=0.9), metrics(2, loss=0.5))
    first = selectors.progress(job=job, after=0)
    assert [point.step for point in first.points] == [1, 2]
    assert not selectors.progress(job=job, after=first.next).points
    tell(job, metrics(2, loss=0.51), metrics(3, loss=0.4))
    second = selectors.progress(job=job, after=first.next)
    assert [(point.step, point.values["loss"]) for point in second.points] == [(2, 0.51), (3, 0.4)]


# ---------------------------------------------------------------- estimate


def test_an_estimate_counts_and_says_how_it_was_found(frozen: Snapshot, mia: User) -> None:
    images = list(frozen.project.datasets.get().images.all())
    model = make.trained_model(frozen, by=mia)
    guess = selectors.estimate(order=make.order(kind=Kind.PREDICT, trained_model=model, images=images))
    assert (guess.images, guess.frames) == (4, 4)
    assert "guess" in guess.basis
    training = selectors.estimate(order=make.order(frozen, minutes=10.0))
    assert training.images == 4
    assert training.minutes >= 10.0


def test_L14_an_estimate_knows_that_enlarged_images_take_longer(frozen: Snapshot, mia: User) -> None:
    images = list(frozen.project.datasets.get().images.all())
    Image.objects.update(size_y=30_000, size_x=30_000)
    for image in images:
        image.refresh_from_db()
    model = make.trained_model(frozen, by=mia, summary={"channels": [1], "object_size_px": 20.0})
    order = make.order(kind=Kind.PREDICT, trained_model=model, images=images)
    minutes = {
        said: selectors.estimate(order=replace(order, settings={"cell_px": said})).minutes
        for said in ("auto", "learned", 20, 10, 40, 2.0)
    }
    assert minutes["auto"] == minutes["learned"] == minutes[20] > 50
    assert minutes[10] == pytest.approx(4 * minutes[20], rel=0.02)
    assert minutes[40] == pytest.approx(minutes[20] / 4, rel=0.02)
    assert minutes[2.0] == pytest.approx(64 * minutes[20], rel=0.02)  # at most eight times as large


def test_an_estimate_learns_from_earlier_predictions(frozen: Snapshot, mia: User) -> None:
    images = list(frozen.project.datasets.get().images.all())
    model = make.trained_model(frozen, by=mia)
    job = make.training(frozen, by=mia, kind=Kind.PREDICT, trained_model=model, images=images)
    claimed(job)
    jobs.succeed(job_id=job.pk, worker="worker 1", message="Done.")
    Job.objects.filter(pk=job.pk).update(
        started_at=clock.now() - timedelta(seconds=selectors.START_UP_S + 60)
    )
    known = selectors.estimate(order=make.order(kind=Kind.PREDICT, trained_model=model, images=images))
    assert "last 1 predictions" in known.basis
    assert known.minutes == pytest.approx((60 + selectors.START_UP_S) / 60, abs=0.1)
