"""Pictures of how a classifier does, uint8 (y, x, 3): confusions, reliability, and cells as told."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from annotation.core.class_scores import Table
from training.engine import pictures
from training.engine.calibrating import Reliability
from training.engine.pictures import PREDICTED_COLOUR, TRUE_COLOUR, Rgb

_PAPER, _INK, _FAINT, _BAR = (255, 255, 255), (40, 44, 52), (214, 218, 224), (64, 120, 200)
_SIDE_PX, _MARGIN_PX, _CELL_PX = 300, 46, 64
_FRAME_PX = 3


def confusion(table: Table, names: Sequence[str]) -> Rgb:
    """Cells by true class (rows) and told class (columns); the darker, the larger the share of the row."""
    left = 20 + 7 * max(len(name) for name in names)
    side = _CELL_PX * len(names)
    image, draw = _sheet(left + side + 12, side + 50)
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    for row, name in enumerate(names):
        draw.text((10, row * _CELL_PX + 26), name, fill=_INK)
        draw.text((left + row * _CELL_PX + 4, side + 8), name[:9], fill=_INK)
        for column in range(len(names)):
            x, y, share = left + column * _CELL_PX, row * _CELL_PX, float(shares[row, column])
            shade = tuple(round(255 + (part - 255) * share) for part in _BAR)
            draw.rectangle((x, y, x + _CELL_PX - 2, y + _CELL_PX - 2), fill=shade, outline=_FAINT)
            ink = _PAPER if share > 0.5 else _INK
            draw.text((x + 8, y + 26), str(int(table[row, column])), fill=ink)
    draw.text((10, side + 30), "rows: true class, columns: told class", fill=_INK)
    return np.asarray(image)


def reliability(curve: Reliability) -> Rgb:
    """How often the told class is true against how sure the model was; on the diagonal it can be believed."""
    image, draw = _sheet(_SIDE_PX + 2 * _MARGIN_PX, _SIDE_PX + 2 * _MARGIN_PX)

    def place(x: float, y: float) -> tuple[float, float]:
        return _MARGIN_PX + x * _SIDE_PX, _MARGIN_PX + (1 - y) * _SIDE_PX

    draw.rectangle((*place(0, 1), *place(1, 0)), outline=_FAINT)
    bins = len(curve.cells)
    for number in np.flatnonzero(curve.cells).tolist():
        corners = (*place(number / bins, curve.right[number]), *place((number + 1) / bins, 0))
        draw.rectangle(corners, fill=_BAR, outline=_PAPER)
        x, y = place((number + 0.5) / bins, curve.right[number])
        draw.text((x - 8, y - 14), str(int(curve.cells[number])), fill=_INK)
    draw.line((*place(0, 0), *place(1, 1)), fill=PREDICTED_COLOUR, width=2)
    draw.text((_MARGIN_PX, 14), f"Expected calibration error {curve.error:.3f}", fill=_INK)
    draw.text(
        (_MARGIN_PX, _SIDE_PX + _MARGIN_PX + 14), "how sure: 0 to 1; bars: share right, cells", fill=_INK
    )
    return np.asarray(image)


def told(windows: npt.NDArray[np.float16], right: npt.NDArray[np.bool_], columns: int = 8) -> Rgb:
    """Crops float16 (n, channels + 1, s, s) in a frame: green where the class was told rightly."""
    framed = [
        _framed(pictures.show(window[:-1].astype(np.float32)), TRUE_COLOUR if ok else PREDICTED_COLOUR)
        for window, ok in zip(windows, right, strict=True)
    ]
    return pictures.grid(framed, columns)


def _framed(picture: Rgb, colour: tuple[int, int, int]) -> Rgb:
    framed = np.full(
        (picture.shape[0] + 2 * _FRAME_PX, picture.shape[1] + 2 * _FRAME_PX, 3), colour, np.uint8
    )
    framed[_FRAME_PX:-_FRAME_PX, _FRAME_PX:-_FRAME_PX] = picture
    return framed


def _sheet(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (width, height), _PAPER)
    return image, ImageDraw.Draw(image)
