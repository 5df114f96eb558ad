"""From links to tracks: which detections are one cell, its id, its mother, and how sure all of it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.contract.linking import Lineage, LinkTable, Renamed, TrackedCell
from training.engine.linking.base import Links
from training.engine.linking.detections import Detections, Ints


@dataclass(frozen=True, eq=False)
class Forest:
    """`cell` (n,): the new id of every detection; `links` sorted by source and target."""

    found: Detections
    links: Links
    cell: Ints

    def lineage(self, linker: str, measured: dict[str, float], merged: dict[int, int]) -> Lineage:
        """The outcome as it is written. `merged`: a track's last row → the row that it became one with."""
        found, links = self.found, self.links
        order = np.lexsort((self.cell[links.target], self.cell[links.source], found.t[links.source]))
        links = links.where(order)
        table = LinkTable(
            t=found.t[links.source].astype(np.int32),
            cell=self.cell[links.source],
            to_t=found.t[links.target].astype(np.int32),
            to_cell=self.cell[links.target],
            confidence=np.clip(links.chance, 0, 1).astype(np.float32),
            given=links.given,
        )
        order = np.lexsort((found.cell, found.t))
        renamed = Renamed(t=found.t[order].astype(np.int32), was=found.cell[order], cell=self.cell[order])
        return Lineage(
            linker=linker, cells=self._cells(merged), links=table, renamed=renamed, measured=measured
        )

    def _cells(self, merged: dict[int, int]) -> list[TrackedCell]:
        found, links = self.found, self.links
        ids, number = np.unique(self.cell, return_inverse=True)
        count = len(ids)
        first, last = np.full(count, found.frames), np.full(count, -1)
        np.minimum.at(first, number, found.t)
        np.maximum.at(last, number, found.t)
        quality, mother, division = np.ones(count), np.zeros(count, np.int64), np.ones(count)
        same = ~links.daughter
        np.minimum.at(quality, number[links.source[same]], links.chance[same])
        into = number[links.target[links.daughter]]
        mother[into] = self.cell[links.source[links.daughter]]
        division[into] = links.chance[links.daughter]
        missing = self._missing(number)
        into_cell = {int(self.cell[a]): int(self.cell[b]) for a, b in merged.items()}
        rows = zip(
            *(column.tolist() for column in (ids, first, last, mother, division, quality)), strict=True
        )
        return [
            TrackedCell(
                cell=cell,
                first=begin,
                last=end,
                missing=missing.get(place, ()),
                mother=parent or None,
                division=round(min(max(chance, 0.0), 1.0), 4) if parent else None,
                quality=round(min(max(worst, 0.0), 1.0), 4),
                merged_into=into_cell.get(cell),
            )
            for place, (cell, begin, end, parent, chance, worst) in enumerate(rows)
        ]

    def _missing(self, number: npt.NDArray[np.intp]) -> dict[int, tuple[int, ...]]:
        """Place of a cell → the frames within its span in which it is not."""
        t, links = self.found.t, self.links
        over = np.flatnonzero(~links.daughter & (t[links.target] - t[links.source] > 1))
        missing: dict[int, tuple[int, ...]] = {}
        for place in over.tolist():
            source, target = links.source[place], links.target[place]
            gap = tuple(range(int(t[source]) + 1, int(t[target])))
            missing[int(number[source])] = (*missing.get(int(number[source]), ()), *gap)
        return {place: tuple(sorted(frames)) for place, frames in missing.items()}


def grow(found: Detections, links: Links) -> Forest:
    """Names the tracks. A cell keeps the id that most of its detections had, if no other cell has more of it;
    the others get ids that were not in use, in the order in which they appear."""
    order = np.lexsort((links.target, links.source))
    links = links.where(order)
    root = _roots(len(found), links)
    tracks, number = np.unique(root, return_inverse=True)
    names = _names(number.astype(np.int64), found.cell, len(tracks))
    return Forest(found, links, names[number])


def _roots(count: int, links: Links) -> Ints:
    """The first row of the track of every row."""
    root = np.arange(count)
    same = ~links.daughter
    root[links.target[same]] = links.source[same]
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _names(track: Ints, was: Ints, count: int) -> Ints:
    if not count:
        return np.empty(0, np.int64)
    base = int(was.max()) + 1
    pairs, times = np.unique(track * base + was, return_counts=True)
    of, name = pairs // base, pairs % base
    order = np.lexsort((of, -times, name))
    first_of_name = np.ones(len(order), np.bool_)
    first_of_name[1:] = name[order][1:] != name[order][:-1]
    claims = order[first_of_name]
    best = claims[np.lexsort((name[claims], -times[claims], of[claims]))]
    first_of_track = np.ones(len(best), np.bool_)
    first_of_track[1:] = of[best][1:] != of[best][:-1]
    names = np.zeros(count, np.int64)
    names[of[best[first_of_track]]] = name[best[first_of_track]]
    bare = names == 0
    names[bare] = base + np.arange(int(bare.sum()))
    return names


def with_given(links: Links, given: Ints, daughter: npt.NDArray[np.bool_]) -> Links:
    """The links, and those that people have given, of which nobody doubts."""
    count = len(given)
    told = Links(given[:, 0], given[:, 1], np.ones(count), daughter, np.ones(count, np.bool_))
    return Links.joined([links, told])
