"""Cutting crops out of pictures, turned and zoomed at random, with their labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.crops import mirrored_index
from training.engine.prompting.pictures import SETS, Picture

LEAST_ZOOM, MOST_ZOOM = 0.5, 3.0
DIAMETERS_PX = (14.0, 80.0)
"""Crops are zoomed so that a picture's middling cell has a diameter in this range: small cells are asked
about in an enlarged picture (see `zooming`), large ones in windows of coarser cells.
"""
AS_IT_IS = 0.15
ON_CELLS = 0.9


@dataclass(frozen=True)
class Crop:
    """Pixels float32 (3, s, s), labels int32 (s, s), −1 beyond the picture; target float32 (4, s, s) in 0
    … 1.
    """

    pixels: Tensor
    labels: Tensor
    target: Tensor


def weigh(pictures: Sequence[Picture]) -> npt.NDArray[np.float64]:
    """Chance of each picture, sum 1: the set's share; in it halfway between pictures and kinds alike."""
    chance = np.zeros(len(pictures))
    for origin in {picture.origin for picture in pictures}:
        mine = [i for i, picture in enumerate(pictures) if picture.origin == origin]
        kinds = [pictures[i].kind for i in mine]
        weight = np.array([kinds.count(kind) ** -0.5 for kind in kinds])
        share = SETS[origin].share if origin in SETS else 1.0
        chance[mine] = share * weight / weight.sum()
    return np.asarray(chance / chance.sum())


def draw(picture: Picture, rng: np.random.Generator, *, crop_px: int) -> Crop:
    """A crop near one of the picture's cells; some keep the pixels as they are, by quarter turns."""
    height, width = picture.labels.shape
    place = rng.uniform(0, 1, 2) * (height, width)
    if len(picture.cells) and rng.random() < ON_CELLS:
        place = picture.cells[rng.integers(len(picture.cells)), 1:] + rng.uniform(-0.3, 0.3, 2) * crop_px
    wanted_px = np.exp(rng.uniform(*np.log(DIAMETERS_PX)))
    zoom = float(np.clip(wanted_px / picture.diameter_px, LEAST_ZOOM, MOST_ZOOM))
    turn = rng.uniform(0, 2 * np.pi)
    if rng.random() < AS_IT_IS:
        place, zoom, turn = np.round(place), 1.0, rng.integers(4) * np.pi / 2
    reach = crop_px / 2 / zoom
    limits = [(min(reach, side / 2), max(side - reach, side / 2)) for side in (height, width)]
    y, x = (float(np.clip(at, *limit)) for at, limit in zip(place, limits, strict=True))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    stretch = np.exp(rng.uniform(-0.12, 0.12)) if zoom != 1.0 else 1.0
    cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.diag([stretch, mirror / stretch])
    return cut(picture, (y, x), matrix, crop_px=crop_px)


def cut(
    picture: Picture, middle: tuple[float, float], matrix: npt.NDArray[np.float64], *, crop_px: int
) -> Crop:
    """The square around `middle` (y, x); `matrix` (2, 2) takes steps in the crop to steps in the picture.

    Beyond the picture its pixels are mirrored, and nothing is known.
    """
    height, width = picture.labels.shape
    reach = crop_px / 2 * np.abs(matrix).sum(1)
    top, left = (int(np.floor(at - r)) - 1 for at, r in zip(middle, reach, strict=True))
    bottom, right = (int(np.ceil(at + r)) + 2 for at, r in zip(middle, reach, strict=True))
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    window = np.ix_(mirrored_index(rows, height), mirrored_index(columns, width))
    outside = ((rows < 0) | (rows >= height))[:, None] | ((columns < 0) | (columns >= width))[None]
    labels = np.where(outside, -1, picture.labels[window])
    rows_at, columns_at = window
    smooth = np.concatenate(
        [picture.pixels[:, rows_at, columns_at], picture.target[:, rows_at, columns_at] / 255.0]
    )
    steps = np.arange(crop_px) - (crop_px - 1) / 2
    y = middle[0] - 0.5 - top + matrix[0, 0] * steps[:, None] + matrix[0, 1] * steps[None]
    x = middle[1] - 0.5 - left + matrix[1, 0] * steps[:, None] + matrix[1, 1] * steps[None]
    grid = np.stack([2 * x / (len(columns) - 1) - 1, 2 * y / (len(rows) - 1) - 1], -1)
    warped = functional.grid_sample(
        torch.from_numpy(smooth.astype(np.float32))[None],
        torch.from_numpy(grid.astype(np.float32))[None],
        padding_mode="border",
        align_corners=True,
    )[0]
    nearest = labels[
        np.clip(np.rint(y), 0, len(rows) - 1).astype(int),
        np.clip(np.rint(x), 0, len(columns) - 1).astype(int),
    ]
    taken = torch.from_numpy(nearest.astype(np.int32))
    target = warped[3:]
    target[3] *= taken >= 0
    return Crop(warped[:3], taken, target)


def drop_channels(pixels: Tensor, generator: torch.Generator, *, chance: float) -> Tensor:
    """Empties one or two channels of some crops, as where only one stain shows the cells; (b, 3, y, x)."""
    count = len(pixels)
    chosen = torch.rand(count, generator=generator) < chance
    kept = torch.rand(count, 3, generator=generator) < 0.5
    kept[torch.arange(count), torch.randint(3, (count,), generator=generator)] = True
    kept |= ~chosen[:, None]
    return pixels * kept[:, :, None, None]
