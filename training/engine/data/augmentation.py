"""Varying the look of crops: brightness, contrast, colour, polarity, sharpness, noise. Shapes are left
alone.
"""

import torch
from torch import Tensor
from torch.nn import functional

INVERTED = 0.08


def vary_look(pixels: Tensor, generator: torch.Generator, *, strength: float) -> Tensor:
    """pixels: float32 (b, c, y, x), about 0 … 1; returns the same shape. `strength` 0 … 1 scales everything.

    Polarity is turned in one crop of twelve, so that a frame whose background was taken for the wrong side
    is still understood; colours are mixed to grey in one of five, so that colour helps but is not relied
    on.
    """
    if strength == 0:
        return pixels
    pixels = _mix_colours(pixels, generator, strength)
    pixels = _turn_polarity(pixels, generator, strength)
    pixels = _light_unevenly(pixels, generator, strength)
    pixels = _bend_contrast(pixels, generator, strength)
    pixels = _soften(pixels, generator, strength)
    return _add_noise(pixels, generator, strength)


def _draw(pixels: Tensor, generator: torch.Generator, low: float, high: float, channels: int = 1) -> Tensor:
    """Uniform numbers (b, channels, 1, 1)."""
    shape = (len(pixels), channels, 1, 1)
    return low + (high - low) * torch.rand(shape, generator=generator)


def _chosen(pixels: Tensor, generator: torch.Generator, chance: float) -> Tensor:
    return _draw(pixels, generator, 0, 1) < chance


def _mix_colours(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    channels = pixels.shape[1]
    if channels == 1:
        return pixels
    shares = _draw(pixels, generator, 0.1, 1, channels)
    grey = (pixels * shares).sum(1, keepdim=True) / shares.sum(1, keepdim=True)
    pixels = torch.where(_chosen(pixels, generator, 0.2 * strength), grey.expand_as(pixels), pixels)
    tilt = 0.15 * strength * _draw(pixels, generator, -1, 1, channels)
    gain = 1 + torch.where(_chosen(pixels, generator, 0.5), tilt, torch.zeros_like(tilt))
    return pixels * gain


def _turn_polarity(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    return torch.where(_chosen(pixels, generator, INVERTED * strength), 1 - pixels, pixels)


def _bend_contrast(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    gamma = torch.exp(0.45 * strength * _draw(pixels, generator, -1, 1))
    gain = torch.exp(0.3 * strength * _draw(pixels, generator, -1, 1))
    offset = 0.1 * strength * _draw(pixels, generator, -1, 1)
    bent = pixels.clamp(min=0).pow(gamma) + pixels.clamp(max=0)
    return bent * gain + offset


def _light_unevenly(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """A smooth field that dims and one that veils, each in an eighth of the crops: microscopes light fields
    unevenly, and thick cells glow out of focus."""
    dims = _chosen(pixels, generator, 0.12 * strength)
    veils = _chosen(pixels, generator, 0.12 * strength)
    if bool(dims.any()):
        shade = torch.exp(1.2 * strength * (_field(pixels, generator, 3) - 0.8))
        pixels = torch.where(dims, pixels * shade, pixels)
    if bool(veils.any()):
        share = 0.6 * strength * _draw(pixels, generator, 0, 1)
        pixels = torch.where(veils, pixels + share * _field(pixels, generator, 4), pixels)
    return pixels


def _field(pixels: Tensor, generator: torch.Generator, knots: int) -> Tensor:
    """A smooth field (b, 1, y, x), about 0 … 1, through `knots` × `knots` uniform numbers."""
    drawn = torch.rand((len(pixels), 1, knots, knots), generator=generator)
    return functional.interpolate(drawn, pixels.shape[2:], mode="bicubic", align_corners=True)


def _soften(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    chosen = _chosen(pixels, generator, 0.15 * strength)
    if not bool(chosen.any()):
        return pixels
    which = chosen.flatten().nonzero()[:, 0]
    sigma = 0.5 + float(torch.rand(1, generator=generator))
    places = torch.arange(-3, 4, dtype=pixels.dtype)
    kernel = torch.exp(-places.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(pixels.shape[1], 1, 1, -1)
    soft = functional.pad(pixels[which], (3, 3, 3, 3), mode="reflect")
    soft = functional.conv2d(soft, kernel, groups=pixels.shape[1])
    soft = functional.conv2d(soft, kernel.transpose(2, 3), groups=pixels.shape[1])
    result = pixels.clone()
    result[which] = soft
    return result


def _add_noise(pixels: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    which = _chosen(pixels, generator, 0.3 * strength).flatten().nonzero()[:, 0]
    if not len(which):
        return pixels
    chosen = pixels[which]
    level = 0.06 * strength * _draw(chosen, generator, 0, 1)
    result = pixels.clone()
    result[which] = chosen + level * torch.randn(chosen.shape, generator=generator)
    return result
