"""Stacks learned as volumes against a plain 3D U-Net twin at equal processor time: `make bench-volumes`.

The twin is the same trunk that tells foreground alone (the recipe `semantic`), with connected components as
cells. Ours learns distances. Both learn in processes of one thread, and are scored over the whole volume.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from annotation.core import matching
from benchmarks import rows
from benchmarks.rows import Row
from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
OVULE = DATA / "arabidopsis_ovule_3d" / "nuclei"
PLACE = Path(__file__).resolve().parent.parent / "build" / "bench" / "volumes"
READER = (
    "import sys, h5py, numpy; f = h5py.File(sys.argv[1]); "
    "numpy.savez(sys.argv[2], raw=f['raw'][:], label=f['label'][:])"
)
"""The data are HDF5, which the project does not read; a Python that does is named by CYTOLOOP_H5_PYTHON."""
SPACING_UM = (0.2837, 0.1268, 0.1268)

Labels = npt.NDArray[np.uint32]


def main() -> None:
    """Measures and writes build/bench/volumes.json."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cpu-minutes", type=float, default=10.0)
    words.add_argument("--seeds", type=int, default=1)
    asked = words.parse_args()
    try:
        found = measure(asked.cpu_minutes, asked.seeds)
    except (OSError, subprocess.CalledProcessError) as error:
        found = [rows.missing("volumes.ap50", "pooled AP at 0.5 on val", "AP", str(error))]
    rows.write("volumes", found, keep_others=True)


def measure(cpu_minutes: float, seeds: int) -> list[Row]:
    """Pooled AP and PQ of ours and of the twin, the mean over the seeds."""
    train, val = (read(OVULE / name) for name in ("train/1135_mini.h5", "val/1137_mini.h5"))
    ours, twin = [
        [score(learn(recipe, seed, cpu_minutes, train, val), val[1]) for seed in range(seeds)]
        for recipe in ("instances", "semantic")
    ]
    setup = f"arabidopsis_ovule_3d nuclei, {cpu_minutes:g} CPU-minutes each, {seeds} seeds, one thread"
    return [
        rows.row(
            f"volumes.{name}",
            f"{name} on val, cells matched over the volume",
            float(np.mean([one[name] for one in ours])),
            "",
            least=float(np.mean([one[name] for one in twin])),
            peer="plain 3D U-Net with connected components",
            peer_value=float(np.mean([one[name] for one in twin])),
            setup=setup,
        )
        for name in ("ap50", "ap75", "pq")
    ]


def read(path: Path) -> tuple[npt.NDArray[Any], Labels]:
    """Pixels and labels (z, y, x) of one file."""
    PLACE.mkdir(parents=True, exist_ok=True)
    copy = PLACE / f"{path.stem}.npz"
    if not copy.exists():
        python = os.environ.get("CYTOLOOP_H5_PYTHON", sys.executable)
        subprocess.run([python, "-c", READER, str(path), str(copy)], check=True)
    with np.load(copy) as arrays:
        return arrays["raw"], arrays["label"].astype(np.uint32)


def learn(
    recipe: str,
    seed: int,
    cpu_minutes: float,
    train: tuple[npt.NDArray[Any], Labels],
    val: tuple[npt.NDArray[Any], Labels],
) -> Labels:
    """Learns from one volume and predicts the other; labels (z, y, x)."""
    folder = RunFolder(PLACE / f"{recipe}-{seed}")
    subprocess.run(["rm", "-rf", str(folder.path)], check=True)
    lines = [write(folder, "train", Split.TRAIN, *train)]
    folder.write_manifest(lines)
    spec = {"recipe": recipe, "settings": {"volumes": "volume"}, "threads": 1, "seed": seed}
    run(folder, {**spec, "action": "train", "cpu_minutes": cpu_minutes})
    asked = RunFolder(PLACE / f"{recipe}-{seed}-predicted")
    subprocess.run(["rm", "-rf", str(asked.path)], check=True)
    asked.write_manifest([write(asked, "val", Split.PREDICT, val[0], None)])
    run(asked, {**spec, "action": "predict", "model_dir": str(folder.model)})
    array: Any = zarr.open_array(asked.output_labels("val"), mode="r")
    return np.asarray(array[0, 0], np.uint32)


def run(folder: RunFolder, spec: dict[str, Any]) -> None:
    """One run of the engine in a process of its own."""
    folder.spec.write_text(json.dumps(spec), encoding="utf-8")
    module = f"training.engine.recipes.{spec['recipe']}"
    subprocess.run(["nice", "-n", "10", sys.executable, "-m", module, str(folder.path)], check=True)


def write(
    folder: RunFolder, name: str, split: Split, pixels: npt.NDArray[Any], labels: Labels | None
) -> ManifestLine:
    """An image of one channel (z, y, x) with its voxel size, and its labels."""
    path = folder.path / "images" / f"{name}.ome.zarr"
    group = zarr.open_group(path, mode="w")
    stored = group.create_array(
        "0", shape=(1, 1, *pixels.shape), chunks=(1, 1, 1, 128, 128), dtype=pixels.dtype
    )
    stored[:] = pixels[None, None]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}]
    space = [{"name": n, "type": "space", "unit": "micrometer"} for n in "zyx"]
    scale = [{"type": "scale", "scale": [1.0, 1.0, *SPACING_UM]}]
    level = {"path": "0", "coordinateTransformations": scale}
    ome: Any = {"version": "0.5", "multiscales": [{"axes": [*axes, *space], "datasets": [level]}]}
    group.attrs["ome"] = ome
    if labels is not None:
        array = zarr.create_array(
            folder.path / "labels" / f"{name}.zarr", shape=(1, 1, *labels.shape), chunks=(1, 1, 1, 128, 128),
            dtype="uint32",
        )  # fmt: skip
        array[:] = labels[None, None]
    where = None if labels is None else f"labels/{name}.zarr"
    return ManifestLine(image_id=name, name=name, image=str(path), labels=where, split=split)


def score(predicted: Labels, truth: Labels) -> dict[str, float]:
    """AP at 0.5 and 0.75, PQ."""
    told = matching.pool([matching.count(truth[None], predicted[None], (0.5, 0.75))])
    return {"ap50": told.ap[0.5], "ap75": told.ap[0.75], "pq": told.pq[0.5]}


if __name__ == "__main__":
    main()
