"""Scores of a starter model as it is used: pooled AP with an interval, by kind of picture, and elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from annotation.core import bootstrap, matching
from training.contract.fields import JsonObject
from training.contract.reading import AUTO
from training.engine import pictures, trained
from training.engine.cell_sizes import Sizes
from training.engine.data.images import Truth
from training.engine.data.normalising import stretch
from training.engine.devices import Device
from training.engine.found import FoundCells
from training.engine.instance_kinds import KINDS
from training.engine.predicting import read_maps
from training.engine.recipes import instances
from training.engine.scoring import count
from training.engine.starters.sets import Shot
from training.engine.zooming import Zoomed

SHOWN = ("ap50", "ap75", "ap90")
PICTURE_PX = 224


@dataclass(frozen=True)
class Judged:
    """One picture with what was found in it, labels (p, y, x) or (y, x), read `zoom` times as large."""

    shot: Shot
    found: npt.NDArray[np.uint32]
    counts: matching.ImageCounts
    zoom: float = 1.0


def judge(
    model_dir: Path, shots: Iterable[Shot], device: Device, *, cell_px: float | str | None = None
) -> list[Judged]:
    """Uses the model in a folder on every picture as `predict` does. Raises WrongModel, ChannelMismatch.

    `cell_px`: the size of cells that is asked for. Pictures of one `movie` are read at one size.
    """
    net, card = trained.load(model_dir, recipe=instances.RECIPE)
    kind = KINDS[card.settings["target"]]
    reader = instances.make_reader(device.place_net(net), kind, device, flips=bool(card.settings["flips"]))

    def find(maps: npt.NDArray[np.float32]) -> FoundCells:
        return instances.find_cells(maps, kind, card.decoding)

    sizes = Sizes.asked(cell_px, card.object_size_px, reader, find, net.channels)
    judged, shots = [], list(shots)
    zooms = zooms_of(sizes, shots)
    for shot, zoom in zip(shots, zooms, strict=True):
        if zoom == 1:
            found = find(read_maps(reader, shot.frame, net.channels)).labels
        else:
            found = Zoomed(reader, find, net.channels, zoom).find_in_frame(shot.frame).labels
        ignored = shot.ignored if shot.ignored is not None else np.zeros(shot.labels.shape, np.bool_)
        truth = Truth(shot.labels[None], ignored)
        judged.append(Judged(shot, found, count(truth, found), zoom))
    return judged


def zooms_of(sizes: Sizes | None, shots: Sequence[Shot]) -> list[float]:
    """By how much each picture is enlarged for the net."""
    if sizes is None:
        return [1.0] * len(shots)
    movies: dict[str, list[Shot]] = {}
    for number, shot in enumerate(shots):
        movies.setdefault(shot.movie or str(number), []).append(shot)
    found = {name: sizes.of_frames([shot.frame for shot in movie])[0] for name, movie in movies.items()}
    return [found[shot.movie or str(number)] for number, shot in enumerate(shots)]


def pooled(judged: Sequence[Judged]) -> JsonObject:
    """{name: {value, low, high}}: pooled over all pictures, 95 % interval by drawing pictures again."""
    every = [one.counts for one in judged]
    return {
        name: {
            "value": round(estimate.value, 4),
            "low": None if estimate.low is None else round(estimate.low, 4),
            "high": None if estimate.high is None else round(estimate.high, 4),
        }
        for name, estimate in bootstrap.estimates(every).items()
        if name in (*SHOWN, "f1", "pq")
    }


def summed(judged: Sequence[Judged]) -> JsonObject:
    """Counts and pooled AP of some pictures."""
    values = bootstrap.scores([one.counts for one in judged])
    return {
        "pictures": len(judged),
        "cells": sum(one.shot.cells for one in judged),
        **{name: round(values[name], 4) for name in SHOWN},
    }


def elsewhere(model_dir: Path, shots: Iterable[Shot], device: Device) -> JsonObject:
    """`summed` of pictures of other origin as they stand, and as `ap50_auto`, … with the size of their cells
    found by itself. Raises WrongModel, ChannelMismatch."""
    known = list(shots)
    plain, sized = (summed(judge(model_dir, known, device, cell_px=cell_px)) for cell_px in (None, AUTO))
    return {**plain, **{f"{name}_{AUTO}": sized[name] for name in SHOWN}}


def by_kind(judged: Sequence[Judged]) -> list[JsonObject]:
    """`summed` for each kind of picture, those of most cells first."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(one.shot.kind, []).append(one)
    rows: list[JsonObject] = [{"kind": kind, **summed(group)} for kind, group in groups.items()]
    return sorted(rows, key=lambda row: -int(row["cells"]))


def picture_of(judged: Sequence[Judged], most: int = 3) -> pictures.Rgb:
    """The proposals on the middle of a few pictures, one of each kind: what the model is for, at a glance."""
    kinds = list({one.shot.kind: one for one in reversed(judged)}.values())
    kinds.sort(key=lambda one: -one.shot.cells)
    return pictures.grid([_proposals(one) for one in kinds[:most]], most)


def _proposals(one: Judged) -> pictures.Rgb:
    y, x = one.shot.labels.shape
    rows, columns = pictures.middle_window((y, x), PICTURE_PX * (2 if min(y, x) > 700 else 1))
    seen = pictures.show(np.clip(stretch(one.shot.frame), 0, 1))[rows, columns]
    labels = one.found if one.found.ndim == 2 else one.found.max(0)
    drawn = pictures.outline(seen, labels[rows, columns], (255, 196, 61))
    step = max(1, max(drawn.shape[:2]) // PICTURE_PX)
    return drawn[::step, ::step]
