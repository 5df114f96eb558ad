"""An answer against a known one: how good it is, and where it is wrong, to be drawn on the image.

Outlines are scored by panoptic quality (Kirillov et al. 2019): found cells by their IoU, less half for each
missed and each invented one. Centres by F1 with those within a radius, choices by right and wrong; "unsure"
is a little better than wrong. A FIX that leaves a wrong outline as it was has nothing of the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.core.crowd import error_regions, pixels
from annotation.core.crowd.error_regions import Compared, Fault, Region
from annotation.core.crowd.pairs import RADIUS_PX, paired_points
from annotation.core.crowd.reading import masks_of, points_of
from annotation.core.crowd.values import (
    UNSURE,
    AnyConsensus,
    ChoiceConsensus,
    Kind,
)

__all__ = ["Fault", "GoldScore", "Region", "agreement_score", "gold_score"]

PASS_MARK = 0.6
UNSURE_SCORE = 0.25
START_IS_RIGHT = 0.75  # an outline this good needs no fixing
FIXED_WELL = 0.9


@dataclass(frozen=True)
class GoldScore:
    """`score` from 0 to 1, whether that is enough, and what was wrong."""

    score: float
    right: bool
    regions: tuple[Region, ...]


def gold_score(
    kind: Kind,
    value: Mapping[str, Any],
    truth: Mapping[str, Any],
    *,
    start: Mapping[str, Any] | None = None,
    pass_mark: float = PASS_MARK,
    radius_px: float = RADIUS_PX,
) -> GoldScore:
    """The score of a kept value against the truth of the same form; `start` is what a FIX began from."""
    if kind.of_masks:
        score, regions = _of_masks(value, truth, start if kind is Kind.FIX else None)
    elif kind is Kind.CENTRES:
        score, regions = _of_points(value, truth, radius_px)
    else:
        score, regions = _of_choice(value, truth)
    return GoldScore(score, score >= pass_mark, regions)


def agreement_score(kind: Kind, value: Mapping[str, Any], consensus: AnyConsensus) -> float:
    """How well an answer agrees with what all say, 0 to 1 (for `reliability` and `is_spammer`)."""
    if isinstance(consensus, ChoiceConsensus):
        choice = value["choice"]
        return UNSURE_SCORE if choice == UNSURE else consensus.chances[choice]
    return gold_score(kind, value, consensus.as_value()).score


# ---------------------------------------------------------------- masks


def _compared(value: Mapping[str, Any], truth: Mapping[str, Any]) -> Compared:
    said, true = masks_of(value), masks_of(truth)
    return Compared(pixels.drawn([*said, *true]), len(said))


def _of_masks(
    value: Mapping[str, Any], truth: Mapping[str, Any], start: Mapping[str, Any] | None
) -> tuple[float, tuple[Region, ...]]:
    compared = _compared(value, truth)
    score = compared.quality
    if start is not None:
        before = _compared(start, truth).quality
        if before < START_IS_RIGHT:
            score = float(np.clip((score - before) / (FIXED_WELL - before), 0, 1))
    return score, error_regions.of(compared)


# ---------------------------------------------------------------- points and choices


def _of_points(
    value: Mapping[str, Any], truth: Mapping[str, Any], radius_px: float
) -> tuple[float, tuple[Region, ...]]:
    said, true = points_of(value), points_of(truth)
    rows, columns = paired_points(said, true, radius_px)
    invented = np.delete(said, rows, axis=0)
    missed = np.delete(true, columns, axis=0)
    regions = [Region(Fault.MISSED, point=(y, x)) for y, x in missed.tolist()]
    regions += [Region(Fault.INVENTED, point=(y, x)) for y, x in invented.tolist()]
    every = len(said) + len(true)
    return (2 * len(rows) / every if every else 1.0), tuple(regions)


def _of_choice(value: Mapping[str, Any], truth: Mapping[str, Any]) -> tuple[float, tuple[Region, ...]]:
    if value["choice"] == truth["choice"]:
        return 1.0, ()
    return UNSURE_SCORE if value["choice"] == UNSURE else 0.0, (Region(Fault.WRONG),)
