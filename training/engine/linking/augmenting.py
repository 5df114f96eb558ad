"""Matchings of many small components at once, by shortest augmenting paths, and the prices that prove them
best.

Every earlier node takes its best later one; who loses it waits. Then in each component one who waits enters
by the path that gains most: along it others move on to what is next best for them, until a later node is
free or an earlier one goes without. After each entry the matching is the best of those who have entered.
What a path costs is found for all components together, by relaxing prices: a later node's price is what its
holder loses by leaving it. Kuhn, Naval Res. Logist. Q. 2 (1955), 83; Edmonds & Karp, J. ACM 19 (1972), 248.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.engine.linking.ways import Floats, Ints

TINY = 1e-9
"""Differences of worth below this are none."""
Mask = npt.NDArray[np.bool_]


@dataclass(eq=False)
class _State:
    """Links sorted by source, all worth more than 0. `holds`: of each source its link or −1; `held`: of each
    target the link that holds it or −1; `price` of each target; `next`: the link to which a source moves if
    it must leave its target, −1 where it goes without."""

    source: Ints
    target: Ints
    worth: Floats
    holds: Ints = field(init=False)
    held: Ints = field(init=False)
    price: Floats = field(init=False)
    next: Ints = field(init=False)

    def __post_init__(self) -> None:
        rows, columns = int(self.source.max(initial=-1)) + 1, int(self.target.max(initial=-1)) + 1
        self.holds, self.next = np.full(rows, -1), np.full(rows, -1)
        self.held, self.price = np.full(columns, -1), np.zeros(columns)

    def take(self, links: Ints) -> None:
        """These links, no two of which share a node, are in the matching."""
        self.holds[self.source[links]] = links
        self.held[self.target[links]] = links

    def relax(self, at: Ints) -> None:
        """Prices and moves in some components, of which `at` are all links, in order."""
        source, target, worth = self.source[at], self.target[at], self.worth[at]
        first = np.flatnonzero(np.diff(source, prepend=-1))
        who = source[first]
        own = self.holds[who]
        place = np.repeat(np.arange(len(who)), np.diff(first, append=len(at)))
        is_own = at == own[place]
        has = own >= 0
        seat, value = self.target[own], self.worth[own]
        self.price[target] = 0.0
        self.price[seat[has]] = value[has]
        self.next[who] = -1
        for _ in range(len(who) + 1):
            cost = self.price[target] - worth
            cost[is_own] = np.inf
            least = np.minimum.reduceat(cost, first)
            lower = value + least
            better = has & (lower < self.price[seat] - TINY)
            if not better.any():
                return
            self.price[seat[better]] = lower[better]
            ways = np.flatnonzero((cost == least[place]) & better[place])
            self.next[source[ways]] = at[ways]

    def enter(self, at: Ints, new: Ints) -> None:
        """Sources of different components come in, each by its best path; `at` are all links there."""
        is_new = np.zeros(len(self.holds), np.bool_)
        is_new[new] = True
        at = at[is_new[self.source[at]]]
        gain = self.worth[at] - self.price[self.target[at]]
        source = self.source[at]
        first = np.flatnonzero(np.diff(source, prepend=-1))
        most = np.maximum.reduceat(gain, first)
        place = np.repeat(np.arange(len(first)), np.diff(first, append=len(at)))
        good = np.flatnonzero((gain == most[place]) & (gain > TINY))
        link = at[good[np.diff(source[good], prepend=-1) > 0]]
        while len(link):
            left = self.held[self.target[link]]
            self.take(link)
            left = left[left >= 0]
            leaving = self.source[left]
            link = self.next[leaving]
            self.holds[leaving] = -1
            link = link[link >= 0]


def best_first(source: Ints, target: Ints, worth: Floats) -> Mask:
    """Which links each earlier node would take first, no later node taken twice."""
    best = np.full(int(source.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, source, worth)
    liked = np.flatnonzero(worth == best[source])
    top = np.full(int(target.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(top, target[liked], worth[liked])
    liked = liked[worth[liked] == top[target[liked]]]
    by_source, by_target = np.full(len(best), -1), np.full(len(top), -1)
    by_target[target[liked]] = liked
    liked = liked[by_target[target[liked]] == liked]
    by_source[source[liked]] = liked
    liked = liked[by_source[source[liked]] == liked]
    taken = np.zeros(len(source), np.bool_)
    taken[liked] = True
    return taken


def match(source: Ints, target: Ints, worth: Floats, component: npt.NDArray[np.int32], begun: Mask) -> Mask:
    """Which links (m,), all worth more than 0, are in the matching of most worth. `component` of each link;
    `begun` as `best_first` says."""
    if not len(source):
        return np.zeros(0, np.bool_)
    order = np.argsort(source, kind="stable")
    state = _State(source[order], target[order], worth[order])
    state.take(np.flatnonzero(begun[order]))
    part = component[order]
    part_of = np.full(len(state.holds), -1, np.int64)
    part_of[state.source] = part
    waiting = np.flatnonzero((part_of >= 0) & (state.holds < 0))
    at, counts = np.arange(len(source)), np.bincount(part_of[waiting], minlength=int(part.max()) + 1)
    waiting = waiting[np.argsort(part_of[waiting], kind="stable")]
    rank = np.arange(len(waiting)) - np.repeat(np.cumsum(counts) - counts, counts)
    for turn in range(int(counts.max(initial=0))):
        at = at[counts[part[at]] > turn]
        state.relax(at)
        state.enter(at, waiting[rank == turn])
    won = np.zeros(len(source), np.bool_)
    won[order[state.holds[state.holds >= 0]]] = True
    return won


def prices(source: Ints, target: Ints, worth: Floats, won: Mask) -> tuple[Floats, Floats]:
    """Of earlier and of later nodes, what they are worth in the matching `won` of most worth; together at
    least every link's worth, and in all exactly the matching's. Of all such prices, those highest for later
    nodes."""
    order = np.argsort(source, kind="stable")
    state = _State(source[order], target[order], worth[order])
    state.take(np.flatnonzero(won[order]))
    if len(order):
        state.relax(np.arange(len(order)))
    early = np.zeros(len(state.holds))
    has = state.holds >= 0
    links = state.holds[has]
    early[has] = state.worth[links] - state.price[state.target[links]]
    return early, state.price
