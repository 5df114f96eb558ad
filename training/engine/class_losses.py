"""Losses of classes: plain functions of logits (b, k) and true classes int64 (b,), each of shape ()."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

FOCUS = 2.0


def cross_entropy(said: Tensor, wanted: Tensor) -> Tensor:
    """Mean of −log of the true class's share."""
    return functional.cross_entropy(said, wanted)


def focal(said: Tensor, wanted: Tensor, weights: Tensor, *, focus: float = FOCUS) -> Tensor:
    """Cross-entropy in which a cell counts (1 − its true class's share) ** focus, times its class's weight.

    Lin et al. 2017, doi:10.1109/ICCV.2017.324. `weights` is (k,); the mean is over the weights' sum, so that
    weights of mean 1 and `focus` 0 give the weighted cross-entropy.
    """
    log_share = functional.log_softmax(said, 1).gather(1, wanted[:, None])[:, 0]
    weight = weights[wanted]
    return -(weight * (1 - log_share.exp()) ** focus * log_share).sum() / weight.sum()


def effective_weights(counts: npt.NDArray[np.integer]) -> Tensor:
    """Weight of each class by its number of cells (k,), float32 (k,), mean 1 over the classes that there are.

    One over the effective number of samples (1 − β ** n) / (1 − β), β = (N − 1) / N with N cells in all:
    the more cells a class has, the more they repeat each other (Cui et al. 2019,
    doi:10.1109/CVPR.2019.00949). A class without cells has weight 0.
    """
    total = max(int(counts.sum()), 2)
    effective = total * (1 - ((total - 1) / total) ** counts.astype(np.float64))
    weights = np.where(counts > 0, 1 / np.maximum(effective, 1e-9), 0.0)
    weights /= weights[counts > 0].mean() if (counts > 0).any() else 1.0
    return torch.from_numpy(weights.astype(np.float32))
