"""A residual U-Net that works at half resolution and finishes at full resolution.

The first layer folds each 2 × 2 block of pixels into channels, so that nothing is lost, and the last one
unfolds them and looks at the picture again: on a CPU that halves the time of a step against a U-Net
(Ronneberger et al. 2015, arXiv 1505.04597) with residual blocks (He et al. 2015, arXiv 1512.03385) of the
same width at full resolution.

One trunk for planes and volumes: with `z_steps` its convolutions are 3 × 3 × 3, and z is folded and halved
only where it is not coarser than the plane has become by then (as nnU-Net does, Isensee et al. 2021,
doi:10.1038/s41592-020-01008-z).
"""

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS: dict[str, tuple[int, ...]] = {
    "small": (16, 32, 64, 96),
    "medium": (16, 32, 64, 128, 128),
    "large": (32, 64, 128, 256, 256),
}


VOLUME_WIDTHS: dict[str, tuple[int, ...]] = {
    "small": (16, 24, 48, 96),
    "medium": (16, 32, 64, 128),
    "large": (32, 64, 128, 256),
}
"""The same for volumes, of which a step sees as many voxels as one in the plane sees pixels."""

_CONVOLUTION: tuple[type[nn.Conv2d], type[nn.Conv3d]] = (nn.Conv2d, nn.Conv3d)
_NORM: tuple[type[nn.BatchNorm2d], type[nn.BatchNorm3d]] = (nn.BatchNorm2d, nn.BatchNorm3d)


def z_steps(anisotropy: float, depth: int, levels: int) -> tuple[int, ...]:
    """By how much each of `levels` halvings of the plane also divides z, 1 or 2.

    anisotropy: spacing of slices over spacing of pixels; depth: slices. z is halved where voxels come
    nearer to cubes by it, and at least four slices are left.
    """
    steps: list[int] = []
    for _ in range(levels):
        halved = anisotropy < math.sqrt(2) and depth >= 8
        steps.append(2 if halved else 1)
        anisotropy, depth = (anisotropy, depth // 2) if halved else (anisotropy / 2, depth)
    return tuple(steps)


class Residual(nn.Module):
    """Two 3 × 3 (× 3) convolutions beside a shortcut; the first may halve the resolution.

    `stride`: one number for y and x, or three for z, y and x, which makes the convolutions those of volumes.
    """

    def __init__(
        self, inputs: int, outputs: int, *, stride: int | tuple[int, int, int] = 1, volume: bool = False
    ) -> None:
        super().__init__()
        convolution: Any = _CONVOLUTION[volume]
        norm: Any = _NORM[volume]
        self.first = convolution(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = norm(outputs)
        self.second = convolution(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = norm(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(b, inputs, [z,] y, x) → (b, outputs, …), sides over the stride."""
        inner = functional.relu(self.first_norm(self.first(x)), inplace=True)
        shortcut: Tensor = self.shortcut(x)
        return functional.relu(self.second_norm(self.second(inner)) + shortcut, inplace=True)


class UNet(nn.Module):
    """Reads pictures of `channels` channels, says `outputs` numbers for each pixel (no activation)."""

    def __init__(
        self, *, channels: int, outputs: int, widths: tuple[int, ...], z_steps: tuple[int, ...] | None = None
    ) -> None:
        """`widths`: channels at full resolution, then at 1/2, 1/4, …; `z_steps`: for volumes, by how much
        z is divided on the way to each of the latter (`z_steps`); None is a net for planes."""
        super().__init__()
        self.channels, self.outputs, self.widths, self.z_steps = channels, outputs, widths, z_steps
        volume = z_steps is not None
        full, half = widths[0], widths[1]
        steps = list(itertools.pairwise(widths[1:]))
        seen = 2 * channels
        self.folds: tuple[int, ...] = (2, 2) if z_steps is None else (z_steps[0], 2, 2)
        folded = math.prod(self.folds)
        self.strides: list[Any] = [2 if z_steps is None else (n, 2, 2) for n in (z_steps or widths[1:])[1:]]
        convolution: Any = _CONVOLUTION[volume]
        self.stem = Residual(folded * seen, half, volume=volume)
        self.down = nn.ModuleList(
            Residual(a, b, stride=stride, volume=volume)
            for (a, b), stride in zip(steps, self.strides, strict=True)
        )
        self.up = nn.ModuleList(Residual(a + b, a, volume=volume) for a, b in steps)
        self.unfold = convolution(half, folded * full, 1)
        self.last = convolution(full + seen, full, 3, 1, 1, bias=False)
        self.last_norm = _NORM[volume](full)
        self.head = convolution(full, outputs, 1)
        self.multiple = 2 ** (len(widths) - 1)
        self.z_multiple = math.prod(z_steps or (1,))

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of the net, enough to build it again."""
        told: dict[str, Any] = {
            "kind": "unet",
            "channels": self.channels,
            "outputs": self.outputs,
            "widths": list(self.widths),
        }
        return told if self.z_steps is None else {**told, "z_steps": list(self.z_steps)}

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, [z,] y, x), sides multiples of `self.multiple`, z of `self.z_multiple` → (b,
        outputs, …)."""
        # The root lifts dim cells beside bright ones, which a linear scale leaves near zero.
        seen = torch.cat([x, x.clamp(min=0).sqrt()], 1)
        x = self.stem(fold(seen, self.folds))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for up, stride in zip(reversed(self.up), reversed(self.strides), strict=True):
            x = functional.interpolate(x, scale_factor=stride, mode="nearest")
            x = up(torch.cat([x, skips.pop()], 1))
        x = unfold(self.unfold(x), self.folds)
        x = functional.relu(self.last_norm(self.last(torch.cat([x, seen.to(x.dtype)], 1))), inplace=True)
        result: Tensor = self.head(x)
        return result


def fold(x: Tensor, folds: tuple[int, ...]) -> Tensor:
    """Puts each block of (z,) y, x voxels into channels: (b, c, …) → (b, c · block, …), sides over
    `folds`."""
    if len(folds) == 2:
        return functional.pixel_unshuffle(x, 2)
    (b, c, z, y, x_), (fz, fy, fx) = x.shape, folds
    split = x.reshape(b, c, z // fz, fz, y // fy, fy, x_ // fx, fx)
    return split.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(b, c * fz * fy * fx, z // fz, y // fy, x_ // fx)


def unfold(x: Tensor, folds: tuple[int, ...]) -> Tensor:
    """Takes the blocks of `fold` apart again."""
    if len(folds) == 2:
        return functional.pixel_shuffle(x, 2)
    (b, c, z, y, x_), (fz, fy, fx) = x.shape, folds
    split = x.reshape(b, c // (fz * fy * fx), fz, fy, fx, z, y, x_)
    return split.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(b, -1, z * fz, y * fy, x_ * fx)
