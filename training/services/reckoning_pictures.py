"""Scoring predicted channels against the recorded ones of the same image, frame by frame, without a net."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import picture_faults, picture_scores
from annotation.core.faults import Fault, FaultKind
from annotation.core.formats import ome_zarr
from annotation.core.formats.ome_zarr import OmeZarr
from annotation.models import Image
from backend.foundation import storage
from backend.foundation.errors import Invalid
from training.contract.files import MODEL_CARD
from training.models import PredictedImage, TrainedModel
from training.selectors import channels

Plane = NDArray[np.float32]

PREDICTION = "prediction"
WORD = " predicted"
"""What the engine puts behind the name of a channel that it made."""
MOST_FAULTS = 2000


class NotRecorded(Invalid):
    """The image never recorded what was predicted of it."""


@dataclass(frozen=True)
class Channel:
    """One predicted channel: its name, where it was recorded, where it was predicted, where its uncertainty
    is, and the grey values that a model of images with a range of their own means by 0 and 1."""

    name: str
    recorded: int
    predicted: int
    sigma: int | None
    scale: tuple[float, float] | None


@dataclass(frozen=True)
class Frame:
    """One frame of one channel in the same units: planes (y, x); `span` is the range of the truth."""

    channel: str
    t: int
    z: int
    truth: Plane
    said: Plane
    sigma: Plane | None
    span: float


@dataclass
class Reckoned:
    """What one image adds: its table of `picture_scores`, its faults by (t, fault), worst first."""

    table: dict[str, Any]
    faults: list[tuple[int, Fault]]
    tallies: dict[str, int] = field(default_factory=dict)


def reckon(*, picture: PredictedImage) -> Reckoned:
    """Score every channel that was predicted of one image. Raises NotRecorded."""
    told: dict[str, list[dict[str, Any]]] = {}
    found: list[tuple[int, Fault]] = []
    level = level_of(picture.trained_model)
    for frame in frames(picture=picture):
        told.setdefault(frame.channel, []).append(
            picture_scores.count(frame.truth, frame.said, sigma=frame.sigma, level=level, span=frame.span)
        )
        here = picture_faults.find(frame.truth, frame.said, span=frame.span, z=frame.z)
        found += [(frame.t, fault) for fault in here]
        found += [(frame.t, _whole(frame, here))] if here else []
    tallies = Counter(fault.kind.value for _, fault in found if fault.kind is not FaultKind.FRAME)
    found.sort(key=lambda one: (-one[1].harm, one[0]))
    table = {name: picture_scores.added(some) for name, some in told.items()}
    return Reckoned(table, found[:MOST_FAULTS], dict(tallies))


def frames(
    *, picture: PredictedImage, t: int | None = None, z: int | None = None, channel: str = ""
) -> Iterator[Frame]:
    """The frames of a predicted image beside the recorded ones, one in memory at a time; of one time, slice
    or channel where it is named. Raises NotRecorded.

    Where a model makes one plane of a whole stack, it is set beside the brightest of the slices, once.
    """
    recorded, made = _open(picture.source), _open(picture.made)
    flat = bool(picture.trained_model.settings.get("z_stack"))
    for one in _channels(picture):
        if channel and one.name != channel:
            continue
        for at in range(picture.source.size_t) if t is None else [t]:
            for level in range(1 if flat else picture.source.size_z) if z is None else [0 if flat else z]:
                yield _frame(recorded, made, one, at, level, flat)


def level_of(model: TrainedModel) -> float:
    """The share of pixels that the intervals of a model promise to hold."""
    return float(model.settings.get("interval", 0.9))


def pixels(*, picture: PredictedImage) -> int:
    """How many pixels a reckoning of this image reads on each side."""
    image, made = picture.source, [one for one in picture.channels if one["kind"] == PREDICTION]
    return int(image.size_t * image.size_z * image.size_y * image.size_x * len(made))


def _frame(recorded: OmeZarr, made: OmeZarr, one: Channel, t: int, z: int, flat: bool) -> Frame:
    slices = range(recorded.shape_tczyx[2]) if flat else [z]
    truth = _plane(np.max([recorded.read_plane(0, t, one.recorded, s) for s in slices], axis=0))
    said = _plane(made.read_plane(0, t, one.predicted, z))
    sigma = None if one.sigma is None else _plane(made.read_plane(0, t, one.sigma, z))
    low, span = picture_scores.range_of(truth)
    if one.scale is not None:
        truth = np.asarray((truth - low) / span * one.scale[1] + one.scale[0], np.float32)
        span = one.scale[1]
    return Frame(one.name, t, z, truth, said, sigma, span)


def _plane(pixels: NDArray[Any]) -> Plane:
    return np.nan_to_num(np.asarray(pixels, np.float32), posinf=0.0, neginf=0.0)


def _channels(picture: PredictedImage) -> list[Channel]:
    """The predicted channels with their places in the source and in what was made of it."""
    kinds = [one["kind"] for one in picture.channels]
    made = [place for place, kind in enumerate(kinds) if kind == PREDICTION]
    names = [str(picture.channels[place]["name"]).removesuffix(WORD) for place in made]
    recorded = channels.places(image=picture.source, words=names) or channels.places(
        image=picture.source, words=picture.trained_model.settings.get("targets") or []
    )
    if len(recorded) != len(names):
        raise NotRecorded(
            f"{picture.source.name} has not recorded {', '.join(names)}, so the prediction cannot be scored."
        )
    before = picture.made.size_c - len(kinds)
    scales = _scales(picture.trained_model, len(names))
    return [
        Channel(name, recorded[k], before + place, _sigma(kinds, before, place), scales[k])
        for k, (name, place) in enumerate(zip(names, made, strict=True))
    ]


def _sigma(kinds: list[str], before: int, place: int) -> int | None:
    """The uncertainty of a channel follows it."""
    return before + place + 1 if kinds[place + 1 : place + 2] == ["uncertainty"] else None


def _scales(model: TrainedModel, count: int) -> list[tuple[float, float] | None]:
    """Low and span of each target where images have a range of their own, from the model's card."""
    if model.settings.get("brightness") != "own":
        return [None] * count
    told: Mapping[str, Any] = json.loads(storage.get(f"{model.weights_key}/{MODEL_CARD}"))["decoding"]
    return [(float(low), float(span)) for low, span in zip(told["low"], told["span"], strict=True)]


def _open(image: Image) -> OmeZarr:
    return ome_zarr.open(storage.zarr_store(image.store_key, read_only=True))


def _whole(frame: Frame, here: list[Fault]) -> Fault:
    """All that is wrong in one frame, placed where the worst is; its harm is the mean error."""
    error = np.abs(frame.said.astype(np.float64) - frame.truth).mean() / frame.span
    return Fault(FaultKind.FRAME, float(error), (), (), 0.0, len(here), here[0].at_zyx)
