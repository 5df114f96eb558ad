"""Losses of volumes: of what the net says, (b, k, z, y, x), and what was wanted. Each returns one number."""

from collections.abc import Callable

from torch import Tensor

from training.engine.losses import dice, known, weighted_bce, weighted_mean

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


def voxelwise(loss: VolumeLoss) -> VolumeLoss:
    """A loss of pixels, which asks for no neighbours, as one of voxels: the slices are laid end to end."""
    return lambda said, wanted: loss(said.flatten(2, 3), wanted.flatten(2, 3))
