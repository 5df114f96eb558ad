"""COCO's run lengths: pixels in column order, counts that begin with background, packed six bits a
character.

The packing is that of the COCO mask format: each count from the third on is stored as its difference to the
one two before, in groups of five bits with a continuation bit and a sign, offset by 48 into printable
characters.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import Runs


def counts_of_runs(runs: Runs, height: int, width: int) -> list[int]:
    """Run lengths of a cell given as image runs (y, x, n, …): background, cell, background, …"""
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    x = intervals.expand(table[:, 1], table[:, 2])
    y = np.repeat(table[:, 0], table[:, 2])
    pixels = x * height + y
    these = intervals.union_of(pixels, pixels + 1)
    edges = np.stack((these.starts, these.ends), axis=1).ravel()
    counts: list[int] = np.diff(edges, prepend=0, append=height * width).tolist()
    return counts[:-1] if counts[-1] == 0 else counts


def mask_of_counts(counts: Sequence[int], height: int, width: int) -> NDArray[np.bool_]:
    """The mask (y, x) of run lengths. Raises ValueError when they do not add up to the picture."""
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise ValueError(f"The run lengths do not add up to {height} x {width} px.")
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape(width, height).T


def pixels_of_counts(counts: Sequence[int], height: int, width: int) -> NDArray[np.int64]:
    """Row-major pixel numbers (y * width + x) inside the mask. Raises ValueError like `mask_of_counts`."""
    lengths = np.asarray(counts, np.int64)
    if lengths.sum() != height * width or lengths.min(initial=0) < 0:
        raise ValueError(f"The run lengths do not add up to {height} x {width} px.")
    starts = np.cumsum(lengths) - lengths
    x, y = np.divmod(intervals.expand(starts[1::2], lengths[1::2]), height)
    return y * width + x


def compress(counts: Sequence[int]) -> str:
    """Run lengths as COCO's string."""
    characters = []
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            part = value & 0x1F
            value >>= 5
            more = value != -1 if part & 0x10 else value != 0
            characters.append(chr((part | 0x20 if more else part) + 48))
    return "".join(characters)


def decompress(text: str) -> list[int]:
    """The inverse of `compress`. Raises ValueError for a text that ends in the middle of a number."""
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        part = ord(character) - 48
        value |= (part & 0x1F) << shift
        shift += 5
        if part & 0x20:
            continue
        if part & 0x10:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value, shift = 0, 0
    if shift:
        raise ValueError("The run lengths end in the middle of a number.")
    return counts
