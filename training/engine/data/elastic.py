"""Bending crops smoothly, as if the cells lay on a rubber sheet (Simard, Steinkraus & Platt 2003)."""

import math

import torch
from torch import Tensor
from torch.nn import functional

KNOTS = 5
"""Places along each side of a crop that are moved on their own; between them the moves are smooth."""


def bend(grid: Tensor, *, most_px: float, size: tuple[int, int], seed: int) -> Tensor:
    """Moves the places from which a crop is read.

    grid: float32 (1, s, s, 2), x before y, −1 … 1 over a window of `size` (height, width) px, as
    `functional.grid_sample` takes it; returns the same shape. The knots move by a normal number of px whose
    standard deviation is a third of `most_px`, and never farther than `most_px`.
    """
    if most_px <= 0:
        return grid
    generator = torch.Generator().manual_seed(seed)
    moves = torch.randn((1, 2, KNOTS, KNOTS), generator=generator) * (most_px / 3)
    moves = moves.clamp(-most_px, most_px)
    smooth = functional.interpolate(moves, size=grid.shape[1:3], mode="bicubic", align_corners=True)
    height, width = size
    per_px = torch.tensor([2 / max(width - 1, 1), 2 / max(height - 1, 1)])
    return grid + smooth.permute(0, 2, 3, 1) * per_px


def seed_of(*numbers: float) -> int:
    """The same numbers give the same bend: a crop that is drawn again after a kill is bent as before."""
    mixed = 0
    for number in numbers:
        mantissa, exponent = math.frexp(number)
        mixed = (mixed * 1_000_003 + int(mantissa * 2**53) + exponent) % 2**63
    return mixed
