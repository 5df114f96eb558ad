"""Drawing crops: where, how large, how turned; and cutting them out with their targets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data import elastic
from training.engine.data.frames import Planes, TrainingFrames
from training.engine.targets.layers import SOFT

ON_CELLS = 0.85
AS_IT_IS = 0.25
MARGIN_PX = 16
"""How far beyond a crop its labels are seen when its target is worked out on the crop itself."""

Finish = Callable[[npt.NDArray[np.int32], npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""Cells int32 (p, y, x) and soft maps float32 (4, y, x) of a crop → its target float32 (k, y, x)."""


@dataclass(frozen=True)
class Crop:
    """A square of a frame: middle (y, x) in px, `zoom` in crop px per frame px, `turn` in radians, mirrored
    or not, and bent by at most `bent_px` px of the frame.
    """

    frame: int
    y: float
    x: float
    zoom: float
    turn: float
    mirrored: bool
    bent_px: float = 0.0


def draw(
    frames: TrainingFrames,
    weights: npt.NDArray[np.float64],
    rng: np.random.Generator,
    *,
    scale_jitter: float,
    elastic_px: float = 0.0,
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
        elastic_px = 0.0
    return Crop(frame, float(y), float(x), float(zoom), float(turn), mirrored, elastic_px)


def cut(
    frames: TrainingFrames,
    crop: Crop,
    *,
    crop_px: int,
    vectors: tuple[int, int] | None,
    finish: Finish | None = None,
) -> tuple[Tensor, Tensor]:
    """Cuts out a crop: pixels float32 (channels, s, s) and target float32 (k, s, s), s = crop_px.

    Targets of 0 … 255 become 0 … 1; the two named by `vectors` (index of y and x) become −1 … 1 and turn with
    the crop. Beyond the frame's border the picture is mirrored. With `finish` the frames hold labels and soft
    maps (`targets.layers`), and the target is what it makes of those of the crop.
    """
    height, width = frames.facts[crop.frame].size
    matrix = _crop_to_frame(crop)
    margin = 0 if finish is None else MARGIN_PX
    reach = (crop_px / 2 + margin) * np.abs(matrix).sum(1)
    top, left = int(np.floor(crop.y - reach[0])) - 1, int(np.floor(crop.x - reach[1])) - 1
    bottom, right = int(np.ceil(crop.y + reach[0])) + 2, int(np.ceil(crop.x + reach[1])) + 2
    rows, columns = (
        mirrored_index(np.arange(top, bottom), height),
        mirrored_index(np.arange(left, right), width),
    )
    planes = frames.window(crop.frame, rows, columns)
    if finish is not None:
        window = top, left, bottom - top, right - left
        return _cut_labels(planes, crop, matrix, window, crop_px, finish)
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


def _cut_labels(
    planes: Planes,
    crop: Crop,
    matrix: npt.NDArray[np.float64],
    window: tuple[int, int, int, int],
    crop_px: int,
    finish: Finish,
) -> tuple[Tensor, Tensor]:
    """Pixels (channels, s, s) and target (k, s, s); the labels by their nearest pixel, the rest blended."""
    side = crop_px + 2 * MARGIN_PX
    grid = _grid(matrix, crop, side, *window)
    split = len(planes.target) - SOFT
    labels = torch.from_numpy(planes.target[:split].astype(np.float32))
    near = functional.grid_sample(
        labels[None], grid, mode="nearest", padding_mode="border", align_corners=True
    )[0]
    pixels = planes.pixels.astype(np.float32)
    smooth = torch.from_numpy(np.concatenate([pixels, planes.target[split:].astype(np.float32) / 255]))
    blended = functional.grid_sample(
        smooth[None], grid, mode="bilinear", padding_mode="border", align_corners=True
    )[0]
    wanted = finish(near.numpy().astype(np.int32), blended[len(pixels) :].numpy())
    inner = np.s_[:, MARGIN_PX : MARGIN_PX + crop_px, MARGIN_PX : MARGIN_PX + crop_px]
    return blended[: len(pixels)][inner].contiguous(), torch.from_numpy(np.ascontiguousarray(wanted[inner]))


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
    straight = torch.stack([2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1], -1)[None].float()
    seed = elastic.seed_of(crop.y, crop.x, crop.zoom, crop.turn)
    return elastic.bend(straight, most_px=crop.bent_px, size=(height, width), seed=seed)


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
