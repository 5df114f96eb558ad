"""L13: worker and engine killed with -9 ten times at random moments; one model, as if unbroken."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection
from rest_framework.test import APIClient
from safetensors.numpy import load

from backend.accounts.models import Team, User
from backend.foundation import clock, storage
from tests.conftest import Outbox
from tests.journeys import lab as at
from tests.journeys.lab import Lab
from training.models import Job, JobPoint, TrainedModel
from training.models.jobs import State
from training.runners import layout
from training.runners.local_process import ENGINE_FILE
from training.services import jobs

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.django_db(transaction=True)]

KILLS, EPOCHS, SEED = 10, 160, 13
BEFORE_KILL_S = (0.0, 1.5)
"""After a worker was started, or after its engine said that it learns."""
PATIENCE_S = 120.0
WORKER = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
home, database, job = sys.argv[1:]
settings.CYTOLOOP_HOME, settings.CYTOLOOP_RUNS = Path(home), Path(home) / "runs"
settings.DATABASES["default"]["NAME"] = database
from training.runners import jobs
from training.runners.local_process import LocalProcessRunner
jobs.run(job_id=job, runner=LocalProcessRunner(recipes="tests.servers.saving_often"))
"""


@pytest.fixture
def lab(
    transactional_db: None, team: Team, mia: User, ben: User, cleo: User, outbox: Outbox,
    client_of: Callable[[User | None], APIClient],
) -> Lab:  # fmt: skip
    made = Lab(client_of(mia), client_of(ben), client_of(cleo), outbox, str(team.pk))
    made.open_project()
    made.upload(at.labelled_fields(5))
    made.accept_heads()
    return made


def test_L13_killed_ten_times_at_random_equals_unbroken(lab: Lab, storage_folder: Path) -> None:
    snapshot = lab.freeze("first")
    unbroken, broken = (order(lab, snapshot) for _ in range(2))
    home = storage_folder.parent
    while Job.objects.get(pk=unbroken.pk).state == State.QUEUED:
        work(unbroken, home).wait()
    killed = kill_at_random(broken, home, random.Random(SEED))
    assert min(killed.values()) >= 3
    for _ in range(5):
        if take_back(broken) is State.QUEUED:
            work(broken, home).wait()
    first, second = (TrainedModel.objects.get(job=job) for job in (unbroken, broken))
    assert Job.objects.get(pk=broken.pk).attempt > 5
    assert curve(broken) == curve(unbroken)
    ours, theirs = (
        load(storage.get(f"{model.weights_key}/weights.safetensors")) for model in (first, second)
    )
    assert all((ours[name] == theirs[name]).all() for name in ours)
    assert first.scores == second.scores


def order(lab: Lab, snapshot: dict[str, Any]) -> Job:
    """A training of so many epochs on one thread, laid out beforehand: minutes would end at another step."""
    job = Job.objects.get(pk=lab.order(**lab.training(snapshot, seconds=600))["id"])
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    spec = dataclasses.replace(folder.read_spec(), minutes=None, max_epochs=EPOCHS, threads=1)
    folder.write_spec(spec)
    return job


def work(job: Job, home: Path) -> subprocess.Popen[bytes]:
    """A worker of its own that has this one job."""
    command = [sys.executable, "-c", WORKER, str(home), str(connection.settings_dict["NAME"]), str(job.pk)]
    return subprocess.Popen(command, env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"})


def kill_at_random(job: Job, home: Path, rng: random.Random) -> dict[str, int]:
    """Ends worker and engine in turn without a word, at moments that nobody chose."""
    killed = {"worker": 0, "engine": 0}
    while sum(killed.values()) < KILLS and take_back(job) is State.QUEUED:
        # A worker that dies before its engine has said anything is no progress; five such in a row end a job.
        Job.objects.filter(pk=job.pk).update(fruitless_attempts=0)
        worker = work(job, home)
        if sum(killed.values()) % 4 != 0:
            wait_until_it_learns(job, worker)
        time.sleep(rng.uniform(*BEFORE_KILL_S))
        engine = engine_of(job)
        if engine is not None and sum(killed.values()) % 2:
            engine.kill()
            killed["engine"] += 1
            worker.wait(timeout=120)
        else:
            worker.kill()
            killed["worker"] += 1
            worker.wait()
    return killed


def wait_until_it_learns(job: Job, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and worker.poll() is None:
        if Job.objects.get(pk=job.pk).message.startswith("Learning"):
            return
        time.sleep(0.05)


def take_back(job: Job) -> State:
    """What the sweep does about a worker that is gone."""
    Job.objects.filter(pk=job.pk, heartbeat_at__isnull=False).update(
        heartbeat_at=clock.now() - timedelta(minutes=5)
    )
    jobs.sweep()
    return State(Job.objects.get(pk=job.pk).state)


def engine_of(job: Job) -> psutil.Process | None:
    try:
        note: dict[str, Any] = json.loads((layout.folder_of(job_id=job.pk).path / ENGINE_FILE).read_text())
        return psutil.Process(int(note["pid"]))
    except (OSError, ValueError, psutil.Error):
        return None


def curve(job: Job) -> list[tuple[int, float]]:
    """Step and loss, once for each epoch."""
    points = JobPoint.objects.filter(job=job).order_by("step")
    return [(point.step, point.values["loss"]) for point in points if "loss" in point.values]
