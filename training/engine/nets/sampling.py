"""Which anchors and boxes a detector learns from in a step: a few right ones, and wrong ones to fill up."""

import torch
from torch import Tensor, nn


class SeededSampler(nn.Module):
    """Draws as torchvision's sampler does, but from `seed`, so that a step can be repeated exactly."""

    def __init__(self, count: int, share: float) -> None:
        """`count` for each image, at most `share` of them right ones."""
        super().__init__()
        self.count, self.share, self.seed = count, share, 0

    def forward(self, matched: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """matched: for each image (n,), above 0 right, 0 wrong, below 0 neither. Masks (n,) of those drawn:
        the right and the wrong."""
        generator = torch.Generator().manual_seed(self.seed)
        right, wrong = [], []
        for each in matched:
            chosen = _some(each >= 1, int(self.count * self.share), generator)
            right.append(chosen)
            wrong.append(_some(each == 0, self.count - int(chosen.sum()), generator))
        return right, wrong


def _some(candidates: Tensor, most: int, generator: torch.Generator) -> Tensor:
    places = candidates.nonzero()[:, 0]
    order = torch.randperm(len(places), generator=generator)[:most].to(places.device)
    chosen = torch.zeros(candidates.shape, dtype=torch.uint8, device=candidates.device)
    chosen[places[order]] = 1
    return chosen
