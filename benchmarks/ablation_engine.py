"""`instances` with one thing taken away or put in: `python -m benchmarks.ablation_engine WHAT RUN`.

The parts are exchanged here, in a process of its own, so that the engine carries no switch that only a
measurement needs.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from training.engine import averaging
from training.engine.data import augmentation, batches, crops
from training.engine.data.crops import Crop
from training.engine.process import run_recipe
from training.engine.recipes import instances

MOST_BENT_PX = 9.0


def without_flips() -> None:
    """Crops are neither mirrored nor turned."""
    real = crops.draw

    def draw(*given: Any, **words: Any) -> Crop:
        return replace(real(*given, **words), turn=0.0, mirrored=False)

    _exchange(batches, "draw", draw)


def with_elastic() -> None:
    """Crops are bent as well."""
    real = crops.draw

    def draw(*given: Any, **words: Any) -> Crop:
        return real(*given, **{**words, "elastic_px": MOST_BENT_PX})

    _exchange(batches, "draw", draw)


def without_intensity() -> None:
    """Brightness, contrast, colours and polarity stay; blur and noise remain."""
    for part in ("_mix_colours", "_turn_polarity", "_bend_contrast"):
        _exchange(augmentation, part, _as_it_is)


def without_blur() -> None:
    """No crop is softened."""
    _exchange(augmentation, "_soften", _as_it_is)


def without_noise() -> None:
    """Nothing is added to a crop."""
    _exchange(augmentation, "_add_noise", _as_it_is)


def without_averaging() -> None:
    """The net of the last step is kept as it is."""

    @torch.no_grad()
    def follow(self: Any, net: torch.nn.Module, _step: int) -> None:
        self.net.load_state_dict(net.state_dict())

    _exchange(averaging.WeightAverage, "follow", follow)


CHANGES: dict[str, Callable[[], None]] = {
    "flips": without_flips,
    "elastic": with_elastic,
    "intensity": without_intensity,
    "blur": without_blur,
    "noise": without_noise,
    "averaging": without_averaging,
}


def _exchange(where: object, name: str, part: Callable[..., Any]) -> None:
    """Puts `part` where `where` looks up this name. Raises AttributeError where nothing has that name."""
    getattr(where, name)
    setattr(where, name, part)


def _as_it_is(pixels: Tensor, *_given: Any) -> Tensor:
    return pixels


if __name__ == "__main__":
    CHANGES.get(sys.argv[1], lambda: None)()
    sys.exit(run_recipe(instances.RECIPE, instances.ACTIONS, sys.argv[2:]))
