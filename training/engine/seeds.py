"""Chance that can be repeated: one seed for a run, and the state of every generator for its checkpoint."""

import random
from typing import Any

import numpy as np
import torch


class Chance:
    """The generators of a run: `rng` for what numpy draws, `generator` for torch on the processor."""

    def __init__(self, seed: int) -> None:
        """Seeds the process's own generators too, which the initial weights are drawn from."""
        random.seed(seed)
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to go on with the same numbers."""
        return {
            "numpy": self.rng.bit_generator.state,
            "torch": self.generator.get_state(),
            "global": torch.get_rng_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self.rng.bit_generator.state = state["numpy"]
        self.generator.set_state(state["torch"])
        torch.set_rng_state(state["global"])
