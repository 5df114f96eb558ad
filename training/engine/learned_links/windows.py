"""Stretches of frames as tensors: detections with what is around each, candidate links and divisions."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from training.engine.learned_links.scenes import Possible, Seen
from training.engine.linking.detections import Detections, Floats, Ints
from training.engine.linking.ways import Splits, Ways
from training.engine.linking.weighing import Weights

AROUND = {-2: 2, -1: 4, 0: 6, 1: 4, 2: 2}
"""Nearest detections that each one looks at, by how many frames later they are."""
BESIDE = sum(AROUND.values())
DETECTION_NUMBERS, AROUND_NUMBERS, LINK_NUMBERS, SPLIT_NUMBERS = 8, 9, 9, 22


@dataclass(frozen=True)
class Turn:
    """A mirroring or quarter turn, and how light is varied: 0 and 1 leave all as it is."""

    flip_y: bool = False
    flip_x: bool = False
    swap: bool = False
    contrast: float = 1.0
    noise: float = 0.0
    seed: int = 0

    def vectors(self, told: Floats) -> Floats:
        """Differences z, y, x (…, 3), turned."""
        turned = told * np.array([1.0, -1.0 if self.flip_y else 1.0, -1.0 if self.flip_x else 1.0])
        return np.asarray(turned[..., [0, 2, 1]] if self.swap else turned, np.float64)

    def pictures(self, shown: Tensor) -> Tensor:
        """Float pictures (n, 2, y, x) with the light from −1 to 1, turned."""
        axes = [axis for axis, flip in ((2, self.flip_y), (3, self.flip_x)) if flip]
        turned = torch.flip(shown, axes) if axes else shown
        turned = turned.transpose(2, 3) if self.swap else turned
        light = turned[:, :1] * self.contrast
        if self.noise:
            chance = torch.Generator().manual_seed(self.seed)
            light = light + self.noise * torch.randn(light.shape, generator=chance)
        return torch.cat([light, turned[:, 1:]], 1)


@dataclass(frozen=True, eq=False)
class Window:
    """n detections, m candidate links, k candidate divisions. Rows of `near` (n, b) that are −1 are empty;
    `energy` and `split_energy` are what geometry and looks say, in nats."""

    numbers: Tensor
    pictures: Tensor
    near: Tensor
    around: Tensor
    source: Tensor
    target: Tensor
    energy: Tensor
    links: Tensor
    mother: Tensor
    one: Tensor
    other: Tensor
    split_energy: Tensor
    splits: Tensor

    @staticmethod
    def joined(parts: "Sequence[Window]") -> "Window":
        """Several, side by side, that do not see each other."""
        starts = np.cumsum([0, *(len(part.numbers) for part in parts)]).tolist()
        columns = []
        for one in fields(Window):
            values = [getattr(part, one.name) for part in parts]
            if one.name == "near":
                values = [torch.where(v < 0, v, v + at) for v, at in zip(values, starts, strict=False)]
            elif one.name in ("source", "target", "mother", "one", "other"):
                values = [value + at for value, at in zip(values, starts, strict=False)]
            columns.append(torch.cat(values))
        return Window(*columns)


def settled(weights: Weights) -> Floats:
    """Places (n, 3) from which what all cells do together is taken away."""
    drift = weights.scales.drift
    moved = np.concatenate([np.zeros((1, 3)), np.cumsum(drift, axis=0)])
    return np.asarray(weights.found.place - moved[weights.found.t])


def around_of(found: Detections, place: Floats, first: int, last: int) -> npt.NDArray[np.int32]:
    """(k, 18) rows of what is nearest to each detection of frames first…last, in these frames; else −1."""
    start, end = int(found.bounds[first]), int(found.bounds[last + 1])
    near = np.full((end - start, BESIDE), -1, np.int32)
    trees = {t: cKDTree(place[found.rows(t)]) for t in range(first, last + 1) if _any(found, t)}
    for t in trees:
        here, column = np.arange(found.bounds[t], found.bounds[t + 1]), 0
        for apart, count in AROUND.items():
            tree = trees.get(t + apart)
            if tree is not None:
                wanted = count + (apart == 0)
                _, row = tree.query(place[here], wanted)
                row = row.reshape(len(here), wanted)[:, int(apart == 0) :]
                base = int(found.bounds[t + apart])
                known = np.where(row < tree.n, row + base, -1)
                near[here - start, column : column + count] = np.where(known == here[:, None], -1, known)
            column += count
    return near


def _any(found: Detections, t: int) -> bool:
    return bool(found.bounds[t + 1] > found.bounds[t])


def window_of(
    seen: Seen,
    weights: Weights,
    place: Floats,
    rows: Ints,
    near: npt.NDArray[np.int32],
    possible: Possible,
    turn: Turn | None = None,
) -> Window:
    """A window of the detections `rows`, ascending, with candidates of which both ends are among them; `near`
    belongs to the rows."""
    turn, local = turn or Turn(), np.full(len(seen.found) + 1, -1, np.int64)
    local[rows] = np.arange(len(rows))
    around = local[near]  # Row −1 is the last one, which is −1.
    spacing, found = weights.scales.spacing, seen.found
    off = turn.vectors((place[near] - place[rows][:, None]) / spacing)
    later = found.t[near] - found.t[rows][:, None]
    beside = np.concatenate(
        [
            np.clip(off, -6, 6),
            np.clip(np.linalg.norm(off, axis=-1), 0, 6)[..., None],
            (later[..., None] == np.array(list(AROUND))).astype(np.float64),
        ],
        axis=-1,
    )
    beside[around < 0] = 0
    ways, splits = possible.ways, possible.splits
    shown = torch.from_numpy(seen.pictures[seen.picture[rows]].astype(np.float32))
    shown[:, 0] = (shown[:, 0] - 128) / 127
    shown[:, 1] /= 255
    return Window(
        numbers=_tensor(_detections(seen.found, weights, rows)),
        pictures=turn.pictures(shown),
        near=torch.from_numpy(around),
        around=_tensor(beside),
        source=torch.from_numpy(local[ways.source]),
        target=torch.from_numpy(local[ways.target]),
        energy=_tensor(ways.energy),
        links=_tensor(_links(weights, place, ways, possible.square, turn)),
        mother=torch.from_numpy(local[splits.mother]),
        one=torch.from_numpy(local[splits.one]),
        other=torch.from_numpy(local[splits.other]),
        split_energy=_tensor(splits.energy),
        splits=_tensor(_splits(place, splits, possible.measures, turn)),
    )


def _tensor(told: Floats) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(told, np.float32))


def _detections(found: Detections, weights: Weights, rows: Ints) -> Floats:
    """(n, 8) What is known of detections besides their pictures."""
    scales, area = weights.scales, np.maximum(found.area[rows], 1.0)
    radius = np.sqrt(area / np.pi) if found.axes == 2 else np.cbrt(area / 4.19)
    columns = [
        *(weights.looks.values[rows].T / 2),
        np.log(radius / scales.spacing),
        np.clip(found.border[rows] / scales.spacing, 0, 2),
        found.slender[rows],
        np.full(len(rows), np.log(scales.step / scales.spacing)),
        np.full(len(rows), np.log(scales.rates.divide) + 4),
    ]
    return np.stack(columns, 1)


def _links(weights: Weights, place: Floats, ways: Ways, square: Floats, turn: Turn) -> Floats:
    """(m, 9)."""
    scales, found = weights.scales, weights.found
    far = np.sqrt(square)
    looks = weights.looks.values
    area = np.log(np.maximum(found.area, 1.0))
    step = turn.vectors((place[ways.target] - place[ways.source]) / scales.spacing)
    columns = [
        np.clip(ways.energy / 4, -4, 4),
        np.clip(far / scales.step / 3, 0, 4),
        np.clip(far / scales.spacing, 0, 3),
        area[ways.target] - area[ways.source],
        *(np.clip(looks[ways.target] - looks[ways.source], -4, 4).T / 2)[1:],
        *np.clip(step, -3, 3).T,
    ]
    return np.stack(columns, 1)


def _splits(place: Floats, splits: Splits, measures: Floats, turn: Turn) -> Floats:
    """(k, 22): the measures, the energy, and the direction in which the daughters lie apart, as a line."""
    apart = turn.vectors(place[splits.one] - place[splits.other])
    unit = apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6)
    z, y, x = unit.T
    line = np.stack([y * y - x * x, 2 * y * x, z * z, np.abs(z)], 1)
    return np.concatenate([measures / 2, np.clip(splits.energy / 4, -4, 4)[:, None], line], 1)
