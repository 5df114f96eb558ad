"""Crops with their boxes: drawn on cells, rare classes more often; zoomed, turned by quarters, mirrored, and
varied in their look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.augmentation import vary_look
from training.engine.data.box_frames import BoxFrames
from training.engine.seeds import Chance

ON_CELLS, BY_CLASS = 0.85, 0.5
"""Chance that a crop lies about a cell, and then that the cell's class is drawn before the cell."""
LEAST_SEEN = 0.3
"""A cell of which less than this share of its box is in the crop is not asked for."""


@dataclass(frozen=True)
class BoxCrop:
    """A square of a frame: top and left in px, `side` px wide, then made `crop_px` wide; quarter turns and
    mirrored or not."""

    frame: int
    top: int
    left: int
    side: int
    turns: int
    mirrored: bool


@dataclass(frozen=True)
class BoxShare:
    """A part of a batch that is drawn but not made, and the seed of its look and of what is sampled."""

    crops: Sequence[BoxCrop]
    seed: int

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return len(self.crops)


@dataclass(frozen=True)
class MadeBoxes:
    """Crops float32 (c, y, x) and for each its targets as torchvision's detectors want them."""

    images: list[Tensor]
    targets: list[dict[str, Tensor]]
    seed: int


class BoxLesson:
    """Draws batches of `batch` crops of `crop_px` px; with `masks` the cells' masks come along."""

    def __init__(
        self,
        frames: BoxFrames,
        *,
        batch: int,
        crop_px: int,
        scale_jitter: float,
        colour_jitter: float,
        masks: bool,
    ) -> None:
        self.frames, self.batch, self.crop_px = frames, batch, crop_px
        self.scale_jitter, self.colour_jitter, self.masks = scale_jitter, colour_jitter, masks
        where = [(i, row) for i, cells in enumerate(frames.cells) for row in range(len(cells.ids))]
        self._where = np.array(where, np.int64)
        classes = np.concatenate([cells.classes for cells in frames.cells])
        self._by_class = [np.flatnonzero(classes == k) for k in np.unique(classes)]

    def draw(self, chance: Chance, parts: int) -> list[BoxShare]:
        """A batch in at most `parts` shares; all chance is drawn here."""
        crops = [self._draw_crop(chance.rng) for _ in range(self.batch)]
        size = -(-self.batch // parts)
        starts = range(0, self.batch, size)
        return [BoxShare(crops[start : start + size], int(chance.rng.integers(2**62))) for start in starts]

    def make(self, share: BoxShare) -> MadeBoxes:
        """The crops of a share with their look varied, and what is to be found in them."""
        made = [self.cut(crop) for crop in share.crops]
        generator = torch.Generator().manual_seed(share.seed)
        strength = self.colour_jitter
        images = [vary_look(pixels[None], generator, strength=strength)[0] for pixels, _ in made]
        return MadeBoxes(images, [target for _, target in made], share.seed)

    def steps_per_epoch(self) -> int:
        """Steps in which about as many pixels are drawn as all frames have."""
        area = sum(height * width for height, width in self.frames.sizes)
        return max(1, round(area / (self.batch * self.crop_px**2)))

    def _draw_crop(self, rng: np.random.Generator) -> BoxCrop:
        zoom = float(np.exp(rng.uniform(-1, 1) * np.log(self.scale_jitter)))
        side = max(8, round(self.crop_px / zoom))
        if rng.random() < ON_CELLS:
            frame, row = self._where[self._draw_cell(rng)]
            box = self.frames.cells[frame].boxes[row]
            middle = (box[:2] + box[2:]) / 2 + rng.uniform(-0.4, 0.4, 2) * side
        else:
            frame = rng.integers(len(self.frames.sizes))
            middle = rng.uniform(0, 1, 2) * self.frames.sizes[frame][::-1]
        height, width = self.frames.sizes[frame]
        # Crops stay inside the frame where it is large enough: nothing is invented beyond its border.
        top = int(np.clip(round(float(middle[1]) - side / 2), 0, max(0, height - side)))
        left = int(np.clip(round(float(middle[0]) - side / 2), 0, max(0, width - side)))
        return BoxCrop(int(frame), top, left, side, int(rng.integers(4)), bool(rng.random() < 0.5))

    def _draw_cell(self, rng: np.random.Generator) -> int:
        if rng.random() < BY_CLASS:
            return int(rng.choice(self._by_class[rng.integers(len(self._by_class))]))
        return int(rng.integers(len(self._where)))

    def cut(self, crop: BoxCrop) -> tuple[Tensor, dict[str, Tensor]]:
        """Pixels float32 (c, y, x) of a crop, smaller than `crop_px` where the frame is, and its target."""
        frame, cells = self.frames.frame(crop.frame), self.frames.cells[crop.frame]
        rows, columns = slice(crop.top, crop.top + crop.side), slice(crop.left, crop.left + crop.side)
        pixels = torch.from_numpy(frame.pixels[:, rows, columns].astype(np.float32))
        height, width = pixels.shape[1:]
        size = [max(1, round(length * self.crop_px / crop.side)) for length in (height, width)]
        zoom = np.array([size[1] / width, size[0] / height] * 2, np.float32)
        offset = np.array([crop.left, crop.top] * 2, np.float32)
        boxes = (cells.boxes - offset) * zoom
        seen, kept = _seen(boxes, size)
        pixels = functional.interpolate(pixels[None], size, mode="bilinear", antialias=True)[0]
        target = {"boxes": torch.from_numpy(seen[kept]), "labels": torch.from_numpy(cells.classes[kept])}
        if self.masks:
            window = frame.labels[:, rows, columns]
            target["masks"] = _masks(window, cells.ids[kept], size)
        return _turn(pixels, target, crop)


def _seen(
    boxes: npt.NDArray[np.float32], size: Sequence[int]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Boxes (n, 4) cut at the crop's borders, and of which enough is left."""
    limits = np.array([size[1], size[0]] * 2, np.float32)
    cut = np.asarray(np.clip(boxes, 0, limits), np.float32)
    sides, whole = cut[:, 2:] - cut[:, :2], boxes[:, 2:] - boxes[:, :2]
    share = sides.prod(1) / np.maximum(whole.prod(1), 1e-6)
    return cut, (sides.min(1, initial=np.inf) >= 1) & (share >= LEAST_SEEN)


def _masks(window: npt.NDArray[np.uint32], ids: npt.NDArray[np.uint32], size: Sequence[int]) -> Tensor:
    """Masks uint8 (n, y, x) of the cells `ids` in labels (p, y, x), at the crop's size."""
    rows = ((np.arange(size[0]) + 0.5) * window.shape[1] / size[0]).astype(int)
    columns = ((np.arange(size[1]) + 0.5) * window.shape[2] / size[1]).astype(int)
    planes = window[:, rows[:, None], columns]
    masks = np.zeros((len(ids), *size), np.uint8)
    for plane in planes:
        masks |= plane[None] == ids[:, None, None]
    return torch.from_numpy(masks)


def _turn(pixels: Tensor, target: dict[str, Tensor], crop: BoxCrop) -> tuple[Tensor, dict[str, Tensor]]:
    """Pixels and target turned `crop.turns` quarters to the left, then mirrored left to right."""
    for _ in range(crop.turns):
        x0, y0, x1, y1 = target["boxes"].unbind(1)
        target["boxes"] = torch.stack([y0, pixels.shape[2] - x1, y1, pixels.shape[2] - x0], 1)
        pixels = torch.rot90(pixels, 1, (1, 2))
    if "masks" in target:
        target["masks"] = torch.rot90(target["masks"], crop.turns, (1, 2))
    if crop.mirrored:
        x0, y0, x1, y1 = target["boxes"].unbind(1)
        target["boxes"] = torch.stack([pixels.shape[2] - x1, y0, pixels.shape[2] - x0, y1], 1)
        pixels = pixels.flip(2)
        if "masks" in target:
            target["masks"] = target["masks"].flip(2)
    return pixels.contiguous(), target
