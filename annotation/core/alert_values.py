"""What an alert is, what counts as unusual, and a movie with what every rule asks of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from annotation.core.observations import Followed, Tracks


class AlertKind(StrEnum):
    """What is suspicious."""

    MOTHER_AFTER_DIVISION = "MOTHER_AFTER_DIVISION"
    DAUGHTER_BEFORE_DIVISION = "DAUGHTER_BEFORE_DIVISION"
    ONE_DAUGHTER = "ONE_DAUGHTER"
    MOTHER_DIVIDES_TWICE = "MOTHER_DIVIDES_TWICE"
    DAUGHTER_OF_TWO_DIVISIONS = "DAUGHTER_OF_TWO_DIVISIONS"
    TWO_MOTHERS = "TWO_MOTHERS"
    BROKEN_LINEAGE = "BROKEN_LINEAGE"
    JUMP = "JUMP"
    AREA_CHANGE = "AREA_CHANGE"
    SHORT_TRACK = "SHORT_TRACK"
    OVERLAP = "OVERLAP"
    GAP = "GAP"
    LOST = "LOST"
    APPEARED = "APPEARED"


@dataclass(frozen=True, slots=True)
class Alert:
    """One place: at frame t of `cell`, with the other cells it is about, and a sentence.

    `weight` orders alerts of one kind: the larger, the stranger. `y`, `x` (px) and `z` say where to look.
    """

    kind: AlertKind
    cell: int
    t: int
    others: tuple[int, ...]
    weight: float
    z: int
    y: float
    x: float
    message: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as unusual. Factors of a median deviation hold beside the plain bounds: both must be
    passed."""

    short_frames: int = 3  # a track of fewer frames is short
    jump_sizes: float = 0.6  # of the cell's own width, in one frame
    jump_spread: float = 8.0
    area_ratio: float = 1.6
    area_spread: float = 8.0
    overlap_share: float = 0.2  # of the smaller cell's pixels
    border_factor: float = 4.0  # at the border, a jump is so much longer
    border_px: float = 2.0  # a cell so near to the border may come and go


RULES = Rules()


class Known:
    """A movie with what every rule asks of it."""

    def __init__(self, movie: Followed, tracks: Tracks) -> None:
        self.movie, self.tracks, self.place = movie, tracks, tracks.place()
        self.first = dict(zip(tracks.cell.tolist(), tracks.first.tolist(), strict=True))
        self.last = dict(zip(tracks.cell.tolist(), tracks.last.tolist(), strict=True))
        self.mothers: dict[int, list[int]] = {}
        self.daughters: dict[int, list[int]] = {}
        for daughter, mother in movie.mothers:
            if daughter in self.place and mother in self.place and daughter != mother:
                self.mothers.setdefault(daughter, []).append(mother)
                self.daughters.setdefault(mother, []).append(daughter)
        self.came_in: dict[int, list[int]] = {}
        for cell, into in movie.merged.items():
            if cell in self.place and into in self.place:
                self.came_in.setdefault(into, []).append(cell)

    def alert(
        self,
        kind: AlertKind,
        cell: int,
        t: int,
        message: str,
        others: Iterable[int] = (),
        weight: float = 1.0,
    ) -> Alert:
        """At the row of the cell in frame t, or the last one before it."""
        i = self.place[cell]
        begin, end = int(self.tracks.begin[i]), int(self.tracks.end[i])
        seen = self.movie.seen
        row = begin + max(int(np.searchsorted(seen.t[begin:end], t, side="right")) - 1, 0)
        z, y, x = round(float(seen.z[row])), round(float(seen.y[row]), 1), round(float(seen.x[row]), 1)
        return Alert(kind, cell, t, tuple(sorted(others)), round(weight, 3), z, y, x, message)
