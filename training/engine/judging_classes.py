"""Judging a classifier on cells whose class is known: temperature, scores, curves and their pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core import class_scores
from training.contract.manifest import Split
from training.contract.results import Scores
from training.engine import calibrating, class_pictures
from training.engine.data import opening
from training.engine.data.images import LabelledImage
from training.engine.process import Run
from training.engine.reading_cells import CellReader, known_classes


@dataclass(frozen=True)
class Judged:
    """Cells whose class is known: logits float32 (n, k) and true classes int64 (n,)."""

    logits: npt.NDArray[np.float32]
    truth: npt.NDArray[np.int64]


def ask_about(reader: CellReader, images: Sequence[LabelledImage], stop: Callable[[], None]) -> Judged:
    """Asks about every cell with a known class; `stop` is called before each image and may raise."""
    logits = [np.zeros((0, reader.net.outputs), np.float32)]
    truth = [np.zeros(0, np.int64)]
    for image in images:
        stop()
        known = {cell for cell, index in image.classes.items() if 1 <= index <= reader.net.outputs}
        if known:
            read = reader.read_image(image, known)
            logits.append(read.logits)
            truth.append(known_classes(image, read.cells))
    return Judged(np.concatenate(logits), np.concatenate(truth))


def ask_splits(run: Run, reader: CellReader) -> dict[Split, Judged]:
    """The validation and test cells of the run with what is said of them, where there are any."""
    judged = {}
    for split in (Split.VALIDATION, Split.TEST):
        images = opening.open_split(run.folder, run.manifest, split)
        found = ask_about(reader, images, run.raise_if_asked_to_stop)
        if len(found.truth):
            judged[split] = found
    return judged


def judge(
    judged: dict[Split, Judged], names: Sequence[str], temperature: float
) -> tuple[Scores, dict[str, Any]]:
    """Scores and curves of each split."""
    scores = {split.value: score(cells, names, temperature) for split, cells in judged.items()}
    return scores, {split.value: curves(cells, names, temperature) for split, cells in judged.items()}


def score(judged: Judged, names: Sequence[str], temperature: float) -> dict[str, float]:
    """Scores of classes, and how far the probabilities can be believed with and without the temperature."""
    told = judged.logits.argmax(1)
    scores = class_scores.class_scores(class_scores.class_table(judged.truth, told, len(names)), names)
    shares = calibrating.probabilities(judged.logits, temperature)
    raw = calibrating.probabilities(judged.logits, 1.0)
    believed = {
        "ece": calibrating.reliability(shares, judged.truth).error,
        "ece_uncalibrated": calibrating.reliability(raw, judged.truth).error,
        "nll": calibrating.negative_log_likelihood(judged.logits, judged.truth, temperature),
    }
    return {**scores, **{name: round(value, 4) for name, value in believed.items()}}


def curves(judged: Judged, names: Sequence[str], temperature: float) -> dict[str, Any]:
    """The table of confusions and the reliability curve as numbers, for pages that draw them."""
    table = class_scores.class_table(judged.truth, judged.logits.argmax(1), len(names))
    curve = calibrating.reliability(calibrating.probabilities(judged.logits, temperature), judged.truth)
    rows = zip(curve.cells.tolist(), curve.said.tolist(), curve.right.tolist(), strict=True)
    return {
        "confusion": table.tolist(),
        "reliability": [
            {"cells": cells, "said": round(said, 4), "right": round(right, 4)} for cells, said, right in rows
        ],
    }


def show(run: Run, judged: dict[Split, Judged], names: Sequence[str], temperature: float, step: int) -> None:
    """Pictures of confusions and reliability of each split."""
    for split, cells in judged.items():
        table = class_scores.class_table(cells.truth, cells.logits.argmax(1), len(names))
        run.report.picture(
            f"confusion-{split.value}.png",
            class_pictures.confusion(table, names),
            caption=f"Cells of the {split.value} images by true class and told class",
            step=step,
        )
        curve = calibrating.reliability(calibrating.probabilities(cells.logits, temperature), cells.truth)
        run.report.picture(
            f"reliability-{split.value}.png",
            class_pictures.reliability(curve),
            caption=f"How sure the model is of the {split.value} cells, and how often it is right",
            step=step,
        )
