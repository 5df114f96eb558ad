"""Measuring a movie before it is linked: a few rounds of linking some of its frames and measuring what was
linked."""

from dataclasses import replace

import numpy as np

from training.engine.linking import deciding, division, scales
from training.engine.linking.base import Links, Options
from training.engine.linking.detections import Detections, Floats, Ints
from training.engine.linking.neighbours import nearest
from training.engine.linking.scales import MEDIAN_SQUARE, Looks, Scales
from training.engine.linking.ways import Splits, Ways
from training.engine.linking.weighing import Weights

SAMPLE = 12_000
"""Detections that are looked at to measure a movie."""
ROUNDS = 4
SURE = 0.8
REACH_STEPS, REACH_SPACINGS, MOST_SPACINGS = 6.0, 0.9, 2.0
NEIGHBOURS = 6
MISSED_OF_VANISHED = 0.4
"""Of the cells that are not in the next frame, so many are there but were not found."""
LEAST_STEPS = 30
FAR_STEPS = 6.0
LEAST_EXPLAINED = 0.15
"""Share of the steps' variance that a prediction must explain to be worth it."""


def sampled_frames(found: Detections) -> Ints:
    """Frames, evenly spread, each of which is looked at together with the next one."""
    pairs = max(found.frames - 1, 0)
    per_frame = max(len(found) / max(found.frames, 1), 1.0)
    count = int(np.clip(SAMPLE / per_frame, 4, pairs)) if pairs > 4 else pairs
    return np.unique(np.linspace(0, max(pairs - 1, 0), count).round().astype(np.int64))


def weigh(found: Detections, options: Options) -> Weights:
    """Weights with scales that were measured in the movie."""
    looks, frames = scales.looks_of(found), sampled_frames(found)
    measured = scales.measure(found, frames)
    weights = _weights(found, looks, measured, options)
    for number in range(ROUNDS if found.frames > 1 else 0):
        measured = _again(weights, frames, divisions=options.divisions and number > 0)
        weights = _weights(found, looks, measured, options)
    return weights


def _weights(found: Detections, looks: Looks, measured: Scales, options: Options) -> Weights:
    reach = options.max_step_px
    if reach is None:
        wide = max(REACH_STEPS * measured.step, REACH_SPACINGS * measured.spacing, 2.2 * measured.radius)
        reach = min(wide, max(MOST_SPACINGS * measured.spacing, 2.2 * measured.radius))
    return Weights(found, looks, measured, reach, options.appearance)


def _again(weights: Weights, frames: Ints, *, divisions: bool) -> Scales:
    """Scales by what was linked in the sampled frames with the scales so far."""
    found, measured = weights.found, weights.scales
    parts = [weights.ways(t, t + 1) for t in frames.tolist()]
    ways, square = Ways.joined([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    splits = division.splits(weights, ways, square) if divisions else Splits.none()
    good = np.flatnonzero(ways.energy < 0)
    chosen = deciding.decide(ways.where(good), splits)
    change = weights.looks.values[ways.target] - weights.looks.values[ways.source]
    sure = good[chosen.links[chosen.link_chance > SURE]]
    beside = np.isin(ways.target, ways.target[sure])
    beside[sure] = False
    every = square[good[chosen.links]]
    before, after = (int((found.bounds[t + 1] - found.bounds[t]).sum()) for t in (frames, frames + 1))
    linked, divided = len(every), float(chosen.split_chance.sum())
    step = measured.step
    if len(every) >= 5:
        step = float(np.sqrt(np.median(every) / MEDIAN_SQUARE[found.axes]))
    changes = scales.spread_of_changes(change[sure], change[beside])
    measured = replace(measured, step=max(step, 0.02 * measured.spacing, 0.1), change=changes)
    return measured.with_rates(
        vanish=_rate(before - linked - divided, before),
        miss=float(np.clip(MISSED_OF_VANISHED * _rate(before - linked - divided, before), 0.005, 0.1)),
        appear=_rate(after - linked - 2 * divided, after),
        divide=float(np.clip((divided + 1) / (before + 100), 0.002, 0.1)) if divisions else 0.01,
    )


def _rate(events: float, cells: int) -> float:
    return float(np.clip((events + 0.5) / (cells + 40), 0.002, 0.3))


def expect_motion(weights: Weights, links: Links, motion: str) -> Weights:
    """Weights that expect each cell's next step, as far as that explains the steps of a first linking: by its
    own last two steps (`steady`), by its neighbours' (`flow`), or by what of both helps (`auto`)."""
    found, auto = weights.found, motion == "auto"
    frames = sampled_frames(found) if auto else np.arange(max(found.frames - 1, 0))
    looked_at = links
    if auto:
        beside = np.zeros(found.frames, np.bool_)
        beside[frames] = beside[np.maximum(frames - 1, 0)] = True
        looked_at = links.where(beside[found.t[links.source]])
    past, step = _past(weights, looked_at, frames, motion)
    known = _known(weights, looked_at, step, frames, needs_past=motion != "flow")
    if len(known) < LEAST_STEPS:
        return weights
    factors, explained = _fitted([column[known] for column in past], step[known])
    if auto and explained < LEAST_EXPLAINED:
        return weights
    if auto:
        past, _ = _past(weights, links, np.arange(found.frames - 1), motion)
    target = links.target[~links.daughter]
    wide = np.ones(len(found))
    wide[target if motion != "flow" else slice(None)] = np.sqrt(np.clip(1 - explained, 0.04, 1.0))
    ahead = sum(column * factor for column, factor in zip(past, factors.tolist(), strict=True))
    return replace(weights, ahead=ahead, wide=wide, lasting=float(np.clip(factors.sum(), 0.0, 0.95)))


def _past(weights: Weights, links: Links, frames: Ints, motion: str) -> tuple[list[Floats], Floats]:
    """(what may foretell steps, three of (n, 3), the last by the neighbours in these frames; the steps)."""
    found, step = weights.found, _steps(weights, links)
    past = [np.zeros((len(found), 3)) for _ in range(3)]
    same = ~links.daughter
    source, target = links.source[same], links.target[same]
    if motion != "flow":
        past[0][target] = np.nan_to_num(step[source])
        past[1][target] = past[0][source]
    if motion != "steady":
        _flow(found, step, frames, past[2])
    return past, step


def _known(weights: Weights, links: Links, step: Floats, frames: Ints, *, needs_past: bool) -> Ints:
    """Rows of these frames whose step is sure and no jump, with one before it where that is needed."""
    found = weights.found
    here, sure = np.zeros(found.frames, np.bool_), np.zeros(len(found), np.bool_)
    here[frames] = True
    same = ~links.daughter
    sure[links.source[same & (links.chance > SURE)]] = True
    if needs_past:
        before = np.zeros(len(found), np.bool_)
        before[links.target[same]] = True
        sure &= before
    rows = np.flatnonzero(sure & here[found.t])
    rows = rows[np.isfinite(step[rows, 0])]
    near = (np.abs(step[rows]) < FAR_STEPS * weights.scales.step).all(1)
    return np.asarray(rows[near], np.int64)


def _steps(weights: Weights, links: Links) -> Floats:
    """(n, 3) of each detection to the one that is the same cell, per frame, less the drift; nan without."""
    found, drift = weights.found, weights.scales.drift
    same = links.where(~links.daughter)
    step = np.full((len(found), 3), np.nan)
    frames = (found.t[same.target] - found.t[same.source])[:, None]
    moved = found.place[same.target] - found.place[same.source]
    step[same.source] = moved / frames - drift[found.t[same.source]]
    return step


def _fitted(given: list[Floats], wanted: Floats) -> tuple[Floats, float]:
    """Factors of the predictors (k, 3), and the share of the variance that they explain together."""
    columns = np.stack([each.ravel() for each in given], 1)
    factors = np.asarray(np.linalg.lstsq(columns, wanted.ravel(), rcond=None)[0], np.float64)
    rest = wanted.ravel() - columns @ factors
    return factors, 1 - float((rest**2).sum()) / max(float((wanted**2).sum()), 1e-9)


def _flow(found: Detections, step: Floats, frames: Ints, flow: Floats) -> None:
    """Writes the median step of each cell's nearest neighbours, itself left out."""
    for t in frames.tolist():
        rows = np.arange(found.bounds[t], found.bounds[t + 1])
        moved = rows[np.isfinite(step[rows, 0])]
        if len(moved) > NEIGHBOURS:
            _, near = nearest(found.place[moved], found.place[rows], NEIGHBOURS + 1)
            steps = step[moved][near]
            steps[moved[near] == rows[:, None]] = np.nan
            flow[rows] = np.nanmedian(steps, 1)
