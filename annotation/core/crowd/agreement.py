"""How well workers agree with each other, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.core.bootstrap import Estimate
from annotation.core.crowd.values import ChoiceItems, Key, MaskItems
from annotation.core.tracks.aogm import Matches
from annotation.core.tracks.graph import LineageGraph


@dataclass(frozen=True)
class Agreement:
    """Measures by name, each with its interval (bootstrap over items); `items` with two answers or more,
    `pairs` of answers compared."""

    measures: Mapping[str, Estimate]
    items: int
    pairs: int


def agreement_of_masks(items: MaskItems) -> Agreement:
    """f1_50 … f1_90 (object F1 at IoU steps), ap_50 …, pq, alpha (pixels: cell or not), of all pairs."""
    raise NotImplementedError


def agreement_of_choices(items: ChoiceItems) -> Agreement:
    """alpha (Krippendorff, nominal), fleiss (where all items have as many answers), cohen (mean of pairs)."""
    raise NotImplementedError


def agreement_of_lineages(
    items: Mapping[Key, Sequence[tuple[LineageGraph, LineageGraph, Matches]]],
) -> Agreement:
    """tra, det, lnk between two raters of the same movie, the mean of both directions."""
    raise NotImplementedError
