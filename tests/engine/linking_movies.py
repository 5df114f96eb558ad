"""Small movies of detections for the linkers' tests, without pixels, and what is true of them."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.contract.linking import Lineage
from training.engine.linking.detections import Detections

SIDE_PX = 400.0
AREA = 300.0


@dataclass
class Planted:
    """Detections put in one by one: (t, y, x) with area, light and slenderness; cells are numbered
    anew in each frame."""

    frames: int

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(1)
        self.rows: list[tuple[int, float, float, float, float, float]] = []

    def put(self, t: int, y: float, x: float, *, area: float = AREA, light: float = 100.0) -> None:
        """One detection."""
        a, b, c = self.chance.normal(0, 0.02, 3).tolist()
        self.rows.append((t, y, x, area * (1 + a), light * (1 + b), 0.8 + c))

    def crowd(self, count: int = 12, *, step: float = 1.0) -> None:
        """Cells that rest on a lattice in the lower half, so that the movie's scales can be measured."""
        chance = np.random.default_rng(0)
        for n in range(count):
            area = AREA * (0.75 + 0.06 * (5 * n % 11))
            for t in range(self.frames):
                dy, dx = chance.normal(0, step, 2)
                self.put(t, 260 + 60 * (n // 6) + dy, 30 + 60 * (n % 6) + dx, area=area)

    def detections(self) -> Detections:
        """Sorted by frame; the first put in a frame is its cell 1."""
        order = sorted(range(len(self.rows)), key=lambda i: (self.rows[i][0], i))
        table = np.array([self.rows[i] for i in order])
        t = table[:, 0].astype(np.int64)
        number = np.concatenate([np.arange(1, 1 + int((t == k).sum())) for k in range(self.frames)])
        return made(t, number, np.insert(table[:, 1:3], 0, 0, axis=1), self.frames, table[:, 3:].T)


def made(
    t: npt.NDArray[np.int64],
    cell: npt.NDArray[np.int64],
    place: npt.NDArray[np.float64],
    frames: int,
    looks: npt.NDArray[np.float64] | None = None,
    size: tuple[float, float, float] = (1.0, SIDE_PX, SIDE_PX),
) -> Detections:
    """A table of detections; looks are areas, lights and slenderness."""
    if looks is None:
        looks = np.tile([[AREA], [np.nan], [0.8]], (1, len(t)))
    area, light, slender = looks
    border = np.minimum(place[:, 1:], np.array(size[1:]) - 1 - place[:, 1:]).min(1).clip(0)
    return Detections(t, cell, place, area, light, slender, border, frames, size)


@dataclass(frozen=True, eq=False)
class Walk:
    """Cells that walk at random: detections, and the true cell of each."""

    found: Detections
    truth: npt.NDArray[np.int64]


def walk(
    cells: int,
    frames: int,
    *,
    seed: int = 0,
    step: float = 4.0,
    spacing: float = 30.0,
    lost: float = 0.0,
    false: float = 0.0,
    steady: float = 0.0,
) -> Walk:
    """Cells at about `spacing`, with steps of which the part `steady` is that of the frame before; some lost,
    some false."""
    chance = np.random.default_rng(seed)
    side = spacing * np.sqrt(cells)
    place, speed = chance.random((cells, 2)) * side, chance.normal(0, step, (cells, 2))
    rows: list[npt.NDArray[np.float64]] = []
    for t in range(frames):
        seen = np.flatnonzero(chance.random(cells) >= lost)
        rows.append(np.column_stack([np.full(len(seen), t), seen + 1, place[seen]]))
        extra = chance.binomial(cells, false)
        rows.append(np.column_stack([np.full(extra, t), np.zeros(extra), chance.random((extra, 2)) * side]))
        speed = steady * speed + np.sqrt(1 - steady**2) * chance.normal(0, step, (cells, 2))
        place = place + speed
    table = np.concatenate(rows)
    order = np.lexsort((chance.random(len(table)), table[:, 0]))
    table = table[order]
    times = table[:, 0].astype(np.int64)
    number = np.concatenate([np.arange(1, 1 + int((times == k).sum())) for k in range(frames)])
    places = np.insert(table[:, 2:], 0, 0, axis=1)
    found = made(times, number, places, frames, size=(1.0, side, side))
    return Walk(found, table[:, 1].astype(np.int64))


def links_of(said: Lineage) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """Links by what their ends were called: ((t, cell), (later t, cell))."""
    named = said.renamed
    was = {
        (t, now): old
        for t, old, now in zip(named.t.tolist(), named.was.tolist(), named.cell.tolist(), strict=True)
    }
    table = said.links
    ends = zip(
        table.t.tolist(), table.cell.tolist(), table.to_t.tolist(), table.to_cell.tolist(), strict=True
    )
    return {((t, was[t, a]), (u, was[u, b])) for t, a, u, b in ends}


def divisions_of(said: Lineage) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """(t, cell) of each mother's last detection → those of her daughters' first ones."""
    by_mother: dict[tuple[int, int], set[tuple[int, int]]] = {}
    mother_of = {cell.cell: cell.mother for cell in said.cells}
    named = said.renamed
    now = {
        (t, old): new
        for t, old, new in zip(named.t.tolist(), named.was.tolist(), named.cell.tolist(), strict=True)
    }
    for early, late in links_of(said):
        if mother_of[now[late]] == now[early] and now[early] != now[late]:
            by_mother.setdefault(early, set()).add(late)
    return by_mother


def true_links(walked: Walk) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """Links between consecutive detections of true cells."""
    found, links = walked.found, set()
    for cell in np.unique(walked.truth[walked.truth > 0]):
        rows = np.flatnonzero(walked.truth == cell)
        for a, b in itertools.pairwise(rows.tolist()):
            links.add(((int(found.t[a]), int(found.cell[a])), (int(found.t[b]), int(found.cell[b]))))
    return links
