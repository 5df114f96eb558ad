"""Jobs whose engine is a tiny recipe: their folder, their end, their process."""

from __future__ import annotations

import time

import psutil

from training.contract.files import RunFolder
from training.models import Job, JobPoint
from training.runners import layout, local_process

RECIPES = "tests.background.recipes"


def folder_of(job: Job) -> RunFolder:
    return layout.folder_of(job_id=job.pk)


def final(job: Job) -> Job:
    job.refresh_from_db()
    return job


def engine_of(job: Job, *, patience_s: float = 20.0) -> psutil.Process:
    """The engine at work on a job, once it has said something."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if JobPoint.objects.filter(job=job).exists():
            orphan = local_process._find_orphan(folder_of(job))
            if orphan is not None:
                return orphan
        time.sleep(0.02)
    raise AssertionError("The engine did not begin.")
