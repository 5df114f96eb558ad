"""Scores of classes from a table of cells by true class (rows) and told class (columns)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
