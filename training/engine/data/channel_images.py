"""Images whose channels are input and truth: which channels, which planes, and their range."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.engine.data.images import LabelledImage
from training.engine.data.normalising import HIGH_PERCENTILE, LOW_PERCENTILE
from training.engine.errors import ChannelMismatch, MissingChannel

_SAMPLED_PX = 1 << 18
_SAMPLED_SLICES = 16
_UNNAMED = re.compile(r"channel \d+", re.IGNORECASE)


@dataclass(frozen=True)
class Channels:
    """What goes in and what comes out, by name; `z_stack`: all slices go in, one plane comes out."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    z_stack: bool


@dataclass(frozen=True)
class Range:
    """Low and high percentile of channels, float32 (c,), of the whole picture at one time."""

    low: npt.NDArray[np.float32]
    span: npt.NDArray[np.float32]

    def normalise(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Pixels (c, y, x): low percentile at 0, high at 1."""
        return np.asarray((pixels - self.low[:, None, None]) / self.span[:, None, None], np.float32)


class ChannelImage:
    """One image of a run as a net that translates sees it; opened, not read."""

    def __init__(
        self,
        image: LabelledImage,
        channels: Channels,
        *,
        with_targets: bool,
        target_scale: Range | None = None,
    ) -> None:
        """`target_scale`: the targets' range where all images share one. Raises MissingChannel where the
        image lacks a channel; targets matter only where asked for."""
        self.target_scale = target_scale
        self.image, self.line, self.z_stack = image, image.line, channels.z_stack
        self.inputs = _find_inputs(image, channels.inputs)
        self.targets = find_channels(image, channels.targets) if with_targets else []

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in px."""
        return self.image.size

    @property
    def planes(self) -> int:
        """Planes that go in."""
        return len(self.inputs) * (int(self.image.pixels.shape[2]) if self.z_stack else 1)

    @property
    def frames(self) -> list[tuple[int, int]]:
        """(t, z) of what is predicted; a whole stack is predicted as slice 0."""
        return [(t, z) for t, z in self.image.frames if z == 0 or not self.z_stack]

    def read_input(
        self, t: int, z: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[np.float32]:
        """Raw planes float32 (planes, y, x): channel by channel, in a stack slice by slice."""
        slices = range(int(self.image.pixels.shape[2])) if self.z_stack else [z]
        return self._read([(c, s) for c in self.inputs for s in slices], t, rows, columns)

    def read_target(
        self, t: int, z: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[np.float32]:
        """Raw targets float32 (k, y, x); of a stack the brightest of the slices."""
        if not self.z_stack:
            return self._read([(c, z) for c in self.targets], t, rows, columns)
        slices = range(int(self.image.pixels.shape[2]))
        stacks = [self._read([(c, s) for s in slices], t, rows, columns) for c in self.targets]
        return np.stack([stack.max(0) for stack in stacks])

    def input_range(self, t: int) -> Range:
        """Of each input plane: that of its channel over all slices."""
        repeats = self.planes // len(self.inputs)
        found = self._ranges(self.inputs, t)
        return Range(np.repeat(found.low, repeats), np.repeat(found.span, repeats))

    def target_range(self, t: int) -> Range:
        """Of each target channel, over all slices; the shared one where there is one."""
        return self.target_scale or self._ranges(self.targets, t)

    def _ranges(self, channels: Sequence[int], t: int) -> Range:
        depth, (height, width) = int(self.image.pixels.shape[2]), self.size
        slices = sorted(set(np.linspace(0, depth - 1, min(depth, _SAMPLED_SLICES)).round().astype(int)))
        step = max(1, int(np.sqrt(len(slices) * height * width / _SAMPLED_PX)))
        thin = slice(None, None, step)
        low, high = [], []
        for c in channels:
            sample = self._read([(c, int(z)) for z in slices], t, thin, thin)
            low.append(np.percentile(sample, LOW_PERCENTILE))
            high.append(np.percentile(sample, HIGH_PERCENTILE))
        lows, highs = np.array(low, np.float32), np.array(high, np.float32)
        return Range(lows, np.maximum(highs - lows, 1e-6 + 1e-3 * np.abs(highs)).astype(np.float32))

    def _read(
        self, planes: Sequence[tuple[int, int]], t: int, rows: slice, columns: slice
    ) -> npt.NDArray[np.float32]:
        read = [self.image.read_channel(t, c, z, rows, columns).astype(np.float32) for c, z in planes]
        return np.nan_to_num(np.stack(read), copy=False, posinf=0.0, neginf=0.0)


def find_channels(image: LabelledImage, words: Sequence[str]) -> list[int]:
    """Places of the channels that `words` name, by name or by number from 1. Raises MissingChannel."""
    return [_find(image, word) for word in words]


def choose_channels(
    image: LabelledImage, inputs: Sequence[str], targets: Sequence[str], *, z_stack: bool
) -> Channels:
    """The channels by the names they have in the first image. Raises MissingChannel."""
    if not targets:
        raise MissingChannel(
            "No channel to predict was chosen; name at least one under “targets”, for instance “DAPI”. "
            f"{_told(image)}"
        )
    out = find_channels(image, targets)
    into = find_channels(image, inputs) or [c for c in range(image.channels) if c not in out]
    both = [image.channel_names[c] for c in into if c in out]
    if both:
        raise MissingChannel(f"The channel “{both[0]}” is input and target at once; choose one of the two.")
    if not into:
        raise MissingChannel(
            f"{image.line.name} has no channel left to predict from; leave one that is no target."
        )
    names = image.channel_names
    return Channels(tuple(names[c] for c in into), tuple(names[c] for c in out), z_stack)


def refuse_other_planes(image: ChannelImage, planes: int) -> None:
    """Raises ChannelMismatch where a stack has another number of slices than the net reads."""
    if image.planes != planes:
        depth = planes // len(image.inputs)
        raise ChannelMismatch(
            f"{image.line.name} has {image.planes // len(image.inputs)} slices, but stacks of {depth} are "
            "read; choose images with as many slices."
        )


def _find(image: LabelledImage, word: str) -> int:
    wanted = word.strip().casefold()
    for place, name in enumerate(image.channel_names):
        if name.strip().casefold() == wanted:
            return place
    if wanted.isdigit() and 1 <= int(wanted) <= image.channels:
        return int(wanted) - 1
    raise MissingChannel(f"{image.line.name} has no channel “{word}”. {_told(image)}")


def _find_inputs(image: LabelledImage, words: Sequence[str]) -> list[int]:
    """An image that names no channel and has just as many as are read is taken as it stands."""
    if image.channels == len(words) and all(_UNNAMED.fullmatch(name) for name in image.channel_names):
        return list(range(image.channels))
    return find_channels(image, words)


def _told(image: LabelledImage) -> str:
    return f"{image.line.name} has {', '.join(f'“{name}”' for name in image.channel_names)}."
