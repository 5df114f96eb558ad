"""A client that costs next to nothing, so that on a machine with two cores the server is measured and not it.

HTTP/1.1 on one connection that is kept, bodies with a length, JSON.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """Status, body, and how long it took from the first byte sent to the last one read, ms."""

    status: int
    body: bytes
    spent_ms: float

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """One person's connection to `address`."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One request; the connection is opened again when the server has closed it meanwhile."""
        payload = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        began = time.perf_counter()
        try:
            status, content = await self._once(method, path, payload)
        except (ConnectionError, asyncio.IncompleteReadError):
            self._writer = None
            status, content = await self._once(method, path, payload)
        return Answer(status, content, (time.perf_counter() - began) * 1000)

    async def _once(self, method: str, path: str, payload: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            where = urlsplit(self.address)
            self._reader, self._writer = await asyncio.open_connection(where.hostname, where.port)
        assert self._reader is not None
        told = {"Host": "localhost", "Content-Length": str(len(payload)), **self.headers}
        if payload:
            told["Content-Type"] = "application/json"
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + payload)
        return await self._read(self._reader)

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        names = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = b""
        if names.get("transfer-encoding") == "chunked":
            while size := int((await reader.readline()).strip(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        elif length := int(names.get("content-length", 0)):
            body = await reader.readexactly(length)
        return int(head[0].split(" ")[1]), body

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
