"""Promoted models answer pictures: the engine process that stays is handed the model's folder and a file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from backend.foundation import storage
from backend.foundation.errors import Invalid
from training.contract.files import MODEL_CARD
from training.models import TrainedModel
from training.runners import resident
from training.selectors import leaving as selectors
from training.selectors import reading

SERVED = "served"
MOST_KEPT = 8
MOST_BYTES = 256 * 1024 * 1024


class PictureRefused(Invalid):
    """The model cannot read this picture; the message is the engine's sentence."""


@dataclass(frozen=True)
class Answered:
    """A file: its content type, a name for it, its bytes; `reading`: how the picture was read."""

    content_type: str
    name: str
    body: bytes
    reading: Mapping[str, Any]


def predict(
    *,
    trained_model: TrainedModel,
    picture: bytes,
    cells: bytes = b"",
    as_json: bool = False,
    asked: Mapping[str, Any] | None = None,
) -> Answered:
    """What the model makes of a picture; `asked` says how it is to read, as `contract.reading` has it.

    Raises NotPromoted, PictureRefused, NoEngine, EngineRefused.
    """
    selectors.require_live(trained_model=trained_model)
    told, body = resident.ask(
        "predict",
        payload=picture + cells,
        model=str(bring(trained_model=trained_model)),
        picture=len(picture),
        cells=len(cells),
        json=as_json,
        asked=dict(asked or {}),
        learned=reading.words_of(model=trained_model),
    )
    if "refused" in told:
        raise PictureRefused(str(told["refused"]))
    return Answered(str(told["content_type"]), str(told["name"]), body, dict(told["reading"]))


def bring(*, trained_model: TrainedModel) -> Path:
    """The model's folder on this machine, for the engine; of many models the last used stay."""
    kept = Path(settings.CYTOLOOP_HOME) / SERVED
    place = kept / str(trained_model.pk)
    if not (place / MODEL_CARD).exists():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept, prefix=".") as temporary:
            storage.download_prefix(trained_model.weights_key, Path(temporary) / "model")
            shutil.rmtree(place, ignore_errors=True)
            (Path(temporary) / "model").rename(place)
        _forget_old(kept)
    place.touch()
    return place


def _forget_old(kept: Path) -> None:
    there = sorted(
        (path for path in kept.iterdir() if not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
    )
    for path in there[:-MOST_KEPT]:
        shutil.rmtree(path, ignore_errors=True)
