"""How large the cells of an image are, found by reading a sample of it at several sizes.

The right size is told by the cells themselves: what is read at the right size is found alike when it is shown
a little larger or a little smaller. Shown too small, cells are missed or merged, one size after the other;
shown too large, they fall into pieces, each time into others. So the zoom is taken at which the cells agree
best with those of the next smaller and the next larger one, and nothing is changed unless they agree clearly
better there than as the image stands. No number of it was fitted to a net, and it holds for every kind of
target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotation.core import matching
from training.contract.reading import AUTO, zoom_for
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import look_at, normalise, thin_slices
from training.engine.data.resizing import ReadPixels, Resized
from training.engine.decoding.tiles import PLAIN, Reader
from training.engine.found import FindCells
from training.engine.zooming import ZoomedFrame, read_normalised

Labels = npt.NDArray[np.uint32]
Item = TypeVar("Item")

ZOOMS = tuple(2 ** (step / 2) for step in range(-4, 5))
"""What is tried, each √2 of the one before."""
AS_IT_STANDS = ZOOMS.index(1.0)
SAMPLED_PX = 120_000
"""So many pixels are read at each zoom: about a megapixel where all are tried, a third of it where the first
three tell."""
SAMPLED_FRAMES = 3
CLEARLY = 1.3
"""So many times better must cells agree elsewhere than as the image stands; or"""
FAR_FEWER, BY_MUCH = 0.5, 0.15
"""so much less must they differ there, by a share of all cells that is not small."""
LEAST_CELLS = 6
"""Fewer cells at a pair of sizes say nothing."""
_CHANCE = 2
"""Cells that are taken to differ besides, so that few do not count for much."""
LEAST_AGREEMENT = 0.2
_IOU = 0.5


@dataclass(frozen=True)
class Sample:
    """A frame to be tried: its size, its normalised pixels by window, and the places (y, x) about which most
    is to be seen, the second away from the first."""

    size: tuple[int, int]
    read_pixels: ReadPixels
    middles: tuple[tuple[int, int], tuple[int, int]]

    def window(self, most_px: float, place: int) -> tuple[slice, slice]:
        """Rows and columns of at most so many pixels about one of the places, within the frame."""
        height, width = self.size
        tall = min(height, max(int(np.sqrt(most_px)), int(most_px / width)))
        broad = min(width, int(most_px / tall))
        top = int(np.clip(self.middles[place][0] - tall // 2, 0, height - tall))
        left = int(np.clip(self.middles[place][1] - broad // 2, 0, width - broad))
        return slice(top, top + tall), slice(left, left + broad)


@dataclass(frozen=True)
class Seen:
    """What was found in a window at one zoom: labels (p, y, x) at the frame's own size, and where they
    lie."""

    labels: Labels
    rows: slice
    columns: slice

    def within(self, rows: slice, columns: slice) -> Labels:
        """The labels of a window that lies in this one."""
        top, left = rows.start - self.rows.start, columns.start - self.columns.start
        return self.labels[:, top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]

    @property
    def diameters_px(self) -> npt.NDArray[np.float64]:
        """Of the disc of each cell's area, (n,)."""
        areas = np.bincount(self.labels.ravel())[1:]
        return np.asarray(np.sqrt(4 * areas[areas > 0] / np.pi), np.float64)


@dataclass
class Trials:
    """Some frames of one image at every zoom that is asked for, each read once."""

    reader: Reader
    find: FindCells
    samples: Sequence[Sample]
    place: int = 0
    seen: dict[int, list[Seen]] = field(default_factory=dict)

    def at(self, step: int) -> list[Seen]:
        """What is found at the zoom of that place in ZOOMS, sample by sample."""
        if step not in self.seen:
            share = SAMPLED_PX / len(self.samples)
            self.seen[step] = [self._see(sample, ZOOMS[step], share) for sample in self.samples]
        return self.seen[step]

    def agreement(self, step: int) -> float:
        """How alike cells are at this zoom and at those next to it, 0 … 1: the mean AP at IoU ½, 0 for a pair
        at which there are too few to tell."""
        return float(np.mean([alike for alike, _ in self._beside(step)]))

    def tells(self, step: int) -> bool:
        """Whether there are cells enough at this zoom and at those next to it."""
        return any(enough for _, enough in self._beside(step))

    def _beside(self, step: int) -> list[tuple[float, bool]]:
        return [self._alike(small, small + 1) for small in (step - 1, step) if 0 <= small < len(ZOOMS) - 1]

    def _alike(self, small: int, large: int) -> tuple[float, bool]:
        """Counts are pooled over the samples, within what both have seen."""
        counts = np.zeros(3, np.int64)
        for one, other in zip(self.at(small), self.at(large), strict=True):
            same = matching.count(one.within(other.rows, other.columns), other.labels, (_IOU,))
            counts += np.array([same.tp[0], same.fp[0], same.fn[0]])
        cells = int(counts.sum())
        return (float(counts[0] / (cells + _CHANCE)), True) if cells >= LEAST_CELLS else (0.0, False)

    def _see(self, sample: Sample, zoom: float, read_px: float) -> Seen:
        rows, columns = sample.window(read_px / zoom**2, self.place)
        frame = ZoomedFrame(self.reader, self.find, Resized.of(sample.size, zoom), sample.read_pixels)
        return Seen(frame.found_near(rows, columns).labels, rows, columns)

    def diameter_px(self, step: int) -> float | None:
        """Median diameter of the cells found at a zoom, in px of the frame."""
        found = np.concatenate([seen.diameters_px for seen in self.at(step)])
        return round(float(np.median(found)), 1) if len(found) else None


def best_zoom(trials: Trials) -> int:
    """The place in ZOOMS of the zoom at which cells agree best; that of 1 unless another is clearly better,
    at a second place of the frames too, if that has cells."""
    known = trials.agreement(AS_IT_STANDS)
    if not is_better(1.0, known):
        return AS_IT_STANDS
    agreements = [trials.agreement(step) for step in range(len(ZOOMS))]
    best = int(np.argmax(agreements))
    if not is_better(agreements[best], known):
        return AS_IT_STANDS
    again = replace(trials, place=1, seen={})
    if not (again.tells(best) or again.tells(AS_IT_STANDS)):
        return best
    return best if is_better(again.agreement(best), again.agreement(AS_IT_STANDS)) else AS_IT_STANDS


def is_better(agreement: float, known: float) -> bool:
    """Whether cells agree clearly better than as the image stands."""
    fewer = 1 - agreement <= FAR_FEWER * (1 - known) and agreement >= known + BY_MUCH
    return agreement >= LEAST_AGREEMENT and (agreement >= CLEARLY * known or fewer)


@dataclass(frozen=True)
class Sizes:
    """How large cells are to be taken for: `cell_px` as in the order, `learned_px` those of the training.

    `reader` and `find` are what a prediction is made with.
    """

    cell_px: float | str
    learned_px: float
    reader: Reader
    find: FindCells
    channels: int

    @staticmethod
    def asked(
        cell_px: float | str | None, learned_px: float | None, reader: Reader, find: FindCells, channels: int
    ) -> "Sizes | None":
        """None where images are to be read as they stand."""
        if cell_px is None or not learned_px:
            return None
        return Sizes(cell_px, learned_px, reader, find, channels)

    def of(self, image: LabelledImage) -> tuple[float, float | None]:
        """By how much an image is enlarged for the net, and the cells' diameter in px, where it is known. The
        same for all of its frames. Raises ChannelMismatch, UnreadableImage."""
        if self.cell_px != AUTO:
            return self._as_told(float(self.cell_px))
        return self._among([sample_of(image, t, z, self.channels) for t, z in some_frames(image)])

    def of_frames(self, frames: Sequence[npt.NDArray[Any]]) -> tuple[float, float | None]:
        """As `of`, for an image whose raw frames (c, y, x) are given."""
        if self.cell_px != AUTO:
            return self._as_told(float(self.cell_px))
        return self._among([sample_of_frame(frame, self.channels) for frame in _spread(frames)])

    def _as_told(self, cell_px: float) -> tuple[float, float]:
        return zoom_for(cell_px, learned_px=self.learned_px), cell_px

    def _among(self, samples: Sequence[Sample]) -> tuple[float, float | None]:
        trials = Trials(plain(self.reader), self.find, samples)
        step = best_zoom(trials)
        return ZOOMS[step], trials.diameter_px(step)


def plain(reader: Reader) -> Reader:
    """The same reader, which looks once."""
    return replace(reader, views=PLAIN)


def some_frames(image: LabelledImage) -> list[tuple[int, int]]:
    """(t, z) of a few frames, evenly spread."""
    return _spread(image.frames)


def _spread(frames: Sequence[Item]) -> list[Item]:
    """A few of them; the first and the last are often the worst."""
    count = min(SAMPLED_FRAMES, len(frames))
    return [frames[(2 * place + 1) * len(frames) // (2 * count)] for place in range(count)]


def sample_of(image: LabelledImage, t: int, z: int, channels: int) -> Sample:
    """A frame to be tried, of which only a thin sample is looked at before. Raises ChannelMismatch,
    UnreadableImage."""
    thin = image.read(t, z, *thin_slices(image.size))
    return _sample(image.size, thin, read_normalised(image, t, z, channels), channels)


def sample_of_frame(frame: npt.NDArray[Any], channels: int) -> Sample:
    """A raw frame (c, y, x) to be tried. Raises ChannelMismatch."""
    size, look = (frame.shape[1], frame.shape[2]), look_at(frame)
    thin = frame[:, *thin_slices(size)]
    return _sample(
        size, thin, lambda rows, columns: normalise(frame[:, rows, columns], look, channels), channels
    )


def _sample(size: tuple[int, int], thin: npt.NDArray[Any], read_pixels: ReadPixels, channels: int) -> Sample:
    step = thin_slices(size)[0].step or 1
    places = busiest(normalise(thin, look_at(thin), channels), np.sqrt(SAMPLED_PX) / 2 / step)
    (y, x), (v, u) = places
    return Sample(size, read_pixels, ((y * step, x * step), (v * step, u * step)))


def busiest(pixels: npt.NDArray[np.float32], side_px: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """The middle (y, x) of the window of a side in which pixels (c, y, x) differ most from their neighbours,
    and of the one in which they do so of those that lie away from it."""
    seen = np.clip(pixels.mean(0), 0, 1)
    down, across = np.diff(seen, axis=0, append=seen[-1:]), np.diff(seen, axis=1, append=seen[:, -1:])
    side = max(3, int(side_px))
    around = ndimage.uniform_filter(np.abs(down) + np.abs(across), side, mode="constant")
    first = _highest(around)
    rows, columns = (
        np.abs(np.arange(length) - at) < side for length, at in zip(around.shape, first, strict=True)
    )
    elsewhere = np.where(rows[:, None] & columns, -1.0, around)
    return first, _highest(elsewhere) if elsewhere.max() > 0 else first


def _highest(values: npt.NDArray[Any]) -> tuple[int, int]:
    y, x = np.unravel_index(int(values.argmax()), values.shape)
    return int(y), int(x)


def told(zoom: float, cell_px: float | None) -> Mapping[str, Any]:
    """What the list of cells says of it."""
    return {"zoom": round(zoom, 4), "cell_px": None if cell_px is None else round(cell_px, 1)}
