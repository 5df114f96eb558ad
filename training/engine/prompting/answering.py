"""From clicks to a mask: which window of the embedding is asked, when a wider one is, and what is kept.

numpy and scipy only, so that the resident process needs no torch; the pages do the same in TypeScript
(frontend/src/editor/prompting), held to it by fixtures. All places are in px of the picture, y before x, with
pixel middles at .5; the decoder's own unit, the cell, stays in here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.segmentation import watershed

from training.engine.prompting.windows import (
    SCALES,
    STRIDE_PX,
    WINDOW_CELLS,
    Window,
    scale_for,
    window_around,
)

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Decode = Callable[[Floats, Floats, Floats, Floats, Floats], tuple[Floats, float]]
"""embedding (f, s, s), inside (1, s, s), points (p, 3), box (5,), before (1, 2 s, 2 s) → logits (2 s, 2
s), quality.
"""

OUTPUT_CELLS = 2 * WINDOW_CELLS
_STEPS_A_PX = 16
_MARGIN_CELLS = 3
"""A kept window must have this much room around everything that is asked about."""


@dataclass(frozen=True)
class Prompt:
    """What a person said: clicks (y, x, sign) in order, and a box (y0, x0, y1, x1) or none."""

    clicks: Sequence[tuple[float, float, int]]
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Answer:
    """`logits` (96, 96) over `window`, and the IoU that the net expects of it."""

    window: Window
    logits: Floats
    quality: float


@dataclass(frozen=True)
class PlacedMask:
    """A mask (y, x) with its top left pixel in the picture."""

    top: int
    left: int
    mask: Mask


def answer(
    decode: Decode,
    embedding: Floats,
    size: tuple[int, int],
    prompt: Prompt,
    before: Answer | None,
    *,
    scale: int = 1,
) -> Answer:
    """Answers a prompt on a picture of `size` (height, width) px; embedding: (f, y / 2, x / 2), −1 … 1.

    `before` is the answer to the same prompt without its last click. `scale` is where the first click of a
    cell starts; a mask that reaches the window's border is asked again in one twice as wide.
    """
    window = _choose_window(prompt, before, size, scale)
    while True:
        given = _resample(before, window)
        logits, quality = decode(*_lay_out(embedding, size, prompt, window), given[None])
        found = Answer(window, logits, quality)
        wider = _wider(found, prompt, size)
        if wider is None:
            return found
        window = wider


def look_twice(
    decode: Decode, embedding: Floats, size: tuple[int, int], prompt: Prompt, found: Answer
) -> Answer:
    """The mean of an answer and of what the net says of the same question in the mirror, having seen the
    answer.

    On held-out training images it is worth one point of IoU at any number of clicks, for one more decoding.
    """
    taken, inside, points, box = _lay_out(embedding, size, prompt, found.window)
    turned_points, turned_box = points.copy(), box.copy()
    turned_points[:, 1] = WINDOW_CELLS - points[:, 1]
    turned_box[[1, 3]] = WINDOW_CELLS - box[[3, 1]]
    logits, quality = decode(
        np.ascontiguousarray(taken[:, :, ::-1]),
        np.ascontiguousarray(inside[:, :, ::-1]),
        turned_points,
        turned_box,
        np.ascontiguousarray(found.logits[None, :, ::-1]),
    )
    both = ((found.logits + logits[:, ::-1]) / 2).astype(np.float32)
    return Answer(found.window, both, (found.quality + quality) / 2)


def place_mask(found: Answer, prompt: Prompt, size: tuple[int, int]) -> PlacedMask:
    """The mask in px of the picture: the parts with a click on the cell, or the largest, without holes."""
    k, window = found.window.scale, found.window
    logits = enlarge(found.logits, k)
    top, left = window.top * window.cell_px, window.left * window.cell_px
    y0, x0 = max(0, -top), max(0, -left)
    y1, x1 = min(logits.shape[0], size[0] - top), min(logits.shape[1], size[1] - left)
    mask = logits[y0:y1, x0:x1] > 0
    top, left = top + y0, left + x0
    said = [(int(y) - top, int(x) - left, sign) for y, x, sign in prompt.clicks]
    kept = keep_parts(mask, [(y, x) for y, x, sign in said if sign > 0])
    return PlacedMask(top, left, without_beside(kept, said))


def without_beside(mask: Mask, clicks: Sequence[tuple[int, int, int]]) -> Mask:
    """What belongs to the clicks on the cell where one beside it still lies in the mask.

    The mask's shape is divided at its waists: a watershed of the distance to the outline, from all clicks.
    A click beside a cell that only just leaves its outline takes a few pixels there and no more.
    """
    height, width = mask.shape
    markers = np.zeros(mask.shape, np.int32)
    for y, x, sign in clicks:
        if 0 <= y < height and 0 <= x < width and mask[y, x]:
            markers[y, x] = 1 if sign > 0 else 2
    if mask.all() or not ((markers == 1).any() and (markers == 2).any()):
        return mask
    depth = ndimage.distance_transform_edt(mask)
    heights = -np.floor(_STEPS_A_PX * depth + 0.5).astype(np.int32)
    basins = watershed(heights, markers, mask=mask)
    return np.asarray(basins == 1)


def enlarge(logits: Floats, times: int) -> Floats:
    """Bilinear enlargement of (s, s) to (times s, times s), pixel middles kept, borders repeated."""
    if times == 1:
        return logits
    at = (np.arange(len(logits) * times) + 0.5) / times - 0.5
    low = np.clip(np.floor(at).astype(int), 0, len(logits) - 1)
    high = np.minimum(low + 1, len(logits) - 1)
    share = np.clip(at - low, 0, 1).astype(np.float32)
    rows = logits[low] * (1 - share[:, None]) + logits[high] * share[:, None]
    return np.asarray(rows[:, low] * (1 - share) + rows[:, high] * share, np.float32)


def keep_parts(mask: Mask, clicks: Sequence[tuple[int, int]]) -> Mask:
    """The connected parts with a click (y, x) on them, or the largest without one; holes filled."""
    parts, count = ndimage.label(mask)
    if count == 0:
        return mask
    height, width = mask.shape
    wanted = {int(parts[y, x]) for y, x in clicks if 0 <= y < height and 0 <= x < width} - {0}
    if not wanted:
        wanted = {int(np.bincount(parts.reshape(-1))[1:].argmax()) + 1}
    return np.asarray(ndimage.binary_fill_holes(np.isin(parts, list(wanted))), bool)


def _bounds(
    prompt: Prompt, before: Answer | None, size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """What must fit into the window: the box, the clicks, and the mask so far; None without a point."""
    places = [(y, x) for y, x, _ in prompt.clicks]
    if prompt.box is not None:
        places += [prompt.box[:2], prompt.box[2:]]
    if before is not None:
        placed = place_mask(before, prompt, size)
        if placed.mask.any():
            rows, columns = np.flatnonzero(placed.mask.any(1)), np.flatnonzero(placed.mask.any(0))
            places += [(placed.top + rows[0], placed.left + columns[0])]
            places += [(placed.top + rows[-1] + 1, placed.left + columns[-1] + 1)]
    ys, xs = [y for y, _ in places], [x for _, x in places]
    return (min(ys), min(xs), max(ys), max(xs)) if places else None


def _choose_window(prompt: Prompt, before: Answer | None, size: tuple[int, int], scale: int) -> Window:
    bounds = _bounds(prompt, before, size)
    assert bounds is not None, "a prompt has a click or a box"
    if before is not None and _fits(before.window, bounds):
        return before.window
    y0, x0, y1, x1 = bounds
    needed = scale_for(max(y1 - y0, x1 - x0))
    start = before.window.scale if before is not None else (1 if prompt.box is not None else scale)
    return window_around((y0 + y1) / 2, (x0 + x1) / 2, max(needed, start))


def _fits(window: Window, bounds: tuple[float, float, float, float]) -> bool:
    y0, x0, y1, x1 = (at / window.cell_px for at in bounds)
    low, high = _MARGIN_CELLS, WINDOW_CELLS - _MARGIN_CELLS
    return (
        y0 - window.top >= low
        and x0 - window.left >= low
        and y1 - window.top <= high
        and x1 - window.left <= high
    )


def _wider(found: Answer, prompt: Prompt, size: tuple[int, int]) -> Window | None:
    """A window twice as wide around the mask where the mask runs into the window's border, else None."""
    window = found.window
    if window.scale == SCALES[-1]:
        return None
    placed = place_mask(found, prompt, size)
    top, left = window.top * window.cell_px, window.left * window.cell_px
    bottom, right = top + window.side_px, left + window.side_px
    mask = placed.mask
    cut = (
        (top > 0 and mask[:1].any())
        or (left > 0 and mask[:, :1].any())
        or (bottom < size[0] and mask[-1:].any())
        or (right < size[1] and mask[:, -1:].any())
    )
    if not cut:
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    y, x = placed.top + (rows[0] + rows[-1] + 1) / 2, placed.left + (columns[0] + columns[-1] + 1) / 2
    return window_around(float(y), float(x), SCALES[SCALES.index(window.scale) + 1])


def _lay_out(
    embedding: Floats, size: tuple[int, int], prompt: Prompt, window: Window
) -> tuple[Floats, Floats, Floats, Floats]:
    taken = take_window(embedding, window)
    # Cells that are only partly in the picture count as inside.
    inside = take_window(np.ones((1, -(-size[0] // STRIDE_PX), -(-size[1] // STRIDE_PX)), np.float32), window)
    cell = window.cell_px
    points = [(y / cell - window.top, x / cell - window.left, sign) for y, x, sign in prompt.clicks]
    box = np.zeros(5, np.float32)
    if prompt.box is not None:
        y0, x0, y1, x1 = (at / cell for at in prompt.box)
        box[:] = (y0 - window.top, x0 - window.left, y1 - window.top, x1 - window.left, 1)
    return taken, inside, np.array(points or [(0, 0, 0)], np.float32), box


def take_window(source: Floats, window: Window) -> Floats:
    """The window of (f, y, x), 0 beyond it; at a coarser scale, means of k × k cells."""
    k = window.scale
    side = WINDOW_CELLS * k
    top, left = window.top * k, window.left * k
    taken = np.zeros((len(source), side, side), np.float32)
    y0, y1 = max(top, 0), min(top + side, source.shape[1])
    x0, x1 = max(left, 0), min(left + side, source.shape[2])
    if y0 < y1 and x0 < x1:
        taken[:, y0 - top : y1 - top, x0 - left : x1 - left] = source[:, y0:y1, x0:x1]
    if k == 1:
        return taken
    return np.asarray(taken.reshape(len(source), WINDOW_CELLS, k, WINDOW_CELLS, k).mean((2, 4)), np.float32)


def _resample(before: Answer | None, window: Window) -> Floats:
    """The earlier logits in the new window, nearest pixel; 0 where the old window did not reach."""
    if before is None:
        return np.zeros((OUTPUT_CELLS, OUTPUT_CELLS), np.float32)
    if before.window == window:
        return before.logits
    old, result = before.window, np.zeros((OUTPUT_CELLS, OUTPUT_CELLS), np.float32)
    steps = (np.arange(OUTPUT_CELLS) + 0.5) * window.scale
    rows = np.floor((steps + window.top * window.cell_px - old.top * old.cell_px) / old.scale).astype(int)
    columns = np.floor((steps + window.left * window.cell_px - old.left * old.cell_px) / old.scale).astype(
        int
    )
    good_rows = np.flatnonzero((rows >= 0) & (rows < OUTPUT_CELLS))
    good_columns = np.flatnonzero((columns >= 0) & (columns < OUTPUT_CELLS))
    result[np.ix_(good_rows, good_columns)] = before.logits[np.ix_(rows[good_rows], columns[good_columns])]
    return result
