"""Batches of crops for one step of training, in shares that can be made at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.data.augmentation import vary_look
from training.engine.data.crops import Crop, Finish, cut, draw
from training.engine.data.frames import TrainingFrames
from training.engine.seeds import Chance


@dataclass(frozen=True)
class Share:
    """A part of a batch that is drawn but not made: its crops, and the seed of how their look is varied."""

    crops: Sequence[Crop]
    look_seed: int

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return len(self.crops)


@dataclass(frozen=True, kw_only=True)
class BatchMaker:
    """Draws batches of `batch` crops of `crop_px` px; `weights` (frames,) are the frames' chances."""

    frames: TrainingFrames
    weights: npt.NDArray[np.float64]
    batch: int
    crop_px: int
    scale_jitter: float
    colour_jitter: float
    elastic_px: float = 0.0
    vectors: tuple[int, int] | None = None
    finish: Finish | None = None

    def draw(self, chance: Chance, parts: int) -> list[Share]:
        """Draws a batch in at most `parts` shares. All chance is drawn here, in one order, so it can be
        repeated.
        """
        how = {"scale_jitter": self.scale_jitter, "elastic_px": self.elastic_px}
        crops = [draw(self.frames, self.weights, chance.rng, **how) for _ in range(self.batch)]
        size = -(-self.batch // parts)
        starts = range(0, self.batch, size)
        return [Share(crops[start : start + size], int(chance.rng.integers(2**62))) for start in starts]

    def make(self, share: Share) -> tuple[Tensor, Tensor]:
        """Pixels float32 (b, c, s, s) with their look varied, and targets float32 (b, k, s, s)."""
        cuts = [
            cut(self.frames, crop, crop_px=self.crop_px, vectors=self.vectors, finish=self.finish)
            for crop in share.crops
        ]
        pixels = torch.stack([pixels for pixels, _ in cuts])
        target = torch.stack([target for _, target in cuts])
        generator = torch.Generator().manual_seed(share.look_seed)
        return vary_look(pixels, generator, strength=self.colour_jitter), target

    def steps_per_epoch(self) -> int:
        """Steps in which about as many pixels are drawn as all frames have."""
        area = sum(height * width for height, width in (facts.size for facts in self.frames.facts))
        return max(1, round(area / (self.batch * self.crop_px**2)))
