"""Where people disagree, weighed by how far each can be believed."""

import numpy as np
from numpy.typing import NDArray

from annotation.core.crowd.values import AnyConsensus, Consensus


def ambiguity_map(consensus: Consensus, *, height: int, width: int) -> NDArray[np.float32]:
    """(y, x) of the crop: 0 where all is clear, 1 where a pixel may as well be cell as not."""
    raise NotImplementedError


def ambiguity(consensus: AnyConsensus) -> float:
    """One number of an item, 0 (clear) to 1, for the order of the review queue."""
    raise NotImplementedError


def training_weight(ambiguous: NDArray[np.float32], *, least: float = 0.1) -> NDArray[np.float32]:
    """(y, x) weights of a loss: 1 where clear, `least` where nobody knows."""
    raise NotImplementedError
