"""From raw pixels to what a net sees: one range for every microscope, cells brighter than what is around
them.

Ranges come from the whole frame, never from a tile: a tile of mere background would be blown up to full
contrast.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.errors import ChannelMismatch

LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.8
_SAMPLED_PX = 1 << 18


@dataclass(frozen=True)
class Look:
    """What the normalisation of one frame needs, measured on the whole frame.

    low, high: percentiles of each channel, (c,); inverted: whether the background is the bright side.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    inverted: bool


def look_at(frame: npt.NDArray[Any]) -> Look:
    """Measures a frame (c, y, x) of any dtype on a regular grid of at most about 260,000 pixels."""
    sample = thinned(frame).reshape(len(frame), -1)
    # One at a time: asked for both at once numpy rounds otherwise, and the page must get the same numbers.
    low, high = (np.percentile(sample, each, axis=1) for each in (LOW_PERCENTILE, HIGH_PERCENTILE))
    middle = np.percentile(_stretched(sample, low, high).mean(0), 50)
    return Look(tuple(low.tolist()), tuple(high.tolist()), bool(middle > 0.5))


def thinned(frame: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Every n-th pixel of a frame (c, y, x) in y and x, n from the frame's size; float32, finite."""
    rows, columns = thin_slices((frame.shape[1], frame.shape[2]))
    return _finite(frame[:, rows, columns])


def thin_slices(size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the sample that is looked at of a frame of `size` y, x; so the same is read of a
    frame too large to be read whole."""
    step = slice(None, None, max(1, int(np.sqrt(size[0] * size[1] / _SAMPLED_PX))))
    return step, step


def normalise(pixels: npt.NDArray[Any], look: Look, channels: int) -> npt.NDArray[np.float32]:
    """Brings a frame or a window of it, (c, y, x), to float32 (channels, y, x), about 0 … 1, cells bright.

    A picture of one channel is shown to every channel of the net; a net of one channel sees the mean.
    Raises ChannelMismatch for any other difference.
    """
    values = _stretched(_finite(pixels), np.array(look.low, np.float32), np.array(look.high, np.float32))
    if look.inverted:
        np.subtract(1, values, out=values)
    return fit_channels(np.clip(values, -0.25, 1.5, out=values), channels)


def stretch(frame: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A frame (c, y, x) as a person would look at it: each channel by its own range, polarity as it is."""
    look = look_at(frame)
    return _stretched(_finite(frame), np.array(look.low, np.float32), np.array(look.high, np.float32))


def fit_channels(values: npt.NDArray[np.float32], channels: int) -> npt.NDArray[np.float32]:
    """(c, y, x) → (channels, y, x): repeats one channel, averages for a net of 1. Raises ChannelMismatch."""
    if len(values) == channels:
        return values
    if len(values) == 1:
        return np.repeat(values, channels, axis=0)
    if channels == 1:
        return np.asarray(values.mean(0, keepdims=True), np.float32)
    raise ChannelMismatch(
        f"The image has {len(values)} channels, but the model reads pictures of 1 or {channels} channels. "
        "Bring in one channel of it as an image of its own, or train a model on images like this one."
    )


def _finite(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A copy as float32; what is no number is 0."""
    values = pixels.astype(np.float32)
    return np.nan_to_num(values, copy=False, posinf=0.0, neginf=0.0) if pixels.dtype.kind == "f" else values


def _stretched(
    values: npt.NDArray[np.float32], low: npt.NDArray[Any], high: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    shape = (-1,) + (1,) * (values.ndim - 1)
    span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(high)).astype(np.float32).reshape(shape)
    return np.asarray((values - low.astype(np.float32).reshape(shape)) / span, np.float32)
