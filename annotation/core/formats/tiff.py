"""TIFF, ImageJ hyperstacks and OME-TIFF, read page by page."""

import math
import struct
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile, TiffFileError, TiffFrame, TiffPage, TiffPageSeries

from annotation.core.formats import axes, tiff_metadata
from annotation.core.formats.base import Facts, RefusedFile, Shape, check_size, default_channels
from annotation.core.formats.colours import bands, rgb_names
from annotation.core.formats.tiff_metadata import Described

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
RGB_PHOTOMETRIC = (2, 6)


@dataclass(frozen=True, kw_only=True)
class TiffSource(Facts):
    """One series of a TIFF file; the file stays open while the source lives."""

    path: Path
    series: TiffPageSeries
    plan: axes.AxisPlan
    channels: tuple[int, ...]  # which of the file's channels are kept (alpha is not)
    _last: dict[int, NDArray[Any]] = field(default_factory=dict, repr=False)

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x). Raises RefusedFile when its bytes cannot be decoded."""
        index = self.plan.index(t, self.channels[c], z)
        leading = len(self.plan.shape) - len(self.series.keyframe.shape)
        at = int(np.ravel_multi_index(_ints(index[:leading]), self.plan.shape[:leading])) if leading else 0
        plane: NDArray[Any] = self._page(at)[index[leading:]]
        return plane.astype(self.dtype, copy=False)

    def _page(self, at: int) -> NDArray[Any]:
        """One page; the last is kept, because the colours of a picture lie in one page."""
        if at not in self._last:
            self._last.clear()
            with _refusing(self.path):
                self._last[at] = _read_page(self.series, at)
        return self._last[at]


def _ints(index: tuple[int | slice, ...]) -> tuple[int, ...]:
    return tuple(i for i in index if isinstance(i, int))


def _read_page(series: TiffPageSeries, at: int) -> NDArray[Any]:
    """Page number `at` of a series; a file with an uncompressed hyperstack may list only its first page."""
    shape = series.keyframe.shape
    if series.dataoffset is not None:
        handle = series.keyframe.parent.filehandle
        kind = np.dtype(series.dtype).newbyteorder(series.keyframe.parent.byteorder)
        count = math.prod(shape)
        handle.seek(series.dataoffset + at * count * kind.itemsize)
        return np.asarray(handle.read_array(kind, count)).reshape(shape)
    page = series.pages[at]
    if page is None:
        raise ValueError("a plane is missing")
    return np.asarray(page.asarray()).reshape(shape)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Anything that goes wrong inside a TIFF is told as a refusal of the file."""
    try:
        yield
    except RefusedFile:
        raise
    except axes.UnclearAxes as error:
        raise RefusedFile(path, str(error)) from None
    except MemoryError:
        raise RefusedFile(path, "the image does not fit into memory") from None
    except Exception as error:  # a broken file can raise anything in a decoder
        raise RefusedFile(path, f"the TIFF is damaged or incomplete ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def open_all(path: Path, *, stated_axes: str | None = None) -> list[TiffSource]:
    """Every image series of a TIFF file. Raises RefusedFile with the reason.

    Series of an OME-TIFF are separate images; pyramid levels are left out. `stated_axes` overrides the axes
    of the file, one of T, C, Z, Y, X for each.
    """
    with _refusing(path):
        # other files named inside an OME-TIFF are not opened: they could be anybody's
        tif = _open_file(path)
        try:
            _check_chain(path, tif)
            sources = [_source(path, tif, i, stated_axes) for i in range(len(tif.series))]
        except BaseException:
            tif.close()
            raise
    if not sources:
        tif.close()
        raise RefusedFile(path, "the TIFF holds no image")
    _close_with(tif, sources)
    return sources


def open_one(path: Path, *, series: int = 0, stated_axes: str | None = None) -> TiffSource:
    """One series of a TIFF file. Raises RefusedFile."""
    sources = open_all(path, stated_axes=stated_axes)
    if series >= len(sources):
        raise RefusedFile(path, f"there is no series {series + 1}; the file has {len(sources)}")
    return sources[series]


def _open_file(path: Path) -> TiffFile:
    try:
        return TiffFile(path, _multifile=False)
    except TiffFileError as error:
        raise RefusedFile(path, f"this is not a TIFF file ({_first_line(error)})") from None


class _Closer:
    """Closes the file once the last source of it is gone."""

    def __init__(self, tif: TiffFile, count: int) -> None:
        self.tif, self.count = tif, count

    def __call__(self) -> None:
        self.count -= 1
        if self.count == 0:
            self.tif.close()


def _close_with(tif: TiffFile, sources: list[TiffSource]) -> None:
    closer = _Closer(tif, len(sources))
    for source in sources:
        weakref.finalize(source, closer)


def _source(path: Path, tif: TiffFile, number: int, stated_axes: str | None) -> TiffSource:
    series = tif.series[number]
    plan = axes.plan(series.axes, series.shape, name=path.stem, stated=stated_axes)
    kind = np.dtype(series.dtype).newbyteorder("=")
    check_size(path, plan.shape_tczyx, kind)
    _check_complete(path, series)
    described = _described(tif, series, number)
    colour = int(series.keyframe.photometric) in RGB_PHOTOMETRIC and "S" in series.axes
    channels, names = _channels(path, series, plan, described, colour)
    t, _, z, y, x = plan.shape_tczyx
    shape: Shape = (t, len(channels), z, y, x)
    return TiffSource(
        name=_name(path, described, number, len(tif.series)),
        shape_tczyx=shape,
        dtype=kind,
        channel_names=names,
        pixel_size_zyx_um=described.pixel_size_zyx_um,
        frame_interval_s=described.frame_interval_s,
        axes_note=plan.note,
        time_guessed="T" in plan.guessed,
        path=path,
        series=series,
        plan=plan,
        channels=channels,
    )


def _described(tif: TiffFile, series: TiffPageSeries, number: int) -> Described:
    page = series.keyframe
    if tif.is_ome and tif.ome_metadata:
        return tiff_metadata.of_ome(tif.ome_metadata, number)
    if tif.is_imagej:
        return tiff_metadata.of_imagej(tif, page)
    return tiff_metadata.of_plain(page)


def _name(path: Path, described: Described, number: int, count: int) -> str:
    stem = path.stem.removesuffix(".ome")
    if count == 1:
        return stem
    return f"{stem} ({described.name or f'series {number + 1}'})"


def _channels(
    path: Path, series: TiffPageSeries, plan: axes.AxisPlan, described: Described, colour: bool
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Which of the file's channels are kept, and their names."""
    count = plan.shape_tczyx[1]
    if not colour:
        named = described.channel_names
        return tuple(range(count)), named if len(named) == count else default_channels(count)
    samples = series.shape[series.axes.index("S")]
    if count != samples:
        return tuple(range(count)), default_channels(count)
    kept = bands(samples)
    if len(kept) == 3 and _all_grey(path, series, plan):
        return (0,), default_channels(1)
    return kept, rgb_names(len(kept))


def _all_grey(path: Path, series: TiffPageSeries, plan: axes.AxisPlan) -> bool:
    """Whether red, green and blue are equal everywhere; stops at the first page where they are not."""
    axis = series.keyframe.axes.index("S")
    with _refusing(path):
        for at in range(math.prod(plan.shape) // math.prod(series.keyframe.shape)):
            page = np.moveaxis(_read_page(series, at), axis, 0)
            if not (np.array_equal(page[0], page[1]) and np.array_equal(page[0], page[2])):
                return False
    return True


def _check_chain(path: Path, tif: TiffFile) -> None:
    """Raise RefusedFile when the last page points to one beyond the end of the file."""
    last, layout, handle = tif.pages[-1], tif.tiff, tif.filehandle
    handle.seek(last.offset)
    (tags,) = struct.unpack(layout.tagnoformat, handle.read(layout.tagnosize))
    handle.seek(last.offset + layout.tagnosize + tags * layout.tagsize)
    (following,) = struct.unpack(layout.offsetformat, handle.read(layout.offsetsize))
    if following >= path.stat().st_size:
        raise RefusedFile(path, f"the file is cut short: after page {len(tif.pages)} others are missing")


def _check_complete(path: Path, series: TiffPageSeries) -> None:
    """Raise RefusedFile when the file ends before its pixels do, or planes lie in other files."""
    size = path.stat().st_size
    if series.dataoffset is not None:
        end = series.dataoffset + math.prod(series.shape) * np.dtype(series.dtype).itemsize
    else:
        end = max((_end_of_page(path, page) for page in series.pages), default=0)
    if end > size:
        raise RefusedFile(path, f"the file is cut short: {end} bytes are declared and {size} are there")


def _end_of_page(path: Path, page: TiffPage | TiffFrame | None) -> int:
    if page is None:
        raise RefusedFile(path, "some planes of this OME-TIFF are in other files; put them into one file")
    ends = (at + n for at, n in zip(page.dataoffsets, page.databytecounts, strict=False))
    return max(ends, default=0)
