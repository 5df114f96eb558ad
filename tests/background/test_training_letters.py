"""The letters of training, each delivered twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app

from annotation.services import labels
from backend.accounts.models import Team, User
from backend.foundation import clock
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.results import CellEntry
from training.models import Correction, Job
from training.models.jobs import Kind, State
from training.runners import layout
from training.services import jobs, orders, predictions


def test_a_letter_for_a_cancelled_job_starts_nothing(
    team: Team, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 1)
    job = make.training(make.snapshot(dataset, by=mia), by=mia)
    jobs.cancel(job=job, by=mia)
    monkeypatch.setattr(layout, "lay_out", None)
    outbox.deliver()
    outbox.deliver_again()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.CANCELLED, 0)


def test_the_sweep_takes_back_jobs_and_scores_corrections_once(
    team: Team, mia: User, cleo: User, outbox: Outbox
) -> None:
    dataset = make.dataset(make.project(team))
    image = make.labelled_images(dataset, 1)[0]
    frozen = make.snapshot(dataset, by=mia)
    model = make.trained_model(frozen, by=mia)
    job = make.training(frozen, by=mia, kind=Kind.PREDICT, trained_model=model, images=[image])
    assert jobs.claim(job_id=job.pk, worker="w") is not None
    made = predictions.accept(
        job_id=job.pk, worker="w", image=image, frames=[(0, 0, make.picture(make.TWO_CELLS))],
        cells=[CellEntry(cell=1, quality=0.5)],
    )  # fmt: skip
    labels.accept(revision=made.revision, by=cleo)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(minutes=5))
    outbox.letters.clear()
    for _ in range(2):
        current_app.tasks[str(Letter.SWEEP_TRAINING)].apply(throw=True)
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert Correction.objects.count() == 1
    assert len(outbox.of(Letter.RUN_JOB)) == 1


def test_long_trainings_are_not_ended_by_the_queue() -> None:
    function = current_app.tasks[str(Letter.RUN_JOB)]
    assert function.time_limit > function.soft_time_limit > orders.MINUTES_MAX * 60 * 2
