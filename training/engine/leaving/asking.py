"""A trained model answers one picture that comes as a file: the recipe's own prediction, on a run folder of
its own that is gone afterwards.

Nothing is decided here a second time: what is answered is what a job would have written. The engine process
that stays and the server of a model that has left both ask here.
"""

import importlib
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
import zarr

from annotation.core.formats import label_tiff, sources
from annotation.core.formats.base import ImageSource, RefusedFile, stack_of
from training.contract import reading
from training.contract.errors import InvalidSettings
from training.contract.fields import JsonObject
from training.contract.files import RunFolder, read_cells, read_model_card
from training.contract.manifest import ManifestLine, Split
from training.contract.recipes import Makes, recipe_named
from training.contract.results import ModelCard
from training.contract.specs import Action, RunSpec
from training.engine.devices import Device
from training.engine.errors import UnreadableImage
from training.engine.process import Run
from training.engine.reporting import Reporter

MOST_PX = 32_000_000
"""Pixels of all planes of one channel; larger pictures are work for a job."""
TIFF, JSON = "image/tiff", "application/json"
ASKED = "asked"
_LARGEST_16_BIT = 65_535


@dataclass(frozen=True)
class Answer:
    """A file: its content type, a name for it, its bytes. `reading`: how the picture was read, `channels` by
    their names where not all were, `zoom` and `cell_px` where they are known."""

    content_type: str
    name: str
    body: bytes
    reading: Mapping[str, Any] = field(default_factory=dict)


def answer(
    model: Path,
    device: Device,
    picture: bytes,
    cells: bytes | None = None,
    *,
    as_json: bool = False,
    asked: Mapping[str, Any] | None = None,
    learned: Sequence[str] = (),
) -> Answer:
    """What the model in the folder `model` makes of a PNG, TIFF, JPEG or NPY.

    `cells` are labels of the same size, for models that tell the class of outlined cells. Labels come as
    TIFF, classes as JSON, predicted channels as OME-TIFF; `as_json` asks for the list of cells instead of
    labels. `asked` says how to read, as `contract.reading` has it: channels, cell_px; by itself the model
    reads as in a job, knowing channels by words for what it has `learned` from. Raises RunRefused with a
    sentence.
    """
    card = read_model_card(model)
    reads_cells = recipe_named(card.recipe).reads_cells and not card.decoding.get("whole_images")
    if cells is None and reads_cells:
        raise UnreadableImage(
            "This model tells the class of cells that are outlined: send their labels too, as “labels”, an "
            "image of the same size with a number for each cell."
        )
    with tempfile.TemporaryDirectory(prefix="cytoloop-asked-") as temporary:
        folder = RunFolder(Path(temporary))
        image = _open(folder.path / "picture", picture, "The picture", reads_stacks=reads_stacks(card))
        channels, cell_px = read_as(card, image.channel_names, asked or {}, learned)
        line = replace(_lay_out(folder.path, image, cells), channels=channels)
        folder.write_manifest([line])
        spec = RunSpec(
            action=Action.PREDICT,
            recipe=card.recipe,
            settings=card.settings,
            threads=device.workers,
            model_dir=str(model),
            cell_px=cell_px,
        )
        recipe = importlib.import_module(f"training.engine.recipes.{card.recipe}")
        recipe.ACTIONS[Action.PREDICT](Run(folder, spec, [line], device, Reporter(folder)))
        names = {} if channels is None else {"channels": [image.channel_names[place] for place in channels]}
        return _pack(folder, card, names, as_json=as_json)


def read_as(
    card: ModelCard, names: Sequence[str], asked: Mapping[str, Any], learned: Sequence[str]
) -> tuple[tuple[int, ...] | None, float | str | None]:
    """(places of the channels that the model is shown, None for all; how large cells are taken for, None for
    as large as learned). Raises UnreadableImage where it is asked to read as it cannot."""
    sees = {
        reading.CHANNELS: reading.sees_channels(card.recipe, card.channels),
        reading.CELL_PX: reading.sees_sizes(
            card.recipe, volumes=reads_stacks(card), learned_px=card.object_size_px
        ),
    }
    try:
        wanted = reading.check(asked)
        unseen = next((word for word in wanted if not sees[word]), None)
        if unseen is not None:
            raise InvalidSettings(f"this model cannot be told “{unseen}”; leave it out.")
        words = wanted.get(reading.CHANNELS)
        shown = (
            reading.places(names, words, known=card.channels, learned=learned)
            if sees[reading.CHANNELS]
            else None
        )
    except InvalidSettings as error:
        raise UnreadableImage(f"How to read the picture: {error}") from None
    size = wanted.get(reading.CELL_PX, reading.DEFAULT_CELL_PX) if sees[reading.CELL_PX] else reading.LEARNED
    return shown, None if size == reading.LEARNED else size


def _lay_out(place: Path, image: ImageSource, cells: bytes | None) -> ManifestLine:
    """Writes the picture and its labels as files of a run. Raises UnreadableImage."""
    pixels = _read(image)
    refuse_too_large(pixels.shape)
    _write_pixels(place / "picture.zarr", pixels, image.channel_names)
    return ManifestLine(
        image_id=ASKED,
        name="The picture",
        image=str(place / "picture.zarr"),
        labels=None if cells is None else _write_labels(place, cells, pixels.shape),
        split=Split.PREDICT,
    )


def refuse_too_large(shape: tuple[int, ...]) -> None:
    """shape: t, c, z, y, x. Raises UnreadableImage."""
    t, _, z, y, x = shape
    if t * z * y * x > MOST_PX:
        raise UnreadableImage(
            f"The picture has {t * z * y * x / 1e6:.0f} megapixels; at most {MOST_PX / 1e6:.0f} are answered "
            "at once. Predict larger pictures as a job."
        )


def reads_stacks(card: ModelCard) -> bool:
    """Whether an axis that a picture does not name is z for this model, and not time."""
    return bool(card.net.get("z_steps") or card.settings.get("z_stack"))


def _open(path: Path, content: bytes, what: str, *, reads_stacks: bool = False) -> ImageSource:
    path.write_bytes(content)
    try:
        opened = sources.open_image(path, stated_axes="Z" if reads_stacks else None)
        refuse_too_large(opened.shape_tczyx)
    except RefusedFile as error:
        raise UnreadableImage(f"{what} cannot be read: {error.reason}.") from None
    return opened


def _read(image: ImageSource) -> npt.NDArray[Any]:
    """Pixels (t, c, z, y, x)."""
    pixels = np.empty(image.shape_tczyx, np.uint8 if image.dtype.kind == "b" else image.dtype)
    try:
        for t, c, z in np.ndindex(image.shape_tczyx[:3]):
            pixels[t, c, z] = image.read_plane(t, c, z)
    except RefusedFile as error:
        raise UnreadableImage(f"The picture cannot be read: {error.reason}.") from None
    return pixels.astype(np.float32) if pixels.dtype == np.float16 else pixels


def _write_pixels(path: Path, pixels: npt.NDArray[Any], names: tuple[str, ...]) -> None:
    group = zarr.open_group(path, mode="w")
    chunks = (1, 1, 1, min(1024, pixels.shape[3]), min(1024, pixels.shape[4]))
    array = group.create_array("0", shape=pixels.shape, chunks=chunks, dtype=pixels.dtype, compressors=None)
    array[:] = pixels
    group.attrs["ome"] = {
        "version": "0.5",
        "multiscales": [{"datasets": [{"path": "0"}]}],
        "omero": {"channels": [{"label": name} for name in names]},
    }


def _write_labels(place: Path, cells: bytes, shape: tuple[int, ...]) -> str:
    """Labels as the run's own; answers their path in the run. Raises UnreadableImage."""
    said = _read(_open(place / "cells", cells, "“labels”"))
    if said.dtype.kind not in "ui" or said.shape[1] != 1:
        raise UnreadableImage("“labels” must be whole numbers in one channel: 0 is no cell, 1 … the cells.")
    if said.shape[2:] != shape[2:] or said.shape[0] != shape[0]:
        raise UnreadableImage(
            f"“labels” are {said.shape[3]} × {said.shape[4]} px, but the picture is {shape[3]} × {shape[4]} "
            "px; both must be of one size."
        )
    array = zarr.create_array(
        place / "labels" / f"{ASKED}.zarr",
        shape=(1, shape[0], *shape[2:]),
        chunks=(1, 1, 1, min(512, shape[3]), min(512, shape[4])),
        dtype="uint32",
    )
    array[0] = said[:, 0].astype(np.uint32)
    return f"labels/{ASKED}.zarr"


def _pack(folder: RunFolder, card: ModelCard, names: Mapping[str, Any], *, as_json: bool) -> Answer:
    makes = recipe_named(card.recipe).makes
    if makes is Makes.IMAGES:
        return _channels(folder)
    read = {**names, **read_cells(folder.output_cells(ASKED)).reading}
    if as_json or makes is Makes.CLASSES:
        told = {**list_cells(folder, card), "reading": read}
        return Answer(JSON, "cells.json", json.dumps(told, ensure_ascii=False).encode(), read)
    return replace(_labels(folder), reading=read)


def list_cells(folder: RunFolder, card: ModelCard) -> JsonObject:
    """Every cell with its number in the labels, and what the model says of it."""
    names = list(card.settings.get("classes") or [])
    rows = []
    for cell in read_cells(folder.output_cells(ASKED)).cells:
        row: JsonObject = {"cell": cell.cell, "quality": cell.quality}
        if cell.class_index is not None:
            known = cell.class_index <= len(names)
            row["class"] = names[cell.class_index - 1] if known else str(cell.class_index)
        if cell.probabilities:
            row["probabilities"] = dict(zip(names, cell.probabilities, strict=True))
        if cell.box is not None:
            row["box"] = list(cell.box)
        rows.append(row)
    return {"recipe": card.recipe, "classes": names, "cells": rows}


def _labels(folder: RunFolder) -> Answer:
    planes = np.asarray(zarr.open_array(folder.output_labels(ASKED), mode="r")[:])
    path = folder.path / "labels.tif"
    if planes.shape[:3] == (1, 1, 1):
        kind = np.uint16 if planes.max(initial=0) <= _LARGEST_16_BIT else np.uint32
        tifffile.imwrite(path, planes[0, 0, 0].astype(kind), compression="zlib")
    else:
        label_tiff.write(path, stack_of(planes))
    return Answer(TIFF, "labels.tif", path.read_bytes())


def _channels(folder: RunFolder) -> Answer:
    array = zarr.open_array(folder.output_image(ASKED), mode="r")
    names = [str(each["name"]) for each in array.attrs["channels"]]  # type: ignore[union-attr, index, call-overload]
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.asarray(array[:]),
        ome=True,
        photometric="minisblack",
        metadata={"axes": "TCZYX", "Channel": {"Name": names}},
    )
    return Answer(TIFF, "channels.ome.tif", file.getvalue())
