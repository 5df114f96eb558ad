"""Where the errors come from by which the scales of a net that translates are made honest.

An interval holds on a new place as well as the places that it was calibrated on are many and like it. One
validation image is one place, however many pixels it has: its background, its focus, its cells. So where
validation images are few, the training images are asked too, in all their places. There the net has seen
the answer, and its errors are too small by an unknown factor. That is measured on squares that were kept
back from learning, each beside its own neighbourhood, so that what is special about a place falls out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.engine.data import kept_back
from training.engine.data.channel_frames import ChannelFrames, clip_input
from training.engine.data.channel_images import ChannelImage
from training.engine.decoding.tiles import Reader
from training.engine.honest_scales import HonestScales
from training.engine.process import Run
from training.engine.translating import StackReader, read_frame

ENOUGH = 8
"""So many validation images speak for themselves."""
CALIBRATION_PX = 2_000_000
MOST_OPTIMISM = 2.0

Asked = tuple[ChannelImage, int, int]
Planes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Read:
    """What was said of one frame, all (k, y, x): place, scale, |error| / scale; `number` is that of a
    training frame, None of one that was not learned from."""

    place: Planes
    scale: Planes
    error: Planes
    number: int | None


@dataclass
class Calibration:
    """Gathers frames; `level` is the share that intervals shall cover, `frames` how many will come."""

    level: float
    frames: int
    _places: list[Planes] = field(default_factory=list)
    _scales: list[Planes] = field(default_factory=list)
    _errors: list[Planes] = field(default_factory=list)
    _learned: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    _pairs: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def add(self, read: Read) -> None:
        """Takes a share of the frame's pixels."""
        height, width = read.place.shape[1:]
        learned = np.full(height * width, read.number is not None)
        if read.number is not None:
            learned &= ~kept_back.mask(height, width, read.number).ravel()
            self._pairs += pairs(read.error, read.number, self.level)
        count = height * width
        chosen = self._rng.integers(count, size=min(count, CALIBRATION_PX // self.frames))
        kept = ((self._places, read.place), (self._scales, read.scale), (self._errors, read.error))
        for gathered, planes in kept:
            gathered.append(planes.reshape(len(planes), -1)[:, chosen])
        self._learned.append(learned[chosen])

    def result(self) -> tuple[HonestScales, float]:
        """What makes the scales honest, and the mean scale that is usual after it."""
        said, wide, errors = (np.concatenate(p, 1) for p in (self._places, self._scales, self._errors))
        learned = np.concatenate(self._learned)
        if learned.any():
            errors = np.where(learned, errors * optimism(self._pairs, len(errors))[:, None], errors)
        honest = HonestScales.fit(said, errors.astype(np.float32), self.level)
        return honest, float(honest.apply(said, wide).mean())


def pairs(errors: Planes, number: int, level: float) -> list[npt.NDArray[np.float64]]:
    """Of each square kept back of errors (k, y, x) of training frame `number`: the logarithm of by how much
    their `level` quantile exceeds that of the learned pixels within a side's length, (k,)."""
    height, width = errors.shape[1:]
    kept, found = kept_back.mask(height, width, number), []
    for rows, columns in kept_back.squares(height, width, number):
        side = rows.stop - rows.start
        near = (
            slice(max(0, rows.start - side), rows.stop + side),
            slice(max(0, columns.start - side), columns.stop + side),
        )
        beside = errors[:, *near][:, ~kept[near]]
        square = errors[:, rows, columns].reshape(len(errors), -1)
        both = [np.quantile(part, level, axis=1) + 1e-6 for part in (square, beside)]
        found.append(np.log(both[0]) - np.log(both[1]))
    return found


def optimism(pairs: Sequence[npt.NDArray[np.float64]], channels: int) -> npt.NDArray[np.float64]:
    """By how much the errors of learned pixels are too small, (channels,), 1 … 2: the geometric mean over the
    pairs (channels,), drawn to 1 as far as chance alone could explain it (James & Stein 1961)."""
    if len(pairs) < 2:
        return np.ones(channels)
    values = np.stack(pairs)
    mean, noise = values.mean(0), values.var(0, ddof=1) / len(values)
    sure = np.clip(1 - noise / np.maximum(mean**2, 1e-12), 0, 1)
    return np.asarray(np.clip(np.exp(sure * mean), 1.0, MOST_OPTIMISM), np.float64)


def calibrate(
    run: Run,
    reader: Reader | StackReader,
    held_out: Sequence[Asked],
    frames: ChannelFrames,
    level: float,
    most: int,
) -> tuple[HonestScales, float]:
    """What makes the scales honest, and the mean scale that is usual after it: from the frames that are
    `held_out`, and from at most `most` training frames where these were kept back from or nothing is held
    out."""
    taught = frames.keeps_back or not held_out
    numbers = np.linspace(0, len(frames.frames) - 1, min(len(frames.frames), most)).round().astype(int)
    asked: list[tuple[Asked, int | None]] = [(one, None) for one in held_out]
    for number in numbers.tolist() if taught else []:
        frame = frames.frames[number]
        asked.append(((frames.images[frame.image], frame.t, frame.z), number if frames.keeps_back else None))
    found = Calibration(level, len(asked))
    for (image, t, z), number in asked:
        run.raise_if_asked_to_stop()
        seen = clip_input(image.input_range(t).normalise(image.read_input(t, z)))
        truth = image.target_range(t).normalise(image.read_target(t, z))
        place, scale = read_frame(reader, seen, image, t, z)
        found.add(Read(place, scale, np.abs(truth - place) / scale, number))
    return found.result()
