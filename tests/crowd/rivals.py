"""What others would make of the same answers: majority votes and STAPLE, plainly written.

Each twice: of the pixels of all cells together, parted again into connected pieces; and cell by cell, with
our matching of answers, where a cell is kept that more than half of the workers drew.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.crowd import outlined
from annotation.core.crowd.values import Floats, MaskAnswer, Runs
from tests.crowd.crops import SMALLEST_PX, mask_of_runs, runs_of_mask

Shape = tuple[int, int]
Bools = NDArray[np.bool_]
Method = Callable[[Sequence[MaskAnswer], Shape], list[Runs]]


def stack_of(answers: Sequence[MaskAnswer], shape: Shape) -> Bools:
    """(answers, y, x): where each saw any cell."""
    stack = np.zeros((len(answers), *shape), bool)
    for seen, answer in zip(stack, answers, strict=True):
        for runs in answer.masks:
            seen |= mask_of_runs(runs, shape)
    return stack


def vote(stack: Bools) -> Bools:
    """Pixels that more than half have."""
    return np.asarray(2 * stack.sum(axis=0) > len(stack))


def staple(stack: Bools, *, rounds: int = 60, settled: float = 1e-7) -> Floats:
    """The chance of each pixel (Warfield, Zou and Wells 2004): one sensitivity and specificity a rater, the
    prior the mean of all votes, started at 0.99999 as in ITK."""
    seen = stack.reshape(len(stack), -1).astype(np.float64)
    prior = seen.mean()
    if prior in (0.0, 1.0):
        return np.full(stack.shape[1:], prior)
    keeps = spares = np.full(len(stack), 0.99999)
    for _ in range(rounds):
        with np.errstate(divide="ignore"):
            inside = np.log(prior) + np.log(np.where(seen, keeps[:, None], 1 - keeps[:, None])).sum(0)
            outside = np.log(1 - prior) + np.log(np.where(seen, 1 - spares[:, None], spares[:, None])).sum(0)
        with np.errstate(over="ignore", invalid="ignore"):
            chance = np.nan_to_num(1 / (1 + np.exp(outside - inside)), nan=prior)
        before = keeps, spares
        keeps = np.clip(seen @ chance / max(chance.sum(), 1e-12), 0, 1)
        spares = np.clip((1 - seen) @ (1 - chance) / max((1 - chance).sum(), 1e-12), 0, 1)
        if np.abs(keeps - before[0]).max() + np.abs(spares - before[1]).max() < settled:
            break
    return np.asarray(chance.reshape(stack.shape[1:]))


def pieces(picture: Bools) -> list[Runs]:
    """Its connected pieces."""
    found, count = ndimage.label(picture)
    parts = (found == i for i in range(1, count + 1))
    return [runs_of_mask(part) for part in parts if part.sum() >= SMALLEST_PX // 2]


def majority_of_pixels(answers: Sequence[MaskAnswer], shape: Shape) -> list[Runs]:
    """Pieces of what more than half saw as cell."""
    return pieces(vote(stack_of(answers, shape)))


def staple_of_pixels(answers: Sequence[MaskAnswer], shape: Shape) -> list[Runs]:
    """Pieces of what STAPLE makes of cell and ground."""
    return pieces(staple(stack_of(answers, shape)) >= 0.5)


def majority_of_cells(answers: Sequence[MaskAnswer], shape: Shape) -> list[Runs]:
    """Cells that more than half drew; of each the pixels that more than half of those took in."""
    return [runs_of_mask(mask) for s in kept(answers, shape) if (mask := vote(s)).any()]


def staple_of_cells(answers: Sequence[MaskAnswer], shape: Shape) -> list[Runs]:
    """Cells that more than half drew; of each what STAPLE makes of their outlines, within a few pixels."""
    found = []
    for stack in kept(answers, shape):
        mask = np.zeros(shape, bool)
        mask[near(stack)[1:]] = staple(stack[near(stack)]) >= 0.5
        if mask.any():
            found.append(runs_of_mask(mask))
    return found


def near(stack: Bools) -> tuple[slice, slice, slice]:
    """Where a cell and a few pixels around it lie in a stack (answers, y, x)."""
    rows, columns = np.nonzero(stack.any(0))
    y, x = max(int(rows.min()) - 5, 0), max(int(columns.min()) - 5, 0)
    return slice(None), slice(y, int(rows.max()) + 6), slice(x, int(columns.max()) + 6)


def kept(answers: Sequence[MaskAnswer], shape: Shape) -> list[Bools]:
    """Of each cell that more than half drew, the outlines (answers, y, x)."""
    item = outlined.prepared(answers)
    masks = [runs for answer in answers for runs in answer.masks]
    return [
        np.stack([mask_of_runs(masks[i], shape) for i in members])
        for members in item.groups
        if 2 * len(members) > len(answers)
    ]


METHODS: dict[str, Method] = {
    "majority of pixels": majority_of_pixels,
    "majority of cells": majority_of_cells,
    "STAPLE of pixels": staple_of_pixels,
    "STAPLE of cells": staple_of_cells,
}
