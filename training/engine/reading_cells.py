"""Asking a classifier about the cells of images: one answer a cell, however many frames show it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.data.cell_crops import present
from training.engine.data.cell_places import ReadFrame, Sight, places
from training.engine.data.images import LabelledImage
from training.engine.devices import Device
from training.engine.nets.backbones import Classifier

AT_ONCE = 64
_VIEWS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))


@dataclass(frozen=True)
class ReadCells:
    """What a net says of the cells of one image: ids int64 (n,) and logits float32 (n, k)."""

    cells: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float32]


@dataclass(frozen=True)
class CellReader:
    """How a classifier is asked; `flips` averages over four mirrored copies, `whole` asks about images as one
    cell that fills them."""

    net: Classifier
    sight: Sight
    mask: str
    device: Device
    flips: bool
    whole: bool = False

    def read_image(self, image: LabelledImage, only: Collection[int] | None = None) -> ReadCells:
        """The cells of an image, or of `only` these, those that are ignored left out.

        The logits of a cell that several frames show are averaged. Raises UnreadableImage, ChannelMismatch.
        """
        ids: list[int] = []
        said: list[npt.NDArray[np.float32]] = []
        for t, z in image.frames:
            frame = ReadFrame.whole(image, t, z) if self.whole else ReadFrame.of(image, t, z)
            here = [place for place in places(frame.labels) if only is None or place.cell in only]
            for start in range(0, len(here), AT_ONCE):
                some = here[start : start + AT_ONCE]
                cuts = [frame.cut(place, self.sight, self.net.channels) for place in some]
                said.append(self.read(np.stack(cuts)))
            ids += [place.cell for place in here]
        if not ids:
            return ReadCells(np.zeros(0, np.int64), np.zeros((0, self.net.outputs), np.float32))
        return _by_cell(np.array(ids, np.int64), np.concatenate(said))

    @torch.inference_mode()
    def read(self, windows: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
        """Logits float32 (n, k) of crops float16 (n, channels + 1, s, s), the last plane the mask."""
        starts = range(0, len(windows), AT_ONCE)
        said = [self._ask(torch.from_numpy(windows[start : start + AT_ONCE]).float()) for start in starts]
        return np.concatenate([each.numpy() for each in said])

    def _ask(self, crops: Tensor) -> Tensor:
        crops = self.device.place(present(crops, self.mask))
        views = _VIEWS if self.flips else _VIEWS[:1]
        net = self.device.own(self.net)
        with self.device.autocast():
            said = [net(crops.flip(list(axes)) if axes else crops).float() for axes in views]
        return torch.stack(said).mean(0).cpu()


def _by_cell(ids: npt.NDArray[np.int64], logits: npt.NDArray[np.float32]) -> ReadCells:
    cells, numbers = np.unique(ids, return_inverse=True)
    sums = np.zeros((len(cells), logits.shape[1]), np.float64)
    np.add.at(sums, numbers, logits)
    return ReadCells(cells, (sums / np.bincount(numbers)[:, None]).astype(np.float32))


def known_classes(
    image: LabelledImage, cells: Sequence[int] | npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """True class 0 … of each of the cells, int64 (n,)."""
    return np.array([image.classes[int(cell)] - 1 for cell in cells], np.int64)
