"""Run folders of small simulated pictures for the engine's tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import zarr

from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split

TINY = {"width": "small", "crop_px": 64, "batch": 4, "flips": False, "learning_rate": 5e-3}
"""Settings with which a net learns simulated discs in seconds."""


def discs(
    seed: int, *, size: int = 96, cells: int = 9, radius_px: tuple[float, float] = (6, 11)
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32]]:
    """Bright discs on a dark, noisy ground: pixels uint16 (y, x), labels uint32 (y, x); no two overlap."""
    rng = np.random.default_rng(seed)
    ys, xs = np.indices((size, size))
    labels = np.zeros((size, size), np.uint32)
    for cell in range(1, cells + 1):
        y, x, radius = *rng.uniform(4, size - 4, 2), rng.uniform(*radius_px)
        disc = (ys - y) ** 2 + (xs - x) ** 2 < radius**2
        near = (ys - y) ** 2 + (xs - x) ** 2 < (radius + 2) ** 2
        if not labels[near].any():
            labels[disc] = cell
    light = 200.0 + 800.0 * (labels > 0) + rng.normal(0, 60, labels.shape)
    return np.clip(light, 0, 65535).astype(np.uint16), labels


def write_image(path: Path, pixels: npt.NDArray[Any]) -> None:
    """OME-Zarr of pixels (t, c, z, y, x)."""
    group = zarr.open_group(path, mode="w")
    array = group.create_array("0", shape=pixels.shape, chunks=(1, 1, 1, 64, 64), dtype=pixels.dtype)
    array[:] = pixels
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}


def write_labels(path: Path, labels: npt.NDArray[np.uint32]) -> None:
    """Zarr array of labels (p, t, z, y, x)."""
    array = zarr.create_array(path, shape=labels.shape, chunks=(1, 1, 1, 64, 64), dtype="uint32")
    array[:] = labels


class RunWriter:
    """Puts a run folder together, image by image."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.folder, self.lines = RunFolder(path), list[ManifestLine]()

    def add(
        self, split: Split, pixels: npt.NDArray[Any], labels: npt.NDArray[np.uint32] | None = None
    ) -> ManifestLine:
        """Adds an image (t, c, z, y, x), or (y, x) for short, with labels (p, t, z, y, x) or (y, x)."""
        image_id = f"image-{len(self.lines)}"
        path = self.folder.path / "images" / f"{image_id}.ome.zarr"
        write_image(path, pixels[None, None, None] if pixels.ndim == 2 else pixels)
        name = None
        if labels is not None:
            name = f"labels/{image_id}.zarr"
            write_labels(self.folder.path / name, labels[None, None, None] if labels.ndim == 2 else labels)
        line = ManifestLine(image_id=image_id, name=image_id, image=str(path), labels=name, split=split)
        self.lines.append(line)
        self.folder.write_manifest(self.lines)
        return line

    def add_discs(self, train: int = 3, validation: int = 1, test: int = 1) -> None:
        """Adds simulated pictures to each split."""
        splits = [Split.TRAIN] * train + [Split.VALIDATION] * validation + [Split.TEST] * test
        for seed, split in enumerate(splits):
            self.add(split, *discs(seed))

    def ask(self, action: str, *, recipe: str = "instances", settings: Any = None, **words: Any) -> RunFolder:
        """Writes spec.json; training ends after two epochs unless something else is asked for."""
        if action == "train" and not {"minutes", "max_epochs"} & set(words):
            words["max_epochs"] = 2
        spec = {"action": action, "recipe": recipe, "settings": {**TINY, **(settings or {})}, **words}
        self.folder.spec.write_text(json.dumps(spec), encoding="utf-8")
        return self.folder


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[[str], RunWriter]:
    """Makes run folders by name."""
    return lambda name: RunWriter(tmp_path / name)


@pytest.fixture
def run(tmp_path: Path) -> RunWriter:
    """One run folder without images."""
    return RunWriter(tmp_path / "run")
