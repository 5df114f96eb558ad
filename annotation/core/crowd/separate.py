"""Cells that are taken are drawn apart where the consensus of one runs into the other's."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotation.core.crowd import pixels
from annotation.core.crowd.values import Ints, ObjectConsensus


def apart(objects: Sequence[ObjectConsensus]) -> tuple[ObjectConsensus, ...]:
    """The same cells, each pixel with the one to which it belongs likeliest.

    A pixel that is as likely in both stays in both: so it is where all who drew the two let them overlap.
    """
    if len(objects) < 2:
        return tuple(objects)
    masks = pixels.drawn([one.runs for one in objects])
    if masks.row.size == masks.mask.size:
        return tuple(objects)
    row, column = masks.row[masks.pixel], masks.column[masks.pixel]
    chance = np.concatenate(
        [_at(one, row[masks.mask == i], column[masks.mask == i]) for i, one in enumerate(objects)]
    )
    best = np.zeros(masks.row.size, np.float32)
    np.maximum.at(best, masks.pixel, chance)
    kept = chance >= best[masks.pixel]
    found = []
    for i, one in enumerate(objects):
        mine = kept & (masks.mask == i)
        runs = pixels.runs_of(row[mine], column[mine]) if mine.any() else one.runs
        found.append(replace(one, runs=runs))
    return tuple(found)


def _at(one: ObjectConsensus, row: Ints, column: Ints) -> NDArray[np.float32]:
    """The chance of pixels to be inside; a filled hole is as sure as the cell around it."""
    y, x = row - one.y, column - one.x
    return np.where(one.inside[y, x] > 0, one.inside[y, x], 0.5).astype(np.float32)
