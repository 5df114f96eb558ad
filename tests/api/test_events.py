"""Live events: heard by those who may see the project, by nobody else, and only while they may."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from rest_framework.test import APIClient

from annotation.models import Project
from backend.accounts.models import Membership, User
from backend.doors.events import stream
from backend.foundation import events
from tests.cast import Cast
from tests.factories.annotation import make_project

ClientOf = Callable[[User | None], APIClient]
WAIT_S = 5.0


async def hear(source: Any) -> tuple[str, dict[str, Any]]:
    """The next event, heartbeats skipped."""
    while True:
        told = (await asyncio.wait_for(anext(source), WAIT_S)).decode()
        if told.startswith("event: "):
            name, data = told.strip().split("\n")
            return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def in_a_thread(work: Callable[..., None]) -> Callable[..., Awaitable[None]]:
    """Away from the event loop, on a database connection that is closed afterwards."""

    def run(*words: Any, **facts: Any) -> None:
        work(*words, **facts)
        connection.close()

    return sync_to_async(run)


publish_from_a_thread = in_a_thread(events.publish)


@pytest.fixture
def project(transactional_db: None, cast: Cast) -> Project:
    return make_project(cast.team)


@pytest.mark.django_db(transaction=True)
def test_a_member_hears_what_is_published(project: Project, cast: Cast) -> None:
    async def scene() -> tuple[str, dict[str, Any]]:
        source = stream(cast.vic.pk, project.pk)
        assert await anext(source) == b": welcome\n\n"
        await publish_from_a_thread("task.changed", project=project.pk, id=7)
        heard = await hear(source)
        await source.aclose()
        return heard

    expected = {"subject": "task", "project": str(project.pk), "id": 7}
    assert asyncio.run(scene()) == ("task.changed", expected)


@pytest.mark.django_db(transaction=True)
def test_other_projects_are_not_heard_and_rollbacks_neither(project: Project, cast: Cast) -> None:
    @in_a_thread
    def publish() -> None:
        events.publish("task.changed", project=uuid4(), id=1)
        with transaction.atomic():
            events.publish("task.changed", project=project.pk, id=2)
            transaction.set_rollback(True)
        events.publish("task.changed", project=project.pk, id=3)

    async def scene() -> int:
        source = stream(cast.vic.pk, project.pk)
        await anext(source)
        await publish()
        _, data = await hear(source)
        await source.aclose()
        return int(data["id"])

    assert asyncio.run(scene()) == 3


@pytest.mark.django_db(transaction=True)
def test_who_leaves_the_team_hears_no_more(project: Project, cast: Cast) -> None:
    async def scene() -> list[bytes]:
        source = stream(cast.vic.pk, project.pk, heartbeat_s=0.1)
        told = [await anext(source), await asyncio.wait_for(anext(source), WAIT_S)]
        await Membership.objects.filter(user=cast.vic).adelete()
        return told + [line async for line in source if b"event" in line]

    assert asyncio.run(scene()) == [b": welcome\n\n", b": still here\n\n"]


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_when_the_database_goes_away_and_a_new_one_begins(
    project: Project, cast: Cast
) -> None:
    @in_a_thread
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )

    async def scene() -> str:
        source = stream(cast.ana.pk, project.pk)
        await anext(source)
        await cut()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(source), WAIT_S)
        again = stream(cast.ana.pk, project.pk)
        assert await asyncio.wait_for(anext(again), WAIT_S) == b": welcome\n\n"
        await publish_from_a_thread("image.ready", project=project.pk, id=1)
        name, _ = await hear(again)
        await again.aclose()
        return name

    assert asyncio.run(scene()) == "image.ready"


def test_a_stranger_is_not_let_in(client_of: ClientOf, cast: Cast) -> None:
    address = f"/api/v1/events/?project={make_project(cast.team).pk}"
    assert client_of(cast.dan).get(address).status_code == 404
    assert client_of(None).get(address).status_code == 401
    assert client_of(cast.ben).get(address, headers={"accept": "text/event-stream"}).status_code == 200


@pytest.mark.parametrize("query", ["", "?project=", "?project=7"])
def test_it_refuses_without_a_project(client_of: ClientOf, ana: User, query: str) -> None:
    assert client_of(ana).get(f"/api/v1/events/{query}").status_code == 400


def test_it_refuses_an_event_that_is_too_large(db: None) -> None:
    with pytest.raises(ValueError, match="send ids"):
        events.publish("task.changed", project=uuid4(), text="x" * 9000)
