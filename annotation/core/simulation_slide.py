"""A simulated slide of any size, made of a few simulated blocks that are laid out over and over.

Test material for large images: the picture and its pyramid are files of encoded chunks of which only a few
hundred differ, the labels are tiles with an id of its own for every cell. Memory is bounded by the blocks.
Cells are cut where blocks meet, and means of the pyramid are taken within blocks.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numcodecs import Zstd  # type: ignore[import-untyped]
from numpy.typing import NDArray

from annotation.core import tiles
from annotation.core.edit_values import TILE_PX
from annotation.core.formats import ome_zarr
from annotation.core.formats.base import Facts
from annotation.core.formats.ome_zarr import CHUNK_PX
from annotation.core.simulation import CHANNELS, simulate_field
from annotation.core.tiles import CellMeasures, TileContent

BLOCK_PX = 2048
BLOCK_KINDS = 4
PIXEL_SIZE_UM = 0.5
ZSTD_LEVEL = 3

Planes = NDArray[np.uint16]


class SlideTile(NamedTuple):
    """One label tile, packed and measured as it is stored."""

    ty: int
    tx: int
    cells: NDArray[np.uint32]
    content: bytes
    stats: bytes


class SlideChunk(NamedTuple):
    """A chunk of the store: its key, the key of the first with the same bytes, and these if it is that."""

    key: str
    same_as: str
    data: bytes | None


@dataclass(frozen=True, eq=False)
class Block:
    """One simulated field: pixels (c, y, x) of every level down to a single pixel, and labels (y, x)."""

    levels: tuple[Planes, ...]
    labels: NDArray[np.uint32]

    @cached_property
    def cells(self) -> int:
        """Its cells are numbered 1 to this."""
        return int(self.labels.max())


@dataclass(frozen=True, eq=False)
class Slide:
    """Blocks of a few kinds on a grid; `kinds[row, column]` says which lies where."""

    size_px: int
    blocks: tuple[Block, ...]
    kinds: NDArray[np.intp]

    @property
    def facts(self) -> Facts:
        """What an importer would be told of the image."""
        return Facts(
            name=f"slide {self.size_px} px",
            shape_tczyx=(1, len(CHANNELS), 1, self.size_px, self.size_px),
            dtype=np.dtype(np.uint16),
            channel_names=CHANNELS,
            pixel_size_zyx_um=(None, PIXEL_SIZE_UM, PIXEL_SIZE_UM),
        )

    @cached_property
    def first_cells(self) -> NDArray[np.int64]:
        """The id before the first of each block, row by row, and at the end the number of ids in all."""
        counts = [self.blocks[kind].cells for kind in self.kinds.ravel()]
        return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))

    def sample(self, channel: int) -> Planes:
        """Pixels from which the display window of a channel is found."""
        return np.concatenate([block.levels[2][channel].ravel() for block in self.blocks])


def make_slide(*, size_px: int, cells: int, seed: int = 0) -> Slide:
    """A square slide with at least about `cells` cells. Raises ValueError for sizes that are no picture."""
    if size_px < 1 or cells < 1:
        raise ValueError("A slide needs at least one pixel and one cell.")
    side = math.ceil(size_px / BLOCK_PX)
    per_block = math.ceil(cells * (BLOCK_PX / size_px) ** 2 * 1.01)
    kinds = min(BLOCK_KINDS, side * side)
    blocks = tuple(_make_block(seed * BLOCK_KINDS + i, per_block) for i in range(kinds))
    return Slide(size_px, blocks, np.random.default_rng(seed).integers(0, kinds, (side, side)))


def _make_block(seed: int, cells: int) -> Block:
    movie = simulate_field(seed=seed, height=BLOCK_PX, width=BLOCK_PX, cells=cells)
    levels = [movie.image[0, :, 0]]
    while levels[-1].shape[-1] > 1:
        levels.append(np.stack([ome_zarr.halve(plane) for plane in levels[-1]]))
    return Block(tuple(levels), movie.labels[0, 0])


# ---------------------------------------------------------------- pixels


def chunks(slide: Slide) -> Iterator[SlideChunk]:
    """Every chunk of every level. Bytes come with the first of equal chunks; keys are those of zarr v3."""
    shapes = ome_zarr.pyramid_shapes(slide.facts.shape_tczyx)
    for level, shape in enumerate(shapes):
        for channel in range(shape[1]):
            yield from _level_chunks(slide, level, channel, shape)


def _level_chunks(slide: Slide, level: int, channel: int, shape: tuple[int, ...]) -> Iterator[SlideChunk]:
    first: dict[tuple[int, ...], str] = {}
    rows, columns = (math.ceil(n / CHUNK_PX) for n in shape[3:])
    for cy in range(rows):
        for cx in range(columns):
            key = f"{level}/c/0/{channel}/0/{cy}/{cx}"
            same = first.setdefault(_picture(slide, level, cy, cx), key)
            yield SlideChunk(key, same, _encoded(slide, level, channel, cy, cx) if same == key else None)


def _span(level: int, at: int) -> tuple[int, int, int]:
    """Blocks under a chunk's row (or column): the first, how many, and which part of a larger one."""
    edge = max(1, BLOCK_PX >> level)
    if edge >= CHUNK_PX:
        return at * CHUNK_PX // edge, 1, at % (edge // CHUNK_PX)
    return at * (CHUNK_PX // edge), CHUNK_PX // edge, 0


def _picture(slide: Slide, level: int, cy: int, cx: int) -> tuple[int, ...]:
    """Equal for chunks that show the same."""
    (row, high, part_y), (column, wide, part_x) = _span(level, cy), _span(level, cx)
    under = slide.kinds[row : row + high, column : column + wide]
    return (part_y, part_x, *under.shape, *under.ravel().tolist())


def _encoded(slide: Slide, level: int, channel: int, cy: int, cx: int) -> bytes:
    """One chunk as the store's codecs write it: little-endian, zstd. What lies beyond the slide is 0."""
    (row, high, part_y), (column, wide, part_x) = _span(level, cy), _span(level, cx)
    if high == 1 and wide == 1 and BLOCK_PX >> level >= CHUNK_PX:
        block = slide.blocks[slide.kinds[row, column]].levels[level][channel]
        y, x = part_y * CHUNK_PX, part_x * CHUNK_PX
        picture = block[y : y + CHUNK_PX, x : x + CHUNK_PX]
    else:
        picture = _mosaic(slide, level, channel, slide.kinds[row : row + high, column : column + wide])
    return bytes(Zstd(level=ZSTD_LEVEL).encode(np.ascontiguousarray(picture, "<u2").tobytes()))


def _mosaic(slide: Slide, level: int, channel: int, kinds: NDArray[np.intp]) -> Planes:
    picture = np.zeros((CHUNK_PX, CHUNK_PX), np.uint16)
    edge = BLOCK_PX >> level
    for (row, column), kind in np.ndenumerate(kinds):
        y, x = row * edge, column * edge
        picture[y : y + edge, x : x + edge] = slide.blocks[kind].levels[level][channel]
    return picture


# ---------------------------------------------------------------- labels


@dataclass(frozen=True, eq=False)
class _Kind:
    """Tiles of one kind of block as they lie at the slide's corner, by place, with their measures."""

    tiles: dict[tuple[int, int], tuple[TileContent, CellMeasures]]

    @classmethod
    def of(cls, labels: NDArray[np.uint32]) -> "_Kind":
        found = tiles.tiles_of_planes(labels[None])
        return cls({at: (tile, tiles.measure(tile, ty=at[0], tx=at[1])) for at, tile in found.items()})


def label_tiles(slide: Slide) -> Iterator[SlideTile]:
    """Every label tile with a cell in it; ids run through the blocks row by row."""
    kinds = [_Kind.of(block.labels) for block in slide.blocks]
    for at, (row, column) in enumerate(np.ndindex(*slide.kinds.shape)):
        which = slide.kinds[row, column]
        kind = _cut(slide, slide.blocks[which], row, column) or kinds[which]
        yield from _placed(kind, row, column, int(slide.first_cells[at]))


def _cut(slide: Slide, block: Block, row: int, column: int) -> _Kind | None:
    """A block at the slide's edge, cut there; None for one that lies within."""
    high, wide = (min(BLOCK_PX, slide.size_px - n * BLOCK_PX) for n in (row, column))
    return None if high == wide == BLOCK_PX else _Kind.of(block.labels[:high, :wide])


def _placed(kind: _Kind, row: int, column: int, before: int) -> Iterator[SlideTile]:
    ty0, tx0 = row * BLOCK_PX // TILE_PX, column * BLOCK_PX // TILE_PX
    for (ty, tx), (content, measures) in kind.tiles.items():
        ids = content.ids + np.uint32(before)
        moved = _moved(measures, ids, row * BLOCK_PX, column * BLOCK_PX)
        yield SlideTile(ty0 + ty, tx0 + tx, ids, tiles.pack(replace(content, ids=ids)), moved.to_bytes())


def _moved(measures: CellMeasures, ids: NDArray[np.uint32], down_px: int, right_px: int) -> CellMeasures:
    return CellMeasures(
        ids,
        measures.area_px,
        measures.sum_y + measures.area_px * down_px,
        measures.sum_x + measures.area_px * right_px,
        measures.y_min + down_px,
        measures.x_min + right_px,
        measures.y_max + down_px,
        measures.x_max + right_px,
    )


def areas(slide: Slide) -> NDArray[np.int64]:
    """Pixels of every cell; [0] is unused. Cells that lie beyond the slide's edge have none."""
    found = np.zeros(int(slide.first_cells[-1]) + 1, np.int64)
    whole = [np.bincount(block.labels.ravel(), minlength=block.cells + 1) for block in slide.blocks]
    for at, (row, column) in enumerate(np.ndindex(*slide.kinds.shape)):
        kind = slide.kinds[row, column]
        high, wide = (min(BLOCK_PX, slide.size_px - n * BLOCK_PX) for n in (row, column))
        counts = whole[kind]
        if high < BLOCK_PX or wide < BLOCK_PX:
            part: NDArray[Any] = slide.blocks[kind].labels[:high, :wide]
            counts = np.bincount(part.ravel(), minlength=counts.size)
        first = int(slide.first_cells[at])
        found[first + 1 : first + counts.size] = counts[1:]
    return found
