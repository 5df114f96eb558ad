"""Checkpoints: everything a run needs to go on at the same step with the same chance, in one file, whole or
absent.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from training.engine.averaging import WeightAverage
from training.engine.optimizing import Moves
from training.engine.schedules import Budget, Patience

STATE = "state.pt"


class Repeatable(Protocol):
    """Chance that goes on where it was kept."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to go on with the same numbers."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""


@dataclass
class TrainingState:
    """What changes while a net learns. `loss_sum` over `loss_steps` steps since the last report."""

    net: nn.Module
    average: WeightAverage[Any]
    optimizer: Moves
    chance: Repeatable
    patience: Patience
    step: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    loss_sum: float = 0.0
    loss_steps: int = 0
    best: dict[str, Any] | None = field(default=None)
    """Averaged weights at the best validation; kept only where patience may end the training."""

    validations: int = 0

    def count(self, loss: float) -> None:
        """One more step is done."""
        self.step += 1
        self.loss_sum += loss
        self.loss_steps += 1

    def keep_if_best(self, score: float) -> None:
        """Notes a validation's score; where patience may end the training, the best weights are kept."""
        if self.patience.note(score) and self.patience.limit is not None:
            self.best = {name: value.clone() for name, value in self.average.net.state_dict().items()}

    def best_net(self) -> Any:
        """The averaged net: as at the best validation where that was kept, else as it is now."""
        if self.best is not None:
            self.average.net.load_state_dict(self.best)
        return self.average.net

    def mean_loss(self) -> float:
        """Mean loss since the last call."""
        mean = self.loss_sum / max(self.loss_steps, 1)
        self.loss_sum, self.loss_steps = 0.0, 0
        return mean

    def save(self, folder: Path, budget: Budget) -> None:
        """Writes the checkpoint beside the old one, then renames it into place."""
        self.elapsed_s, self.cpu_s = budget.elapsed_s, budget.cpu_s
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{STATE}.part"
        with temporary.open("wb") as stream:
            torch.save(self._state_dict(), stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder / STATE)

    def restore(self, folder: Path) -> bool:
        """Takes up the checkpoint if there is one; says whether there was."""
        path = folder / STATE
        if not path.exists():
            return False
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.chance.load_state_dict(state["chance"])
        self.patience.best, self.patience.waited = state["patience"]
        self.step, self.elapsed_s, self.cpu_s = state["step"], state["elapsed_s"], state["cpu_s"]
        self.loss_sum, self.loss_steps = state["loss_sum"], state["loss_steps"]
        self.best, self.validations = state["best"], state["validations"]
        return True

    def _state_dict(self) -> dict[str, Any]:
        return {
            "net": self.net.state_dict(),
            "average": self.average.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "chance": self.chance.state_dict(),
            "patience": (self.patience.best, self.patience.waited),
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "cpu_s": self.cpu_s,
            "loss_sum": self.loss_sum,
            "loss_steps": self.loss_steps,
            "best": self.best,
            "validations": self.validations,
        }
