"""Small cells are asked about in an enlarged picture: one of 13 px has too few cells of the embedding.

A picture enlarged twice is a picture like any other, with an embedding of its own, made only where small
cells are clicked. What a first click finds decides: up to 36 px of extent it is asked again in the enlarged
picture, and what is found there to be larger than 54 px is asked in the plain one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.prompting.answering import (
    Answer,
    Decode,
    Floats,
    PlacedMask,
    Prompt,
    answer,
    look_twice,
    place_mask,
)

PLAIN, ENLARGED = 1, 2
SMALL_PX, LARGE_PX = 36, 54


@dataclass(frozen=True)
class ZoomedAnswer:
    """An answer in px of the picture enlarged `zoom` times."""

    zoom: int
    answer: Answer


def answer_zoomed(
    decode: Decode,
    embedding_at: Callable[[int], Floats],
    size: tuple[int, int],
    prompt: Prompt,
    before: ZoomedAnswer | None,
    *,
    zoom: int = PLAIN,
) -> tuple[ZoomedAnswer, PlacedMask]:
    """The answer, and its mask in px of the picture. `zoom` is where the first click of a cell starts."""

    def size_at(at: int) -> tuple[int, int]:
        return size[0] * at, size[1] * at

    def ask(at: int, earlier: Answer | None) -> ZoomedAnswer:
        asked = enlarge_prompt(prompt, at)
        return ZoomedAnswer(at, answer(decode, embedding_at(at), size_at(at), asked, earlier))

    found = ask(zoom, None) if before is None else ask(before.zoom, before.answer)
    extent_px = max((0, *_extent(mask_of(found, prompt, size))))
    if found.zoom == PLAIN and 0 < extent_px <= SMALL_PX:
        found = ask(ENLARGED, None)
    elif found.zoom == ENLARGED and extent_px > LARGE_PX:
        found = ask(PLAIN, None)
    at, asked = found.zoom, enlarge_prompt(prompt, found.zoom)
    found = ZoomedAnswer(at, look_twice(decode, embedding_at(at), size_at(at), asked, found.answer))
    return found, mask_of(found, prompt, size)


def mask_of(found: ZoomedAnswer, prompt: Prompt, size: tuple[int, int]) -> PlacedMask:
    """The mask in px of the picture."""
    large = (size[0] * found.zoom, size[1] * found.zoom)
    return shrink_mask(place_mask(found.answer, enlarge_prompt(prompt, found.zoom), large), found.zoom)


def enlarge_prompt(prompt: Prompt, zoom: int) -> Prompt:
    """The same places in the enlarged picture."""
    if zoom == PLAIN:
        return prompt
    y0, x0, y1, x1 = prompt.box or (0.0, 0.0, 0.0, 0.0)
    box = None if prompt.box is None else (y0 * zoom, x0 * zoom, y1 * zoom, x1 * zoom)
    return Prompt([(y * zoom, x * zoom, sign) for y, x, sign in prompt.clicks], box)


def shrink_mask(placed: PlacedMask, zoom: int) -> PlacedMask:
    """Pixels of the picture of which at least half is in the mask."""
    if zoom == PLAIN:
        return placed
    top, left = placed.top // zoom, placed.left // zoom
    before = (placed.top - top * zoom, placed.left - left * zoom)
    height, width = placed.mask.shape
    after = (-(before[0] + height) % zoom, -(before[1] + width) % zoom)
    whole = np.pad(placed.mask, ((before[0], after[0]), (before[1], after[1])))
    parts = whole.reshape(whole.shape[0] // zoom, zoom, whole.shape[1] // zoom, zoom)
    return PlacedMask(top, left, np.asarray(2 * parts.sum((1, 3)) >= zoom**2))


def enlarge_pixels(pixels: npt.NDArray[Any], zoom: int) -> npt.NDArray[Any]:
    """(c, y, x) enlarged, bilinear between pixel middles, borders repeated; float32 if zoom is not 1."""
    if zoom == PLAIN:
        return pixels
    values = np.nan_to_num(pixels.astype(np.float32), posinf=0.0, neginf=0.0)
    for axis in (1, 2):
        length = values.shape[axis]
        at = (np.arange(length * zoom) + 0.5) / zoom - 0.5
        low = np.clip(np.floor(at).astype(int), 0, length - 1)
        high = np.minimum(low + 1, length - 1)
        share = np.clip(at - low, 0, 1).astype(np.float32)
        share = share[None, :, None] if axis == 1 else share[None, None, :]
        values = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return values


def _extent(placed: PlacedMask) -> tuple[int, ...]:
    """Height and width of what is in the mask; nothing for an empty one."""
    lines = [np.flatnonzero(placed.mask.any(axis)) for axis in (1, 0)]
    return tuple(int(line[-1] - line[0] + 1) for line in lines if len(line))
