"""An exponential average of a net's weights, which predicts better than the weights of any one step."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

LONGEST = 0.998

Net = TypeVar("Net", bound=nn.Module)


class WeightAverage(Generic[Net]):
    """Keeps `net`, a copy whose weights follow those of the net in training (Polyak & Juditsky 1992)."""

    def __init__(self, net: Net) -> None:
        self.net = copy.deepcopy(net).eval()
        self.net.requires_grad_(False)

    @torch.no_grad()
    def follow(self, net: Net, step: int) -> None:
        """Moves towards `net`; the memory grows from nothing to about 500 steps."""
        share = 1 - min(LONGEST, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.net.parameters()), list(net.parameters()), share)
        for mine, theirs in zip(self.net.buffers(), net.buffers(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, share)
            else:
                mine.copy_(theirs)
