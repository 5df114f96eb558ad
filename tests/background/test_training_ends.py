"""Jobs that fail, are cancelled or interrupted: what stays, what goes on, and what is said."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db import OperationalError, connection

from backend.accounts.models import User
from backend.foundation import clock
from backend.foundation.queue import Letter
from tests.background.training_runs import RECIPES, engine_of, final, folder_of
from tests.conftest import Outbox
from training.contract.files import RunFolder, write_json
from training.models import Job, JobPoint, TrainedModel
from training.models.jobs import State
from training.runners import jobs as runner
from training.runners import layout, local_process
from training.runners.base import Limits
from training.services import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fast_and_harmless")]


# ---------------------------------------------------------------- bad ends


@pytest.mark.parametrize(
    ("word", "error", "detail"),
    [
        ("crash", "without a result (exit code 1)", "the net has exploded"),
        ("silent", "without a result (exit code 7)", "Started as silent."),
        ("refuse", "No training image holds a cell.", "Started as refuse."),
    ],
)
def test_an_engine_that_fails_says_a_sentence_and_its_last_words(
    job: Job, outbox: Outbox, behave: Callable[[str], None], word: str, error: str, detail: str
) -> None:
    behave(word)
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.FAILED
    assert error in job.error
    assert detail in job.detail
    assert not TrainedModel.objects.exists()


def test_a_worker_that_cannot_lay_out_the_folder_fails_the_job_with_a_sentence(
    job: Job, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(layout, "lay_out", full)
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.FAILED
    assert "No space left on device" in job.error


def test_an_engine_over_its_time_is_stopped_even_when_it_is_deaf(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("deaf")
    runner.run(job_id=str(job.pk), limits=Limits(seconds=1.0))
    assert final(job).state == State.FAILED
    assert "longer than its limit" in job.error


def test_an_engine_over_its_memory_is_stopped(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("slow")
    runner.run(job_id=str(job.pk), limits=Limits(memory_bytes=1024))
    assert final(job).state == State.FAILED
    assert "memory" in job.error


# ---------------------------------------------------------------- cancel


@pytest.mark.parametrize("word", ["slow", "deaf"])
def test_a_running_job_can_be_cancelled(
    job: Job, mia: User, outbox: Outbox, behave: Callable[[str], None],
    in_background: Callable[..., threading.Thread], word: str,
) -> None:  # fmt: skip
    behave(word)
    thread = in_background(lambda: runner.run(job_id=str(job.pk)))
    until = time.monotonic() + 20
    while not (folder_of(job).path / local_process.ENGINE_FILE).exists() and time.monotonic() < until:
        time.sleep(0.02)
    jobs.cancel(job=job, by=mia)
    thread.join(timeout=30)
    assert (final(job).state, job.error) == (State.CANCELLED, "")
    assert local_process._find_orphan(folder_of(job)) is None
    assert not TrainedModel.objects.exists()


# ---------------------------------------------------------------- interruptions


def test_an_engine_killed_half_way_goes_on_from_its_checkpoint(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("die")
    [letter] = outbox.of(Letter.RUN_JOB)
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt) == (State.QUEUED, 1)
    assert "killed" in job.message
    assert len(outbox.of(Letter.RUN_JOB)) == 1
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt, job.error) == (State.SUCCEEDED, 2, "")
    assert list(JobPoint.objects.filter(job=job).values_list("step", flat=True)) == list(range(1, 11))
    assert TrainedModel.objects.count() == 1
    assert letter in outbox.delivered


def test_an_engine_asked_to_stop_puts_the_job_back_in_the_queue(
    job: Job, outbox: Outbox, behave: Callable[[str], None], in_background: Callable[..., threading.Thread]
) -> None:
    behave("slow")
    thread = in_background(lambda: runner.run(job_id=str(job.pk)))
    engine_of(job).terminate()
    thread.join(timeout=30)
    assert (final(job).state, job.attempt) == (State.QUEUED, 1)


def test_a_job_whose_engine_had_ended_when_the_worker_died_is_only_collected(
    job: Job, outbox: Outbox, behave: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runner, "collect", _die)
        with pytest.raises(SystemExit):
            runner.run(job_id=str(job.pk))
    assert final(job).state == State.RUNNING
    behave("crash")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(minutes=5))
    jobs.sweep()
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt) == (State.SUCCEEDED, 2)
    assert TrainedModel.objects.count() == 1


def test_the_database_going_away_puts_the_job_back_in_the_queue(
    job: Job, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    outbox.letters.clear()
    with monkeypatch.context() as patch:
        patch.setattr(runner, "collect", away)
        runner.run(job_id=str(job.pk))
    assert (final(job).state, job.error) == (State.QUEUED, "")
    assert "database" in job.message
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.SUCCEEDED


def _die(**_: object) -> None:
    raise SystemExit("the worker is gone")


def test_an_orphaned_engine_is_ended_before_another_one_starts(job: Job, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, start_new_session=True) as orphan:
        local_process._remember(folder, orphan.pid)
        assert local_process.end_orphan(folder=folder)
        assert not psutil.pid_exists(orphan.pid)
    assert not local_process.end_orphan(folder=folder)


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_json(folder.path / local_process.ENGINE_FILE, {"pid": os.getpid(), "started": 12345.0})
    assert not local_process.end_orphan(folder=folder)


WORKER = """
import django; django.setup()
from django.conf import settings
from pathlib import Path
settings.CYTOLOOP_HOME = Path({home!r}); settings.CYTOLOOP_RUNS = Path({home!r}) / "runs"
settings.DATABASES["default"]["NAME"] = {database!r}
from training.runners import jobs
from training.runners.local_process import LocalProcessRunner
jobs.run(job_id={job!r}, runner=LocalProcessRunner(recipes={recipes!r}))
"""


def test_a_worker_killed_with_9_takes_its_engine_along_and_another_worker_finishes(
    job: Job, outbox: Outbox, behave: Callable[[str], None], storage_folder: Path
) -> None:
    behave("slow")
    code = WORKER.format(
        home=str(storage_folder.parent),
        database=connection.settings_dict["NAME"],
        job=str(job.pk),
        recipes=RECIPES,
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ) as worker:
        engine = engine_of(job)
        worker.kill()
    psutil.wait_procs([engine], timeout=20)
    assert not engine.is_running()
    assert final(job).state == State.RUNNING
    assert jobs.sweep() == 0
    # Less than the minute that a worker elsewhere is given: this one's process is seen to be gone.
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(seconds=20))
    outbox.letters.clear()
    assert jobs.sweep() == 1
    behave("work")
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt, job.error) == (State.SUCCEEDED, 2, "")
    assert list(JobPoint.objects.filter(job=job).values_list("step", flat=True)) == list(range(1, 11))
    assert TrainedModel.objects.count() == 1
