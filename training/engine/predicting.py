"""Using a net on frames of any size: normalise, read, decode, judge; and writing what was found."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from training.contract.files import RunFolder, write_json
from training.contract.manifest import ManifestLine
from training.contract.results import CellEntry, CellList
from training.engine.cell_sizes import Sizes, told
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import look_at, normalise
from training.engine.decoding.planes import in_planes
from training.engine.decoding.tiles import FrameReader, Reader
from training.engine.errors import RunRefused, UnreadableImage
from training.engine.found import FindCells, FoundCells, entries_of
from training.engine.process import Run
from training.engine.stitching import LARGE_PX, FindInLarge, LargeFrame, cells_by_block
from training.engine.zooming import Zoomed, read_normalised

CHUNK_PX = 512

__all__ = ["FindCells", "FoundCells", "predict_each", "predict_frames", "predict_images", "read_maps"]


FindInFrame = Callable[[npt.NDArray[Any]], FoundCells]
"""A raw frame (c, y, x) → the cells in it."""
Entries = list[CellEntry]
Reading = Mapping[str, Any]
"""What the list of cells says of how the image was read."""
_FindAndWrite = Callable[[LabelledImage, "zarr.Array[Any]", int, int, int], Entries]
PredictImage = Callable[[LabelledImage], int]
"""Writes what is found in an image, its list of cells last, and says how many cells there are."""


def read_maps(reader: Reader, frame: npt.NDArray[Any], channels: int) -> npt.NDArray[np.float32]:
    """Maps float32 (k, y, x) of a raw frame (c, y, x), normalised as a whole. Raises ChannelMismatch."""
    look, size = look_at(frame), (frame.shape[1], frame.shape[2])
    return reader.read_by(size, lambda rows, columns: normalise(frame[:, rows, columns], look, channels))


def predict_images(
    run: Run,
    reader: Reader,
    channels: int,
    find: FindCells,
    *,
    large: FindInLarge | None = None,
    sizes: Sizes | None = None,
) -> dict[str, Any]:
    """`predict_each` by a net that says maps, which `find` decodes; those of large frames block by block, by
    `large` where given. Without `sizes` every frame is read as it stands."""

    def find_in_large(image: LabelledImage, output: zarr.Array[Any], t: int, z: int, before: int) -> Entries:
        maps = read_large(reader, image, t, z, channels)
        frame = LargeFrame(image.size, maps.window, output, (t, z), run.raise_if_asked_to_stop)
        return (large or cells_by_block(find))(frame, before)

    def predict_image(image: LabelledImage) -> int:
        zoom, cell_px = sizes.of(image) if sizes else (1.0, None)
        if zoom != 1:
            return _predict_zoomed(run, Zoomed(reader, find, channels, zoom), image, told(zoom, cell_px))
        reading = told(zoom, cell_px) if sizes else {}
        if image.size[0] * image.size[1] > LARGE_PX:
            return _predict_large(run, image, find_in_large, reading)
        return _predict_image(run, image, lambda frame: find(read_maps(reader, frame, channels)), reading)

    return predict_each(run, predict_image, side_by_side=True)


def _predict_zoomed(run: Run, zoomed: Zoomed, image: LabelledImage, reading: Reading) -> int:
    """An image that the net reads at another size; large if it is so on either side."""

    def find_in_large(image: LabelledImage, output: zarr.Array[Any], t: int, z: int, before: int) -> Entries:
        return zoomed.find_in_large(image, (t, z), output, before, run.raise_if_asked_to_stop)

    if max(1.0, zoomed.zoom**2) * image.size[0] * image.size[1] > LARGE_PX:
        return _predict_large(run, image, find_in_large, reading)
    return _predict_image(run, image, zoomed.find_in_frame, reading)


def predict_frames(run: Run, find: FindInFrame) -> dict[str, Any]:
    """`predict_each` of cells that are found in whole frames."""
    return predict_each(run, lambda image: _predict_image(run, image, find), side_by_side=True)


def read_large(reader: Reader, image: LabelledImage, t: int, z: int, channels: int) -> FrameReader:
    """A reader of windows of a frame, of which only a sample is looked at before. Raises ChannelMismatch."""
    return FrameReader(reader, image.size, read_normalised(image, t, z, channels))


def predict_each(run: Run, predict_image: PredictImage, *, side_by_side: bool = False) -> dict[str, Any]:
    """Predicts every image of the run and writes its output; returns a summary.

    An image whose cells are listed is done, so a run that was killed goes on with the next. An image that
    cannot be read, or has other channels, is left out and named in the summary. `side_by_side`: as many
    images at a time as the device has parts, where there are enough of them; else the parts share out each
    image's frames and tiles. Raises RunRefused when none could be done.
    """

    def attempt(line: ManifestLine) -> int | RunRefused:
        if run.folder.output_cells(line.image_id).exists():
            return 0
        try:
            return predict_image(LabelledImage(run.folder, line))
        except RunRefused as error:
            return error

    refused: list[dict[str, str]] = []
    cells, count = 0, len(run.manifest)
    share = run.device.ahead if side_by_side and count >= 2 * run.device.workers else map
    run.report.status(f"Predicting {count} images.", fraction=0.0)
    for number, outcome in enumerate(share(attempt, run.manifest), start=1):
        line = run.manifest[number - 1]
        run.report.status(f"Predicted {line.name} ({number} of {count}).", fraction=number / count)
        if isinstance(outcome, RunRefused):
            refused.append({"image_id": line.image_id, "error": str(outcome)})
        else:
            cells += outcome
    if len(refused) == count:
        raise UnreadableImage(refused[0]["error"] if refused else "There are no images to predict.")
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return {"images": count - len(refused), "cells": cells, "refused": refused}


def _predict_image(run: Run, image: LabelledImage, find: FindInFrame, reading: Reading | None = None) -> int:
    """Frames are found ahead, several at a time, and written in their order: without tracking no cell is
    known again in another frame, so each frame's ids follow the last frame's."""

    def find_in(at: tuple[int, int]) -> FoundCells:
        run.raise_if_asked_to_stop()
        return find(image.read(*at))

    output = create_output(run.folder, image)
    entries: list[CellEntry] = []
    for (t, z), found in zip(image.frames, run.device.ahead(find_in, image.frames), strict=True):
        entries += write_found(output, t, z, found, len(entries))
    return _list_cells(run, image, entries, reading)


def _predict_large(
    run: Run, image: LabelledImage, find: _FindAndWrite, reading: Reading | None = None
) -> int:
    output = create_output(run.folder, image)
    entries: list[CellEntry] = []
    for t, z in image.frames:
        entries += find(image, output, t, z, len(entries))
    return _list_cells(run, image, entries, reading)


def _list_cells(run: Run, image: LabelledImage, entries: Entries, reading: Reading | None) -> int:
    cells = CellList(cells=entries, reading=dict(reading or {}))
    write_json(run.folder.output_cells(image.line.image_id), cells.to_json())
    return len(entries)


def write_found(output: zarr.Array[Any], t: int, z: int, found: FoundCells, before: int) -> Entries:
    """Writes the cells of a frame with ids that follow `before`, and lists them."""
    shifted = np.where(found.labels > 0, found.labels + before, 0).astype(np.uint32)
    planes = in_planes(shifted)
    if len(planes) > output.shape[0]:
        output.resize((len(planes), *output.shape[1:]))
    output[: len(planes), t, z] = planes
    return entries_of(found, before)


def create_output(folder: RunFolder, image: LabelledImage) -> zarr.Array[Any]:
    """The array uint32 (p, t, z, y, x) in which an image's labels are written, one plane at first."""
    t, _, z, y, x = image.pixels.shape
    folder.outputs.mkdir(exist_ok=True)
    return zarr.create_array(
        store=folder.output_labels(image.line.image_id),
        shape=(1, t, z, y, x),
        chunks=(1, 1, 1, min(CHUNK_PX, y), min(CHUNK_PX, x)),
        dtype="uint32",
        dimension_names=("p", "t", "z", "y", "x"),
        overwrite=True,
    )
