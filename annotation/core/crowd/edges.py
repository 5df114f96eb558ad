"""Where does the cell end? Expectation-maximisation over the pixels about which outlines differ.

STAPLE (Warfield, Zou and Wells 2004) with three changes. Only pixels are asked about which the outlines of a
cell differ: what all took in is in, so a large ground or a large cell does not make a careless worker look
careful. A worker's two rates are learnt from all cells of the campaign together, with gold, not from one
picture alone; and each cell weighs the same, since pixels of one band are not independent. Pixels with the
same votes are one entry, so a cell costs as much as it has kinds of votes, not pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from annotation.core.crowd.pixels import Bools
from annotation.core.crowd.values import Floats, Ints

BAND_WEIGHT = 4.0  # what a cell's band tells of a worker, in pixels that are independent
STRENGTH = 12.0
ROUNDS, SETTLED = 40, 1e-3
LOW, HIGH = 0.55, 0.95
FEWEST = 2  # outlines of a cell that differ


@dataclass(frozen=True, eq=False)
class Band:
    """The kinds of votes on one cell: `took_in` (kinds, outlines), pixels of each, and, of a gold item,
    whether they are `true` cell. `place` is the cell's place in the item."""

    place: int
    workers: tuple[str, ...]
    took_in: Bools
    pixels: Ints
    true: Bools | None = None


@dataclass(frozen=True, eq=False)
class Votes:
    """All bands of a campaign: of each vote its kind, worker and side; of each kind its weight, its cell and
    what is known (-1: nothing)."""

    kind: Ints
    worker: Ints
    took_in: Bools
    weight: Floats
    cell: Ints
    known: Ints


def tabled(bands: Sequence[Band], cells: Sequence[int], number: Mapping[str, int]) -> Votes:
    """The bands as one table; `cells` names the place of each in the table of sightings."""
    sizes = [band.took_in.shape for band in bands]
    first = np.cumsum([0, *(size[0] for size in sizes)]).tolist()
    kind = [np.repeat(np.arange(at, at + s[0]), s[1]) for at, s in zip(first, sizes, strict=False)]
    worker = [np.tile([number[w] for w in band.workers], len(band.took_in)) for band in bands]
    weight = [BAND_WEIGHT * band.pixels / band.pixels.sum() for band in bands]
    known = [np.full(s[0], -1) if b.true is None else b.true for b, s in zip(bands, sizes, strict=True)]
    return Votes(
        _joined(kind),
        _joined(worker),
        _joined([band.took_in.ravel() for band in bands]).astype(bool),
        np.concatenate(weight) if weight else np.zeros(0),
        np.repeat(np.asarray(cells, np.int64), [size[0] for size in sizes]),
        _joined(known),
    )


def _joined(parts: Sequence[Ints | Bools]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def steps(rates: Floats) -> Floats:
    """(workers, 2): what a vote for out (0) and in (1) adds to the log odds of a pixel to be in."""
    keeps, spares = rates[..., 0], rates[..., 1]
    return np.stack((np.log((1 - keeps) / spares), np.log(keeps / (1 - spares))), axis=-1)


def chances(votes: Votes, rates: Floats, share: float = 0.5) -> Floats:
    """(kinds,): the chance of the pixels of each kind to be in the cell, when so large a part of all such
    pixels is."""
    step = steps(rates)[votes.worker, votes.took_in.astype(int)]
    inside = expit(np.bincount(votes.kind, step, votes.weight.size) + logit(share))
    return np.where(votes.known >= 0, votes.known, inside)


def fit(
    votes: Votes, exists: Floats, workers: int, typical: Floats, rates: Floats | None = None
) -> tuple[Floats, Floats, float]:
    """(rates (workers, 2), those of all (2,), share of the pixels of bands that are in): `keeps` and
    `spares`; cells weigh by their chance to exist. The share is half but for what gold tells: see
    `_typical`."""
    rates = np.tile(typical, (workers, 1)) if rates is None else rates
    weight = votes.weight * exists[votes.cell]
    gold = votes.known >= 0
    share = float((votes.known[gold] @ weight[gold] + STRENGTH / 2) / (weight[gold].sum() + STRENGTH))
    inside = chances(votes, rates, share)
    for _ in range(ROUNDS):
        rates, typical = _learnt(votes, weight, inside, workers, typical)
        after = chances(votes, rates, share)
        moved = np.abs(after - inside).max(initial=0.0)
        inside = after
        if moved < SETTLED:
            break
    return rates, typical, share


def _learnt(
    votes: Votes, weight: Floats, inside: Floats, workers: int, typical: Floats
) -> tuple[Floats, Floats]:
    right, asked = np.zeros((2, workers, 2))
    for side, share in ((0, inside * weight), (1, (1 - inside) * weight)):
        one = share[votes.kind]
        asked[:, side] = np.bincount(votes.worker, one, workers)
        right[:, side] = np.bincount(votes.worker, one * (votes.took_in != bool(side)), workers)
    typical = _typical(right.sum(0), asked.sum(0), typical, gold=bool((votes.known >= 0).any()))
    rates = (right + STRENGTH * typical) / (asked + STRENGTH)
    return np.clip(rates, 0.02, 0.98), typical


def _typical(right: Floats, asked: Floats, typical: Floats, *, gold: bool) -> Floats:
    """Rates of all workers. Without gold both are the same: that everybody draws too large or too small
    cannot be told from the answers alone, and to let it be told drives all outlines one way."""
    if gold:
        return np.clip((right + 40 * typical) / (asked + 40), LOW, HIGH)
    mean = (right.sum() + 40 * typical.mean()) / (asked.sum() + 40)
    return np.full(2, np.clip(mean, LOW, HIGH))
