"""What each kind of augmentation, averaging and transfer is worth on ten labelled images (L9).

Run with `make bench-ablation`; writes `build/bench/ablation.json`. Eight images of one kind are learned from,
two choose thresholds, all 16 of that kind in val are scored; every arm learns for equal CPU-seconds, on one
thread, with the same images for the same seed. `--cpu-seconds 60 --seeds 3` takes half an hour on one core.
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
import zarr
from PIL import Image

from benchmarks import rows
from benchmarks.learning import NUCLEI
from benchmarks.rows import Row
from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split

KIND = "256x256_gray_dark"
OTHER_KINDS = ("360x360_gray_dark", "520x696_gray_dark")
ALL_ON = "all"
OFF = ("flips", "scale", "intensity", "blur", "noise", "averaging")
"""On by default; each is switched off in an arm of its own."""
ON = ("elastic", "transfer")
"""Off by default; each is switched on in an arm of its own."""
LEARNED_FROM, WATCHED, EARLIER = 8, 2, 40
PLAIN_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> None:
    given = _arguments()
    if not NUCLEI.is_dir():
        why = "shared/data/dsb2018_nuclei is not beside the project"
        rows.write("ablation", [rows.missing("ablation.all", "AP on ten images", "AP", why)])
        return
    with tempfile.TemporaryDirectory() as folder:
        rows.write("ablation", measure(Path(folder), seeds=given.seeds, cpu_s=given.cpu_seconds))


def measure(place: Path, *, seeds: int, cpu_s: float) -> list[Row]:
    """One row an arm: the difference that the part makes to AP at 0.5, mean over the seeds."""
    earlier = _earlier_model(place, cpu_s=3 * cpu_s)
    told: dict[str, list[dict[str, float]]] = {}
    for seed in range(seeds):
        for arm in (ALL_ON, *OFF, *ON):
            scores = _learn(place / f"{arm}-{seed}", arm, seed=seed, cpu_s=cpu_s, earlier=earlier)
            told.setdefault(arm, []).append(scores)
            print(f"seed {seed} {arm:10} {_in_words(scores)}", flush=True)  # noqa: T201
    setup = f"{seeds} seeds, {cpu_s:g} CPU-s each, one thread, 8 + 2 images of {KIND}; {rows.machine()}"
    return [_row(arm, told, setup) for arm in told]


def _row(arm: str, told: dict[str, list[dict[str, float]]], setup: str) -> Row:
    if arm == ALL_ON:
        value = statistics.mean(scores["ap50"] for scores in told[arm])
        what = f"AP at 0.5 as the defaults are; {_means(told[arm])}"
        return rows.row("ablation.all", what, value, "AP", setup=setup)
    sign = 1 if arm in OFF else -1
    pairs = zip(told[ALL_ON], told[arm], strict=True)
    gains = [sign * (with_all["ap50"] - other["ap50"]) for with_all, other in pairs]
    at_75 = zip(told[ALL_ON], told[arm], strict=True)
    gains_75 = [sign * (with_all["ap75"] - other["ap75"]) for with_all, other in at_75]
    spread = ", ".join(f"{gain:+.3f}" for gain in gains)
    what = (
        f"AP at 0.5 gained by {arm} ({'on' if arm in OFF else 'off'} by default), by seed {spread}; at 0.75 "
        f"{statistics.mean(gains_75):+.3f}"
    )
    least, most = (0.0, None) if arm in OFF else (None, None)
    return rows.row(
        f"ablation.{arm}", what, statistics.mean(gains), "AP", least=least, most=most, setup=setup
    )


def _learn(folder: Path, arm: str, *, seed: int, cpu_s: float, earlier: Path) -> dict[str, float]:
    chosen = random.Random(seed).sample(_images(NUCLEI / "train", KIND), LEARNED_FROM + WATCHED)
    parts = {
        Split.TRAIN: chosen[:LEARNED_FROM],
        Split.VALIDATION: chosen[LEARNED_FROM:],
        Split.TEST: _images(NUCLEI / "val", KIND),
    }
    run = _write(folder, parts)
    settings: dict[str, Any] = {"flips": False}
    if arm == "scale":
        settings["scale_jitter"] = 1.0
    model = str(earlier) if arm == "transfer" else None
    return _engine(run, arm, settings=settings, seed=seed, cpu_s=cpu_s, model_dir=model)


def _earlier_model(place: Path, *, cpu_s: float) -> Path:
    """A model that learned from images of other kinds: what transfer begins with."""
    others = [path for kind in OTHER_KINDS for path in _images(NUCLEI / "train", kind)]
    chosen = random.Random(0).sample(others, EARLIER)
    run = _write(place / "earlier", {Split.TRAIN: chosen[4:], Split.TEST: chosen[:4]})
    _engine(run, ALL_ON, settings={"flips": False}, seed=0, cpu_s=cpu_s, model_dir=None)
    return run.model


def _engine(
    run: RunFolder, arm: str, *, settings: dict[str, Any], seed: int, cpu_s: float, model_dir: str | None
) -> dict[str, float]:
    asked = {
        "action": "train", "recipe": "instances", "settings": settings, "seed": seed, "threads": 1,
        "cpu_minutes": cpu_s / 60, "model_dir": model_dir,
    }  # fmt: skip
    run.spec.write_text(json.dumps(asked), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.ablation_engine", arm, str(run.path)]
    subprocess.run(command, check=True, env={**os.environ, **PLAIN_ENVIRONMENT})
    result = run.read_result()
    if result is None or not result.ok:
        raise RuntimeError(f"The arm {arm} left no scores: {result.error if result else 'no result'}")
    return dict(result.scores["test"])


def _write(folder: Path, parts: Mapping[Split, Sequence[Path]]) -> RunFolder:
    """A run folder of pictures and their masks."""
    run, lines = RunFolder(folder), []
    folder.mkdir(parents=True)
    for split, paths in parts.items():
        for path in paths:
            pixels = np.asarray(Image.open(path).convert("L"))
            image = folder / "images" / f"{path.stem}.ome.zarr"
            group = zarr.open_group(image, mode="w")
            level = group.create_array("0", shape=(1, 1, 1, *pixels.shape), dtype=pixels.dtype)
            level[:] = pixels[None, None, None]
            group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}
            masks = tifffile.imread(path.parent.parent / "masks" / f"{path.stem}.tif").astype(np.uint32)
            name = f"labels/{path.stem}.zarr"
            labels = zarr.create_array(folder / name, shape=(1, 1, 1, *masks.shape), dtype="uint32")
            labels[:] = masks[None, None, None]
            lines.append(
                ManifestLine(image_id=path.stem, name=path.stem, image=str(image), labels=name, split=split)
            )
    run.write_manifest(lines)
    return run


def _images(part: Path, kind: str) -> list[Path]:
    with part.with_suffix(".csv").open(encoding="utf-8") as stream:
        names = sorted(row["image_id"] for row in csv.DictReader(stream) if row["type"] == kind)
    return [part / "images" / f"{name}.png" for name in names]


def _means(scores: Sequence[dict[str, float]]) -> str:
    return ", ".join(
        f"{name} {statistics.mean(score[name] for score in scores):.3f}" for name in ("ap50", "ap75")
    )


def _in_words(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {scores[name]:.3f}" for name in ("ap50", "ap75"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cpu-seconds", type=float, default=60.0, help="of learning, for each arm and seed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
