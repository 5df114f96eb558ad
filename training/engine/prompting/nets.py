"""The two nets of click-to-segment: one reads a frame once, the other answers clicks from what it read.

The division of labour is that of Segment Anything (Kirillov et al. 2023, arXiv 2304.02643), at a hundredth
of the size: a convolutional encoder of one picture, and a decoder whose work depends neither on the size of
the picture nor on how many masks there are, for it sees a window of 48 × 48 cells of the embedding. Clicks
enter as blurred dots, and the mask before as an input, as in RITM (Sofiiuk et al. 2021, arXiv 2102.06583).
"""

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.nets.unet import Residual

STRIDE_PX = 2
"""Pixels of the picture to a cell of the embedding, along y and x."""
NARROW_CELLS, WIDE_CELLS = 1.2, 6.0
"""Widths (standard deviations) of the two dots that a click is shown as."""
DEVIATIONS = 3.0
"""Standard deviations of an embedding's number that fit into −1 … 1."""
_BOX_REACH_CELLS = 8.0
GAIN = 4.0
"""What a head says is multiplied by it: Adam moves each weight by the step size at most, and logits must
go far.
"""
_LOUD = 2.0
"""How much stronger a click enters than a number of the embedding; it covers far fewer cells."""


class Encoder(nn.Module):
    """Reads pictures (b, 3, y, x) once: an embedding in −1 … 1 of `features` numbers for each 2 × 2 pixels.

    Skips are added after a narrow 1 × 1 convolution at the lower resolution, which is a third cheaper than
    widening the upper level by what comes from below.
    """

    def __init__(self, *, features: int, widths: tuple[int, ...]) -> None:
        """`widths`: channels at 1/2, 1/4, … of the resolution."""
        super().__init__()
        self.features, self.widths = features, widths
        steps = list(itertools.pairwise(widths))
        self.stem = Residual(6 * STRIDE_PX**2, widths[0])
        self.down = nn.ModuleList(Residual(a, b, stride=2) for a, b in steps)
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in steps)
        self.up = nn.ModuleList(Residual(a, a) for a, _ in steps)
        self.embed = nn.Conv2d(widths[0], features, 1, bias=False)
        # Not a tanh: it drives every number to its ends, and the embedding to a few bits.
        self.embed_norm = nn.BatchNorm2d(features, affine=False)
        self.multiple = STRIDE_PX * 2 ** len(steps)

    def describe(self) -> dict[str, Any]:
        """Enough to build the net again."""
        return {"features": self.features, "widths": list(self.widths)}

    def forward(self, x: Tensor) -> Tensor:
        """(b, 3, y, x), sides multiples of `self.multiple` → (b, features, y / 2, x / 2)."""
        # The root lifts dim cells beside bright ones, which a linear scale leaves near zero.
        seen = torch.cat([x, x.clamp(min=0).sqrt()], 1)
        x = self.stem(functional.pixel_unshuffle(seen, STRIDE_PX))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for narrow, up in zip(reversed(self.narrow), reversed(self.up), strict=True):
            below = functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = up(below + skips.pop())
        embedding: Tensor = self.embed_norm(self.embed(x)) / DEVIATIONS
        return embedding.clamp(-1, 1)


class Decoder(nn.Module):
    """Answers clicks: from a window of the embedding to a mask's logits and how good the mask will be.

    All lengths are in cells of the window; the window may be taken at a coarser scale, of which the net
    knows nothing.
    """

    def __init__(self, *, features: int, widths: tuple[int, ...] = (32, 48, 64, 96), fine: int = 12) -> None:
        super().__init__()
        self.features, self.widths, self.fine = features, widths, fine
        steps = list(itertools.pairwise(widths))
        first = widths[0]
        self.enter = nn.Conv2d(features + 11, first, 3, 1, 1, bias=False)
        self.alike = nn.Conv2d(features, first, 1, bias=False)
        self.enter_norm = nn.BatchNorm2d(first)
        self.down = nn.ModuleList(Residual(a, b, stride=2) for a, b in steps)
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in steps)
        self.up = nn.ModuleList(Residual(a, a) for a, _ in steps)
        self.unfold = nn.Conv2d(first, STRIDE_PX**2 * fine, 1, bias=False)
        self.unfold_norm = nn.BatchNorm2d(fine)
        self.finish = nn.Conv2d(fine, fine, 3, 1, 1, bias=False)
        self.finish_norm = nn.BatchNorm2d(fine)
        self.head = nn.Conv2d(fine, 1, 1)
        self.judge = nn.Sequential(nn.Linear(2 * first + widths[-1], 32), nn.ReLU(), nn.Linear(32, 1))

    def describe(self) -> dict[str, Any]:
        """Enough to build the net again."""
        return {"features": self.features, "widths": list(self.widths), "fine": self.fine}

    def forward(
        self, embedding: Tensor, inside: Tensor, points: Tensor, box: Tensor, before: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Returns logits (n, 1, 2 s, 2 s) at twice the window's resolution, and the expected IoU (n,).

        embedding: (n, features, s, s), 0 outside the picture; inside: (n, 1, s, s), 1 inside the picture;
        points: (n, p, 3): y, x, and 1 for the cell, −1 for not the cell, 0 for no point; box: (n, 5): y0,
        x0, y1, x1, and 1 for a box, 0 for none; before: (n, 1, 2 s, 2 s), the logits of the answer to the
        clicks before the last, all 0 when there was none.
        """
        embedding = DEVIATIONS * embedding
        near = squared_distances(points, embedding)
        ours = (points[:, :, 2] > 0).to(embedding.dtype)[:, :, None, None]
        theirs = (points[:, :, 2] < 0).to(embedding.dtype)[:, :, None, None]
        dots = [
            (torch.exp(-near / (2 * width**2)) * sign).amax(1, keepdim=True)
            for sign in (ours, theirs)
            for width in (NARROW_CELLS, WIDE_CELLS)
        ]
        middle = box_middle(box, embedding)
        sample = self._sample(embedding, dots[0], middle)
        shown = functional.pixel_unshuffle(torch.tanh(before / 2), STRIDE_PX)
        told = _LOUD * torch.cat([*dots, *box_planes(box, embedding), shown], 1)
        given = torch.cat([embedding, inside, told], 1)
        x = self.enter(given) + self.alike(embedding * sample)
        x = functional.relu(self.enter_norm(x))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        deepest = x.mean((2, 3))
        for narrow, up in zip(reversed(self.narrow), reversed(self.up), strict=True):
            below = functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = up(below + skips.pop())
        fine = functional.relu(self.unfold_norm(functional.pixel_shuffle(self.unfold(x), STRIDE_PX)))
        fine = functional.relu(self.finish_norm(self.finish(fine)) + fine)
        logits = GAIN * self.head(fine)
        return logits, self._quality(x, deepest, logits)

    def _sample(self, embedding: Tensor, dot: Tensor, middle: Tensor) -> Tensor:
        """The embedding at the clicks on the cell, or at the box's middle without any; (n, features, 1,
        1).
        """
        weight = dot + 1e-3 * middle + 1e-8
        total = (embedding * weight).sum((2, 3), keepdim=True)
        return total / weight.sum((2, 3), keepdim=True)

    def _quality(self, x: Tensor, deepest: Tensor, logits: Tensor) -> Tensor:
        share = functional.avg_pool2d(torch.sigmoid(logits.detach()), STRIDE_PX).to(x.dtype)
        in_mask = (x * share).sum((2, 3)) / (share.sum((2, 3)) + 1)
        unsure = (x * share * (1 - share)).sum((2, 3)) / (share.sum((2, 3)) + 1)
        judged: Tensor = self.judge(torch.cat([in_mask, 4 * unsure, deepest], 1))
        return torch.sigmoid(judged[:, 0].float())


class PromptNet(nn.Module):
    """Both nets, and a head that only training uses: it tells the cells of the whole crop from the
    embedding.
    """

    def __init__(
        self,
        *,
        features: int = 24,
        widths: tuple[int, ...] = (32, 64, 96, 128, 128),
        decoder_widths: tuple[int, ...] = (32, 48, 64, 96),
    ) -> None:
        super().__init__()
        self.encoder = Encoder(features=features, widths=widths)
        self.decoder = Decoder(features=features, widths=decoder_widths)
        self.dense = nn.Conv2d(features, 3 * STRIDE_PX**2, 1)

    def describe(self) -> dict[str, Any]:
        """Enough to build the net again."""
        return {
            "features": self.encoder.features,
            "widths": list(self.encoder.widths),
            "decoder_widths": list(self.decoder.widths),
        }

    def tell(self, embedding: Tensor) -> Tensor:
        """Logits (b, 3, y, x) of foreground, energy and edge (see targets.distance), from the embedding
        alone.
        """
        return GAIN * functional.pixel_shuffle(self.dense(DEVIATIONS * embedding), STRIDE_PX)


def squared_distances(points: Tensor, like: Tensor) -> Tensor:
    """(n, p, s, s): squared distance of each cell's middle to each point, in cells."""
    y, x = _middles(like)
    return (y - points[:, :, 0, None, None]).square() + (x - points[:, :, 1, None, None]).square()


def box_planes(box: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Two planes (n, 1, s, s): 1 in the box, −1 outside, 0 without a box; the same as a slope of 8 cells."""
    y, x = _middles(like)
    sides = box[:, :, None, None, None]
    high = torch.minimum(y - sides[:, 0], sides[:, 2] - y)
    wide = torch.minimum(x - sides[:, 1], sides[:, 3] - x)
    deep, given = torch.minimum(high, wide), sides[:, 4]
    return (2 * deep).clamp(-1, 1) * given, (deep / _BOX_REACH_CELLS).clamp(-1, 1) * given


def box_middle(box: Tensor, like: Tensor) -> Tensor:
    """A dot at the middle of the box, 0 without a box; (n, 1, s, s)."""
    middle = torch.stack([(box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2], 1)[:, None]
    dot = torch.exp(-squared_distances(middle, like) / (2 * NARROW_CELLS**2))
    return dot * box[:, 4, None, None, None]


def _middles(like: Tensor) -> tuple[Tensor, Tensor]:
    height, width = like.shape[2], like.shape[3]
    y = torch.arange(height, dtype=torch.float32, device=like.device) + 0.5
    x = torch.arange(width, dtype=torch.float32, device=like.device) + 0.5
    return y[None, None, :, None], x[None, None, None, :]
