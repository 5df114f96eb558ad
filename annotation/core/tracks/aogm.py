"""What must be changed to turn one lineage graph into another, and the scores DET, LNK and TRA made of it.

P. Matula et al. 2015, "Cell tracking accuracy measurement based on comparison of acyclic oriented graphs",
doi:10.1371/journal.pone.0144959. A predicted detection stands for every true one of which it covers more
than half; only one that stands for a single true detection can carry right links.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from annotation.core.tracks.graph import Flags, Floats, Ints, LineageGraph

# The costs of the Cell Tracking Challenge.
SPLIT, ADD, REMOVE = 5.0, 10.0, 1.0
REMOVE_LINK, ADD_LINK, CHANGE_LINK = 1.0, 1.5, 1.0

COUNTS = ("NS", "FN", "FP", "ED", "EA", "EC", "detections", "links")

Number = TypeVar("Number", float, Floats)


@dataclass(frozen=True, eq=False)
class Matches:
    """Pairs (true detection, predicted detection), each true one in at most one pair."""

    truth: Ints
    predicted: Ints


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two graphs side by side: who stands for whom, and which links agree."""

    truth: LineageGraph
    predicted: LineageGraph
    matches: Matches

    @cached_property
    def carried(self) -> Ints:
        """(predicted detections,) How many true ones each stands for."""
        return np.bincount(self.matches.predicted, minlength=self.predicted.t.size)

    @cached_property
    def partner(self) -> Ints:
        """(true detections,) The predicted one that stands for each and for no other, or -1."""
        found = np.full(self.truth.t.size, -1, np.int64)
        alone = self.carried[self.matches.predicted] == 1
        found[self.matches.truth[alone]] = self.matches.predicted[alone]
        return found

    @cached_property
    def bearer(self) -> Ints:
        """(predicted detections,) The true one that each stands for alone, or -1."""
        found = np.full(self.predicted.t.size, -1, np.int64)
        held = np.flatnonzero(self.partner >= 0)
        found[self.partner[held]] = held
        return found

    @cached_property
    def covered(self) -> Flags:
        """(true detections,) Whether any predicted one stands for it."""
        found = np.zeros(self.truth.t.size, np.bool_)
        found[self.matches.truth] = True
        return found

    @cached_property
    def _keys(self) -> tuple[Ints, Ints]:
        """Links as numbers in terms of predicted detections, (true, predicted); true ones that no pair of
        single partners carries are negative."""
        size = self.predicted.t.size + 1
        ends = self.partner[self.truth.links]
        true = np.where((ends >= 0).all(axis=1), ends[:, 0] * size + ends[:, 1], -1)
        links = self.predicted.links
        return true, links[:, 0] * size + links[:, 1]

    @cached_property
    def link_of(self) -> Ints:
        """(true links,) The predicted link that is the same, or -1."""
        true, said = self._keys
        if not said.size:
            return np.full(true.size, -1, np.int64)
        order = np.argsort(said, kind="stable")
        at = np.minimum(np.searchsorted(said, true, sorter=order), said.size - 1)
        return np.where(said[order[at]] == true, order[at], -1)

    # ------------------------------------------------------------ the six errors

    @cached_property
    def missed(self) -> Ints:
        """True detections for which none stands (FN)."""
        return np.flatnonzero(~self.covered)

    @cached_property
    def invented(self) -> Ints:
        """Predicted detections that stand for none (FP)."""
        return np.flatnonzero(self.carried == 0)

    @cached_property
    def unsplit(self) -> Ints:
        """Predicted detections that stand for several; each costs a split less than it carries (NS)."""
        return np.flatnonzero(self.carried > 1)

    @cached_property
    def wrong_links(self) -> Ints:
        """Predicted links between detections with a partner each, which the truth has not (ED)."""
        counted = (self.carried[self.predicted.links] == 1).all(axis=1)
        counted[self.link_of[self.link_of >= 0]] = False
        return np.flatnonzero(counted)

    @cached_property
    def missing_links(self) -> Ints:
        """True links that the prediction has not (EA)."""
        return np.flatnonzero(self.link_of < 0)

    @cached_property
    def changed_links(self) -> Ints:
        """True links that the prediction has with the other meaning: a birth for the same cell, or the
        reverse (EC)."""
        found = np.flatnonzero(self.link_of >= 0)
        differs: Flags = self.truth.parental[found] != self.predicted.parental[self.link_of[found]]
        return np.asarray(found[differs], np.int64)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The six by the letters of the paper, and of how many detections and links there are."""
        return {
            "NS": int((self.carried[self.unsplit] - 1).sum()),
            "FN": self.missed.size,
            "FP": self.invented.size,
            "ED": self.wrong_links.size,
            "EA": self.missing_links.size,
            "EC": self.changed_links.size,
            "detections": self.truth.t.size,
            "links": len(self.truth.links),
        }


def cost_of_detections(counts: Mapping[str, Number]) -> Number:
    """What the errors of detections weigh."""
    return SPLIT * counts["NS"] + ADD * counts["FN"] + REMOVE * counts["FP"]


def cost_of_links(counts: Mapping[str, Number]) -> Number:
    """What the errors of links weigh."""
    return REMOVE_LINK * counts["ED"] + ADD_LINK * counts["EA"] + CHANGE_LINK * counts["EC"]


def scores(counts: Mapping[str, float]) -> dict[str, float]:
    """DET, LNK, TRA and AOGM of counts, which may be sums over movies."""
    nodes, edges = cost_of_detections(counts), cost_of_links(counts)
    all_nodes, all_edges = ADD * counts["detections"], ADD_LINK * counts["links"]
    return {
        "DET": _saved(nodes, all_nodes),
        "LNK": _saved(edges, all_edges),
        "TRA": _saved(nodes + edges, all_nodes + all_edges),
        "AOGM": nodes + edges,
    }


def _saved(cost: float, from_scratch: float) -> float:
    """Of the work to make the graph from nothing, the share that is saved; 1 where nothing is to do."""
    if not from_scratch:
        return float(not cost)
    return 1 - min(cost, from_scratch) / from_scratch
