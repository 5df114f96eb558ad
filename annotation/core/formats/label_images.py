"""Label images that belong to an image: numbered cells, or black-and-white masks taken apart into pieces."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.formats import pictures, sources
from annotation.core.formats.base import (
    MAX_CELL_ID,
    ImageSource,
    LabelFrame,
    RefusedFile,
    frames_of,
    of_array,
)
from annotation.core.formats.colours import channels_of

TOUCHING = np.ones((3, 3, 3), int)  # pieces that meet at a corner are one
PIECES_NOTE = "The mask has one value; each connected piece became a cell."


@dataclass(frozen=True)
class LabelFile:
    """A label image that fits its image. Iterating gives (t, z, planes (p, y, x) uint32), frame by frame."""

    path: Path
    source: ImageSource
    image_shape: tuple[int, int, int, int, int]
    black_and_white: bool

    @property
    def note(self) -> str:
        """What was done that the file does not say; empty when nothing."""
        return PIECES_NOTE if self.black_and_white else ""

    def __iter__(self) -> Iterator[LabelFrame]:
        frames = self._pieces() if self.black_and_white else self._numbered()
        return iter(frames)

    def _numbered(self) -> Iterator[LabelFrame]:
        for number, (t, z) in enumerate(self._frames()):
            yield t, z, self._planes(number).astype(np.uint32)

    def _planes(self, number: int) -> NDArray[Any]:
        """The planes of the image's frame number `number`, however the label file orders its pages."""
        size_t, size_c, size_z, _, _ = self.source.shape_tczyx
        t, _, z, _, _ = self.image_shape
        if (size_t, size_z) == (t, z):
            where = [(number // z, c, number % z) for c in range(size_c)]
        else:
            where = [(number, 0, 0) if size_t > 1 else (0, number, 0) if size_c > 1 else (0, 0, number)]
        return np.stack([self.source.read_plane(*at) for at in where])

    def _frames(self) -> list[tuple[int, int]]:
        size_t, _, size_z, _, _ = self.image_shape
        return [(t, z) for t in range(size_t) for z in range(size_z)]

    def _pieces(self) -> Iterator[LabelFrame]:
        """Connected pieces, in volumes where z is deep; each time point's cells are its own."""
        size_t, _, size_z, _, _ = self.image_shape
        first = 0
        for t in range(size_t):
            volume = np.concatenate([self._planes(t * size_z + z)[:1] > 0 for z in range(size_z)])
            pieces, count = ndimage.label(volume, structure=TOUCHING)
            pieces = np.where(pieces > 0, pieces + first, 0).astype(np.uint32)
            first += count
            yield from ((t, z, pieces[z][None]) for z in range(size_z))


def open_labels(path: Path, image: ImageSource) -> LabelFile:
    """A label image checked against its image: size, number of frames and every value. Raises RefusedFile.

    More than one channel: overlapping cells, one plane each. The whole file is read once for the check.
    """
    source = _open(path)
    _check_shape(path, source, image)
    return LabelFile(path, source, image.shape_tczyx, _check_values(path, source))


def _open(path: Path) -> ImageSource:
    """A palette picture gives its indices, which are the labels, and not its colours."""
    if path.is_file() and sources.sniff(path) in ("png", "jpeg"):
        channels, names = channels_of(pictures.read_pixels(path, indexed=True))
        if len(channels) == 3:
            raise RefusedFile(path, "a label image has one number a pixel, but this picture has colours")
        return of_array(channels[None, :, None], name=path.stem, channel_names=names)
    source = sources.open_image(path)
    if source.channel_names == ("Red", "Green", "Blue"):
        raise RefusedFile(path, "a label image has one number a pixel, but this picture has colours")
    return source


def _check_shape(path: Path, source: ImageSource, image: ImageSource) -> None:
    size_t, size_c, size_z, height, width = source.shape_tczyx
    t, _, z, y, x = image.shape_tczyx
    if (height, width) != (y, x):
        raise RefusedFile(path, f"the labels are {height} x {width} px, the image is {y} x {x} px")
    one_axis = sorted((size_t, size_c, size_z))[:2] == [1, 1]
    if (size_t, size_z) != (t, z) and not (one_axis and size_t * size_c * size_z == t * z):
        has = size_t * size_c * size_z
        raise RefusedFile(path, f"the labels have {has} frames, the image has {t} time points of {z} planes")


def _check_values(path: Path, source: ImageSource) -> bool:
    """Raise RefusedFile for values that are no cell numbers; True for a mask of black and one white."""
    white = source.dtype.kind == "b" or source.dtype == np.uint8
    top = 0
    for t, z in frames_of(source):
        for c in range(source.shape_tczyx[1]):
            plane = source.read_plane(t, c, z)
            check_plane(path, plane)
            top = max(top, int(plane.max()))
            white = white and bool(((plane == 0) | (plane == plane.max())).all())
    return white and top in (1, 255) and _one_value(source, top)


def _one_value(source: ImageSource, top: int) -> bool:
    return all(
        bool(np.isin(source.read_plane(t, c, z), (0, top)).all())
        for t, z in frames_of(source)
        for c in range(source.shape_tczyx[1])
    )


def check_plane(path: Path, plane: NDArray[Any]) -> None:
    """Raise RefusedFile unless every value of the plane is a whole number from 0 to 2^31 - 1."""
    if plane.dtype.kind == "f" and not bool((np.isfinite(plane) & (plane == np.floor(plane))).all()):
        raise RefusedFile(path, "the labels have fractions; cell numbers must be whole")
    if plane.dtype.kind in "fi" and plane.size and plane.min() < 0:
        raise RefusedFile(path, f"the labels have the negative number {plane.min()}")
    if plane.size and plane.max() > MAX_CELL_ID:
        raise RefusedFile(path, f"the cell number {plane.max()} is larger than {MAX_CELL_ID}")
