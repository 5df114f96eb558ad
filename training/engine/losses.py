"""Losses: plain functions of what the net says and what was wanted. Each returns one number, shape ()."""

import torch
from torch import Tensor
from torch.nn import functional


def distance_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: logits (b, 3, y, x); wanted: (b, 3, y, x) in 0..1: foreground, energy, edge."""
    foreground = masked_bce(said[:, 0], wanted[:, 0]) + dice(said[:, 0], wanted[:, 0])
    error = (torch.sigmoid(said[:, 1]) - wanted[:, 1]).abs()
    # Half of the energy's loss counts inside cells alone, where there is something to tell apart.
    energy = error.mean() + (error * wanted[:, 0]).sum() / (wanted[:, 0].sum() + 1)
    edge = masked_bce(said[:, 2], wanted[:, 2], weight=1 + 2 * wanted[:, 2])
    return foreground + 3 * energy + 0.5 * edge


def flow_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: (b, 4, y, x): logit, flow y, flow x, logit; wanted: foreground, flow y, flow x, edge."""
    foreground = masked_bce(said[:, 0], wanted[:, 0]) + dice(said[:, 0], wanted[:, 0])
    error = (said[:, 1:3] - wanted[:, 1:3]).square().sum(1)
    flow = error.mean() + (error * wanted[:, 0]).sum() / (wanted[:, 0].sum() + 1)
    edge = masked_bce(said[:, 3], wanted[:, 3], weight=1 + 2 * wanted[:, 3])
    return foreground + 2 * flow + 0.5 * edge


def region_loss(said: Tensor, wanted: Tensor, class_weights: Tensor) -> Tensor:
    """said: logits (b, k, y, x); wanted: shares of the classes (b, k, y, x), all 0 where not known; weights
    (k,).

    Weighted cross-entropy plus soft Dice averaged over the classes but the background (nnU-Net's pair of
    losses, Isensee et al. 2021, doi:10.1038/s41592-020-01008-z).
    """
    log_share = functional.log_softmax(said, 1)
    weights = wanted * class_weights[None, :, None, None]
    cross_entropy = -(weights * log_share).sum() / (weights.sum() + 1)
    known = wanted.sum(1, keepdim=True)
    share = log_share.exp() * known
    both = 2 * (share * wanted).sum((0, 2, 3)) + 1
    overlap = both / ((share + wanted).sum((0, 2, 3)) + 1)
    return cross_entropy + (1 - overlap[1:]).mean()


def masked_bce(said: Tensor, wanted: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """Binary cross-entropy of logits, (b, y, x)."""
    return functional.binary_cross_entropy_with_logits(said, wanted, weight=weight)


def dice(said: Tensor, wanted: Tensor) -> Tensor:
    """1 − soft Dice over the whole batch, so that a crop without cells does no harm; logits, (b, y, x)."""
    share = torch.sigmoid(said)
    return 1 - (2 * (share * wanted).sum() + 1) / (share.sum() + wanted.sum() + 1)
