"""OME-TIFF out: the image with its axes, pixel size and channel names, and its labels as a second file
beside it.

`x.ome.tif` and `x_labels.ome.tif` have the same axes and pixel size; in the labels each channel is one layer
of cells ("Cells", and "Cells, layer 2" where cells overlap). Both are read again by the ordinary import.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffWriter

from annotation.core.formats.base import ImageSource, LabelStack, PixelSize

LARGEST_16_BIT = 65_535


def write_image(path: Path, source: ImageSource) -> None:
    """Write an image plane by plane, lossless; the name should end in `.ome.tif`."""
    planes = (source.read_plane(t, c, z) for t, c, z in np.ndindex(source.shape_tczyx[:3]))
    kind = np.dtype(np.uint8) if source.dtype.kind == "b" else source.dtype
    metadata = _metadata(source.name, source.channel_names, source.pixel_size_zyx_um, source.frame_interval_s)
    _write(path, (plane.astype(kind, copy=False) for plane in planes), source.shape_tczyx, kind, metadata)


def write_labels(path: Path, labels: LabelStack) -> list[str]:
    """Write labels plane by plane. Returns sentences about what a reader should know."""
    depth = labels.depth()
    size_t, size_z, height, width = labels.shape_tzyx
    kind = np.dtype(np.uint16 if max(labels.cells, default=0) <= LARGEST_16_BIT else np.uint32)
    names = ("Cells", *(f"Cells, layer {p + 1}" for p in range(1, depth)))
    metadata = _metadata(f"{labels.name} labels", names, labels.pixel_size_zyx_um, labels.frame_interval_s)
    _write(path, _label_pages(labels, depth, kind), (size_t, depth, size_z, height, width), kind, metadata)
    if depth == 1:
        return []
    return [f"{path.name}: cells overlap; the file has {depth} channels, one for each layer of cells."]


def _label_pages(labels: LabelStack, depth: int, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """Planes in the order t, layer, z."""
    size_t, size_z, height, width = labels.shape_tzyx
    empty = np.zeros((height, width), kind)
    for t in range(size_t):
        frames = [labels.read(t, z) for z in range(size_z)]
        for p in range(depth):
            for planes in frames:
                yield planes[p].astype(kind) if p < len(planes) else empty


def _metadata(
    name: str, channels: tuple[str, ...], size: PixelSize, interval: float | None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": "TCZYX", "Name": name, "Channel": {"Name": list(channels)}}
    for axis, length in zip("ZYX", size, strict=True):
        if length is not None:
            metadata |= {f"PhysicalSize{axis}": length, f"PhysicalSize{axis}Unit": "µm"}
    if interval is not None:
        metadata |= {"TimeIncrement": interval, "TimeIncrementUnit": "s"}
    return metadata


def _write(
    path: Path,
    pages: Iterator[NDArray[Any]],
    shape: tuple[int, ...],
    kind: np.dtype[Any],
    metadata: dict[str, Any],
) -> None:
    with TiffWriter(
        path, ome=True, bigtiff=int(np.prod(shape, dtype=object)) * kind.itemsize > 2**31
    ) as file:
        file.write(
            pages,
            shape=shape,
            dtype=kind,
            photometric="minisblack",
            compression="zlib",
            predictor=kind.kind in "ui",
            metadata=metadata,
        )
