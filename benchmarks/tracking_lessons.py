"""What the linker that learns is trained on for the benchmark: simulated movies with appearance, and, where
asked, the first halves of the real movies; each laid out in a run folder."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from benchmarks.tracking_movies import REGIMES, TrackingMovie, c2c12, drosophila, film, part_of
from training.contract.files import RunFolder, write_json
from training.contract.manifest import ManifestLine, Split
from training.contract.results import CellEntry, CellList
from training.contract.specs import Action, RunSpec
from training.engine.recipes.learn_links import RECIPE

SEEDS, VALIDATION_SEEDS = range(500, 506), range(506, 508)
"""Never those that linkers are judged by."""
REGIMES_LEARNED = (*REGIMES, "crowd")


@dataclass(frozen=True, eq=False)
class Lesson:
    """A movie with its tracks: image (t, c, z, y, x), labels uint32 (t, z, y, x), mothers by daughter."""

    name: str
    image: NDArray[Any]
    labels: NDArray[np.uint32]
    mothers: dict[int, int]


def train(place: Path, cpu_minutes: float, *, real: bool) -> Path:
    """The folder of a model trained on simulated movies of all regimes, and on the `real` ones' first halves.
    Raises CalledProcessError."""
    folder = RunFolder(place)
    folder.write_spec(RunSpec(action=Action.TRAIN, recipe=RECIPE, cpu_minutes=cpu_minutes, threads=1, seed=1))
    parts = [(Split.TRAIN, seed) for seed in SEEDS] + [(Split.VALIDATION, s) for s in VALIDATION_SEEDS]
    lines = [_lay(folder, _simulated(name, seed), split) for split, seed in parts for name in REGIMES_LEARNED]
    if real:
        lines += [_lay(folder, _tracked(movie), Split.TRAIN) for movie in first_halves()]
    folder.write_manifest(lines)
    module = f"training.engine.recipes.{RECIPE}"
    subprocess.run([sys.executable, "-m", module, str(place)], check=True)
    return folder.model


def first_halves() -> list[TrackingMovie]:
    """What may be learned from of the real movies: of the fly, in which all divide at once, the left half;
    of the myoblasts the first five frames."""
    fly, muscle = drosophila(), c2c12()
    width, frames = fly.labels.shape[2], muscle.labels.shape[0]
    return [
        part_of(fly, columns=slice(0, width // 2), name="drosophila-left"),
        part_of(muscle, frames=slice(0, frames // 2), name="c2c12-first"),
    ]


def second_halves() -> list[TrackingMovie]:
    """The rest, by which a linker that has seen the first halves may be judged."""
    fly, muscle = drosophila(), c2c12()
    width, frames = fly.labels.shape[2], muscle.labels.shape[0]
    return [
        part_of(fly, columns=slice(width // 2, width), name="drosophila-right"),
        part_of(muscle, frames=slice(frames // 2, frames), name="c2c12-second"),
    ]


def _simulated(regime: str, seed: int) -> Lesson:
    made = film(regime, seed)
    return Lesson(f"{regime}-{seed}", made.image, made.labels, made.mothers)


def _tracked(movie: TrackingMovie) -> Lesson:
    """A movie whose cells have their own numbers again."""
    labels = np.zeros_like(movie.labels)
    for t, frame in enumerate(movie.labels):
        own = np.zeros(int(frame.max(initial=0)) + 1, np.uint32)
        for number in np.unique(frame[frame > 0]).tolist():
            own[number] = movie.truth[t, number]
        labels[t] = own[frame]
    return Lesson(movie.name, movie.pixels[:, None, None], labels[:, None], movie.mothers)


def _lay(folder: RunFolder, lesson: Lesson, split: Split) -> ManifestLine:
    """One movie as the engine reads it."""
    name = lesson.name
    image, labels = folder.path / "images" / f"{name}.ome.zarr", folder.labels / f"{name}.zarr"
    group = zarr.open_group(image, mode="w")
    chunk = (1, 1, 1, *lesson.labels.shape[-2:])
    pixels = group.create_array("0", shape=lesson.image.shape, chunks=chunk, dtype=lesson.image.dtype)
    pixels[:] = lesson.image
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}
    outlines = zarr.create_array(labels, shape=(1, *lesson.labels.shape), chunks=chunk, dtype="uint32")
    outlines[:] = lesson.labels[None]
    there = set(np.unique(lesson.labels).tolist())
    known = [(a, b) for a, b in lesson.mothers.items() if {a, b} <= there]
    write_json(
        folder.labels / f"{name}.json",
        CellList(cells=[CellEntry(cell=a, mother=b) for a, b in known]).to_json(),
    )
    return ManifestLine(image_id=name, name=name, image=str(image), labels=f"labels/{name}.zarr", split=split)
