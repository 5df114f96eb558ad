"""Labels as one TIFF stack that ImageJ, napari and every script can open.

Axes t, z, c, y, x as far as they are longer than 1. Values are the cells' numbers, 16 bit where they fit
(then an ImageJ hyperstack), else 32 bit. Where cells overlap, channel 1 holds for each pixel the lowest cell,
channel 2 the next one, and so on: one set of pages a plane.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffWriter

from annotation.core.formats import label_images, sources
from annotation.core.formats.base import LabelStack, of_array

LARGEST_16_BIT = 65_535


def write(path: Path, labels: LabelStack) -> list[str]:
    """Write all frames, plane by plane. Returns sentences about what a reader should know."""
    depth = labels.depth()
    size_t, size_z, height, width = labels.shape_tzyx
    kind = np.dtype(np.uint16 if max(labels.cells, default=0) <= LARGEST_16_BIT else np.uint32)
    imagej = kind == np.uint16
    with TiffWriter(path, imagej=imagej) as file:
        file.write(
            _pages(labels, depth, kind),
            shape=(size_t, size_z, depth, height, width),
            dtype=kind,
            photometric="minisblack",
            metadata=_metadata(labels, imagej=imagej),
            **_resolution(labels),
        )
    if depth == 1:
        return []
    return [f"{path.name}: cells overlap; the stack has {depth} channels, one for each layer of cells."]


def _pages(labels: LabelStack, depth: int, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    empty = np.zeros(labels.shape_tzyx[2:], kind)
    for _, _, planes in labels.frames():
        for p in range(depth):
            yield planes[p].astype(kind) if p < len(planes) else empty


def _metadata(labels: LabelStack, *, imagej: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": "TZCYX"}
    z, _, x = labels.pixel_size_zyx_um
    if x is not None:
        metadata["unit"] = "um" if imagej else "µm"
    if z is not None:
        metadata["spacing"] = z
    if labels.frame_interval_s is not None:
        metadata["finterval"] = labels.frame_interval_s
    return metadata


def _resolution(labels: LabelStack) -> dict[str, Any]:
    _, y, x = labels.pixel_size_zyx_um
    return {} if y is None or x is None else {"resolution": (1 / x, 1 / y)}


def read(path: Path, *, size_t: int, size_z: int) -> NDArray[np.uint32]:
    """Planes (p, t, z, y, x) of a label stack with so many time points and z planes. Raises RefusedFile."""
    source = sources.open_image(path)
    _, _, _, height, width = source.shape_tczyx
    like = of_array(np.broadcast_to(np.uint8(0), (size_t, 1, size_z, height, width)), name=path.stem)
    frames = [planes for _, _, planes in label_images.open_labels(path, like)]
    stacked = np.stack(frames, axis=1)
    return stacked.reshape(len(stacked), size_t, size_z, height, width)
