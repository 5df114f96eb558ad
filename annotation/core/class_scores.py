"""Scores of classes from a table of cells by true class (rows) and told class (columns)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from annotation.core.resampling import Floats, Judge, Key, ratio

Table = npt.NDArray[np.int64]


def class_table(truth: npt.NDArray[np.integer], told: npt.NDArray[np.integer], classes: int) -> Table:
    """Cells by true class and told class, int64 (classes, classes), from classes 0 … of (n,) cells."""
    codes = truth.astype(np.int64) * classes + told
    return np.bincount(codes, minlength=classes * classes).reshape(classes, classes)


def recalls(table: Table) -> npt.NDArray[np.float64]:
    """Share of each true class that was told, (k,); 0 for a class without cells."""
    return np.asarray(np.diag(table) / np.maximum(table.sum(1), 1))


def precisions(table: Table) -> npt.NDArray[np.float64]:
    """Share of each told class that is true, (k,); 0 for a class that was never told."""
    return np.asarray(np.diag(table) / np.maximum(table.sum(0), 1))


def f1s(table: Table) -> npt.NDArray[np.float64]:
    """Harmonic mean of recall and precision, (k,)."""
    return np.asarray(2 * np.diag(table) / np.maximum(table.sum(0) + table.sum(1), 1))


def macro_f1(table: Table) -> float:
    """Mean F1 over the classes that occur or were told; 0 without cells."""
    seen = table.sum(0) + table.sum(1) > 0
    return float(f1s(table)[seen].mean()) if seen.any() else 0.0


def class_scores(table: Table, names: Sequence[str]) -> dict[str, float]:
    """Macro F1, balanced accuracy, accuracy, then F1, precision and recall of each class that occurs."""
    occurs = table.sum(1) > 0
    scores = {
        "macro_f1": macro_f1(table),
        "balanced_accuracy": float(recalls(table)[occurs].mean()) if occurs.any() else 0.0,
        "accuracy": float(np.diag(table).sum() / max(table.sum(), 1)),
    }
    for kind, values in (("f1", f1s(table)), ("precision", precisions(table)), ("recall", recalls(table))):
        scores |= {f"{kind}_{names[k]}": float(values[k]) for k in np.flatnonzero(occurs).tolist()}
    return {**{name: round(value, 4) for name, value in scores.items()}, "cells": float(table.sum())}


def judge(images: Sequence[Mapping[str, Mapping[str, int]]]) -> Judge:
    """Scores of images, each cells by true and told class, {true: {told: cells}}: macro F1, balanced
    accuracy, accuracy, and of each class its F1, precision and recall, as `class_scores` has them.
    """
    names = classes_in(images)
    table = np.asarray([table_of(image, names).ravel() for image in images], np.float64)

    def scores(weights: Floats) -> dict[Key, Floats]:
        sums = (weights @ table).reshape(len(weights), len(names), len(names))
        right = np.diagonal(sums, axis1=1, axis2=2)
        true, told = sums.sum(2), sums.sum(1)
        f1, recall = ratio(2 * right, true + told, empty=0.0), ratio(right, true, empty=0.0)
        seen, occurs = (true + told > 0).astype(float), (true > 0).astype(float)
        found: dict[Key, Floats] = {
            ("", "macro_f1"): ratio((f1 * seen).sum(1), seen.sum(1), empty=0.0),
            ("", "balanced_accuracy"): ratio((recall * occurs).sum(1), occurs.sum(1), empty=0.0),
            ("", "accuracy"): ratio(right.sum(1), sums.sum((1, 2)), empty=0.0),
        }
        kinds = {"class_f1": f1, "class_recall": recall, "class_precision": ratio(right, told, empty=0.0)}
        for kind, values in kinds.items():
            found |= {(name, kind): values[:, k] for k, name in enumerate(names)}
        return found

    return scores


def classes_in(images: Sequence[Mapping[str, Mapping[str, int]]]) -> list[str]:
    """Every class that is true or told of a cell, by name."""
    told = {name for image in images for row in image.values() for name in row}
    return sorted(told | {name for image in images for name in image})


def table_of(image: Mapping[str, Mapping[str, int]], names: Sequence[str]) -> Table:
    """{true: {told: cells}} as int64 (classes, classes)."""
    return np.array(
        [[image.get(true, {}).get(told, 0) for told in names] for true in names], np.int64
    ).reshape(len(names), len(names))
