"""Frames at another size: what a net reads of a frame whose cells are larger or smaller than those it learned
from.

A frame and its other size share their corners: the middle of pixel i of a length n that is read as m pixels
lies at (i + ½) · m / n − ½. Every pixel is reckoned from its own neighbours alone, whatever window is asked
for, so windows of one frame fit each other without a seam.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Pixels = npt.NDArray[np.float32]
ReadPixels = Callable[[slice, slice], Pixels]
"""Rows and columns of a frame → normalised pixels (c, y, x)."""


@dataclass(frozen=True)
class Axis:
    """One axis of a frame: `own` pixels long, read as `seen` pixels."""

    own: int
    seen: int

    @staticmethod
    def of(length: int, zoom: float) -> "Axis":
        """A length in px that is read `zoom` times as long, at least one pixel."""
        return Axis(length, max(1, round(length * zoom)))

    @property
    def zoom(self) -> float:
        """Pixels that are read for each of the axis's own."""
        return self.seen / self.own

    def covering(self, span: slice) -> slice:
        """The pixels that are read of which a span of the axis's own is made."""
        start, stop = np.floor(span.start * self.zoom), np.ceil(span.stop * self.zoom)
        return slice(min(int(start), self.seen - 1), min(int(stop), self.seen))

    def nearest(self, span: slice) -> npt.NDArray[np.int64]:
        """The read pixel that shows each of a span of the axis's own, (n,)."""
        places = np.floor((np.arange(span.start, span.stop) + 0.5) * self.zoom)
        return np.clip(places, 0, self.seen - 1).astype(np.int64)

    def weights(self, span: slice) -> tuple[slice, sparse.csr_array]:
        """Which of the axis's own pixels a span of read ones is made of, and how much of each: (n, own).

        Linear interpolation where the axis is enlarged; where it is made smaller, a triangle over all pixels
        that fall into one, so that fine patterns do not become coarse ones.
        """
        reach = max(1.0, 1 / self.zoom)
        middles = (np.arange(span.start, span.stop) + 0.5) / self.zoom - 0.5
        first = np.ceil(middles - reach).astype(np.int64)
        places = first[:, None] + np.arange(int(np.ceil(2 * reach)) + 1)
        share = np.clip(1 - np.abs(places - middles[:, None]) / reach, 0, None)
        share[(places < 0) | (places >= self.own)] = 0
        share /= share.sum(1, keepdims=True)
        places = np.clip(places, 0, self.own - 1)
        start, stop = int(places.min()), int(places.max()) + 1
        rows = np.repeat(np.arange(len(middles)), places.shape[1])
        matrix = sparse.coo_array(
            (share.ravel().astype(np.float32), (rows, places.ravel() - start)),
            shape=(len(middles), stop - start),
        )
        return slice(start, stop), matrix.tocsr()


@dataclass(frozen=True)
class Resized:
    """A frame as a net reads it; rows and columns of `size` px, each with its length in the frame itself."""

    rows: Axis
    columns: Axis

    @staticmethod
    def of(size: tuple[int, int], zoom: float) -> "Resized":
        """A frame of `size` y, x in px that is read `zoom` times as large."""
        return Resized(Axis.of(size[0], zoom), Axis.of(size[1], zoom))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in px of what is read."""
        return self.rows.seen, self.columns.seen

    def reading(self, read_pixels: ReadPixels) -> ReadPixels:
        """Pixels of windows of what is read, out of those of the frame itself."""
        if self.size == (self.rows.own, self.columns.own):
            return read_pixels

        def read(rows: slice, columns: slice) -> Pixels:
            (tall, down), (broad, across) = self.rows.weights(rows), self.columns.weights(columns)
            own = read_pixels(tall, broad)
            return np.stack([(across @ (down @ plane).T).T for plane in own]).astype(np.float32)

        return read

    def covering(self, rows: slice, columns: slice) -> tuple[slice, slice]:
        """The window that is read for a window of the frame itself."""
        return self.rows.covering(rows), self.columns.covering(columns)

    def back(self, labels: npt.NDArray[np.uint32], rows: slice, columns: slice) -> npt.NDArray[np.uint32]:
        """Labels (p, y, x) of what is read for a window → of that window of the frame itself."""
        tall, broad = self.covering(rows, columns)
        y, x = self.rows.nearest(rows) - tall.start, self.columns.nearest(columns) - broad.start
        return labels[:, y[:, None], x]
