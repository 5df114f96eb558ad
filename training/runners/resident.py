"""Asking the engine process that stays. Nothing of the engine is imported: it is reached over a local
socket.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.conf import settings

from backend.foundation.errors import Unavailable
from training.contract import socket_words
from training.contract.errors import ContractError
from training.contract.fields import JsonObject
from training.runners.resident_place import socket_path

TIMEOUT_S = 120.0


class NoEngine(Unavailable):
    """No engine process answers on this machine."""


class EngineRefused(Unavailable):
    """The engine process is there and says why it cannot."""


def ask(operation: str, *, payload: bytes = b"", **words: Any) -> tuple[JsonObject, bytes]:
    """One question. Raises NoEngine when nobody answers, EngineRefused with the engine's own sentence."""
    question = {"op": operation, **words}
    try:
        answer = _talk(question, payload)
    except (OSError, ContractError):
        # It may have been started again since: the second try has a new connection.
        _leave()
        try:
            answer = _talk(question, payload)
        except (OSError, ContractError) as error:
            _leave()
            raise NoEngine(
                "No engine process answers on this server; the page reads the picture itself."
            ) from error
    told, sent = answer
    if not told.get("ok"):
        raise EngineRefused(str(told.get("error", "The engine process refused.")))
    return told, sent


_line = threading.local()


def _talk(question: JsonObject, payload: bytes) -> tuple[JsonObject, bytes]:
    stream = _stream()
    socket_words.send(stream, question, payload)
    answer = socket_words.receive(stream)
    if answer is None:
        raise socket_words.BrokenTalk("The engine process hung up.")
    return answer


def _stream() -> Any:
    """Each thread keeps its connection, as long as the socket is the same."""
    path = socket_path(Path(settings.CYTOLOOP_HOME))
    if getattr(_line, "path", None) != path:
        _leave()
        connection = socket_words.connect(path, timeout_s=TIMEOUT_S)
        _line.connection, _line.stream, _line.path = connection, connection.makefile("rwb"), path
    return _line.stream


def _leave() -> None:
    connection = getattr(_line, "connection", None)
    if connection is not None:
        connection.close()
    _line.connection = _line.stream = _line.path = None
