"""`cytoloop track`: links the given masks of movies and writes Cell Tracking Challenge results.

Needs no database: the engine works on a run folder that is gone afterwards.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from annotation.core.formats import ctc, ome_zarr
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.label_images import check_plane
from backend.cli import movies, output, saying
from backend.foundation.errors import CytoloopError, Invalid
from training.contract.files import RunFolder, read_model_card
from training.contract.linking import Lineage
from training.contract.manifest import ManifestLine, Split
from training.contract.recipes import complete_settings
from training.contract.specs import Action, RunSpec

RECIPE, LEARNED = "link", "learn_links"
"""Links by what is measured in the movie, and with a trained model."""
LOOK_S = 0.2


class NotTracked(CytoloopError):
    """The engine could not link the movies."""


def run(arguments: argparse.Namespace) -> int:
    """Pair movies with labels, link, write."""
    pairs = pair(arguments.images, arguments.labels, arguments.axes)
    settings = settings_of(arguments)
    output.prepare(arguments.out)
    with tempfile.TemporaryDirectory(prefix=".linking-", dir=arguments.out) as place:
        folder = RunFolder(Path(place))
        with saying.bar("Reading") as tell:
            lines = [
                _bring(folder, number, name, *pair, tell) for number, (name, pair) in enumerate(pairs.items())
            ]
        folder.write_spec(spec_of(arguments.model, settings))
        folder.write_manifest(lines)
        with saying.bar("Linking") as tell:
            summary = _work(folder, tell)
        refused = {row["image_id"]: row["error"] for row in summary["refused"]}
        for line in lines:
            if line.image_id in refused:
                saying.remark(f"Refused: {line.name}: {refused[line.image_id]}")
        written = [write(folder, line, arguments.out) for line in lines if line.image_id not in refused]
    facts = {"movies": written, "settings": settings, "refused": list(refused.values())}
    cells, divisions = (sum(row[word] for row in written) for word in ("cells", "divisions"))
    sentence = (
        f"{cells} cells on {len(written)} {'movie' if len(written) == 1 else 'movies'} with {divisions} "
        f"{'division' if divisions == 1 else 'divisions'}, by the linker "
        f"{settings['linker']}{' with the model' if arguments.model else ''}, written to {arguments.out}: "
        f"{', '.join(row['folder'] for row in written)}."
    )
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 1 if refused else 0


def spec_of(model: Path | None, settings: dict[str, Any]) -> RunSpec:
    """What the engine is asked to do."""
    recipe, folder = (RECIPE, None) if model is None else (LEARNED, str(model.resolve()))
    return RunSpec(action=Action.PREDICT, recipe=recipe, settings=settings, model_dir=folder)


def pair(images: Path, labels: Path, axes: str | None = None) -> dict[str, tuple[ImageSource, ImageSource]]:
    """{name: (movie, its labels)}; by name, or simply where there is one of each. Raises Invalid."""
    shown, outlined = movies.find_images(images, axes), movies.find_labels(labels, axes)
    if len(shown) == len(outlined) == 1:
        (name, movie), (_, label) = *shown.items(), *outlined.items()
        found = {name: (movie, label)}
    else:
        found = {name: (movie, outlined[name]) for name, movie in shown.items() if name in outlined}
        for name in sorted(shown.keys() - found.keys()):
            saying.remark(f"{name} has no labels of its name in {labels} and is left out.")
    if not found:
        raise Invalid(
            f"No movie of {images} ({', '.join(sorted(shown)[:3])} …) has labels of its name in {labels} "
            f"({', '.join(sorted(outlined)[:3])} …)."
        )
    for name, (movie, label) in found.items():
        _check_alike(name, movie, label)
    return found


def _check_alike(name: str, movie: ImageSource, label: ImageSource) -> None:
    ours, theirs = ([source.shape_tczyx[i] for i in (0, 2, 3, 4)] for source in (movie, label))
    if ours != theirs:
        raise Invalid(
            f"{name} has {ours} time points, slices, rows and columns, its labels {theirs}. They must be "
            "alike; say --axes TYX or TZYX if an axis was misunderstood."
        )


def settings_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe's settings, from the model, --linker and --setting. Raises Invalid."""
    given: dict[str, Any] = {**_trained_with(arguments.model), "linker": arguments.linker}
    for word in arguments.setting:
        key, _, value = word.partition("=")
        try:
            given[key] = json.loads(value)
        except json.JSONDecodeError:
            given[key] = value
    try:
        return complete_settings(RECIPE if arguments.model is None else LEARNED, given)
    except ValueError as error:
        raise Invalid(str(error)) from error


def _trained_with(model: Path | None) -> dict[str, Any]:
    """The settings of a trained linker. Raises Invalid where the folder holds none."""
    if model is None:
        return {}
    try:
        card = read_model_card(model)
    except ValueError as error:
        raise Invalid(f"{model} holds no trained model: {error}") from error
    if card.recipe != LEARNED:
        raise Invalid(f"{model} holds a model of the recipe {card.recipe}; one of {LEARNED} is needed.")
    return dict(card.settings)


def _bring(
    folder: RunFolder, number: int, name: str, movie: ImageSource, labels: ImageSource, tell: saying.Tell
) -> ManifestLine:
    """A movie and its labels as the engine reads them."""
    image = folder.path / "images" / f"{number}.ome.zarr"
    try:
        ome_zarr.write(str(image), movie, on_progress=lambda done, all_: tell(done / all_, name))
        where = f"labels/{number}.zarr"
        t, planes, z, y, x = labels.shape_tczyx
        array = zarr.create_array(
            store=folder.path / where, shape=(planes, t, z, y, x), chunks=(1, 1, 1, y, x), dtype="uint32"
        )
        for frame in range(t):
            for plane in range(planes):
                for depth in range(z):
                    content = labels.read_plane(frame, plane, depth)
                    check_plane(Path(name), content)
                    array[plane, frame, depth] = content.astype(np.uint32)
    except RefusedFile as refused:
        raise Invalid(f"The labels of {refused}") from refused
    return ManifestLine(image_id=str(number), name=name, image=str(image), labels=where, split=Split.PREDICT)


def _work(folder: RunFolder, tell: saying.Tell) -> Mapping[str, Any]:
    """Let the engine work; its summary. Raises NotTracked with its own words."""
    recipe = folder.read_spec().recipe
    engine = subprocess.Popen(
        [sys.executable, "-P", "-m", f"training.engine.recipes.{recipe}", str(folder.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while engine.poll() is None:
            time.sleep(LOOK_S)
            _tell_progress(folder, tell)
    finally:
        if engine.poll() is None:
            engine.terminate()
            engine.wait()
    result = folder.read_result()
    if result is None or not result.ok:
        raise NotTracked(result.error if result and result.error else "The engine ended without a word.")
    return result.summary


def _tell_progress(folder: RunFolder, tell: saying.Tell) -> None:
    if folder.progress.exists():
        lines = folder.progress.read_text(encoding="utf-8").rstrip().split("\n")
        told = json.loads(lines[-1]) if lines[-1].endswith("}") else {}
        if told.get("fraction") is not None:
            tell(told["fraction"], told.get("message", ""))


def write(folder: RunFolder, line: ManifestLine, out: Path) -> dict[str, Any]:
    """`NAME_RES` with masks and `res_track.txt`, and `NAME_links.csv` with how sure each link is."""
    lineage = Lineage.read(folder.output_lineage(line.image_id))
    labels = zarr.open_array(folder.output_labels(line.image_id), mode="r")
    _, t, z, y, x = labels.shape
    mothers = {cell.cell: cell.mother for cell in lineage.cells if cell.mother is not None}
    stack = LabelStack(
        name=line.name,
        shape_tzyx=(t, z, y, x),
        read=lambda frame, depth: np.asarray(labels[:, frame, depth], np.uint32),
        cells=[cell.cell for cell in lineage.cells],
        mothers=mothers,
    )
    name = re.sub(r"[^\w.-]+", "_", line.name)
    for note in ctc.write(out, stack, sequence=name, result=True):
        saying.remark(f"{line.name}: {note}")
    _write_links(out / f"{name}_links.csv", lineage)
    return {
        "name": line.name,
        "folder": f"{name}_RES",
        "cells": len(lineage.cells),
        "links": len(lineage.links),
        "divisions": len(set(mothers.values())),
        "measured": lineage.measured,
    }


def _write_links(path: Path, lineage: Lineage) -> None:
    links = lineage.links
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("t", "cell", "to_t", "to_cell", "confidence"))
        chances = [f"{chance:.4f}" for chance in links.confidence.tolist()]
        columns = (
            links.t.tolist(),
            links.cell.tolist(),
            links.to_t.tolist(),
            links.to_cell.tolist(),
            chances,
        )
        table.writerows(zip(*columns, strict=True))
