"""A trained U-Net made ready for reading on a processor: what follows a convolution is folded into it, and
nothing is moved about in memory that arithmetic can do without.

On processors with fast bfloat16 such a net is first bound by memory: reading took twice the processor time
with separate passes. Here each convolution, sum and rectifier is one pass, nearly all of it arithmetic (some
210 billion products a second and core), so less of that is the next gain: `eight_bit`. The passes are those
that torch's own compiler puts together, asked for by name, so that no compiler is needed where people work.
Besides:

* Two pictures of features are never laid beside each other: a convolution of both is the sum of two.
* The net's end at full resolution is done at half resolution, on blocks of 2 × 2 pixels: `unfold`, the
  convolution after it and what it sees of the picture are together one linear map of the blocks around.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.devices import Device
from training.engine.nets import eight_bit
from training.engine.nets.eight_bit import EightBitUNet
from training.engine.nets.folding import (
    BLOCK,
    IN_BLOCK,
    folded,
    head_on_blocks,
    identity,
    last_of,
    shortcut_of,
    walk,
)
from training.engine.nets.unet import Residual, UNet


def fuse(net: nn.Module, device: Device, *, quickly: bool = False) -> nn.Module:
    """`net` as a fused net where that is quicker and possible, else `net` itself.

    A U-Net of two dimensions on a processor that reads in bfloat16; `quickly`, in eight bits where the
    processor is faster so. The fused net keeps the weights as they are now: it does not follow a net that
    learns on.
    """
    possible = not device.on_cards and device.half and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
    if not possible or not isinstance(net, UNet) or net.z_steps is not None:
        return net
    return (EightBitUNet(net) if quickly and eight_bit.is_quick() else FusedUNet(net)).eval()


class FusedUNet(nn.Module):
    """Says what its U-Net says in bfloat16, within rounding."""

    def __init__(self, net: UNet) -> None:
        """Takes the weights and statistics of `net`."""
        super().__init__()
        self.channels, self.outputs, self.multiple = net.channels, net.outputs, net.multiple
        self.stem = _FusedResidual(net.stem, seen=net.channels)
        self.down = [_FusedResidual(_residual(block)) for block in net.down]
        self.up = [_FusedUp(_residual(block)) for block in reversed(net.up)]
        self.end = _FusedEnd(net)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, y, x) → (b, outputs, y, x) bfloat16, as UNet.forward."""
        seen = _seen(x)
        return self.end(walk(seen, self.stem, self.down, self.up), seen)


def _seen(x: Tensor) -> Tensor:
    """What the net sees of a picture (b, c, y, x), block by block: bfloat16 (b, 8 c + 1, y / 2, x / 2), the
    values of the block's pixels, their roots, and a one.

    The one tells a convolution where the picture ends: beyond it there are noughts.
    """
    b, c, height, width = x.shape
    high, wide = height // BLOCK, width // BLOCK
    blocks = x.to(torch.bfloat16).permute(0, 2, 3, 1).reshape(b, high, BLOCK, wide, BLOCK, c).transpose(2, 3)
    values = blocks.reshape(b, high, wide, len(IN_BLOCK) * c)
    ones = torch.ones((b, high, wide, 1), dtype=torch.bfloat16)
    return torch.cat([values, values.clamp(min=0).sqrt_(), ones], -1).permute(0, 3, 1, 2)


class _Fused:
    """A convolution by a weight (outputs, inputs, y, x) and what follows it, in the same pass."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, stride: tuple[int, ...] = (1, 1), then: str = "none"
    ) -> None:
        self.weight = _innermost(weight.to(torch.bfloat16))
        self.bias = None if bias is None else bias.to(torch.bfloat16)
        padding = [side // 2 for side in weight.shape[2:]]
        self.place: tuple[Any, ...] = (padding, list(stride), [1, 1], 1)
        self.then = then

    def __call__(self, x: Tensor) -> Tensor:
        said: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, self.weight, self.bias, *self.place, self.then, [], ""
        )
        return said

    def onto(self, x: Tensor, sum_: Tensor) -> Tensor:
        """The convolution of x added to what is there, in its place, then what follows."""
        then = None if self.then == "none" else self.then
        said: Tensor = torch.ops.mkldnn._convolution_pointwise_.binary(
            sum_, x, self.weight, self.bias, *self.place, "add", 1.0, then, [], ""
        )
        return said

    def beside(self, x: Tensor, other: Tensor) -> Tensor:
        """The convolution of x plus `other`, which stays as it is, then what follows."""
        then = None if self.then == "none" else self.then
        said: Tensor = torch.ops.mkldnn._convolution_pointwise.binary(
            x, other, self.weight, self.bias, *self.place, "add", 1.0, then, [], ""
        )
        return said


class _FusedResidual:
    """A residual block; with `seen` channels of the picture it is the first one, which reads `_seen`."""

    def __init__(self, block: Residual, *, seen: int = 0) -> None:
        weight, bias = folded(block.first, block.first_norm)
        shortcut = shortcut_of(block)
        if seen:
            # What is seen has another order here, so that nothing is left as it is.
            shortcut = identity(len(weight)) if shortcut is None else shortcut
            weight, shortcut = _of_seen(weight, seen), _of_seen(shortcut, seen)
        stride = tuple(int(step) for step in block.first.stride)
        self.first = _Fused(weight, bias, stride=stride, then="relu")
        self.second = _Fused(*folded(block.second, block.second_norm), then="relu")
        self.shortcut = None if shortcut is None else _Fused(shortcut, None, stride=stride)

    def __call__(self, x: Tensor) -> Tensor:
        if self.shortcut is None:
            return self.second.beside(self.first(x), x)
        return self.second.onto(self.first(x), self.shortcut(x))


class _FusedUp:
    """A residual block that reads features of half the resolution, enlarged, and those of the way down."""

    def __init__(self, block: Residual) -> None:
        assert isinstance(block.shortcut, nn.Conv2d)
        weight, bias = folded(block.first, block.first_norm)
        shortcut = block.shortcut.weight.detach()
        coarse = weight.shape[1] - weight.shape[0]
        self.first_coarse = _Fused(weight[:, :coarse], None, then="relu")
        self.first_fine = _Fused(weight[:, coarse:], bias)
        self.shortcut_coarse = _Fused(shortcut[:, :coarse], None)
        self.shortcut_fine = _Fused(shortcut[:, coarse:], None)
        self.second = _Fused(*folded(block.second, block.second_norm), then="relu")

    def __call__(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """(b, c, y / 2, x / 2) and (b, d, y, x) → (b, d, y, x)."""
        inner = self.first_coarse.onto(_enlarged(coarse), self.first_fine(fine))
        shortcut = self.shortcut_fine.onto(fine, _enlarged(self.shortcut_coarse(coarse)))
        return self.second.onto(inner, shortcut)


class _FusedEnd:
    """`unfold`, `last` and `head` of a U-Net at once, on blocks: features and `_seen` → what the net says."""

    def __init__(self, net: UNet) -> None:
        features, picture, inside, bias = last_of(net.last, net.last_norm, net.unfold)
        picture = _of_seen(picture, net.channels)
        picture[:, -1] += inside
        self.of_features = _Fused(features, None, then="relu")
        self.of_picture = _Fused(picture, bias)
        self.head = _Fused(*head_on_blocks(net.head))

    def __call__(self, x: Tensor, seen: Tensor) -> Tensor:
        said = self.head(self.of_features.onto(x, self.of_picture(seen)))
        return functional.pixel_shuffle(said, BLOCK)


def _of_seen(weight: Tensor, channels: int) -> Tensor:
    """A convolution of folded values and roots (o, 8 c, …), channels as pixel_unshuffle has them, as one of
    `_seen` (o, 8 c + 1, …), which has the block's pixels outermost and a one that it does not mind."""
    outputs, _, *size = weight.shape
    ordered = weight.reshape(outputs, 2, channels, len(IN_BLOCK), *size).transpose(2, 3)
    return torch.cat([ordered.reshape(outputs, -1, *size), torch.zeros(outputs, 1, *size)], 1)


def _residual(block: nn.Module) -> Residual:
    assert isinstance(block, Residual)
    return block


def _enlarged(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _innermost(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
