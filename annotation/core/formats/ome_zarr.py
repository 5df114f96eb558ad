"""OME-Zarr 0.5 on zarr v3: how images are stored and shown.

Axes t, c, z, y, x; chunks (1, 1, 1, 512, 512), zstd; a pyramid of 2 x 2 means until both sides fit a chunk.
The `ome` attributes are written last, so an interrupted write is not mistaken for an image.
Specification: https://ngff.openmicroscopy.org/0.5/
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, ZstdCodec
from zarr.storage import StoreLike

from annotation.core.formats.base import Facts, ImageSource, PixelSize, Shape

CHUNK_PX = 512
VERSION = "0.5"
AXES = ("t", "c", "z", "y", "x")
SAMPLES_A_CHANNEL = 1 << 20
PALETTE = ("00C8FF", "FF5AC8", "FFD23C", "5AE65A", "FF7832", "B478FF", "FFFFFF", "FF3C3C")
RGB = {"red": "FF0000", "green": "00FF00", "blue": "0000FF"}
Progress = Callable[[int, int], None]


class NotAnOmeZarr(ValueError):
    """The store holds no OME-Zarr 0.5 image with axes t, c, z, y, x."""


@dataclass(frozen=True, slots=True)
class Window:
    """Display range of a channel: the dtype's or data's limits and the part shown at first."""

    min: float
    max: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the pyramid: shape (t, c, z, y, x) and its pixel size relative to level 0 in y and x."""

    path: str
    shape: Shape
    scale_yx: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class OmeZarr(Facts):
    """An opened store; level 0 is the full image."""

    levels: tuple[Level, ...]
    colors: tuple[str, ...]
    windows: tuple[Window, ...]
    arrays: tuple[zarr.Array[Any], ...]

    def read_plane(self, level: int, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x) of a level."""
        return np.asarray(self.arrays[level][t, c, z])

    def read_part(self, level: int, t: int, c: int, z: int, rows: slice, columns: slice) -> NDArray[Any]:
        """A part of a plane of a level; only the chunks under it are read."""
        return np.asarray(self.arrays[level][t, c, z, rows, columns])

    def source(self) -> "StoredSource":
        """The full image as an ordinary image source."""
        return StoredSource(
            name=self.name,
            shape_tczyx=self.shape_tczyx,
            dtype=self.dtype,
            channel_names=self.channel_names,
            pixel_size_zyx_um=self.pixel_size_zyx_um,
            frame_interval_s=self.frame_interval_s,
            axes_note=self.axes_note,
            store=self,
        )


@dataclass(frozen=True, kw_only=True)
class StoredSource(Facts):
    """Level 0 of an OME-Zarr as an image source."""

    store: OmeZarr

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x) at full resolution."""
        return self.store.read_plane(0, t, c, z)


# ---------------------------------------------------------------- writing


def halve(plane: NDArray[Any]) -> NDArray[Any]:
    """The 2 x 2 mean of a plane, in its dtype (integers rounded); an odd last row or column is repeated."""
    padded = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), mode="edge")
    exact = np.float64 if plane.dtype.kind == "f" else np.int64
    total = np.add(padded[0::2, 0::2], padded[1::2, 0::2], dtype=exact)
    total += padded[0::2, 1::2]
    total += padded[1::2, 1::2]
    if plane.dtype.kind == "f":
        return np.asarray(total / 4, plane.dtype)
    return np.asarray((total + 2) // 4, plane.dtype)


def pyramid_shapes(shape: Shape) -> list[Shape]:
    """Shapes of the levels: halved (rounded up) until y and x are both at most 512."""
    shapes = [shape]
    while max(shapes[-1][3:]) > CHUNK_PX:
        t, c, z, y, x = shapes[-1]
        shapes.append((t, c, z, -(-y // 2), -(-x // 2)))
    return shapes


def write(store: StoreLike, source: ImageSource, *, on_progress: Progress | None = None) -> OmeZarr:
    """Write an image plane by plane; `on_progress(planes done, planes in all)`. Booleans become uint8.

    Returns the store opened for reading. An existing image in the store is replaced.
    """
    dtype = np.dtype(np.uint8) if source.dtype.kind == "b" else source.dtype.newbyteorder("=")
    group, arrays = begin(store, source.shape_tczyx, dtype)
    samples = _write_planes(arrays, source, dtype, on_progress)
    return finish(group, source, [np.concatenate(channel) for channel in samples])


def begin(store: StoreLike, shape: Shape, dtype: np.dtype[Any]) -> tuple[zarr.Group, list[zarr.Array[Any]]]:
    """The empty levels of an image, for who writes its chunks; what was in the store is replaced."""
    group = zarr.create_group(store, zarr_format=3, overwrite=True)
    return group, [_create(group, str(i), level, dtype) for i, level in enumerate(pyramid_shapes(shape))]


def finish(group: zarr.Group, image: Facts | ImageSource, samples: Sequence[NDArray[Any]]) -> OmeZarr:
    """Says what the image is, once its chunks are there; `samples` of each channel give its window."""
    windows = [_window(channel, channel.dtype) for channel in samples]
    shapes = pyramid_shapes(image.shape_tczyx)
    group.attrs.update(_attributes(image, shapes, windows))
    return _open(group)


def _create(group: zarr.Group, path: str, shape: Sequence[int], dtype: np.dtype[Any]) -> zarr.Array[Any]:
    return group.create_array(
        path,
        shape=tuple(shape),
        dtype=dtype,
        chunks=(1, 1, 1, CHUNK_PX, CHUNK_PX),
        compressors=ZstdCodec(level=3),
        serializer=BytesCodec(endian="little") if dtype.itemsize > 1 else BytesCodec(endian=None),
        fill_value=0,
        dimension_names=AXES,
    )


def _write_planes(
    arrays: Sequence[zarr.Array[Any]], source: ImageSource, dtype: np.dtype[Any], on_progress: Progress | None
) -> list[list[NDArray[Any]]]:
    """Write every plane with its pyramid; return samples of each channel for the display window."""
    size_t, size_c, size_z, _, _ = source.shape_tczyx
    total = size_t * size_c * size_z
    samples: list[list[NDArray[Any]]] = [[] for _ in range(size_c)]
    for done, (t, c, z) in enumerate(np.ndindex(size_t, size_c, size_z)):
        plane = np.asarray(source.read_plane(t, c, z)).astype(dtype, copy=False)
        samples[c].append(_sample(plane, SAMPLES_A_CHANNEL // (size_t * size_z) + 1))
        for array in arrays:
            array[t, c, z] = plane
            plane = halve(plane) if array is not arrays[-1] else plane
        if on_progress:
            on_progress(done + 1, total)
    return samples


def _sample(plane: NDArray[Any], wanted: int) -> NDArray[Any]:
    """About `wanted` finite pixels spread over the plane; at least a thousand."""
    step = max(1, int((plane.size / max(wanted, 1000)) ** 0.5))
    part = plane[step // 2 :: step, step // 2 :: step].ravel()
    return part[np.isfinite(part)] if part.dtype.kind == "f" else part


def _window(samples: NDArray[Any], dtype: np.dtype[Any]) -> Window:
    """Shown at first: the 0.1 to 99.9 percentile. Limits: the dtype's, or the data's for floats."""
    if samples.size == 0:
        return Window(0.0, 1.0, 0.0, 1.0)
    start, end = (float(value) for value in np.percentile(samples, (0.1, 99.9)))
    low, high = float(samples.min()), float(samples.max())
    if dtype.kind in "ui" and dtype.itemsize <= 2:
        low, high = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    end = end if end > start else start + 1.0
    return Window(min(low, start), max(high, end), start, end)


def channel_color(name: str, index: int, count: int) -> str:
    """RRGGBB of a channel: its own for red, green, blue; white for a lone channel; else from the palette."""
    if name.lower() in RGB:
        return RGB[name.lower()]
    return "FFFFFF" if count == 1 else PALETTE[index % len(PALETTE)]


def _attributes(
    source: Facts | ImageSource, shapes: Sequence[Sequence[int]], windows: Sequence[Window]
) -> dict[str, Any]:
    names = source.channel_names
    hidden: Collection[int] = getattr(source, "hidden", ())
    channels = [
        {
            "label": name,
            "color": channel_color(name, i, len(names)),
            "active": i not in hidden,
            "window": {"min": w.min, "max": w.max, "start": w.start, "end": w.end},
        }
        for i, (name, w) in enumerate(zip(names, windows, strict=True))
    ]
    datasets = [
        {"path": str(i), "coordinateTransformations": _transformations(source, i)} for i in range(len(shapes))
    ]
    multiscale = {"name": source.name, "axes": _axes(source), "datasets": datasets, "type": "mean"}
    rdefs = {
        "defaultT": 0,
        "defaultZ": shapes[0][2] // 2,
        "model": "greyscale" if len(names) == 1 else "color",
    }
    return {
        "ome": {
            "version": VERSION,
            "multiscales": [multiscale],
            "omero": {"channels": channels, "rdefs": rdefs},
        },
        "cytoloop": {"axes_note": source.axes_note},
    }


def _axes(source: Facts | ImageSource) -> list[dict[str, str]]:
    """Axes with units; an axis whose size is unknown has none (its scale is 1)."""
    time: dict[str, str] = {"name": "t", "type": "time"}
    if source.frame_interval_s is not None:
        time["unit"] = "second"
    axes = [time, {"name": "c", "type": "channel"}]
    for name, size in zip("zyx", source.pixel_size_zyx_um, strict=True):
        axes.append({"name": name, "type": "space"} | ({"unit": "micrometer"} if size is not None else {}))
    return axes


def _transformations(source: Facts | ImageSource, level: int) -> list[dict[str, Any]]:
    z, y, x = (1.0 if size is None else size for size in source.pixel_size_zyx_um)
    factor = 2**level
    time = 1.0 if source.frame_interval_s is None else source.frame_interval_s
    scale = {"type": "scale", "scale": [time, 1.0, z, y * factor, x * factor]}
    if level == 0:
        return [scale]
    shift = (factor - 1) / 2  # the mean of a block lies at the block's centre
    return [scale, {"type": "translation", "translation": [0.0, 0.0, 0.0, y * shift, x * shift]}]


# ---------------------------------------------------------------- reading


def open(store: StoreLike) -> OmeZarr:
    """Open an image written by `write` or by another writer of OME-Zarr 0.5. Raises NotAnOmeZarr."""
    try:
        group = zarr.open_group(store, mode="r", zarr_format=3)
    except FileNotFoundError:
        raise NotAnOmeZarr("There is no zarr v3 group in this store.") from None
    return _open(group)


def _open(group: zarr.Group) -> OmeZarr:
    ome = group.attrs.asdict().get("ome")
    check_metadata(ome)
    assert isinstance(ome, dict)
    multiscale = ome["multiscales"][0]
    arrays = [_array(group, dataset["path"]) for dataset in multiscale["datasets"]]
    scales = [dataset["coordinateTransformations"][0]["scale"] for dataset in multiscale["datasets"]]
    note = group.attrs.asdict().get("cytoloop")
    facts = _facts(ome, multiscale, arrays[0], scales[0])
    facts = replace(facts, axes_note=str(note.get("axes_note", "")) if isinstance(note, dict) else "")
    return OmeZarr(
        **{name: getattr(facts, name) for name in Facts.__dataclass_fields__},
        levels=tuple(
            _level(d["path"], a, s, scales[0])
            for d, a, s in zip(multiscale["datasets"], arrays, scales, strict=True)
        ),
        colors=tuple(channel.get("color", "FFFFFF") for channel in _channels(ome, arrays[0].shape[1])),
        windows=tuple(
            _stored_window(channel, arrays[0].dtype) for channel in _channels(ome, arrays[0].shape[1])
        ),
        arrays=tuple(arrays),
    )


def check_metadata(ome: Any) -> None:
    """Raise NotAnOmeZarr unless `ome` holds what version 0.5 requires and axes are t, c, z, y, x."""
    try:
        multiscale = ome["multiscales"][0]
        axes = [axis["name"] for axis in multiscale["axes"]]
        kinds = [axis["type"] for axis in multiscale["axes"]]
        scales = [dataset["coordinateTransformations"][0]["scale"] for dataset in multiscale["datasets"]]
        paths = [dataset["path"] for dataset in multiscale["datasets"]]
    except (KeyError, IndexError, TypeError) as error:
        raise NotAnOmeZarr(f"The OME metadata lack {error}.") from None
    if ome.get("version") != VERSION:
        raise NotAnOmeZarr(f"The OME metadata have version {ome.get('version')}; {VERSION} is needed.")
    if tuple(axes) != AXES or kinds != ["time", "channel", "space", "space", "space"]:
        raise NotAnOmeZarr(f"The axes are {', '.join(axes)}; t, c, z, y, x are needed.")
    if not paths or any(len(scale) != len(AXES) for scale in scales):
        raise NotAnOmeZarr("Each level needs a scale for each of the five axes.")


def _array(group: zarr.Group, path: str) -> zarr.Array[Any]:
    array = group.get(path)
    if not isinstance(array, zarr.Array) or array.ndim != len(AXES):
        raise NotAnOmeZarr(f"Level {path} is missing or has not five axes.")
    return array


def _channels(ome: dict[str, Any], count: int) -> list[dict[str, Any]]:
    channels = list(ome.get("omero", {}).get("channels", []))[:count]
    return channels + [{} for _ in range(count - len(channels))]


def _facts(
    ome: dict[str, Any], multiscale: dict[str, Any], array: zarr.Array[Any], scale: list[float]
) -> Facts:
    units = [axis.get("unit") for axis in multiscale["axes"]]
    t, c, z, y, x = (int(n) for n in array.shape)
    channels = _channels(ome, c)
    sizes: PixelSize = (_known(units, scale, 2), _known(units, scale, 3), _known(units, scale, 4))
    return Facts(
        name=str(multiscale.get("name", "image")),
        shape_tczyx=(t, c, z, y, x),
        dtype=np.dtype(array.dtype),
        channel_names=tuple(str(ch.get("label", f"Channel {i + 1}")) for i, ch in enumerate(channels)),
        pixel_size_zyx_um=sizes,
        frame_interval_s=_known(units, scale, 0),
    )


def _known(units: list[str | None], scale: list[float], axis: int) -> float | None:
    return float(scale[axis]) if units[axis] else None


def _level(path: str, array: zarr.Array[Any], scale: list[float], first: list[float]) -> Level:
    t, c, z, y, x = (int(n) for n in array.shape)
    return Level(path, (t, c, z, y, x), (scale[3] / first[3], scale[4] / first[4]))


def _stored_window(channel: dict[str, Any], dtype: np.dtype[Any]) -> Window:
    window = channel.get("window")
    if window:
        return Window(*(float(window[key]) for key in ("min", "max", "start", "end")))
    high = float(np.iinfo(dtype).max) if dtype.kind in "ui" else 1.0
    return Window(0.0, high, 0.0, high)
