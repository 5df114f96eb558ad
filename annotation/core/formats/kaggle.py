"""The layout of the 2018 Data Science Bowl: `<id>/images/<id>.png`, one mask a nucleus in `<id>/masks/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import pictures
from annotation.core.formats.base import ImageSource, LabelFrame, RefusedFile
from annotation.core.layers import layers_of

MASK_ENDINGS = (".png", ".tif", ".tiff")


@dataclass(frozen=True)
class MaskFolder:
    """One mask a cell; the cells are numbered in the order of the file names."""

    folder: Path
    height: int
    width: int
    paths: tuple[Path, ...]

    @property
    def note(self) -> str:
        """What was done that the files do not say; nothing here."""
        return ""

    def __iter__(self) -> Iterator[LabelFrame]:
        pixels = [np.flatnonzero(read_mask(path, self.height, self.width)) for path in self.paths]
        owners = np.repeat(np.arange(1, len(pixels) + 1, dtype=np.uint32), [p.size for p in pixels])
        flat = np.concatenate([np.zeros(0, np.int64), *pixels])
        yield 0, 0, layers_of(flat, owners, self.height * self.width).reshape(-1, self.height, self.width)


def read_mask(path: Path, height: int, width: int) -> NDArray[np.bool_]:
    """A mask (y, x) that is True inside the cell. Raises RefusedFile for another size."""
    pixels = pictures.read_pixels(path, indexed=True)
    if pixels.ndim == 3:  # alpha is no part of the mask
        pixels = pixels[..., :3].max(axis=2) if pixels.shape[2] >= 3 else pixels[..., 0]
    if pixels.shape != (height, width):
        raise RefusedFile(
            path, f"the mask is {pixels.shape[0]} x {pixels.shape[1]} px, the image {height} x {width} px"
        )
    return np.asarray(pixels != 0)


def open_masks(folder: Path, image: ImageSource) -> MaskFolder:
    """The masks of an image, each read once to check it. Raises RefusedFile naming the bad mask."""
    _, _, _, height, width = image.shape_tczyx
    paths = tuple(sorted(p for p in folder.iterdir() if p.suffix.lower() in MASK_ENDINGS))
    for path in paths:
        read_mask(path, height, width)
    return MaskFolder(folder, height, width, paths)
