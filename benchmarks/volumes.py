"""Stacks learned as volumes, beside a plain 3D U-Net and StarDist in 3D: `make bench-volumes`.

The twin is the same trunk that tells foreground alone (the recipe `semantic`), with connected components
as cells; StarDist runs in an environment of its own. Everyone learns for equal processor time with one
thread and is scored over whole volumes. Ovules come as one volume to learn from and one to be judged by,
which is so noisy (a nucleus is brighter than its ground by a thirtieth of the noise) that nobody is expected
to find much; so the better one is also read in halves, each judged by a model of the other, and both pooled.
Of the embryo there is one volume, read in halves likewise.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
import zarr

from annotation.core import matching
from benchmarks import rows
from benchmarks.peers.environments import PEERS, Peer, python_of
from benchmarks.peers.exchange import Task, TaskFolder
from benchmarks.peers.runs import drive
from benchmarks.peers.sets import REPOSITORY, data_folder
from benchmarks.rows import Row
from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split

PLACE = REPOSITORY / "build" / "bench" / "volumes"
STARDIST = Peer("stardist", "benchmarks.peers.drive_stardist_volumes", PEERS["stardist"].requirements)
# The ovules are HDF5, which the project does not read; StarDist's environment does.
READER = (
    "import sys, h5py, numpy; f = h5py.File(sys.argv[1]); "
    "numpy.savez(sys.argv[2], raw=f['raw'][:], label=f['label'][:])"
)
VALIDATES = 3
RIVALS = {"unet": "plain 3D U-Net with connected components", "stardist": "StarDist in 3D"}
THRESHOLDS = (0.5, 0.75)

Pixels = npt.NDArray[Any]
Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Volume:
    """Pixels and labels (z, y, x) with the size of a voxel in µm."""

    pixels: Pixels
    labels: Labels
    spacing_um: tuple[float, float, float]

    def part(self, where: tuple[slice, ...]) -> "Volume":
        """A box of it."""
        return Volume(self.pixels[where], self.labels[where], self.spacing_um)


@dataclass(frozen=True)
class Lesson:
    """What is learned from and what is judged."""

    train: Volume
    held_out: Volume


def main() -> None:
    """Measures and writes build/bench/volumes.json."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sets", default=",".join(SETS), help=f"sets, of {', '.join(SETS)}")
    words.add_argument("--engines", default=",".join(ENGINES), help=f"engines, of {', '.join(ENGINES)}")
    words.add_argument("--cpu-minutes", type=float, default=10.0)
    words.add_argument("--seeds", type=int, default=1)
    asked = words.parse_args()
    found: list[Row] = []
    for name in asked.sets.split(","):
        try:
            found += measure(name, asked.engines.split(","), asked.cpu_minutes, asked.seeds)
        except (OSError, subprocess.CalledProcessError) as error:
            found.append(rows.missing(f"volumes.{name}.ap50", "pooled AP at 0.5 on val", "AP", str(error)))
    rows.write("volumes", found, keep_others=True)


def measure(name: str, engines: list[str], cpu_minutes: float, seeds: int) -> list[Row]:
    """Pooled AP and PQ of each engine, the mean over the seeds; ours against the best of the others."""
    lessons = SETS[name]()
    scores = {
        engine: [score(lessons, ENGINES[engine], seed, cpu_minutes) for seed in range(seeds)]
        for engine in engines
    }
    setup = f"{name}, {cpu_minutes:g} CPU-minutes each, {seeds} seed(s), one thread; {rows.machine()}"
    found = []
    for score_name in ("ap50", "ap75", "pq"):
        means = {engine: float(np.mean([one[score_name] for one in of])) for engine, of in scores.items()}
        told = "; ".join(f"{engine} {value:.3f}" for engine, value in means.items())
        ours = max((engine for engine in means if engine not in RIVALS), key=means.__getitem__)
        rival = max((engine for engine in means if engine in RIVALS), key=means.__getitem__, default=None)
        found.append(
            rows.row(
                f"volumes.{name}.{score_name}",
                f"{score_name} on {name}, cells matched over the volume, {ours}",
                means[ours],
                "",
                least=None if rival is None else means[rival],
                peer=None if rival is None else RIVALS[rival],
                peer_value=None if rival is None else means[rival],
                setup=f"{told}; {setup}",
            )
        )
    return found


def score(lessons: list[Lesson], learn: "Engine", seed: int, cpu_minutes: float) -> dict[str, float]:
    """AP at 0.5 and 0.75 and PQ, pooled over the judged volumes."""
    counts = []
    for number, lesson in enumerate(lessons):
        found = learn(lesson, PLACE / "work" / str(number), seed, cpu_minutes)
        counts.append(matching.count(lesson.held_out.labels[None], found[None], THRESHOLDS))
    told = matching.pool(counts)
    answer = {"ap50": told.ap[0.5], "ap75": told.ap[0.75], "pq": told.pq[0.5]}
    print(answer, flush=True)  # noqa: T201
    return answer


# ---------------------------------------------------------------- sets


def ovules() -> list[Lesson]:
    """Nuclei of two ovules. Raises OSError, subprocess.CalledProcessError."""
    root = data_folder() / "arabidopsis_ovule_3d" / "nuclei"
    train, held_out = (read_hdf5(root / name) for name in ("train/1135_mini.h5", "val/1137_mini.h5"))
    return [Lesson(train, held_out)]


def read_hdf5(path: Path) -> Volume:
    """One file of ovules."""
    PLACE.mkdir(parents=True, exist_ok=True)
    copy = PLACE / f"{path.stem}.npz"
    if not copy.exists():
        subprocess.run([str(python_of(STARDIST)), "-c", READER, str(path), str(copy)], check=True)
    with np.load(copy) as arrays:
        return Volume(arrays["raw"], arrays["label"].astype(np.uint32), (0.2837, 0.1268, 0.1268))


def ovule_halves() -> list[Lesson]:
    """The ovule that is less noisy, in two halves. Raises OSError, subprocess.CalledProcessError."""
    return halves(ovules()[0].train)


def embryo() -> list[Lesson]:
    """Eight nuclei of one embryo, in two halves. Raises OSError."""
    root = data_folder() / "mouse_embryo_3d"
    name = "8_cell_stage.tif"
    pixels, labels = (tifffile.imread(root / folder / name) for folder in ("image", "labels"))
    return halves(Volume(pixels, labels.astype(np.uint32), (1.75, 0.8, 0.8)))


def halves(whole: Volume) -> list[Lesson]:
    """Each half along x is judged by what was learned from the other."""
    middle = whole.pixels.shape[2] // 2
    left, right = (
        whole.part((slice(None), slice(None), half)) for half in (slice(middle), slice(middle, None))
    )
    return [Lesson(left, right), Lesson(right, left)]


SETS: dict[str, Callable[[], list[Lesson]]] = {
    "ovule_nuclei": ovules,
    "ovule_halves": ovule_halves,
    "mouse_embryo": embryo,
}


# ---------------------------------------------------------------- engines

Engine = Callable[[Lesson, Path, int, float], Labels]


def by_recipe(recipe: str, **settings: Any) -> Engine:
    """One of our recipes, by run folder."""

    def learn(lesson: Lesson, place: Path, seed: int, cpu_minutes: float) -> Labels:
        shutil.rmtree(place, ignore_errors=True)
        folder, asked = RunFolder(place / "learning"), RunFolder(place / "predicting")
        folder.write_manifest([write(folder, "train", Split.TRAIN, lesson.train)])
        spec = {
            "recipe": recipe, "settings": {"volumes": "volume", **settings}, "threads": 1, "seed": seed,
        }  # fmt: skip
        run(folder, {**spec, "action": "train", "cpu_minutes": cpu_minutes})
        asked.write_manifest([write(asked, "val", Split.PREDICT, lesson.held_out)])
        run(asked, {**spec, "action": "predict", "model_dir": str(folder.model)})
        array: Any = zarr.open_array(asked.output_labels("val"), mode="r")
        return np.asarray(array[0, 0], np.uint32)

    return learn


def by_stardist(lesson: Lesson, place: Path, seed: int, cpu_minutes: float) -> Labels:
    """StarDist in its environment; the last third of the training volume validates."""
    shutil.rmtree(place, ignore_errors=True)
    folder = TaskFolder(place)
    folder.write_task(Task(seed=seed, budget_s=60 * cpu_minutes, threads=1, colours=1))
    depth = len(lesson.train.pixels)
    cut = depth - depth // VALIDATES
    for part, where in (("train", slice(cut)), ("validation", slice(cut, None))):
        some = lesson.train.part((where,))
        folder.write_pictures(part, [(some.pixels, some.labels.astype(np.int32))])
    folder.write_pictures("held_out", [(lesson.held_out.pixels, None)])
    drive(STARDIST, folder, 1)
    return np.asarray(next(folder.found()), np.uint32)


ENGINES: dict[str, Engine] = {
    "distance": by_recipe("instances", target="distance"),
    "flows": by_recipe("instances", target="flows"),
    "embedding": by_recipe("instances", target="embedding"),
    "unet": by_recipe("semantic"),
    "stardist": by_stardist,
}


def run(folder: RunFolder, spec: dict[str, Any]) -> None:
    """One run of the engine in a process of its own."""
    folder.spec.write_text(json.dumps(spec), encoding="utf-8")
    module = f"training.engine.recipes.{spec['recipe']}"
    with (folder.path / "log.txt").open("ab") as log:
        words = [sys.executable, "-m", module, str(folder.path)]
        subprocess.run(words, cwd=REPOSITORY, stdout=log, stderr=log, check=True)


def write(folder: RunFolder, name: str, split: Split, volume: Volume) -> ManifestLine:
    """An image of one channel (z, y, x) with its voxel size, and its labels where they are to be learned."""
    path = folder.path / "images" / f"{name}.ome.zarr"
    group = zarr.open_group(path, mode="w")
    stored = group.create_array(
        "0", shape=(1, 1, *volume.pixels.shape), chunks=(1, 1, 1, 128, 128), dtype=volume.pixels.dtype
    )
    stored[:] = volume.pixels[None, None]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}]
    space = [{"name": n, "type": "space", "unit": "micrometer"} for n in "zyx"]
    scale = [{"type": "scale", "scale": [1.0, 1.0, *volume.spacing_um]}]
    level = {"path": "0", "coordinateTransformations": scale}
    ome: Any = {"version": "0.5", "multiscales": [{"axes": [*axes, *space], "datasets": [level]}]}
    group.attrs["ome"] = ome
    where = None
    if split is Split.TRAIN:
        where = f"labels/{name}.zarr"
        array = zarr.create_array(
            folder.path / where,
            shape=(1, 1, *volume.labels.shape),
            chunks=(1, 1, 1, 128, 128),
            dtype="uint32",
        )
        array[:] = volume.labels[None, None]
    return ManifestLine(image_id=name, name=name, image=str(path), labels=where, split=split)


if __name__ == "__main__":
    main()
