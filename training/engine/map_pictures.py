"""Maps as pictures that are laid over a crop: colour says which way, opacity says how much."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from training.engine.pictures import Rgb

FOR, AGAINST, COARSE = (255, 122, 0), (0, 110, 255), (255, 60, 120)
"""Orange speaks for the class and blue against it; both are told apart by the colour-blind."""
_FULL_PERCENTILE = 99.5

Rgba = npt.NDArray[np.uint8]


def signed(weights: npt.NDArray[np.float32]) -> Rgba:
    """A map (y, x), above 0 for and below 0 against, as uint8 (y, x, 4)."""
    colours = np.where((weights >= 0)[..., None], FOR, AGAINST)
    return _laid(colours, np.abs(weights))


def coarse(weights: npt.NDArray[np.float32]) -> Rgba:
    """A map (y, x) from 0 as uint8 (y, x, 4)."""
    return _laid(np.broadcast_to(np.array(COARSE), (*weights.shape, 3)), np.clip(weights, 0, None))


def over(picture: Rgb, layer: Rgba, opacity: float = 0.8) -> Rgb:
    """A picture (y, x, 3) with a layer (y, x, 4) on it."""
    share = layer[..., 3:].astype(np.float32) / 255 * opacity
    return (picture * (1 - share) + layer[..., :3] * share).round().astype(np.uint8)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """uint8 (y, x, 3) or (y, x, 4) as a PNG file."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def _laid(colours: npt.NDArray[np.integer], much: npt.NDArray[np.float32]) -> Rgba:
    full = float(np.percentile(much, _FULL_PERCENTILE))
    alpha = np.clip(much / full, 0, 1) if full > 0 else np.zeros_like(much)
    return np.concatenate([colours, (255 * alpha)[..., None]], 2).round().astype(np.uint8)
