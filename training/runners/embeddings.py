"""Embeddings of frames: made once by the engine process, kept in storage, shared by everybody; and masks by a
team's larger model.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from backend.foundation import storage
from backend.foundation.errors import Conflict
from training.contract import socket_words
from training.contract.fields import JsonObject
from training.contract.prompting import PromptModel
from training.runners import resident
from training.selectors import prompting as selectors
from training.selectors.prompting import FramePlace, NoSuchFrame

WHOLE_SIDES = 2
"""Frames of more than so many sides of the larger model are shown to it in part, around the clicks."""


class NoLargerModel(Conflict):
    """Nobody has installed a larger model."""


def tile(*, place: FramePlace, ty: int, tx: int, zoom: int = 1) -> bytes:
    """Bytes (features, y, x) of one tile; made if nobody did before. Two who ask at once have it made once.

    Raises NoSuchFrame, NoEngine, EngineRefused.
    """
    model = selectors.shipped_model()
    height, width = (zoom * side for side in place.size)
    if not (0 <= ty < -(-height // model.tile_px) and 0 <= tx < -(-width // model.tile_px)):
        raise NoSuchFrame("The picture has no such part.")
    key = f"{place.folder(model.digest)}/x{zoom}/{ty}-{tx}.bin"
    if storage.exists(key):
        return storage.get(key)
    with _alone(key):
        if not storage.exists(key):
            storage.put(key, _make(place, model, ty, tx, zoom))
    return storage.get(key)


def look(*, place: FramePlace, model: PromptModel) -> JsonObject:
    """The frame's range, measured once."""
    key = f"{place.folder(model.digest)}/look.json"
    if not storage.exists(key):
        words, payload = socket_words.pack(selectors.read_coarse(place=place))
        told, _ = resident.ask("look", payload=payload, **words)
        known = {name: told[name] for name in ("low", "high", "inverted")}
        storage.put(key, json.dumps(known).encode())
    found: JsonObject = json.loads(storage.get(key))
    return found


def _make(place: FramePlace, model: PromptModel, ty: int, tx: int, zoom: int) -> bytes:
    height, width = place.size
    # The engine enlarges; what is read is as large as the picture lies in storage.
    edge, margin = model.tile_px // zoom, model.margin_px // zoom
    rows = slice(max(0, ty * edge - margin), min(height, (ty + 1) * edge + margin))
    columns = slice(max(0, tx * edge - margin), min(width, (tx + 1) * edge + margin))
    words, payload = socket_words.pack(selectors.read_region(place=place, rows=rows, columns=columns))
    facts = {
        "look": look(place=place, model=model),
        "size": [height, width],
        "ty": ty,
        "tx": tx,
        "zoom": zoom,
    }
    _, made = resident.ask("embed", payload=payload, **words, **facts)
    return made


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Across all web servers, one at a time makes what belongs under this key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_EMBEDDING, _number(key)])
        yield


_EMBEDDING = 0x656D6264


def _number(key: str) -> int:
    """32 signed bits of a key; that two keys share them only makes one wait."""
    return zlib.crc32(key.encode()) - 2**31


# ---------------------------------------------------------------- a larger model


def larger_model() -> JsonObject | None:
    """The contract of the larger model that the engine process answers with; None without one, or without
    it.
    """
    try:
        told, _ = resident.ask("describe")
    except (resident.NoEngine, resident.EngineRefused):
        return None
    larger: JsonObject | None = told["larger"]
    return larger


def segment(
    *, place: FramePlace, clicks: Sequence[Mapping[str, Any]], box: Mapping[str, float] | None
) -> JsonObject:
    """Runs and quality of a mask by the larger model. Raises NoLargerModel, NoEngine, EngineRefused."""
    larger = larger_model()
    if larger is None:
        resident.ask("describe")
        raise NoLargerModel("No larger model is installed on this server; the page's own model answers.")
    part = _part(place, clicks, box, int(larger["side_px"]))
    words = {
        "frame": f"{place.folder(str(larger['digest']))} {part.top} {part.left} {part.level}",
        "clicks": [[*part.inside(click["y"], click["x"]), int(click["sign"])] for click in clicks],
        "box": None if box is None else part.inside(box["y0"], box["x0"]) + part.inside(box["y1"], box["x1"]),
        "enlarge": part.scale,
    }
    told, _ = resident.ask("prompt", **words)
    if told.get("need") == "pixels":
        sent, payload = socket_words.pack(part.read())
        told, _ = resident.ask("prompt", payload=payload, **words, **sent)
    return {"runs": part.placed(told["runs"]), "quality": told["quality"]}


class _Part:
    """What of a frame is shown to the larger model: all of it at some level, or a square around the
    clicks.
    """

    def __init__(self, place: FramePlace, *, top: int, left: int, side: int, level: int) -> None:
        self.place, self.top, self.left, self.side, self.level = place, top, left, side, level
        self.scale = 2**level

    def inside(self, y: float, x: float) -> list[float]:
        """A place of the picture in px of this part."""
        return [(y - self.top) / self.scale, (x - self.left) / self.scale]

    def read(self) -> Any:
        """Pixels (c, y, x)."""
        if self.level > 0:
            whole = slice(None)
            return selectors.read_region(place=self.place, rows=whole, columns=whole, level=self.level)
        rows, columns = slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)
        return selectors.read_region(place=self.place, rows=rows, columns=columns)

    def placed(self, runs: Sequence[int]) -> list[int]:
        """Runs of the part as runs of the picture, cut to it."""
        height, width = self.place.size
        result: list[int] = []
        for y, x, length in zip(runs[0::3], runs[1::3], runs[2::3], strict=True):
            row, begin = y + self.top, x + self.left
            end = min(begin + length, width)
            if row < height and begin < end:
                result += [row, begin, end - begin]
        return result


def _part(
    place: FramePlace, clicks: Sequence[Mapping[str, Any]], box: Mapping[str, float] | None, side: int
) -> _Part:
    height, width = place.size
    if max(height, width) <= WHOLE_SIDES * side:
        level = selectors.level_of(image=place.image, most_px=side * side)
        return _Part(place, top=0, left=0, side=max(height, width), level=level)
    ys = [click["y"] for click in clicks] + ([box["y0"], box["y1"]] if box else [])
    xs = [click["x"] for click in clicks] + ([box["x0"], box["x1"]] if box else [])
    # Corners on a coarse grid, so that the next click near by meets an embedding that is there.
    top, left = (
        int(
            min(
                max(0, round(((min(at) + max(at)) / 2 - side / 2) / (side // 4)) * (side // 4)),
                max(0, size - side),
            )
        )
        for at, size in ((ys, height), (xs, width))
    )
    return _Part(place, top=top, left=left, side=side, level=0)
