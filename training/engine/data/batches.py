"""Batches of crops for one step of training."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.data.augmentation import vary_look
from training.engine.data.crops import Crop, cut, draw
from training.engine.data.frames import TrainingFrames
from training.engine.devices import Device
from training.engine.seeds import Chance


@dataclass(frozen=True, kw_only=True)
class BatchMaker:
    """Draws batches of `batch` crops of `crop_px` px; `weights` (frames,) are the frames' chances."""

    frames: TrainingFrames
    weights: npt.NDArray[np.float64]
    batch: int
    crop_px: int
    scale_jitter: float
    colour_jitter: float
    vectors: tuple[int, int] | None = None

    def draw(self, chance: Chance, device: Device) -> tuple[Tensor, Tensor]:
        """Pixels float32 (b, c, s, s) with their look varied, and targets float32 (b, k, s, s).

        All chance is drawn here and in one order; only the cutting is shared out, so the batch can be repeated.
        """
        jitter = self.scale_jitter
        crops = [draw(self.frames, self.weights, chance.rng, scale_jitter=jitter) for _ in range(self.batch)]
        cuts = list(device.map(self._cut, crops))
        pixels = torch.stack([pixels for pixels, _ in cuts])
        target = torch.stack([target for _, target in cuts])
        return vary_look(pixels, chance.generator, strength=self.colour_jitter), target

    def _cut(self, crop: Crop) -> tuple[Tensor, Tensor]:
        return cut(self.frames, crop, crop_px=self.crop_px, vectors=self.vectors)

    def steps_per_epoch(self) -> int:
        """Steps in which about as many pixels are drawn as all frames have."""
        area = sum(height * width for height, width in (facts.size for facts in self.frames.facts))
        return max(1, round(area / (self.batch * self.crop_px**2)))
