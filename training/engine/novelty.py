"""Whether an image is unlike those that were learned from, by simple statistics of its normalised input."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PARTS = 4
"""Frames are measured in 4 × 4 parts, so that few frames already say how much the statistics vary."""
UNLIKE = 4.0
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Familiar:
    """Mean and spread of the statistics over parts of the training frames, float64 (6,)."""

    mean: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]

    def novelty(self, seen: npt.NDArray[np.float32]) -> float:
        """How far a frame (c, y, x) is from the training frames, in spreads, by its oddest statistic."""
        return float(np.abs((_parts(seen).mean(0) - self.mean) / self.spread).max())

    def to_json(self) -> dict[str, Any]:
        """What `model.json` keeps."""
        return {"mean": self.mean.tolist(), "spread": self.spread.tolist()}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Familiar":
        """Reads what `to_json` wrote."""
        return Familiar(np.array(data["mean"], np.float64), np.array(data["spread"], np.float64))


def learn_familiar(frames: Iterable[npt.NDArray[np.float32]]) -> Familiar:
    """Measures the training frames, each float32 (c, y, x), normalised."""
    parts = np.concatenate([_parts(seen) for seen in frames])
    return Familiar(parts.mean(0), np.maximum(parts.std(0), _LEAST_SPREAD))


def _parts(seen: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Statistics of the parts of a frame (c, y, x), float64 (n, 6)."""
    found = [
        _describe(part)
        for band in np.array_split(seen, min(PARTS, seen.shape[1]), axis=1)
        for part in np.array_split(band, min(PARTS, seen.shape[2]), axis=2)
    ]
    return np.array(found)


def _describe(part: npt.NDArray[np.float32]) -> list[float]:
    """Mean, spread, three percentiles and roughness, averaged over the planes."""
    flat = part.reshape(len(part), -1)
    rough = sum(float(np.abs(np.diff(part, axis=axis)).mean()) for axis in (1, 2) if part.shape[axis] > 1)
    percentiles = np.percentile(flat, (10, 50, 90), axis=1).mean(1)
    return [float(flat.mean()), float(flat.std(1).mean()), *percentiles.tolist(), rough]
