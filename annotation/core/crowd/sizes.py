"""Who always draws a little too large, or too small: how far, and the same outlines without that.

Such a worker looks, and what is said is of use (the consensus weighs it by a rate of its own); so nobody is
shut out for it. An outline is moved by the worker's own number of pixels, never made to fit a single cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from annotation.core.crowd import pixels
from annotation.core.crowd.gold import gold_score
from annotation.core.crowd.reading import masks_of
from annotation.core.crowd.spam import Evidence, Verdict, is_spammer
from annotation.core.crowd.values import Kind, Runs

Value = Mapping[str, Any]

TOUCHES_IOU = 0.2
MOST_PX = 4.0


def too_large_px(pairs: Sequence[tuple[Value, Value]]) -> float:
    """By how many px a worker's outlines lie outside (negative: inside) of the true ones: the median over the
    cells of (answer, truth) of the step that makes areas alike; 0 where no cell was met."""
    steps = [step for said, true in pairs for step in _steps(masks_of(said), masks_of(true))]
    return float(np.clip(np.median(steps), -MOST_PX, MOST_PX)) if steps else 0.0


def _steps(said: Sequence[Runs], true: Sequence[Runs]) -> list[float]:
    drawn = pixels.drawn([*said, *true])
    if not said or not true:
        return []
    shared = drawn.shared()[: len(said), len(said) :]
    mine, its = drawn.area_px[: len(said)], drawn.area_px[len(said) :]
    iou = shared / np.maximum(mine[:, None] + its[None, :] - shared, 1)
    best = iou.argmax(axis=0)
    met = np.flatnonzero(iou.max(axis=0) > TOUCHES_IOU)
    radius = (np.sqrt(mine[best[met]] / np.pi), np.sqrt(its[met] / np.pi))
    return [float(step) for step in radius[0] - radius[1]]


def moved(value: Value, step_px: float, *, height: int, width: int) -> dict[str, Any]:
    """The answer with each outline drawn so much further in (negative: further out), px of the crop."""
    masks = (_moved(runs, step_px, height, width) for runs in masks_of(value) if len(runs))
    return {"masks": [runs.tolist() for runs in masks if len(runs)]}


def _moved(runs: Runs, step_px: float, height: int, width: int) -> Runs:
    rim = int(MOST_PX) + 2
    y0, x0 = int(runs[:, 0].min()) - rim, int(runs[:, 1].min()) - rim
    mask = np.zeros((int(runs[:, 0].max()) + rim + 1 - y0, int(runs[:, 2].max()) + rim - x0), bool)
    for y, start, end in runs.tolist():
        mask[y - y0, start - x0 : end - x0] = True
    depth = ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)
    rows, columns = np.nonzero(depth > (step_px if step_px >= 0 else step_px - 0.5))
    rows, columns = rows + y0, columns + x0
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return pixels.runs_of(rows[inside], columns[inside]) if inside.any() else np.zeros((0, 3), np.int64)


@dataclass(frozen=True)
class DrawnAnswer:
    """Outlines beside those that are true, or that all say with that certainty, px of a crop."""

    value: Value
    true: Value
    height: int
    width: int
    certainty: float = 1.0
    start: Value | None = None


def is_spammer_of_any_size(kind: Kind, seen: Sequence[DrawnAnswer]) -> Verdict:
    """Whether these answers are still those of a spammer once the worker's own size is taken off."""
    step_px = too_large_px([(one.value, one.true) for one in seen])
    found = []
    for one in seen:
        value = moved(one.value, step_px, height=one.height, width=one.width)
        found.append(Evidence(gold_score(kind, value, one.true, start=one.start).score, one.certainty))
    return is_spammer(kind, found)
