"""The openly licensed sets that the prompt net learns from: folders of images and instance labels.

Each set is found by its folder's name below the data folder; what is not there is left out. Licences: see
`SETS`. Sets under terms that forbid passing weights on are not read.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from skimage.io import imread

from training.engine.prompting.embedding import look_of, see
from training.engine.targets import distance


@dataclass(frozen=True)
class OpenSet:
    """One data set: its folder, licence, and share of the lessons."""

    name: str
    licence: str
    share: float


SETS = {
    "dsb2018_nuclei": OpenSet("dsb2018_nuclei", "CC0 1.0", 0.74),
    "usiigaci_phase_cells": OpenSet("usiigaci_phase_cells", "MIT", 0.12),
    "bbbc030_cho_dic": OpenSet("bbbc030_cho_dic", "CC BY 3.0", 0.08),
    "drosophila_nuclei_tracking": OpenSet("drosophila_nuclei_tracking", "BSD 3-clause", 0.06),
}


@dataclass(frozen=True)
class Picture:
    """One frame, ready to learn from.

    pixels: float16 (3, y, x), about 0 … 1; labels: int32 (y, x), 0 background, −1 where nobody looked;
    target: uint8 (4, y, x) as `targets.distance` makes it; cells: (n, 3): id and middle y, x.
    """

    name: str
    origin: str
    kind: str
    pixels: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int32]
    target: npt.NDArray[np.uint8]
    cells: npt.NDArray[np.float64]
    diameter_px: float


def read_pictures(data: Path, split: str = "train") -> list[Picture]:
    """Every frame of one split ("train" or "val") of the sets that are in the folder `data`."""
    return [
        prepare(name=name, origin=origin, kind=kind, frame=frame, labels=labels)
        for origin, read in READERS.items()
        if (data / origin).is_dir()
        for name, kind, frame, labels in read(data / origin, split)
    ]


def prepare(
    *, name: str, origin: str, kind: str, frame: npt.NDArray[Any], labels: npt.NDArray[Any]
) -> Picture:
    """Makes a picture of a frame (c, y, x) of any dtype and labels (y, x)."""
    known = np.maximum(labels, 0).astype(np.uint32)
    target = distance.build(known[None])
    target[3][labels < 0] = 0
    ids, index, area = np.unique(known, return_inverse=True, return_counts=True)
    y, x = np.indices(known.shape)
    sums = [np.bincount(index.reshape(-1), axis.reshape(-1)) / area for axis in (y, x)]
    cells = np.stack([ids.astype(float), *sums], 1)[ids > 0]
    diameters = np.sqrt(4 * area[ids > 0] / np.pi)
    return Picture(
        name=name,
        origin=origin,
        kind=kind,
        pixels=see(frame, look_of(frame)).astype(np.float16),
        labels=labels.astype(np.int32),
        target=target,
        cells=cells,
        diameter_px=float(np.median(diameters)) if len(diameters) else 20.0,
    )


Read = tuple[str, str, npt.NDArray[Any], npt.NDArray[Any]]
"""Name, kind, frame (c, y, x), labels (y, x)."""


def _read_dsb(folder: Path, split: str) -> Iterator[Read]:
    with (folder / f"{split}.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        name = row["image_id"]
        image = imread(folder / split / "images" / f"{name}.png")
        labels = tifffile.imread(folder / split / "masks" / f"{name}.tif")
        yield name, row["type"], planes(image), labels


def _read_usiigaci(folder: Path, split: str) -> Iterator[Read]:
    for place in sorted((folder / split).iterdir()):
        labels = imread(place / "instances_ids.png")
        yield place.name, "phase", planes(tifffile.imread(place / "raw.tif")), labels


def _read_cho(folder: Path, split: str) -> Iterator[Read]:
    for path in sorted((folder / split / "images").glob("*.png")):
        labels = tifffile.imread(folder / split / "labels" / f"{path.stem}.tif")
        yield path.stem, "dic", planes(imread(path)), labels


def _read_drosophila(folder: Path, split: str) -> Iterator[Read]:
    """Every sixth frame of the movie; there is no other part, so nothing of it is for validation."""
    if split != "train":
        return
    for path in sorted((folder / "01").glob("t*.tif"))[::6]:
        number = path.stem[1:]
        labels = tifffile.imread(folder / "01_GT" / "SEG" / f"man_seg{number}.tif").astype(np.int32)
        ignored = tifffile.imread(folder / "01_GT" / "IGNORE" / f"ignore{number}.tif") > 0
        labels[ignored & (labels == 0)] = -1
        yield f"drosophila {number}", "embryo", planes(tifffile.imread(path)), labels


READERS = {
    "dsb2018_nuclei": _read_dsb,
    "usiigaci_phase_cells": _read_usiigaci,
    "bbbc030_cho_dic": _read_cho,
    "drosophila_nuclei_tracking": _read_drosophila,
}


def planes(image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(y, x) or (y, x, bands) → (c, y, x); alpha is dropped, three equal bands are one channel."""
    if image.ndim == 2:
        return image[None]
    bands = np.moveaxis(image[..., :3], -1, 0)
    return bands[:1] if all(np.array_equal(bands[0], band) for band in bands) else bands
