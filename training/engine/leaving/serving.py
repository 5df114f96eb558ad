"""Predicting in the engine process that stays: which model, which files, what came of it."""

import os
from pathlib import Path

from training.contract.fields import JsonObject
from training.engine.devices import choose_device
from training.engine.errors import RunRefused
from training.engine.leaving import asking

Message = tuple[JsonObject, bytes]


class Predictor:
    """Answers with any model whose folder it is told; the device is chosen once."""

    def __init__(self, *, threads: int) -> None:
        """`threads` 0: as many as there are cores."""
        self.device = choose_device(threads or len(os.sched_getaffinity(0)))

    def predict(self, words: JsonObject, payload: bytes) -> Message:
        """words: `model`, a folder; `picture` and `cells`, how many bytes of the payload they are; `json`;
        `asked` and `learned` as for `asking.answer`.
        What the model cannot do is told as `refused`, a sentence."""
        picture, cells = int(words["picture"]), int(words.get("cells", 0))
        try:
            made = asking.answer(
                Path(str(words["model"])),
                self.device,
                payload[:picture],
                payload[picture : picture + cells] if cells else None,
                as_json=bool(words.get("json")),
                asked=dict(words.get("asked") or {}),
                learned=list(words.get("learned") or []),
            )
        except RunRefused as error:
            return {"refused": str(error)}, b""
        told = {"content_type": made.content_type, "name": made.name, "reading": dict(made.reading)}
        return told, made.body
