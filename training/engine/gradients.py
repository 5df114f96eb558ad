"""One step's gradients, with the batch shared out among the parts of a device."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.engine.devices import Device

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class _Share:
    net: nn.Module
    pixels: Tensor
    target: Tensor


class GradientMaker:
    """Works out gradients of `loss` for `net`; copies of the net share its weights but have statistics of their own.

    The statistics of normalisation are those of the first part, which sees as many different crops as any.
    """

    def __init__(self, net: nn.Module, loss: Loss, device: Device) -> None:
        self.loss, self.device = loss, device
        self.parameters = list(net.parameters())
        self.nets = [net, *(_with_shared_weights(net) for _ in range(device.parts - 1))]

    def train_mode(self) -> None:
        """Every copy learns its statistics again; after a validation, for instance."""
        for net in self.nets:
            net.train()

    def step(self, pixels: Tensor, target: Tensor) -> float:
        """Puts the mean gradient of the batch into the weights' `grad`; returns the mean loss.

        pixels: float32 (b, c, y, x); target: float32 (b, k, y, x). The order of summing is fixed, so the same batch
        gives the same numbers.
        """
        shares = [
            _Share(net, p, t)
            for net, p, t in zip(self.nets, pixels.chunk(len(self.nets)), target.chunk(len(self.nets)), strict=False)
        ]
        weights = [len(share.pixels) / len(pixels) for share in shares]
        losses, gradients = zip(*self.device.map(self._one_share, shares), strict=True)
        for parameter, *parts in zip(self.parameters, *gradients, strict=True):
            parameter.grad = sum((w * g for w, g in zip(weights, parts, strict=True)), torch.zeros(()))
        return float(sum(w * loss for w, loss in zip(weights, losses, strict=True)))

    def _one_share(self, share: _Share) -> tuple[float, tuple[Tensor, ...]]:
        with self.device.autocast():
            said = share.net(self.device.place(share.pixels))
        loss = self.loss(said.float(), share.target.to(said.device))
        return float(loss.detach()), torch.autograd.grad(loss, self.parameters)


def _with_shared_weights(net: nn.Module) -> nn.Module:
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, weight in mine._parameters.items():
            its._parameters[name] = weight
    return twin
