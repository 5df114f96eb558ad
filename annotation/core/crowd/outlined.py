"""The answers of one item made ready: places, their contradictions, and the votes on their pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.crowd import grouping, pixels
from annotation.core.crowd.edges import FEWEST, Band
from annotation.core.crowd.existence import Places
from annotation.core.crowd.pixels import Drawn
from annotation.core.crowd.values import Floats, Ints, MaskAnswer, Runs


@dataclass(frozen=True, eq=False)
class Outlined:
    """An item: its masks, the groups (mask of each member), the answers that drew each group, how alike the
    masks of a group are (mean IoU of pairs, 0 for one alone)."""

    places: Places
    masks: Drawn
    groups: tuple[tuple[int, ...], ...]
    drawers: tuple[tuple[int, ...], ...]
    likeness: Floats


def prepared(answers: Sequence[MaskAnswer], truth: Sequence[Runs] | None = None) -> Outlined:
    """The answers of an item, and of a gold item its truth, which is grouped with them."""
    every = [*answers, *([MaskAnswer("", tuple(truth))] if truth is not None else [])]
    owner = np.repeat(np.arange(len(every)), [len(answer.masks) for answer in every])
    masks = pixels.drawn([mask for answer in every for mask in answer.masks])
    shared, area = masks.shared(), masks.area_px.astype(np.float64)
    again = grouping.twice(shared, area, owner) | (area == 0)
    shared[again] = shared[:, again] = 0
    likeness = grouping.alike(shared, area, owner)
    groups = [g for g in grouping.grouped(likeness, owner, grouping.LINK_IOU) if not again[g].any()]
    return _outlined(
        tuple(answer.worker for answer in answers), masks, owner, groups, likeness, truth is not None
    )


def _outlined(
    workers: tuple[str, ...], masks: Drawn, owner: Ints, groups: list[list[int]], likeness: Floats, gold: bool
) -> Outlined:
    drew = np.zeros((len(groups), len(workers) + gold), bool)
    for place, members in enumerate(groups):
        drew[place, owner[members]] = True
    against = grouping.conflicts(masks, groups)
    many = against.sum(axis=1) >= 2
    touching = many | (against & many[None, :]).any(axis=1) if groups else np.zeros(0, bool)
    true = drew[:, -1] if gold else None
    said = drew[:, : len(workers)]
    knots, given_up = ([], np.zeros(0, np.int64)) if gold else grouping.knots(against, said.sum(axis=1))
    places = Places(workers, said, touching, knots, given_up.tolist(), true)
    drawers = tuple(tuple(owner[members].tolist()) for members in groups)
    alike = np.asarray([_mean_pair(likeness, members) for members in groups], np.float64)
    return Outlined(places, masks, tuple(map(tuple, groups)), drawers, alike)


def _mean_pair(likeness: Floats, members: list[int]) -> float:
    n = len(members)
    return float(likeness[np.ix_(members, members)].sum() / (n * (n - 1))) if n > 1 else 0.0


def bands(item: Outlined) -> list[Band]:
    """The votes on each place of which at least two workers drew different outlines; of a gold item of the
    true ones only."""
    found = []
    for place, members in enumerate(item.groups):
        if item.places.true is not None and not item.places.true[place]:
            continue
        gold = item.places.true is not None
        if len(members) - gold >= FEWEST:
            band = _band(item, place, gold)
            if band is not None:
                found.append(band)
    return found


def _band(item: Outlined, place: int, gold: bool) -> Band | None:
    count = len(item.groups[place])
    _, took_in, which = item.masks.kinds(item.groups[place])
    number = np.bincount(which, minlength=len(took_in))
    differ = (number > 0) & ~took_in.all(axis=1)
    if not differ.any():
        return None
    table = took_in[differ]
    workers = tuple(item.places.workers[i] for i in item.drawers[place][: count - gold])
    true = table[:, -1] if gold else None
    return Band(place, workers, table[:, : count - gold], number[differ], true)
