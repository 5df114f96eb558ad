"""Decisions in real time: from the pixels of one cell to its class, on one core.

`make bench-realtime`. A classifier with the net “tiny” learns simulated cells for a moment, then decides on
10,000 cell images of 64 px, on one thread: alone, and while two other processes keep the cores busy; one
after the other, and at 1,000 cells a second, where a duration counts from when the cell was due. The engine
asks to go before other processes where the system lets it; how far it did stands in the setup, and the same
without that is told beside it.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from annotation.core.simulation import simulate_movie
from benchmarks import rows
from benchmarks.rows import Row

REPOSITORY = Path(__file__).resolve().parent.parent
CELLS, MOST_MS, MOST_TIMES = 10_000, 0.5, 3.0
EVERY_MS = 1.0
BUSY = 2
SETTINGS = {"classes": ["small", "large"], "backbone": "tiny", "mask": "none", "flips": False, "batch": 16}


def main() -> None:
    """Measure and write `build/bench/realtime.json`."""
    rows.write("realtime", measure())


def measure() -> list[Row]:
    """Every row."""
    with tempfile.TemporaryDirectory(prefix="cytoloop-realtime-") as temporary:
        model = train(Path(temporary) / "run")
        alone, paced = decide(model), decide(model, every_ms=EVERY_MS)
        with busy():
            loaded, loaded_paced = decide(model), decide(model, every_ms=EVERY_MS)
            plain = decide(model, every_ms=EVERY_MS, plain=True)
    setup = f"{CELLS} cells of 64 px, net tiny, 1 thread, priority {alone['priority']}; {rows.machine()}"
    told = f"setup as above, without priority; {rows.machine()}"
    return [
        rows.row("rt.p99.alone", "p99 of a decision, alone", alone["p99"], "ms", most=MOST_MS, setup=setup),
        rows.row("rt.p50.alone", "median of a decision, alone", alone["p50"], "ms", setup=setup),
        rows.row("rt.p999.alone", "p99.9 of a decision, alone", alone["p999"], "ms", setup=setup),
        rows.row(
            "rt.p99.loaded", "p99 while two processes saturate the cores", loaded["p99"], "ms",
            most=MOST_TIMES * MOST_MS, setup=setup,
        ),
        rows.row(
            "rt.times.loaded", "p99 under load in multiples of p99 alone", loaded["p99"] / alone["p99"], "×",
            most=MOST_TIMES, setup=setup,
        ),
        rows.row(
            "rt.paced.alone", "p99 from when a cell was due, 1,000 cells a second", paced["p99"], "ms",
            most=MOST_MS, setup=setup,
        ),
        rows.row(
            "rt.paced.loaded", "the same while two processes saturate the cores", loaded_paced["p99"], "ms",
            most=MOST_TIMES * MOST_MS, setup=setup,
        ),
        rows.row("rt.paced.plain", "the same, not preferred to others", plain["p99"], "ms", setup=told),
        rows.row("rt.rate", "decisions a second", 1000 / alone["p50"], "1/s", setup=setup),
    ]  # fmt: skip


def decide(model: Path, *, every_ms: float = 0.0, plain: bool = False) -> dict[str, Any]:
    """What the engine measures of itself."""
    words = ["--model", str(model), "--measure", str(CELLS), "--every-ms", str(every_ms)]
    words += ["--plain"] if plain else []
    done = subprocess.run(
        [sys.executable, "-m", "training.engine.deciding", *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    return found


@contextmanager
def busy() -> Iterator[None]:
    """Two processes that do nothing but work."""
    working = [subprocess.Popen([sys.executable, "-c", "while True: sum(range(10**6))"]) for _ in range(BUSY)]
    try:
        yield
    finally:
        for process in working:
            process.kill()
        for process in working:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)


def train(run: Path) -> Path:
    """A classifier of small and large simulated cells; answers its folder."""
    movie = simulate_movie(seed=3, frames=2)
    (run / "labels").mkdir(parents=True)
    lines = []
    for t, split in enumerate(("train", "validation")):
        image = run / f"{t}.ome.zarr"
        group = zarr.open_group(image, mode="w")
        group["0"] = movie.image[t : t + 1, :1]
        group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}
        labels = movie.labels[t]
        zarr.save_array(run / "labels" / f"{t}.zarr", labels[None, None].astype(np.uint32))
        areas = np.bincount(labels.ravel())
        middle = np.median(areas[1:][areas[1:] > 0])
        cells = [
            {"cell": cell, "class_index": 1 + int(areas[cell] > middle)}
            for cell in range(1, len(areas))
            if areas[cell]
        ]
        (run / "labels" / f"{t}.json").write_text(json.dumps({"cells": cells}))
        lines.append(
            {
                "image_id": str(t),
                "name": str(t),
                "image": str(image),
                "labels": f"labels/{t}.zarr",
                "split": split,
            }
        )
    (run / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    spec = {"action": "train", "recipe": "classify", "settings": SETTINGS, "max_epochs": 8, "threads": 1}
    (run / "spec.json").write_text(json.dumps(spec))
    subprocess.run(
        [sys.executable, "-m", "training.engine.recipes.classify", str(run)], cwd=REPOSITORY, check=True
    )
    return run / "model"


if __name__ == "__main__":
    main()
