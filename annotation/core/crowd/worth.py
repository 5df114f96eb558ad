"""What one more answer is worth, and how sure what is said already is, as expected from the chances.

A place with chance p is told wrongly by p(1-p) when the error is counted softly (half the Gini index); one
more typical worker draws there or not, and moves p by Bayes' rule. The mean fall of that error is the gain.
Counted hard, min(p, 1-p), the gain would be 0 wherever a single answer cannot turn the decision, and items
would be left undecided. Cells that nobody has drawn yet count with the chance that all have missed them.
"""

import numpy as np

from annotation.core.crowd.existence import FAINT, FAINT_FOUND
from annotation.core.crowd.pixels import Bools
from annotation.core.crowd.values import Floats

FEWEST_CELLS = 0.5  # cells expected on an item of which nobody drew anything


def gain_of_places(exists: Floats, finds: Floats, invents: Floats) -> float:
    """Sum over places of the fall of 2p(1-p); `finds` and `invents` (places,) of a typical worker."""
    drawn = exists * finds + (1 - exists) * invents
    with_it = exists * finds / drawn
    without = exists * (1 - finds) / (1 - drawn)
    after = drawn * _error(with_it) + (1 - drawn) * _error(without)
    return float(np.maximum(_error(exists) - after, 0).sum())


def _error(p: Floats) -> Floats:
    return 2 * p * (1 - p)


def hidden(exists: Floats, taken: Bools, finds: Floats) -> float:
    """Cells that all workers (finds of each) missed, as expected from those that they found: faint ones
    above all."""
    all_miss = float((1 - FAINT) * np.prod(1 - finds) + FAINT * np.prod(1 - FAINT_FOUND * finds))
    all_miss = min(all_miss, 0.5)
    found = max(float(exists[taken].sum()), FEWEST_CELLS)
    return found * all_miss / (1 - all_miss)


def overlap_of(outlines: Floats, alone: float) -> Floats:
    """IoU with the true outline to be expected of the consensus of so many outlines, errors being
    independent."""
    return np.asarray(1 - (1 - alone) / np.sqrt(np.maximum(outlines, 1)))


def quality(exists: Floats, taken: Bools, overlap: Floats, missed: float) -> float:
    """The panoptic quality (Kirillov et al. 2019) to be expected: 1 where all is right."""
    hit = float(exists[taken].sum())
    false = float((1 - exists)[taken].sum())
    lost = float(exists[~taken].sum()) + missed
    if not taken.any():
        return 1 / (1 + lost)
    return float((exists * overlap)[taken].sum()) / (hit + 0.5 * false + 0.5 * lost)
