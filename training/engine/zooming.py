"""Reading frames whose cells are larger or smaller than those that the model learned from: the net is shown
the frame at another size, cells are found in what it says there, and come back at the frame's own size.

Cells are found where the net looked, for thresholds and qualities were chosen for cells as large as it sees
them, and cells of a few pixels have no shape but there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from training.contract.results import CellEntry
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import look_at, normalise, thin_slices
from training.engine.data.resizing import ReadPixels, Resized
from training.engine.decoding.planes import in_planes
from training.engine.decoding.tiles import FrameReader, Reader
from training.engine.found import FindCells, FoundCells
from training.engine.stitching import BLOCK_PX, MARGIN_PX, LargeFrame, cells_by_block


@dataclass(frozen=True)
class Window:
    """What a net says of a window of a frame, at the size at which it read it: maps float32 (k, y, x), and
    rows and columns of the frame itself."""

    maps: npt.NDArray[np.float32]
    rows: slice
    columns: slice


@dataclass(frozen=True)
class ZoomedFrame:
    """A frame that is read `resized`; `read_pixels` gives normalised pixels (c, y, x) of its own windows."""

    reader: Reader
    find: FindCells
    resized: Resized
    read_pixels: ReadPixels

    def found(self) -> FoundCells:
        """The cells of the whole frame."""
        read = self.resized.reading(self.read_pixels)
        maps = self.reader.read_by(self.resized.size, read)
        rows, columns = (slice(0, axis.own) for axis in (self.resized.rows, self.resized.columns))
        return self.find_in(Window(maps, rows, columns))

    def found_near(self, rows: slice, columns: slice) -> FoundCells:
        """The cells of one window, of which nothing beyond is read."""
        seen = self.resized.covering(rows, columns)
        maps = self.reader.read(self.resized.reading(self.read_pixels)(*seen))
        return self.find_in(Window(maps, rows, columns))

    def find_in(self, window: Window) -> FoundCells:
        """The cells of a window, labels (p, y, x) at the frame's own size; one that covers none of its pixels
        is not there."""
        found = self.find(window.maps)
        labels = self.resized.back(in_planes(found.labels), window.rows, window.columns)
        there = np.bincount(labels.ravel(), minlength=len(found.quality) + 1)[1:] > 0
        if there.all():
            return FoundCells(labels, found.quality)
        numbers = np.append(0, np.where(there, np.cumsum(there), 0)).astype(np.uint32)
        return FoundCells(numbers[labels], found.quality[there])


@dataclass(frozen=True)
class Zoomed:
    """How frames of an image are read `zoom` times as large as they are by a net of so many channels."""

    reader: Reader
    find: FindCells
    channels: int
    zoom: float

    def find_in_frame(self, frame: npt.NDArray[Any]) -> FoundCells:
        """The cells of a raw frame (c, y, x). Raises ChannelMismatch."""
        look, size = look_at(frame), (frame.shape[1], frame.shape[2])
        return self._of(
            size, lambda rows, columns: normalise(frame[:, rows, columns], look, self.channels)
        ).found()

    def find_in_large(
        self,
        image: LabelledImage,
        at: tuple[int, int],
        output: "zarr.Array[Any]",
        before: int,
        raise_if_asked_to_stop: Callable[[], None],
    ) -> list[CellEntry]:
        """Writes and lists the cells of the frame `at` (t, z) block by block, with ids that follow `before`.
        No more is read at a time than without a zoom, and cells are as large against the margin as those that
        the model knows. Raises ChannelMismatch."""
        seen = self._of(image.size, read_normalised(image, *at, self.channels))
        read = FrameReader(self.reader, seen.resized.size, seen.resized.reading(seen.read_pixels))

        def window(rows: slice, columns: slice) -> Window:
            return Window(read.window(*seen.resized.covering(rows, columns)), rows, columns)

        find = cells_by_block(seen.find_in, block_px=self.block_px, margin_px=self.margin_px)
        return find(LargeFrame(image.size, window, output, at, raise_if_asked_to_stop), before)

    @property
    def block_px(self) -> int:
        """Side of the blocks of a large frame."""
        return max(int(BLOCK_PX / max(self.zoom, 1.0)), 2 * MARGIN_PX)

    @property
    def margin_px(self) -> int:
        """How far blocks of a large frame are looked at beyond their sides."""
        return int(np.ceil(MARGIN_PX / min(self.zoom, 1.0)))

    def _of(self, size: tuple[int, int], read_pixels: ReadPixels) -> ZoomedFrame:
        return ZoomedFrame(self.reader, self.find, Resized.of(size, self.zoom), read_pixels)


def read_normalised(image: LabelledImage, t: int, z: int, channels: int) -> ReadPixels:
    """Normalised pixels of any window of a frame, of which only a sample is looked at before. Raises
    UnreadableImage; the function that it gives, ChannelMismatch."""
    look = look_at(image.read(t, z, *thin_slices(image.size)))

    def read_pixels(rows: slice, columns: slice) -> npt.NDArray[np.float32]:
        return normalise(image.read(t, z, rows, columns), look, channels)

    return read_pixels
