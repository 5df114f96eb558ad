"""A residual U-Net that works at half resolution and finishes at full resolution.

The first layer folds each 2 × 2 block of pixels into channels, so that nothing is lost, and the last one
unfolds them and looks at the picture again: on a CPU that halves the time of a step against a U-Net
(Ronneberger et al. 2015, arXiv 1505.04597) with residual blocks (He et al. 2015, arXiv 1512.03385) of the
same width at full resolution.
"""

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS: dict[str, tuple[int, ...]] = {
    "small": (16, 32, 64, 96),
    "medium": (16, 32, 64, 128, 128),
    "large": (32, 64, 128, 256, 256),
}


class Residual(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut; the first may halve the resolution."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(b, inputs, y, x) → (b, outputs, y / stride, x / stride)."""
        inner = functional.relu(self.first_norm(self.first(x)), inplace=True)
        shortcut: Tensor = self.shortcut(x)
        return functional.relu(self.second_norm(self.second(inner)) + shortcut, inplace=True)


class UNet(nn.Module):
    """Reads pictures of `channels` channels, says `outputs` numbers for each pixel (no activation)."""

    def __init__(self, *, channels: int, outputs: int, widths: tuple[int, ...]) -> None:
        """`widths`: channels at full resolution, then at 1/2, 1/4, …"""
        super().__init__()
        self.channels, self.outputs, self.widths = channels, outputs, widths
        full, half = widths[0], widths[1]
        steps = list(itertools.pairwise(widths[1:]))
        seen = 2 * channels
        self.stem = Residual(4 * seen, half)
        self.down = nn.ModuleList(Residual(a, b, stride=2) for a, b in steps)
        self.up = nn.ModuleList(Residual(a + b, a) for a, b in steps)
        self.unfold = nn.Conv2d(half, 4 * full, 1)
        self.last = nn.Conv2d(full + seen, full, 3, 1, 1, bias=False)
        self.last_norm = nn.BatchNorm2d(full)
        self.head = nn.Conv2d(full, outputs, 1)
        self.multiple = 2 ** (len(widths) - 1)

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of the net, enough to build it again."""
        return {
            "kind": "unet",
            "channels": self.channels,
            "outputs": self.outputs,
            "widths": list(self.widths),
        }

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, y, x), sides multiples of `self.multiple` → (b, outputs, y, x)."""
        # The root lifts dim cells beside bright ones, which a linear scale leaves near zero.
        seen = torch.cat([x, x.clamp(min=0).sqrt()], 1)
        x = self.stem(functional.pixel_unshuffle(seen, 2))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for up in reversed(self.up):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat([x, skips.pop()], 1))
        x = functional.pixel_shuffle(self.unfold(x), 2)
        x = functional.relu(self.last_norm(self.last(torch.cat([x, seen.to(x.dtype)], 1))), inplace=True)
        result: Tensor = self.head(x)
        return result
