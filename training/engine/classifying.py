"""Using a trained classifier on the cells of images, and writing what it tells."""

import shutil
from pathlib import Path
from typing import Any

import zarr

from training.contract.files import write_json
from training.contract.results import CellEntry, CellList
from training.engine import calibrating, trained
from training.engine.data.cell_places import Sight
from training.engine.data.images import LabelledImage
from training.engine.errors import RunRefused, UnreadableImage
from training.engine.nets.backbones import Classifier
from training.engine.process import Run
from training.engine.reading_cells import CellReader

CHUNK_PX = 512


def open_model(run: Run, recipe: str) -> tuple[CellReader, float]:
    """The trained model of the run, ready to be asked, and its temperature. Raises WrongModel."""
    net, card = trained.load_as(Path(str(run.spec.model_dir)), recipe=recipe, build=Classifier.build)
    settings, field = card.settings, card.decoding["field_px"]
    whole = bool(card.decoding.get("whole_images"))
    surroundings = 1.0 if whole else float(settings["surroundings"])
    sight = Sight(int(settings["crop_px"]), surroundings, field)
    net = run.device.place_net(net)
    reader = CellReader(
        net, sight, str(settings["mask"]), run.device, bool(run.spec.settings["flips"]), whole
    )
    return reader, float(card.decoding["temperature"])


def predict_images(run: Run, recipe: str) -> dict[str, Any]:
    """Writes class and probability of every cell that is there, and its labels as they came in.

    An image without cells, or one that cannot be read, is left out and named in the summary. Raises
    WrongModel, UnreadableImage when no image could be done, RunCancelled, RunStopped.
    """
    reader, temperature = open_model(run, recipe)
    refused: list[dict[str, str]] = []
    cells = 0
    for number, line in enumerate(run.manifest):
        told = f"Classifying the cells of {line.name} ({number + 1} of {len(run.manifest)})."
        run.report.status(told, fraction=number / len(run.manifest))
        run.raise_if_asked_to_stop()
        if run.folder.output_cells(line.image_id).exists():
            continue
        try:
            cells += predict_image(run, LabelledImage(run.folder, line), reader, temperature)
        except RunRefused as error:
            refused.append({"image_id": line.image_id, "error": str(error)})
    if len(refused) == len(run.manifest):
        raise UnreadableImage(refused[0]["error"] if refused else "There are no images to predict.")
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return {"images": len(run.manifest) - len(refused), "cells": cells, "refused": refused}


def predict_image(run: Run, image: LabelledImage, reader: CellReader, temperature: float) -> int:
    """Writes one image's output, labels first: an image whose cells are listed is done."""
    line = image.line
    if line.labels is None and not reader.whole:
        raise UnreadableImage(
            f"{line.name} has no outlined cells, and only outlined cells are classified; outline them, or "
            "predict outlines first."
        )
    read = reader.read_image(image)
    shares = calibrating.probabilities(read.logits, temperature)
    entries = [
        CellEntry(
            cell=int(cell),
            class_index=int(share.argmax()) + 1,
            quality=round(float(share.max()), 4),
            probabilities=tuple(round(float(part), 4) for part in share),
        )
        for cell, share in zip(read.cells, shares, strict=True)
    ]
    run.folder.outputs.mkdir(exist_ok=True)
    if reader.whole:
        write_whole(run, image)
    else:
        labels = run.folder.path / str(line.labels)
        shutil.copytree(labels, run.folder.output_labels(line.image_id), dirs_exist_ok=True)
    write_json(run.folder.output_cells(line.image_id), CellList(cells=entries).to_json())
    return len(entries)


def write_whole(run: Run, image: LabelledImage) -> None:
    """Labels in which one cell, number 1, fills every frame: uint32 (1, t, z, y, x)."""
    t, _, z, height, width = image.pixels.shape
    chunks = (1, 1, 1, min(height, CHUNK_PX), min(width, CHUNK_PX))
    shutil.rmtree(run.folder.output_labels(image.line.image_id), ignore_errors=True)
    zarr.create_array(
        store=run.folder.output_labels(image.line.image_id),
        shape=(1, t, z, height, width),
        chunks=chunks,
        dtype="uint32",
        fill_value=1,
        zarr_format=3,
    )
