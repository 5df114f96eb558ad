"""Labelled volumes as validation and tests want them, and writing labels of volumes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.contract.files import write_json
from training.contract.results import CellEntry, CellList
from training.engine import pictures
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import normalise
from training.engine.found import FoundCells, entries_of
from training.engine.predicting import create_output, predict_each
from training.engine.process import Run
from training.engine.volumes.choosing import read_truth
from training.engine.volumes.reading import Maps, VolumeReader
from training.engine.volumes.stacks import look_at_volume, read_volume

WATCHED_VOXELS = 6_000_000

FindInVolume = Callable[[npt.NDArray[Any]], FoundCells]
"""Raw pixels (c, z, y, x) → the cells in them, labels (z, y, x)."""


@dataclass(frozen=True)
class KnownVolume:
    """Raw pixels (c, z, y, x) of one time point, what people say of it (z, y, x), and where they say
    nothing."""

    image: LabelledImage
    pixels: npt.NDArray[Any]
    labels: npt.NDArray[np.uint32]
    ignored: npt.NDArray[np.bool_]


def known_volumes(images: Sequence[LabelledImage]) -> Iterator[KnownVolume]:
    """Every time point of every image, one at a time."""
    for image in images:
        for t in range(int(image.pixels.shape[0])):
            yield KnownVolume(image, read_volume(image, t), *read_truth(image, t))


def some_volumes(images: Sequence[LabelledImage], most: int = WATCHED_VOXELS) -> list[KnownVolume]:
    """The first ones, as many as have `most` voxels together; at least one where there is any."""
    found: list[KnownVolume] = []
    for volume in known_volumes(images):
        most -= volume.labels.size
        if found and most < 0:
            break
        found.append(volume)
    return found


def read_maps(reader: VolumeReader, pixels: npt.NDArray[Any], channels: int) -> Maps:
    """Maps float32 (k, z, y, x) of raw pixels (c, z, y, x), normalised as a whole. Raises ChannelMismatch."""
    return reader.read(normalise(pixels, look_at_volume(pixels), channels))


def predict_volumes(run: Run, find: FindInVolume) -> dict[str, Any]:
    """Predicts every image of the run, a time point at a time; a cell has one id in all of its slices."""
    return predict_each(run, lambda image: _predict_image(run, image, find))


def comparison(volume: KnownVolume, labels: npt.NDArray[np.uint32]) -> pictures.Rgb:
    """The slice with most true cells: image, truth, prediction; labels: (z, y, x)."""
    z = int((volume.labels > 0).sum((1, 2)).argmax())
    return pictures.comparison(volume.pixels[:, z], volume.labels[z][None], labels[z])


def _predict_image(run: Run, image: LabelledImage, find: FindInVolume) -> int:
    output = create_output(run.folder, image)
    entries: list[CellEntry] = []
    for t in range(int(image.pixels.shape[0])):
        run.raise_if_asked_to_stop()
        found = find(read_volume(image, t))
        output[0, t] = np.where(found.labels > 0, found.labels + len(entries), 0).astype(np.uint32)
        entries += entries_of(found, len(entries))
    write_json(run.folder.output_cells(image.line.image_id), CellList(cells=entries).to_json())
    return len(entries)
