"""Where the loop's commands work: the database, the first owner, a project, and somebody who answers
letters.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from annotation.models import Dataset, Project
from annotation.services import datasets, demonstration, projects
from backend.accounts.models import Role, Team, User
from backend.accounts.policies import teams_of
from backend.celery import app
from backend.cli import prepare
from backend.cli.children import Child, end_all
from backend.foundation import database, presence
from backend.foundation.errors import NotFound
from backend.foundation.place import worker_lock
from backend.foundation.queue import Queue

FIRST_PROJECT = "My project"
WORKER_GRACE_S = 10.0
PING_S = 2.0


class NoSuchProject(NotFound):
    """No project of this name, or not for the owner."""


class NoSuchDataset(NotFound):
    """No dataset of this name in the project."""


@dataclass(frozen=True)
class Workplace:
    """In whose name, and in which project."""

    owner: User
    project: Project


def enter(project_name: str | None) -> Workplace:
    """Start the database when nobody has, bring the tables up to date, find the owner and the project."""
    if settings.CYTOLOOP_EMBEDDED_DATABASE:
        database.hold(settings.CYTOLOOP_HOME)
    with prepare.one_at_a_time():
        prepare.migrate()
        email, password = prepare.first_account()
    if password and not settings.CYTOLOOP_ADMIN_PASSWORD:
        sys.stderr.write(f"Made the first account: {email}, password {password}\n")
    owner = User.objects.get(email=email)
    return Workplace(owner, find_project(owner, project_name))


def find_project(owner: User, name: str | None) -> Project:
    """The project of this name; without one the oldest that is not the demonstration, made when missing."""
    mine = Project.objects.visible_to(owner).order_by("created_at", "pk")
    found = mine.filter(name=name).first() if name else mine.exclude(name=demonstration.PROJECT).first()
    if found is not None:
        return found
    if name:
        known = ", ".join(mine.values_list("name", flat=True)) or "none yet"
        raise NoSuchProject(f"There is no project “{name}”. There are: {known}.")
    team: Team = teams_of(owner, at_least=Role.OWNER).order_by("created_at", "pk")[0]
    return projects.create(team=team, name=FIRST_PROJECT, by=owner)


def find_dataset(place: Workplace, name: str) -> Dataset:
    """The dataset of this name; raises `NoSuchDataset`."""
    found = Dataset.objects.filter(project=place.project, name=name).first()
    if found is None:
        known = ", ".join(Dataset.objects.filter(project=place.project).values_list("name", flat=True))
        raise NoSuchDataset(
            f"There is no dataset “{name}” in {place.project.name}. There are: {known or 'none'}."
        )
    return found


def find_or_make_dataset(place: Workplace, name: str, description: str = "") -> Dataset:
    """The dataset of this name, made when there is none."""
    found = Dataset.objects.filter(project=place.project, name=name).first()
    return found or datasets.create(project=place.project, name=name, description=description, by=place.owner)


@contextmanager
def answered() -> Iterator[Child | None]:
    """Somebody answers letters inside this block: a worker that is there already, or one started for it."""
    if somebody_works():
        yield None
        return
    log = Path(settings.CYTOLOOP_HOME) / "logs" / "worker-command.log"
    queues = ",".join(queue.value for queue in Queue)
    worker = Child(name="worker", words=("worker", "--name", "command", "--queues", queues), log=log)
    worker.start()
    try:
        yield worker
    finally:
        end_all([worker], grace_s=WORKER_GRACE_S)


def somebody_works() -> bool:
    """Whether a worker lives that answers this installation's letters."""
    if settings.CYTOLOOP_EMBEDDED_QUEUE:
        return presence.somebody(worker_lock(settings.CYTOLOOP_HOME))
    return bool(app.control.ping(timeout=PING_S))
