"""Two looks at the same cell, turned, zoomed and lit differently."""

from dataclasses import dataclass, replace

from torch import Tensor

from training.engine.data.cell_crops import CropLesson, CropShare
from training.engine.seeds import Chance


@dataclass(frozen=True)
class PairShare:
    """A part of a batch that is drawn but not made: the same cells, twice."""

    first: CropShare
    second: CropShare

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return self.first.weight


@dataclass(frozen=True)
class PairLesson:
    """Draws as `crops` does, and every cell a second time in another look."""

    crops: CropLesson

    def draw(self, chance: Chance, parts: int) -> list[PairShare]:
        """Draws a batch in at most `parts` shares. All chance is drawn here, in one order."""
        first, second = self.crops.draw(chance, parts), self.crops.draw(chance, parts)
        return [
            PairShare(one, replace(other, cells=one.cells)) for one, other in zip(first, second, strict=True)
        ]

    def make(self, share: PairShare) -> tuple[Tensor, Tensor]:
        """Both looks, float32 (b, channels or + 1, s, s)."""
        return self.crops.make(share.first)[0], self.crops.make(share.second)[0]

    def steps_per_epoch(self) -> int:
        """Steps in which as many cells are drawn as there are."""
        return self.crops.steps_per_epoch()
