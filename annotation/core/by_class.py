"""Counts of one picture for each class of cells by itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.matching import THRESHOLDS, ImageCounts


def count(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    truth_classes: Mapping[int, str],
    predicted_classes: Mapping[int, str],
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    ignored: NDArray[np.bool_] | None = None,
) -> dict[str, ImageCounts]:
    """Counts of each class that a true or predicted cell has: cells of one class are matched among
    themselves.

    Where no predicted cell has a class (the model tells cells but not kinds), each counts under the class of
    the true cell it shares most pixels with, and under none where it touches no true cell; then a wrong class
    is no fault, and what was invented on background is in the scores of all cells only.
    """
    if ignored is not None:
        truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
    said = predicted_classes or _lent(truth, predicted, truth_classes)
    names = sorted({*_present(truth, truth_classes), *_present(predicted, said)})
    return {
        name: matching.count(_only(truth, truth_classes, name), _only(predicted, said, name), thresholds)
        for name in names
    }


def _lent(truth: NDArray[Any], predicted: NDArray[Any], classes: Mapping[int, str]) -> dict[int, str]:
    table = matching.overlaps(truth, predicted)
    order = np.argsort(table.shared_px, kind="stable")  # the largest is written last
    pairs = zip(table.predicted_ids[table.columns[order]], table.truth_ids[table.rows[order]], strict=True)
    nearest = {int(cell): int(true) for cell, true in pairs}
    return {cell: classes[true] for cell, true in nearest.items() if true in classes}


def _present(labels: NDArray[Any], classes: Mapping[int, str]) -> Iterable[str]:
    return {classes[cell] for cell in np.unique(labels).tolist() if cell in classes}


def _only(labels: NDArray[Any], classes: Mapping[int, str], name: str) -> NDArray[Any]:
    cells = [cell for cell, of_class in classes.items() if of_class == name]
    return np.where(np.isin(labels, cells), labels, 0)
