"""Looking once at every cell of an image: where it is largest, with a net and without."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from training.engine.data import measuring
from training.engine.data.cell_crops import present
from training.engine.data.cell_places import CellPlace, ReadFrame, Sight, places
from training.engine.data.images import LabelledImage
from training.engine.devices import Device
from training.engine.errors import UnreadableImage
from training.engine.nets.backbones import Classifier
from training.engine.nets.embedder import Embedder

AT_ONCE = 64


class SeenCells(NamedTuple):
    """The cells of one image, by id: `cell` int64 (n,); `frame` int32 (n, 2), t and z; `middle_px` float32
    (n, 2); `length_px` float32 (n,); `measured` float32 (n, m); `features` float32 (n, f), none without a
    net."""

    cell: npt.NDArray[np.int64]
    frame: npt.NDArray[np.int32]
    middle_px: npt.NDArray[np.float32]
    length_px: npt.NDArray[np.float32]
    measured: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]


class Eye(NamedTuple):
    """A net that tells features of crops, and how it is shown them."""

    net: Embedder | Classifier
    channels: int
    sight: Sight
    mask: str
    device: Device

    @torch.inference_mode()
    def read(self, windows: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
        """Features float32 (n, f) of crops float16 (n, channels + 1, s, s), the last plane the mask."""
        crops = self.device.place(present(torch.from_numpy(windows).float(), self.mask))
        with self.device.autocast():
            return np.asarray(self.device.own(self.net).look(crops).float().cpu().numpy())


class _Largest(NamedTuple):
    area_px: float
    t: int
    z: int


def see(image: LabelledImage, eye: Eye | None) -> SeenCells:
    """Measures every cell in the frame where it is largest, and shows it to the net where there is one.

    Ignored cells are left out. Raises UnreadableImage, ChannelMismatch.
    """
    if image.line.labels is None:
        raise UnreadableImage(
            f"{image.line.name} has no outlined cells, and a map is made of outlined cells; outline them, or "
            "predict outlines first."
        )
    seen = [_see_frame(image, t, z, cells, eye) for (t, z), cells in _by_frame(image).items()]
    if not seen:
        empty = np.zeros((0, len(measuring.names(image.channel_names))), np.float32)
        no = np.zeros(0, np.float32)
        return SeenCells(
            no.astype(np.int64), np.zeros((0, 2), np.int32), empty[:, :2], no, empty, empty[:, :0]
        )
    columns = [np.concatenate(parts) for parts in zip(*seen, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return SeenCells(*(column[order] for column in columns))


def _by_frame(image: LabelledImage) -> dict[tuple[int, int], set[int]]:
    """(t, z) → the cells that are largest there; the earliest of equals."""
    largest: dict[int, _Largest] = {}
    for t, z in image.frames:
        labels = image.read_labels(t, z)
        for cell, area in zip(*np.unique(labels[labels > 0], return_counts=True), strict=True):
            if int(cell) not in largest or area > largest[int(cell)].area_px:
                largest[int(cell)] = _Largest(float(area), t, z)
    frames: dict[tuple[int, int], set[int]] = {}
    for cell, place in largest.items():
        frames.setdefault((place.t, place.z), set()).add(cell)
    return frames


def _see_frame(image: LabelledImage, t: int, z: int, cells: set[int], eye: Eye | None) -> SeenCells:
    frame = ReadFrame.of(image, t, z)
    ids, middles, measured = measuring.measure(frame.pixels, frame.labels)
    chosen = np.isin(ids, sorted(cells))
    here = [place for place in places(frame.labels) if place.cell in cells]
    features = np.zeros((len(here), 0), np.float32) if eye is None else _features(frame, here, eye)
    return SeenCells(
        ids[chosen].astype(np.int64),
        np.tile(np.array([[t, z]], np.int32), (len(here), 1)),
        middles[chosen].astype(np.float32),
        np.array([place.length_px for place in here], np.float32),
        measured[chosen].astype(np.float32),
        features,
    )


def _features(frame: ReadFrame, here: Sequence[CellPlace], eye: Eye) -> npt.NDArray[np.float32]:
    return np.concatenate([eye.read(np.stack(windows)) for windows in _windows(frame, here, eye)])


def _windows(
    frame: ReadFrame, here: Sequence[CellPlace], eye: Eye
) -> Iterator[list[npt.NDArray[np.float16]]]:
    for start in range(0, len(here), AT_ONCE):
        yield [frame.cut(place, eye.sight, eye.channels) for place in here[start : start + AT_ONCE]]
