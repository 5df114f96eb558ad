"""Running a net over a whole frame: tile by tile, blended where tiles overlap, averaged over mirrored and
enlarged copies.
"""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.data.crops import mirrored_index
from training.engine.devices import Device

TILE_PX = 768
"""Tiles hold no more pixels than a square of this side, and are no longer than twice as much."""
WIDE_TILE_PX = 1024
"""The same of frames that are three tiles high and wide or more, where cores have enough to share anyhow.
What overlaps is read twice: of a frame of 20,000 px 30 % more is read with narrow tiles, 23 % with wide ones,
14 % with the narrow overlap besides."""
OVERLAP_PX, NARROW_OVERLAP_PX = 96, 64
"""The narrow one is for reading quickly: of 1,439 cells of four mosaics 1,425 are as in one piece at an IoU
of 0.9, with the other 1,427; in wide tiles 1,432."""
EVEN_PX = 16
"""Sides of tiles are multiples of it, which nets of up to four halvings like."""
REMEMBERED_BYTES = 800 << 20
"""Of a large frame, maps of tiles that the next row of windows asks for again: two rows of tiles of a frame
20,000 px wide."""


@dataclass(frozen=True)
class View:
    """One way of showing a tile to the net: mirrored along `axes` of (b, c, y, x), enlarged; its weight."""

    axes: tuple[int, ...] = ()
    zoom: float = 1.0
    weight: float = 1.0


ReadPixels = Callable[[slice, slice], npt.NDArray[np.float32]]
"""Rows and columns of a frame → normalised pixels (c, y, x)."""
TurnBack = Callable[[Tensor, tuple[int, ...], float], Tensor]
"""Maps (k, y, x) of a tile seen mirrored along axes of (b, c, y, x) and enlarged → as of the tile itself."""

PLAIN = (View(),)
MIRRORED = tuple(View(axes) for axes in ((), (2,), (3,), (2, 3)))
"""The four mirrored copies."""
AND_ENLARGED = (View(), View((2, 3), zoom=1.5))
"""As it is, and an enlarged copy turned half round: small cells are seen better in it. On nuclei of ten
kinds that gained as much as four mirrored copies and one of twice the size (pooled AP at 0.5 from 0.837 to
0.856, the others to 0.853), which cost two and a half times as much."""


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
        return self.read_by(
            (pixels.shape[1], pixels.shape[2]), lambda rows, columns: pixels[:, rows, columns]
        )

    def read_by(self, size: tuple[int, int], read_pixels: "ReadPixels") -> npt.NDArray[np.float32]:
        """As `read`, of a frame of `size` whose tiles are asked for one by one, by several threads."""
        tiles = [(tall, broad) for tall, broad in itertools.product(*self.shares(size))]
        jobs = [(tall.span, broad.span, view) for tall, broad in tiles for view in self.views]
        said = self.device.map(lambda job: self.read_tile(read_pixels(job[0], job[1]), job[2]), jobs)
        total: npt.NDArray[np.float32] | None = None
        for tall, broad in tiles:
            maps = fade(self.average(said), tall, broad)
            total = np.zeros((len(maps), *size), np.float32) if total is None else total
            total[:, tall.span, broad.span] += maps
        assert total is not None  # a frame has at least one tile
        return total

    def shares(self, size: tuple[int, int]) -> "tuple[list[Shares], list[Shares]]":
        """The tiles of a frame along y and along x; the same ones on every machine."""
        wide = min(size) >= 3 * self.tile_px and self.tile_px == TILE_PX
        tall, broad = tile_sides(size, WIDE_TILE_PX if wide else self.tile_px, self.overlap_px)
        return Shares.of(size[0], tall, self.overlap_px), Shares.of(size[1], broad, self.overlap_px)

    def average(self, said: Iterator[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """The next tile's maps out of those of its views, one after the other."""
        if len(self.views) == 1:
            return next(said)
        weight = sum(view.weight for view in self.views)
        seen = [next(said) * np.float32(view.weight / weight) for view in self.views]
        return np.asarray(np.sum(seen, axis=0), np.float32)

    def read_tile(self, tile: npt.NDArray[np.float32], view: View) -> npt.NDArray[np.float32]:
        """Maps (k, y, x) of a tile (c, y, x), seen in one view."""
        _, height, width = tile.shape
        shown = _resized(torch.from_numpy(np.ascontiguousarray(tile))[None], view.zoom)
        high, wide = shown.shape[2:]
        if high % self.multiple or wide % self.multiple:
            rows = mirrored_index(np.arange(_rounded_up(high, self.multiple)), high)
            columns = mirrored_index(np.arange(_rounded_up(wide, self.multiple)), wide)
            shown = shown[:, :, torch.from_numpy(rows)[:, None], torch.from_numpy(columns)]
        maps = self._read_mirrored(shown, view.axes)[:, :high, :wide]
        if self.turn_back is not None:
            maps = self.turn_back(maps, view.axes, view.zoom)
        if view.zoom != 1:
            maps = functional.interpolate(maps[None], (height, width), mode="bilinear")[0]
        return maps.numpy()

    def _read_mirrored(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        place = self.device.place_plain if getattr(self.net, "takes_planes", False) else self.device.place
        with torch.no_grad(), self.device.autocast():
            said = self.device.own(self.net)(place(x.flip(axes) if axes else x))
        # Map after map from here on, for what follows looks at each by itself.
        maps = self.activate(said.to(torch.float32, memory_format=torch.contiguous_format)).cpu()
        maps = (maps.flip(axes) if axes else maps)[0]
        for axis, index in zip((2, 3), self.vectors or (), strict=False):
            if axis in axes:
                maps[index] = -maps[index]
        return maps


@dataclass(frozen=True)
class Shares:
    """A tile along one axis: its `span`, and the share that each of its places has in what is said there."""

    span: slice
    share: npt.NDArray[np.float32]

    @property
    def shared(self) -> list[slice]:
        """Where other tiles have a share too: at its beginning, at its end."""
        alone = np.flatnonzero(self.share == 1)
        if not len(alone):
            return [slice(0, len(self.share))]
        return [band for band in (slice(0, alone[0]), slice(alone[-1] + 1, len(self.share))) if _has(band)]

    @staticmethod
    def of(length: int, tile: int, overlap: int) -> "list[Shares]":
        """Tiles that cover a length; their shares are 1 together wherever they overlap."""
        tiles = spans(length, tile, overlap)
        shares = [share_of(span, length, overlap) for span in tiles]
        total = np.zeros(length, np.float32)
        for span, share in zip(tiles, shares, strict=True):
            total[span] += share
        return [Shares(span, share / total[span]) for span, share in zip(tiles, shares, strict=True)]


def fade(maps: npt.NDArray[np.float32], tall: Shares, broad: Shares) -> npt.NDArray[np.float32]:
    """Maps (k, y, x) of a tile times its shares, in their place."""
    for band in tall.shared:
        maps[:, band] *= tall.share[band, None]
    for band in broad.shared:
        maps[:, :, band] *= broad.share[band]
    return maps


class FrameReader:
    """Maps of any window of one frame, equal to what `Reader.read` says of the whole: the tiles are the same,
    and each is read once as long as it is remembered. Memory: the window, and what may be remembered.
    """

    def __init__(
        self,
        reader: Reader,
        size: tuple[int, int],
        read_pixels: ReadPixels,
        remembered_bytes: int = REMEMBERED_BYTES,
    ) -> None:
        """`size`: height and width of the frame; `read_pixels` gives normalised pixels (c, y, x) of a
        window."""
        self.reader, self.size, self.read_pixels = reader, size, read_pixels
        self._rows, self._columns = reader.shares(size)
        self._said: OrderedDict[tuple[int, int], npt.NDArray[np.float32]] = OrderedDict()
        self._left = remembered_bytes

    def window(self, rows: slice, columns: slice) -> npt.NDArray[np.float32]:
        """Maps float32 (k, y, x) of a window that lies in the frame."""
        high, wide = rows.stop - rows.start, columns.stop - columns.start
        total: npt.NDArray[np.float32] | None = None
        for tall, broad, maps in self._tiles(rows, columns):
            here, there = _common(tall.span, rows), _common(broad.span, columns)
            total = np.zeros((len(maps), high, wide), np.float32) if total is None else total
            for whole, part in zip(total, maps, strict=True):
                whole[here[1], there[1]] += part[here[0], there[0]]
        assert total is not None  # the tiles cover the frame
        return total

    def _tiles(self, rows: slice, columns: slice) -> Iterator[tuple[Shares, Shares, npt.NDArray[np.float32]]]:
        """Every tile that the window touches, with its maps, averaged over the views, times its shares."""
        wanted = [
            (i, j)
            for i, tall in enumerate(self._rows)
            for j, broad in enumerate(self._columns)
            if _touch(tall.span, rows) and _touch(broad.span, columns)
        ]
        missing = [place for place in wanted if place not in self._said]
        jobs = [(place, view) for place in missing for view in self.reader.views]
        said = self.reader.device.map(lambda job: self._read(*job), jobs)
        fresh: dict[tuple[int, int], npt.NDArray[np.float32]] = {}
        for place in wanted:
            tall, broad = self._rows[place[0]], self._columns[place[1]]
            if place not in self._said:
                fresh[place] = fade(self.reader.average(said), tall, broad)
            yield tall, broad, fresh[place] if place in fresh else self._said[place]
        self._remember(fresh)

    def _read(self, place: tuple[int, int], view: View) -> npt.NDArray[np.float32]:
        pixels = self.read_pixels(self._rows[place[0]].span, self._columns[place[1]].span)
        return self.reader.read_tile(pixels, view)

    def _remember(self, fresh: dict[tuple[int, int], npt.NDArray[np.float32]]) -> None:
        """Keeps the newest tiles; the oldest go where there is no room."""
        for place, maps in fresh.items():
            self._said[place] = maps
            self._left -= maps.nbytes
        while self._left < 0 and self._said:
            _, gone = self._said.popitem(last=False)
            self._left += gone.nbytes


def _has(band: slice) -> bool:
    return bool(band.stop > band.start)


def _touch(span: slice, window: slice) -> bool:
    return bool(span.start < window.stop and window.start < span.stop)


def _common(span: slice, window: slice) -> tuple[slice, slice]:
    """What a span and a window share, as places in the span and as places in the window."""
    start, stop = max(span.start, window.start), min(span.stop, window.stop)
    return slice(start - span.start, stop - span.start), slice(start - window.start, stop - window.start)


def _resized(pixels: Tensor, zoom: float) -> Tensor:
    """Pixels (1, c, y, x), `zoom` times as large."""
    if zoom == 1:
        return pixels
    size = [max(1, round(length * zoom)) for length in pixels.shape[2:]]
    return functional.interpolate(pixels, size, mode="bilinear")


def tile_sides(size: tuple[int, int], tile_px: int, overlap: int) -> tuple[int, int]:
    """Height and width of the tiles of a frame of `size` for which a net reads the fewest pixels, two tiles
    at a time: overlaps are read twice, so a frame of 1,024 px is cheaper in halves than in quarters."""
    if max(size) <= tile_px:
        return size
    tried = {min(tile_px, size[0])}
    for count in range(1, 1 + -(-2 * size[0] // tile_px)):
        side = _even_side(size[0], count, overlap)
        if 2 * overlap < side <= min(2 * tile_px, tile_px**2 // (2 * overlap)):
            tried.add(side)
    each = [(tall, min(2 * tile_px, tile_px**2 // tall)) for tall in sorted(tried)]
    return min(each, key=lambda sides: _read_px(size, sides, overlap))


def _read_px(size: tuple[int, int], sides: tuple[int, int], overlap: int) -> int:
    """Pixels that are read, a lonely last tile counted twice."""
    rows, columns = (spans(length, side, overlap) for length, side in zip(size, sides, strict=True))
    count = len(rows) * len(columns)
    pairs = count + count % 2 if count > 1 else 1
    return pairs * int(rows[0].stop - rows[0].start) * int(columns[0].stop - columns[0].start)


def _even_side(length: int, count: int, overlap: int) -> int:
    """Side of `count` tiles that cover a length."""
    return _rounded_up(-(-(length + (count - 1) * overlap) // count), EVEN_PX)


def spans(length: int, tile: int, overlap: int) -> list[slice]:
    """Slices of at most `tile` that cover `length` and overlap by at least `overlap`, as few as possible, no
    longer than they need be, evenly placed.
    """
    if length <= tile:
        return [slice(0, length)]
    count = int(np.ceil((length - overlap) / (tile - overlap)))
    side = min(tile, _even_side(length, count, overlap))
    starts = np.linspace(0, length - side, count).round().astype(int)
    return [slice(int(start), int(start) + side) for start in starts]


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
