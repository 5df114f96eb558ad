"""Pictures for people: crops with outlines in rows and columns, uint8 (y, x, 3)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.data.normalising import stretch
from training.engine.decoding.planes import in_planes

Rgb = npt.NDArray[np.uint8]

TRUE_COLOUR = (60, 220, 90)
PREDICTED_COLOUR = (255, 70, 200)
_GAP_PX = 4


def show(pixels: npt.NDArray[np.float32]) -> Rgb:
    """Normalised pixels (c, y, x) as a picture: three channels are red, green, blue, any other number is
    grey.
    """
    seen = pixels if len(pixels) == 3 else np.repeat(pixels.mean(0, keepdims=True), 3, axis=0)
    return np.asarray(np.rint(np.clip(seen, 0, 1) * 255).transpose(1, 2, 0), np.uint8)


def outline(picture: Rgb, labels: npt.NDArray[np.integer], colour: tuple[int, int, int]) -> Rgb:
    """Draws the inner outline of every label of (y, x) in a copy of the picture."""
    padded = np.pad(labels, 1, mode="edge")
    middle = padded[1:-1, 1:-1]
    sides = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    edge = (middle > 0) & np.any([side != middle for side in sides], axis=0)
    drawn = picture.copy()
    drawn[edge] = colour
    return drawn


def grid(pictures: Sequence[Rgb], columns: int) -> Rgb:
    """Pictures in rows of `columns` with a gap between; smaller ones stand at the top left of their place."""
    height, width = max(p.shape[0] for p in pictures), max(p.shape[1] for p in pictures)
    rows = -(-len(pictures) // columns)
    canvas = np.full(
        (rows * (height + _GAP_PX) - _GAP_PX, columns * (width + _GAP_PX) - _GAP_PX, 3), 24, np.uint8
    )
    for place, picture in enumerate(pictures):
        top, left = place // columns * (height + _GAP_PX), place % columns * (width + _GAP_PX)
        canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas


def middle_window(size: tuple[int, int], side_px: int = 256) -> tuple[slice, slice]:
    """Rows and columns of the middle of a frame, at most `side_px` wide and high."""
    tops = [max(0, (length - side_px) // 2) for length in size]
    return slice(tops[0], tops[0] + side_px), slice(tops[1], tops[1] + side_px)


def comparison(frame: npt.NDArray[Any], truth: npt.NDArray[np.uint32], labels: npt.NDArray[np.uint32]) -> Rgb:
    """Image, truth and prediction side by side, the middle 256 px of a raw frame (c, y, x).

    truth: (p, y, x); labels: (y, x) or (p, y, x).
    """
    rows, columns = middle_window((frame.shape[1], frame.shape[2]))
    picture = show(np.clip(stretch(frame), 0, 1))[rows, columns]
    true = picture
    for plane in truth:
        true = outline(true, plane[rows, columns], TRUE_COLOUR)
    said = picture
    for plane in in_planes(labels):
        said = outline(said, plane[rows, columns], PREDICTED_COLOUR)
    return grid([picture, true, said], 3)


def show_target(target: npt.NDArray[np.float32]) -> Rgb:
    """A target (k, y, x): the first three planes as red, green, blue; −1 … 1 becomes dark … bright."""
    planes = np.zeros((3, *target.shape[1:]), np.float32)
    planes[: min(3, len(target))] = target[:3]
    signed = planes.min(axis=(1, 2), keepdims=True) < 0
    return show(np.where(signed, planes / 2 + 0.5, planes).astype(np.float32))
