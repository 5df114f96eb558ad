"""How far two ratings of the same images agree: their cells, and the classes of the cells that both found.

Cells are paired one to one (`matching`); neither rating is the truth, and every measure here is the same in
both directions: F1 at steps of IoU, PQ, the mean IoU of paired cells, and Cohen's kappa (1960) over the
classes of cells paired at IoU 0.5. Pooled measures add up counts of images first; their intervals draw whole
images again (`bootstrap`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation.core import bootstrap, matching, resampling
from annotation.core.bootstrap import Estimate
from annotation.core.frame_differences import Tiles, overlaps_of_tiles
from annotation.core.matching import THRESHOLDS, ImageCounts, Overlaps
from annotation.core.resampling import Floats, Key

STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)
DRAWS = 1000
AGREED_IOU = 0.5
NO_CLASS = ""

Classes = Mapping[int, str]
"""Class of a cell by its id; cells without one are left out."""


@dataclass(frozen=True)
class PairCounts:
    """What two ratings of one image add to pooled measures. `first_cells` and `second_cells` are counted in
    every frame where they are; `classes` counts paired cells by (class of the first, class of the second)."""

    counts: ImageCounts
    first_cells: int
    second_cells: int
    classes: Mapping[tuple[str, str], int] = field(default_factory=dict)


def count(frames: Iterable[tuple[Tiles, Tiles]], first: Classes, second: Classes) -> PairCounts:
    """Compare two ratings of an image: their tiles frame by frame, and the classes of their cells."""
    tables = [overlaps_of_tiles(one, two) for one, two in frames]
    if not tables:
        none = matching.count_overlaps(matching.overlaps(_EMPTY, _EMPTY))
        return PairCounts(none, 0, 0)
    told: Counter[tuple[str, str]] = Counter()
    for table in tables:
        told.update(_classes(table, first, second))
    return PairCounts(
        bootstrap.total([matching.count_overlaps(table) for table in tables]),
        sum(int(table.truth_ids.size) for table in tables),
        sum(int(table.predicted_ids.size) for table in tables),
        dict(told),
    )


_EMPTY = np.zeros((1, 1, 1), np.uint32)


def _classes(table: Overlaps, first: Classes, second: Classes) -> Iterable[tuple[str, str]]:
    """Of each pair of cells its two classes, where at least one of the two has one."""
    matched = matching.match_overlaps(table, AGREED_IOU)
    for one, two in zip(matched.truth.tolist(), matched.predicted.tolist(), strict=True):
        pair = first.get(one, NO_CLASS), second.get(two, NO_CLASS)
        if pair != (NO_CLASS, NO_CLASS):
            yield pair


def measures(images: Sequence[PairCounts]) -> dict[str, Estimate]:
    """f1_50 … f1_90, pq, mean_iou (of cells paired at 0.5) and, where any cell has a class, kappa; without at
    least two images without intervals. {} for no image."""
    if not images:
        return {}
    found = resampling.estimates(_judge(images), len(images), draws=DRAWS)
    return {name: value for (_, name), value in found.items()}


def _judge(images: Sequence[PairCounts]) -> resampling.Judge:
    table = np.asarray([_row(image.counts) for image in images])
    names = sorted({name for image in images for pair in image.classes for name in pair})
    pairs = np.asarray([_table(image, names).ravel() for image in images], np.float64)

    def scores(weights: Floats) -> dict[Key, Floats]:
        tp, fp, fn, iou = np.moveaxis((weights @ table).reshape(len(weights), 4, -1), 1, 0)
        every, at = 2 * tp + fp + fn, {step: THRESHOLDS.index(step) for step in STEPS}
        f1 = resampling.ratio(2 * tp, every)
        found: dict[Key, Floats] = {("", f"f1_{round(100 * step)}"): f1[:, i] for step, i in at.items()}
        half = at[AGREED_IOU]
        found["", "pq"] = resampling.ratio(2 * iou, every)[:, half]
        found["", "mean_iou"] = resampling.ratio(iou, tp)[:, half]
        if names:
            found["", "kappa"] = kappa((weights @ pairs).reshape(len(weights), len(names), len(names)))
        return found

    return scores


def _row(counts: ImageCounts) -> Floats:
    return np.concatenate([counts.tp, counts.fp, counts.fn, counts.iou_sum]).astype(np.float64)


def _table(image: PairCounts, names: Sequence[str]) -> NDArray[np.float64]:
    """(k, k) pairs by class of the first and of the second."""
    table, place = np.zeros((len(names), len(names))), {name: i for i, name in enumerate(names)}
    for (one, two), cells in image.classes.items():
        table[place[one], place[two]] = cells
    return table


def kappa(tables: Floats) -> Floats:
    """Cohen's kappa of tables (n, k, k): 1 − (1 − agreed) / (1 − agreed by chance); 1 where both say one and
    the same class of everything, or nothing."""
    cells = np.maximum(tables.sum(axis=(1, 2)), 1)
    agreed = np.trace(tables, axis1=1, axis2=2) / cells
    chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / cells**2
    empty = tables.sum(axis=(1, 2)) == 0
    found = 1 - np.divide(1 - agreed, 1 - chance, out=np.zeros_like(agreed), where=chance < 1)
    return np.where(empty, 1.0, found)
