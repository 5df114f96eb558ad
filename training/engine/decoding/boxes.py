"""Reading boxes off a whole picture: tile by tile, each cell from the tile whose middle it is nearest to, the
likelier of two that overlap too much; and drawing what was found as labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import nms

from annotation.core.layers import layers_of
from training.engine.data.box_frames import shrink
from training.engine.decoding.tiles import OVERLAP_PX, TILE_PX, spans
from training.engine.devices import Device

Floats = npt.NDArray[np.float32]

INSIDE = 0.7
"""Of two boxes of which the smaller lies in the other by this share, at a seam, they are one cell."""
_BEYOND = 0.25
"""How far beyond its own middle part a tile still tells of cells, in overlaps: a cell on the line between two
tiles is told by both, rather than by none."""


@dataclass(frozen=True)
class FoundBoxes:
    """Cells in a picture, the likeliest first: boxes (n, 4) as x0, y0, x1, y1 in px, scores (n,), classes
    (n,) from 1; masks float32 (n, 28, 28), stretched over their boxes, or None."""

    boxes: Floats
    scores: Floats
    classes: npt.NDArray[np.int64]
    masks: Floats | None = None

    def chosen(self, which: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "FoundBoxes":
        """Some of them."""
        masks = None if self.masks is None else self.masks[which]
        return FoundBoxes(self.boxes[which], self.scores[which], self.classes[which], masks)


class FindsBoxes(Protocol):
    """A net that finds cells."""

    def find(self, images: Sequence[Tensor]) -> list[dict[str, Tensor]]:
        """For each picture (c, y, x) its `boxes`, `scores`, `labels` and perhaps `masks`."""


@dataclass(frozen=True, kw_only=True)
class BoxReader:
    """How a detector is asked. `scale`: how much smaller it sees pictures; `largest_px` the longest side of a
    cell as it sees it, which tiles overlap by."""

    net: FindsBoxes
    device: Device
    scale: float
    largest_px: float
    nms_iou: float
    most_cells: int
    tile_px: int = TILE_PX

    def read(self, pixels: Floats) -> FoundBoxes:
        """The cells of a normalised picture (c, y, x), at most `most_cells`."""
        shown = shrink(pixels, self.scale)
        _, height, width = shown.shape
        overlap = int(min(max(OVERLAP_PX, 1.5 * self.largest_px), self.tile_px // 2))
        rows, columns = spans(height, self.tile_px, overlap), spans(width, self.tile_px, overlap)
        tiles = [(y, x) for y in rows for x in columns]
        told = list(self.device.map(lambda tile: self._read_tile(shown, tile, overlap), tiles))
        numbers = np.repeat(np.arange(len(told)), [len(each.scores) for each in told])
        merged = _joined(told)
        kept = _without_doubles(merged, numbers, self.nms_iou)[: self.most_cells]
        found = merged.chosen(kept)
        # The picture's sides were rounded when it was made smaller.
        back = np.array([pixels.shape[2] / width, pixels.shape[1] / height] * 2, np.float32)
        return FoundBoxes(found.boxes * back, found.scores, found.classes, found.masks)

    def _read_tile(self, shown: Floats, tile: tuple[slice, slice], overlap: int) -> FoundBoxes:
        rows, columns = tile
        image = torch.from_numpy(np.ascontiguousarray(shown[:, rows, columns])).to(self.device.name)
        with torch.no_grad(), self.device.autocast():
            said = self.device.own(self.net).find([image])[0]
        found = FoundBoxes(
            said["boxes"].float().cpu().numpy() + np.array([columns.start, rows.start] * 2, np.float32),
            said["scores"].float().cpu().numpy(),
            said["labels"].cpu().numpy().astype(np.int64),
            said["masks"][:, 0].float().cpu().numpy() if "masks" in said else None,
        )
        middles = np.asarray((found.boxes[:, :2] + found.boxes[:, 2:]) / 2, np.float32)
        own = _in_part(middles[:, 1], rows, shown.shape[1], overlap)
        own &= _in_part(middles[:, 0], columns, shown.shape[2], overlap)
        return found.chosen(own)


def _in_part(places: Floats, span: slice, length: int, overlap: int) -> npt.NDArray[np.bool_]:
    """Which places a tile tells of along an axis: half the overlap less from its ends, where it goes on."""
    margin = overlap * (0.5 - _BEYOND)
    low = -np.inf if span.start == 0 else span.start + margin
    high = np.inf if span.stop >= length else span.stop - margin
    return (places >= low) & (places <= high)


def _joined(told: Sequence[FoundBoxes]) -> FoundBoxes:
    masks = [each.masks for each in told if each.masks is not None]
    return FoundBoxes(
        np.concatenate([each.boxes for each in told]),
        np.concatenate([each.scores for each in told]),
        np.concatenate([each.classes for each in told]),
        np.concatenate(masks) if masks else None,
    )


def _without_doubles(found: FoundBoxes, tiles: npt.NDArray[np.int64], iou: float) -> npt.NDArray[np.int64]:
    """Indices of those that stay, the likeliest first: no class may take another's cell, and what two tiles
    (n,) tell of one cell is one, even where one of them saw less of it."""
    boxes, scores = torch.from_numpy(found.boxes), torch.from_numpy(found.scores)
    kept = np.asarray(nms(boxes, scores, iou).numpy(), np.int64)
    if len(np.unique(tiles)) < 2:
        return kept
    gone: set[int] = set()
    best = found.boxes[kept]
    areas = np.prod(best[:, 2:] - best[:, :2], axis=1)
    for place in range(len(kept)):
        if place in gone:
            continue
        low = np.maximum(best[place, :2], best[place + 1 :, :2])
        high = np.minimum(best[place, 2:], best[place + 1 :, 2:])
        both = np.prod(np.clip(high - low, 0, None), axis=1)
        within = both > INSIDE * np.maximum(np.minimum(areas[place], areas[place + 1 :]), 1e-6)
        elsewhere = tiles[kept[place + 1 :]] != tiles[kept[place]]
        gone |= set((np.flatnonzero(within & elsewhere) + place + 1).tolist())
    return kept[[place for place in range(len(kept)) if place not in gone]]


def draw_planes(found: FoundBoxes, size: tuple[int, int]) -> npt.NDArray[np.uint32]:
    """Labels uint32 (p, y, x) with ids 1 … n: masks where there are any, else the boxes filled. A pixel that
    several cells claim has each of them, on planes of their own."""
    pixels = [_pixels(found, row, size) for row in range(len(found.scores))]
    if not pixels:
        return np.zeros((1, *size), np.uint32)
    owners = np.repeat(np.arange(1, len(pixels) + 1, dtype=np.uint32), [len(each) for each in pixels])
    return layers_of(np.concatenate(pixels), owners, size[0] * size[1]).reshape(-1, *size)


def _pixels(found: FoundBoxes, row: int, size: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Flat indices of a cell's pixels in a picture of `size`; at least one."""
    x0, y0, x1, y1 = np.rint(found.boxes[row]).astype(int)
    y0, x0 = min(max(y0, 0), size[0] - 1), min(max(x0, 0), size[1] - 1)
    y1, x1 = max(min(y1, size[0]), y0 + 1), max(min(x1, size[1]), x0 + 1)
    inside = np.ones((y1 - y0, x1 - x0), np.bool_)
    if found.masks is not None:
        mask = torch.from_numpy(found.masks[row])[None, None]
        drawn = functional.interpolate(mask, inside.shape, mode="bilinear", align_corners=False)
        shape = drawn[0, 0].numpy() >= 0.5
        inside = shape if shape.any() else inside
    y, x = np.nonzero(inside)
    return np.asarray((y + y0) * size[1] + x + x0, np.int64)
