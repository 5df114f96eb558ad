"""PNG and JPEG: one plane, 8 or 16 bit, grey or colour."""

import warnings
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from annotation.core.formats.base import ArraySource, RefusedFile, check_size, of_array
from annotation.core.formats.colours import channels_of

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
KINDS = {8: np.dtype(np.uint8), 16: np.dtype(np.uint16)}


def open_picture(path: Path) -> ArraySource:
    """A PNG or JPEG as an image with t = z = 1. Raises RefusedFile."""
    channels, names = channels_of(read_pixels(path, indexed=False))
    return of_array(channels[None, :, None], name=path.stem, channel_names=names)


def size_of(path: Path) -> tuple[int, int]:
    """(height, width) of a picture from its header alone. Raises RefusedFile."""
    with _opened(path) as picture:
        return picture.height, picture.width


def read_pixels(path: Path, *, indexed: bool) -> NDArray[Any]:
    """Pixels (y, x) or (y, x, samples); a palette's indices when `indexed`, else its colours.

    Raises RefusedFile when the file is no picture, is cut short or declares too many pixels.
    """
    with _opened(path) as picture:
        mode, deep = picture.mode, _is_deep_png(path)
        if deep:
            return _deep_png(path)
        try:
            if (mode == "P" and not indexed) or mode in ("CMYK", "YCbCr", "LAB", "HSV"):
                picture = picture.convert("RGB")
            return _native(np.asarray(picture))
        except (OSError, SyntaxError, ValueError, MemoryError) as error:
            raise RefusedFile(path, f"the picture is damaged or cut short ({error})") from None


def _native(pixels: NDArray[Any]) -> NDArray[Any]:
    """Machine byte order; 1-bit pictures as 0 and 1."""
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8)
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _opened(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=("PNG", "JPEG"))
    except UnidentifiedImageError:
        raise RefusedFile(path, _why_unknown(path)) from None
    except Image.DecompressionBombError:
        raise RefusedFile(path, "more pixels are declared than are accepted") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedFile(path, f"the picture is damaged ({error})") from None
    try:
        check_size(path, (1, 1, 1, picture.height, picture.width), np.dtype(np.uint8))
    except RefusedFile:
        picture.close()
        raise
    return picture


def _why_unknown(path: Path) -> str:
    return "the file is empty" if path.stat().st_size == 0 else "this is not a PNG or JPEG picture"


def _is_deep_png(path: Path) -> bool:
    """16-bit colour PNG, which Pillow would cut down to 8 bit."""
    with path.open("rb") as file:
        head = file.read(26)
    return head[:8] == PNG_MAGIC and head[24] == 16 and head[25] in (2, 4, 6)


def _deep_png(path: Path) -> NDArray[Any]:
    try:
        return np.asarray(imagecodecs.png_decode(path.read_bytes()))
    except imagecodecs.PngError as error:
        raise RefusedFile(path, f"the picture is damaged or cut short ({error})") from None
