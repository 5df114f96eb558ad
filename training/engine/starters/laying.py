"""Lays out a run folder of pictures that are arrays."""

from collections.abc import Sequence

import numpy as np
import zarr

from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split
from training.engine.starters.sets import Shot

CHUNK_PX = 512


def lay_out(folder: RunFolder, parts: Sequence[tuple[Shot, Split]]) -> None:
    """Writes images, labels and last the manifest; images are numbered, since names come from the sets."""
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.write_manifest([_line(folder, f"{i:04d}", shot, part) for i, (shot, part) in enumerate(parts)])


def name_of(shot: Shot) -> str:
    """Its name in the manifest."""
    return f"{shot.origin} {shot.name}"


def _line(folder: RunFolder, image_id: str, shot: Shot, part: Split) -> ManifestLine:
    image = folder.path / "images" / f"{image_id}.ome.zarr"
    group = zarr.open_group(image, mode="w")
    chunks = (1, 1, 1, CHUNK_PX, CHUNK_PX)
    pixels = shot.frame[None, :, None]
    group.create_array("0", shape=pixels.shape, chunks=chunks, dtype=pixels.dtype)[:] = pixels
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"datasets": [{"path": "0"}]}]}
    name = f"labels/{image_id}.zarr"
    labels = shot.labels[None, None, None].astype(np.uint32)
    zarr.create_array(folder.path / name, shape=labels.shape, chunks=chunks, dtype="uint32")[:] = labels
    return ManifestLine(image_id=image_id, name=name_of(shot), image=str(image), labels=name, split=part)
