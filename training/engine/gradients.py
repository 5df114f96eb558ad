"""One step's gradients, with the batch shared out among the parts of a device."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from training.engine.devices import Device

Part = TypeVar("Part")
Made = TypeVar("Made")
Made_contra = TypeVar("Made_contra", contravariant=True)


class Loss(Protocol[Made_contra]):
    """What is wrong with a net's answer to one share of a batch; one number, shape (), with its gradient."""

    def __call__(self, net: nn.Module, made: Made_contra, device: Device) -> Tensor: ...


def of_maps(loss: Callable[[Tensor, Tensor], Tensor]) -> Loss[tuple[Tensor, Tensor]]:
    """A loss of what a net says of pixels (b, c, y, x) and what was wanted (b, k, y, x)."""

    def wrong(net: nn.Module, made: tuple[Tensor, Tensor], device: Device) -> Tensor:
        pixels, wanted = made
        with device.autocast():
            said = net(device.place(pixels))
        return loss(said.float(), wanted.to(said.device))

    return wrong


class GradientMaker(Generic[Part, Made]):
    """Works out gradients of `loss` for `net`; copies of the net share its weights but have statistics of
    their own.

    The statistics of normalisation that are kept are those of the first share, which sees crops like any
    other's. A share's part of the mean is its `weight` where it has one (a number of crops), else equal.
    """

    def __init__(
        self, net: nn.Module, loss: Loss[Made], make_share: Callable[[Part], Made], device: Device
    ) -> None:
        self.loss, self.make_share, self.device = loss, make_share, device
        self.parameters = list(net.parameters())
        self.nets = [net, *(_with_shared_weights(net) for _ in range(device.parts - 1))]

    @property
    def moving(self) -> list[nn.Parameter]:
        """The parameters that learn at present."""
        return [parameter for parameter in self.parameters if parameter.requires_grad]

    def train_mode(self) -> None:
        """Every copy learns its statistics again; after a validation, for instance."""
        for net in self.nets:
            net.train()

    def step(self, shares: Sequence[Part]) -> float:
        """Puts the mean gradient of the batch into the weights' `grad`; returns the mean loss.

        Each share is made, read and differentiated by one part of the device. The order of summing is fixed,
        so the same batch gives the same numbers.
        """
        moving = self.moving
        jobs = [(net, share, moving) for net, share in zip(self.nets, shares, strict=False)]
        losses, gradients = zip(*self.device.map(self._one_share, jobs), strict=True)
        counts = [float(getattr(share, "weight", 1)) for share in shares]
        weights = [count / sum(counts) for count in counts]
        for parameter in self.parameters:
            parameter.grad = None
        for parameter, *parts in zip(moving, *gradients, strict=True):
            total: Any = parts[0] * weights[0]
            for weight, part in zip(weights[1:], parts[1:], strict=True):
                total.add_(part, alpha=weight)
            parameter.grad = total
        return float(sum(w * loss for w, loss in zip(weights, losses, strict=True)))

    def _one_share(self, job: tuple[nn.Module, Part, list[nn.Parameter]]) -> tuple[float, tuple[Tensor, ...]]:
        net, share, moving = job
        loss = self.loss(net, self.make_share(share), self.device)
        return float(loss.detach()), torch.autograd.grad(
            loss, moving, allow_unused=True, materialize_grads=True
        )


def _with_shared_weights(net: nn.Module) -> nn.Module:
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, weight in mine._parameters.items():
            its._parameters[name] = weight
    return twin
