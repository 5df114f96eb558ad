"""Cells that compete for pixels: the better ones first, and overlapping ones on planes of their own."""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

LEAST_SHARE = 0.08
"""Cells that share less of the smaller one than this merely touch: the better one has the pixels."""


def in_planes(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Labels (y, x) or (p, y, x) as (p, y, x)."""
    return labels if labels.ndim == 3 else labels[None]


def best_first(rank: Indices, better: Indices, worse: Indices) -> npt.NDArray[np.bool_]:
    """Which of n competitors stay, (n,), when the best is taken, all that conflict with it go, and so on.

    rank: (n,), lower is better, no two alike; `better` and `worse`: the two of each conflict, in any order.
    The same as going through them one by one, but all that no longer depend on others are settled at once.
    """
    first = np.where(rank[better] < rank[worse], better, worse)
    second = np.where(rank[better] < rank[worse], worse, better)
    stays, open_ = np.zeros(len(rank), bool), np.ones(len(rank), bool)
    while open_.any():
        blocked = np.zeros(len(rank), bool)
        blocked[second] = True
        stays |= open_ & ~blocked
        open_ &= blocked
        beaten = np.zeros(len(rank), bool)
        beaten[second[stays[first]]] = True
        open_ &= ~beaten
        left = open_[first] & open_[second]
        first, second = first[left], second[left]
    return stays


def lay_out(
    cells: Indices, pixels: Indices, shape: tuple[int, int], *, overlaps: bool
) -> npt.NDArray[np.int64]:
    """Labels int64 (p, y, x) of cells whose pixels may be claimed twice, ids cell + 1.

    cells: (n,), numbered by rank, the best is 0; pixels: (n,), flat index. Without `overlaps` there is one
    plane, and the better cell has a shared pixel. Otherwise cells that share a good part of the smaller one
    keep it and stand on different planes, the best on the first.
    """
    if not len(cells):
        return np.zeros((1, *shape), np.int64)
    count = int(cells.max()) + 1
    claims = np.unique(pixels.astype(np.int64) * count + cells)
    pixels, cells = np.divmod(claims, count)
    again = np.append(False, pixels[1:] == pixels[:-1])
    if not overlaps or not again.any():
        return _painted(cells[~again], pixels[~again], np.zeros(count, np.int64), shape)
    better, worse, claim = _shared(pixels, cells)
    codes, of_pair, shared_px = np.unique(better * count + worse, return_inverse=True, return_counts=True)
    area = np.bincount(cells, minlength=count)
    smaller = np.minimum(area[codes // count], area[codes % count])
    overlap = shared_px >= LEAST_SHARE * smaller
    lost = np.zeros(len(cells), bool)
    lost[claim[~overlap[of_pair]]] = True
    plane = _planes(count, codes[overlap] // count, codes[overlap] % count)
    return _painted(cells[~lost], pixels[~lost], plane, shape)


def _shared(pixels: Indices, cells: Indices) -> tuple[Indices, Indices, Indices]:
    """Every two cells that claim a pixel: the better, the worse, and the index of the worse one's claim."""
    found, step = [], 1
    while True:
        same = np.flatnonzero(pixels[step:] == pixels[:-step])
        if not len(same):
            break
        found.append((cells[same], cells[same + step], same + step))
        step += 1
    better, worse, claim = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return better, worse, claim


def _planes(count: int, better: Indices, worse: Indices) -> Indices:
    """A plane for each cell, (count,), so that no two that overlap share one; the best have the lowest."""
    plane = np.full(count, -1, np.int64)
    level = 0
    while (plane < 0).any():
        left = np.flatnonzero(plane < 0)
        number = np.full(count, -1, np.int64)
        number[left] = np.arange(len(left))
        both = (number[better] >= 0) & (number[worse] >= 0)
        stays = best_first(np.arange(len(left)), number[better[both]], number[worse[both]])
        plane[left[stays]] = level
        level += 1
    return plane


def _painted(
    cells: Indices, pixels: Indices, plane: Indices, shape: tuple[int, int]
) -> npt.NDArray[np.int64]:
    labels = np.zeros((int(plane.max()) + 1, shape[0] * shape[1]), np.int64)
    labels[plane[cells], pixels] = cells + 1
    return labels.reshape(-1, *shape)
