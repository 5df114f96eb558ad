"""Pictures with truth for the comparison: what is learned from, what chooses thresholds, what is kept out.

A seventh of the training images, spread over the kinds of image, is set aside for those who choose
thresholds. The fluorescence subset of `dsb2018_nuclei` (StarDist's) is its images of grey on dark, by the
column `type` of its tables.
"""

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core.formats import sources
from annotation.core.formats.label_images import open_labels

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DATA_VARIABLE = "CYTOLOOP_DATA"
FLUORESCENCE = "_gray_dark"
SET_ASIDE = 7


@dataclass(frozen=True)
class Picture:
    """One image: where it lies, what kind it is, and its truth int32 (y, x)."""

    name: str
    kind: str
    path: Path
    truth_path: Path

    def channels(self) -> npt.NDArray[Any]:
        """Pixels (c, y, x): one channel where the file is grey."""
        source = sources.open_image(self.path)
        return np.stack([source.read_plane(0, c, 0) for c in range(source.shape_tczyx[1])])

    def truth(self) -> npt.NDArray[np.int32]:
        """Labels int32 (y, x)."""
        frames = list(open_labels(self.truth_path, sources.open_image(self.path)))
        return np.asarray(frames[0][2].max(0), np.int32)


@dataclass(frozen=True)
class PictureSet:
    """A named set in its three parts."""

    name: str
    train: list[Picture]
    validation: list[Picture]
    held_out: list[Picture]

    def colours(self) -> int:
        """3 where any picture is of several channels, else 1."""
        every = [*self.train, *self.validation, *self.held_out]
        return 3 if any(len(picture.channels()) > 1 for picture in every) else 1


def read_set(name: str) -> PictureSet:
    """Raises KeyError for a name that is not in SETS, FileNotFoundError where the data are not here."""
    learned = sorted(SETS[name](data_folder(), "train"), key=lambda picture: (picture.kind, picture.name))
    aside = learned[SET_ASIDE // 2 :: SET_ASIDE]
    return PictureSet(
        name,
        [picture for picture in learned if picture not in aside],
        aside,
        list(SETS[name](data_folder(), "val")),
    )


def data_folder() -> Path:
    """Where the development data lie. Raises FileNotFoundError."""
    told = os.environ.get(DATA_VARIABLE)
    folder = Path(told) if told else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        raise FileNotFoundError(f"The development data are not here; name their folder in {DATA_VARIABLE}.")
    return folder


def _nuclei(data: Path, part: str) -> Iterator[Picture]:
    root = data / "dsb2018_nuclei"
    with (root / f"{part}.csv").open(encoding="utf-8") as table:
        for line in csv.DictReader(table):
            name = line["image_id"]
            image, truth = root / part / "images" / f"{name}.png", root / part / "masks" / f"{name}.tif"
            yield Picture(name, line["type"], image, truth)


def _fluorescent_nuclei(data: Path, part: str) -> Iterator[Picture]:
    return (picture for picture in _nuclei(data, part) if picture.kind.endswith(FLUORESCENCE))


def _phase_cells(data: Path, part: str) -> Iterator[Picture]:
    for folder in sorted((data / "usiigaci_phase_cells" / part).iterdir()):
        yield Picture(folder.name, "phase", folder / "raw.tif", folder / "instances_ids.png")


def _dic_cells(data: Path, part: str) -> Iterator[Picture]:
    root = data / "bbbc030_cho_dic" / part
    for image in sorted((root / "images").iterdir()):
        yield Picture(image.stem, "dic", image, root / "labels" / f"{image.stem}.tif")


SETS: dict[str, Callable[[Path, str], Iterator[Picture]]] = {
    "dsb2018_nuclei": _nuclei,
    "dsb2018_fluorescence": _fluorescent_nuclei,
    "usiigaci_phase_cells": _phase_cells,
    "bbbc030_cho_dic": _dic_cells,
}
