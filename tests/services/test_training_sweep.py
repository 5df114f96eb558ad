"""The sweep: jobs whose worker fell silent are taken back, and lost letters are posted again."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from backend.accounts.models import Team, User
from backend.foundation import clock
from backend.foundation.queue import Letter, Queue
from tests.conftest import Outbox
from tests.factories import training as make
from tests.factories.working import claimed, metrics, silence, tell
from training.models import Job, Snapshot
from training.models.jobs import Kind, State
from training.services import jobs


@pytest.fixture
def frozen(team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    return make.snapshot(dataset, by=mia)


@pytest.fixture
def job(frozen: Snapshot, mia: User, outbox: Outbox) -> Job:
    return make.training(frozen, by=mia)


def test_a_silent_workers_job_is_taken_back_and_posted_again(job: Job, outbox: Outbox) -> None:
    outbox.letters.clear()
    claimed(job)
    assert jobs.sweep() == 0
    silence(job, 120)
    assert jobs.sweep() == 1
    job.refresh_from_db()
    assert (job.state, job.claimed_by) == (State.QUEUED, "")
    assert "checkpoint" in job.message
    assert len(outbox.of(Letter.RUN_JOB)) == 1
    assert jobs.sweep() == 0


def test_a_worker_elsewhere_is_given_a_minute_one_of_this_machine_only_as_long_as_it_lives(job: Job) -> None:
    claimed(job, "elsewhere:1:abc")
    silence(job, 30)
    assert jobs.sweep() == 0
    Job.objects.filter(pk=job.pk).update(claimed_by=jobs.name_worker())
    assert jobs.sweep() == 0
    Job.objects.filter(pk=job.pk).update(claimed_by=f"{socket.gethostname()}:{2**22 + 1}:abc")
    assert jobs.sweep() == 1


def test_jobs_wait_for_gpu_workers_where_there_are_some(
    frozen: Snapshot, mia: User, outbox: Outbox, settings: Settings
) -> None:
    settings.CYTOLOOP_GPU = "yes"
    make.training(frozen, by=mia)
    make.training(frozen, by=mia, kind=Kind.PREVIEW)
    assert [posted.queue for posted in outbox.of(Letter.RUN_JOB)] == [Queue.GPU, Queue.INTERACTIVE]


def test_a_silent_job_that_was_being_cancelled_is_cancelled(job: Job, mia: User) -> None:
    claimed(job)
    jobs.cancel(job=job, by=mia)
    silence(job, 120)
    jobs.sweep()
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_lost_letter_is_posted_again(job: Job, outbox: Outbox) -> None:
    outbox.letters.clear()
    jobs.sweep()
    assert not outbox.letters
    Job.objects.filter(pk=job.pk).update(posted_at=clock.now() - timedelta(minutes=3))
    jobs.sweep()
    assert len(outbox.of(Letter.RUN_JOB)) == 1


def test_a_job_whose_process_always_dies_without_progress_fails(job: Job) -> None:
    for _ in range(jobs.FRUITLESS_ATTEMPTS_MAX):
        claimed(job)
        jobs.release(job_id=job.pk, worker="worker 1", reason="The engine was killed.")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "ran out of memory" in job.error


def test_a_job_that_makes_progress_may_be_interrupted_any_number_of_times(job: Job) -> None:
    for attempt in range(3 * jobs.FRUITLESS_ATTEMPTS_MAX):
        claimed(job)
        tell(job, metrics(attempt, loss=1.0))
        jobs.release(job_id=job.pk, worker="worker 1", reason="The engine was killed.")
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, 15)
