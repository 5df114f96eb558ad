"""What click-to-segment reads: the shipped model, and pixels of an image's frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core.formats import ome_zarr
from annotation.models import Image
from annotation.services.ingestion import image_folder
from backend.foundation import storage
from backend.foundation.errors import Invalid, NotFound
from training.contract.prompting import DECODER, ENCODER, SHIPPED, PromptModel, read_model

LOOK_PX = 1 << 20
"""A frame's range is measured on the finest level with no more pixels than this."""
MOST_CHANNELS = 3


class NoSuchModelFile(NotFound):
    """No click-to-segment model of this digest is shipped, or it has no such file."""


class NoSuchFrame(Invalid):
    """A frame, channel or tile beyond the image."""


@lru_cache(maxsize=1)
def shipped_model() -> PromptModel:
    """The contract of the model that comes with the package."""
    return read_model(SHIPPED)


def model_file(*, digest: str, name: str) -> Path:
    """A file of the shipped model; raises NoSuchModelFile."""
    if digest != shipped_model().digest or name not in (ENCODER, DECODER):
        raise NoSuchModelFile("There is no such click-to-segment model here; reload the page.")
    return SHIPPED / name


@dataclass(frozen=True)
class FramePlace:
    """One frame of one image, and the channels that are looked at."""

    image: Image
    t: int
    z: int
    channels: tuple[int, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width, px."""
        return self.image.size_y, self.image.size_x

    def folder(self, digest: str) -> str:
        """Where what is derived of this frame by a model of that digest is kept; goes with the image."""
        channels = "-".join(str(c) for c in self.channels)
        return f"{image_folder(self.image.pk)}/embedding/{digest[:16]}/t{self.t}-z{self.z}-c{channels}"


def frame_place(*, image: Image, t: int, z: int, channels: Sequence[int]) -> FramePlace:
    """A checked place; raises NoSuchFrame."""
    if not (0 <= t < image.size_t and 0 <= z < image.size_z):
        raise NoSuchFrame(
            f"{image.name} has frames 0 to {image.size_t - 1} and planes 0 to {image.size_z - 1}."
        )
    chosen = tuple(channels) or tuple(range(min(image.size_c, MOST_CHANNELS)))
    if len(chosen) > MOST_CHANNELS or len(set(chosen)) != len(chosen):
        raise NoSuchFrame(f"Name at most {MOST_CHANNELS} different channels.")
    if any(not 0 <= c < image.size_c for c in chosen):
        raise NoSuchFrame(f"{image.name} has channels 0 to {image.size_c - 1}.")
    return FramePlace(image, t, z, chosen)


def read_region(*, place: FramePlace, rows: slice, columns: slice, level: int = 0) -> npt.NDArray[Any]:
    """Pixels (c, y, x) of a region of a level; only the chunks under it are read."""
    opened = _open(place.image.store_key)
    parts = [opened.read_part(level, place.t, c, place.z, rows, columns) for c in place.channels]
    return np.stack(parts)


def read_coarse(*, place: FramePlace, most_px: int = LOOK_PX) -> npt.NDArray[Any]:
    """The frame (c, y, x) at the finest level with at most `most_px` pixels, else at the coarsest."""
    level = level_of(image=place.image, most_px=most_px)
    return read_region(place=place, rows=slice(None), columns=slice(None), level=level)


def level_of(*, image: Image, most_px: int) -> int:
    """The finest level of the pyramid with at most `most_px` pixels, else the coarsest."""
    levels = _open(image.store_key).levels
    small = [i for i, level in enumerate(levels) if level.shape[3] * level.shape[4] <= most_px]
    return small[0] if small else len(levels) - 1


@lru_cache(maxsize=64)
def _open(store_key: str) -> ome_zarr.OmeZarr:
    """What lies under a key of an image never changes."""
    return ome_zarr.open(storage.zarr_store(store_key, read_only=True))
