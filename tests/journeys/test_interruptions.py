"""kill -9 in the middle of a training with the real engine: one result, as if nothing had happened."""

from __future__ import annotations

import json
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
from django.db import connection
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.foundation import clock
from tests.conftest import Outbox
from tests.journeys import lab as at
from tests.journeys.lab import Lab
from training.models import Job, JobPoint, TrainedModel
from training.runners import jobs as runner
from training.runners import layout
from training.runners.local_process import ENGINE_FILE
from training.services import jobs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 60.0
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
jobs.run(job_id=job)
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


def test_killed_engines_and_workers_leave_one_result(lab: Lab, outbox: Outbox, storage_folder: Path) -> None:
    ordered = lab.order(**lab.training(lab.freeze("first"), seconds=12))
    kill_the_engine(ordered["id"])
    assert lab.job(ordered["id"])["state"] == "QUEUED"
    kill_the_worker(ordered["id"], storage_folder.parent)
    assert lab.job(ordered["id"])["state"] == "RUNNING"
    Job.objects.filter(pk=ordered["id"]).update(heartbeat_at=clock.now() - timedelta(minutes=5))
    assert jobs.sweep() == 1
    outbox.deliver()
    job = lab.job(ordered["id"])
    assert (job["state"], job["error"], job["attempt"]) == ("SUCCEEDED", "", 3), job["detail"]
    outbox.deliver_again()
    assert TrainedModel.objects.count() == 1
    steps = list(JobPoint.objects.filter(job_id=ordered["id"]).values_list("step", flat=True))
    assert steps == sorted(set(steps))
    assert steps


def kill_the_engine(job_id: str) -> None:
    """Run the job here, and kill its engine with -9 once it learns."""
    thread = threading.Thread(target=_run, args=(job_id,))
    thread.start()
    engine_at_work(job_id).kill()
    thread.join(timeout=PATIENCE_S)
    assert not thread.is_alive()


def kill_the_worker(job_id: str, home: Path) -> None:
    """Run the job in a worker process of its own, and kill that with -9; its engine does not outlive it."""
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-c", WORKER, str(home), database, job_id]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(command, env=environment) as worker:
        engine = engine_at_work(job_id)
        worker.kill()
    psutil.wait_procs([engine], timeout=PATIENCE_S)
    assert not engine.is_running()


def engine_at_work(job_id: str) -> psutil.Process:
    """The engine of the newest attempt, once it says that it learns."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        job = Job.objects.get(pk=job_id)
        if job.message.startswith("Learning"):
            return psutil.Process(_engine_pid(job_id))
        time.sleep(0.05)
    raise AssertionError("The engine did not begin to learn.")


def _engine_pid(job_id: str) -> int:
    folder = layout.folder_of(job_id=Job.objects.get(pk=job_id).pk)
    return int(json.loads((folder.path / ENGINE_FILE).read_text())["pid"])


def _run(job_id: str) -> None:
    try:
        runner.run(job_id=job_id)
    finally:
        connection.close()
