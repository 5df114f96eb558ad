"""Pictures that show a net the range of what it may be asked to read: made up, always the same ones.

Bodies of three sizes in four looks (smooth, textured, rimmed as in phase contrast, hazy under uneven light),
as pictures are after normalising: about 0 … 1, never below -0.25 or above 1.5, bodies bright. What a net's
layers say of them reaches about as far as what they say of its own training pictures.
"""

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

SIDE_PX = 160
BODIES_PX = (3.0, 7.0, 16.0)
LEAST, MOST = -0.25, 1.5
_LOOKS = 4
_LOW, _HIGH = 1.0, 99.8

Plane = npt.NDArray[np.float32]


def trial_pictures(channels: int) -> Tensor:
    """Pictures float32 (12, channels, y, x), sides multiples of 32; the same at every call."""
    rng = np.random.default_rng(0)
    shown = [_picture(rng, size, look, channels) for size in BODIES_PX for look in range(_LOOKS)]
    return torch.from_numpy(np.stack(shown))


def _picture(rng: np.random.Generator, size: float, look: int, channels: int) -> npt.NDArray[np.float32]:
    """Bodies about `size` px in radius; every other look has other light in each channel."""
    field, bright = _smooth(rng, size), np.clip(0.6 + 0.3 * _smooth(rng, 2 * size), 0.1, 1)
    plane = _lit(rng, field, bright, size, look)
    planes = [plane * rng.uniform(0.5, 1) + 0.1 * k * _smooth(rng, 2) for k in range(channels)]
    pixels = np.stack(planes if look % 2 else [plane] * channels)
    low, high = np.percentile(pixels, _LOW), np.percentile(pixels, _HIGH)
    return np.asarray(np.clip((pixels - low) / (high - low), LEAST, MOST), np.float32)


def _lit(rng: np.random.Generator, field: Plane, bright: Plane, size: float, look: int) -> Plane:
    bodies = (field > 0.4).astype(np.float32) * bright
    fine, grain = _smooth(rng, size / 4), rng.normal(0, 1, field.shape)
    if look == 0:
        lit = ndimage.gaussian_filter(bodies, 1)
    elif look == 1:
        lit = ndimage.gaussian_filter(bodies * (1 + 0.3 * fine), 0.7) + 0.05 * grain
    elif look == 2:
        rim = np.exp(-30 * (field - 0.4) ** 2) - 0.6 * np.exp(-30 * field**2)
        lit = rim + 0.1 * fine + 0.05 * grain
    else:
        slope = np.linspace(0, 0.3, field.shape[1])
        lit = ndimage.gaussian_filter(bodies, 2) + 0.15 * fine + slope + 0.1 * grain
    return np.asarray(lit, np.float32)


def _smooth(rng: np.random.Generator, size: float) -> Plane:
    """Noise (y, x) without structure finer than `size` px, mean 0, deviation 1."""
    noise = ndimage.gaussian_filter(rng.normal(0, 1, (SIDE_PX, SIDE_PX)), size, mode="wrap")
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)
