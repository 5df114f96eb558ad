"""Asking the engine process that stays. Nothing of the engine is imported: it is reached over a local
socket.
"""

from __future__ import annotations

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
    try:
        told, sent = _talk({"op": operation, **words}, payload)
    except (OSError, ContractError) as error:
        raise NoEngine(
            "No engine process answers on this server; the page reads the picture itself."
        ) from error
    if not told.get("ok"):
        raise EngineRefused(str(told.get("error", "The engine process refused.")))
    return told, sent


def _talk(question: JsonObject, payload: bytes) -> tuple[JsonObject, bytes]:
    path = socket_path(Path(settings.CYTOLOOP_HOME))
    with socket_words.connect(path, timeout_s=TIMEOUT_S) as connection, connection.makefile("rwb") as stream:
        socket_words.send(stream, question, payload)
        answer = socket_words.receive(stream)
    if answer is None:
        raise socket_words.BrokenTalk("The engine process hung up.")
    return answer
