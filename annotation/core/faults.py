"""What went wrong, cell by cell and worst first, each with its place, so that a person can go and look.

The harm of a fault is what it adds to FP + FN at an IoU of 0.5; a missed or an invented cell is counted in
one fault only, first in the merge it belongs to, then in the split, then by itself. A pair that matches
loosely harms by 1 − IoU, a pair of two classes by 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.matching import Ints, Matching, Overlaps

AT_IOU = 0.5
LOOSE_BELOW = 0.75


class FaultKind(StrEnum):
    """What is wrong. A FRAME stands for all that is wrong in one frame; TOO_BRIGHT and TOO_DARK are places of
    a predicted channel; links and divisions are of movies, see `annotation.core.tracks.errors`."""

    MERGE = "MERGE"
    SPLIT = "SPLIT"
    MISSED = "MISSED"
    INVENTED = "INVENTED"
    WRONG_CLASS = "WRONG_CLASS"
    LOOSE = "LOOSE"
    TOO_BRIGHT = "TOO_BRIGHT"
    TOO_DARK = "TOO_DARK"
    FRAME = "FRAME"
    MISSED_DIVISION = "MISSED_DIVISION"
    INVENTED_DIVISION = "INVENTED_DIVISION"
    MISSING_LINK = "MISSING_LINK"
    WRONG_LINK = "WRONG_LINK"
    CHANGED_LINK = "CHANGED_LINK"


@dataclass(frozen=True)
class Fault:
    """One mistake of a picture: the ids of the cells in it, and a pixel (z, y, x) of the largest of them."""

    kind: FaultKind
    harm: float
    truth: tuple[int, ...]
    predicted: tuple[int, ...]
    iou: float
    size_px: int
    at_zyx: tuple[int, int, int] = (0, 0, 0)


def find(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    *,
    ignored: NDArray[np.bool_] | None = None,
    truth_classes: Mapping[int, str] | None = None,
    predicted_classes: Mapping[int, str] | None = None,
) -> list[Fault]:
    """The faults of labels (p, z, y, x) or (p, y, x), the most harmful first, larger cells before smaller.

    `ignored` as in `matching.count`. Classes are compared where both sides say one.
    """
    if ignored is not None:
        truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
    table = matching.overlaps(truth, predicted)
    found = _faults(table, truth_classes or {}, predicted_classes or {})
    found.sort(key=lambda fault: (-fault.harm, -fault.size_px, fault.kind, fault.truth, fault.predicted))
    return _placed(found, truth, predicted)


def _faults(table: Overlaps, classes: Mapping[int, str], said: Mapping[int, str]) -> list[Fault]:
    pairs = matching.match_overlaps(table, AT_IOU)
    area = dict(zip(table.truth_ids.tolist(), table.truth_area_px.tolist(), strict=True))
    shown = dict(zip(table.predicted_ids.tolist(), table.predicted_area_px.tolist(), strict=True))
    missed, invented = set(pairs.missed.tolist()), set(pairs.invented.tolist())
    found: list[Fault] = []
    merges, splits = _merges(table), _splits(table)
    for cell, parts in merges.items():
        lost = missed & set(parts)
        harm = len(lost) + (cell in invented)
        missed, invented = missed - lost, invented - {cell}
        found.append(Fault(FaultKind.MERGE, harm, parts, (cell,), 0.0, shown[cell]))
    for cell, parts in splits.items():
        extra = invented & set(parts)
        harm = len(extra) + (cell in missed)
        missed, invented = missed - {cell}, invented - extra
        found.append(Fault(FaultKind.SPLIT, harm, (cell,), parts, 0.0, area[cell]))
    best = _best_iou(table)
    found += [Fault(FaultKind.MISSED, 1, (c,), (), best[0].get(c, 0.0), area[c]) for c in missed]
    found += [Fault(FaultKind.INVENTED, 1, (), (c,), best[1].get(c, 0.0), shown[c]) for c in invented]
    loose = _of_pairs(pairs, area, classes, said)
    return found + [f for f in loose if f.truth[0] not in splits and f.predicted[0] not in merges]


def _of_pairs(
    pairs: Matching, area: Mapping[int, int], classes: Mapping[int, str], said: Mapping[int, str]
) -> list[Fault]:
    found = []
    for a, b, iou in zip(pairs.truth.tolist(), pairs.predicted.tolist(), pairs.iou.tolist(), strict=True):
        if a in classes and b in said and classes[a] != said[b]:
            found.append(Fault(FaultKind.WRONG_CLASS, 1, (a,), (b,), iou, area[a]))
        elif iou < LOOSE_BELOW:
            found.append(Fault(FaultKind.LOOSE, 1 - iou, (a,), (b,), iou, area[a]))
    return found


def _merges(table: Overlaps) -> dict[int, tuple[int, ...]]:
    """Predicted cells that cover most of two or more true cells, with those."""
    most = table.shared_px * 2 > table.truth_area_px[table.rows]
    return _several(table.predicted_ids[table.columns[most]], table.truth_ids[table.rows[most]])


def _splits(table: Overlaps) -> dict[int, tuple[int, ...]]:
    """True cells that hold most of two or more predicted cells, with those."""
    most = table.shared_px * 2 > table.predicted_area_px[table.columns]
    return _several(table.truth_ids[table.rows[most]], table.predicted_ids[table.columns[most]])


def _several(owners: Ints, parts: Ints) -> dict[int, tuple[int, ...]]:
    held: dict[int, list[int]] = {}
    for owner, part in zip(owners.tolist(), parts.tolist(), strict=True):
        held.setdefault(owner, []).append(part)
    return {owner: tuple(sorted(some)) for owner, some in sorted(held.items()) if len(some) > 1}


def _best_iou(table: Overlaps) -> tuple[dict[int, float], dict[int, float]]:
    """The best IoU of each true cell with any predicted one, and of each predicted with any true one."""
    truth, predicted = np.zeros(table.truth_ids.size), np.zeros(table.predicted_ids.size)
    np.maximum.at(truth, table.rows, table.iou)
    np.maximum.at(predicted, table.columns, table.iou)
    return (
        dict(zip(table.truth_ids.tolist(), truth.tolist(), strict=True)),
        dict(zip(table.predicted_ids.tolist(), predicted.tolist(), strict=True)),
    )


# ---------------------------------------------------------------- where


def _placed(found: list[Fault], truth: NDArray[Any], predicted: NDArray[Any]) -> list[Fault]:
    """The same faults with a pixel each: of the merged cell in the prediction, else of a true cell."""
    true_at = _pixels(truth, {f.truth[0] for f in found if not _by_prediction(f)})
    said_at = _pixels(predicted, {f.predicted[0] for f in found if _by_prediction(f)})
    return [
        Fault(
            f.kind, f.harm, f.truth, f.predicted, f.iou, f.size_px,
            said_at[f.predicted[0]] if _by_prediction(f) else true_at[f.truth[0]],
        )
        for f in found
    ]  # fmt: skip


def _by_prediction(fault: Fault) -> bool:
    return fault.kind in (FaultKind.MERGE, FaultKind.INVENTED)


def _pixels(labels: NDArray[Any], cells: set[int]) -> dict[int, tuple[int, int, int]]:
    """Of each of these cells the pixel (z, y, x) nearest to its centroid; z is 0 in frames (p, y, x)."""
    solid = labels if labels.ndim == 4 else labels[:, None]
    places = np.argwhere(np.isin(solid, list(cells))) if cells else np.zeros((0, 4), np.int64)
    ids = solid[tuple(places.T)]
    order = np.argsort(ids, kind="stable")
    ids, places = ids[order], places[order][:, 1:]
    names, starts = np.unique(ids, return_index=True)
    groups = np.split(places, starts)[1:]
    return {int(name): _middle(group) for name, group in zip(names, groups, strict=True)}


def _middle(places: Ints) -> tuple[int, int, int]:
    away = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
    z, y, x = places[int(away.argmin())].tolist()
    return z, y, x
