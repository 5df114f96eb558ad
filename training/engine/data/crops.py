"""Drawing crops: where, how large, how turned; and cutting them out with their targets."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.frames import TrainingFrames

ON_CELLS = 0.85
AS_IT_IS = 0.25


@dataclass(frozen=True)
class Crop:
    """A square of a frame: middle (y, x) in px, `zoom` in crop px per frame px, `turn` in radians, mirrored
    or not.
    """

    frame: int
    y: float
    x: float
    zoom: float
    turn: float
    mirrored: bool


def draw(
    frames: TrainingFrames,
    weights: npt.NDArray[np.float64],
    rng: np.random.Generator,
    *,
    scale_jitter: float,
) -> Crop:
    """Draws a frame by its weight, a place (mostly on a cell) and a zoom, turn and mirroring.

    A quarter of the crops keep the pixels as they are (zoom 1, quarter turns), for interpolation softens
    edges.
    """
    frame = int(rng.choice(len(weights), p=weights))
    facts = frames.facts[frame]
    on_cells = facts.cell_px[rng.integers(len(facts.cell_px))] if len(facts.cell_px) else None
    anywhere = rng.uniform(0, 1, 2) * np.array(facts.size)
    place = on_cells if on_cells is not None and rng.random() < ON_CELLS else anywhere
    # The place is a part of a cell, not always the middle of the crop.
    y, x = np.asarray(place, float) + rng.uniform(-40, 40, 2)
    y, x = np.clip([y, x], 0, np.array(facts.size) - 1)
    mirrored = bool(rng.random() < 0.5)
    zoom, turn = np.exp(rng.uniform(-1, 1) * np.log(scale_jitter)), rng.uniform(0, 2 * np.pi)
    if rng.random() < AS_IT_IS:
        y, x, zoom, turn = np.round(y), np.round(x), 1.0, rng.integers(4) * np.pi / 2
    return Crop(frame, float(y), float(x), float(zoom), float(turn), mirrored)


def cut(
    frames: TrainingFrames, crop: Crop, *, crop_px: int, vectors: tuple[int, int] | None
) -> tuple[Tensor, Tensor]:
    """Cuts out a crop: pixels float32 (channels, s, s) and target float32 (k, s, s), s = crop_px.

    Targets of 0 … 255 become 0 … 1; the two named by `vectors` (index of y and x) become −1 … 1 and turn with
    the crop. Beyond the frame's border the picture is mirrored.
    """
    height, width = frames.facts[crop.frame].size
    matrix = _crop_to_frame(crop)
    reach = crop_px / 2 * np.abs(matrix).sum(1)
    top, left = int(np.floor(crop.y - reach[0])) - 1, int(np.floor(crop.x - reach[1])) - 1
    bottom, right = int(np.ceil(crop.y + reach[0])) + 2, int(np.ceil(crop.x + reach[1])) + 2
    rows, columns = (
        mirrored_index(np.arange(top, bottom), height),
        mirrored_index(np.arange(left, right), width),
    )
    planes = frames.window(crop.frame, rows, columns)
    pixels = torch.from_numpy(planes.pixels.astype(np.float32))
    target = torch.from_numpy(planes.target.astype(np.float32))
    target = _unpack(target, vectors)
    if vectors is not None:
        target[vectors[0]] *= _mirror_signs(np.arange(top, bottom), height)[:, None]
        target[vectors[1]] *= _mirror_signs(np.arange(left, right), width)
    both = torch.cat([pixels, target])
    grid = _grid(matrix, crop, crop_px, top, left, bottom - top, right - left)
    warped = functional.grid_sample(
        both[None], grid, mode="bilinear", padding_mode="border", align_corners=True
    )[0]
    warped_target = warped[len(pixels) :]
    if vectors is not None:
        warped_target = _turn_vectors(warped_target, vectors, matrix)
    return warped[: len(pixels)], warped_target


def mirrored_index(index: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Places beyond 0 … length − 1 come back as in a mirror that stands on the border pixels."""
    if length == 1:
        return np.zeros_like(index)
    period = 2 * (length - 1)
    folded = np.abs(index) % period
    return np.asarray(np.minimum(folded, period - folded), np.int64)


def _mirror_signs(index: npt.NDArray[np.int64], length: int) -> Tensor:
    """−1 where `mirrored_index` runs backwards, so that a vector's part along the axis must turn, else 1."""
    turned = (index // max(length - 1, 1)) % 2 == 1
    return torch.from_numpy(np.where(turned, -1, 1).astype(np.float32))


def _crop_to_frame(crop: Crop) -> npt.NDArray[np.float64]:
    """Matrix (2, 2) in order y, x that takes steps in the crop to steps in the frame."""
    cos, sin = np.cos(crop.turn) / crop.zoom, np.sin(crop.turn) / crop.zoom
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(turn @ np.diag([1.0, -1.0 if crop.mirrored else 1.0]))


def _grid(
    matrix: npt.NDArray[np.float64], crop: Crop, crop_px: int, top: int, left: int, height: int, width: int
) -> Tensor:
    steps = torch.arange(crop_px, dtype=torch.float32) - (crop_px - 1) // 2
    dy, dx = torch.meshgrid(steps, steps, indexing="ij")
    y = crop.y - top + matrix[0, 0] * dy + matrix[0, 1] * dx
    x = crop.x - left + matrix[1, 0] * dy + matrix[1, 1] * dx
    return torch.stack([2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1], -1)[None].float()


def _unpack(target: Tensor, vectors: tuple[int, int] | None) -> Tensor:
    unpacked = target / 255
    if vectors is not None:
        places = list(vectors)
        unpacked[places] = (target[places] - 128) / 127
    return unpacked


def _turn_vectors(target: Tensor, vectors: tuple[int, int], matrix: npt.NDArray[np.float64]) -> Tensor:
    back = np.linalg.inv(matrix)
    back = back / np.sqrt(abs(np.linalg.det(back)))
    iy, ix = vectors
    turned = target.clone()
    turned[iy] = float(back[0, 0]) * target[iy] + float(back[0, 1]) * target[ix]
    turned[ix] = float(back[1, 0]) * target[iy] + float(back[1, 1]) * target[ix]
    return turned
