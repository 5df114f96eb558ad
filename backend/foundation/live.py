"""One listening connection per web process, fanned out to everyone who watches a project."""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

from backend.foundation.events import CHANNEL

logger = logging.getLogger(__name__)

# A browser that is this many events behind has gone to sleep; it reconnects and asks for everything anew.
BACKLOG = 500
RETRY_S = 1.0

Event = tuple[str, dict[str, Any]]
# None ends the stream: events may have been missed, the reader should come back and look for itself.
Mailbox = asyncio.Queue[Event | None]


class Hub:
    """Belongs to one event loop. Listens as long as somebody watches."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[Mailbox]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @contextlib.asynccontextmanager
    async def watch(self, project: str) -> AsyncIterator[Mailbox]:
        """A mailbox into which every event of the project falls from now on."""
        mailbox: Mailbox = asyncio.Queue(BACKLOG)
        self._watchers[project].add(mailbox)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen(), name="live events")
        try:
            await self._ready.wait()
            yield mailbox
        finally:
            self._leave(project, mailbox)

    def _leave(self, project: str, mailbox: Mailbox) -> None:
        self._watchers[project].discard(mailbox)
        if not self._watchers[project]:
            del self._watchers[project]
        if not self._watchers and self._listening is not None:
            self._listening.cancel()
            self._listening = None
            self._ready.clear()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._ready.set()
                    async for notice in connection.notifies():
                        self._deliver(notice.payload)
            except psycopg.OperationalError as error:
                logger.warning("Live events: the database went away (%s); trying again.", error)
                self._ready.clear()
                self._end_all()
                await asyncio.sleep(RETRY_S)

    def _deliver(self, payload: str) -> None:
        told = json.loads(payload)
        for mailbox in self._watchers.get(told["data"]["project"], ()):
            _drop_into(mailbox, (told["event"], told["data"]))

    def _end_all(self) -> None:
        for mailboxes in self._watchers.values():
            for mailbox in mailboxes:
                _drop_into(mailbox, None)


def _drop_into(mailbox: Mailbox, event: Event | None) -> None:
    if mailbox.full():
        while not mailbox.empty():
            mailbox.get_nowait()
        event = None
    mailbox.put_nowait(event)


def _parameters() -> dict[str, Any]:
    """How to reach the database, as psycopg wants it: Django's own, less what is about cursors and pools."""
    told = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {name: value for name, value in told["OPTIONS"].items() if name != "pool"}
    return {**options, **{name: told[key] for name, key in names.items() if told[key]}}


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
