"""One step's gradients, with the batch shared out among the parts of a device."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from training.engine.batches_ahead import MadeShare
from training.engine.devices import Device
from training.engine.replicas import follow, twin_on

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


class GradientMaker(Generic[Made]):
    """Works out gradients of `loss` for `net`, a share of the batch on each part of the device.

    On a processor the parts' copies of the net share its weights, on cards each has its own, which follow
    before every step; all but the first have statistics of their own. Those of normalisation that are kept
    are the first share's, which sees crops like any other's.
    """

    def __init__(self, net: nn.Module, loss: Loss[Made], device: Device, *, compiled: bool = False) -> None:
        """`compiled`: the forward passes are translated for the machine first, which takes a minute and pays
        over many steps of one size."""
        self.loss, self.device = loss, device
        self.nets = [net, *(self._twin(net, place) for place in range(1, device.parts))]
        self.parameters = [list(each.parameters()) for each in self.nets]
        for each in self.nets if compiled else ():
            each.compile()

    def _twin(self, net: nn.Module, place: int) -> nn.Module:
        if self.device.on_cards:
            return twin_on(self.device.cards[place], net)
        return _with_shared_weights(net)

    @property
    def moving(self) -> list[nn.Parameter]:
        """The parameters that learn at present."""
        return [parameter for parameter in self.parameters[0] if parameter.requires_grad]

    def train_mode(self) -> None:
        """Every copy learns its statistics again; after a validation, for instance."""
        for net in self.nets:
            net.train()

    def step(self, shares: Sequence[MadeShare[Any, Made]]) -> float:
        """Puts the mean gradient of the batch into the weights' `grad`; returns the mean loss.

        The order of summing is fixed, so the same batch gives the same numbers.
        """
        jobs = list(enumerate(shares))
        losses, gradients = zip(*self.device.side_by_side(self._one_share, jobs), strict=True)
        weights = [share.weight / sum(each.weight for each in shares) for share in shares]
        for parameter in self.parameters[0]:
            parameter.grad = None
        for parameter, *parts in zip(self.moving, *gradients, strict=True):
            total: Any = parts[0] * weights[0]
            for weight, part in zip(weights[1:], parts[1:], strict=True):
                total.add_(part.to(total.device), alpha=weight)
            parameter.grad = total
        return float(sum(w * loss for w, loss in zip(weights, losses, strict=True)))

    def _one_share(self, job: tuple[int, MadeShare[Any, Made]]) -> tuple[float, tuple[Tensor, ...]]:
        place, share = job
        self._bring_up_to_date(place)
        loss = self.loss(self.nets[place], share.arrays(), self.device)
        moving = [parameter for parameter in self.parameters[place] if parameter.requires_grad]
        gradients = torch.autograd.grad(loss, moving, allow_unused=True, materialize_grads=True)
        return float(loss.detach()), gradients

    def _bring_up_to_date(self, place: int) -> None:
        """A copy with weights of its own takes over the net's, and which of them learn."""
        if place == 0 or not self.device.on_cards:
            return
        follow(self.parameters[place], self.parameters[0])
        for mine, first in zip(self.parameters[place], self.parameters[0], strict=True):
            mine.requires_grad_(first.requires_grad)


def _with_shared_weights(net: nn.Module) -> nn.Module:
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, weight in mine._parameters.items():
            its._parameters[name] = weight
    return twin
