"""How the web server runs what Django answers: each request in one thread, from its first line to its last.

Every view and every middleware here is plain code. Django's own handler takes such code from the event loop
to a thread and back for each middleware; with many people at once that cost more than what they asked for.
Here a request waits in line for one of some threads, is answered there, and only what streams goes on in the
loop.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

# More at once only take turns at the interpreter; a few may wait for the database, a disk or the engine.
THREADS = 16


class Handler(ASGIHandler):
    """Django's handler, with the whole of a request in one thread."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, "request")

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain of plain code, whatever serves it."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self._threads, self._answer, scope, body)
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    def _answer(self, scope: Mapping[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """In a thread: the whole request. What is complete gives back its connection to the database here."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal if request is None else self.get_response(request)
        assert response is not None
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Until the end, or until nobody listens any more."""
        async with ThreadSensitiveContext():
            gone = asyncio.create_task(self.listen_for_disconnect(receive))
            sent = asyncio.create_task(self.send_response(response, send))
            try:
                await asyncio.wait((gone, sent), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (gone, sent):
                    task.cancel()
                ends = await asyncio.gather(gone, sent, return_exceptions=True)
                await sync_to_async(response.close)()
        if isinstance(ends[1], Exception):
            raise ends[1]
