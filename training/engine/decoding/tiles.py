"""Running a net over a whole frame: tile by tile, blended where tiles overlap, averaged over mirrored and
enlarged copies.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.data.crops import mirrored_index
from training.engine.devices import Device

TILE_PX = 768
OVERLAP_PX = 96


@dataclass(frozen=True)
class View:
    """One way of showing a tile to the net: mirrored along `axes` of (b, c, y, x), enlarged; its weight."""

    axes: tuple[int, ...] = ()
    zoom: float = 1.0
    weight: float = 1.0


TurnBack = Callable[[Tensor, tuple[int, ...], float], Tensor]
"""Maps (k, y, x) of a tile seen mirrored along axes of (b, c, y, x) and enlarged → as of the tile itself."""

PLAIN = (View(),)
MIRRORED = tuple(View(axes) for axes in ((), (2,), (3,), (2, 3)))
"""The four mirrored copies."""
MIRRORED_AND_ENLARGED = (*MIRRORED, View(zoom=2.0, weight=4.0))
"""The enlarged copy counts as much as the mirrored ones together: small cells are seen better in it."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a net is asked: what becomes of its numbers, which are vectors (index of y and x), in which views.

    `activate` takes (b, k, y, x) and returns the same shape. `turn_back` sets right what a view changes in
    the numbers themselves, where `vectors` does not say it all.
    """

    net: nn.Module
    multiple: int
    device: Device
    activate: Callable[[Tensor], Tensor]
    vectors: tuple[int, int] | None = None
    turn_back: TurnBack | None = None
    views: tuple[View, ...] = PLAIN
    tile_px: int = TILE_PX
    overlap_px: int = OVERLAP_PX

    def read(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Maps float32 (k, y, x) of a normalised frame (c, y, x). Memory: some tiles of the net, and the
        maps.
        """
        _, height, width = pixels.shape
        tiles = [
            (rows, columns)
            for rows in spans(height, self.tile_px, self.overlap_px)
            for columns in spans(width, self.tile_px, self.overlap_px)
        ]
        jobs = [(rows, columns, view) for rows, columns in tiles for view in self.views]
        said = self.device.map(lambda job: self._read_tile(pixels[:, job[0], job[1]], job[2]), jobs)
        total: npt.NDArray[np.float32] | None = None
        weight = np.zeros((height, width), np.float32)
        for (rows, columns, view), maps in zip(jobs, said, strict=True):
            share = share_of(rows, height, self.overlap_px)[:, None] * share_of(columns, width, self.overlap_px)
            share = share * np.float32(view.weight)
            total = np.zeros((len(maps), height, width), np.float32) if total is None else total
            total[:, rows, columns] += maps * share
            weight[rows, columns] += share
        assert total is not None  # a frame has at least one tile
        return np.asarray(total / weight, np.float32)

    def _read_tile(self, tile: npt.NDArray[np.float32], view: View) -> npt.NDArray[np.float32]:
        """Maps (k, y, x) of a tile (c, y, x), seen in one view."""
        _, height, width = tile.shape
        shown = _resized(torch.from_numpy(np.ascontiguousarray(tile))[None], view.zoom)
        high, wide = shown.shape[2:]
        rows = mirrored_index(np.arange(_rounded_up(high, self.multiple)), high)
        columns = mirrored_index(np.arange(_rounded_up(wide, self.multiple)), wide)
        x = shown[:, :, torch.from_numpy(rows)[:, None], torch.from_numpy(columns)]
        maps = self._read_mirrored(x, view.axes)[:, :high, :wide]
        if self.turn_back is not None:
            maps = self.turn_back(maps, view.axes, view.zoom)
        if view.zoom != 1:
            maps = functional.interpolate(maps[None], (height, width), mode="bilinear")[0]
        return maps.numpy()

    def _read_mirrored(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        with torch.no_grad(), self.device.autocast():
            said = self.net(self.device.place(x.flip(axes)))
        maps = self.activate(said.float()).flip(axes)[0].cpu()
        for axis, index in zip((2, 3), self.vectors or (), strict=False):
            if axis in axes:
                maps[index] = -maps[index]
        return maps


def _resized(pixels: Tensor, zoom: float) -> Tensor:
    """Pixels (1, c, y, x), `zoom` times as large."""
    if zoom == 1:
        return pixels
    size = [max(1, round(length * zoom)) for length in pixels.shape[2:]]
    return functional.interpolate(pixels, size, mode="bilinear")


def spans(length: int, tile: int, overlap: int) -> list[slice]:
    """Slices of at most `tile` that cover `length` and overlap by at least `overlap`, evenly placed."""
    if length <= tile:
        return [slice(0, length)]
    count = int(np.ceil((length - overlap) / (tile - overlap)))
    starts = np.linspace(0, length - tile, count).round().astype(int)
    return [slice(int(start), int(start) + tile) for start in starts]


def share_of(span: slice, length: int, overlap: int) -> npt.NDArray[np.float32]:
    """Weight of a tile along one axis: falls to nearly nothing where another tile goes on, not at the
    frame's end.

    A tile's outermost pixels have seen the least around them: the outer quarter of the overlap
    counts for nothing, the next half rises to full weight.
    """
    places = np.arange(span.start, span.stop)
    inwards = np.full(len(places), np.inf) if span.start == 0 else places - span.start - overlap / 4
    outwards = np.full(len(places), np.inf) if span.stop == length else span.stop - 1 - places - overlap / 4
    share = np.minimum(inwards, outwards) / (overlap / 2)
    return np.asarray(np.clip(share, 1e-6, 1), np.float32)


def _rounded_up(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple
