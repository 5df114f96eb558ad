"""Explaining what a classifier told of cells: of all in a run folder, or of one that somebody clicked.

The action writes `outputs/ID.maps.npz` for each image: cells int64 (n,), told int64 (n,), signed and coarse
float16 (n, s, s); and a picture of some. The engine process that stays answers two operations more:

    measure + array (c, y, x)      → low, high, inverted of a whole frame, all channels
    explain + array (c + 1, y, x)  → what is told of the cell in the last plane, and why: three PNG files one
                                     after the other (crop, signed map, coarse map), `parts` says how long
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from training.contract import socket_words
from training.contract.fields import JsonObject
from training.contract.files import write_atomically
from training.engine import calibrating, classifying, explaining, map_pictures, pictures, trained
from training.engine.data.cell_places import CellPlace, ReadFrame, Sight, places
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import Look, look_at
from training.engine.devices import choose_device
from training.engine.nets.backbones import Classifier
from training.engine.process import Run
from training.engine.reading_cells import CellReader
from training.engine.remembering_cells import read_features

RECIPE = "classify"
MOST_CELLS = 64
SHOWN_CELLS = 8
KEPT_MODELS = 4
Message = tuple[JsonObject, bytes]


def explain_images(run: Run) -> dict[str, Any]:
    """Maps of at most 64 cells an image. Raises WrongModel, UnreadableImage, RunCancelled, RunStopped."""
    reader, _ = classifying.open_model(run, RECIPE)
    cells = 0
    for number, line in enumerate(run.manifest):
        run.raise_if_asked_to_stop()
        run.report.status(f"Explaining the cells of {line.name}.", fraction=number / len(run.manifest))
        cells += _explain_image(run, LabelledImage(run.folder, line), reader)
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return {"images": len(run.manifest), "cells": cells}


def _explain_image(run: Run, image: LabelledImage, reader: CellReader) -> int:
    ids: list[int] = []
    cuts = []
    for t, z in image.frames:
        frame = ReadFrame.of(image, t, z)
        for place in places(frame.labels)[: MOST_CELLS - len(ids)]:
            ids.append(place.cell)
            cuts.append(frame.cut(place, reader.sight, reader.net.channels))
    if not cuts:
        return 0
    windows = np.stack(cuts)
    told = reader.read(windows).argmax(1).astype(np.int64)
    maps = explaining.explain(reader.net, windows, told, mask=reader.mask, device=reader.device)
    _write_maps(run, image.line.image_id, np.array(ids, np.int64), told, maps)
    shown = [
        map_pictures.over(pictures.show(window[:-1].astype(np.float32)), map_pictures.signed(one))
        for window, one in zip(windows[:SHOWN_CELLS], maps.signed[:SHOWN_CELLS], strict=True)
    ]
    caption = f"What speaks for (orange) and against (blue) the class of cells in {image.line.name}"
    run.report.picture(
        f"explained-{image.line.image_id}.png", pictures.grid(shown, SHOWN_CELLS), caption=caption, step=0
    )
    return len(ids)


def _write_maps(run: Run, image_id: str, ids: Any, told: Any, maps: explaining.Maps) -> None:
    path = run.folder.output_maps(image_id)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".part.npz")
    signed, coarse = maps.signed.astype(np.float16), maps.coarse.astype(np.float16)
    np.savez_compressed(temporary, cells=ids, told=told, signed=signed, coarse=coarse)
    write_atomically(path, temporary.read_bytes())
    temporary.unlink()


class Explainer:
    """Answers about single cells; keeps the models that were asked last."""

    def __init__(self, *, threads: int = 0) -> None:
        self.threads = threads
        self._models: OrderedDict[str, tuple[CellReader, float, list[str]]] = OrderedDict()
        self.operations: dict[str, Callable[[JsonObject, bytes], Message]] = {
            "measure": self.measure,
            "explain": self.explain,
        }

    def measure(self, words: JsonObject, payload: bytes) -> Message:
        """The range of a whole frame (c, y, x)."""
        look = look_at(socket_words.unpack(words, payload))
        return {"low": look.low, "high": look.high, "inverted": look.inverted}, b""

    def explain(self, words: JsonObject, payload: bytes) -> Message:
        """Class, probabilities, features and maps of one cell.

        Words: `model`, a folder; `box`, the cell's, in px of the array; `look`, of the whole frame; `of`, the
        class to be explained from 0, else the one that is told. Raises WrongModel, ChannelMismatch.
        """
        reader, temperature, names = self._open(str(words["model"]))
        array, look = socket_words.unpack(words, payload), words["look"]
        seen = Look(tuple(look["low"]), tuple(look["high"]), bool(look["inverted"]))
        frame = ReadFrame(array[:-1], (array[-1:] > 0).astype(np.uint32), seen)
        window = frame.cut(
            CellPlace(1, *(int(end) for end in words["box"])), reader.sight, reader.net.channels
        )
        windows = np.asarray(window)[None]
        features, _ = read_features(reader, windows)
        shares = calibrating.probabilities(reader.read(windows), temperature)[0]
        of = int(shares.argmax()) if words.get("of") is None else int(words["of"])
        maps = explaining.explain(
            reader.net, windows, np.array([of], np.int64), mask=reader.mask, device=reader.device
        )
        files = [
            map_pictures.png(pictures.show(window[:-1].astype(np.float32))),
            map_pictures.png(map_pictures.signed(maps.signed[0])),
            map_pictures.png(map_pictures.coarse(maps.coarse[0])),
        ]
        told = {
            "classes": names,
            "probabilities": [round(float(share), 4) for share in shares],
            "of": of,
            "features": [float(part) for part in features[0]],
            "parts": [len(file) for file in files],
        }
        return told, b"".join(files)

    def _open(self, folder: str) -> tuple[CellReader, float, list[str]]:
        if folder not in self._models:
            net, card = trained.load_as(Path(folder), recipe=RECIPE, build=Classifier.build)
            settings = card.settings
            sight = Sight(
                int(settings["crop_px"]), float(settings["surroundings"]), card.decoding["field_px"]
            )
            device = choose_device(max(1, self.threads or 2))
            flips = bool(settings["flips"])
            reader = CellReader(device.place_net(net), sight, str(settings["mask"]), device, flips)
            self._models[folder] = (reader, float(card.decoding["temperature"]), list(settings["classes"]))
        self._models.move_to_end(folder)
        while len(self._models) > KEPT_MODELS:
            self._models.popitem(last=False)
        return self._models[folder]
