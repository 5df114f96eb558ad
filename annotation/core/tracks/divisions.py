"""Divisions that were found, missed and invented, exactly or within some frames.

The rule is that of BC(i), V. Ulman et al. 2017, doi:10.1038/nmeth.4473: the mothers end at most i frames
apart, are each other's only partner where both are still there, and every true daughter is a predicted
daughter that begins at most i frames from her.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.tracks.aogm import Comparison
from annotation.core.tracks.graph import LineageGraph


@dataclass(frozen=True)
class Divisions:
    """Tracks that end in a division: (true, predicted) pairs that agree, and those that stay alone."""

    found: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    invented: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """(found, invented, missed)"""
        return len(self.found), len(self.invented), len(self.missed)


def compare(comparison: Comparison, within: Sequence[int] = (0,)) -> dict[int, Divisions]:
    """Divisions of two graphs, for each number of frames that they may differ by."""
    right, said = _Family(comparison.truth), _Family(comparison.predicted)
    book = _Book(comparison, right, said)
    return {frames: _divisions(book, frames) for frames in within}


def f1(counts: tuple[int, int, int]) -> float | None:
    """Of (found, invented, missed) divisions; None where the truth has none."""
    found, invented, missed = counts
    return 2 * found / (2 * found + invented + missed) if found + missed else None


class _Family:
    """First and last frames of tracks, and the tracks that come from those that divide."""

    def __init__(self, graph: LineageGraph) -> None:
        self.first: list[int] = graph.first.tolist()
        self.last: list[int] = graph.last.tolist()
        self.daughters: dict[int, list[int]] = {}
        born = np.flatnonzero(graph.parent >= 0)
        born = born[graph.divides[graph.parent[born]]]
        for track, mother in zip(born.tolist(), graph.parent[born].tolist(), strict=True):
            self.daughters.setdefault(mother, []).append(track)


class _Book:
    """Says which predicted track stands for a true one, and for no other, at a frame."""

    def __init__(self, comparison: Comparison, right: _Family, said: _Family) -> None:
        self.right, self.said = right, said
        truth, predicted = comparison.truth, comparison.predicted
        held = np.flatnonzero(comparison.partner >= 0)
        places = zip(truth.track[held].tolist(), truth.t[held].tolist(), strict=True)
        names = predicted.track[comparison.partner[held]].tolist()
        self.follows = dict(zip(places, names, strict=True))
        self.by_last: dict[int, list[int]] = {}
        for track in sorted(right.daughters):
            self.by_last.setdefault(right.last[track], []).append(track)

    def candidates(self, said: int, within: int) -> list[int]:
        """True tracks that divide in time and for which the predicted mother stands where both are there."""
        end = self.said.last[said]
        near = (a for t in range(end - within, end + within + 1) for a in self.by_last.get(t, ()))
        return [a for a in near if self.follows.get((a, min(self.right.last[a], end))) == said]

    def agree(self, true: int, said: int, within: int) -> bool:
        """Whether each daughter of the one is a daughter of the other."""
        ours, theirs = self.right.daughters[true], self.said.daughters[said]
        if len(ours) != len(theirs):
            return False
        met = {next((d for d in theirs if self._same(a, d, within)), None) for a in ours}
        return None not in met and len(met) == len(ours)

    def _same(self, true: int, said: int, within: int) -> bool:
        a, b = self.right.first[true], self.said.first[said]
        return abs(a - b) <= within and self.follows.get((true, max(a, b))) == said


def _divisions(book: _Book, within: int) -> Divisions:
    right, said = sorted(book.right.daughters), sorted(book.said.daughters)
    found = [(a, b) for b in said for a in book.candidates(b, within) if book.agree(a, b, within)]
    firsts, seconds = {a for a, _ in found}, {b for _, b in found}
    return Divisions(
        tuple(found),
        tuple(a for a in right if a not in firsts),
        tuple(b for b in said if b not in seconds),
    )
