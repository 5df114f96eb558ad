"""Which channels of which images a trained model reads, whether it can be told how large cells are, and how
to tell what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.models import Image
from training.contract import reading
from training.contract.errors import InvalidSettings
from training.models import SnapshotItem, TrainedModel
from training.models.snapshots import Split

_LEARNED_IMAGES = 50


Reading = Mapping[str, Any]
"""How an image was read: `channels`, names of those that were, where not all were; `zoom`, by how much the
image was enlarged for the model; `cell_px`, the cells' diameter as it was told or found."""


@dataclass(frozen=True, kw_only=True)
class ChannelsRead:
    """Images whose channels are called `names`, how many they are, and which of them are read: None for all.
    `fits`: whether the model reads such images as they stand."""

    names: Sequence[str]
    images: int
    read: Sequence[int] | None
    fits: bool


def sees_channels(model: TrainedModel) -> bool:
    """Whether the channels that a model reads can be chosen."""
    return reading.sees_channels(model.recipe, _known(model))


def sees_sizes(model: TrainedModel) -> bool:
    """Whether a model can be told how large the cells of an image are."""
    volumes = bool(model.summary.get("volumes") or model.settings.get("z_stack"))
    return reading.sees_sizes(model.recipe, volumes=volumes, learned_px=model.summary.get("object_size_px"))


Choose = Callable[[Image], tuple[int, ...] | None]
"""An image → places, from 0, of the channels that a model is shown of it; None for all of them.

Raises InvalidSettings where the image lacks a channel that is asked for or the model reads another number."""


def chooser(*, model: TrainedModel | None, asked: Mapping[str, Any]) -> Choose:
    """What is read of images; `asked`: the settings of a prediction."""
    if model is None or not sees_channels(model):
        return lambda _: None
    learned = words_of(model=model)
    return lambda image: _places(model, image, asked.get(reading.CHANNELS), learned)


def words_of(*, model: TrainedModel) -> list[str]:
    """Words for what a model has learned from: a starter's name, or its training images' channels, where they
    had one each, and its own name."""
    if model.starter:
        return ["unstained" if model.starter == "cells" else model.starter, model.name]
    rows = SnapshotItem.objects.filter(snapshot=model.snapshot_id, split=Split.TRAIN, image__size_c=1)
    names = rows.order_by("image_id").values_list("image__channel_names", flat=True)[:_LEARNED_IMAGES]
    return [*dict.fromkeys(name for one in names for name in one), model.name]


def told(*, model: TrainedModel, images: Iterable[Image], asked: Mapping[str, Any]) -> list[ChannelsRead]:
    """What is read of images, those of like channels together, most images first. Raises InvalidSettings."""
    read, by_itself = chooser(model=model, asked=asked), chooser(model=model, asked={})
    groups: dict[tuple[str, ...], list[Image]] = {}
    for image in images:
        groups.setdefault(tuple(image.channel_names), []).append(image)
    rows = [
        ChannelsRead(names=names, images=len(alike), read=read(alike[0]), fits=by_itself(alike[0]) is None)
        for names, alike in groups.items()
    ]
    return sorted(rows, key=lambda row: -row.images)


def sentence(readings: Sequence[Reading]) -> str:
    """What is worth telling of all images together, with a space before it; empty where all were read as they
    stand."""
    return "".join(f" {part}" for part in (_of_channels(readings), _of_sizes(readings)) if part)


def _places(
    model: TrainedModel, image: Image, words: Sequence[str | int] | None, learned: Sequence[str]
) -> tuple[int, ...] | None:
    try:
        return reading.places(
            image.channel_names, words, known=_known(model), learned=learned, model=str(model)
        )
    except InvalidSettings as error:
        raise InvalidSettings(f"“{reading.CHANNELS}”: of {image.name}: {error}") from None


def _known(model: TrainedModel) -> list[int]:
    return [int(count) for count in model.summary.get("channels") or []]


def _of_channels(readings: Sequence[Reading]) -> str:
    chosen = [tuple(one["channels"]) for one in readings if one.get("channels")]
    if not chosen:
        return ""
    kinds = list(dict.fromkeys(", ".join(f"“{name}”" for name in names) for names in chosen))
    of = "" if len(chosen) == len(readings) else f" of {_images(len(chosen))}"
    if len(kinds) > 1:
        return (
            f"Read by single channels{of}: {', '.join(kinds[:4])}{' and others' if len(kinds) > 4 else ''}."
        )
    word = "channel" if all(len(names) == 1 for names in chosen) else "channels"
    return f"Read by the {word} {kinds[0]}{of}."


def _of_sizes(readings: Sequence[Reading]) -> str:
    zooms = [float(one["zoom"]) for one in readings if one.get("zoom", 1) != 1]
    if not zooms:
        return ""
    low, high = min(zooms), max(zooms)
    times = f"{low:.2g}" if f"{low:.2g}" == f"{high:.2g}" else f"{low:.2g} to {high:.2g}"
    which = "Shown" if len(zooms) == len(readings) else f"{_images(len(zooms))} shown"
    return f"{which} to the model {times} times as large, for the size of the cells."


def _images(count: int) -> str:
    return f"{count} image{'' if count == 1 else 's'}"
