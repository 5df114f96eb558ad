"""A trained U-Net made ready for reading on a processor: normalisation folded into the convolutions, and each
convolution, sum and rectifier done in one pass over memory.

On processors with fast bfloat16 such a net is bound by memory, not by arithmetic: reading took 0.25 s of
processor time a megapixel with separate passes and 0.16 with these. The passes are those that torch's own
compiler puts together, asked for by name, so that no compiler is needed where people work.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.devices import Device
from training.engine.nets.unet import Residual, UNet


def fuse(net: nn.Module, device: Device) -> nn.Module:
    """`net` as a fused net where that is quicker and possible, else `net` itself.

    A U-Net of two dimensions on a processor that reads in bfloat16. The fused net keeps the weights as they
    are now: it does not follow a net that learns on.
    """
    possible = device.name == "cpu" and device.half and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
    if possible and isinstance(net, UNet) and net.z_steps is None:
        return FusedUNet(net).eval()
    return net


class FusedUNet(nn.Module):
    """Says what its U-Net says in bfloat16, within rounding."""

    def __init__(self, net: UNet) -> None:
        """Takes the weights and statistics of `net`."""
        super().__init__()
        self.channels, self.outputs, self.multiple = net.channels, net.outputs, net.multiple
        self.stem = _FusedResidual(net.stem)
        self.down = [_FusedResidual(_residual(block)) for block in net.down]
        self.up = [_FusedResidual(_residual(block)) for block in net.up]
        self.unfold = _Fused(net.unfold)
        self.last = _Fused(net.last, net.last_norm, then="relu")
        self.head = _Fused(net.head)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, y, x) → (b, outputs, y, x) bfloat16, as UNet.forward."""
        x = x.to(torch.bfloat16)
        seen = torch.cat([x, x.clamp(min=0).sqrt_()], 1)
        x = self.stem(_innermost(functional.pixel_unshuffle(seen, 2)))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for up in reversed(self.up):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat([x, skips.pop()], 1))
        x = functional.pixel_shuffle(self.unfold(x), 2)
        return self.head(self.last(_innermost(torch.cat([x, seen], 1))))


class _Fused:
    """A convolution with the normalisation after it folded in, and what follows in the same pass."""

    def __init__(self, conv: nn.Conv2d, norm: nn.Module | None = None, *, then: str = "none") -> None:
        weight, bias = _folded(conv, norm)
        self.weight, self.bias = _innermost(weight.to(torch.bfloat16)), bias.to(torch.bfloat16)
        self.place: tuple[Any, ...] = (list(conv.padding), list(conv.stride), [1, 1], 1)
        self.then = then

    def __call__(self, x: Tensor) -> Tensor:
        said: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, self.weight, self.bias, *self.place, self.then, [], ""
        )
        return said

    def beside(self, x: Tensor, shortcut: Tensor) -> Tensor:
        """The convolution of x plus the shortcut, rectified."""
        said: Tensor = torch.ops.mkldnn._convolution_pointwise.binary(
            x, shortcut, self.weight, self.bias, *self.place, "add", 1.0, "relu", [], ""
        )
        return said


class _FusedResidual:
    def __init__(self, block: Residual) -> None:
        self.first = _Fused(block.first, block.first_norm, then="relu")
        self.second = _Fused(block.second, block.second_norm)
        self.shortcut = _Fused(block.shortcut) if isinstance(block.shortcut, nn.Conv2d) else None

    def __call__(self, x: Tensor) -> Tensor:
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return self.second.beside(self.first(x), shortcut)


def _folded(conv: nn.Conv2d, norm: nn.Module | None) -> tuple[Tensor, Tensor]:
    """Weight and bias that do what the convolution and the normalisation after it do."""
    weight = conv.weight.detach()
    bias = torch.zeros(len(weight)) if conv.bias is None else conv.bias.detach()
    if isinstance(norm, nn.BatchNorm2d):
        assert norm.running_var is not None
        assert norm.running_mean is not None
        scale = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
        weight = weight * scale[:, None, None, None]
        bias = (bias - norm.running_mean) * scale + norm.bias.detach()
    return weight, bias


def _residual(block: nn.Module) -> Residual:
    assert isinstance(block, Residual)
    return block


def _innermost(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
