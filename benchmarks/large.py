"""L18, a frame of 20,000 × 20,000 px: memory and time of the engine, and seams: `make bench-large`.

Simulated nuclei, written tile by tile; the model is learned here from a small simulated picture. Peak memory
is the largest of the engine's processes so far. On 4,000 × 4,000 px what is stitched is compared with what is
found in one piece.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
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

PLACE = Path(__file__).resolve().parent.parent / "build" / "bench" / "large"
TILE_PX = 1000
MOST_GIB, MOST_S_PER_MPX = 4.0, 0.10
QUICK: dict[str, Any] = {"flips": False, "width": "small"}
_ENGINE = """
import sys
from training.engine import predicting
from training.engine.process import run_recipe
from training.engine.recipes import instances
predicting.LARGE_PX = int(sys.argv[2])
sys.exit(run_recipe(instances.RECIPE, instances.ACTIONS, sys.argv[1:2]))
"""


def main() -> None:
    """Measures and writes build/bench/large.json."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--side", type=int, default=20_000)
    words.add_argument("--whole", type=int, default=4_000)
    words.add_argument("--cpu-minutes", type=float, default=2.0)
    asked = words.parse_args()
    model = learn(asked.cpu_minutes)
    rows.write("large", [*seams(model, asked.whole), *memory(model, asked.side)], keep_others=True)


def memory(model: Path, side: int) -> list[Row]:
    """Peak memory in GiB and seconds a megapixel of one frame of `side` px."""
    folder, cells, seconds, gib = predict(model, f"side-{side}", side, limit_px=1 << 23)
    del folder
    setup = f"{side} x {side} px, {cells} cells, {rows.machine()}"
    per_mpx = seconds / (side * side / 1e6)
    return [
        rows.row(
            "large.memory", "peak memory of the engine's process", gib, "GiB", most=MOST_GIB, setup=setup
        ),
        rows.row("large.time", "raw image to labels", per_mpx, "s/Mpx", most=MOST_S_PER_MPX, setup=setup),
    ]


def seams(model: Path, side: int) -> list[Row]:
    """Share of the cells of the whole that are found again in the stitched frame at an IoU of 0.9."""
    found = []
    for limit in (1 << 62, 1 << 20):
        folder, cells, _, _ = predict(model, f"whole-{side}-{limit}", side, limit_px=limit)
        array: Any = zarr.open_array(folder.output_labels("frame"), mode="r")
        found.append((np.asarray(array[0, 0, 0]), cells))
    (whole, count), (stitched, other) = found
    right = int(matching.count(whole[None], stitched[None], (0.9,)).tp[0])
    setup = f"{side} x {side} px, {count} cells in one piece, {other} stitched"
    return [
        rows.row(
            "large.seams",
            "cells that are the same stitched",
            right / max(count, 1),
            "",
            least=0.999,
            setup=setup,
        ),
        rows.row(
            "large.once",
            "cells more or fewer when stitched",
            abs(count - other),
            "cells",
            most=0,
            setup=setup,
        ),
    ]


def predict(model: Path, name: str, side: int, *, limit_px: int) -> tuple[RunFolder, int, float, float]:
    """Predicts a simulated frame; (run folder, cells, seconds, peak memory in GiB)."""
    folder = fresh(name)
    image = PLACE / f"frame-{side}.ome.zarr"
    if not image.exists():
        simulate(image, side)
    line = ManifestLine(image_id="frame", name="frame", image=str(image), labels=None, split=Split.PREDICT)
    folder.write_manifest([line])
    write_spec(folder, {"action": "predict", "model_dir": str(model)})
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", _ENGINE, str(folder.path), str(limit_px)], check=True)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    told = folder.read_result()
    return folder, int(told.summary["cells"]) if told else 0, seconds, peak


def learn(cpu_minutes: float) -> Path:
    """A model of a simulated picture."""
    folder = fresh("learned")
    image = folder.path / "lesson.ome.zarr"
    labels = simulate(image, 1000)
    stored = zarr.create_array(
        folder.path / "labels/lesson.zarr",
        shape=(1, 1, 1, *labels.shape),
        chunks=(1, 1, 1, 512, 512),
        dtype="uint32",
    )
    stored[0, 0, 0] = labels
    line = ManifestLine(
        image_id="lesson", name="lesson", image=str(image), labels="labels/lesson.zarr", split=Split.TRAIN
    )
    folder.write_manifest([line])
    write_spec(folder, {"action": "train", "cpu_minutes": cpu_minutes})
    subprocess.run([sys.executable, "-m", "training.engine.recipes.instances", str(folder.path)], check=True)
    return folder.model


def fresh(name: str) -> RunFolder:
    """An empty run folder."""
    subprocess.run(["rm", "-rf", str(PLACE / name)], check=True)
    (PLACE / name).mkdir(parents=True)
    return RunFolder(PLACE / name)


def write_spec(folder: RunFolder, words: dict[str, Any]) -> None:
    """spec.json of a run of `instances`."""
    spec = {"recipe": "instances", "settings": QUICK, "threads": 2, **words}
    folder.spec.write_text(json.dumps(spec), encoding="utf-8")


def simulate(path: Path, side: int) -> npt.NDArray[np.uint32]:
    """Writes a picture of nuclei in tiles of 1,000 px, nuclei on their borders too; returns the labels of the
    first tile."""
    group = zarr.open_group(path, mode="w")
    array = group.create_array("0", shape=(1, 1, 1, side, side), chunks=(1, 1, 1, 500, 500), dtype="uint16")
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}
    # One tile that fits to itself on all sides is laid again and again, so that nuclei lie on every border.
    light, labels = periodic_tile()
    for top in range(0, side, TILE_PX):
        for left in range(0, side, TILE_PX):
            high, wide = min(TILE_PX, side - top), min(TILE_PX, side - left)
            noise = np.random.default_rng((top, left)).normal(0, 60, (high, wide))
            array[0, 0, 0, top : top + high, left : left + wide] = np.clip(
                light[:high, :wide] + noise, 0, 65535
            )
    return labels


def periodic_tile() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]:
    """Light and labels (y, x) of 700 nuclei on a torus."""
    rng = np.random.default_rng(0)
    labels = np.zeros((TILE_PX, TILE_PX), np.uint32)
    for cell in range(1, 701):
        y, x = rng.integers(0, TILE_PX, 2)
        a, b = rng.uniform(8, 15, 2)
        dy, dx = np.mgrid[-16:17, -16:17]
        inside = (dy / a) ** 2 + (dx / b) ** 2 < 1
        place = (y + dy[inside]) % TILE_PX, (x + dx[inside]) % TILE_PX
        if not labels[place].any():
            labels[place] = cell
    bright = rng.uniform(600, 1600, 701)
    bright[0] = 0
    return 200 + bright[labels], labels


if __name__ == "__main__":
    main()
