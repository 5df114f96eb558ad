"""`cytoloop predict`: a trained model on a folder of images; one output per input, same stem."""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile

from annotation.core.formats import label_tiff
from annotation.core.formats.base import LabelStack
from annotation.core.formats.folder import LABEL_FOLDER, ImportItem, plan_import
from annotation.core.formats.plans import CHANNELS
from annotation.models import Dataset, Image
from annotation.selectors import stacks
from annotation.services import ingestion
from backend.cli import (
    boxes,
    cells_beside,
    channels_out,
    following,
    ingest,
    map_out,
    output,
    saying,
    workplace,
)
from backend.cli import jobs as waiting
from backend.cli.train import find_model
from backend.foundation.errors import CytoloopError, NotFound
from training.contract import reading
from training.contract.recipes import Makes, recipe_named
from training.models import Job, Prediction, TrainedModel
from training.models.jobs import Kind
from training.selectors import reading as readings
from training.selectors.orders import Order
from training.services import jobs, orders, predictions

LARGEST_16_BIT = 65_535
Row = tuple[str | int | float, ...]
"""image, cell, class, and what the model gives each class."""


class NoImages(NotFound):
    """The folder holds no image that can be read."""


class OutputMissing(CytoloopError):
    """The job ended well, but an image has no prediction."""


class Input(NamedTuple):
    """A file, and its output's path below the output folder; `channels`: the item of an image whose channels
    are files of their own, `path` being the first of them."""

    path: Path
    output: Path
    channels: ImportItem | None = None

    @property
    def parts(self) -> tuple[Path, ...]:
        """All files of the image."""
        return self.channels.image if self.channels else (self.path,)


def run(arguments: argparse.Namespace) -> int:
    """Ingest, predict, wait, write."""
    inputs, unread = look(arguments.images, arguments.axes)
    place = workplace.enter(arguments.project)
    model = find_model(place, arguments.model)
    output.prepare(arguments.out)
    axes = arguments.axes or ("Z" if orders.reads_volumes(model) else None)
    if orders.needs_cells(model):
        images = cells_beside.bring_in(place, model.name, arguments.images, inputs, axes)
    else:
        name = f"Predictions: {model.name}" + (f", axes {axes}" if axes else "")
        dataset = workplace.find_or_make_dataset(place, name, "Images given to “cytoloop predict”.")
        images = bring_in(place, dataset, inputs, axes)
    ingest.remark_axes(images.values())
    chosen = list({image.pk: image for image in images.values()}.values())
    linker = following.linker_of(place, arguments.track)
    order = Order(
        kind=Kind.PREDICT,
        recipe=model.recipe,
        trained_model=model,
        images=chosen,
        name=model.name,
        settings=reading_of(model, arguments),
        link=linker.link,
        link_model=linker.link_model,
    )
    with workplace.answered() as worker, saying.bar("Predicting") as tell:
        job = jobs.start(project=place.project, order=order, by=place.owner)
        waiting.wait(job=job, worker=worker, tell=tell)
    refused = [*unread, *(item.path for item in inputs if item not in images)]
    makes = recipe_named(model.recipe).makes
    if makes is Makes.IMAGES:
        return channels_out.tell(job=job, model=model, images=images, refused=refused, arguments=arguments)
    if makes is Makes.VECTORS:
        mapped = {item.output.with_suffix("").as_posix(): image for item, image in images.items()}
        return map_out.tell(job=job, model=model, images=mapped, refused=refused, arguments=arguments)
    written = write_outputs(job=job, images=images, out=arguments.out)
    named = {item.output.parent / item.path.name: image for item, image in images.items()}
    named_out = {item.output: image for item, image in images.items()}
    following.write_where_found(job=job, images=named_out, out=arguments.out)
    boxes.write_where_found(job=job, images=named, out=arguments.out)
    read = read_as(job=job, images=images)
    facts = {
        "model": {"id": model.pk, "name": model.name, "version": model.version},
        "outputs": [{"input": str(item.path), "output": str(path), "cells": n} for item, path, n in written],
        "reading": {path: how for path, how in read.items() if how},
        "refused": [str(path) for path in refused],
    }
    cells = sum(count for _, _, count in written)
    counted = "1 image" if len(written) == 1 else f"{len(written)} images"
    told = readings.sentence(list(read.values()))
    sentence = f"{cells} cells on {counted}, written to {arguments.out}.{told}"
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 1 if refused else 0


def reading_of(model: TrainedModel, arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings of the order that say how the model reads."""
    asked: dict[str, Any] = {}
    if arguments.fast and "flips" in model.settings:
        asked["flips"] = False
    asked |= reading.of_words(arguments.channels or "", arguments.cell_px or "")
    return asked


def find_inputs(folder: Path, axes: str | None = None) -> list[Input]:
    """Every image below the folder (or the single file); labels that lie beside them are no inputs."""
    return look(folder, axes)[0]


def look(folder: Path, axes: str | None = None) -> tuple[list[Input], list[Path]]:
    """The inputs, and the image files that cannot be read, which are told."""
    if not folder.exists():
        raise NoImages(f"There is no folder or file {folder}.")
    plan = plan_import(folder.resolve(), stated_axes=axes)
    for refusal in plan.refusals:
        saying.remark(f"Refused: {refusal.path}: {refusal.reason}")
    root = folder.resolve() if folder.is_dir() else folder.resolve().parent
    joined = [item for item in plan.items if item.layout == CHANNELS]
    paths = sorted({path for item in plan.items if item.layout != CHANNELS for path in item.image})
    if not paths and not joined:
        raise NoImages(f"There is no image in {folder} that can be read.")
    inputs = [*name_outputs(root, paths), *(of_channels(item) for item in joined)]
    lonely = (".xml", ".json", ".csv")
    paths = [refusal.path for refusal in plan.refusals if refusal.path.suffix.lower() not in lonely]
    return inputs, [path for path in paths if not LABEL_FOLDER.match(path.parent.name)]


def of_channels(item: ImportItem) -> Input:
    """An image of several files is named after what its files have in common, or after their folder."""
    bare = replace(item, labels=None, table=None, image_class="")
    return Input(item.image[0], Path(item.name).with_name(Path(item.name).name + ".tif"), bare)


def name_outputs(root: Path, paths: Sequence[Path]) -> list[Input]:
    """`a.png` → `a.tif`; where two inputs have one stem, the ending stays: `a.png.tif`, `a.jpg.tif`."""
    plain = [path.relative_to(root).with_name(stem_of(path) + ".tif") for path in paths]
    full = [path.relative_to(root).with_name(path.name + ".tif") for path in paths]
    return [Input(path, full[i] if plain.count(plain[i]) > 1 else plain[i]) for i, path in enumerate(paths)]


def stem_of(path: Path) -> str:
    """`x.ome.tif` → `x`"""
    return path.stem.removesuffix(".ome")


def bring_in(
    place: workplace.Workplace, dataset: Dataset, inputs: Sequence[Input], axes: str | None = None
) -> dict[Input, Image]:
    """Each input's image in the dataset. The same picture given twice is one image with two outputs.

    Files are named one by one, so that none is taken for another's labels.
    """
    with saying.bar("Importing") as tell:
        report = ingestion.ingest(
            dataset=dataset,
            paths=[item.path for item in inputs if item.channels is None],
            items=[item.channels for item in inputs if item.channels is not None],
            by=place.owner,
            on_progress=tell,
            stated_axes=axes,
        )
    for refusal in report.refusals:
        saying.remark(f"Refused: {refusal.path}: {refusal.reason}")
    digests = {item: ingestion.content_digest(item.parts) for item in inputs}
    ready = Image.objects.ready().filter(dataset=dataset, content_sha256__in=digests.values())
    by_digest = {image.content_sha256: image for image in ready}
    return {item: by_digest[digest] for item, digest in digests.items() if digest in by_digest}


def write_outputs(*, job: Job, images: dict[Input, Image], out: Path) -> list[tuple[Input, Path, int]]:
    """(input, output, cells) for every input; raises `OutputMissing`. Where the model tells classes, they
    go to a table, with the probability of each where the model tells that too.
    """
    found = Prediction.objects.filter(job=job).select_related("revision")
    revisions = {prediction.image_id: prediction.revision for prediction in found}
    judged = {prediction.image_id: prediction for prediction in found}
    written: list[tuple[Input, Path, int]] = []
    classes: list[Row] = []
    names = job.trained_model.settings.get("classes") or [] if job.trained_model else []
    for item, image in images.items():
        if image.pk not in revisions:
            raise OutputMissing(f"{item.path} has no prediction, though the job ended well.")
        stack = stacks.of_revision(revision=revisions[image.pk]).stack
        path = out / item.output
        path.parent.mkdir(parents=True, exist_ok=True)
        write_labels(path, stack)
        written.append((item, path, len(stack.cells)))
        told = {
            entry.cell: entry.probabilities for entry in predictions.kept_cells(prediction=judged[image.pk])
        }
        name = item.output.with_suffix("").as_posix()
        classes += [(name, cell, kind, *told.get(cell, ())) for cell, kind in stack.classes.items()]
    if classes:
        write_classes(out / "classes.csv", classes, names if any(len(row) > 3 for row in classes) else ())
    return written


def read_as(*, job: Job, images: dict[Input, Image]) -> dict[str, readings.Reading]:
    """Input → how its image was read."""
    found = {row.image_id: row.reading for row in Prediction.objects.filter(job=job)}
    return {str(item.path): found.get(image.pk, {}) for item, image in images.items()}


def write_labels(path: Path, stack: LabelStack) -> None:
    """A single picture without overlaps as a plain (y, x) TIFF, everything else as a stack."""
    frames = list(stack.frames()) if stack.shape_tzyx[:2] == (1, 1) else []
    if len(frames) != 1 or len(frames[0][2]) != 1:
        label_tiff.write(path, stack)
        return
    labels = frames[0][2][0]
    kind = np.uint16 if labels.max(initial=0) <= LARGEST_16_BIT else np.uint32
    tifffile.imwrite(path, labels.astype(kind), compression="zlib")


def write_classes(path: Path, rows: Sequence[Row], names: Sequence[str] = ()) -> None:
    """One line a cell: image, cell, class, and the probability of each of the classes `names`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("image", "cell", "class", *names))
        table.writerows(rows)
