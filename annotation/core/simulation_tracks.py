"""A simulated movie of tracks, places and sizes of cells without pixels, and the edits that people do to it.

Links are pairs of detections: the next of the same cell, and the last of a mother with the first of each
daughter. Edge accuracy is the share of right links among right, wrong and missing ones.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from annotation.core.intervals import Ints
from annotation.core.observations import Followed, Observations
from annotation.core.simulation_cells import World

Links = set[tuple[int, int]]


@dataclass(frozen=True)
class Tracked:
    """Detections (rows) of a movie with the cell each is said to be, and who is whose mother."""

    rows: Observations  # sorted by frame; `cell` is the truth
    cell: Ints
    mothers: dict[int, int]
    side_px: int
    frames: int

    def followed(self) -> tuple[Followed, Ints]:
        """What the rules see, and the detection of each of its rows."""
        order = np.lexsort((self.rows.t, self.cell))
        seen = replace(self.rows[order], cell=self.cell[order])
        pairs = list(self.mothers.items())
        return Followed(seen, pairs, self.frames, self.side_px, self.side_px, merged={}), order

    def links(self) -> Links:
        """Pairs of detections that the labels say are one cell, or mother and daughter."""
        order = np.lexsort((self.rows.t, self.cell))
        cell = self.cell[order]
        same = np.flatnonzero(cell[1:] == cell[:-1])
        links = set(zip(order[same].tolist(), order[same + 1].tolist(), strict=True))
        begin = np.flatnonzero(np.diff(cell, prepend=-1))
        first = dict(zip(cell[begin].tolist(), order[begin].tolist(), strict=True))
        last = dict(
            zip(cell[begin].tolist(), order[np.append(begin[1:], cell.size) - 1].tolist(), strict=True)
        )
        births = self.mothers.items()
        return links | {(last[m], first[d]) for d, m in births if m in last and d in first}


def accuracy(links: Links, truth: Links) -> float:
    """Right links among right, wrong and missing ones."""
    return len(links & truth) / max(len(links | truth), 1)


def simulate(
    *, seed: int, frames: int = 40, cells: int = 80, side_px: int = 700, speed_px: float = 1.9, slips: int = 2
) -> Tracked:
    """True tracks of cells that crawl, divide, come and go; in `slips` frames the picture moves at once."""
    rng, life = np.random.default_rng(seed).spawn(2)
    world = World(side_px, side_px, 0.36 * side_px / math.sqrt(cells), 30.0, speed_px, life)
    world.fill(cells)
    slipped = set(rng.choice(np.arange(5, frames - 5), slips, replace=False).tolist())
    shift = np.zeros(2)
    seen: list[tuple[float, ...]] = []
    mothers: dict[int, int] = {}
    for t in range(frames):
        if t:
            world.step()
        if t in slipped:
            shift += rng.choice([-1, 1], 2) * rng.uniform(0.8, 1.5, 2) * world.radius
        mothers |= {cell.number: cell.mother for cell in world.cells if cell.mother is not None}
        for cell in world.cells:
            y, x, r = cell.y + shift[0], cell.x + shift[1], cell.size
            if min(y, x) >= 0 and max(y, x) < side_px:
                area = math.pi * r * r * rng.uniform(0.93, 1.07)
                seen.append((cell.number, t, area, 0, y, x, y - r, x - r, y + r, x + r))
    return _tracked(seen, mothers, side_px, frames)


def _tracked(seen: list[tuple[float, ...]], mothers: dict[int, int], side_px: int, frames: int) -> Tracked:
    """The rows as columns; mothers that were seen until just before their daughter."""
    number, at, area, z, y, x, *bounds = (np.asarray(column) for column in zip(*seen, strict=True))
    names, t = number.astype(np.int64), at.astype(np.int64)
    low_high = (np.clip(bound, 0, side_px - 1).astype(np.int64) for bound in bounds)
    rows = Observations(names, t, area.astype(np.int64), z.astype(float), y, x, *low_high)
    first = {cell: int(t[names == cell].min()) for cell in np.unique(names).tolist()}
    last = {cell: int(t[names == cell].max()) for cell in first}
    known = {d: m for d, m in mothers.items() if d in first and last.get(m) == first[d] - 1}
    return Tracked(rows, names.copy(), known, side_px, frames)


# ---------------------------------------------------------------- edits


def exchange(now: Tracked, a: int, b: int, first: int, last: int | None = None) -> Tracked:
    """Cells a and b exchanged in the frames first..last; to the end, their daughters go along."""
    inside = (now.rows.t >= first) & (now.rows.t <= (now.frames if last is None else last))
    cell = now.cell.copy()
    cell[inside & (now.cell == a)], cell[inside & (now.cell == b)] = b, a
    other = {a: b, b: a}
    mothers = now.mothers if last is not None else _with_futures(now, other, first)
    return replace(now, cell=cell, mothers=mothers)


def _with_futures(now: Tracked, other: dict[int, int], first: int) -> dict[int, int]:
    """Mothers after cells were renamed from frame `first` on: daughters born later follow their mother."""
    begins = now.rows.t
    born = {d: int(begins[now.cell == d].min()) for d in now.mothers if (now.cell == d).any()}
    return {
        (other.get(d, d) if born.get(d, -1) >= first else d): (
            other.get(m, m) if born.get(d, -1) >= first else m
        )
        for d, m in now.mothers.items()
        if other.get(d, d) != other.get(m, m) or d not in other
    }


def cut(now: Tracked, a: int, first: int) -> Tracked:
    """From frame `first` on another cell."""
    return exchange(now, a, int(now.cell.max()) + 1, first)


def name_mother(now: Tracked, daughter: int, mother: int) -> Tracked:
    """`daughter` comes from `mother`."""
    return replace(now, mothers={**now.mothers, daughter: mother})


def forget_mother(now: Tracked, daughter: int) -> Tracked:
    """Nobody knows where `daughter` comes from."""
    return replace(now, mothers={d: m for d, m in now.mothers.items() if d != daughter})


def divide(now: Tracked, mother: int, daughters: tuple[int, ...], first: int) -> Tracked:
    """The mother ends before `first`; what goes on under her name is a daughter too."""
    if ((now.cell == mother) & (now.rows.t >= first)).any():
        rest = int(now.cell.max()) + 1
        now, daughters = cut(now, mother, first), (*daughters, rest)
    for daughter in daughters:
        now = name_mother(now, daughter, mother)
    return now
