"""Consensus of choices (Dawid and Skene 1979)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from annotation.core.crowd.values import ChoiceAnswer, ChoiceConsensus, ChoiceItems, Floats, Key


@dataclass(frozen=True, eq=False)
class ChoiceFit:
    """`confusion` (classes, classes + 1) of each worker: row the true class, column what is said, `UNSURE`
    last; `typical` that of a worker of whom nothing is known; `shares` (classes,) how common each class is."""

    classes: tuple[str, ...]
    shares: Floats
    typical: Floats
    confusion: Mapping[str, Floats]

    def as_json(self) -> dict[str, Any]:
        """The inverse of `of_json`."""
        raise NotImplementedError

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Self:
        """The fit as `as_json` told it."""
        raise NotImplementedError


def fit_choices(
    items: ChoiceItems, classes: Sequence[str], truths: Mapping[Key, str] | None = None
) -> ChoiceFit:
    """What the answers of a whole campaign tell of its workers; `truths` are the gold items' classes."""
    raise NotImplementedError


def consensus_choice(answers: Sequence[ChoiceAnswer], fit: ChoiceFit) -> ChoiceConsensus:
    """What the answers of one item say together."""
    raise NotImplementedError


def consensus_choices(
    items: ChoiceItems, classes: Sequence[str], truths: Mapping[Key, str] | None = None
) -> tuple[dict[Key, ChoiceConsensus], ChoiceFit]:
    """Fit and consensus of all items at once; gold items have their truth with certainty 1."""
    raise NotImplementedError
