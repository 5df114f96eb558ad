"""Which divisions, and which links beside them, can be in a better set than one that is known.

The best matching of links alone has prices (`augmenting.prices`) that no link outbids; divisions may. Prices
are raised until none does: then they say what a component can be worth at most. A set that is worth as much
is best; elsewhere whatever falls short of its prices by more than what is missing is out, which cuts
components into smaller ones. It is the pruning by reduced costs of integer programming: Crowder, Johnson &
Padberg, Oper. Res. 31 (1983), 803.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.engine.linking import augmenting, matching
from training.engine.linking.ways import Floats, Ints, Splits, Ways

TINY = 1e-7
ROUNDS = 2
Mask = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Search:
    """Links of negative energy (m,), divisions (k,), and the best matching of the links alone.

    `best_links` and `best_splits` are the best set where it is known, the matching elsewhere; `open_links`
    and `open_splits` are what may be in the best set where it is not. `short` (k,): by how much a division
    falls short of the prices of its cells, below 0 if it outbids them."""

    ways: Ways
    splits: Splits
    matched: Mask
    best_links: Mask = field(init=False)
    best_splits: Mask = field(init=False)
    open_links: Mask = field(init=False)
    open_splits: Mask = field(init=False)
    short: Floats = field(init=False)

    def __post_init__(self) -> None:
        ways, splits = self.ways, self.splits
        self.best_links, self.best_splits = self.matched.copy(), np.zeros(len(splits), np.bool_)
        early, late = augmenting.prices(ways.source, ways.target, -ways.energy, self.matched)
        early = _long(early, splits.mother)
        late = _long(late, np.concatenate([splits.one, splits.other]))
        self._ends = np.stack([splits.mother, splits.one + len(early), splits.other + len(early)])
        self._late, prices = len(late), np.concatenate([early, late])
        self.short = prices[self._ends].sum(0) + splits.energy
        outbids = bool((self.short < -TINY).any())
        self.open_links, self.open_splits = np.full(len(ways), outbids), np.full(len(splits), outbids)
        self._raised = _raised(self._ends, self.short, len(prices))
        prices += self._raised
        self._over = prices[ways.source] + prices[ways.target + len(early)] + ways.energy
        self._splits_over = prices[self._ends].sum(0) + splits.energy
        self._other = self.best_links, self.best_splits

    def run(self) -> None:
        """Settles what can be settled by prices."""
        for number in range(ROUNDS):
            if number == 1:
                self._try_greedily()
            if not self.open_splits.any() or not (self._settle() or number == 0):
                return

    def _settle(self) -> bool:
        """One round; whether anything was settled or found to be out."""
        a, b = np.flatnonzero(self.open_links), np.flatnonzero(self.open_splits)
        ways, splits = self.ways.where(a), self.splits.where(b)
        links, divided = self._other[0][a], self._other[1][b]
        count, part = matching.components(
            np.concatenate([ways.source, splits.mother, splits.mother]),
            np.concatenate([ways.target, splits.one, splits.other]),
        )
        of_link, of_split = part[: len(a)], part[len(a) : len(a) + len(b)]
        plain = _added(of_link, -ways.energy * self.matched[a], count)
        other = _added(of_link, -ways.energy * links, count) + _added(
            of_split, -splits.energy * divided, count
        )
        most = plain + _sums(self._raised, self._ends[:, b], of_split, count)
        missing = most - np.maximum(plain, other)
        settled = missing <= TINY
        better = settled & (other > plain)
        self.best_links[a[better[of_link]]] = links[better[of_link]]
        self.best_splits[b[better[of_split]]] = divided[better[of_split]]
        out = (self._over[a] > missing[of_link] + TINY) & ~self.matched[a] & ~links
        splits_out = (self._splits_over[b] > missing[of_split] + TINY) & ~divided
        out, splits_out = out | settled[of_link], splits_out | settled[of_split]
        self.open_links[a[out]] = False
        self.open_splits[b[splits_out]] = False
        return bool(out.any() or splits_out.any())

    def _try_greedily(self) -> None:
        """Another set that may be better: of the divisions that outbid their cells those that do so most at
        each of them, and the best matching of the links that are left."""
        a = np.flatnonzero(self.open_links)
        b = np.flatnonzero(self.open_splits & (self.short < -TINY))
        ends, asked = self._ends[:, b], -self.short[b]
        most = np.zeros(len(self._raised))
        for nodes in ends:
            np.maximum.at(most, nodes, asked)
        top = np.flatnonzero((asked >= most[ends]).all(0))
        last = np.full(len(most), -1)
        for nodes in ends[:, top]:
            np.maximum.at(last, nodes, np.arange(len(top)))
        top = top[(last[ends[:, top]] == np.arange(len(top))).all(0)]
        used = np.zeros(len(most), np.bool_)
        used[ends[:, top]] = True
        early = len(most) - self._late
        free = a[~used[self.ways.source[a]] & ~used[self.ways.target[a] + early]]
        left = self.ways.where(free)
        links, divided = self.best_links.copy(), self.best_splits.copy()
        links[a] = False
        links[free[matching.match(left.source, left.target, left.energy)]] = True
        divided[b[top]] = True
        self._other = links, divided


def _raised(ends: Ints, short: Floats, count: int) -> Floats:
    """(count,) By how much prices must rise so that no division outbids them: each that does asks the one of
    its cells of whom most is asked."""
    over = np.flatnonzero(short < 0)
    ends, asked, score, raised = ends[:, over], -short[over], np.zeros(count), np.zeros(count)
    for nodes in ends:
        np.add.at(score, nodes, asked)
    np.maximum.at(raised, ends[score[ends].argmax(0), np.arange(len(over))], asked)
    return raised


def _added(part: npt.NDArray[np.int32], worth: Floats, count: int) -> Floats:
    return np.bincount(part, worth, count).astype(np.float64)


def _sums(raised: Floats, ends: Ints, part: npt.NDArray[np.int32], count: int) -> Floats:
    """(count,) of each component the sum over its nodes."""
    nodes, first = np.unique(ends, return_index=True)
    return _added(np.tile(part, 3)[first], raised[nodes], count)


def _long(prices: Floats, nodes: Ints) -> Floats:
    """Prices of all nodes; 0 of those without a link."""
    return np.pad(prices, (0, max(0, int(nodes.max(initial=-1)) + 1 - len(prices))))
