"""The worker's application: finds every `background.py`, and keeps the sweeps' clock."""

import os

from celery import Celery
from celery.signals import beat_embedded_init, setup_logging, worker_process_init, worker_ready
from django.conf import settings

from backend.foundation import presence, processes
from backend.foundation.place import worker_lock
from backend.foundation.queue import HOME_QUEUE, SWEEPS, Queue

SWEEP_EVERY_S = 60

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

app = Celery("cytoloop")
# Requests are answered in threads of their own, which ask for the current app as well.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="background")
app.conf.beat_schedule = {
    str(letter): {
        "task": str(letter),
        "schedule": SWEEP_EVERY_S,
        # A sweep that waited is worth nothing: the next one is coming.
        "options": {"queue": str(HOME_QUEUE.get(letter, Queue.INTERACTIVE)), "expires": SWEEP_EVERY_S},
    }
    for letter in SWEEPS
}


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Django has set up logging; Celery adds nothing."""


@worker_process_init.connect
@beat_embedded_init.connect
def end_with_the_worker(**_: object) -> None:
    """A worker that was killed takes its pool with it, so a job is never run by an orphan."""
    processes.end_with_parent()


@worker_ready.connect
def say_that_somebody_is_here(**_: object) -> None:
    """Commands ask this before they wait for a letter to be answered."""
    presence.announce(worker_lock(settings.CYTOLOOP_HOME))
