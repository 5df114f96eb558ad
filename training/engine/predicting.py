"""Using a net on whole frames: normalise, read, decode, judge; and writing what was found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from training.contract.files import RunFolder, write_json
from training.contract.results import CellEntry, CellList
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import look_at, normalise
from training.engine.decoding.planes import in_planes
from training.engine.decoding.tiles import Reader
from training.engine.errors import RunRefused, UnreadableImage
from training.engine.process import Run

CHUNK_PX = 512


@dataclass(frozen=True)
class FoundCells:
    """What a model finds in one frame: labels uint32 (y, x) with ids 1 … n, or (p, y, x) where cells may
    overlap, quality (n,), classes (n,) or None, boxes (n, 4) as y0, x0, y1, x1 or None.
    """

    labels: npt.NDArray[np.uint32]
    quality: npt.NDArray[np.float64]
    classes: npt.NDArray[np.int64] | None = None
    boxes: npt.NDArray[np.float32] | None = None


FindCells = Callable[[npt.NDArray[np.float32]], FoundCells]
"""Maps float32 (k, y, x) of a frame → the cells in it."""
FindInFrame = Callable[[npt.NDArray[Any]], FoundCells]
"""A raw frame (c, y, x) → the cells in it."""
PredictImage = Callable[[LabelledImage], int]
"""Writes what is found in an image, its list of cells last, and says how many cells there are."""


def read_maps(reader: Reader, frame: npt.NDArray[Any], channels: int) -> npt.NDArray[np.float32]:
    """Maps float32 (k, y, x) of a raw frame (c, y, x), normalised as a whole. Raises ChannelMismatch."""
    return reader.read(normalise(frame, look_at(frame), channels))


def predict_images(run: Run, reader: Reader, channels: int, find: FindCells) -> dict[str, Any]:
    """`predict_frames` for a net that says maps, which `find` decodes."""
    return predict_frames(run, lambda frame: find(read_maps(reader, frame, channels)))


def predict_frames(run: Run, find: FindInFrame) -> dict[str, Any]:
    """`predict_each` of cells that are found frame by frame."""
    return predict_each(run, lambda image: _predict_image(run, image, find))


def predict_each(run: Run, predict_image: PredictImage) -> dict[str, Any]:
    """Predicts every image of the run and writes its output; returns a summary.

    An image whose cells are listed is done, so a run that was killed goes on with the next. An image that
    cannot be read, or has other channels, is left out and named in the summary. Raises RunRefused when none
    could be done.
    """
    refused: list[dict[str, str]] = []
    cells = 0
    for number, line in enumerate(run.manifest):
        fraction = number / len(run.manifest)
        run.report.status(f"Predicting {line.name} ({number + 1} of {len(run.manifest)}).", fraction=fraction)
        if run.folder.output_cells(line.image_id).exists():
            continue
        try:
            cells += predict_image(LabelledImage(run.folder, line))
        except RunRefused as error:
            refused.append({"image_id": line.image_id, "error": str(error)})
    if len(refused) == len(run.manifest):
        raise UnreadableImage(refused[0]["error"] if refused else "There are no images to predict.")
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return {"images": len(run.manifest) - len(refused), "cells": cells, "refused": refused}


def _predict_image(run: Run, image: LabelledImage, find: FindInFrame) -> int:
    image_id = image.line.image_id
    output = create_output(run.folder, image)
    entries: list[CellEntry] = []
    for t, z in image.frames:
        run.raise_if_asked_to_stop()
        found = find(image.read(t, z))
        # Without tracking no cell is known again in another frame, so each frame's ids follow the last
        # frame's.
        shifted = np.where(found.labels > 0, found.labels + len(entries), 0).astype(np.uint32)
        planes = in_planes(shifted)
        if len(planes) > output.shape[0]:
            output.resize((len(planes), *output.shape[1:]))
        output[: len(planes), t, z] = planes
        entries += entries_of(found, len(entries))
    write_json(run.folder.output_cells(image_id), CellList(cells=entries).to_json())
    return len(entries)


def create_output(folder: RunFolder, image: LabelledImage) -> zarr.Array[Any]:
    """The array uint32 (p, t, z, y, x) in which an image's labels are written, one plane at first."""
    t, _, z, y, x = image.pixels.shape
    folder.outputs.mkdir(exist_ok=True)
    return zarr.create_array(
        store=folder.output_labels(image.line.image_id),
        shape=(1, t, z, y, x),
        chunks=(1, 1, 1, min(CHUNK_PX, y), min(CHUNK_PX, x)),
        dtype="uint32",
        dimension_names=("p", "t", "z", "y", "x"),
        overwrite=True,
    )


def entries_of(found: FoundCells, before: int) -> list[CellEntry]:
    """What the list of cells says of them, with ids that follow `before`."""
    classes = [None] * len(found.quality) if found.classes is None else [int(k) for k in found.classes]
    boxes: list[tuple[float, ...] | None] = [None] * len(found.quality)
    if found.boxes is not None:
        boxes = [tuple(box) for box in np.round(found.boxes.astype(float), 1).tolist()]
    return [
        CellEntry(
            cell=before + place + 1,
            class_index=classes[place],
            quality=round(float(quality), 4),
            box=boxes[place],
        )
        for place, quality in enumerate(found.quality)
    ]
