"""Running a net over a whole volume: tile by tile, blended where tiles overlap, averaged over mirrored
copies."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from training.engine.data.crops import mirrored_index
from training.engine.decoding.tiles import share_of, spans
from training.engine.devices import Device

TILE_PX, OVERLAP_PX = 160, 32
TILE_SLICES = 96

MIRRORED: tuple[tuple[int, ...], ...] = ((), (2, 3), (2, 4), (3, 4))
"""Axes of (b, c, z, y, x): each is mirrored in half of the copies."""
PLAIN: tuple[tuple[int, ...], ...] = ((),)

Maps = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class VolumeReader:
    """How a net is asked of volumes; `vectors`: index of z, y and x where three of the maps are a vector.

    `multiple`: of what the sides that a net is shown must be multiples, z, y, x. `activate` takes and returns
    (b, k, z, y, x).
    """

    net: nn.Module
    multiple: tuple[int, int, int]
    device: Device
    activate: Callable[[Tensor], Tensor]
    vectors: tuple[int, int, int] | None = None
    views: tuple[tuple[int, ...], ...] = PLAIN
    tile: tuple[int, int, int] = (TILE_SLICES, TILE_PX, TILE_PX)
    overlap: tuple[int, int, int] = (OVERLAP_PX, OVERLAP_PX, OVERLAP_PX)

    def read(self, pixels: npt.NDArray[np.float32]) -> Maps:
        """Maps float32 (k, z, y, x) of a normalised volume (c, z, y, x)."""
        size = pixels.shape[1:]
        tiles = list(product(*(spans(*of) for of in zip(size, self.tile, self.overlap, strict=True))))
        jobs = [(tile, axes) for tile in tiles for axes in self.views]
        said = self.device.map(lambda job: self._read_tile(pixels[:, *job[0]], job[1]), jobs)
        total: Maps | None = None
        weight = np.zeros(size, np.float32)
        for (tile, _), maps in zip(jobs, said, strict=True):
            z, y, x = (share_of(*of) for of in zip(tile, size, self.overlap, strict=True))
            share = z[:, None, None] * y[:, None] * x
            total = np.zeros((len(maps), *size), np.float32) if total is None else total
            total[:, *tile] += maps * share
            weight[tile] += share
        assert total is not None  # a volume has at least one tile
        total /= weight
        return total

    def _read_tile(self, tile: npt.NDArray[np.float32], axes: tuple[int, ...]) -> Maps:
        """Maps (k, z, y, x) of a tile (c, z, y, x), seen mirrored along axes of (b, c, z, y, x)."""
        size = tile.shape[1:]
        index = [
            mirrored_index(np.arange(-(-length // multiple) * multiple), length)
            for length, multiple in zip(size, self.multiple, strict=True)
        ]
        places: Any = (slice(None), *np.ix_(*index))
        shown = torch.from_numpy(tile[places][None])
        with torch.no_grad(), self.device.autocast():
            said = self.device.own(self.net)(self.device.place(shown.flip(axes)))
        maps = self.activate(said.float()).flip(axes)[0].cpu()
        for axis, place in zip((2, 3, 4), self.vectors or (), strict=False):
            if axis in axes:
                maps[place] = -maps[place]
        return np.asarray(maps[:, : size[0], : size[1], : size[2]].numpy())
