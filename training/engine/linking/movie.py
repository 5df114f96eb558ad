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
from training.engine.linking.base import Judge, Linker, Links, Options, Problem
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
    judge: Judge | None = None,
    workers: int = 1,
) -> Lineage:
    """The tracks of a movie. `pause` is called with the share that is done, and may raise to stop. A `judge`
    weighs links where geometry and looks would; it goes with `exact` and `global`. `workers`: processes that
    are forked where that saves time."""
    rules = Rules.of(constraints or Constraints(), found)
    problem = Problem(calibrating.weigh(found, options), options, rules, pause, workers=workers)
    if judge is not None:
        problem, _ = _expecting(problem)
        links = LINKERS[linker](replace(problem, judge=judge))
    elif linker not in PREDICTS and options.motion != "still":
        problem, links = _with_motion(problem, linker)
    else:
        links = LINKERS[linker](problem)
    links = forest.with_given(links, rules.given, rules.given_daughter)
    merged = fusing.merged(problem, links) if options.merges else {}
    return forest.grow(found, links).lineage(linker, measured_of(problem.weights), merged)


def weights_of(found: Detections, options: Options, constraints: Constraints | None = None) -> Weights:
    """The weights of a movie as a judge is asked with them."""
    rules = Rules.of(constraints or Constraints(), found)
    return _expecting(Problem(calibrating.weigh(found, options), options, rules))[0].weights


def _with_motion(problem: Problem, linker: str) -> tuple[Problem, Links]:
    """Links, made again where a first linking shows that steps can be foretold."""
    problem, first = _expecting(problem)
    if linker == "exact":
        return problem, exact.with_gaps(problem, first)
    return problem, LINKERS[linker](problem)


def _expecting(problem: Problem) -> tuple[Problem, Links]:
    """The movie with the motion that is to be expected, and its links from frame to frame."""
    first, still = exact.frame_to_frame(problem), problem.weights
    if problem.options.motion == "still":
        return problem, first
    for _ in range(ROUNDS):
        weights = calibrating.expect_motion(still, first, problem.options.motion)
        if weights is still:
            break
        problem = replace(problem, weights=weights)
        first = exact.frame_to_frame(problem)
    return problem, first


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
