"""Opening the images of a run by their split, and naming exactly what was learned from."""

import hashlib
from collections.abc import Sequence

import numpy as np

from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine, Split
from training.engine.data.frames import TrainingFrames
from training.engine.data.images import LabelledImage
from training.engine.errors import ChannelMismatch, NothingToLearn


def open_split(folder: RunFolder, lines: Sequence[ManifestLine], split: Split) -> list[LabelledImage]:
    """The images of one split. Raises UnreadableImage."""
    return [LabelledImage(folder, line) for line in lines if line.split is split]


def open_training(folder: RunFolder, lines: Sequence[ManifestLine]) -> list[LabelledImage]:
    """The training images. Raises NothingToLearn when there are none, UnreadableImage."""
    images = open_split(folder, lines, Split.TRAIN)
    if not images:
        raise NothingToLearn(
            "There are no training images; put at least one labelled image into the training split."
        )
    return images


def common_channels(images: Sequence[LabelledImage]) -> int:
    """Channels a net needs to read all of the images. Raises ChannelMismatch."""
    counts = sorted({image.channels for image in images})
    several = [count for count in counts if count > 1]
    if len(several) > 1:
        names = ", ".join(f"{count} ({_example(images, count)})" for count in several)
        raise ChannelMismatch(
            f"The training images have different numbers of channels: {names}. "
            "Train on images of one number; images of a single channel may be among them."
        )
    return counts[-1]


def refuse_without_cells(frames: TrainingFrames) -> None:
    """Raises NothingToLearn when no training frame has a single labelled cell."""
    if not any(len(facts.cell_px) for facts in frames.facts):
        raise NothingToLearn(
            "No training image has a labelled cell: all labels are empty. "
            "Label some cells, or accept labels that exist."
        )


def median_diameter_px(frames: TrainingFrames) -> float | None:
    """Median diameter of all training cells."""
    sizes = np.concatenate([facts.object_sizes_px for facts in frames.facts])
    return round(float(np.median(sizes)), 2) if len(sizes) else None


def data_digest(frames: TrainingFrames) -> str:
    """SHA-256 over which frames were learned from and what they hold."""
    digest = hashlib.sha256()
    for frame, facts in zip(frames.frames, frames.facts, strict=True):
        digest.update(
            f"{frames.images[frame.image].line.image_id} {frame.t} {frame.z} {facts.digest}\n".encode()
        )
    return digest.hexdigest()


def _example(images: Sequence[LabelledImage], channels: int) -> str:
    return next(image.line.name for image in images if image.channels == channels)
