"""The volumes a net learns from: their voxels as a net sees them, with their targets."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.data.frames import CACHE_BYTES
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import Look, look_at, normalise
from training.engine.errors import NothingToLearn
from training.engine.volumes.choosing import cell_sizes_px, read_truth

Labels = npt.NDArray[np.uint32]
Target = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.float16]
BuildTarget = Callable[[Labels, LabelledImage], Target]
"""Labels uint32 (z, y, x) and their image → targets (k, z, y, x)."""
Ignore = Callable[[Any, npt.NDArray[np.bool_]], None]
"""Changes targets so that nothing is learned where the mask (z, y, x) is true."""

_REMEMBERED = 4096


@dataclass(frozen=True)
class Stack:
    """One volume, ready for the net: pixels float16 (c, z, y, x), target (k, z, y, x), places (n, 3) of
    voxels in cells, diameters of the cells, a digest of what it holds, and the sum of each target plane."""

    pixels: npt.NDArray[np.float16]
    target: Target
    cell_px: npt.NDArray[np.int32]
    sizes_px: npt.NDArray[np.float64]
    digest: str
    target_sums: npt.NDArray[np.float64]

    @property
    def size(self) -> tuple[int, int, int]:
        """Slices, height and width."""
        _, z, y, x = self.target.shape
        return z, y, x


class TrainingStacks:
    """All training volumes; what does not fit into `cache_bytes` lies in files that the system may page
    out."""

    def __init__(
        self,
        images: Sequence[LabelledImage],
        *,
        channels: int,
        spacing: float,
        build_target: BuildTarget,
        ignore: Ignore,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Reads every volume once. Raises NothingToLearn where no cell is labelled, UnreadableImage,
        ChannelMismatch."""
        self.images, self.spacing = images, spacing
        self.stacks: list[Stack] = []
        self.names: list[str] = []
        for image in images:
            for t in range(int(image.pixels.shape[0])):
                pixels = read_volume(image, t)
                labels, ignored = read_truth(image, t)
                target = build_target(labels, image)
                ignore(target, ignored)
                shown = normalise(pixels, look_at_volume(pixels), channels).astype(np.float16)
                cache_bytes -= shown.nbytes + target.nbytes
                keep = _in_memory if cache_bytes >= 0 else _in_file
                places = np.argwhere(labels).astype(np.int32)
                self.stacks.append(
                    Stack(
                        keep(shown),
                        keep(target),
                        places[:: max(1, len(places) // _REMEMBERED)],
                        cell_sizes_px(labels, spacing),
                        _digest(pixels, labels, ignored),
                        target.sum((1, 2, 3), dtype=np.float64) / 255,
                    )
                )
                self.names.append(f"{image.line.image_id} {t}")
        if not any(len(stack.cell_px) for stack in self.stacks):
            raise NothingToLearn(
                "No training image has a labelled cell: all labels are empty. "
                "Label some cells, or accept labels that exist."
            )

    def median_diameter_px(self) -> float | None:
        """Of all training cells."""
        sizes = np.concatenate([stack.sizes_px for stack in self.stacks])
        return round(float(np.median(sizes)), 2) if len(sizes) else None

    def digest(self) -> str:
        """SHA-256 over which volumes were learned from and what they hold."""
        whole = hashlib.sha256()
        for name, stack in zip(self.names, self.stacks, strict=True):
            whole.update(f"{name} {stack.digest}\n".encode())
        return whole.hexdigest()


def read_volume(image: LabelledImage, t: int) -> npt.NDArray[Any]:
    """Pixels (c, z, y, x) of one time point, in the image's dtype."""
    return np.stack([image.read(t, z) for z in range(int(image.pixels.shape[2]))], 1)


def look_at_volume(pixels: npt.NDArray[Any]) -> Look:
    """What the normalisation of pixels (c, z, y, x) needs, measured on the whole volume."""
    return look_at(pixels.reshape(len(pixels), -1, pixels.shape[-1]))


def _digest(pixels: npt.NDArray[Any], labels: Labels, ignored: npt.NDArray[np.bool_]) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data)
    digest.update(np.ascontiguousarray(labels).data)
    digest.update(np.packbits(ignored).data)
    return digest.hexdigest()


def _in_memory(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array


def _in_file(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    with tempfile.TemporaryFile() as file:
        kept: npt.NDArray[Any] = np.memmap(file, array.dtype, "w+", shape=array.shape)
    kept[:] = array
    return kept
