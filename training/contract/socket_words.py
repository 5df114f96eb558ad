"""How an office and the resident engine process talk: one question, one answer, over a local stream socket.

A message is a line of JSON, `bytes` of which says how many raw bytes follow it. Arrays travel raw, C order,
with `shape` and `dtype` in the JSON.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.contract.errors import ContractError
from training.contract.fields import JsonObject

SOCKET_NAME = "engine.sock"
SOCKET_VARIABLE = "CYTOLOOP_ENGINE_SOCKET"
MODEL_VARIABLE = "CYTOLOOP_PROMPT_MODEL"
LARGER_FOLDER = "prompt-model"
"""In the data folder: where a team's larger model is installed."""
LONGEST_LINE_BYTES = 1 << 20
MOST_BYTES = 1 << 30
DTYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64")


class Stream(Protocol):
    """What messages are written to and read from."""

    def readline(self, size: int, /) -> bytes: ...
    def read(self, size: int, /) -> bytes: ...
    def write(self, data: bytes | memoryview, /) -> object: ...
    def flush(self) -> object: ...


class BrokenTalk(ContractError):
    """The other side ended in the middle, or said something that is no message."""


def send(stream: Stream, words: JsonObject, payload: bytes | memoryview = b"") -> None:
    """Writes one message."""
    stream.write(json.dumps({**words, "bytes": len(payload)}).encode() + b"\n")
    stream.write(payload)
    stream.flush()


def receive(stream: Stream) -> tuple[JsonObject, bytes] | None:
    """Reads one message; None when the other side has nothing more to say. Raises BrokenTalk."""
    line = stream.readline(LONGEST_LINE_BYTES)
    if not line:
        return None
    try:
        words = json.loads(line)
        size = int(words["bytes"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenTalk(f"Not a message of the engine: {error}") from None
    if not 0 <= size <= MOST_BYTES:
        raise BrokenTalk(f"A message of {size} bytes is too long.")
    payload = stream.read(size)
    if len(payload) != size:
        raise BrokenTalk("The engine's message ended in the middle.")
    return words, payload


def pack(array: npt.NDArray[Any]) -> tuple[JsonObject, bytes]:
    """Words and payload for an array."""
    return {"shape": list(array.shape), "dtype": array.dtype.name}, np.ascontiguousarray(array).tobytes()


def unpack(words: JsonObject, payload: bytes) -> npt.NDArray[Any]:
    """The array of a message. Raises BrokenTalk."""
    shape, dtype = words.get("shape"), words.get("dtype")
    if dtype not in DTYPES or not isinstance(shape, list):
        raise BrokenTalk("The message carries no array that this side knows.")
    array = np.frombuffer(payload, np.dtype(str(dtype)))
    if array.size != int(np.prod(shape)):
        raise BrokenTalk("The array of the message is not as large as it says.")
    return array.reshape(shape)


def connect(path: str, *, timeout_s: float) -> socket.socket:
    """A connection to the resident process; raises OSError when nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def listen(path: str) -> socket.socket:
    """A socket that only this user can reach; what an earlier process left there is replaced."""
    Path(path).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(path)
    finally:
        os.umask(before)
    listening.listen(64)
    return listening
