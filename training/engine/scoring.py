"""Scores of predicted cells and regions against true ones, pooled over all frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotation.core import matching
from training.engine.data.images import Truth
from training.engine.decoding.planes import in_planes

IOUS = (0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Matches:
    """What tuning needs of one frame: `ious` best IoU of each predicted cell 1 … n, (n,); `truths` true
    cells.

    An IoU above 0.5 is reached with one true cell at most, so from there on no assignment is needed.
    """

    ious: npt.NDArray[np.float64]
    truths: int

    def kept(self, keep: npt.NDArray[np.bool_]) -> "Matches":
        """The same frame with only some of the predicted cells."""
        return Matches(self.ious[keep], self.truths)


def judged(predicted: npt.NDArray[np.uint32], ignored: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Predicted cells uint32 (y, x) or (p, y, x) less those mostly in ignored area (y, x), numbered anew
    1 … n."""
    if not ignored.any():
        return predicted
    kept = matching.outside(in_planes(predicted), ignored).reshape(predicted.shape)
    ids, numbers = np.unique(kept, return_inverse=True)
    return (numbers.reshape(kept.shape) + (0 if ids[0] == 0 else 1)).astype(np.uint32)


def match(truth: Truth, predicted: npt.NDArray[np.uint32]) -> Matches:
    """truth: labels with any ids; predicted: uint32 (y, x) or (p, y, x), ids 1 … n, those in ignored area
    left out (`judged`)."""
    table = matching.overlaps(matching.outside(truth.labels, truth.ignored), in_planes(predicted))
    best = np.zeros(len(table.predicted_ids))
    np.maximum.at(best, table.columns, table.iou)
    return Matches(best, len(table.truth_ids))


def average_precision(matches: Sequence[Matches], iou: float = 0.5) -> float:
    """TP / (TP + FP + FN) with counts pooled over the frames; 1 where there is nothing to find and nothing
    found.
    """
    right = sum(int((m.ious > iou).sum()) for m in matches)
    either = sum(len(m.ious) + m.truths for m in matches) - right
    return right / either if either else 1.0


def instance_scores(counts: Sequence[matching.ImageCounts]) -> dict[str, float]:
    """AP at IoU 0.5, 0.75, 0.9; precision, recall, F1, panoptic quality at 0.5; SEG; how many cells and
    frames.
    """
    scores = matching.pool(counts)
    named = {f"ap{round(100 * iou)}": scores.ap[iou] for iou in IOUS}
    named |= {"precision": scores.precision[0.5], "recall": scores.recall[0.5], "f1": scores.f1[0.5]}
    named |= {"pq": scores.pq[0.5], "seg": scores.seg}
    rounded = {name: round(float(value), 4) for name, value in named.items()}
    return {**rounded, "cells": float(scores.true_cells), "frames": float(len(counts))}


def count(truth: Truth, predicted: npt.NDArray[np.uint32]) -> matching.ImageCounts:
    """What one frame adds to the pooled scores; predicted: uint32 (y, x) or (p, y, x). What lies mostly in
    ignored area is passed over."""
    return matching.count(truth.labels, in_planes(predicted), IOUS, ignored=truth.ignored)


def region_table(
    truth: npt.NDArray[np.int64], said: npt.NDArray[np.int64], classes: int
) -> npt.NDArray[np.int64]:
    """Pixels by true class and said class, int64 (classes, classes); truth −1 is not counted."""
    known = truth >= 0
    codes = truth[known] * classes + said[known]
    return np.bincount(codes, minlength=classes * classes).reshape(classes, classes)


def region_scores(table: npt.NDArray[np.int64], names: Sequence[str]) -> dict[str, float]:
    """IoU of each class by name, their mean over all but the background, Dice likewise, and accuracy."""
    both = np.diag(table).astype(float)
    sides = table.sum(0) + table.sum(1)
    iou = np.where(sides > 0, both / np.maximum(sides - both, 1), 1.0)
    dice = np.where(sides > 0, 2 * both / np.maximum(sides, 1), 1.0)
    scores = {f"iou_{name}": float(value) for name, value in zip(names, iou, strict=True)}
    scores["mean_iou"], scores["mean_dice"] = float(iou[1:].mean()), float(dice[1:].mean())
    scores["accuracy"] = float(both.sum() / max(table.sum(), 1))
    return {name: round(value, 4) for name, value in scores.items()}
