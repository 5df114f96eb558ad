"""Masks of one crop side by side: which share pixels, and back from pixels to runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core import intervals
from annotation.core.crowd.values import Floats, Ints, Runs

Bools = NDArray[np.bool_]

WORD = 62  # votes that one number holds
LOOKED_UP = 10  # outlines of which all votes are tabled
AT_ONCE = 1 << 20  # so many words of two masks side by side are counted in one step


@dataclass(frozen=True, eq=False)
class Drawn:
    """Masks over the pixels that any of them covers: `mask` and `pixel` (n,) say who covers which. Pixels are
    places in `row` and `column` (p,), in order of rows."""

    mask: Ints
    pixel: Ints
    row: Ints
    column: Ints
    area_px: Ints

    @property
    def masks(self) -> int:
        """How many masks there are."""
        return int(self.area_px.size)

    def shared(self) -> Floats:
        """(masks, masks): pixels in common, counted 64 at a time."""
        words = -(-self.row.size // 64) * 8
        table = np.zeros((self.masks, max(words, 8) * 8), np.bool_)
        table[self.mask, self.pixel] = True
        packed = np.packbits(table, axis=1).view(np.uint64)
        if self.masks * packed.size <= AT_ONCE:
            return np.asarray(np.bitwise_count(packed[:, None] & packed[None]).sum(axis=2), np.float64)
        rows = [np.bitwise_count(packed & one).sum(axis=1) for one in packed]
        return np.asarray(rows, np.float64)

    def votes(self, members: Sequence[int]) -> Ints:
        """(p,): a number whose bit k says whether mask `members[k]` covers the pixel; at most `WORD`."""
        codes = np.zeros(self.row.size, np.int64)
        for k, mask in enumerate(members):
            codes[self.pixel[self._of[mask] : self._of[mask + 1]]] |= 1 << k
        return codes

    def kinds(self, members: Sequence[int]) -> tuple[Ints, Bools, Ints]:
        """(pixels that any member covers, kinds of votes (kinds, members), the kind of each such pixel)."""
        count = len(members)
        if count > WORD:
            return self._many_kinds(members)
        votes = self.votes(members)
        covered = np.flatnonzero(votes)
        if count <= LOOKED_UP:
            return covered, _bits(np.arange(1 << count), count), votes[covered]
        values, which = np.unique(votes[covered], return_inverse=True)
        return covered, _bits(values, count), which

    def _many_kinds(self, members: Sequence[int]) -> tuple[Ints, Bools, Ints]:
        table = np.zeros((self.row.size, len(members)), np.bool_)
        for k, mask in enumerate(members):
            table[self.pixel[self._of[mask] : self._of[mask + 1]], k] = True
        covered = np.flatnonzero(table.any(axis=1))
        values, which = np.unique(table[covered], axis=0, return_inverse=True)
        return covered, values, which

    @cached_property
    def _of(self) -> list[int]:
        found: list[int] = np.concatenate(([0], np.cumsum(self.area_px))).tolist()
        return found


def drawn(masks: Sequence[Runs]) -> Drawn:
    """The masks of an item, in this order. Pixels that a mask names twice count once."""
    if not masks:
        none = np.zeros(0, np.int64)
        return Drawn(none, none, none, none, none)
    runs = np.concatenate(masks)
    if runs.shape[0] == 0:
        none = np.zeros(0, np.int64)
        return Drawn(none, none, none, none, np.zeros(len(masks), np.int64))
    y0, x0 = int(runs[:, 0].min()), int(runs[:, 1].min())
    wide = int(runs[:, 2].max()) - x0 + 1
    starts, lengths = (runs[:, 0] - y0) * wide + runs[:, 1] - x0, runs[:, 2] - runs[:, 1]
    key = intervals.expand(starts, lengths)
    of_run = np.repeat(np.arange(len(masks)), [len(mask) for mask in masks])
    mask = np.repeat(of_run, lengths)
    key, mask = _once(key, mask)
    place = np.flatnonzero(np.bincount(key))
    number = np.zeros(int(place[-1]) + 1, np.int64)
    number[place] = np.arange(place.size)
    area = np.bincount(mask, minlength=len(masks))
    return Drawn(mask, number[key], place // wide + y0, place % wide + x0, area)


def _once(key: Ints, mask: Ints) -> tuple[Ints, Ints]:
    """Each pixel of each mask once, masks in order."""
    step = np.diff(key)
    if ((step > 0) | (np.diff(mask) > 0)).all():
        return key, mask
    both = np.unique(mask * (int(key.max()) + 1) + key)
    return both % (int(key.max()) + 1), both // (int(key.max()) + 1)


def _bits(votes: Ints, count: int) -> Bools:
    """(…, count): who took in, from votes (…)."""
    return np.asarray((votes[..., None] >> np.arange(count)) & 1, np.bool_)


def runs_of(rows: Ints, columns: Ints) -> Runs:
    """Runs of pixels in order of rows."""
    new = np.ones(rows.size, bool)
    new[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 1)
    at = np.flatnonzero(new)
    last = np.append(at[1:], rows.size) - 1
    return np.stack((rows[at], columns[at], columns[last] + 1), axis=1)


def one_piece(picture: Bools) -> Bools:
    """The largest piece (y, x) of a picture without its holes; pieces may hang together by corners."""
    pieces, count = ndimage.label(picture, np.ones((3, 3), int))
    if count > 1:
        sizes = np.bincount(pieces.ravel())
        sizes[0] = 0
        picture = pieces == sizes.argmax()
    return np.asarray(ndimage.binary_fill_holes(picture), np.bool_)
