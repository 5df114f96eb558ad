"""Where people disagree, weighed by how far each can be believed.

A pixel of a cell is as ambiguous as those who can be believed are divided about it: 0 where all of them take
it in or leave it out, 1 where half of them do. This is not the doubt that is left: three against two good
workers may leave little, and yet the place is hard to see. Two who draw one cell and two who draw two make
all of it ambiguous; a spammer makes nothing ambiguous.
"""

import numpy as np
from numpy.typing import NDArray

from annotation.core.crowd.values import AnyConsensus, ChoiceConsensus, Consensus


def ambiguity_map(consensus: Consensus, *, height: int, width: int) -> NDArray[np.float32]:
    """(y, x) of the crop: 0 where all is clear, 1 where a pixel may as well be cell as not."""
    found = np.zeros((height, width), np.float32)
    for one in (*consensus.objects, *consensus.refused):
        high, wide = one.share.shape
        here = found[one.y : one.y + high, one.x : one.x + wide]
        np.maximum(here, _divided(one.share), out=here)
    return found


def _divided(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 where half say so, 0 where all or none do."""
    return np.asarray(4 * share * (1 - share), np.float32)


def ambiguity(consensus: AnyConsensus) -> float:
    """One number of an item, 0 (clear) to 1, for the order of the review queue.

    For outlines the ambiguous pixels beside those of a cell, for the others the doubt that is left.
    """
    if isinstance(consensus, ChoiceConsensus):
        chances = np.asarray(list(consensus.chances.values()))
        some = chances[chances > 0]
        return float(-(some * np.log(some)).sum() / np.log(max(len(chances), 2)))
    if not isinstance(consensus, Consensus):
        return 1 - consensus.certainty
    every = (*consensus.objects, *consensus.refused)
    drawn = sum(float(one.share.sum()) for one in every)
    if not drawn:
        return 1 - consensus.certainty
    divided = sum(float(_divided(one.share).sum()) for one in every)
    return divided / (divided + drawn)


def training_weight(ambiguous: NDArray[np.float32], *, least: float = 0.1) -> NDArray[np.float32]:
    """(y, x) weights of a loss: 1 where clear, `least` where nobody knows."""
    return np.asarray(1 - (1 - least) * np.clip(ambiguous, 0, 1), np.float32)
