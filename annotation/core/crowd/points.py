"""Consensus of clicked centres."""

from collections.abc import Mapping, Sequence

from annotation.core.crowd.values import (
    Floats,
    Key,
    PointAnswer,
    PointConsensus,
    PointItems,
    PointSkill,
    Skills,
)

RADIUS_PX = 8.0


def fit_points(
    items: PointItems, truths: Mapping[Key, Floats] | None = None, *, radius_px: float = RADIUS_PX
) -> Skills[PointSkill]:
    """What the answers of a whole campaign tell of its workers; `truths` (n, 2) of the gold items."""
    raise NotImplementedError


def consensus_points(
    answers: Sequence[PointAnswer],
    skills: Skills[PointSkill] | None = None,
    *,
    radius_px: float = RADIUS_PX,
) -> PointConsensus:
    """The centres of one item; clicks within `radius_px` of each other may mean the same cell."""
    raise NotImplementedError
