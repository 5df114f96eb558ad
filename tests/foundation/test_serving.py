"""How requests are run: each in one thread, streams in the loop until nobody listens."""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from backend.cli.up import MOST_WEBS, web_processes
from backend.foundation.errors import Invalid
from backend.foundation.serving import THREADS, Handler

ended = threading.Event()
together = threading.Barrier(3, timeout=5)


def say(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"thread": threading.current_thread().name, "said": request.body.decode()})


def meet(_request: HttpRequest) -> HttpResponse:
    """Answers only when three ask at once."""
    together.wait()
    return HttpResponse(b"here")


def drip(_request: HttpRequest) -> StreamingHttpResponse:
    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"drop\n"
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    return StreamingHttpResponse(endless(), content_type="text/plain")


def break_down(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Not foreseen.")


urlpatterns = [path("say", say), path("meet", meet), path("drip", drip), path("break", break_down)]
handler500 = "backend.doors.pages.own_fault"

Sent = list[dict[str, Any]]


async def ask(handler: Handler, address: str, body: bytes = b"", leave_after: int = 0) -> Sent:
    """What is sent for a request; with `leave_after` the caller hangs up after so many pieces."""
    scope = {
        "type": "http", "method": "POST", "path": address, "raw_path": address.encode(), "query_string": b"",
        "headers": [(b"host", b"localhost")], "server": ("localhost", 80), "scheme": "http", "root_path": "",
    }  # fmt: skip
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told.put_nowait({"type": "http.request", "body": body, "more_body": False})
    sent: Sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == leave_after:
            told.put_nowait({"type": "http.disconnect"})

    await asyncio.wait_for(handler(scope, told.get, send), 5)
    return sent


@pytest.fixture
def handler() -> Iterator[Handler]:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=["backend.foundation.middleware.RequestId"]):
        yield Handler()


@pytest.mark.asyncio
async def test_a_request_is_answered_in_one_thread_of_ours(handler: Handler) -> None:
    sent = await ask(handler, "/say", b"good morning")
    told = json.loads(sent[1]["body"])
    assert (sent[0]["status"], told["said"]) == (200, "good morning")
    assert told["thread"].startswith("request")
    assert b"X-Request-Id" in dict(sent[0]["headers"])


@pytest.mark.asyncio
async def test_requests_that_wait_for_each_other_are_run_together(handler: Handler) -> None:
    assert together.parties <= THREADS
    answers = await asyncio.gather(*(ask(handler, "/meet") for _ in range(together.parties)))
    assert [one[1]["body"] for one in answers] == [b"here"] * together.parties


@pytest.mark.asyncio
async def test_a_stream_ends_when_nobody_listens(handler: Handler) -> None:
    ended.clear()
    sent = await ask(handler, "/drip", leave_after=4)
    assert sent[1]["body"] == b"drop\n"
    assert ended.wait(2)


@pytest.mark.asyncio
async def test_what_nobody_foresaw_is_an_answer_too(handler: Handler) -> None:
    sent = await ask(handler, "/break")
    assert sent[0]["status"] == 500
    assert json.loads(sent[1]["body"])["code"] == "server_error"


def test_K10_web_servers_by_cores_or_as_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for cores in (1, 2, 4, 64):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        found.append(web_processes(None))
    assert found == [1, 1, 2, MOST_WEBS]
    assert web_processes(3) == 3
    with pytest.raises(Invalid, match="from 1 to"):
        web_processes(0)
