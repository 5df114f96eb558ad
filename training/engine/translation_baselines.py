"""What a net that translates must beat: the input itself, the mean, and linear regression nearby."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from training.engine.data.channel_frames import ChannelFrames

Planes = npt.NDArray[np.float32]

MOST_PX = 200_000
MOST_FRAMES = 64
_SIDE_PX = 512
_RIDGE = 1e-5


@dataclass(frozen=True)
class Baselines:
    """`means` (k,); `best` input plane for each target (k,); `weights` (k, c, 3, 3) and `offsets` (k,)."""

    means: npt.NDArray[np.float64]
    best: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.float64]

    def say(self, seen: Planes) -> dict[str, Planes]:
        """What each says of normalised input planes (c, y, x): (k, y, x) by name."""
        flat = np.broadcast_to(self.means[:, None, None], (len(self.means), *seen.shape[1:]))
        return {
            "linear": self._linear(seen),
            "identity": seen[self.best],
            "mean": flat.astype(np.float32),
        }

    def to_json(self) -> dict[str, Any]:
        """What `model.json` keeps, so that the same baselines judge other images."""
        return {
            "means": self.means.tolist(),
            "best": self.best.tolist(),
            "weights": np.round(self.weights, 7).tolist(),
            "offsets": self.offsets.tolist(),
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Baselines":
        """Reads what `to_json` wrote."""
        return Baselines(
            np.array(data["means"], np.float64),
            np.array(data["best"], np.int64),
            np.array(data["weights"], np.float64),
            np.array(data["offsets"], np.float64),
        )

    def _linear(self, seen: Planes) -> Planes:
        padded = np.pad(seen, ((0, 0), (1, 1), (1, 1)), mode="edge")
        weights = torch.from_numpy(self.weights.astype(np.float32))
        offsets = torch.from_numpy(self.offsets.astype(np.float32))
        return functional.conv2d(torch.from_numpy(padded)[None], weights, offsets)[0].numpy()


def fit(frames: ChannelFrames, rng: np.random.Generator) -> Baselines:
    """Fits all three on pixels of the training frames, by the normal equations with a breath of ridge."""
    inputs = frames.inputs
    gram: Any = 0.0
    right: Any = 0.0
    count = 0
    for features, wanted in _samples(frames, rng):
        gram, right = gram + features.T @ features, right + features.T @ wanted
        count += len(features)
    ridge = _RIDGE * np.trace(gram) / len(gram)
    solved = np.linalg.solve(gram + ridge * np.eye(len(gram)), right).T
    weights = solved[:, :-1].reshape(-1, inputs, 3, 3)
    means = right[-1] / count
    return Baselines(means, _most_like(gram, right, inputs, count), weights, solved[:, -1])


def _samples(
    frames: ChannelFrames, rng: np.random.Generator
) -> Iterator[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """Neighbourhoods (n, 9c + 1), the last column 1, with the targets (n, k) of their middles."""
    numbers = rng.permutation(len(frames.frames))[:MOST_FRAMES]
    for number in numbers:
        spans = []
        for length in frames.size(number):
            start = int(rng.integers(max(1, length - _SIDE_PX + 1)))
            spans.append(slice(start, min(length, start + _SIDE_PX)))
        planes = frames.window(int(number), spans[0], spans[1])
        seen, wanted = planes[: frames.inputs], planes[frames.inputs :]
        padded = np.pad(seen, ((0, 0), (1, 1), (1, 1)), mode="edge")
        y, x = (rng.integers(length, size=MOST_PX // len(numbers)) for length in wanted.shape[1:])
        near = [padded[:, y + dy, x + dx] for dy in range(3) for dx in range(3)]
        features = np.stack(near, 1).transpose(2, 0, 1).reshape(len(y), -1)
        true = wanted[:, y, x].T.astype(float)
        told = ~np.isnan(true).any(1)
        yield np.column_stack([features, np.ones(len(y))])[told].astype(np.float64), true[told]


def _most_like(
    gram: npt.NDArray[np.float64], right: npt.NDArray[np.float64], inputs: int, count: int
) -> npt.NDArray[np.int64]:
    """For each target the input plane with the largest |covariance| over its own spread."""
    middle = np.arange(inputs) * 9 + 4
    mean = gram[-1, middle] / count
    spread = np.sqrt(np.maximum(gram[middle, middle] / count - mean**2, 1e-12))
    covariance = right[middle] / count - mean[:, None] * right[-1] / count
    return np.asarray(np.abs(covariance / spread[:, None]).argmax(0), np.int64)
