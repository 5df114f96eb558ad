"""Losses: plain functions of what the net says and what was wanted. Each returns one number, shape ()."""

import torch
from torch import Tensor
from torch.nn import functional

from training.engine.targets.distance import MOST_WEIGHT


def distance_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: logits (b, 3, y, x); wanted: (b, 4, y, x) in 0..1: foreground, energy, edge, weight."""
    inside, weight = wanted[:, 0], wanted[:, 3]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    error = (torch.sigmoid(said[:, 1]) - wanted[:, 1]).abs()
    # Half of the energy's loss counts inside cells alone, where there is something to tell apart.
    energy = weighted_mean(error, weight) + weighted_mean(error, weight * inside)
    edge = weighted_bce(said[:, 2], wanted[:, 2], weight)
    return foreground + 3 * energy + 0.5 * edge


def flow_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: (b, 4, y, x): logit, flow y, flow x, logit; wanted: foreground, flow y, flow x, edge, weight."""
    inside, weight = wanted[:, 0], wanted[:, 4]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    error = (said[:, 1:3] - wanted[:, 1:3]).square().sum(1)
    flow = weighted_mean(error, weight) + weighted_mean(error, weight * inside)
    edge = weighted_bce(said[:, 3], wanted[:, 3], weight)
    return foreground + 2 * flow + 0.5 * edge


def region_loss(said: Tensor, wanted: Tensor, class_weights: Tensor) -> Tensor:
    """said: logits (b, k, y, x); wanted: shares of the classes (b, k, y, x), all 0 where not known; weights
    (k,).

    Weighted cross-entropy plus soft Dice averaged over the classes but the background (nnU-Net's pair of
    losses, Isensee et al. 2021, doi:10.1038/s41592-020-01008-z).
    """
    log_share = functional.log_softmax(said, 1)
    weights = wanted * class_weights.to(said.device)[None, :, None, None]
    cross_entropy = -(weights * log_share).sum() / (weights.sum() + 1)
    known = wanted.sum(1, keepdim=True)
    share = log_share.exp() * known
    both = 2 * (share * wanted).sum((0, 2, 3)) + 1
    overlap = both / ((share + wanted).sum((0, 2, 3)) + 1)
    return cross_entropy + (1 - overlap[1:]).mean()


def translation_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: (b, 2k, y, x), places, then raw scales; wanted: (b, k, y, x), not a number where
    nothing is known.

    The places are learned by least squares, the scales by the likelihood of a Gaussian around places that
    stand still, so that an unsure net has no reason to look away from what is hard (Stirn et al. 2023, arXiv
    2212.09184).
    """
    place, scale = place_and_scale(said)
    told = ~torch.isnan(wanted)
    error = torch.where(told, wanted, place.detach()) - place
    mean_square = scale.detach().square().mean((0, 2, 3), keepdim=True)
    squares = 0.5 * error.square() / mean_square
    likelihood = scale.log() + 0.5 * (error.detach() / scale).square()
    return ((squares + likelihood) * told).sum() / told.sum().clamp(min=1)


def place_and_scale(said: Tensor) -> tuple[Tensor, Tensor]:
    """(b, 2k, y, x) → places and positive scales, both (b, k, y, x)."""
    place, raw = said.chunk(2, 1)
    return place, functional.softplus(raw) + 1e-3


def weighted_bce(said: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of the binary cross-entropy of logits, all (b, y, x)."""
    return weighted_mean(functional.binary_cross_entropy_with_logits(said, wanted, reduction="none"), weight)


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Mean of values by weight, both (b, y, x); 0 where nothing has weight."""
    return (values * weight).sum() / (weight.sum() + 1e-3)


def known(weight: Tensor) -> Tensor:
    """1 where anything is known and 0 in ignored areas, (b, y, x); the smallest weight of a pixel that counts
    is 1 / MOST_WEIGHT."""
    return (weight * MOST_WEIGHT).clamp(max=1)


def dice(said: Tensor, wanted: Tensor, known: Tensor) -> Tensor:
    """1 − soft Dice over the whole batch, so that a crop without cells does no harm; logits, (b, y, x). Only
    what is `known` counts."""
    share, wanted = torch.sigmoid(said) * known, wanted * known
    return 1 - (2 * (share * wanted).sum() + 1) / (share.sum() + wanted.sum() + 1)
