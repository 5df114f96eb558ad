"""Our own recipes in the comparison: by run folder, as the product starts them, with the same pictures.

The pictures come in as a person brings them, through the project's readers and as OME-Zarr.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from annotation.core.formats import ome_zarr, sources
from benchmarks.peers.exchange import limited
from benchmarks.peers.sets import REPOSITORY, Picture, PictureSet
from training.contract.files import RunFolder, read_model_card
from training.contract.manifest import ManifestLine, Split
from training.contract.specs import Action, RunSpec

# The name of an engine, its recipe, and what differs from the recipe's defaults.
RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "ours": ("instances", {}),
    "ours-flows": ("instances", {"target": "flows"}),
    "ours-stars": ("instances", {"target": "stars"}),
    "ours-embedding": ("instances", {"target": "embedding"}),
    "unet": ("semantic", {}),
}
GIVEN = {
    "instances": "recipe instances, default settings, from scratch; thresholds chosen by validation images",
    "semantic": "plain twin: the same U-Net learns foreground alone, cells are its connected pieces",
}


def learn_and_predict(
    engine: str, pictures: PictureSet, work: Path, *, seed: int, budget_s: float, threads: int
) -> tuple[dict[str, Any], Iterator[npt.NDArray[Any]]]:
    """What was spent and given, and labels (p, y, x) of the held-out pictures, one after the other.

    Raises subprocess.CalledProcessError with the engine's words in the folder's log.txt.
    """
    recipe, settings = RECIPES[engine]
    learning, using = RunFolder(work / "learning"), RunFolder(work / "predicting")
    bring(learning, pictures.train, Split.TRAIN, pictures.validation)
    spec = RunSpec(
        action=Action.TRAIN,
        recipe=recipe,
        settings=settings,
        seed=seed,
        cpu_minutes=budget_s / 60,
        threads=threads,
    )
    learned_s = start(learning, spec)
    bring(using, pictures.held_out, Split.PREDICT)
    used_s = start(
        using,
        RunSpec(action=Action.PREDICT, recipe=recipe, model_dir=str(learning.model), threads=threads),
    )
    spent = read_model_card(learning.model).training
    facts = {
        "steps": int(spent["steps"]), "train_cpu_s": float(spent["cpu_s"]), "predict_cpu_s": used_s,
        "whole_cpu_s": learned_s + used_s, "given": GIVEN[recipe],
    }  # fmt: skip
    return facts, found_in(using, pictures.held_out)


def model_of(work: Path) -> Path:
    """Where the model of a run lies."""
    return RunFolder(work / "learning").model


def bring(
    folder: RunFolder, pictures: list[Picture], split: Split, validation: list[Picture] | None = None
) -> None:
    """Writes images, labels where they are needed, and the manifest."""
    (folder.path / "images").mkdir(parents=True)
    members = [(one, split) for one in pictures] + [(one, Split.VALIDATION) for one in validation or []]
    folder.write_manifest([_line(folder, picture, part) for picture, part in members])


def _line(folder: RunFolder, picture: Picture, split: Split) -> ManifestLine:
    image = folder.path / "images" / f"{picture.name}.ome.zarr"
    ome_zarr.write(str(image), sources.open_image(picture.path))
    labels = None
    if split is not Split.PREDICT:
        labels = f"labels/{picture.name}.zarr"
        truth = picture.truth()[None, None, None].astype(np.uint32)
        stored = zarr.create_array(
            folder.path / labels, shape=truth.shape, chunks=(1, 1, 1, 512, 512), dtype="uint32"
        )
        stored[:] = truth
    return ManifestLine(
        image_id=picture.name, name=picture.name, image=str(image), labels=labels, split=split
    )


def start(folder: RunFolder, spec: RunSpec) -> float:
    """Runs the recipe to its end; answers its CPU-seconds. Raises subprocess.CalledProcessError."""
    folder.write_spec(spec)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder.path / "log.txt").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", f"training.engine.recipes.{spec.recipe}", str(folder.path)],
            cwd=REPOSITORY, env={**os.environ, **limited(spec.threads)}, stdout=log, stderr=log, check=True,
        )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def found_in(folder: RunFolder, pictures: list[Picture]) -> Iterator[npt.NDArray[Any]]:
    """Labels (p, y, x), picture by picture."""
    for picture in pictures:
        stored = zarr.open_array(folder.output_labels(picture.name), mode="r")
        yield np.asarray(stored[:, 0, 0])
