"""Why a classifier told what it told of a cell: asked of the engine process that stays, within a second."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.models import Image, Revision
from annotation.selectors import labels
from backend.foundation import storage
from backend.foundation.errors import Invalid, NotFound
from training.contract import socket_words
from training.contract.fields import JsonObject
from training.contract.files import MODEL_CARD
from training.contract.results import ModelCard
from training.models import TrainedModel
from training.runners import model_places, resident
from training.selectors import cell_memory
from training.selectors.prompting import FramePlace, read_coarse, read_region

RECIPE = "classify"
MOST_ALIKE = 8
LEAST_FIELD_PX = 16
Box = tuple[int, int, int, int]


class NotAClassifier(Invalid):
    """Only models of the recipe `classify` tell classes of cells and can say why."""


class NoSuchCell(NotFound):
    """The labels have no such cell in this frame."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is told of a cell, and why: PNG files of the crop and of the two maps, all of one size."""

    classes: list[str]
    probabilities: list[float]
    of: str
    crop: bytes
    signed: bytes
    coarse: bytes
    alike: list[cell_memory.RememberedCell]


def explain(
    *,
    trained_model: TrainedModel,
    image: Image,
    revision: Revision,
    t: int,
    z: int,
    cell: int,
    of: str | None = None,
) -> Explanation:
    """What speaks for the class that a model tells of a cell, or for the class `of`.

    Raises NotAClassifier, NoSuchFrame, NoSuchCell, NoEngine, EngineRefused.
    """
    _check(trained_model, of)
    place, mask, box = _cell(image, revision, t, z, cell)
    classes = list(trained_model.settings["classes"])
    told, files = _ask(trained_model, place, mask, box, None if of is None else classes.index(of))
    crop, signed, coarse = _parted(files, told["parts"])
    return Explanation(
        classes=list(told["classes"]),
        probabilities=list(told["probabilities"]),
        of=str(told["classes"][told["of"]]),
        crop=crop,
        signed=signed,
        coarse=coarse,
        alike=_alike(trained_model, told["features"]),
    )


def crop(
    *, trained_model: TrainedModel, image: Image, revision: Revision, t: int, z: int, cell: int
) -> bytes:
    """A PNG file of a cell as the model sees it. Raises as `explain`."""
    return explain(trained_model=trained_model, image=image, revision=revision, t=t, z=z, cell=cell).crop


def _check(model: TrainedModel, of: str | None) -> None:
    if model.recipe != RECIPE:
        raise NotAClassifier(f"{model} tells no classes of cells, so there is nothing to explain.")
    if of is not None and of not in model.settings["classes"]:
        raise NotAClassifier(f"of: {model} tells {', '.join(model.settings['classes'])}, not {of}.")


def _cell(
    image: Image, revision: Revision, t: int, z: int, cell: int
) -> tuple[FramePlace, NDArray[np.bool_], Box]:
    labels.check_frame(image=image, t=t, z=z)
    mask = (labels.read_planes(revision=revision, t=t, z=z) == cell).any(axis=0)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise NoSuchCell(f"The labels of {image.name} have no cell {cell} at t {t}, z {z}.")
    box = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return FramePlace(image, t, z, tuple(range(image.size_c))), mask, box


def _ask(
    model: TrainedModel, place: FramePlace, mask: NDArray[np.bool_], box: Box, of: int | None
) -> tuple[JsonObject, bytes]:
    """Sends the surroundings of a cell, wide enough for the model's crop, and the look of the frame."""
    words, payload = socket_words.pack(read_coarse(place=place))
    measured, _ = resident.ask("measure", payload=payload, **words)
    rows, columns = _around(box, _field_px(model, box), place.size)
    pixels = read_region(place=place, rows=rows, columns=columns)
    both = np.concatenate([pixels, mask[None, rows, columns].astype(pixels.dtype)])
    words, payload = socket_words.pack(both)
    return resident.ask(
        "explain",
        payload=payload,
        **words,
        model=str(model_places.folder_of(trained_model=model)),
        box=[box[0] - rows.start, box[1] - columns.start, box[2] - rows.start, box[3] - columns.start],
        look={name: measured[name] for name in ("low", "high", "inverted")},
        of=of,
    )


def _field_px(model: TrainedModel, box: Box) -> int:
    """Side in px of the square that the model sees of the frame."""
    key = f"{model.weights_key}/{MODEL_CARD}"
    card = ModelCard.from_json(json.loads(storage.get(key)))
    length = max(box[2] - box[0], box[3] - box[1])
    field = card.decoding.get("field_px") or length * float(card.settings["surroundings"])
    return max(LEAST_FIELD_PX, int(np.ceil(field)))


def _around(box: Box, side: int, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns that hold a square of this side around the middle of a box, cut to the frame."""
    y, x = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    reach = max(side // 2 + 2, (box[2] - box[0]) // 2 + 2, (box[3] - box[1]) // 2 + 2)
    rows = slice(max(0, y - reach), min(size[0], y + reach))
    return rows, slice(max(0, x - reach), min(size[1], x + reach))


def _alike(model: TrainedModel, features: list[float]) -> list[cell_memory.RememberedCell]:
    try:
        return cell_memory.most_alike(trained_model=model, features=np.array(features), most=MOST_ALIKE)
    except cell_memory.NothingRemembered:
        return []


def _parted(files: bytes, lengths: list[int]) -> tuple[bytes, bytes, bytes]:
    ends = np.cumsum([0, *lengths]).tolist()
    return files[: ends[1]], files[ends[1] : ends[2]], files[ends[2] : ends[3]]
