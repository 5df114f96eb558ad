"""Learning on with weights that were learned elsewhere: slowly, and after the last layer."""

from collections.abc import Callable
from typing import Any

from training.engine.nets.backbones import Classifier

LEARNED_SCALE = 0.3
"""Share of the learning rate for weights that were learned elsewhere, against the new last layer's."""


def groups(net: Classifier, learned_before: bool) -> list[dict[str, Any]]:
    """The body learns more slowly than the last layer where it has learned before."""
    scale = LEARNED_SCALE if learned_before else 1.0
    return [
        {"params": list(net.body.parameters()), "scale": scale},
        {"params": list(net.head.parameters()), "scale": 1.0},
    ]


def thawing(net: Classifier, frozen_share: float) -> Callable[[float], None]:
    """Lets the body stand still until `frozen_share` of the budget is spent (0: never)."""

    def at_fraction(fraction: float) -> None:
        thawed = fraction >= frozen_share
        if next(net.body.parameters()).requires_grad != thawed:
            net.body.requires_grad_(thawed)

    return at_fraction
