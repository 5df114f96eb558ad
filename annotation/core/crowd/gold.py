"""An answer against a known one: how good it is, and where it is wrong, to be drawn on the image."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotation.core.crowd.values import AnyConsensus, Kind

PASS_MARK = 0.6
RADIUS_PX = 8.0


class Fault(StrEnum):
    """What is wrong in a region."""

    MISSED = "MISSED"
    INVENTED = "INVENTED"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    TOO_MUCH = "TOO_MUCH"
    TOO_LITTLE = "TOO_LITTLE"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Region:
    """A place of the crop to be shown: runs of pixels, or a point, or neither for a choice."""

    fault: Fault
    runs: tuple[tuple[int, int, int], ...] = ()
    point: tuple[float, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        raise NotImplementedError


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
    raise NotImplementedError


def agreement_score(kind: Kind, value: Mapping[str, Any], consensus: AnyConsensus) -> float:
    """How well an answer agrees with what all say, 0 to 1 (for `reliability` and `is_spammer`)."""
    raise NotImplementedError
