"""Consensus of outlines: which cells there are, where each ends, and what workers are to be believed.

Three steps, each in a file of its own: answers that mean the same cell (`grouping`), whether the cell is
there (`existence`), where it ends (`edges`). The last two learn each worker's rates from the whole campaign.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit, logit

from annotation.core.crowd import edges, existence, outlined, pixels, separate, worth
from annotation.core.crowd.outlined import Outlined
from annotation.core.crowd.pixels import Bools
from annotation.core.crowd.values import (
    Consensus,
    Floats,
    Key,
    MaskAnswer,
    MaskItems,
    ObjectConsensus,
    OutlineSkill,
    Runs,
    Skills,
)

GOLD_AT_ONCE = 5  # answers of a gold item that are weighed side by side, about as many as other items have
SMOOTH_PX = 5
LEAST_BELIEVED = 0.02

RATES = ("finds", "invents", "finds_touching", "invents_touching")
EDGES = ("keeps", "spares")


# ---------------------------------------------------------------- the whole campaign


def fit_outlines(
    items: MaskItems,
    truths: Mapping[Key, Sequence[Runs]] | None = None,
    *,
    before: Skills[OutlineSkill] | None = None,
) -> Skills[OutlineSkill]:
    """What the answers of a whole campaign tell of its workers; `truths` are the gold items' masks by item.

    `before` is the result of the last fit, from which a new one starts (and so is quicker).
    """
    before = before or Skills(OutlineSkill())
    ready = _ready(items, truths or {})
    counts: dict[str, int] = {}
    for answers in items.values():
        for answer in answers:
            counts[answer.worker] = counts.get(answer.worker, 0) + 1
    number = {worker: i for i, worker in enumerate(counts)}
    table = existence.tabled([item.places for item in ready], number)
    rates, typical, prior, exists = existence.fit(
        table, len(number), _typical(before, RATES), before.prior, _rates(before, number, RATES)
    )
    edge_rates, edge_typical, band = _fit_edges(ready, exists, number, before)
    skills = {worker: _skill(rates[i], edge_rates[i], counts[worker]) for worker, i in number.items()}
    return Skills(
        _skill(typical, edge_typical, 0), skills, prior, _overlap_alone(ready, exists, before.overlap), band
    )


def _skill(rates: Floats, edge_rates: Floats, answers: int) -> OutlineSkill:
    finds, invents, finds_touching, invents_touching = rates.tolist()
    keeps, spares = edge_rates.tolist()
    return OutlineSkill(finds, invents, finds_touching, invents_touching, keeps, spares, answers)


def _ready(items: MaskItems, truths: Mapping[Key, Sequence[Runs]]) -> list[Outlined]:
    ready = []
    for key, answers in items.items():
        if key not in truths:
            ready.append(outlined.prepared(answers))
            continue
        parts = max(1, round(len(answers) / GOLD_AT_ONCE))
        ready += [outlined.prepared(answers[i::parts], truths[key]) for i in range(parts)]
    return ready


def _fit_edges(
    ready: Sequence[Outlined], exists: Floats, number: Mapping[str, int], before: Skills[OutlineSkill]
) -> tuple[Floats, Floats, float]:
    first = np.cumsum([0, *(len(item.groups) for item in ready)]).tolist()
    found, cells = [], []
    for item, at in zip(ready, first, strict=False):
        some = outlined.bands(item)
        found += some
        cells += [at + band.place for band in some]
    votes = edges.tabled(found, cells, number)
    return edges.fit(votes, exists, len(number), _typical(before, EDGES), _rates(before, number, EDGES))


def _overlap_alone(ready: Sequence[Outlined], exists: Floats, before: float) -> float:
    """IoU of one outline with the true one: the root of that of two, whose errors are independent."""
    alike = np.concatenate([item.likeness for item in ready]) if ready else np.zeros(0)
    several = alike > 0
    weight = exists[several]
    mean = (np.sqrt(alike[several]) @ weight + 5 * before) / (weight.sum() + 5)
    return float(np.clip(mean, 0.5, 0.97))


def _typical(skills: Skills[OutlineSkill], names: Sequence[str]) -> Floats:
    return np.asarray([getattr(skills.typical, name) for name in names])


def _rates(
    skills: Skills[OutlineSkill], workers: Mapping[str, int] | Sequence[str], names: Sequence[str]
) -> Floats:
    """(workers, names) of the workers in this order."""
    table = [[getattr(skills.of(worker), name) for name in names] for worker in workers]
    return np.asarray(table, np.float64).reshape(-1, len(names))


# ---------------------------------------------------------------- one item


def consensus_masks(answers: Sequence[MaskAnswer], skills: Skills[OutlineSkill] | None = None) -> Consensus:
    """What the answers of one item say together; without skills all workers are alike."""
    skills = skills or Skills(OutlineSkill())
    item = outlined.prepared(answers)
    workers = list(dict.fromkeys(item.places.workers))
    table = existence.tabled([item.places], {worker: i for i, worker in enumerate(workers)})
    exists = existence.chances(table, _rates(skills, workers, RATES), skills.prior)
    taken = exists >= 0.5
    steps = edges.steps(_rates(skills, item.places.workers, EDGES))
    found = [_object(item, i, exists, steps, skills) for i in range(len(item.groups))]
    objects = separate.apart([one for one in found if one.taken])
    refused = tuple(one for one in found if not one.taken)
    overlap = np.asarray([one.overlap for one in found])
    finds = _rates(skills, item.places.workers, ("finds",))[:, 0]
    missed = worth.hidden(exists, taken, finds)
    certainty = worth.quality(exists, taken, overlap, missed)
    return Consensus(objects, refused, certainty, _gain(item, exists, missed, skills), len(answers))


def _gain(item: Outlined, exists: Floats, missed: float, skills: Skills[OutlineSkill]) -> float:
    """Part of the cells put right by one more answer: decided, found that all have missed, or better
    outlined."""
    finds, invents, finds_touching, invents_touching = _typical(skills, RATES)
    touching = item.places.touching
    decided = worth.gain_of_places(
        exists, np.where(touching, finds_touching, finds), np.where(touching, invents_touching, invents)
    )
    outlines = np.asarray([len(members) for members in item.groups], np.float64)
    better = worth.overlap_of(outlines + finds, skills.overlap) - worth.overlap_of(outlines, skills.overlap)
    gain = decided + missed * finds + float((exists * (exists >= 0.5) * better).sum())
    return float(gain / max(1.0, float(exists.sum())))


def _object(
    item: Outlined, place: int, exists: Floats, steps: Floats, skills: Skills[OutlineSkill]
) -> ObjectConsensus:
    """The consensus outline of one place; steps (answers, 2) as `edges.steps`."""
    drawers = item.drawers[place]
    covered, took_in, which = item.masks.kinds(item.groups[place])
    y, x = item.masks.row[covered], item.masks.column[covered]
    y0, x0 = int(y.min()), int(x.min())
    inside, share = np.zeros((2, int(y.max()) - y0 + 1, int(x.max()) - x0 + 1), np.float32)
    inside[y - y0, x - x0] = _inside(took_in, steps[list(drawers)], skills.band)[which]
    share[y - y0, x - x0] = _share(item, drawers, took_in, skills)[which]
    mask = _decided(inside, len(drawers))
    most = float(worth.overlap_of(np.asarray(len(drawers)), skills.overlap))
    overlap = min(_expected_iou(inside, mask), most)
    return ObjectConsensus(
        _placed(mask, y0, x0), float(exists[place]), overlap, bool(exists[place] >= 0.5),
        tuple(item.places.workers[i] for i in drawers), y0, x0, inside, share,
    )  # fmt: skip


def _inside(took_in: Bools, steps: Floats, band: float) -> Floats:
    """The chance of the pixels of each kind of votes (kinds, outlines) to be in; `steps` (outlines, 2)."""
    chance = expit(np.where(took_in, steps[:, 1], steps[:, 0]).sum(axis=1) + logit(band))
    chance[took_in.all(axis=1)] = 1.0
    return np.asarray(chance)


def _share(item: Outlined, drawers: Sequence[int], took_in: Bools, skills: Skills[OutlineSkill]) -> Floats:
    """The part of the workers of the item who took in the pixels of each kind of votes."""
    known = [skills.of(worker) for worker in item.places.workers]
    believed = np.asarray([max(one.finds - one.invents, LEAST_BELIEVED) for one in known])
    return np.asarray(took_in @ believed[list(drawers)] / believed.sum())


def _decided(inside: NDArray[np.float32], outlines: int) -> Bools:
    """The mask: pixels likelier in than out, looked at with their neighbours, in one piece."""
    if outlines == 1:
        return inside > 0
    around = ndimage.uniform_filter(inside, SMOOTH_PX, mode="constant")
    mask = pixels.one_piece(0.5 * (inside + around) >= 0.5)
    return mask if mask.any() else np.asarray(inside >= inside.max())


def _expected_iou(inside: NDArray[np.float32], mask: Bools) -> float:
    within = float(inside[mask].sum())
    return within / (float(mask.sum()) + float(inside.sum()) - within)


def _placed(mask: Bools, y: int, x: int) -> Runs:
    rows, columns = np.nonzero(mask)
    return pixels.runs_of(rows + y, columns + x)
