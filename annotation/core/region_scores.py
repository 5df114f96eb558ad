"""How well regions agree pixel by pixel: Dice and IoU of the foreground and of each class (Taha and Hanbury
2015, doi:10.1186/s12880-015-0068-x).

Which cell a pixel belongs to does not matter, only that it belongs to one, and of which class.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.resampling import Floats, Judge, Key, ratio

FOREGROUND = "foreground"


def count(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    truth_classes: Mapping[int, str],
    predicted_classes: Mapping[int, str],
    ignored: NDArray[np.bool_],
) -> dict[str, list[int]]:
    """{class: [hit, invented, missed]} in px of labels (p, …), pixels that are `ignored` (…) left out.

    The empty class is the foreground. Classes are counted where both sides tell any.
    """
    seen = ~ignored
    found = {"": _counts((truth > 0).any(0) & seen, (predicted > 0).any(0) & seen)}
    if truth_classes and predicted_classes:
        for name in sorted({*truth_classes.values(), *predicted_classes.values()}):
            right, said = _of(truth, truth_classes, name), _of(predicted, predicted_classes, name)
            found[name] = _counts(right & seen, said & seen)
    return found


def judge(images: Sequence[Mapping[str, Sequence[int]]]) -> Judge:
    """Scores of images, each a table of `count`: of each class, the mean over classes, and the foreground.

    Without classes the mean is the foreground's. A class that is nowhere in a draw has no say in its mean.
    """
    names = sorted({name for image in images for name in image})
    rows = [[image.get(name, (0, 0, 0)) for name in names] for image in images]
    table = np.asarray(rows, np.float64).reshape(len(images), len(names) * 3)
    of_classes = [k for k, name in enumerate(names) if name] or [0]

    def scores(weights: Floats) -> dict[Key, Floats]:
        sums = (weights @ table).reshape(len(weights), len(names), 3)
        hit, every = sums[..., 0], sums.sum(axis=2)
        there = (every > 0)[:, of_classes].astype(np.float64)
        found: dict[Key, Floats] = {}
        for kind, value in (("dice", ratio(2 * hit, hit + every)), ("iou", ratio(hit, every))):
            found["", f"mean_{kind}"] = ratio((value[:, of_classes] * there).sum(1), there.sum(1))
            found["", f"foreground_{kind}"] = value[:, names.index("")]
            found |= {(name, kind): value[:, k] for k, name in enumerate(names) if name}
        return found

    return scores


def added(tables: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """The tables of an image's frames as one."""
    names = sorted({name for table in tables for name in table})
    return {
        name: np.sum([table.get(name, (0, 0, 0)) for table in tables], axis=0).astype(int).tolist()
        for name in names
    }


def _counts(right: NDArray[np.bool_], said: NDArray[np.bool_]) -> list[int]:
    return [int((right & said).sum()), int((said & ~right).sum()), int((right & ~said).sum())]


def _of(labels: NDArray[Any], classes: Mapping[int, str], name: str) -> NDArray[np.bool_]:
    cells = [cell for cell, of_class in classes.items() if of_class == name]
    return np.asarray(np.isin(labels, cells).any(0))
