"""One step's gradients, with the batch shared out among the parts of a device."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from training.engine.data.batches import Share
from training.engine.devices import Device

Loss = Callable[[Tensor, Tensor], Tensor]
MakeShare = Callable[[Share], tuple[Tensor, Tensor]]


class GradientMaker:
    """Works out gradients of `loss` for `net`; copies of the net share its weights but have statistics of
    their own.

    The statistics of normalisation that are kept are those of the first share, which sees crops like any
    other's.
    """

    def __init__(self, net: nn.Module, loss: Loss, make_share: MakeShare, device: Device) -> None:
        self.loss, self.make_share, self.device = loss, make_share, device
        self.parameters = list(net.parameters())
        self.nets = [net, *(_with_shared_weights(net) for _ in range(device.parts - 1))]

    def train_mode(self) -> None:
        """Every copy learns its statistics again; after a validation, for instance."""
        for net in self.nets:
            net.train()

    def step(self, shares: Sequence[Share]) -> float:
        """Puts the mean gradient of the batch into the weights' `grad`; returns the mean loss.

        Each share is cut, varied, read and differentiated by one part of the device. The order of summing
        is fixed, so the same batch gives the same numbers.
        """
        jobs = list(zip(self.nets, shares, strict=False))
        losses, gradients = zip(*self.device.map(self._one_share, jobs), strict=True)
        crops = sum(len(share.crops) for share in shares)
        weights = [len(share.crops) / crops for share in shares]
        for parameter, *parts in zip(self.parameters, *gradients, strict=True):
            total: Any = parts[0] * weights[0]
            for weight, part in zip(weights[1:], parts[1:], strict=True):
                total.add_(part, alpha=weight)
            parameter.grad = total
        return float(sum(w * loss for w, loss in zip(weights, losses, strict=True)))

    def _one_share(self, job: tuple[nn.Module, Share]) -> tuple[float, tuple[Tensor, ...]]:
        net, share = job
        pixels, target = self.make_share(share)
        with self.device.autocast():
            said = net(self.device.place(pixels))
        loss = self.loss(said.float(), target.to(said.device))
        return float(loss.detach()), torch.autograd.grad(loss, self.parameters)


def _with_shared_weights(net: nn.Module) -> nn.Module:
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, weight in mine._parameters.items():
            its._parameters[name] = weight
    return twin
