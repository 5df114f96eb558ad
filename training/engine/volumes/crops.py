"""Crops of volumes: where, how turned in the plane, how mirrored; and cutting them out with their targets.

Slices lie apart by another distance than pixels, and light fades with depth: so crops are turned and
zoomed in the plane alone, and along z only mirrored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.augmentation import vary_look
from training.engine.data.crops import mirrored_index
from training.engine.seeds import Chance
from training.engine.volumes.stacks import Stack

ON_CELLS = 0.85
AS_IT_IS = 0.35
"""Share of the crops whose pixels are left as they are (zoom 1, quarter turns), for interpolation smooths."""
VOXELS_PER_PIXEL = 8
"""A crop of a volume holds this many times the voxels of a crop in the plane, and a batch a quarter of the
crops."""


class Vary(Protocol):
    """Changes the look of crops (b, c, y, x)."""

    def __call__(self, pixels: Tensor, generator: torch.Generator, *, strength: float) -> Tensor: ...


@dataclass(frozen=True)
class Crop:
    """A box of a volume: its middle in voxels, `matrix` (2, 2) from steps in the plane of the crop to
    those in the volume's, and whether z is mirrored."""

    stack: int
    middle: tuple[float, float, float]
    matrix: npt.NDArray[np.float64]
    upside_down: bool


@dataclass(frozen=True)
class Share:
    """A part of a batch, drawn but not made."""

    crops: Sequence[Crop]
    look_seed: int

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return len(self.crops)


@dataclass(frozen=True, kw_only=True)
class VolumeLesson:
    """Draws batches of `batch` crops of `size` voxels z, y, x; `vectors`: planes z, y, x of the target that
    are a vector; `numbers`: one that holds the cells' numbers. `whole` is the target's value that stands for
    1. `vary` changes the look of crops (b, c, y, x), their slices end to
    end."""

    stacks: Sequence[Stack]
    batch: int
    size: tuple[int, int, int]
    scale_jitter: float
    colour_jitter: float
    vectors: tuple[int, int, int] | None = None
    numbers: int | None = None
    whole: float = 255.0
    vary: Vary = vary_look

    def draw(self, chance: Chance, parts: int) -> list[Share]:
        """A batch in at most `parts` shares; all chance is drawn here."""
        crops = [self._draw_crop(chance.rng) for _ in range(self.batch)]
        size = -(-self.batch // parts)
        starts = range(0, self.batch, size)
        return [Share(crops[start : start + size], int(chance.rng.integers(2**62))) for start in starts]

    def make(self, share: Share) -> tuple[Tensor, Tensor]:
        """Pixels float32 (b, c, z, y, x) with their look varied, and targets float32 (b, k, z, y, x)."""
        cuts = [
            cut(
                self.stacks[crop.stack], crop, self.size, self.vectors, numbers=self.numbers, whole=self.whole
            )
            for crop in share.crops
        ]
        pixels, target = (torch.stack(part) for part in zip(*cuts, strict=True))
        generator = torch.Generator().manual_seed(share.look_seed)
        # What is varied is varied alike in all slices, which are laid end to end for it.
        varied = self.vary(pixels.flatten(2, 3), generator, strength=self.colour_jitter)
        return varied.reshape(pixels.shape), target

    def steps_per_epoch(self) -> int:
        """Steps in which about as many voxels are drawn as all volumes have."""
        voxels = sum(int(np.prod(stack.size)) for stack in self.stacks)
        return max(1, round(voxels / (self.batch * int(np.prod(self.size)))))

    def _draw_crop(self, rng: np.random.Generator) -> Crop:
        voxels = np.sqrt([float(np.prod(stack.size)) for stack in self.stacks])
        number = int(rng.choice(len(voxels), p=voxels / voxels.sum()))
        stack = self.stacks[number]
        place = rng.uniform(0, 1, 3) * (np.array(stack.size) - 1)
        if len(stack.cell_px) and rng.random() < ON_CELLS:
            place = stack.cell_px[rng.integers(len(stack.cell_px))].astype(float)
        # The place is a part of a cell, not always the crop's middle; the crop stays inside if it can.
        place = place + rng.uniform(-0.3, 0.3, 3) * self.size
        half = np.minimum(np.array(self.size) / 2, np.array(stack.size) / 2)
        place = np.round(np.clip(place, half, np.array(stack.size) - half))
        zoom, turn = np.exp(rng.uniform(-1, 1) * np.log(self.scale_jitter)), rng.uniform(0, 2 * np.pi)
        if rng.random() < AS_IT_IS:
            zoom, turn = 1.0, rng.integers(4) * np.pi / 2
        cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
        mirror = np.diag([1.0, -1.0 if rng.random() < 0.5 else 1.0])
        matrix = np.array([[cos, -sin], [sin, cos]]) @ mirror
        return Crop(number, (place[0], place[1], place[2]), matrix, bool(rng.random() < 0.5))


def crop_size(
    crop_px: int, spacing: float, depth: int, multiple: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Sides z, y, x of crops, as high as wide in px of the plane, of about `VOXELS_PER_PIXEL` · crop_px²
    voxels; no more slices than the deepest volume has."""
    voxels = VOXELS_PER_PIXEL * crop_px**2
    deep = int(min(np.cbrt(voxels * spacing) / spacing, depth))
    deep = max(multiple[0], deep // multiple[0] * multiple[0])
    side = max(1, round(np.sqrt(voxels / deep) / multiple[1])) * multiple[1]
    return deep, side, side


def cut(
    stack: Stack,
    crop: Crop,
    size: tuple[int, int, int],
    vectors: tuple[int, int, int] | None,
    *,
    numbers: int | None = None,
    whole: float = 255.0,
) -> tuple[Tensor, Tensor]:
    """Pixels float32 (c, z, y, x) and target float32 (k, z, y, x) of a crop; beyond the border all is
    mirrored.

    Targets of 0 … `whole` become 0 … 1; those named by `vectors` become −1 … 1 and turn with the crop;
    `numbers` stay what they are, for between two cells there is no third.
    """
    deep, side = size[0], size[1]
    reach = side / 2 * np.abs(crop.matrix).sum(1)
    low = np.array([crop.middle[0] - deep // 2, *(np.floor(np.array(crop.middle[1:]) - reach) - 1)]).astype(
        int
    )
    high = np.array([low[0] + deep, *(np.ceil(np.array(crop.middle[1:]) + reach) + 2)]).astype(int)
    plain = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    z, y, x = (mirrored_index(index, length) for index, length in zip(plain, stack.size, strict=True))
    window = np.s_[:, z[:, None, None], y[:, None], x]
    pixels = torch.from_numpy(stack.pixels[window].astype(np.float32))
    target = torch.from_numpy(stack.target[window].astype(np.float32)) / whole
    if vectors is not None:
        target[list(vectors)] = (target[list(vectors)] * 255 - 128) / 127
        for axis, place in enumerate(vectors):
            shape = [-1 if k == axis else 1 for k in range(3)]
            target[place] *= _signs(plain[axis], stack.size[axis]).reshape(shape)
    both = torch.cat([pixels, target])
    grid = _grid(crop, side, low[1:], (len(y), len(x)))
    flat = both.flatten(0, 1)[None]
    warped = functional.grid_sample(flat, grid, mode="bilinear", padding_mode="border", align_corners=True)
    warped = warped.reshape(len(both), deep, side, side)
    seen, wanted = warped[: len(pixels)], warped[len(pixels) :].clone()
    if numbers is not None:
        named = target[numbers][None] * whole
        wanted[numbers] = functional.grid_sample(named, grid, mode="nearest", align_corners=True)[0].round()
    if vectors is not None:
        wanted = _turned(wanted, vectors, crop)
    if crop.upside_down:
        seen, wanted = seen.flip(1), wanted.flip(1)
    return seen.contiguous(), wanted.contiguous()


def _grid(crop: Crop, side: int, corner: npt.NDArray[np.int64], size: tuple[int, int]) -> Tensor:
    steps = torch.arange(side, dtype=torch.float32) - (side - 1) // 2
    dy, dx = torch.meshgrid(steps, steps, indexing="ij")
    y = crop.middle[1] - corner[0] + crop.matrix[0, 0] * dy + crop.matrix[0, 1] * dx
    x = crop.middle[2] - corner[1] + crop.matrix[1, 0] * dy + crop.matrix[1, 1] * dx
    return torch.stack([2 * x / max(size[1] - 1, 1) - 1, 2 * y / max(size[0] - 1, 1) - 1], -1)[None].float()


def _turned(target: Tensor, vectors: tuple[int, int, int], crop: Crop) -> Tensor:
    """Vectors as they point in the crop."""
    back = np.linalg.inv(crop.matrix)
    back = back / np.sqrt(abs(np.linalg.det(back)))
    iz, iy, ix = vectors
    turned = target.clone()
    turned[iy] = float(back[0, 0]) * target[iy] + float(back[0, 1]) * target[ix]
    turned[ix] = float(back[1, 0]) * target[iy] + float(back[1, 1]) * target[ix]
    if crop.upside_down:
        turned[iz] = -target[iz]
    return turned


def _signs(index: npt.NDArray[np.int64], length: int) -> Tensor:
    """−1 where `mirrored_index` runs backwards, else 1."""
    turned = (index // max(length - 1, 1)) % 2 == 1
    return torch.from_numpy(np.where(turned, -1, 1).astype(np.float32))
