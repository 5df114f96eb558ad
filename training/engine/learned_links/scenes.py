"""A movie as the linker that learns sees it: a table of detections, their pictures, and all that is possible
between frames, weighed by geometry first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.data.images import LabelledImage
from training.engine.learned_links.cell_pictures import SIDE, Bytes, View, pictures_of, view_of
from training.engine.linking import division, reading
from training.engine.linking.detections import Detections, Floats, Ints, gather, measure_frame
from training.engine.linking.ways import Splits, Ways
from training.engine.linking.weighing import Weights
from training.engine.volumes.choosing import told_anisotropy

LOOKED_AT = 5
"""Frames by which it is decided how cells are shown."""
Pair = tuple[npt.NDArray[np.uint32], npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Seen:
    """Detections and their pictures uint8 (n, 2, 16, 16), which are kept once: `picture` (n,) says where."""

    found: Detections
    pictures: Bytes
    picture: Ints


@dataclass(frozen=True, eq=False)
class Truth:
    """Who each detection is, (n,), 0 for a false one, and the mothers of who is whose daughter."""

    who: Ints
    mothers: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Possible:
    """All candidate links and divisions from some frames to the next. `square` (m,) are the squared distances
    of links; `measures` (k, f) are those of divisions (`division.features`). Energies are those of geometry
    and looks."""

    ways: Ways
    square: Floats
    splits: Splits
    measures: Floats


def see(
    image: LabelledImage, pause: Callable[[float], None] = lambda _: None, *, ignored: bool = False
) -> Seen:
    """Every cell of every frame of an image, those that are to be ignored only where `ignored` asks for them.
    Raises UnreadableImage."""
    slices = image.pixels.shape[2]

    def read(t: int) -> Pair:
        labels = reading.read_labels(image, t)
        if len(image.ignored) and not ignored:
            labels = np.where(np.isin(labels, image.ignored), 0, labels)
        return labels, np.stack([image.read(t, z) for z in range(slices)], axis=1)

    return see_frames(read, image.pixels.shape[0], told_anisotropy(image) or 1.0, pause)


def see_frames(
    read: Callable[[int], Pair],
    frames: int,
    z_step: float = 1.0,
    pause: Callable[[float], None] = lambda _: None,
) -> Seen:
    """The same of frames that `read` gives by t: labels (p, z, y, x) and pixels (c, z, y, x)."""
    some = np.unique(np.linspace(0, frames - 1, LOOKED_AT).round().astype(int)).tolist()
    looked = [measure_frame(*pair, z_step) for pair in map(read, some)]
    measured, pictures, size = [], [], (1, 1, 1)
    view: View | None = None
    for t in range(frames):
        labels, pixels = read(t)
        view = view or view_of(looked, 3 if labels.shape[1] > 1 else 2)
        frame = measure_frame(labels, pixels, z_step)
        measured.append(frame)
        pictures.append(pictures_of(frame, labels, pixels, view, z_step))
        size = (labels.shape[1], labels.shape[2], labels.shape[3])
        pause((t + 1) / frames)
    shown = np.concatenate(pictures) if pictures else np.empty((0, 2, SIDE, SIDE), np.uint8)
    return Seen(gather(measured, size, z_step), shown, np.arange(len(shown)))


def possible(weights: Weights, first: int, last: int, *, bias: float = 0.0) -> Possible:
    """Everything between frames first…last − 1 and the next ones that is near enough."""
    ways, square = weights.ways(first, last)
    a, b = division.pairs_of_children(ways, square)
    mother, one, other = ways.source[a], ways.target[a], ways.target[b]
    single = np.minimum(ways.energy[a], ways.energy[b])
    if not len(a):
        return Possible(ways, square, Splits.none(), np.empty((0, len(division.NAMES))))
    chance = division.log_chance(weights, mother, one, other, single) + bias
    measures = division.features(weights, mother, one, other, single)
    return Possible(ways, square, Splits(mother, one, other, np.minimum(single, 0.0) - chance), measures)


def some_of(found: Detections, kept: Ints, *, t: Ints | None = None, frames: int | None = None) -> Detections:
    """Some rows (in the order of time), with other times where told."""
    columns = ("t", "cell", "place", "area", "light", "slender", "border")
    rows = {name: getattr(found, name)[kept] for name in columns}
    if t is not None:
        rows["t"] = t
    return replace(found, **rows, frames=found.frames if frames is None else frames)
