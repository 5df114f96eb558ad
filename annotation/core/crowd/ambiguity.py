"""Where people disagree, weighed by how far each can be believed.

A pixel is as ambiguous as its least clear cell makes it: the entropy, in bits, of whether the pixel belongs
to the cell, the cell's own doubt included. Where one worker of whom nothing good is known contradicts three
who are believed, little is ambiguous; where two good ones draw one cell and two good ones draw two, all of it
is.
"""

import numpy as np
from numpy.typing import NDArray

from annotation.core.crowd.values import AnyConsensus, ChoiceConsensus, Consensus, Floats


def ambiguity_map(consensus: Consensus, *, height: int, width: int) -> NDArray[np.float32]:
    """(y, x) of the crop: 0 where all is clear, 1 where a pixel may as well be cell as not."""
    found = np.zeros((height, width), np.float32)
    for one in (*consensus.objects, *consensus.refused):
        high, wide = one.inside.shape
        here = found[one.y : one.y + high, one.x : one.x + wide]
        np.maximum(here, _bits(one.exists * one.inside), out=here)
    return found


def _bits(p: NDArray[np.floating] | Floats) -> NDArray[np.float32]:
    """Entropy of yes or no with chance p."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)), np.float32)


def ambiguity(consensus: AnyConsensus) -> float:
    """One number of an item, 0 (clear) to 1, for the order of the review queue.

    For outlines the mean ambiguity of the pixels that anybody drew, for the others the doubt that is left.
    """
    if isinstance(consensus, ChoiceConsensus):
        chances = np.asarray(list(consensus.chances.values()))
        some = chances[chances > 0]
        return float(-(some * np.log(some)).sum() / np.log(max(len(chances), 2)))
    if not isinstance(consensus, Consensus):
        return 1 - consensus.certainty
    every = (*consensus.objects, *consensus.refused)
    drawn = sum(int((one.inside > 0).sum()) for one in every)
    if not drawn:
        return 1 - consensus.certainty
    return sum(float(_bits(one.exists * one.inside)[one.inside > 0].sum()) for one in every) / drawn


def training_weight(ambiguous: NDArray[np.float32], *, least: float = 0.1) -> NDArray[np.float32]:
    """(y, x) weights of a loss: 1 where clear, `least` where nobody knows."""
    return np.asarray(1 - (1 - least) * np.clip(ambiguous, 0, 1), np.float32)
