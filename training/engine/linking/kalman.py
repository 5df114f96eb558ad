"""Each track foretells where it will be: a Kalman filter of place and velocity, gated assignment in each
frame.

Tracks that find nothing are carried on for as many frames as a gap may have. Process and measurement noise
follow from the movie's usual step. Kalman, J. Basic Eng. 82 (1960), 35; Bar-Shalom & Fortmann, Tracking and
Data Association (1988).
"""

from dataclasses import dataclass

import numpy as np

from training.engine.linking import deciding, division
from training.engine.linking.base import Links, Problem
from training.engine.linking.detections import Floats, Ints
from training.engine.linking.neighbours import nearest
from training.engine.linking.ways import Splits, Ways

NEAR = 3
MEASURED, PUSHED = 0.35, 0.6
"""Noise of a place, and of a velocity's change, in usual steps."""


@dataclass(eq=False)
class _Tracks:
    """Tracks that are alive: row of the last detection, place and velocity (k, 3), their covariances along an
    axis (k, 2, 2), and for how many frames nothing was found."""

    row: Ints
    place: Floats
    speed: Floats
    doubt: Floats
    missed: Ints

    def kept(self, chosen: Ints) -> "_Tracks":
        return _Tracks(
            *(getattr(self, name)[chosen] for name in ("row", "place", "speed", "doubt", "missed"))
        )

    @staticmethod
    def begun(rows: Ints, places: Floats, step: float) -> "_Tracks":
        doubt = np.tile(np.diag([(MEASURED * step) ** 2, step**2]), (len(rows), 1, 1))
        return _Tracks(rows, places, np.zeros_like(places), doubt, np.zeros(len(rows), np.int64))

    @staticmethod
    def joined(a: "_Tracks", b: "_Tracks") -> "_Tracks":
        names = ("row", "place", "speed", "doubt", "missed")
        return _Tracks(*(np.concatenate([getattr(a, name), getattr(b, name)]) for name in names))

    def foretell(self, drift: Floats, step: float) -> None:
        """One frame further."""
        self.place = self.place + self.speed + drift
        ahead = np.array([[1.0, 1.0], [0.0, 1.0]])
        push = (PUSHED * step) ** 2 * np.array([[0.25, 0.5], [0.5, 1.0]])
        self.doubt = ahead @ self.doubt @ ahead.T + push

    def correct(self, which: Ints, places: Floats, rows: Ints, step: float) -> None:
        """Tracks `which` were found at these places."""
        doubt = self.doubt[which]
        gain = doubt[:, :, 0] / (doubt[:, 0, 0] + (MEASURED * step) ** 2)[:, None]
        wrong = places - self.place[which]
        self.place[which] += gain[:, :1] * wrong
        self.speed[which] += gain[:, 1:] * wrong
        self.doubt[which] = doubt - gain[:, :, None] * doubt[:, :1, :]
        self.row[which], self.missed[which] = rows, 0


def link(problem: Problem) -> Links:
    """Links, gaps and divisions, frame after frame."""
    found, scales = problem.found, problem.weights.scales
    tracks = _Tracks.begun(*_frame(problem, 0), scales.step)
    parts = []
    for t in range(found.frames - 1):
        tracks.foretell(scales.drift[t], scales.step)
        rows, _ = _frame(problem, t + 1)
        ways, track = _ways(problem, tracks, rows)
        splits = _splits(problem, t)
        ways, splits = problem.rules.allowed(ways, splits)
        chosen = deciding.decide(ways, splits)
        some, divided = ways.where(chosen.links), splits.where(chosen.splits)
        parts.append(Links.made(some.source, some.target, chosen.link_chance))
        for daughters in (divided.one, divided.other):
            parts.append(Links.made(divided.mother, daughters, chosen.split_chance, daughter=True))
        which = track[some.source]
        tracks.correct(which, found.place[some.target], some.target, scales.step)
        gone = np.isin(tracks.row, divided.mother) | (tracks.missed >= problem.options.max_gap_frames + 1)
        lost = np.ones(len(tracks.row), np.bool_)
        lost[which] = False
        tracks.missed[lost] += 1
        new = np.setdiff1d(rows, some.target)
        tracks = _Tracks.joined(
            tracks.kept(np.flatnonzero(~gone)), _Tracks.begun(new, found.place[new], scales.step)
        )
        problem.pause((t + 1) / found.frames)
    links = Links.joined(parts)
    daughter = np.asarray(links.daughter | problem.rules.is_daughter(links.source))
    return Links(links.source, links.target, links.chance, daughter, links.given)


def _frame(problem: Problem, t: int) -> tuple[Ints, Floats]:
    rows = (
        np.arange(problem.found.bounds[t], problem.found.bounds[t + 1])
        if problem.found.frames
        else np.arange(0)
    )
    return rows, problem.found.place[rows]


def _ways(problem: Problem, tracks: _Tracks, rows: Ints) -> tuple[Ways, Ints]:
    """Possible links of tracks to the rows of a frame, and by row of a last detection its track."""
    weights, found = problem.weights, problem.found
    track_of = np.full(len(found), -1)
    track_of[tracks.row] = np.arange(len(tracks.row))
    if not len(tracks.row) or not len(rows):
        return Ways.none(), track_of
    near, which = nearest(tracks.place, found.place[rows], NEAR, weights.reach)
    place, rank = np.nonzero(np.isfinite(near))
    track, target = which[place, rank], rows[place]
    variance = tracks.doubt[track, 0, 0] + (MEASURED * weights.scales.step) ** 2
    axes, rates = found.axes, weights.scales.rates
    energy = near[place, rank] ** 2 / (2 * variance) + axes / 2 * np.log(2 * np.pi * variance)
    source = tracks.row[track]
    energy += np.log(weights.vanishing(source)) + np.log(weights.appearing(target))
    energy -= tracks.missed[track] * np.log(rates.miss)
    if weights.use_looks:
        energy -= weights.log_looks(source, target)
    return Ways(source, target, energy).where(energy < 0), track_of


def _splits(problem: Problem, t: int) -> Splits:
    if not problem.options.divisions:
        return Splits.none()
    ways, square = problem.weights.ways(t, t + 1)
    return division.splits(problem.weights, ways, square, bias=problem.options.division_bias)
