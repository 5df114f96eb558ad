"""What `cytoloop predict` writes for a model that makes channels: one OME-TIFF for each input."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import ome_tiff, ome_zarr
from annotation.core.formats.base import Facts
from annotation.models import Image
from backend.cli import saying
from backend.foundation import storage
from training.models import Job, PredictedImage, TrainedModel


class InputFile(Protocol):
    """A file, and its output's path below the output folder."""

    @property
    def path(self) -> Path: ...
    @property
    def output(self) -> Path: ...


@dataclass(frozen=True, kw_only=True)
class Predicted(Facts):
    """The predicted channels alone, of an image that has the recorded ones before them."""

    stored: ome_zarr.OmeZarr
    before: int

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x)."""
        return np.asarray(self.stored.read_plane(0, t, c + self.before, z))


def tell(
    *,
    job: Job,
    model: TrainedModel,
    images: Mapping[Any, Image],
    refused: Sequence[Path],
    arguments: argparse.Namespace,
) -> int:
    """Write `STEM.ome.tif` for every input that was predicted, and say what could not be; the exit code."""
    rows = {
        row.source_id: row for row in PredictedImage.objects.filter(job=job).select_related("made", "source")
    }
    written: list[dict[str, Any]] = []
    unread = list(refused)
    for item, image in images.items():
        row = rows.get(image.pk)
        if row is None:
            unread.append(item.path)
            saying.remark(f"Refused: {item.path}: the model could not read it; see the job's log.")
            continue
        path = arguments.out / output_of(item.output)
        path.parent.mkdir(parents=True, exist_ok=True)
        ome_tiff.write_image(path, source_of(row, flat=bool(model.settings.get("z_stack"))))
        if row.warning:
            saying.remark(f"{item.path}: {row.warning}")
        written.append({"input": str(item.path), "output": str(path), "warning": row.warning})
    facts = {
        "model": {"id": model.pk, "name": model.name, "version": model.version},
        "outputs": written,
        "refused": [str(path) for path in unread],
    }
    sentence = f"Predicted channels of {len(written)} images, written to {arguments.out}."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 1 if unread else 0


def output_of(output: Path) -> Path:
    """`well/a.tif` → `well/a.ome.tif`"""
    return output.with_name(output.name.removesuffix(".tif") + ".ome.tif")


def source_of(row: PredictedImage, *, flat: bool = False) -> Predicted:
    """The predicted channels with their names, each followed by its uncertainty, float32. A model that makes
    one plane of a stack gives one slice, though the stored image repeats it beside the recorded ones.
    """
    stored = ome_zarr.open(storage.zarr_store(row.made.store_key, read_only=True))
    t, _, z, y, x = stored.shape_tczyx
    z = 1 if flat else z
    names = tuple(str(channel["name"]) for channel in row.channels)
    return Predicted(
        name=row.source.name,
        shape_tczyx=(t, len(names), z, y, x),
        dtype=stored.dtype,
        channel_names=names,
        pixel_size_zyx_um=stored.pixel_size_zyx_um,
        frame_interval_s=stored.frame_interval_s,
        stored=stored,
        before=stored.shape_tczyx[1] - len(names),
    )
