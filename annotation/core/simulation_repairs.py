"""Tracks with planted errors, and people who put them right: what a queue of repairs is measured with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from annotation.core.intervals import Ints
from annotation.core.repairs import Repair, propose
from annotation.core.simulation_tracks import (
    Tracked,
    accuracy,
    cut,
    divide,
    exchange,
    forget_mother,
    name_mother,
)

# ---------------------------------------------------------------- errors


def plant(truth: Tracked, *, seed: int, share: float = 0.06) -> Tracked:
    """Errors as trackers make them, about `share` of an error for each link of a division-free track of the
    movie's length: cells cut, exchanged to the end, exchanged and back, mothers lost, wrong or going on as a
    daughter; where the picture slipped, most tracks cut."""
    rng = np.random.default_rng(seed)
    now = truth
    for t in _slips(truth):
        there = np.intersect1d(truth.cell[truth.rows.t == t - 1], truth.cell[truth.rows.t == t])
        for cell in rng.choice(there, round(0.6 * there.size), replace=False).tolist():
            now = cut(now, int(now.cell[(truth.cell == cell) & (truth.rows.t == t)][0]), t)
    kinds = (_plant_cut, _plant_exchange, _plant_loan, _plant_birth, _plant_going_on)
    chances = np.asarray((0.4, 0.25, 0.1, 0.15, 0.1))
    for _ in range(round(share * len(truth.links()) / 3)):
        now = kinds[int(rng.choice(len(kinds), p=chances))](now, rng)
    return now


def _slips(truth: Tracked) -> list[int]:
    """Frames into which most cells moved far, alike."""
    order = np.lexsort((truth.rows.t, truth.cell))
    rows = truth.rows[order]
    same = np.flatnonzero(np.diff(truth.cell[order]) == 0)
    far = np.hypot(np.diff(rows.y)[same], np.diff(rows.x)[same]) > 0.3 * rows.size_px[same]
    into = rows.t[same + 1]
    return [t for t in range(1, truth.frames) if (far & (into == t)).sum() > 0.6 * (into == t).sum() > 0]


def _both_frames(now: Tracked, t: int) -> Ints:
    return np.intersect1d(now.cell[now.rows.t == t - 1], now.cell[now.rows.t == t])


def _plant_cut(now: Tracked, rng: np.random.Generator) -> Tracked:
    t = int(rng.integers(1, now.frames))
    return cut(now, int(rng.choice(_both_frames(now, t))), t)


def _neighbours(now: Tracked, rng: np.random.Generator) -> tuple[int, int, int]:
    """A frame and two cells side by side that are both there and in the frame before."""
    t = int(rng.integers(1, now.frames))
    both = rng.permutation(_both_frames(now, t)).tolist()
    here = {cell: row for row, cell in zip(*_rows_at(now, t), strict=True)}
    places = np.column_stack((now.rows.y, now.rows.x))
    apart = np.hypot(*(places[[here[b] for b in both[1:]]] - places[here[both[0]]]).T)
    return t, both[0], both[1 + int(apart.argmin())]


def _rows_at(now: Tracked, t: int) -> tuple[list[int], list[int]]:
    rows = np.flatnonzero(now.rows.t == t)
    return rows.tolist(), now.cell[rows].tolist()


def _plant_exchange(now: Tracked, rng: np.random.Generator) -> Tracked:
    t, a, b = _neighbours(now, rng)
    return exchange(now, a, b, t)


def _plant_loan(now: Tracked, rng: np.random.Generator) -> Tracked:
    """Exchanged for a few frames, and back."""
    t, a, b = _neighbours(now, rng)
    last = t + int(rng.integers(1, 6))
    ends = min(int(now.rows.t[now.cell == cell].max()) for cell in (a, b))
    return exchange(now, a, b, t, last) if last < ends else now


def _plant_birth(now: Tracked, rng: np.random.Generator) -> Tracked:
    """Both daughters of a division without a mother."""
    if not now.mothers:
        return now
    mother = now.mothers[int(rng.choice(sorted(now.mothers)))]
    return replace(now, mothers={d: m for d, m in now.mothers.items() if m != mother})


def _plant_going_on(now: Tracked, rng: np.random.Generator) -> Tracked:
    """One daughter goes on as the mother, the other comes from nowhere."""
    if not now.mothers:
        return now
    daughter = int(rng.choice(sorted(now.mothers)))
    mother = now.mothers[daughter]
    first = int(now.rows.t[now.cell == daughter].min())
    alone = replace(now, mothers={d: m for d, m in now.mothers.items() if m != mother})
    return exchange(alone, mother, daughter, first)


# ---------------------------------------------------------------- the person


def apply(now: Tracked, repair: Repair) -> Tracked:
    """The labels after a proposed repair."""
    kind, cells = repair.kind.value, repair.cells
    if kind in ("JOIN", "REJOIN"):
        for a, b in zip(cells[::2], cells[1::2], strict=True):
            now = exchange(now, a, b, repair.t)
        return now
    if kind == "SWAP":
        return exchange(now, cells[0], cells[1], repair.t, repair.last_t)
    if kind == "DIVIDE":
        return divide(now, cells[0], cells[1:], repair.t)
    if kind == "MOTHER":
        return name_mother(now, cells[0], cells[1])
    return cut(now, cells[0], repair.t)


@dataclass(frozen=True, slots=True)
class Walk:
    """What putting right took: steps (places looked at), edits among them, and the accuracy before and
    after."""

    before: float
    after: float
    steps: int
    edits: int


def by_queue(labels: Tracked, truth: Tracked, *, target: float = 0.95, most: int = 2000) -> Walk:
    """A person takes the proposals from the top: does the edit when it is right, else passes on.

    The queue is asked again after each edit. A place is not shown twice.
    """
    goal = truth.links()
    begun = best = accuracy(labels.links(), goal)
    passed: set[tuple[str, int, float, float]] = set()
    steps = edits = 0
    while best < target and steps < most:
        proposals = propose(labels.followed()[0])
        fresh = (one for one in proposals if (one.kind, one.t, one.y, one.x) not in passed)
        found = False
        for one in fresh:
            steps += 1
            passed.add((one.kind, one.t, one.y, one.x))
            tried = apply(labels, one)
            if (now := accuracy(tried.links(), goal)) > best:
                labels, best, edits, found = tried, now, edits + 1, True
                break
        if not found:
            break
    return Walk(begun, best, steps, edits)


def by_time(labels: Tracked, truth: Tracked, *, target: float = 0.95) -> Walk:
    """A person who sees every error plays the movie once and puts right each wrong link when it comes: one
    edit a place, none in vain."""
    goal = truth.links()
    begun = best = accuracy(labels.links(), goal)
    edits = 0
    for i, j in sorted(goal, key=lambda link: (int(truth.rows.t[link[1]]), link)):
        if best >= target:
            break
        if (i, j) in labels.links():
            continue
        labels = _put_right(labels, truth, i, j)
        best = accuracy(labels.links(), goal)
        edits += 1
    return Walk(begun, best, edits, edits)


def _put_right(labels: Tracked, truth: Tracked, i: int, j: int) -> Tracked:
    """One edit that makes the missing link from detection i to j."""
    a, b, t = int(labels.cell[i]), int(labels.cell[j]), int(truth.rows.t[j])
    if truth.cell[i] == truth.cell[j]:
        return exchange(forget_mother(labels, b), a, b, t)
    if a == b or ((labels.cell == a) & (truth.rows.t >= t)).any():
        sisters = tuple(int(labels.cell[row]) for row in _born(truth, i) if labels.cell[row] != a)
        return divide(labels, a, sisters, t)
    for row in _born(truth, i):
        labels = name_mother(labels, int(labels.cell[row]), a)
    return labels


def _born(truth: Tracked, i: int) -> Iterator[int]:
    """First detections of the daughters of the cell of detection i."""
    for daughter, mother in truth.mothers.items():
        if mother == truth.cell[i]:
            rows = np.flatnonzero(truth.cell == daughter)
            yield int(rows[truth.rows.t[rows].argmin()])
