"""What each starter model learns from, what judges it, and pictures of other origin that it never saw."""

import csv
import math
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from skimage.draw import polygon
from skimage.io import imread

from training.contract.manifest import Split
from training.engine.starters.outlines import read_outline

HELD_OUT = 0.12
"""Share of each kind's training pictures that choose thresholds; at least one where a kind has four."""


@dataclass(frozen=True)
class Shot:
    """One labelled picture: frame (c, y, x), labels (y, x) with 0 for the ground, `ignored` bool (y, x) where
    nobody looked; `movie` where it is a frame or a slice of one."""

    name: str
    origin: str
    kind: str
    frame: npt.NDArray[Any]
    labels: npt.NDArray[np.uint32]
    ignored: npt.NDArray[np.bool_] | None = None
    movie: str = ""

    @property
    def cells(self) -> int:
        """How many labelled cells."""
        return int(np.count_nonzero(np.unique(self.labels)))


Read = Callable[[Path, str], Iterator[Shot]]
"""Folder of the set and "train" or "val" → its pictures."""


@dataclass(frozen=True)
class OtherOrigin:
    """Pictures of which nothing is learned; `caveat` says how far their labels can be trusted."""

    folder: str
    what: str
    caveat: str
    read: Callable[[Path], Iterator[Shot]]


@dataclass(frozen=True)
class StarterPlan:
    """A starter model before it is trained."""

    title: str
    purpose: str
    sets: dict[str, Read]
    elsewhere: Sequence[OtherOrigin]
    limits: Sequence[str]
    settings: dict[str, Any] = field(default_factory=dict)


def split(shots: Sequence[Shot], seed: int) -> list[tuple[Shot, Split]]:
    """Which training picture is learned from and which chooses thresholds; the same for the same seed."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[Shot]] = {}
    for shot in shots:
        groups.setdefault((shot.origin, shot.kind), []).append(shot)
    parts: list[tuple[Shot, Split]] = []
    for key in sorted(groups):
        group = groups[key]
        kept = max(math.floor(HELD_OUT * len(group)), 1 if len(group) >= 4 else 0)
        aside = set(rng.permutation(len(group))[:kept].tolist())
        parts += [(shot, Split.VALIDATION if i in aside else Split.TRAIN) for i, shot in enumerate(group)]
    return parts


def first_of_each_kind(shots: Iterable[Shot], most: int | None) -> Iterator[Shot]:
    """At most so many pictures of each kind; all without a number."""
    seen: Counter[str] = Counter()
    for shot in shots:
        seen[shot.kind] += 1
        if most is None or seen[shot.kind] <= most:
            yield shot


def in_channels(image: npt.NDArray[Any], *, grey: bool) -> npt.NDArray[Any]:
    """(y, x) or (y, x, bands) → (c, y, x) without alpha; with `grey`, three equal bands are one channel."""
    if image.ndim == 2:
        return image[None]
    bands = np.moveaxis(image[..., :3], -1, 0)
    return bands[:1] if grey and all(np.array_equal(bands[0], band) for band in bands) else bands


def _read_dsb(folder: Path, part: str) -> Iterator[Shot]:
    with (folder / f"{part}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        name = row["image_id"]
        frame = in_channels(imread(folder / part / "images" / f"{name}.png"), grey=True)
        labels = tifffile.imread(folder / part / "masks" / f"{name}.tif").astype(np.uint32)
        yield Shot(name, "dsb2018_nuclei", row["type"].replace("_", " "), frame, labels)


def _read_usiigaci(folder: Path, part: str) -> Iterator[Shot]:
    for place in sorted(path for path in (folder / part).iterdir() if path.is_dir()):
        labels = imread(place / "instances_ids.png").astype(np.uint32)
        frame = in_channels(tifffile.imread(place / "raw.tif"), grey=True)
        yield Shot(place.name, "usiigaci_phase_cells", "phase contrast", frame, labels)


def _read_cho(folder: Path, part: str) -> Iterator[Shot]:
    # Three equal bands stay three channels, so that the net reads grey pictures and those saved in colour.
    for path in sorted((folder / part / "images").glob("*.png")):
        labels = tifffile.imread(folder / part / "labels" / f"{path.stem}.tif").astype(np.uint32)
        yield Shot(path.stem, "bbbc030_cho_dic", "DIC", in_channels(imread(path), grey=False), labels)


def _read_drosophila(folder: Path) -> Iterator[Shot]:
    """Every tenth frame of the movie: neighbours are much alike."""
    for path in sorted((folder / "01").glob("t*.tif"))[::10]:
        number = path.stem[1:]
        labels = tifffile.imread(folder / "01_GT" / "SEG" / f"man_seg{number}.tif").astype(np.uint32)
        ignored = tifffile.imread(folder / "01_GT" / "IGNORE" / f"ignore{number}.tif") > 0
        frame = in_channels(tifffile.imread(path), grey=True)
        yield Shot(number, folder.name, "embryo", frame, labels, ignored & (labels == 0), folder.name)


def _read_stack(folder: Path) -> Iterator[Shot]:
    """Every fourth slice of a stack; a nucleus is judged in each slice that it reaches."""
    pixels, labels = tifffile.imread(folder / "img3d.tif"), tifffile.imread(folder / "mask3d.tif")
    for z in range(2, len(pixels), 4):
        frame, known = pixels[z][None], labels[z].astype(np.uint32)
        yield Shot(f"slice {z}", folder.name, "slice", frame, known, movie=folder.name)


def _read_multiplex(folder: Path) -> Iterator[Shot]:
    """The last channel, a mark of histones, of those regions that have any cell."""
    for path in sorted((folder / "masks_deepcell").glob("*.tiff")):
        labels = tifffile.imread(path).astype(np.uint32)
        if labels.any():
            pixels = tifffile.imread(folder / "img" / path.name)
            frame = np.ascontiguousarray(pixels.reshape(-1, *labels.shape)[-1:])
            yield Shot(path.stem, folder.name, "multiplexed tissue", frame, labels)


def _read_phase_imaging(folder: Path) -> Iterator[Shot]:
    """Every fourth frame; the outlines of a frame are files in one archive, `<frame>-<cell>.roi`."""
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        for path in sorted((folder / "images").glob("*.tif"))[::4]:
            frame, number = in_channels(tifffile.imread(path), grey=True), int(path.stem.rpartition("-")[2])
            names = [name for name in archive.namelist() if int(name.partition("-")[0]) == number]
            labels = np.zeros(frame.shape[1:], np.uint32)
            for cell, name in enumerate(names, 1):
                rows, columns = polygon(*read_outline(archive.read(name)), shape=labels.shape)
                labels[rows, columns] = cell
            yield Shot(path.stem, folder.name, "quantitative phase", frame, labels, movie=folder.name)


_DROSOPHILA = OtherOrigin(
    "drosophila_nuclei_tracking",
    "nuclei of a fly embryo, wide field, a movie of 2001",
    "labels made half automatically; where nobody looked, nothing is counted",
    _read_drosophila,
)
_STACK = OtherOrigin(
    "stardist_sample_3d",
    "slices of a small confocal stack of nuclei",
    "not every nucleus is labelled, so what is found besides counts as wrong: a lower bound",
    _read_stack,
)
_MULTIPLEX = OtherOrigin(
    "imc_multiplex_crops",
    "crops of tissue in imaging mass cytometry, 29 to 103 px, the channel of a histone alone",
    "the masks are another program's, not drawn by hand: agreement, not truth",
    _read_multiplex,
)

_PHASE_IMAGING = OtherOrigin(
    "cellphe_qpi_tracks",
    "MDA-MB-231 cells in quantitative phase imaging, four frames of a movie",
    "outlines made by the microscope's software, with gaps and without cells at the border: agreement, not "
    "truth, and a lower bound",
    _read_phase_imaging,
)

STARTERS = {
    "nuclei": StarterPlan(
        "Nuclei",
        "Nuclei in fluorescence, bright field and stained tissue, one channel or colour.",
        {"dsb2018_nuclei": _read_dsb},
        [_DROSOPHILA, _STACK, _MULTIPLEX],
        [
            "Nuclei, not whole cells: membranes and cytoplasm are passed over.",
            "It reads one channel, or colour; of an image with others it reads the one that is called like a "
            "stain of nuclei, unless told.",
            "Nuclei of about 8 to 90 px across were learned from; images of far smaller or larger ones are "
            "enlarged or reduced for it, by a size that is found on a sample or told.",
            "Learned mostly from bright nuclei on a dark ground: stained tissue and bright field are few, "
            "and its scores there are lower, as the table by kind shows.",
            "Stacks are read slice by slice, movies frame by frame.",
            "Nothing was learned from bacteria, yeast, neurites or electron microscopy.",
        ],
    ),
    "cells": StarterPlan(
        "Cells without stain",
        "Whole cells in phase contrast and DIC, without any stain.",
        {"usiigaci_phase_cells": _read_usiigaci, "bbbc030_cho_dic": _read_cho},
        [_PHASE_IMAGING],
        [
            "Learned from thirteen pictures in all, of two laboratories: expect to correct, and to train on "
            "your corrections.",
            "Adherent cells of about 30 to 160 px across; floating cells and dense layers were not learned.",
            "Not for fluorescence: choose Nuclei there.",
            "It reads one channel, or colour; of an image with others it reads the one that is called like "
            "light without stain, unless told.",
            "Where cells touch without a visible edge, it takes several for one.",
        ],
    ),
}
"""The starter models by name."""
