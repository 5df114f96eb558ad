"""The net that weighs links: detections look at their neighbours in space and time, then pairs and triples of
them are judged.

Attention is local, so cost grows with the number of detections. Edges are judged from their ends, without
messages between edges, which were found to add nothing (arXiv 2607.11754); that several are possible is said
to the loss and to the linker, as in Trackastra (Gallusser & Weigert, ECCV 2024). What geometry and looks say
is where it begins: an untrained net gives their energies back, as far as they are believed.
"""

from typing import Any

import torch
from torch import Tensor, nn

from training.engine.learned_links.windows import (
    AROUND_NUMBERS,
    DETECTION_NUMBERS,
    LINK_NUMBERS,
    SPLIT_NUMBERS,
    Window,
)

KIND = "links"
SIZES = {"small": (32, 2), "medium": (64, 3), "large": (96, 4)}
HEADS = 4
MOST_TOLD, MOST_NATS = 12.0, 30.0
"""The most that is believed of geometry and looks, and the most that is said."""


class LookAround(nn.Module):
    """Attention of each detection (n, d) to those around it, and a small net for each of them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, width)
        self.told = nn.Linear(width, 2 * width)
        self.where = nn.Linear(AROUND_NUMBERS, 2 * width)
        self.out = nn.Linear(width, width)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor, near: Tensor, around: Tensor) -> Tensor:
        n, b = near.shape
        known = self.before(x)
        keys, values = (self.told(known)[near.clamp(min=0)] + self.where(around)).chunk(2, -1)
        asked = self.ask(known).view(n, 1, HEADS, -1)
        fits = (asked * keys.view(n, b, HEADS, -1)).sum(-1) / (keys.shape[-1] / HEADS) ** 0.5
        fits = fits.masked_fill((near < 0)[..., None], -1e4).softmax(1)
        fits = fits * (near >= 0)[..., None]
        heard = (fits[..., None] * values.view(n, b, HEADS, -1)).sum(1).reshape(n, -1)
        x = x + self.out(heard)
        thought: Tensor = self.think(self.after(x))
        return x + thought


class LinkNet(nn.Module):
    """Log-odds of links (m,) and of divisions (k,), each against leaving its detections unlinked."""

    def __init__(self, *, size: str) -> None:
        """Raises KeyError for a size that is not known."""
        super().__init__()
        self.size = size
        width, layers = SIZES[size]
        self.eye = nn.Sequential(
            nn.Conv2d(2, 16, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(32 * 16, width),
        )
        self.numbers = nn.Sequential(nn.Linear(DETECTION_NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.layers = nn.ModuleList(LookAround(width) for _ in range(layers))
        self.last = nn.LayerNorm(width)
        self.link = _judge(3 * width + LINK_NUMBERS, width)
        self.split = _judge(3 * width + SPLIT_NUMBERS, width)
        self.trust = nn.Parameter(torch.ones(2))

    @staticmethod
    def build(description: dict[str, Any]) -> "LinkNet":
        """The net that a card describes. Raises KeyError."""
        if description.get("kind") != KIND:
            raise KeyError(f"a net of the kind {description.get('kind')!r}, which does not weigh links")
        return LinkNet(size=str(description["size"]))

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of it."""
        return {"kind": KIND, "size": self.size}

    def forward(self, seen: Window) -> tuple[Tensor, Tensor]:
        x = self.eye(seen.pictures) + self.numbers(seen.numbers)
        for layer in self.layers:
            x = layer(x, seen.near, seen.around)
        x = self.last(x)
        early, late = x[seen.source], x[seen.target]
        link = self.link(torch.cat([early, late, early * late, seen.links], 1)).squeeze(1)
        one, other = x[seen.one], x[seen.other]
        both = [x[seen.mother], one + other, (one - other).abs(), seen.splits]
        split = self.split(torch.cat(both, 1)).squeeze(1)
        link = link - self.trust[0] * seen.energy.clamp(-MOST_TOLD, MOST_TOLD)
        split = split - self.trust[1] * seen.split_energy.clamp(-MOST_TOLD, MOST_TOLD)
        return MOST_NATS * (link / MOST_NATS).tanh(), MOST_NATS * (split / MOST_NATS).tanh()


def _judge(numbers: int, width: int) -> nn.Sequential:
    """Says 0 before it has learned."""
    last = nn.Linear(width, 1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(numbers, width), nn.GELU(), last)
