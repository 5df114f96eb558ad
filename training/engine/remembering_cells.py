"""What a classifier keeps of the cells it learned from and was judged on (training.contract.cell_memory)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.contract.cell_memory import CELLS, MOST_JUDGED, MOST_LEARNED, CellMemory
from training.contract.files import write_atomically
from training.contract.manifest import Split
from training.engine import calibrating
from training.engine.data import cell_crops, opening
from training.engine.data.cell_crops import ClassedCell, present
from training.engine.data.cell_places import ReadFrame
from training.engine.data.images import LabelledImage
from training.engine.process import Run
from training.engine.reading_cells import AT_ONCE, CellReader
from training.engine.seeds import Chance


def remember(run: Run, reader: CellReader, temperature: float, folder: Path) -> None:
    """Writes `cells.npz` into a trained model's folder. Raises UnreadableImage, ChannelMismatch."""
    chance = Chance(run.spec.seed)
    images: list[LabelledImage] = []
    chosen: list[tuple[int, ClassedCell]] = []
    learned: list[bool] = []
    for splits, most, is_learned in (
        ((Split.TRAIN,), MOST_LEARNED, True),
        ((Split.VALIDATION, Split.TEST), MOST_JUDGED, False),
    ):
        some = [image for split in splits for image in opening.open_split(run.folder, run.manifest, split)]
        cells = cell_crops.classed_cells(some, reader.net.outputs)
        kept = cell_crops.thin_out(cells, most, chance)
        chosen += [(len(images) + cell.image, cell) for cell in kept]
        learned += [is_learned] * len(kept)
        images += some
    memory = _memory(images, chosen, np.array(learned, np.bool_), reader, temperature)
    write_atomically(folder / CELLS, memory.to_bytes())


@torch.inference_mode()
def read_features(
    reader: CellReader, windows: npt.NDArray[np.float16]
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]:
    """Features float16 (n, f) and logits float32 (n, k) of crops float16 (n, channels + 1, s, s)."""
    features, logits = [], []
    net = reader.device.own(reader.net)
    for start in range(0, len(windows), AT_ONCE):
        crops = torch.from_numpy(windows[start : start + AT_ONCE].astype(np.float32))
        told = net.look(reader.device.place(present(crops, reader.mask)))
        features.append(told.float().cpu().numpy().astype(np.float16))
        logits.append(net.head(told).float().cpu().numpy())
    return np.concatenate(features), np.concatenate(logits)


def _memory(
    images: Sequence[LabelledImage],
    chosen: Sequence[tuple[int, ClassedCell]],
    learned: npt.NDArray[np.bool_],
    reader: CellReader,
    temperature: float,
) -> CellMemory:
    features, logits = read_features(reader, _cut(images, chosen, reader))
    truth = np.array([cell.class_index for _, cell in chosen], np.int64)
    shares = calibrating.probabilities(logits, temperature)
    places = [cell.place for _, cell in chosen]
    return CellMemory(
        image_ids=np.array([image.line.image_id for image in images]),
        image=np.array([image for image, _ in chosen], np.int64),
        frames=np.array([(cell.t, cell.z) for _, cell in chosen], np.int64),
        cells=np.array([place.cell for place in places], np.int64),
        boxes=np.array([(p.top, p.left, p.bottom, p.right) for p in places], np.int64),
        truth=truth,
        told=logits.argmax(1).astype(np.int64),
        sure=shares[np.arange(len(truth)), truth].astype(np.float32),
        learned=learned,
        features=features,
    )


def _cut(
    images: Sequence[LabelledImage], chosen: Sequence[tuple[int, ClassedCell]], reader: CellReader
) -> npt.NDArray[np.float16]:
    """Crops float16 (n, channels + 1, s, s) of the cells, which lie frame by frame."""
    side = reader.sight.crop_px
    windows = np.empty((len(chosen), reader.net.channels + 1, side, side), np.float16)
    frame, at = None, None
    for number, (image, cell) in enumerate(chosen):
        if frame is None or (image, cell.t, cell.z) != at:
            at = (image, cell.t, cell.z)
            frame = ReadFrame.of(images[image], cell.t, cell.z)
        windows[number] = frame.cut(cell.place, reader.sight, reader.net.channels)
    return windows
