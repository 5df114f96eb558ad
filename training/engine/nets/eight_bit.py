"""A trained U-Net that reckons in whole numbers of eight bits, for reading quickly on a processor.

Processors with AVX-512 VNNI multiply eight-bit numbers twice as fast as bfloat16, and there is half as much
to move. What a layer says is kept as levels 0 … 255; what a level is worth differs by channel. Since the
rectifier keeps factors as they are, the worth is folded into the weights on both sides, and costs nothing.

How far a channel reaches is measured once, on made-up pictures (`trial_pictures`): so the levels depend on
the net alone, and are the same for every tile of every frame on every day. What lies farther out is cut.

The picture itself comes in as levels of its values, and of their roots, in which dim cells have fine steps.
Weights are of eight bits too, of a scale by output channel; but for those of the head, whose rounding did
more harm than that of all others together: it stays in bfloat16.

Reading takes 0.147 s of one core's time a megapixel instead of 0.263 (medium width, three channels), making
the net half a second. The starter model of nuclei has so, on 38 held-out pictures that are read once, a
pooled AP at 0.5 / 0.75 / 0.9 of 0.837 / 0.628 / 0.243, and of 0.838 / 0.629 / 0.243 in bfloat16.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

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
from training.engine.nets.trial_pictures import LEAST, MOST, trial_pictures
from training.engine.nets.unet import Residual, UNet

TOP = 255
"""The highest level."""
SHORTCUT_STEP, SHORTCUT_ZERO = 2.0, 128
"""Levels of a shortcut are twice as far apart as those of the sum, for shortcuts go below 0: level 128."""
ROOM = 1.1
"""So much farther out than on the trial pictures a channel may be."""
ONES = 4
"""So many of the channels of what is seen are at the highest level everywhere inside the picture; beyond it
there are noughts: so a convolution is told where the picture ends. Convolutions like fours of channels."""
_DEAD = 1e-3
"""A channel's worth is at least such a share of that of the widest."""


def is_quick() -> bool:
    """Whether this processor multiplies eight-bit numbers faster than others, and torch can ask it to."""
    known = hasattr(torch.ops.onednn, "qconv2d_pointwise") and hasattr(torch.ops.onednn, "qconv_prepack")
    told = getattr(torch.cpu, "_is_vnni_supported", None)
    return known and told is not None and bool(told())


class EightBitUNet(nn.Module):
    """Says nearly what its U-Net says."""

    takes_planes: bool = True
    """Pictures may come plane after plane: they are taken apart anyhow."""

    def __init__(self, net: UNet) -> None:
        """Takes the weights and statistics of `net`, which is in float32, and asks it once."""
        super().__init__()
        self.channels, self.outputs, self.multiple = net.channels, net.outputs, net.multiple
        reach, seen = _Reach(net), _worth_of_seen(net.channels)
        self.stem = _Block(net.stem, "stem", seen, reach, picture=net.channels)
        worth, skips, self.down = self.stem.worth, [], []
        for place, block in enumerate(net.down):
            skips.append(worth)
            self.down.append(_Block(block, f"down.{place}", worth, reach))
            worth = self.down[-1].worth
        self.up = []
        for place in reversed(range(len(net.up))):
            both = torch.cat([worth, skips.pop()])
            self.up.append(_Up(net.up[place], f"up.{place}", both, reach))
            worth = self.up[-1].worth
        self.end = _End(net, torch.cat([worth, seen]))

    def forward(self, x: Tensor) -> Tensor:
        """(1, channels, y, x), sides multiples of `multiple` → (1, outputs, y, x) float32."""
        seen = _seen(x)
        return self.end(walk(seen, self.stem, self.down, self.up), seen)


class _Reach:
    """How far the channels of a U-Net's layers reach on the trial pictures, (channels,) each, by the layer's
    name."""

    def __init__(self, net: UNet) -> None:
        self._most: dict[str, Tensor] = {}
        blocks = {name: block for name, block in net.named_modules() if isinstance(block, Residual)}
        hooks = []
        for name, block in blocks.items():
            hooks.append(block.first_norm.register_forward_hook(self._note(f"{name}.first")))
            hooks.append(block.shortcut.register_forward_hook(self._note(f"{name}.shortcut", signed=True)))
            hooks.append(block.register_forward_hook(self._note(name)))
        try:
            with torch.no_grad():
                net(trial_pictures(net.channels))
        finally:
            for hook in hooks:
                hook.remove()

    def _note(self, name: str, *, signed: bool = False) -> Callable[[nn.Module, object, Tensor], None]:
        def note(_module: nn.Module, _inputs: object, said: Tensor) -> None:
            self._most[name] = (said.abs() if signed else said.clamp(min=0)).amax((0, 2, 3))

        return note

    def outputs(self, name: str) -> Tensor:
        """What a level is worth in each channel of a layer, (channels,)."""
        return _worth(self._most[name])

    def sum(self, name: str) -> Tensor:
        """The same of a residual block: its shortcut has to find room too."""
        half = self._most[f"{name}.shortcut"] * (TOP / (SHORTCUT_STEP * (TOP - SHORTCUT_ZERO)))
        return _worth(torch.maximum(self._most[name], half))


def _worth(most: Tensor) -> Tensor:
    return most.clamp(min=max(_DEAD * float(most.max()), 1e-12)) * (ROOM / TOP)


class _Levels:
    """A convolution of levels, of weight (outputs, inputs, y, x) for what the levels are worth: of the inputs
    (inputs,), and of the outputs (outputs,) or 1."""

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        inputs: Tensor,
        outputs: Tensor,
        *,
        stride: tuple[int, ...] = (1, 1),
        ones: int = 0,
    ) -> None:
        """`ones`: so many of the last channels are ones inside the picture; what is lost of them by rounding
        goes to the bias."""
        weight = weight * inputs[:, None, None] / outputs[:, None, None, None]
        self.scale = (weight.abs().amax((1, 2, 3)) / 127).clamp(min=1e-12)
        rounded = (weight / self.scale[:, None, None, None]).round()
        self.bias = torch.zeros(len(weight)) if bias is None else bias / outputs
        if ones:
            lost = weight - rounded * self.scale[:, None, None, None]
            self.bias = self.bias + TOP * lost[:, -ones:].sum((1, 2, 3))
        self.zero = torch.zeros(len(weight), dtype=torch.long)
        padding = [side // 2 for side in weight.shape[2:]]
        self.place = (list(stride), padding, [1, 1], 1)
        usual = [1, weight.shape[1], 256, 256]
        self.weight = torch.ops.onednn.qconv_prepack(
            rounded.to(torch.int8), self.scale, 1.0, 0, *self.place, usual
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Levels of what is above 0."""
        return self._said(x, 0, torch.uint8, "relu")

    def signed(self, x: Tensor) -> Tensor:
        """Levels around SHORTCUT_ZERO."""
        return self._said(x, SHORTCUT_ZERO, torch.uint8, "none")

    def in_bfloat16(self, x: Tensor) -> Tensor:
        """What is above 0, no levels."""
        return self._said(x, 0, torch.bfloat16, "relu")

    def onto(self, x: Tensor, shortcut: Tensor) -> Tensor:
        """Levels of what is above 0 in the sum with a shortcut's levels, whose place it takes."""
        said: Tensor = torch.ops.onednn.qconv2d_pointwise.binary(
            x, 1.0, 0, self.weight, self.scale, self.zero, shortcut, self.bias, *self.place,
            1.0, 0, torch.uint8, SHORTCUT_STEP, SHORTCUT_ZERO, "sum", 1.0, "relu", [], "",
        )  # fmt: skip
        return said

    def _said(self, x: Tensor, zero: int, dtype: torch.dtype, then: str) -> Tensor:
        said: Tensor = torch.ops.onednn.qconv2d_pointwise(
            x, 1.0, 0, self.weight, self.scale, self.zero, self.bias, *self.place,
            1.0, zero, dtype, then, [], "",
        )  # fmt: skip
        return said


class _Block:
    """A residual block; with `picture` channels it is the first one, which reads `_seen`."""

    def __init__(
        self, block: nn.Module, name: str, inputs: Tensor, reach: _Reach, *, picture: int = 0
    ) -> None:
        assert isinstance(block, Residual)
        self.worth = reach.sum(name)
        inner, stride = reach.outputs(f"{name}.first"), tuple(int(step) for step in block.first.stride)
        weight, bias = folded(block.first, block.first_norm)
        shortcut = shortcut_of(block)
        shortcut = identity(len(weight)) if shortcut is None else shortcut
        if picture:
            weight, shortcut = _of_seen(weight, picture), _of_seen(shortcut, picture)
        ones = ONES if picture else 0
        self.first = _Levels(weight, bias, inputs, inner, stride=stride, ones=ones)
        self.shortcut = _Levels(shortcut, None, inputs, self.worth * SHORTCUT_STEP, stride=stride, ones=ones)
        self.second = _Levels(*folded(block.second, block.second_norm), inner, self.worth)

    def __call__(self, x: Tensor) -> Tensor:
        return self.second.onto(self.first(x), self.shortcut.signed(x))


class _Up:
    """A residual block that reads features of half the resolution, enlarged, beside those of the way down."""

    def __init__(self, block: nn.Module, name: str, inputs: Tensor, reach: _Reach) -> None:
        self.block = _Block(block, name, inputs, reach)
        self.worth = self.block.worth

    def __call__(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return self.block(_enlarged_beside(coarse, fine))


class _End:
    """`unfold`, `last` and `head` of a U-Net at once, on blocks: features and `_seen` → what the net says."""

    def __init__(self, net: UNet, inputs: Tensor) -> None:
        features, picture, inside, bias = last_of(net.last, net.last_norm, net.unfold)
        picture = _of_seen(picture, net.channels)
        picture[:, -ONES:] += inside[:, None] / ONES
        self.last = _Levels(torch.cat([features, picture], 1), bias, inputs, torch.ones(len(bias)), ones=ONES)
        self.weight, self.bias = (part.to(torch.bfloat16) for part in head_on_blocks(net.head))
        self.weight = self.weight.contiguous(memory_format=torch.channels_last)

    def __call__(self, x: Tensor, seen: Tensor) -> Tensor:
        said = self.last.in_bfloat16(torch.cat([x, seen], 1))
        return _unfolded(
            torch.ops.mkldnn._convolution_pointwise(
                said, self.weight, self.bias, [0, 0], [1, 1], [1, 1], 1, "none", [], ""
            )
        )


def _seen(x: Tensor) -> Tensor:
    """Levels of what the net sees of a picture (1, c, y, x): uint8 (1, 8 c + 4, y / 2, x / 2), channels
    innermost: the values of the block's pixels, their roots, as pixel_unshuffle orders them, and ones."""
    _, c, height, width = x.shape
    high, wide = height // BLOCK, width // BLOCK
    levels = torch.empty((2, c, height, width), dtype=torch.uint8)
    # Half a level more, for what is behind the point is dropped.
    levels[0] = (x[0] * (TOP / (MOST - LEAST))).add_(0.5 - LEAST * TOP / (MOST - LEAST))
    levels[1] = x[0].clamp(min=0).sqrt_().mul_(TOP / MOST**0.5).add_(0.5)
    # Two neighbours in x are moved as one number.
    pairs = levels.view(torch.int16).view(2 * c * high, BLOCK, wide).view(2 * c, high, BLOCK, wide)
    seen = torch.full((high, wide, 4 * c + ONES // 2), -1, dtype=torch.int16)
    for place in range(4 * c):
        seen[..., place] = pairs[place // BLOCK, :, place % BLOCK]
    return seen.view(torch.uint8)[None].permute(0, 3, 1, 2)


def _worth_of_seen(channels: int) -> Tensor:
    """What a level of `_seen` is worth in each of its channels."""
    each = [(MOST - LEAST) / TOP] * (4 * channels) + [MOST**0.5 / TOP] * (4 * channels) + [1 / TOP] * ONES
    return torch.tensor(each)


def _of_seen(weight: Tensor, channels: int) -> Tensor:
    """A convolution of folded values and roots (o, 8 c, …) as one of `_seen`, whose values are 0 at LEAST."""
    below = LEAST * weight[:, : 4 * channels].sum(1, keepdim=True) / ONES
    return torch.cat([weight, *[below] * ONES], 1)


def _enlarged_beside(coarse: Tensor, fine: Tensor) -> Tensor:
    """Levels (1, c, y / 2, x / 2), enlarged, and (1, d, y, x) → (1, c + d, y, x), channels innermost."""
    (_, few, high, wide), more = coarse.shape, fine.shape[1]
    both = torch.empty((1, high, BLOCK, wide, BLOCK, few + more), dtype=torch.uint8)
    both[..., :few] = coarse.permute(0, 2, 3, 1)[:, :, None, :, None]
    flat = both.view(1, BLOCK * high, BLOCK * wide, few + more)
    flat[..., few:] = fine.permute(0, 2, 3, 1)
    return flat.permute(0, 3, 1, 2)


def _unfolded(said: Tensor) -> Tensor:
    """bfloat16 (1, 4 k, y / 2, x / 2), channels innermost → float32 (1, k, y, x), map after map."""
    _, blocks, high, wide = said.shape
    outputs = blocks // len(IN_BLOCK)
    # Two neighbours in x are moved as one number.
    pairs = said[0].permute(1, 2, 0).view(torch.int32).view(high, wide, outputs, BLOCK)
    maps = torch.empty((outputs, high, BLOCK, wide), dtype=torch.int32)
    maps.copy_(pairs.permute(2, 0, 3, 1))
    return maps.view(torch.bfloat16).view(1, outputs, BLOCK * high, BLOCK * wide).float()
