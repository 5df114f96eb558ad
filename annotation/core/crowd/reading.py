"""Answers as workers' pages send them, checked before anything is done with them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotation.core.crowd.values import (
    UNSURE,
    YES_NO,
    ChoiceAnswer,
    Floats,
    Kind,
    MaskAnswer,
    PointAnswer,
    Runs,
)

MASKS_MOST, RUNS_MOST, POINTS_MOST = 200, 20_000, 1_000


class BadAnswer(ValueError):
    """A value that is no answer to its item; the message says what is wrong with it."""


def read_answer(
    kind: Kind, value: Any, *, height: int, width: int, choices: Sequence[str] = ()
) -> dict[str, Any]:
    """The value as it is kept: runs joined and in order, points as floats, nothing besides.

    `choices` are the ids of the classes of an item of kind CLASS. Raises BadAnswer.
    """
    if not isinstance(value, Mapping):
        raise BadAnswer("An answer is an object with masks, points or a choice.")
    if kind.of_masks:
        return {"masks": [mask.tolist() for mask in _masks(value.get("masks"), height, width)]}
    if kind is Kind.CENTRES:
        return {"points": _points(value.get("points"), height, width).tolist()}
    allowed = (*(choices if kind is Kind.CLASS else YES_NO), UNSURE)
    choice = value.get("choice")
    if choice not in allowed:
        raise BadAnswer(f"The choice must be one of {', '.join(allowed)}.")
    return {"choice": choice}


def choice_answer(worker: str, value: Mapping[str, Any]) -> ChoiceAnswer:
    """A kept value {"choice": …} as an answer."""
    return ChoiceAnswer(worker, str(value["choice"]))


def mask_answer(worker: str, value: Mapping[str, Any]) -> MaskAnswer:
    """A kept value {"masks": …} as an answer."""
    return MaskAnswer(worker, tuple(masks_of(value)))


def masks_of(value: Mapping[str, Any]) -> list[Runs]:
    """The masks of a kept value, of an answer or of a truth."""
    return [np.asarray(mask, np.int64).reshape(-1, 3) for mask in value["masks"]]


def point_answer(worker: str, value: Mapping[str, Any]) -> PointAnswer:
    """A kept value {"points": …} as an answer."""
    return PointAnswer(worker, points_of(value))


def points_of(value: Mapping[str, Any]) -> Floats:
    """The points (n, 2) of a kept value, of an answer or of a truth."""
    return np.asarray(value["points"], np.float64).reshape(-1, 2)


def _masks(told: Any, height: int, width: int) -> list[Runs]:
    if not isinstance(told, list) or len(told) > MASKS_MOST:
        raise BadAnswer(f"Masks must be a list of at most {MASKS_MOST}.")
    if sum(len(mask) if isinstance(mask, list) else 1 for mask in told) > RUNS_MOST:
        raise BadAnswer(f"The masks have more than {RUNS_MOST:,} runs together.")
    return [_mask(mask, height, width) for mask in told]


def _mask(told: Any, height: int, width: int) -> Runs:
    table = _table(told, 3, "A mask is a list of runs [y, x0, x1] in whole pixels, not empty.", whole=True)
    y, start, end = table.T.astype(np.int64)
    if table.shape[0] == 0:
        raise BadAnswer("A mask is a list of runs [y, x0, x1] in whole pixels, not empty.")
    if (start >= end).any() or min(y.min(), start.min()) < 0 or y.max() >= height or end.max() > width:
        raise BadAnswer(f"A run lies outside the crop of {height} × {width} px, or is empty.")
    return joined(np.stack((y, start, end), axis=1))


def joined(runs: Runs) -> Runs:
    """Runs in order of rows, those that touch or overlap made one."""
    y, start, end = runs[np.lexsort((runs[:, 1], runs[:, 0]))].T
    wide = int(end.max(initial=0)) + 2
    first, last = y * wide + start, y * wide + end
    reach = np.maximum.accumulate(last)
    new = np.ones(y.size, bool)
    new[1:] = first[1:] > reach[:-1]
    at = np.flatnonzero(new)
    ends = np.maximum.reduceat(last, at) if at.size else last
    return np.stack((y[at], start[at], ends - y[at] * wide), axis=1)


def _points(told: Any, height: int, width: int) -> Floats:
    table = _table(told, 2, f"Points must be a list of at most {POINTS_MOST:,} pairs [y, x].")
    if len(table) > POINTS_MOST:
        raise BadAnswer(f"Points must be a list of at most {POINTS_MOST:,} pairs [y, x].")
    if table.size and (table.min() < 0 or table[:, 0].max() > height or table[:, 1].max() > width):
        raise BadAnswer(f"A point lies outside the crop of {height} × {width} px.")
    return table


def _table(told: Any, columns: int, wrong: str, *, whole: bool = False) -> Floats:
    """Numbers (n, columns) of a list of lists; NaN, infinity, words and truth values are refused."""
    if not isinstance(told, list) or not all(isinstance(row, list) and len(row) == columns for row in told):
        raise BadAnswer(wrong)
    kinds = (int,) if whole else (int, float)
    if not all(isinstance(x, kinds) and not isinstance(x, bool) for row in told for x in row):
        raise BadAnswer(wrong)
    try:
        table = np.asarray(told, np.float64).reshape(-1, columns)
    except OverflowError as error:
        raise BadAnswer(wrong) from error
    if not (np.abs(table) < 1e9).all():
        raise BadAnswer(wrong)
    return table
