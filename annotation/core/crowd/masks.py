"""Consensus of outlines."""

from collections.abc import Mapping, Sequence

from annotation.core.crowd.values import (
    Consensus,
    Key,
    MaskAnswer,
    MaskItems,
    OutlineSkill,
    Runs,
    Skills,
)


def fit_outlines(
    items: MaskItems,
    truths: Mapping[Key, Sequence[Runs]] | None = None,
    *,
    before: Skills[OutlineSkill] | None = None,
) -> Skills[OutlineSkill]:
    """What the answers of a whole campaign tell of its workers; `truths` are the gold items' masks by item.

    `before` is the result of the last fit, from which a new one starts (and so is quicker).
    """
    raise NotImplementedError


def consensus_masks(answers: Sequence[MaskAnswer], skills: Skills[OutlineSkill] | None = None) -> Consensus:
    """What the answers of one item say together; without skills all workers are alike."""
    raise NotImplementedError
