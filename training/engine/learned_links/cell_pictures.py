"""Small pictures of cells as the linker that learns sees them: light and outline around the middle."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

from training.engine.linking.detections import FrameMeasures

SIDE = 16
FIELD = 2.4
"""Side of what is shown, in diameters of the movie's usual cell."""
BRIGHTEST = 4.0
"""Light this many times that of the usual cell is the brightest that is told apart."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """How the cells of one movie are shown: `field_px` of the plane, and in which channel."""

    field_px: float
    channel: int


def view_of(frames: list[FrameMeasures], axes: int) -> View:
    """By some measured frames of a movie: the channel in which cells stand out most from the ground."""
    area = np.concatenate([frame.area for frame in frames]) if frames else np.empty(0)
    typical = float(np.median(area)) if len(area) else 100.0
    diameter = 2 * (typical / np.pi) ** 0.5 if axes == 2 else 2 * float(np.cbrt(typical / 4.19))
    channels = max((frame.light.shape[1] for frame in frames), default=0)
    if not channels or not len(area):
        return View(FIELD * diameter, 0)
    above = np.concatenate([frame.light - frame.ground for frame in frames])
    spread = np.median(np.abs(above - np.median(above, 0)), 0) + 1e-9
    return View(FIELD * diameter, int(np.argmax(np.abs(np.median(above, 0)) / spread)))


def pictures_of(
    frame: FrameMeasures, labels: npt.NDArray[np.uint32], pixels: npt.NDArray[Any], view: View, z_step: float
) -> Bytes:
    """(k, 2, 16, 16) of the cells of one time point: light, 128 being the ground, and outline.

    `labels` (p, z, y, x), `pixels` (c, z, y, x); of stacks the slice of each cell's middle is shown.
    """
    shown = np.zeros((len(frame.cell), 2, SIDE, SIDE), np.uint8)
    if not len(frame.cell):
        return shown
    slices = np.clip(np.round(frame.place[:, 0] / z_step), 0, labels.shape[1] - 1).astype(np.int64)
    steps = (np.arange(SIDE) - (SIDE - 1) / 2) * view.field_px / SIDE
    ground, unit = _unit(frame, pixels[view.channel], view.channel)
    for z in np.unique(slices).tolist():
        here = np.flatnonzero(slices == z)
        light = _smooth(pixels[view.channel, z], view.field_px / SIDE)
        y, x = (np.round(frame.place[here, axis, None] + steps).astype(np.int64) for axis in (1, 2))
        inside = ((y >= 0) & (y < light.shape[0]))[:, :, None] & ((x >= 0) & (x < light.shape[1]))[:, None]
        y, x = np.clip(y, 0, light.shape[0] - 1)[:, :, None], np.clip(x, 0, light.shape[1] - 1)[:, None]
        told = np.clip((light[y, x] - ground) / unit / BRIGHTEST, -1, 1) * 127 + 128
        shown[here, 0] = np.where(inside, told, 128)
        own = (labels[:, z][:, y, x] == frame.cell[here, None, None]).any(0)
        shown[here, 1] = np.where(inside & own, 255, 0)
    return shown


def _unit(frame: FrameMeasures, pixels: npt.NDArray[Any], channel: int) -> tuple[float, float]:
    """The light of the ground, and how far above or below it the usual cell is."""
    ground = float(frame.ground[channel])
    thin = pixels[:, :: max(1, pixels.shape[1] // 256), :: max(1, pixels.shape[2] // 256)]
    above = float(np.median(np.abs(frame.light[:, channel] - ground)))
    return ground, max(above, float(thin.std()) / 2, 1e-6)


def _smooth(light: npt.NDArray[Any], step: float) -> npt.NDArray[np.float32]:
    """Averaged over what one number of a picture stands for."""
    wide = round(step)
    known = light.astype(np.float32)
    return np.asarray(uniform_filter(known, wide) if wide > 1 else known, np.float32)
