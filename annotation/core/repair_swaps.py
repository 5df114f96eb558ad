"""Cells that were exchanged, and steps too long to be steps."""

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from annotation.core.intervals import Ints
from annotation.core.observations import Observations
from annotation.core.repair_values import END_IS_WRONG, LABELS_ARE_RIGHT, Repair, RepairKind, Scene

INSIDE_SIZES, AT_BORDER_SIZES = 0.8, 2.0  # shorter steps, in widths of the cell, are never cut


def swaps(movie: Scene) -> list[Repair]:
    """Two cells of which each is likelier to go on as the other."""
    seen = movie.seen
    pairs = [_crossing(movie, now, then) for now, then in _frame_pairs(seen)]
    i, j = (np.concatenate([pair[k] for pair in pairs]) if pairs else np.zeros(0, np.int64) for k in (0, 1))
    own_i, own_j = movie.after[i], movie.before[j]
    better = movie.cost(i, own_i) + movie.cost(own_j, j) - movie.cost(i, j) - movie.cost(own_j, own_i)
    found: dict[tuple[int, int, int], Repair] = {}
    for k in np.flatnonzero(better > 0).tolist():
        a, b = sorted((int(seen.cell[i[k]]), int(seen.cell[j[k]])))
        t = int(seen.t[j[k]])
        text = f"Cells {a} and {b} are likelier to be exchanged from frame {t} on."
        row = int(j[k])
        odds = float(better[k]) - LABELS_ARE_RIGHT
        found[a, b, t] = movie.repair(RepairKind.SWAP, row, (a, b), odds, 4, text)
    return sorted(found.values(), key=lambda one: (one.cells, one.t))


def _frame_pairs(seen: Observations) -> Iterator[tuple[Ints, Ints]]:
    """Rows of each frame and of the next."""
    order = np.argsort(seen.t, kind="stable")
    cuts = np.flatnonzero(np.diff(seen.t[order])) + 1
    frames = np.split(order, cuts)
    for now, then in itertools.pairwise(frames):
        if now.size and seen.t[then[0]] == seen.t[now[0]] + 1:
            yield now, then


def _crossing(movie: Scene, now: Ints, then: Ints) -> tuple[Ints, Ints]:
    """Rows i of a frame and j of the next that are near, and of different cells that both are in both."""
    seen = movie.seen
    goes_on = now[(movie.after[now] >= 0)]
    comes_on = then[(movie.before[then] >= 0)]
    goes_on = goes_on[seen.t[movie.after[goes_on]] == seen.t[then[0]]] if goes_on.size else goes_on
    comes_on = comes_on[seen.t[movie.before[comes_on]] == seen.t[now[0]]] if comes_on.size else comes_on
    if min(goes_on.size, comes_on.size) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    places = movie.places
    apart, near = cKDTree(places[comes_on]).query(places[goes_on], k=2)
    own = movie.apart(goes_on, movie.after[goes_on])
    closer = apart < own[:, None]
    i = np.repeat(goes_on, 2)[closer.ravel()]
    j = comes_on[near.ravel()[closer.ravel()]]
    other = seen.cell[i] != seen.cell[j]
    return i[other], j[other]


def ranges(found: list[Repair]) -> Iterator[Repair]:
    """Two cells exchanged and, later, back again: one repair of the frames between."""
    waiting: Repair | None = None
    for swap in found:
        if waiting is not None and waiting.cells == swap.cells:
            a, b = swap.cells
            text = f"Cells {a} and {b} are likelier to be exchanged in frames {waiting.t} to {swap.t - 1}."
            likely = waiting.probability * swap.probability
            links = waiting.links + swap.links
            yield Repair(
                RepairKind.SWAP, waiting.t, swap.t - 1, swap.cells, round(likely, 4), links,
                round(likely * links, 4), waiting.z, waiting.y, waiting.x, text,
            )  # fmt: skip
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = swap
    if waiting is not None:
        yield waiting


def cuts(movie: Scene) -> Iterator[Repair]:
    """Steps that cost more than an end and a beginning."""
    seen = movie.seen
    rows = np.flatnonzero(movie.after >= 0)
    later = movie.after[rows]
    # The middle of a cell that the border cuts moves as more or less of it is seen.
    sizes = np.where(movie.border[rows] | movie.border[later], AT_BORDER_SIZES, INSIDE_SIZES)
    far = movie.apart(rows, later) > sizes * np.maximum(seen.size_px[rows], seen.size_px[later])
    odds = movie.cost(rows, later) - 2 * END_IS_WRONG - LABELS_ARE_RIGHT
    for k in np.flatnonzero((odds > -3) & far).tolist():
        cell, t = int(seen.cell[rows[k]]), int(seen.t[later[k]])
        text = f"Cell {cell} jumps too far in frame {t} to be the same."
        yield movie.repair(RepairKind.CUT, int(later[k]), (cell,), min(float(odds[k]), 4.0), 1, text)
