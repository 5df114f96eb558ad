"""The frames a net learns from: their pixels as a net sees them, with their targets, whole or by window."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.data.images import Frame, LabelledImage, Truth
from training.engine.data.kinds import describe
from training.engine.data.normalising import Look, look_at, normalise

Target = npt.NDArray[np.uint8] | npt.NDArray[np.int32]
"""uint8 (k, y, x), or int32 where labels stand in it until a crop is cut (see targets.layers)."""

BuildTarget = Callable[[npt.NDArray[np.uint32], LabelledImage], Target]
"""Labels uint32 (p, y, x) and their image → targets (k, y, x)."""

Ignore = Callable[[Target, npt.NDArray[np.bool_]], None]
"""Changes targets (k, y, x) so that nothing is learned where the mask (y, x) is true."""

CACHE_BYTES = 1_500_000_000
MOST_FRAMES = 4096
_MARGIN_PX = 96
_REMEMBERED_PX = 4096


@dataclass(frozen=True)
class FrameFacts:
    """What is measured once of each training frame.

    cell_px: places (n, 2) in order y, x on cells, about 4096 at most; object_sizes_px: diameters (cells,);
    size: height and width in px; digest: SHA-256 of pixels and labels; target_sums: sum of each target
    plane (k,), 0..1 a pixel; overlap_px: pixels that lie in more than one cell.
    """

    look: Look
    features: npt.NDArray[np.float64]
    cell_px: npt.NDArray[np.int32]
    object_sizes_px: npt.NDArray[np.float64]
    size: tuple[int, int]
    digest: str
    target_sums: npt.NDArray[np.float64]
    overlap_px: int = 0


@dataclass(frozen=True)
class Planes:
    """A frame or window ready for the net: pixels float16 (channels, y, x), target (k, y, x)."""

    pixels: npt.NDArray[np.float16]
    target: Target


class TrainingFrames:
    """All training frames. What fits into `cache_bytes` stays in memory, the rest is read by window."""

    def __init__(
        self,
        images: Sequence[LabelledImage],
        *,
        channels: int,
        build_target: BuildTarget,
        ignore: Ignore,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Reads every frame once. Raises UnreadableImage, ChannelMismatch."""
        self.images, self.channels = images, channels
        self.build_target, self.ignore = build_target, ignore
        self.lighten = lighten_all if ignore is ignore_all else lighten_by_weight
        self.frames = choose_frames(images)
        self.cached: dict[int, Planes] = {}
        self.facts: list[FrameFacts] = []
        left = cache_bytes
        for frame in self.frames:
            pixels, truth = self._read(frame)
            target = self._target(truth, images[frame.image])
            self.facts.append(_measure(pixels, truth, target))
            shown = normalise(pixels, self.facts[-1].look, channels).astype(np.float16)
            if shown.nbytes + target.nbytes <= left:
                left -= shown.nbytes + target.nbytes
                self.cached[len(self.facts) - 1] = Planes(shown, target)
            else:
                left = 0

    def window(self, number: int, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Planes:
        """The part of a frame at the given rows and columns (each within the frame, in any order)."""
        cached = self.cached.get(number)
        if cached is not None:
            return _take(cached, rows, columns)
        height, width = self.facts[number].size
        top, left = max(0, int(rows.min()) - _MARGIN_PX), max(0, int(columns.min()) - _MARGIN_PX)
        bottom = min(height, int(rows.max()) + 1 + _MARGIN_PX)
        right = min(width, int(columns.max()) + 1 + _MARGIN_PX)
        pixels, truth = self._read(self.frames[number], slice(top, bottom), slice(left, right))
        return _take(self._prepare(number, pixels, truth), rows - top, columns - left)

    def _read(
        self, frame: Frame, rows: slice = slice(None), columns: slice = slice(None)
    ) -> tuple[npt.NDArray[Any], Truth]:
        image = self.images[frame.image]
        pixels = image.read(frame.t, frame.z, rows, columns)
        return pixels, image.read_truth(frame.t, frame.z, rows, columns)

    def _target(self, truth: Truth, image: LabelledImage) -> Target:
        target = self.build_target(truth.labels, image)
        self.ignore(target, truth.ignored)
        if truth.weight is not None:
            self.lighten(target, truth.weight)
        return target

    def _prepare(self, number: int, pixels: npt.NDArray[Any], truth: Truth) -> Planes:
        image = self.images[self.frames[number].image]
        shown = normalise(pixels, self.facts[number].look, self.channels)
        return Planes(shown.astype(np.float16), self._target(truth, image))


def choose_frames(images: Sequence[LabelledImage], most: int = MOST_FRAMES) -> list[Frame]:
    """Every frame of every image; of more than `most`, that many, evenly spaced."""
    frames = [Frame(i, t, z) for i, image in enumerate(images) for t, z in image.frames]
    if len(frames) <= most:
        return frames
    return [frames[i] for i in np.linspace(0, len(frames) - 1, most).round().astype(int)]


def diameters_px(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Diameter of the disc of each cell's area, float64 (cells,); labels: uint32 (p, y, x)."""
    _, areas = np.unique(labels[labels > 0], return_counts=True)
    return np.asarray(np.sqrt(4 * areas / np.pi), np.float64)


def ignore_all(target: Target, ignored: npt.NDArray[np.bool_]) -> None:
    """For targets that are shares of classes: none is said."""
    target[:, ignored] = 0


def ignore_by_weight(target: Target, ignored: npt.NDArray[np.bool_]) -> None:
    """For targets whose last plane says how much a pixel counts: not at all."""
    target[-1, ignored] = 0


def lighten_all(target: Target, weight: npt.NDArray[np.float32]) -> None:
    """Shares of classes that count for `weight` (y, x) of what they counted: less is said of them."""
    target[:] = np.rint(target * weight)


def lighten_by_weight(target: Target, weight: npt.NDArray[np.float32]) -> None:
    """The plane that says how much a pixel counts, times `weight` (y, x)."""
    target[-1] = np.rint(target[-1] * weight)


def _measure(pixels: npt.NDArray[Any], truth: Truth, target: Target) -> FrameFacts:
    look, labels = look_at(pixels), truth.labels
    sizes = diameters_px(labels)
    places = np.argwhere(labels.any(0)).astype(np.int32)
    step = max(1, len(places) // _REMEMBERED_PX)
    features = describe(pixels, look, float(np.median(sizes)) if len(sizes) else 20.0)
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data)
    digest.update(np.ascontiguousarray(labels).data)
    if truth.ignored.any():
        digest.update(np.packbits(truth.ignored).data)
    if truth.weight is not None:
        digest.update(np.ascontiguousarray(truth.weight).data)
    size = (pixels.shape[1], pixels.shape[2])
    return FrameFacts(
        look,
        features,
        places[::step],
        sizes,
        size,
        digest.hexdigest(),
        target.sum((1, 2), dtype=np.float64) / 255,
        int((np.count_nonzero(labels, axis=0) > 1).sum()),
    )


def _take(planes: Planes, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Planes:
    if _contiguous(rows) and _contiguous(columns):
        inside = np.s_[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return Planes(planes.pixels[inside], planes.target[inside])
    return Planes(planes.pixels[:, rows[:, None], columns], planes.target[:, rows[:, None], columns])


def _contiguous(index: npt.NDArray[np.int64]) -> bool:
    return bool(index[-1] - index[0] == len(index) - 1) and bool((np.diff(index) == 1).all())
