"""The nearest neighbours of many vectors: all pairs while they are few, then lists of those that are close.

The lists are an inverted file (Sivic and Zisserman, “Video Google”, 2003; Jégou et al. 2011): every vector
belongs to the nearest of √n centres, and is compared with the vectors of the nearest lists alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

EXACT_UP_TO = 12_000
PROBED_LISTS = 16
_ROUNDS = 6
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`index` int64 (n, k) and `distance` float32 (n, k), nearest first, a vector never its own neighbour."""

    index: npt.NDArray[np.int64]
    distance: npt.NDArray[np.float32]


def nearest(vectors: npt.NDArray[np.float32], k: int, *, seed: int = 0) -> Neighbours:
    """The `k` nearest other vectors of each, by Euclid; fewer where there are not as many vectors."""
    rows = torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
    k = min(k, max(len(rows) - 1, 0))
    index = torch.zeros((len(rows), k), dtype=torch.int64)
    distance = torch.zeros((len(rows), k))
    if k == 0:
        return Neighbours(index.numpy(), distance.numpy())
    for asked, among in _comparisons(rows, seed):
        for start in range(0, len(asked), _BLOCK):
            block = asked[start : start + _BLOCK]
            index[block], distance[block] = _search(rows, block, among, k)
    return Neighbours(index.numpy(), distance.numpy())


def _search(rows: Tensor, asked: Tensor, among: Tensor, k: int) -> tuple[Tensor, Tensor]:
    some = rows[among]
    squares = some.square().sum(1) - 2 * rows[asked] @ some.T
    squares[asked[:, None] == among] = torch.inf
    found = among[squares.topk(k, largest=False).indices]
    # Worked out anew: the short way above loses the digits of small distances.
    distance = (rows[asked][:, None] - rows[found]).square().sum(2).sqrt()
    order = distance.argsort(dim=1, stable=True)
    return found.gather(1, order), distance.gather(1, order)


def _comparisons(rows: Tensor, seed: int) -> list[tuple[Tensor, Tensor]]:
    """(which vectors, among which) their neighbours are sought."""
    every = torch.arange(len(rows))
    if len(rows) <= EXACT_UP_TO:
        return [(every, every)]
    centres = _centres(rows, round(len(rows) ** 0.5), seed)
    lists = _of_centre(rows, centres)
    members = [every[lists == number] for number in range(len(centres))]
    near = torch.cdist(centres, centres).topk(min(PROBED_LISTS, len(centres)), largest=False).indices
    return [
        (own, torch.cat([members[number] for number in near[place].tolist()]))
        for place, own in enumerate(members)
        if len(own)
    ]


def _centres(rows: Tensor, count: int, seed: int) -> Tensor:
    """A few rounds of k-means on a sample: the lists need not be good, only even."""
    generator = torch.Generator().manual_seed(seed)
    sample = rows[torch.randperm(len(rows), generator=generator)[: count * 40]]
    centres = sample[:count].clone()
    for _ in range(_ROUNDS):
        own = _of_centre(sample, centres)
        sums = torch.zeros_like(centres).index_add_(0, own, sample)
        counts = torch.bincount(own, minlength=count)
        centres = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], centres)
    return centres


def _of_centre(rows: Tensor, centres: Tensor) -> Tensor:
    return torch.cat([torch.cdist(block, centres).argmin(1) for block in torch.split(rows, _BLOCK * 8)])
