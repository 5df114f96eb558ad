"""Tracks that end where others begin: one by one, and all at once where the picture moved."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from annotation.core.intervals import Ints
from annotation.core.observations import Floats, Observations
from annotation.core.repair_values import END_IS_WRONG, Repair, RepairKind, Scene

BORDER_IS_LIKELY = 4.0  # log-odds for leaving, or coming in, beside the border
MOST_HOLE_FRAMES = 3  # tracks are joined over so many missing frames
LEAST_REJOINED = 5  # so many cells that move alike are a movement of the picture


def loose(movie: Scene) -> tuple[Ints, Ints]:
    """Last rows of tracks whose end nothing explains, first rows of tracks whose beginning nothing does."""
    known, tracks = movie.known, movie.known.tracks
    explained = {*known.daughters, *known.movie.merged, *known.movie.ended}
    ends = np.asarray([cell not in explained for cell in tracks.cell.tolist()], bool)
    begins = np.asarray(
        [cell not in known.mothers and cell not in known.came_in for cell in tracks.cell.tolist()], bool
    )
    ends &= tracks.last < known.movie.frames - 1
    begins &= tracks.first > 0
    return (tracks.end - 1)[ends], tracks.begin[begins]


def joins(movie: Scene) -> tuple[list[Repair], list[Repair]]:
    """Tracks that go on as others after at most `MOST_HOLE_FRAMES` missing frames, one by one, and where the
    whole picture moved, many at once."""
    ends, begins = loose(movie)
    rejoins: list[Repair] = []
    singles: list[Repair] = []
    for hole in range(MOST_HOLE_FRAMES + 1):
        for now, then in _meeting(movie.seen, ends, begins, hole + 1):
            singles += _join_pairs(movie, now, then)
            rejoins += _moved(movie, now, then) if hole == 0 else []
    return _each_once(singles), rejoins


def _each_once(found: list[Repair]) -> list[Repair]:
    """The likeliest joins of which none ends or begins a track a second time."""
    ended: set[int] = set()
    begun: set[int] = set()
    kept = []
    for one in sorted(found, key=lambda one: (-one.probability, one.cells)):
        a, b = one.cells
        if a not in ended and b not in begun:
            ended.add(a)
            begun.add(b)
            kept.append(one)
    return kept


def _meeting(seen: Observations, ends: Ints, begins: Ints, frames: int) -> Iterator[tuple[Ints, Ints]]:
    """Ends of each frame with the beginnings so many frames later."""
    later: dict[int, list[int]] = {}
    for row in begins.tolist():
        later.setdefault(int(seen.t[row]), []).append(row)
    earlier: dict[int, list[int]] = {}
    for row in ends.tolist():
        earlier.setdefault(int(seen.t[row]), []).append(row)
    for t, rows in sorted(earlier.items()):
        if t + frames in later:
            yield np.asarray(rows), np.asarray(later[t + frames])


def _join_pairs(movie: Scene, now: Ints, then: Ints) -> Iterator[Repair]:
    seen = movie.seen
    i, j = (grid.ravel() for grid in np.meshgrid(now, then, indexing="ij"))
    hole = int(seen.t[then[0]] - seen.t[now[0]]) - 1
    border = BORDER_IS_LIKELY * (movie.border[i] & movie.border[j])
    odds = END_IS_WRONG - hole - border - movie.cost(i, j)
    for k in np.flatnonzero(odds > -3).tolist():
        a, b = int(seen.cell[i[k]]), int(seen.cell[j[k]])
        text = f"Cell {a} is lost where cell {b} appears: they are likely one."
        yield movie.repair(RepairKind.JOIN, int(j[k]), (a, b), float(odds[k]), 1, text)


def _moved(movie: Scene, now: Ints, then: Ints) -> list[Repair]:
    """One repair where many tracks end and as many begin, all moved alike: stage or sample slipped."""
    if min(now.size, then.size) < LEAST_REJOINED:
        return []
    seen = movie.seen
    here, there = movie.places[now], movie.places[then]
    near = max(3 * movie.scale.step_px, 2.0)
    shift = _common_shift(here, there, near)
    pairs = _pairs_at(here + shift, there, near)
    if len(pairs) < LEAST_REJOINED:
        return []
    cells = tuple(int(cell) for k, i in pairs for cell in (seen.cell[now[i]], seen.cell[then[k]]))
    t = int(seen.t[then[0]])
    text = f"{len(pairs)} cells are lost into frame {t} and go on there under other numbers, all moved alike."
    row = int(then[pairs[0][0]])
    return [movie.repair(RepairKind.REJOIN, row, cells, float(len(pairs) - 3), len(pairs), text)]


def _common_shift(here: Floats, there: Floats, near_px: float) -> Floats:
    """The movement (dy, dx) that most pairs of places share."""
    shifts = (there[None] - here[:, None]).reshape(-1, 2)
    tree = cKDTree(shifts)
    votes = np.asarray(tree.query_ball_point(shifts, near_px, return_length=True))
    alike = tree.query_ball_point(shifts[int(votes.argmax())], near_px)
    return np.asarray(shifts[alike].mean(axis=0))


def _pairs_at(expected: Floats, there: Floats, near_px: float) -> list[tuple[int, int]]:
    """(k, i): place k is where i was expected; each once, the nearest first to choose."""
    apart, nearest = (np.asarray(found) for found in cKDTree(there).query(expected))
    pairs: dict[int, int] = {}
    for i in np.argsort(apart).tolist():
        if apart[i] <= near_px:
            pairs.setdefault(int(nearest[i]), i)
    return sorted(pairs.items())
