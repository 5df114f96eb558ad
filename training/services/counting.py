"""What one image adds to each family of scores, from its true and predicted labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core import box_scores, confidence, matching, region_scores
from annotation.core.box_scores import Picture

AT_IOU = 0.5
CELL = "cell"
"""The one class of boxes where no classes are told."""
Box = tuple[float, float, float, float]
"""y0, x0, y1, x1, px."""


@dataclass(frozen=True)
class Side:
    """What is known of the cells of one side: classes, qualities, boxes that a model told itself."""

    classes: Mapping[int, str]
    qualities: Mapping[int, float] = field(default_factory=dict)
    boxes: Mapping[int, Box] = field(default_factory=dict)


@dataclass
class Counter:
    """Counts one image, time point by time point; `boxes_most`: detections that count, None for no boxes."""

    right: Side
    said: Side
    judges_classes: bool = False
    boxes_most: int | None = None
    _regions: list[dict[str, list[int]]] = field(default_factory=list)
    _classes: dict[str, dict[str, int]] = field(default_factory=dict)
    _sure: list[dict[str, list[float]]] = field(default_factory=list)
    _pictures: list[Picture] = field(default_factory=list)

    def add(self, truth: NDArray[Any], predicted: NDArray[Any], ignored: NDArray[np.bool_]) -> None:
        """One time point: labels (p, z, y, x), ignored (z, y, x)."""
        classes = self.right.classes, self.said.classes
        self._regions.append(region_scores.count(truth, predicted, *classes, ignored))
        if ignored.any():
            truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
        pairs = matching.match(truth, predicted, AT_IOU)
        partner = dict(zip(pairs.predicted.tolist(), pairs.truth.tolist(), strict=True))
        for cell, true in partner.items():
            if true in self.right.classes and cell in self.said.classes:
                row = self._classes.setdefault(self.right.classes[true], {})
                told = self.said.classes[cell]
                row[told] = row.get(told, 0) + 1
        self._sure.append(self._confidence([*partner, *pairs.invented.tolist()], partner))
        if self.boxes_most is not None:
            self._pictures += [self._picture(truth[:, z], predicted[:, z]) for z in range(truth.shape[1])]

    def tables(self) -> dict[str, Any]:
        """The families that have anything to tell."""
        found: dict[str, Any] = {"regions": region_scores.added(self._regions)}
        if self._classes:
            found["classes"] = self._classes
        sure = confidence.added(self._sure)
        if sum(sure["cells"]):
            found["confidence"] = sure
        if self.boxes_most is not None:
            found["boxes"] = box_scores.count(self._pictures, self._names(), most=self.boxes_most)
        return found

    def _confidence(self, cells: Sequence[int], partner: Mapping[int, int]) -> dict[str, list[float]]:
        """A cell is right where it matches a true one, of its class where the model tells classes alone."""
        told = [cell for cell in cells if self.said.qualities.get(cell) is not None]
        if self.judges_classes:
            told = [c for c in told if partner.get(c) in self.right.classes and c in self.said.classes]
        quality = np.array([self.said.qualities[cell] for cell in told], np.float64)
        right = np.array([cell in partner and self._class_is_right(cell, partner) for cell in told], np.bool_)
        return confidence.count(quality, right)

    def _class_is_right(self, cell: int, partner: Mapping[int, int]) -> bool:
        return not self.judges_classes or self.right.classes[partner[cell]] == self.said.classes[cell]

    def _names(self) -> list[str]:
        told = sorted({*self.right.classes.values(), *self.said.classes.values()})
        return told if self.right.classes and self.said.classes else [CELL]

    def _picture(self, truth: NDArray[Any], predicted: NDArray[Any]) -> Picture:
        names = self._names()
        own, said = _boxes(truth, {}), _boxes(predicted, self.said.boxes)

        def numbers(cells: Sequence[int], classes: Mapping[int, str]) -> NDArray[np.int64]:
            known = [names.index(classes[c]) + 1 if classes.get(c) in names else 1 for c in cells]
            return np.array(known, np.int64)

        return Picture(
            true_boxes=_table(own.values()),
            true_classes=numbers(list(own), self.right.classes),
            boxes=_table(said.values()),
            classes=numbers(list(said), self.said.classes),
            scores=np.array([self.said.qualities.get(cell) or 1.0 for cell in said], np.float64),
        )


def _boxes(planes: NDArray[Any], told: Mapping[int, Box]) -> dict[int, Box]:
    """Of each cell of a frame's labels (p, y, x) its box: as it was told, else around its pixels."""
    found: dict[int, Box] = {}
    for plane in planes:
        ids, numbers = np.unique(plane, return_inverse=True)
        offset = 0 if ids.size and ids[0] == 0 else 1
        slices = ndimage.find_objects(numbers.reshape(plane.shape) + offset)
        for cell, at in zip(ids[1 - offset :].tolist(), slices, strict=True):
            y0, x0, y1, x1 = at[0].start, at[1].start, at[0].stop, at[1].stop
            if cell in found:
                a = found[cell]
                y0, x0, y1, x1 = min(a[0], y0), min(a[1], x0), max(a[2], y1), max(a[3], x1)
            found[cell] = told.get(cell, (float(y0), float(x0), float(y1), float(x1)))
    return found


def _table(boxes: Any) -> NDArray[np.float64]:
    """Boxes (n, 4) as x0, y0, x1, y1."""
    rows = [(x0, y0, x1, y1) for y0, x0, y1, x1 in boxes]
    return np.array(rows, np.float64).reshape(len(rows), 4)
