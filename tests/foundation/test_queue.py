"""Letters leave after commit, never before, and go through the folder whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from django.db import transaction
from kombu.connection import Connection

from backend.foundation import letterbox
from backend.foundation.queue import Letter, Queue, post
from tests.conftest import Outbox


def test_a_letter_leaves_after_commit(outbox: Outbox) -> None:
    with transaction.atomic():
        post(Letter.RUN_JOB, job_id="7")
        assert outbox.waiting == []
    assert [(p.letter, p.ids, p.queue) for p in outbox.letters] == [
        (Letter.RUN_JOB, {"job_id": "7"}, Queue.CPU)
    ]


def test_a_rollback_posts_nothing(outbox: Outbox) -> None:
    with transaction.atomic():
        post(Letter.RUN_JOB, job_id="7")
        transaction.set_rollback(True)
    assert outbox.letters == []


@pytest.mark.django_db(transaction=True)
def test_a_real_commit_sends_at_once(outbox: Outbox) -> None:
    post(Letter.IMPORT_UPLOAD, upload_id="3")
    assert [p.queue for p in outbox.waiting] == [Queue.INTERACTIVE]


def test_a_letter_may_wait_elsewhere(outbox: Outbox) -> None:
    post(Letter.RUN_JOB, queue=Queue.GPU, job_id="7")
    assert outbox.letters[0].queue == Queue.GPU


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    # Kombu remembers bindings for the whole process: each test's queues have names of their own.
    letterbox.register()
    options = letterbox.options(tmp_path)
    with Connection("letterbox://localhost", transport_options=options) as opened:  # type: ignore[no-untyped-call]
        yield opened


def test_letters_come_out_of_the_folder_in_order(connection: Any, tmp_path: Path) -> None:
    queue = connection.SimpleQueue(tmp_path.name)
    for number in range(20):
        queue.put({"number": number})
    got = [queue.get(timeout=5) for _ in range(20)]
    assert [message.payload["number"] for message in got] == list(range(20))
    assert queue.qsize() == 0


def test_queues_do_not_mix(connection: Any, tmp_path: Path) -> None:
    connection.SimpleQueue(tmp_path.name).put({"for": "cpu"})
    with pytest.raises(Empty):
        connection.SimpleQueue(f"{tmp_path.name}-gpu").get(timeout=0.3)


def test_a_damaged_letter_is_thrown_away(connection: Any, tmp_path: Path) -> None:
    queue = connection.SimpleQueue(tmp_path.name)
    (tmp_path / "letters" / f"0000_damaged.{tmp_path.name}.msg").write_text("{half")
    queue.put({"whole": True})
    assert queue.get(timeout=5).payload == {"whole": True}
    assert not list((tmp_path / "letters").glob("*damaged*"))


def test_a_half_written_letter_is_not_seen(connection: Any, tmp_path: Path) -> None:
    (tmp_path / "letters" / f".1_draft.{tmp_path.name}.msg").write_text(json.dumps({"half": True}))
    with pytest.raises(Empty):
        connection.SimpleQueue(tmp_path.name).get(timeout=0.3)
