"""Predicting channels of whole images, of any size, and writing them as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import zarr
from torch import Tensor

from training.contract.files import write_json
from training.contract.results import ModelCard
from training.engine.data.channel_frames import clip_input
from training.engine.data.channel_images import ChannelImage, Channels, Range, refuse_other_planes
from training.engine.data.images import LabelledImage
from training.engine.decoding.tiles import Reader
from training.engine.errors import RunRefused, UnreadableImage
from training.engine.honest_scales import HonestScales
from training.engine.losses import place_and_scale
from training.engine.novelty import UNLIKE, Familiar
from training.engine.process import Run
from training.engine.volumes.reading import VolumeReader

Planes = npt.NDArray[np.float32]

CHUNK_PX = 512
BLOCK_PX, MARGIN_PX = 4096, 256
"""Larger frames are read in blocks; the margin is more than a net of any width sees around a pixel."""
UNSURE = 1.5
"""An image whose mean uncertainty is this many times what is usual earns a warning."""


def activate(said: Tensor) -> Tensor:
    """(b, 2k, y, x) as the net says it → places, then positive scales."""
    return torch.cat(place_and_scale(said), 1)


@dataclass
class StackReader:
    """A net of volumes, asked slice by slice; the volume of which a slice was asked last is remembered."""

    reader: VolumeReader
    _key: tuple[str, int] | None = None
    _maps: Planes = field(default_factory=lambda: np.zeros((0, 0, 0, 0), np.float32))

    def read(self, image: ChannelImage, t: int, z: int) -> Planes:
        """Maps float32 (2k, y, x) of one slice."""
        if self._key != (image.line.image_id, t):
            seen_range, slices = image.input_range(t), range(int(image.image.pixels.shape[2]))
            seen = [clip_input(seen_range.normalise(image.read_input(t, s))) for s in slices]
            self._key, self._maps = (image.line.image_id, t), self.reader.read(np.stack(seen, 1))
        return self._maps[:, z]


def read_frame(
    reader: Reader | StackReader,
    seen: Planes,
    image: ChannelImage,
    t: int,
    z: int,
    rows: slice = slice(None),
    columns: slice = slice(None),
) -> tuple[Planes, Planes]:
    """Places and scales, both (k, y, x), of normalised input (c, y, x), a window of the image at (t, z)."""
    if isinstance(reader, StackReader):
        place, scale = np.split(reader.read(image, t, z)[:, rows, columns], 2)
    else:
        place, scale = np.split(reader.read(seen), 2)
    return place, scale


@dataclass(frozen=True)
class Translation:
    """All that predicting needs besides the net; `honest` mends the scales, `low` and `span` (k,)
    are the grey values of the training targets, which all images share where `shared`; `usual` is the mean
    scale."""

    channels: Channels
    honest: HonestScales
    low: Planes
    span: Planes
    usual: float
    familiar: Familiar
    shared: bool

    @property
    def target_scale(self) -> Range | None:
        """The range of the targets where all images share one."""
        return Range(self.low, self.span) if self.shared else None

    @staticmethod
    def of(card: ModelCard) -> "Translation":
        """As `model.json` keeps it."""
        told = card.decoding
        return Translation(
            Channels(tuple(told["inputs"]), tuple(told["targets"]), bool(told["z_stack"])),
            HonestScales.from_json(told),
            np.array(told["low"], np.float32),
            np.array(told["span"], np.float32),
            float(told["usual"]),
            Familiar.from_json(told["familiar"]),
            bool(told["shared"]),
        )

    def to_json(self) -> dict[str, Any]:
        """What `model.json` keeps."""
        return {
            "inputs": list(self.channels.inputs),
            "targets": list(self.channels.targets),
            "z_stack": self.channels.z_stack,
            **self.honest.to_json(),
            "low": self.low.tolist(),
            "span": self.span.tolist(),
            "usual": self.usual,
            "shared": self.shared,
            "familiar": self.familiar.to_json(),
        }


def translate_images(
    run: Run, reader: Reader | StackReader, planes: int, known: Translation
) -> dict[str, Any]:
    """Predicts every image of the run; returns a summary with the warnings.

    An image whose facts are written is done. One that cannot be read or lacks a channel is named in the
    summary. Raises RunRefused when none could be done.
    """
    refused: list[dict[str, str]] = []
    warnings: list[dict[str, str]] = []
    for number, line in enumerate(run.manifest):
        message = f"Predicting {line.name} ({number + 1} of {len(run.manifest)})."
        run.report.status(message, fraction=number / len(run.manifest))
        if run.folder.output_facts(line.image_id).exists():
            continue
        try:
            image = ChannelImage(LabelledImage(run.folder, line), known.channels, with_targets=False)
            refuse_other_planes(image, planes)
            warning = _translate_image(run, image, reader, known)
            warnings += [{"image_id": line.image_id, "warning": warning}] if warning else []
        except RunRefused as error:
            refused.append({"image_id": line.image_id, "error": str(error)})
    if len(refused) == len(run.manifest):
        raise UnreadableImage(refused[0]["error"] if refused else "There are no images to predict.")
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return {"images": len(run.manifest) - len(refused), "refused": refused, "warnings": warnings}


def _translate_image(
    run: Run, image: ChannelImage, reader: Reader | StackReader, known: Translation
) -> str | None:
    output = _create_output(run, image, known.channels.targets)
    novelty, scales = 0.0, list[float]()
    for t, z in image.frames:
        seen_range = image.input_range(t)
        for block in blocks(*image.size):
            run.raise_if_asked_to_stop()
            seen = clip_input(seen_range.normalise(image.read_input(t, z, block.rows, block.columns)))
            place, scale = read_frame(reader, seen, image, t, z, block.rows, block.columns)
            novelty = max(novelty, known.familiar.novelty(seen))
            scale = known.honest.apply(place, scale)
            scales.append(float(scale.mean()))
            _write_block(output, t, z, block, _in_grey_values(place, scale, known))
    warning = warn(novelty, float(np.mean(scales)) / max(known.usual, 1e-9))
    facts = {
        "channels": _channels(known.channels.targets),
        "novelty": round(novelty, 3),
        "uncertainty": round(float(np.mean(scales)) / max(known.usual, 1e-9), 3),
        "warning": warning,
    }
    write_json(run.folder.output_facts(image.line.image_id), facts)
    return warning


def warn(novelty: float, uncertainty: float) -> str | None:
    """A sentence where a prediction should not be trusted; `uncertainty` is 1 where it is as usual."""
    said = []
    if novelty > UNLIKE:
        said.append("The image is unlike those that the model learned from.")
    if uncertainty > UNSURE:
        said.append(f"The model is {uncertainty:.1f} times as unsure as on the images that it was tried on.")
    return " ".join([*said, "Do not trust the predicted channels without a check."]) if said else None


@dataclass(frozen=True)
class Block:
    """What is read (`rows`, `columns`) and which part of it is kept, from `top` and `left` on."""

    rows: slice
    columns: slice
    keep_rows: slice
    keep_columns: slice


def blocks(height: int, width: int, block_px: int = BLOCK_PX, margin_px: int = MARGIN_PX) -> Iterator[Block]:
    """Covers a frame; each block is read with a margin and begins on a multiple of `margin_px`, so that the
    net sees the same grid everywhere."""
    for rows in _spans(height, block_px):
        for columns in _spans(width, block_px):
            outer = [
                slice(max(0, span.start - margin_px), min(length, span.stop + margin_px))
                for span, length in ((rows, height), (columns, width))
            ]
            yield Block(outer[0], outer[1], rows, columns)


def _spans(length: int, block_px: int) -> list[slice]:
    return [slice(start, min(length, start + block_px)) for start in range(0, length, block_px)]


def _write_block(output: zarr.Array[Any], t: int, z: int, block: Block, planes: Planes) -> None:
    top, left = block.rows.start, block.columns.start
    kept = planes[
        :,
        block.keep_rows.start - top : block.keep_rows.stop - top,
        block.keep_columns.start - left : block.keep_columns.stop - left,
    ]
    output[t, :, z, block.keep_rows, block.keep_columns] = kept


def _in_grey_values(place: Planes, scale: Planes, known: Translation) -> Planes:
    """Prediction and 1 sigma of each target in turn, (2k, y, x), in grey values of the training targets."""
    span = known.span[:, None, None]
    told = [place * span + known.low[:, None, None], scale * span]
    return np.stack(told, 1).reshape(-1, *place.shape[1:]).astype(np.float32)


def _channels(targets: Sequence[str]) -> list[dict[str, str]]:
    both = (("predicted", "prediction"), ("uncertainty", "uncertainty"))
    return [{"name": f"{name} {word}", "kind": kind} for name in targets for word, kind in both]


def _create_output(run: Run, image: ChannelImage, targets: Sequence[str]) -> zarr.Array[Any]:
    t, _, z, y, x = image.image.pixels.shape
    run.folder.outputs.mkdir(exist_ok=True)
    return zarr.create_array(
        store=run.folder.output_image(image.line.image_id),
        shape=(t, 2 * len(targets), 1 if image.z_stack else z, y, x),
        chunks=(1, 1, 1, min(CHUNK_PX, y), min(CHUNK_PX, x)),
        dtype="float32",
        dimension_names=("t", "c", "z", "y", "x"),
        attributes={"channels": _channels(targets)},
        overwrite=True,
    )
