"""Learning what is alike without being told: two looks at one cell shall agree, and cells shall differ.

VICReg: Bardes, Ponce, LeCun, “VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised
Learning”, ICLR 2022. It needs neither negatives nor large batches, so that it learns from some hundred cells
on two processor cores, where SimCLR (Chen et al. 2020) wants thousands of cells in a batch; that such
learning tells phenotypes is shown by Perakis et al., “Contrastive Learning of Single-Cell Phenotypic
Representations”, 2021.
"""

import torch
from torch import Tensor
from torch.nn import functional

INVARIANCE, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0
"""The paper's weights."""
_FLOOR = 1e-4


def vicreg(first: Tensor, second: Tensor) -> Tensor:
    """`first`, `second`: float32 (b, d), what is said of two looks at the same b cells; shape ()."""
    agree = functional.mse_loss(first, second)
    spread = (_too_narrow(first) + _too_narrow(second)) / 2
    shared = _told_twice(first) + _told_twice(second)
    return INVARIANCE * agree + VARIANCE * spread + COVARIANCE * shared


def _too_narrow(said: Tensor) -> Tensor:
    """How far the standard deviation of each number stays below one: without this all cells would be one."""
    return functional.relu(1 - torch.sqrt(said.var(0) + _FLOOR)).mean()


def _told_twice(said: Tensor) -> Tensor:
    """How much the numbers say the same as each other."""
    rows, numbers = said.shape
    centred = said - said.mean(0)
    covariance = centred.T @ centred / max(rows - 1, 1)
    squared = covariance.square()
    return (squared.sum() - squared.diagonal().sum()) / numbers
