"""The algebra by which a trained U-Net is made ready for reading: weights of convolutions that do at once
what several layers do one after the other. All of it in float32, on copies.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from training.engine.nets.unet import Residual

BLOCK = 2
IN_BLOCK = tuple((dy, dx) for dy in range(BLOCK) for dx in range(BLOCK))
_AROUND = (-1, 0, 1)


def folded(conv: nn.Conv2d, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight and bias that do what the convolution and the normalisation after it do."""
    weight = conv.weight.detach()
    bias = torch.zeros(len(weight)) if conv.bias is None else conv.bias.detach()
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
    return weight * scale[:, None, None, None], (bias - norm.running_mean) * scale + norm.bias.detach()


def shortcut_of(block: Residual) -> Tensor | None:
    """Weight of a residual block's shortcut; None where it is what comes in."""
    return block.shortcut.weight.detach() if isinstance(block.shortcut, nn.Conv2d) else None


def identity(channels: int) -> Tensor:
    """Weight (channels, channels, 1, 1) that leaves everything as it is."""
    return torch.eye(channels)[:, :, None, None]


def on_blocks(weight: Tensor) -> Tensor:
    """A 3 × 3 convolution (o, i, 3, 3) as one of blocks (4 o, 4 i, 3, 3), channels as pixel_shuffle has
    them."""
    outputs, inputs = weight.shape[:2]
    result = torch.zeros((outputs, BLOCK, BLOCK, inputs, BLOCK, BLOCK, 3, 3))
    for dy, dx in IN_BLOCK:
        for ky in _AROUND:
            for kx in _AROUND:
                (oy, iy), (ox, ix) = divmod(dy + ky, BLOCK), divmod(dx + kx, BLOCK)
                result[:, dy, dx, :, iy, ix, oy + 1, ox + 1] = weight[:, :, ky + 1, kx + 1]
    return result.reshape(outputs * len(IN_BLOCK), inputs * len(IN_BLOCK), 3, 3)


def head_on_blocks(head: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """A 1 × 1 convolution as one of blocks, with its bias."""
    assert head.bias is not None
    count = len(IN_BLOCK)
    weight = torch.kron(head.weight.detach()[:, :, 0, 0], torch.eye(count))[:, :, None, None]
    return weight, head.bias.detach().repeat_interleave(count)


def last_of(last: nn.Conv2d, norm: nn.Module, unfold: nn.Conv2d) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`unfold`, unfolding and `last` with what follows it, as one convolution of blocks.

    Weights of the features that `unfold` sees (4 o, h, 3, 3) and of the blocks of what the net sees of the
    picture (4 o, 4 i, 3, 3); what a one in every place inside the picture adds (4 o, 3, 3); the bias (4 o,).
    """
    weight, bias = folded(last, norm)
    full = weight.shape[0]
    features, picture = on_blocks(weight[:, :full]), on_blocks(weight[:, full:])
    before = unfold.weight.detach()[:, :, 0, 0]
    assert unfold.bias is not None
    inside = torch.einsum("oiyx,i->oyx", features, unfold.bias.detach())
    features = torch.einsum("oiyx,ih->ohyx", features, before)
    return features, picture, inside, bias.repeat_interleave(len(IN_BLOCK))


def walk(
    seen: Tensor,
    stem: Callable[[Tensor], Tensor],
    downs: Iterable[Callable[[Tensor], Tensor]],
    ups: Iterable[Callable[[Tensor, Tensor], Tensor]],
) -> Tensor:
    """The way of what is seen of a picture through the blocks of a U-Net that are ready for reading: in, down
    and up again, where each of `ups`, the deepest first, is given what was known before going down."""
    x = stem(seen)
    skips = []
    for down in downs:
        skips.append(x)
        x = down(x)
    for up in ups:
        x = up(x, skips.pop())
    return x
