"""Tracks cut and joined where somebody said so: which name each piece of a track has then."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotation.core.crowd_labels import Ids
from annotation.core.human_links import HumanLink

Spans = Mapping[int, tuple[int, int]]
"""First and last frame of each cell."""


@dataclass
class Pieces:
    """Names of cells by time. A track that is cut keeps its name up to the first cut."""

    spans: Spans
    ids: Ids
    _cuts: dict[int, list[int]] = field(default_factory=dict)
    _names: dict[tuple[int, int], int] = field(default_factory=dict)

    def cut(self, links: Iterable[HumanLink]) -> None:
        """Cut tracks between the two frames of each link from a cell to itself."""
        for link in sorted(links, key=lambda link: link.to_t):
            times = self._cuts.setdefault(link.cell, [])
            if link.to_t not in times:
                times.append(link.to_t)
                self._names[link.cell, len(times)] = self.ids.take()

    def join(self, links: Iterable[HumanLink]) -> int:
        """Join tracks where one ends and the other begins; answers how many could be."""
        joined = 0
        for link in sorted(links, key=lambda link: link.to_t):
            if self._end(link.cell, link.t) == link.t and self._start(link.to_cell, link.to_t) == link.to_t:
                self._names[link.to_cell, self._piece(link.to_cell, link.to_t)] = self.name(link.cell, link.t)
                joined += 1
        return joined

    def name(self, cell: int, t: int) -> int:
        """What the cell of this name is called at t."""
        return self._names.get((cell, self._piece(cell, t)), cell)

    def renamed(self, link: HumanLink) -> HumanLink:
        """The same link under the new names."""
        return HumanLink(link.t, self.name(link.cell, link.t), link.to_t, self.name(link.to_cell, link.to_t))

    def _piece(self, cell: int, t: int) -> int:
        return bisect_right(self._cuts.get(cell, ()), t)

    def _start(self, cell: int, t: int) -> int:
        piece = self._piece(cell, t)
        return self._cuts[cell][piece - 1] if piece else self.spans[cell][0]

    def _end(self, cell: int, t: int) -> int:
        """The last frame of the piece; before a cut it ends in some frame before it, taken to be the one
        before."""
        times, piece = self._cuts.get(cell, []), self._piece(cell, t)
        return times[piece] - 1 if piece < len(times) else self.spans[cell][1]
