"""Losses of volumes: of what the net says, (b, k, z, y, x), and what was wanted. Each returns one number."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from training.engine.losses import dice, known, weighted_bce, weighted_mean
from training.engine.shape_losses import BANDWIDTH_PX, OFFSET_PX, gathering_loss

VolumeLoss = Callable[[Tensor, Tensor], Tensor]


def distance_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: logits of foreground, energy, edge; wanted: the same in 0..1, and the weight."""
    inside, weight = wanted[:, 0], wanted[:, 3]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    error = (said[:, 1].sigmoid() - wanted[:, 1]).abs()
    energy = weighted_mean(error, weight) + weighted_mean(error, weight * inside)
    return foreground + 3 * energy + 0.5 * weighted_bce(said[:, 2], wanted[:, 2], weight)


def flow_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """said: logit of foreground, flow z, y, x, logit of edge; wanted: the same, and the weight."""
    inside, weight = wanted[:, 0], wanted[:, 5]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    error = (said[:, 1:4] - wanted[:, 1:4]).square().sum(1)
    flow = weighted_mean(error, weight) + weighted_mean(error, weight * inside)
    return foreground + 2 * flow + 0.5 * weighted_bce(said[:, 4], wanted[:, 4], weight)


def embedding_loss(spacing: float) -> VolumeLoss:
    """`shape_losses.embedding_loss` of one layer, with slices `spacing` px apart: said are logits of
    foreground, edge and seed, logarithm of the bandwidth, offset z, y and x; wanted: cell, edge, weight."""

    def loss(said: Tensor, wanted: Tensor) -> Tensor:
        inside, weight = (wanted[:, 0] > 0).float(), wanted[:, 2]
        foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
        edge = weighted_bce(said[:, 1], wanted[:, 1], weight)
        parts = [_gathered(one, true, spacing) for one, true in zip(said, wanted, strict=True)]
        reached = torch.stack([reached for _, reached in parts])
        seed = weighted_mean((said[:, 2].sigmoid() - reached).square(), weight)
        return foreground + 0.5 * edge + 3 * seed + torch.stack([wrong for wrong, _ in parts]).mean()

    return loss


def _gathered(said: Tensor, wanted: Tensor, spacing: float) -> tuple[Tensor, Tensor]:
    """What is wrong with the embedding of one volume, (), and how well voxels reach it, (z, y, x)."""
    reached = torch.zeros_like(wanted[0])
    on = (wanted[0] > 0) & (wanted[2] > 0)
    if not on.any():
        return said.sum() * 0, reached
    here = torch.nonzero(on).float() * said.new_tensor([spacing, 1, 1])
    ends = here + OFFSET_PX * said[4:7][:, on].T
    log_width = said[3][on][:, None].clamp(-3, 3) + math.log(BANDWIDTH_PX)
    wrong, reached[on] = gathering_loss(wanted[0][on], here, ends, log_width)
    return wrong, reached


def voxelwise(loss: VolumeLoss) -> VolumeLoss:
    """A loss of pixels, which asks for no neighbours, as one of voxels: the slices are laid end to end."""
    return lambda said, wanted: loss(said.flatten(2, 3), wanted.flatten(2, 3))
