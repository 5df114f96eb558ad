"""How well predicted cells agree with true ones: overlaps, one-to-one matches, pooled scores.

Labels are arrays (p, …) whose first axis are planes (overlapping cells lie on different planes) and whose
other axes are those of the picture: (p, y, x) for a frame, (p, z, y, x) for a volume. 0 is background.

Scores: average precision TP / (TP + FP + FN) with counts pooled over images (Schmidt et al. 2018, StarDist);
panoptic quality (Kirillov et al. 2019); SEG-like mean (Ulman et al. 2017, Cell Tracking Challenge).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pair = tuple[NDArray[Any], NDArray[Any]]

THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DENSE_TABLE = 1 << 22  # a table of up to this many entries is counted without sorting


@dataclass(frozen=True)
class Overlaps:
    """Which cells share pixels: ids and areas of both sides, and the table's entries that are not zero."""

    truth_ids: Ints
    truth_area_px: Ints
    predicted_ids: Ints
    predicted_area_px: Ints
    rows: Ints  # index into truth_ids
    columns: Ints  # index into predicted_ids
    shared_px: Ints

    @property
    def iou(self) -> Floats:
        """Intersection over union of each entry."""
        union = self.truth_area_px[self.rows] + self.predicted_area_px[self.columns] - self.shared_px
        return np.asarray(self.shared_px / union, np.float64)


@dataclass(frozen=True)
class Matching:
    """One-to-one pairs (ids) at a threshold, their IoU, and what found no partner."""

    truth: Ints
    predicted: Ints
    iou: Floats
    missed: Ints
    invented: Ints


def _numbered(labels: NDArray[Any]) -> tuple[NDArray[np.int64], Ints, Ints]:
    """(labels renumbered 1..n and flattened to (p, pixels), ids, areas)."""
    flat = labels.reshape(len(labels), -1)
    top = int(flat.max(initial=0))
    if top > 16 * flat.shape[1] + 1024:  # ids far apart: a table as long as the largest id would not pay
        ids, inverse = np.unique(np.concatenate(([0], flat.ravel())), return_inverse=True)
        numbers = inverse.reshape(-1)[1:].astype(np.int64).reshape(flat.shape)
        area = np.bincount(numbers.ravel(), minlength=ids.size)
        return numbers, ids[1:].astype(np.int64), area[1:].astype(np.int64)
    area = np.bincount(flat.ravel(), minlength=top + 1)
    area[0] = 0
    ids = np.flatnonzero(area)
    lookup = np.zeros(top + 1, np.int64)
    lookup[ids] = np.arange(1, ids.size + 1)
    return lookup[flat], ids.astype(np.int64), area[ids].astype(np.int64)


def overlaps(truth: NDArray[Any], predicted: NDArray[Any]) -> Overlaps:
    """The sparse overlap table of two label arrays (p, …) and (q, …) of one picture.

    Raises ValueError for pictures of different size.
    """
    if truth.shape[1:] != predicted.shape[1:]:
        raise ValueError(f"Labels of {truth.shape[1:]} and {predicted.shape[1:]} px cannot be compared.")
    a, truth_ids, truth_area = _numbered(truth)
    b, predicted_ids, predicted_area = _numbered(predicted)
    width = predicted_ids.size
    keys = [_shared_keys(plane, other, width) for plane in a for other in b]
    table, counts = _count(np.concatenate(keys), truth_ids.size * width)
    rows, columns = np.divmod(table, max(width, 1))
    return Overlaps(truth_ids, truth_area, predicted_ids, predicted_area, rows, columns, counts)


def _shared_keys(a: Ints, b: Ints, width: int) -> Ints:
    both = (a > 0) & (b > 0)
    return (a[both] - 1) * width + b[both] - 1


def _count(keys: Ints, size: int) -> tuple[Ints, Ints]:
    if size <= DENSE_TABLE:
        dense = np.bincount(keys, minlength=1)
        found = np.flatnonzero(dense)
        return found.astype(np.int64), dense[found].astype(np.int64)
    found, counts = np.unique(keys, return_counts=True)
    return found, counts.astype(np.int64)


# ---------------------------------------------------------------- one to one


def match(truth: NDArray[Any], predicted: NDArray[Any], iou: float) -> Matching:
    """The best one-to-one matching of cells with at least this IoU: most pairs first, then most IoU."""
    return match_overlaps(overlaps(truth, predicted), iou)


def match_overlaps(table: Overlaps, iou: float) -> Matching:
    """`match` on a table already made. Raises ValueError for an IoU that is not above 0 and at most 1."""
    if not 0 < iou <= 1:
        raise ValueError(f"The IoU threshold must be above 0 and at most 1, not {iou}.")
    values = table.iou
    chosen = _one_to_one(table, values, np.flatnonzero(values >= iou))
    rows, columns = table.rows[chosen], table.columns[chosen]
    return Matching(
        table.truth_ids[rows],
        table.predicted_ids[columns],
        values[chosen],
        np.delete(table.truth_ids, rows),
        np.delete(table.predicted_ids, columns),
    )


def _one_to_one(table: Overlaps, values: Floats, entries: Ints) -> Ints:
    """Entries of the best assignment.

    Above an IoU of 0.5 nothing competes unless cells overlap each other; what does compete is assigned one
    connected group at a time.
    """
    rows, columns = table.rows[entries], table.columns[entries]
    size = (table.truth_ids.size, table.predicted_ids.size)
    if np.unique(rows).size == rows.size and np.unique(columns).size == columns.size:
        return entries
    total = size[0] + size[1]
    graph = coo_array((np.ones(entries.size), (rows, columns + size[0])), shape=(total, total))
    group = connected_components(graph, directed=False)[1][rows]
    order = np.argsort(group, kind="stable")
    parts = np.split(entries[order], np.flatnonzero(np.diff(group[order])) + 1)
    chosen = [part if part.size == 1 else _assign(table, values, part) for part in parts]
    return np.sort(np.concatenate(chosen))


def _assign(table: Overlaps, values: Floats, entries: Ints) -> Ints:
    rows, row = np.unique(table.rows[entries], return_inverse=True)
    columns, column = np.unique(table.columns[entries], return_inverse=True)
    entry = np.full((rows.size, columns.size), -1, np.int64)
    entry[row, column] = entries
    # one more pair is worth more than all IoU together
    worth = np.where(entry >= 0, 1 + values[entry] / (2 * min(entry.shape)), 0.0)
    picked: Ints = entry[linear_sum_assignment(worth, maximize=True)]
    return picked[picked >= 0]


# ---------------------------------------------------------------- what is not judged


def outside(labels: NDArray[Any], ignored: NDArray[np.bool_]) -> NDArray[Any]:
    """The labels (p, …) less the cells of which more than half lies where `ignored` (…) is true.

    The rule by which COCO's evaluation passes over crowd regions, with more than half for any overlap.
    """
    if not ignored.any():
        return labels
    ids, area_px = np.unique(labels[labels > 0], return_counts=True)
    within, within_px = np.unique(labels[:, ignored], return_counts=True)
    within, within_px = within[within > 0], within_px[within > 0]
    gone = within[2 * within_px > area_px[np.searchsorted(ids, within)]]
    return (
        np.where(np.isin(labels, gone), 0, labels).astype(labels.dtype, copy=False) if gone.size else labels
    )


# ---------------------------------------------------------------- counts of one image


@dataclass(frozen=True)
class ImageCounts:
    """What one image adds to pooled scores; arrays have one entry a threshold."""

    thresholds: tuple[float, ...]
    tp: Ints
    fp: Ints
    fn: Ints
    iou_sum: Floats
    seg_sum: float
    truths: int
    splits: int
    merges: int


def count(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    ignored: NDArray[np.bool_] | None = None,
) -> ImageCounts:
    """Counts of one image (or frame) at every threshold.

    `ignored` (of the picture's shape, without planes) is where nobody said what is right: cells of either
    side that lie mostly in it count neither as right nor as wrong.
    """
    if ignored is not None:
        truth, predicted = outside(truth, ignored), outside(predicted, ignored)
    return count_overlaps(overlaps(truth, predicted), thresholds)


def count_overlaps(table: Overlaps, thresholds: Sequence[float] = THRESHOLDS) -> ImageCounts:
    """`count` on a table already made."""
    matchings = [match_overlaps(table, threshold) for threshold in thresholds]
    tp = np.asarray([m.iou.size for m in matchings], np.int64)
    return ImageCounts(
        tuple(thresholds),
        tp,
        table.predicted_ids.size - tp,
        table.truth_ids.size - tp,
        np.asarray([m.iou.sum() for m in matchings], np.float64),
        _seg_sum(table),
        int(table.truth_ids.size),
        *_splits_and_merges(table),
    )


def _seg_sum(table: Overlaps) -> float:
    """Sum over true cells of the IoU with the predicted cell that covers more than half of them, else 0."""
    most = table.shared_px * 2 > table.truth_area_px[table.rows]
    best = np.zeros(table.truth_ids.size)
    np.maximum.at(best, table.rows[most], table.iou[most])
    return float(best.sum())


def _splits_and_merges(table: Overlaps) -> tuple[int, int]:
    """True cells that hold most of two or more predicted ones, and predicted cells likewise of true ones."""
    inside_truth = table.shared_px * 2 > table.predicted_area_px[table.columns]
    inside_predicted = table.shared_px * 2 > table.truth_area_px[table.rows]
    splits = np.bincount(table.rows[inside_truth], minlength=1)
    merges = np.bincount(table.columns[inside_predicted], minlength=1)
    return int((splits > 1).sum()), int((merges > 1).sum())


# ---------------------------------------------------------------- pooled scores


@dataclass(frozen=True)
class Scores:
    """Scores of one image or pooled over many; mappings are by IoU threshold.

    Where there is nothing to find and nothing was found, a score is 1.
    """

    ap: dict[float, float]
    precision: dict[float, float]
    recall: dict[float, float]
    f1: dict[float, float]
    pq: dict[float, float]
    seg: float
    true_cells: int
    predicted_cells: int
    splits: int
    merges: int


def pool(counts: Sequence[ImageCounts]) -> Scores:
    """Scores of all images together: counts are added first, then divided. Raises ValueError for none."""
    if not counts:
        raise ValueError("There is no image to score.")
    thresholds = counts[0].thresholds
    tp, fp, fn = (np.sum([getattr(c, name) for c in counts], axis=0) for name in ("tp", "fp", "fn"))
    iou = np.sum([c.iou_sum for c in counts], axis=0)
    truths = sum(c.truths for c in counts)

    def by_threshold(above: NDArray[Any], below: NDArray[Any]) -> dict[float, float]:
        ratio = np.divide(above, below, out=np.ones(len(thresholds)), where=below > 0)
        return dict(zip(thresholds, ratio.tolist(), strict=True))

    return Scores(
        ap=by_threshold(tp, tp + fp + fn),
        precision=by_threshold(tp, tp + fp),
        recall=by_threshold(tp, tp + fn),
        f1=by_threshold(2 * tp, 2 * tp + fp + fn),
        pq=by_threshold(2 * iou, 2 * tp + fp + fn),
        seg=sum(c.seg_sum for c in counts) / truths if truths else 1.0,
        true_cells=truths,
        predicted_cells=int(tp[0] + fp[0]),
        splits=sum(c.splits for c in counts),
        merges=sum(c.merges for c in counts),
    )


def score(pairs: Iterable[Pair], thresholds: Sequence[float] = THRESHOLDS) -> tuple[Scores, list[Scores]]:
    """(pooled scores, scores of each image) of pairs (truth, predicted)."""
    counts = [count(truth, predicted, thresholds) for truth, predicted in pairs]
    return pool(counts), [pool([one]) for one in counts]


def average_precision(pairs: Iterable[Pair], thresholds: Sequence[float] = THRESHOLDS) -> dict[float, float]:
    """TP / (TP + FP + FN) at each threshold, counts pooled over the pairs (truth, predicted)."""
    return pool([count(truth, predicted, thresholds) for truth, predicted in pairs]).ap


def interval_of_ap(
    counts: Sequence[ImageCounts], *, seed: int = 0, draws: int = 1000, level: float = 0.95
) -> dict[float, tuple[float, float]]:
    """Bootstrap interval of the pooled average precision: images are drawn again with replacement."""
    tp = np.stack([c.tp for c in counts])
    all_cells = np.stack([c.tp + c.fp + c.fn for c in counts])
    drawn = np.random.default_rng(seed).integers(0, len(counts), (draws, len(counts)))
    above, below = tp[drawn].sum(axis=1), all_cells[drawn].sum(axis=1)
    ap = np.divide(above, below, out=np.ones(above.shape), where=below > 0)
    low, high = np.quantile(ap, ((1 - level) / 2, (1 + level) / 2), axis=0)
    return dict(zip(counts[0].thresholds, zip(low.tolist(), high.tolist(), strict=True), strict=True))


# ---------------------------------------------------------------- the same cells before and after


def compare_cells(before: NDArray[Any], after: NDArray[Any]) -> Mapping[int, float]:
    """IoU of every cell id with itself in two states of one picture: 0 for cells that came or went."""
    table = overlaps(before, after)
    same = table.truth_ids[table.rows] == table.predicted_ids[table.columns]
    result = dict.fromkeys(np.union1d(table.truth_ids, table.predicted_ids).tolist(), 0.0)
    result.update(zip(table.truth_ids[table.rows[same]].tolist(), table.iou[same].tolist(), strict=True))
    return result
