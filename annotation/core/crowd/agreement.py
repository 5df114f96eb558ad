"""How well workers agree with each other, with intervals by drawing the items again (see `bootstrap`).

Krippendorff's alpha (2011, "Computing Krippendorff's alpha-reliability", nominal) takes any number of answers
an item and missing ones; Fleiss' kappa (1971) wants as many of each item; Cohen's kappa (1960) is of two
workers, here the mean over all pairs, each weighed by the items that both answered. "Unsure" counts as no
answer. Outlines are compared pair by pair, cell by cell, as a prediction is with the truth; these measures
are the same in both directions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array

from annotation.core import matching, resampling
from annotation.core.bootstrap import Estimate
from annotation.core.crowd import pixels
from annotation.core.crowd.pairs import RADIUS_PX, paired_points
from annotation.core.crowd.pixels import Drawn
from annotation.core.crowd.values import (
    UNSURE,
    ChoiceItems,
    Floats,
    Ints,
    Key,
    MaskAnswer,
    MaskItems,
    PointAnswer,
    PointItems,
)
from annotation.core.matching import THRESHOLDS, Overlaps
from annotation.core.resampling import Judge, ratio
from annotation.core.tracks import pooling, scoring
from annotation.core.tracks.aogm import Comparison

DRAWS = 1000
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Agreement:
    """Measures by name, each with its interval (bootstrap over items); `items` with two answers or more,
    `pairs` of answers compared."""

    measures: Mapping[str, Estimate]
    items: int
    pairs: int


def _estimated(judge: Judge, items: int, pairs: int) -> Agreement:
    found = resampling.estimates(judge, items, draws=DRAWS)
    return Agreement({name: value for (_, name), value in found.items()}, items, pairs)


# ---------------------------------------------------------------- centres


def agreement_of_points(items: PointItems, *, radius_px: float = RADIUS_PX) -> Agreement:
    """f1_points (two clicks at most `radius_px` apart are of one centre, each of one alone) and distance_px,
    the mean of those, of all pairs of answers of an item."""
    some = [answers for answers in items.values() if len(answers) > 1]
    if not some:
        return Agreement({}, 0, 0)
    counts = np.asarray([_click_counts(answers, radius_px) for answers in some])

    def scores(weights: Floats) -> dict[tuple[str, str], Floats]:
        both, every, distance = (weights @ counts).T
        return {
            ("", "f1_points"): ratio(2 * both, every),
            ("", "distance_px"): distance / np.maximum(both, 1),
        }

    return _estimated(scores, len(some), sum(len(a) * (len(a) - 1) // 2 for a in some))


def _click_counts(answers: Sequence[PointAnswer], radius_px: float) -> Floats:
    """(3,): clicks that belong together, clicks of both, px between those that do, over all pairs."""
    total = np.zeros(3)
    for one, other in combinations((answer.points for answer in answers), 2):
        rows, columns = paired_points(one, other, radius_px)
        apart = np.linalg.norm(one[rows] - other[columns], axis=1).sum()
        total += (len(rows), len(one) + len(other), apart)
    return total


# ---------------------------------------------------------------- outlines


def agreement_of_masks(items: MaskItems, *, crop_px: Mapping[Key, int] | None = None) -> Agreement:
    """f1_50 … f1_90 (object F1 at IoU steps), ap_50 …, mean_ap, pq, of all pairs of answers of an item.

    With `crop_px`, the pixels of each item's crop, also alpha of pixels: cell or not.
    """
    some = {key: answers for key, answers in items.items() if len(answers) > 1}
    if not some:
        return Agreement({}, 0, 0)
    drawn = {key: _drawn(answers) for key, answers in some.items()}
    counts = [np.sum(list(_pairs(*drawn[key])), axis=0) for key in some]
    votes = [_pixel_votes(*drawn[key], crop_px[key]) for key in some] if crop_px else None
    pairs = sum(len(a) * (len(a) - 1) // 2 for a in some.values())
    return _estimated(_judge_masks(counts, votes), len(some), pairs)


def _drawn(answers: Sequence[MaskAnswer]) -> tuple[Drawn, list[int]]:
    """(masks, the answers' first masks and the end)."""
    first = np.cumsum([0, *(len(answer.masks) for answer in answers)]).tolist()
    return pixels.drawn([mask for answer in answers for mask in answer.masks]), first


def _pairs(masks: Drawn, first: Sequence[int]) -> Iterable[Floats]:
    """Of each pair of answers (4 thresholds): tp, fp, fn and the IoU of matches, at each threshold."""
    shared, area = masks.shared(), masks.area_px
    for a, b in combinations(range(len(first) - 1), 2):
        one, two = slice(first[a], first[a + 1]), slice(first[b], first[b + 1])
        rows, columns = np.nonzero(shared[one, two])
        in_common = shared[one, two][rows, columns].astype(np.int64)
        iou = in_common / (area[one][rows] + area[two][columns] - in_common)
        some = iou >= THRESHOLDS[0]
        if np.unique(rows[some]).size == np.unique(columns[some]).size == some.sum():
            hit = iou[some] >= np.asarray(THRESHOLDS)[:, None]  # nothing competes at half or more
            overlap = hit.astype(np.float64) @ iou[some]
            yield _row(hit.sum(axis=1), overlap, area[one].size, area[two].size)
            continue
        ids = [np.arange(1, n + 1) for n in (area[one].size, area[two].size)]
        counts = matching.count_overlaps(
            Overlaps(ids[0], area[one], ids[1], area[two], rows, columns, in_common)
        )
        yield _row(counts.tp, counts.iou_sum, area[one].size, area[two].size)


def _row(tp: Ints, iou: Floats, first: int, second: int) -> Floats:
    return np.concatenate((tp, second - tp, first - tp, iou)).astype(np.float64)


def _pixel_votes(masks: Drawn, first: Sequence[int], crop_px: int) -> Floats:
    """(3,): pairs of votes that differ, votes for cell, votes for ground, as alpha counts them."""
    answers = len(first) - 1
    answer = np.searchsorted(np.asarray(first), masks.mask, side="right") - 1
    seen = np.unique(answer * max(masks.row.size, 1) + masks.pixel) % max(masks.row.size, 1)
    votes = np.bincount(seen, minlength=masks.row.size).astype(np.float64)
    differ = float((2 * votes * (answers - votes)).sum() / (answers - 1))
    return np.asarray((differ, votes.sum(), answers * crop_px - votes.sum()))


def _judge_masks(counts: Sequence[Floats], votes: Sequence[Floats] | None) -> Judge:
    table = np.asarray(counts)
    at = {step: THRESHOLDS.index(step) for step in STEPS}
    pixel_votes = None if votes is None else np.asarray(votes)

    def scores(weights: Floats) -> dict[tuple[str, str], Floats]:
        tp, fp, fn, iou = np.moveaxis((weights @ table).reshape(len(weights), 4, -1), 1, 0)
        ap, f1 = ratio(tp, tp + fp + fn), ratio(2 * tp, 2 * tp + fp + fn)
        found = {("", f"f1_{round(100 * step)}"): f1[:, i] for step, i in at.items()}
        found |= {("", f"ap_{round(100 * step)}"): ap[:, i] for step, i in at.items()}
        found["", "mean_ap"] = ap.mean(axis=1)
        found["", "pq"] = ratio(2 * iou, 2 * tp + fp + fn)[:, at[0.5]]
        if pixel_votes is not None:
            differ, cell, ground = (weights @ pixel_votes).T
            every = cell + ground
            found["", "alpha"] = _alpha(differ, every, every**2 - cell**2 - ground**2)
        return found

    return scores


def _alpha(differ: Floats, every: Floats, expected: Floats) -> Floats:
    """1 - D_o / D_e from the votes that differ, all votes, and n² - Σ n_c²; 1 where all say the same."""
    return 1 - ratio(differ * (every - 1), expected, empty=0.0)


# ---------------------------------------------------------------- choices


def agreement_of_choices(items: ChoiceItems) -> Agreement:
    """alpha, fleiss (where all items have as many answers), cohen (where pairs share items)."""
    said = [{a.worker: a.choice for a in answers if a.choice != UNSURE} for answers in items.values()]
    some = [one for one in said if len(one) > 1]
    if not some:
        return Agreement({}, 0, 0)
    names = sorted({choice for one in some for choice in one.values()})
    counts = np.asarray([[list(one.values()).count(name) for name in names] for one in some], np.float64)
    judges = [_judge_alpha(counts)]
    if (counts.sum(axis=1) == counts[0].sum()).all():
        judges.append(_judge_fleiss(counts))
    judges.append(_judge_cohen(some, names))
    pairs = sum(len(one) * (len(one) - 1) // 2 for one in some)
    return _estimated(lambda w: {k: v for judge in judges for k, v in judge(w).items()}, len(some), pairs)


def _judge_alpha(counts: Floats) -> Judge:
    answers = counts.sum(axis=1)
    differ = (answers**2 - (counts**2).sum(axis=1)) / (answers - 1)

    def scores(weights: Floats) -> dict[tuple[str, str], Floats]:
        by_choice = weights @ counts
        every = by_choice.sum(axis=1)
        return {("", "alpha"): _alpha(weights @ differ, every, every**2 - (by_choice**2).sum(axis=1))}

    return scores


def _judge_fleiss(counts: Floats) -> Judge:
    answers = counts[0].sum()
    alike = ((counts**2).sum(axis=1) - answers) / (answers * (answers - 1))

    def scores(weights: Floats) -> dict[tuple[str, str], Floats]:
        items = weights.sum(axis=1)
        shares = weights @ counts / (items * answers)[:, None]
        chance = (shares**2).sum(axis=1)
        return {("", "fleiss"): _kappa(weights @ alike / items, chance)}

    return scores


def _judge_cohen(said: Sequence[Mapping[str, str]], names: Sequence[str]) -> Judge:
    """Of each pair of workers the table of what they said, summed over items; the mean of their kappas."""
    size, column = len(names), {name: i for i, name in enumerate(names)}
    number: dict[tuple[str, str], int] = {}
    rows, cells = [], []
    for item, one in enumerate(said):
        for a, b in combinations(sorted(one), 2):
            pair = number.setdefault((a, b), len(number))
            rows.append(item)
            cells.append(pair * size**2 + column[one[a]] * size + column[one[b]])
    table = coo_array((np.ones(len(rows)), (rows, cells)), shape=(len(said), len(number) * size**2)).tocsr()

    def scores(weights: Floats) -> dict[tuple[str, str], Floats]:
        kappas = [_cohen((w @ table).reshape(-1, size, size)) for w in weights]
        return {("", "cohen"): np.asarray(kappas)}

    return scores


def _cohen(tables: Floats) -> float:
    """The mean kappa of pairs (pairs, choices, choices), each weighed by its items."""
    items = tables.sum(axis=(1, 2))
    tables, items = tables[items > 0], items[items > 0]
    right = np.trace(tables, axis1=1, axis2=2) / items
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / items**2
    return float(_kappa(right, chance) @ items / items.sum())


def _kappa(right: Floats, chance: Floats) -> Floats:
    """Agreement beyond chance; 1 where only one thing was ever said."""
    return ratio(right - chance, 1 - chance)


# ---------------------------------------------------------------- lineages


def agreement_of_lineages(movies: Mapping[Key, Sequence[Comparison]]) -> Agreement:
    """tra, det, lnk and what else `tracks.pooling` scores, between raters of the same movie.

    Comparisons are of ordered pairs: give each pair in both directions, since TRA has a truth and a
    prediction; what is told is the pooled score of both.
    """
    some = {key: pairs for key, pairs in movies.items() if pairs}
    if not some:
        return Agreement({}, 0, 0)
    tables = [scoring.added([scoring.table_of(one) for one in pairs]) for pairs in some.values()]
    return _estimated(pooling.judge(tables), len(some), sum(len(p) for p in some.values()) // 2)
