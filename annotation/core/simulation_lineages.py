"""Random lineages without pictures, and predictions of them that go wrong in every way that scores know."""

from dataclasses import dataclass, field

import numpy as np

Detections = dict[tuple[int, int], int]  # (frame, true cell) → predicted cell


@dataclass
class DrawnLineage:
    """`truth` and `said` are {(frame, cell)}, with {daughter: mother} each; `stands` says for which true
    detections a predicted one stands. Mothers have lower numbers than their daughters on both sides.
    """

    truth: set[tuple[int, int]] = field(default_factory=set)
    mothers: dict[int, int] = field(default_factory=dict)
    said: set[tuple[int, int]] = field(default_factory=set)
    said_mothers: dict[int, int] = field(default_factory=dict)
    stands: Detections = field(default_factory=dict)


def draw_lineage(
    seed: int, *, frames: int = 12, founders: int = 6, most_daughters: int = 2, clean: bool = False
) -> DrawnLineage:
    """A lineage and a prediction of it, the same for the same seed.

    Predictions miss detections, invent tracks, swap cells, forget and invent mothers, and see one cell where
    several are; without the last, and without gaps, when `clean`.
    """
    rng = np.random.default_rng(seed)
    drawn = DrawnLineage()
    _grow(drawn, rng, frames, founders, most_daughters, gaps=not clean)
    level = rng.choice((0.0, 0.03, 0.1, 0.25))
    names = _swapped(drawn, rng, level)
    _see(drawn, rng, names, level)
    _misjudge(drawn, rng, level)
    if not clean:
        _unite(drawn, rng, level)
    _invent(drawn, rng, frames, level)
    _number(drawn)
    return drawn


def _grow(
    drawn: DrawnLineage, rng: np.random.Generator, frames: int, founders: int, most: int, *, gaps: bool
) -> None:
    """Cells live for some frames and then divide, or end; some are away for a frame. The first never ends,
    so that no frame is empty."""
    drawn.truth |= {(t, 1) for t in range(frames)}
    waiting = [(int(rng.integers(0, max(frames // 2, 1))), 0) for _ in range(founders - 1)]
    cell = 1
    while waiting:
        waiting.sort()
        first, mother = waiting.pop(0)
        cell += 1
        if mother:
            drawn.mothers[cell] = mother
        last = min(first + int(rng.integers(0, 2 + frames // 2)), frames - 1)
        drawn.truth |= {(t, cell) for t in range(first, last + 1)}
        if gaps and last - first > 2 and rng.random() < 0.15:
            drawn.truth.discard((int(rng.integers(first + 1, last)), cell))
        if last < frames - 1 and rng.random() < 0.6:
            waiting += [(last + 1, cell)] * int(rng.integers(2, most + 1))


def _swapped(drawn: DrawnLineage, rng: np.random.Generator, level: float) -> Detections:
    """What each true detection would be called: two cells change places from some frame on."""
    names = {at: at[1] for at in drawn.truth}
    for t in sorted({t for t, _ in drawn.truth})[1:]:
        there = sorted(cell for s, cell in drawn.truth if s == t)
        if len(there) > 1 and rng.random() < level * 2:
            a, b = (names[t, cell] for cell in rng.choice(there, 2, replace=False).tolist())
            later = [at for at in names if at[0] >= t and names[at] in (a, b)]
            names.update({at: a + b - names[at] for at in later})
    return names


def _see(drawn: DrawnLineage, rng: np.random.Generator, names: Detections, level: float) -> None:
    """Detections that are found; after a miss a cell has a new number as often as not."""
    news = 1 + max(cell for _, cell in drawn.truth)
    now: dict[int, int] = {}
    for t, cell in sorted(drawn.truth):
        name = names[t, cell]
        if rng.random() < level:
            if rng.random() < 0.5:
                now[name], news = news, news + 1
            continue
        drawn.said.add((t, now.get(name, name)))
        drawn.stands[t, cell] = now.get(name, name)


def _misjudge(drawn: DrawnLineage, rng: np.random.Generator, level: float) -> None:
    """Mothers as they were found: forgotten now and then, and now and then one that is none."""
    spans = _spans(drawn.said)
    for daughter, mother in drawn.mothers.items():
        known = daughter in spans and mother in spans and spans[mother][1] < spans[daughter][0]
        if known and rng.random() >= level:
            drawn.said_mothers[daughter] = mother
    for cell, (first, _) in sorted(spans.items()):
        ended = sorted(other for other, (_, last) in spans.items() if last == first - 1 and other != cell)
        if cell not in drawn.said_mothers and ended and rng.random() < level:
            drawn.said_mothers[cell] = int(rng.choice(ended))


def _unite(drawn: DrawnLineage, rng: np.random.Generator, level: float) -> None:
    """One detection stands for two or three true ones in its frame; the others are not there."""
    for t in sorted({t for t, _ in drawn.said}):
        there = sorted(cell for s, cell in drawn.stands if s == t)
        if len(there) > 3 and rng.random() < level * 2:
            kept, *gone = rng.choice(there, int(rng.integers(2, 4)), replace=False).tolist()
            for cell in gone:
                drawn.said.discard((t, drawn.stands[t, cell]))
                drawn.stands[t, cell] = drawn.stands[t, kept]


def _invent(drawn: DrawnLineage, rng: np.random.Generator, frames: int, level: float) -> None:
    """Tracks of nothing."""
    news = 1 + max((cell for _, cell in drawn.said | drawn.truth), default=0) * 2
    for cell in range(news, news + int(rng.poisson(level * 12))):
        first = int(rng.integers(0, frames))
        last = min(first + int(rng.integers(0, 4)), frames - 1)
        drawn.said |= {(t, cell) for t in range(first, last + 1)}


def _number(drawn: DrawnLineage) -> None:
    """Number predicted cells by their first frame, and drop mothers that are not there or end too late."""
    spans = _spans(drawn.said)
    order = {cell: i + 1 for i, cell in enumerate(sorted(spans, key=lambda cell: (spans[cell][0], cell)))}
    mothers = {
        daughter: mother
        for daughter, mother in drawn.said_mothers.items()
        if daughter in spans and mother in spans and spans[mother][1] < spans[daughter][0]
    }
    drawn.said = {(t, order[cell]) for t, cell in drawn.said}
    drawn.said_mothers = {order[a]: order[b] for a, b in mothers.items()}
    drawn.stands = {at: order[cell] for at, cell in drawn.stands.items()}


def _spans(detections: set[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """{cell: (first frame, last frame)}"""
    spans: dict[int, tuple[int, int]] = {}
    for t, cell in sorted(detections):
        spans[cell] = (spans.get(cell, (t, t))[0], t)
    return spans
