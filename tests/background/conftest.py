"""A job, the tiny recipes in place of the real ones, and work beside a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from backend.accounts.models import Team, User
from tests.background.training_runs import RECIPES
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Job, Snapshot
from training.runners import heartbeat, local_process, watch


@pytest.fixture
def fast_and_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny recipes in place of the real ones, and short patience."""
    monkeypatch.setattr(local_process.LocalProcessRunner.__init__, "__defaults__", (RECIPES,))
    monkeypatch.setattr(heartbeat.Heartbeat.__init__, "__kwdefaults__", {"every_s": 0.1})
    monkeypatch.setattr(watch, "POLL_S", 0.02)
    monkeypatch.setattr(watch, "TERMINATE_AFTER_S", 0.5)
    monkeypatch.setattr(watch, "KILL_AFTER_S", 1.0)


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Choose how the tiny recipe behaves."""
    return lambda word: monkeypatch.setenv("CYTOLOOP_TEST_RECIPE", word)


@pytest.fixture
def frozen(transactional_db: None, team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4, pixels=True)
    return make.snapshot(dataset, by=mia)


@pytest.fixture
def job(frozen: Snapshot, mia: User, outbox: Outbox) -> Job:
    return make.training(frozen, by=mia)


@pytest.fixture
def in_background() -> Iterator[Callable[..., threading.Thread]]:
    """Run something beside the test; waited for at the end."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(timeout=30)
