"""Fixtures for everyone: the cast, clients, an outbox of letters, storage in a temporary folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.celery import app as celery_app
from backend.foundation import queue
from backend.foundation.queue import Letter, Queue
from tests.cast import Cast, gather


@dataclass(frozen=True)
class Posted:
    """One letter: what is asked, of which row, and where it waits."""

    letter: Letter
    ids: dict[str, str]
    queue: Queue


@dataclass
class Outbox:
    """Letters that were posted and whose transaction committed. Nothing happens until they are delivered."""

    waiting: list[Posted] = field(default_factory=list)
    delivered: list[Posted] = field(default_factory=list)

    @property
    def letters(self) -> list[Posted]:
        """The waiting letters, oldest first."""
        self._commit()
        return self.waiting

    def of(self, letter: Letter) -> list[Posted]:
        """The waiting letters of one kind."""
        return [posted for posted in self.letters if posted.letter == letter]

    def deliver(self, only: Letter | None = None) -> list[Posted]:
        """Run every waiting letter's background function, and what those post in turn; the letters delivered.

        With `only`, just the letters of that kind that are waiting now.
        """
        done: list[Posted] = []
        while batch := [posted for posted in self.letters if only in (None, posted.letter)]:
            for posted in batch:
                self.waiting.remove(posted)
                self._run(posted)
            done += batch
            if only is not None:
                break
        self.delivered += done
        return done

    def deliver_again(self) -> None:
        """Run everything that was delivered a second time: nothing may change."""
        for posted in list(self.delivered):
            self._run(posted)

    def _run(self, posted: Posted) -> None:
        current_app.tasks[str(posted.letter)].apply(kwargs=posted.ids, throw=True)

    def _commit(self) -> None:
        """Run what waits for the commit of the test's own transaction; what was rolled back is gone."""
        callbacks, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, callback, *_ in callbacks:
            callback()


@pytest.fixture
def outbox(db: None, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """Letters are kept here instead of being sent; the test decides when, and how often, they arrive."""
    celery_app.loader.import_default_modules()
    box = Outbox()

    def keep(letter: Letter, ids: dict[str, str], where: Queue) -> None:
        box.waiting.append(Posted(letter, ids, where))

    monkeypatch.setattr(queue, "send", keep)
    return box


@pytest.fixture(autouse=True)
def storage_folder(settings: Settings, tmp_path: Path) -> Path:
    """Bytes, run folders and everything else a test leaves behind go to a folder of its own."""
    settings.CYTOLOOP_HOME = tmp_path / "home"
    settings.CYTOLOOP_RUNS = tmp_path / "home" / "runs"
    settings.CYTOLOOP_STORAGE_URL = ""
    return tmp_path / "home" / "blobs"


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody."""
    return gather()


@pytest.fixture
def team(cast: Cast) -> Team:
    return cast.team


@pytest.fixture
def ana(cast: Cast) -> User:
    """Owns the lab."""
    return cast.ana


@pytest.fixture
def mia(cast: Cast) -> User:
    """Manages."""
    return cast.mia


@pytest.fixture
def cleo(cast: Cast) -> User:
    """Reviews."""
    return cast.cleo


@pytest.fixture
def ben(cast: Cast) -> User:
    """Labels."""
    return cast.ben


@pytest.fixture
def vic(cast: Cast) -> User:
    """Only looks."""
    return cast.vic


@pytest.fixture
def dan(cast: Cast) -> User:
    """A stranger: owner of another lab."""
    return cast.dan


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """A signed-in client for a person, or an anonymous one for None."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return make
