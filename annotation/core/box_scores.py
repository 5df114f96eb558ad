"""Mean average precision of boxes as COCO defines it (Lin et al. 2014, arXiv 1405.0312).

Within a picture and a class, detections take true boxes from the likeliest on, each the one that it overlaps
most, if by the asked IoU; precision, made to fall, is read at 101 recalls and averaged. All IoU thresholds
are matched at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core.resampling import Judge, Key

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
_ABSENT = -1.0


@dataclass(frozen=True)
class Picture:
    """What is true of a picture and what was found: boxes (n, 4) as x0, y0, x1, y1, classes (n,), scores.

    `crowd` (n,): true boxes that stand for several cells or are open; what lies in them is passed over.
    """

    true_boxes: npt.NDArray[np.floating]
    true_classes: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.floating]
    classes: npt.NDArray[np.int64]
    scores: npt.NDArray[np.floating]
    crowd: Bools | None = None


@dataclass(frozen=True)
class _Matched:
    """One class in one picture: scores (d,), whether right and whether passed over (iou, d), true boxes."""

    scores: Floats
    right: Bools
    passed: Bools
    truths: int


def overlaps(
    boxes: npt.NDArray[np.floating], true: npt.NDArray[np.floating], crowd: Bools | None = None
) -> Floats:
    """IoU (d, g) of boxes (d, 4) and true ones (g, 4); with a crowd the share of the box that lies in it."""
    low = np.maximum(boxes[:, None, :2], true[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], true[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=2)
    mine, its = _areas(boxes)[:, None], _areas(true)[None]
    either = mine + its - both
    if crowd is not None:
        either = np.where(crowd[None], mine, either)
    return np.asarray(both / np.maximum(either, 1e-12), np.float64)


def mean_average_precision(
    pictures: Sequence[Picture], classes: int, *, most: int = 100, ious: Floats = IOUS
) -> Floats:
    """Average precision float64 (iou, class) over all pictures, classes 1 … `classes`; −1 for a class without
    true boxes. At most `most` detections of a class count in a picture."""
    table = np.full((len(ious), classes), _ABSENT)
    for k in range(classes):
        table[:, k] = _average_precision([_match(picture, k + 1, most, ious) for picture in pictures])
    return table


def detection_scores(
    pictures: Sequence[Picture], names: Sequence[str], *, most: int, least_score: float
) -> dict[str, float]:
    """`map`, `map50`, `map75` and `map50_<class>`; precision, recall and F1 at IoU 0.5 of what scores at
    least `least_score`; how many cells and frames."""
    table = mean_average_precision(pictures, len(names), most=most)
    scores = {"map50": _mean(table[0]), "map": _mean(table), "map75": _mean(table[5])}
    if len(names) > 1:
        scores |= {f"map50_{name}": max(0.0, float(ap)) for name, ap in zip(names, table[0], strict=True)}
    right, said, truths = counts_at(pictures, len(names), most, least_score)
    scores["precision"], scores["recall"] = right / said if said else 0.0, right / truths if truths else 0.0
    scores["f1"] = 2 * right / (said + truths) if said + truths else 1.0
    rounded = {name: round(float(value), 4) for name, value in scores.items()}
    return {**rounded, "cells": float(truths), "frames": float(len(pictures))}


def counts_at(
    pictures: Sequence[Picture], classes: int, most: int, least_score: float
) -> tuple[int, int, int]:
    """How many detections of at least `least_score` are right at IoU 0.5, their number, and the truths'."""
    right = said = truths = 0
    for picture in pictures:
        for k in range(1, classes + 1):
            matched = _match(picture, k, most, IOUS[:1])
            counted = (matched.scores >= least_score) & ~matched.passed[0]
            right += int((matched.right[0] & counted).sum())
            said += int(counted.sum())
            truths += matched.truths
    return right, said, truths


def judge(picture: Picture, iou: float = 0.5) -> Bools:
    """Which detections (d,) are right: of the right class, and the first that takes its true box."""
    right = np.zeros(len(picture.boxes), np.bool_)
    for k in np.unique(picture.classes):
        mine = np.flatnonzero(picture.classes == k)
        order = mine[np.argsort(-picture.scores[mine], kind="stable")]
        right[order] = _match(picture, int(k), len(mine), np.array([iou])).right[0]
    return right


def count(pictures: Sequence[Picture], names: Sequence[str], *, most: int = 100) -> dict[str, Any]:
    """What the frames of one image add, by class 1 … of `names`: scores, and as bits, one for each of `IOUS`,
    whether right and whether passed over; true boxes. Classes without any box are left out."""
    found: dict[str, Any] = {}
    powers = 1 << np.arange(len(IOUS))
    for k, name in enumerate(names, start=1):
        matched = [_match(picture, k, most, IOUS) for picture in pictures]
        truths = sum(one.truths for one in matched)
        if truths or any(len(one.scores) for one in matched):
            found[name] = {
                "scores": np.concatenate([one.scores for one in matched]).round(6).tolist(),
                "right": np.concatenate([powers @ one.right for one in matched]).tolist(),
                "passed": np.concatenate([powers @ one.passed for one in matched]).tolist(),
                "truths": truths,
            }
    return found


def judge_images(images: Sequence[Mapping[str, Any]]) -> Judge:
    """`map`, `map50` and `map75` of images, each a table of `count`, and of each class `map` and `map50`.

    An image that counts twice is as two equal images: between detections of one score nothing else can
    change the precision that is read, so equal detections may be added up at once.
    """
    names = sorted({name for image in images for name in image})
    ranked = [_ranked(images, name) for name in names]

    def scores(weights: Floats) -> dict[Key, Floats]:
        tables = np.stack([_weighted(one, weights) for one in ranked], axis=2)
        known = tables > _ABSENT
        pooled = np.where(known, tables, 0).sum(2) / np.maximum(known.sum(2), 1)
        found: dict[Key, Floats] = {
            ("", "map"): pooled.mean(1), ("", "map50"): pooled[:, 0], ("", "map75"): pooled[:, 5],
        }  # fmt: skip
        for k, name in enumerate(names):
            found[name, "map"] = np.clip(tables[:, :, k], 0, None).mean(1)
            found[name, "map50"] = np.clip(tables[:, 0, k], 0, None)
        return found

    return scores


@dataclass(frozen=True)
class _Ranked:
    """Detections of one class, the likeliest first: of which image (d,), whether right and passed over
    (iou, d); true boxes of each image (n,)."""

    image: npt.NDArray[np.int64]
    right: Bools
    passed: Bools
    truths: Floats


def _ranked(images: Sequence[Mapping[str, Any]], name: str) -> _Ranked:
    tables = [image.get(name, _NONE) for image in images]
    scores = np.concatenate([np.asarray(table["scores"], np.float64) for table in tables])
    order = np.argsort(-scores, kind="stable")
    of = np.repeat(np.arange(len(tables)), [len(table["scores"]) for table in tables])
    right, passed = (
        np.concatenate([np.asarray(table[word], np.int64) for table in tables])[order]
        for word in ("right", "passed")
    )
    bits = 1 << np.arange(len(IOUS))[:, None]
    truths = np.asarray([table["truths"] for table in tables], np.float64)
    return _Ranked(of[order], (right & bits) > 0, (passed & bits) > 0, truths)


def _weighted(ranked: _Ranked, weights: Floats) -> Floats:
    """Average precision (draws, iou) with each image counted as often as its weight; −1 without true
    boxes."""
    found = np.full((len(weights), len(IOUS)), _ABSENT)
    for draw, weight in enumerate(weights):
        truths = float(weight @ ranked.truths)
        if truths:
            each = weight[ranked.image]
            hits = np.cumsum(ranked.right * each, 1)
            misses = np.cumsum((~ranked.right & ~ranked.passed) * each, 1)
            found[draw] = _read_precision(hits, misses, truths)
    return found


_NONE: Mapping[str, Any] = {"scores": [], "right": [], "passed": [], "truths": 0}


def _match(picture: Picture, k: int, most: int, ious: Floats) -> _Matched:
    mine, its = np.flatnonzero(picture.classes == k), np.flatnonzero(picture.true_classes == k)
    mine = mine[np.argsort(-picture.scores[mine], kind="stable")][:most]
    crowd = np.zeros(len(its), np.bool_) if picture.crowd is None else picture.crowd[its]
    table = overlaps(picture.boxes[mine], picture.true_boxes[its], crowd)
    right = np.zeros((len(ious), len(mine)), np.bool_)
    passed = np.zeros_like(right)
    free = np.ones((len(ious), len(its)), np.bool_)
    needed = np.minimum(ious, 1 - 1e-10)[:, None]
    rows = np.arange(len(ious))
    for d in range(len(mine) if len(its) else 0):
        enough = table[d][None] >= needed
        best = _last_best(np.where(enough & free & ~crowd, table[d], -1))
        right[:, d] = (enough & free & ~crowd).any(1)
        free[rows[right[:, d]], best[right[:, d]]] = False
        passed[:, d] = ~right[:, d] & (enough & crowd).any(1)
    return _Matched(np.asarray(picture.scores[mine], np.float64), right, passed, int((~crowd).sum()))


def _last_best(table: Floats) -> npt.NDArray[np.int64]:
    """Place of each row's largest number; of equal ones the last, as COCO's evaluation has it."""
    return np.asarray(table.shape[1] - 1 - table[:, ::-1].argmax(1), np.int64)


def _average_precision(matched: Sequence[_Matched]) -> Floats:
    """(iou,) over the pictures of one class."""
    truths = sum(each.truths for each in matched)
    if not truths:
        return np.full(len(matched[0].right) if matched else 0, _ABSENT)
    order = np.argsort(-np.concatenate([each.scores for each in matched]), kind="stable")
    right = np.concatenate([each.right for each in matched], 1)[:, order]
    passed = np.concatenate([each.passed for each in matched], 1)[:, order]
    hits, misses = np.cumsum(right, 1), np.cumsum(~right & ~passed, 1)
    return _read_precision(hits.astype(np.float64), misses.astype(np.float64), float(truths))


def _read_precision(hits: Floats, misses: Floats, truths: float) -> Floats:
    """(iou,): mean over the recalls of the precision, made to fall, from running counts (iou, d)."""
    precision = hits / np.maximum(hits + misses, np.spacing(1))
    falling = np.maximum.accumulate(precision[:, ::-1], 1)[:, ::-1]
    padded = np.concatenate([falling, np.zeros((len(falling), 1))], 1)
    recall = hits / truths
    places = [np.searchsorted(row, RECALLS, side="left") for row in recall]
    return np.array([row[place].mean() for row, place in zip(padded, places, strict=True)])


def _mean(table: Floats) -> float:
    known = table[table > _ABSENT]
    return float(known.mean()) if known.size else 0.0


def _areas(boxes: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1), np.float64)
