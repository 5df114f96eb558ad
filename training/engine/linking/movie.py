"""A whole movie: measured, weighed, linked by the linker of that name, named."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.contract.linking import Constraints, Lineage
from training.engine.linking import (
    calibrating,
    exact,
    forest,
    fusing,
    globally,
    kalman,
    lap,
    nearest,
    scales,
)
from training.engine.linking.base import Linker, Links, Options, Problem
from training.engine.linking.detections import Detections
from training.engine.linking.rules import Rules
from training.engine.linking.weighing import Weights

LINKERS: dict[str, Linker] = {
    "exact": exact.link,
    "global": globally.link,
    "lap": lap.link,
    "kalman": kalman.link,
    "nearest": nearest.link,
}
ROUNDS = 2
"""How often motion is measured in what was linked, and all linked again."""
PREDICTS = ("kalman", "nearest")
"""Linkers that have an own idea of motion, or none."""


def link_movie(
    found: Detections,
    linker: str,
    options: Options,
    constraints: Constraints | None = None,
    pause: Callable[[float], None] = lambda _: None,
) -> Lineage:
    """The tracks of a movie. `pause` is called with the share that is done, and may raise to stop."""
    rules = Rules.of(constraints or Constraints(), found)
    problem = Problem(calibrating.weigh(found, options), options, rules, pause)
    if linker not in PREDICTS and options.motion != "still":
        problem, links = _with_motion(problem, linker)
    else:
        links = LINKERS[linker](problem)
    links = forest.with_given(links, rules.given, rules.given_daughter)
    merged = fusing.merged(problem, links) if options.merges else {}
    return forest.grow(found, links).lineage(linker, measured_of(problem.weights), merged)


def _with_motion(problem: Problem, linker: str) -> tuple[Problem, Links]:
    """Links, made again where a first linking shows that steps can be foretold."""
    first, still = exact.frame_to_frame(problem), problem.weights
    for _ in range(ROUNDS):
        weights = calibrating.expect_motion(still, first, problem.options.motion)
        if weights is still:
            break
        problem = replace(problem, weights=weights)
        first = exact.frame_to_frame(problem)
    if linker == "exact":
        return problem, exact.with_gaps(problem, first)
    return problem, LINKERS[linker](problem)


def measured_of(weights: Weights) -> dict[str, float]:
    """The scales, for people."""
    scales, rates = weights.scales, weights.scales.rates
    told = {
        "spacing_px": scales.spacing,
        "radius_px": scales.radius,
        "step_px": scales.step,
        "reach_px": weights.reach,
        "drift_px": float(np.linalg.norm(scales.drift, axis=1).mean()) if len(scales.drift) else 0.0,
        "vanish_rate": rates.vanish,
        "appear_rate": rates.appear,
        "divide_rate": rates.divide,
    }
    return {name: round(value, 4) for name, value in told.items()}


def spacing_of(found: Detections) -> float:
    """The usual distance between neighbouring cells, px."""
    return scales.measure(found, calibrating.sampled_frames(found)).spacing
