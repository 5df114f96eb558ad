"""A mark of what an alert was told about: it changes when the cells do, so that a dismissal holds only as
long.

The mark covers the alert itself and, of each cell that it names, every frame with area and place, and its
mother, fusion and ending. Nothing is kept but the digest.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from annotation.core.alert_values import Alert
from annotation.core.observations import Followed, tracks_of

COLUMNS = ("t", "area_px", "z", "y", "x")


def marks_of(movie: Followed, alerts: Sequence[Alert]) -> list[str]:
    """The mark of each alert, 32 hexadecimal digits, in the order of the alerts."""
    tracks = tracks_of(movie.seen)
    place = tracks.place()
    mothers: dict[int, list[int]] = {}
    for daughter, mother in movie.mothers:
        mothers.setdefault(daughter, []).append(mother)
    known: dict[int, bytes] = {}

    def state(cell: int) -> bytes:
        if cell not in known:
            told = (cell, sorted(mothers.get(cell, ())), movie.merged.get(cell), cell in movie.ended)
            digest = hashlib.blake2b(repr(told).encode(), digest_size=16)
            if (i := place.get(cell)) is not None:
                rows = slice(int(tracks.begin[i]), int(tracks.end[i]))
                for name in COLUMNS:
                    column = np.asarray(getattr(movie.seen, name)[rows], np.float64)
                    digest.update(np.round(column, 3).tobytes())
            known[cell] = digest.digest()
        return known[cell]

    found = []
    for alert in alerts:
        mark = hashlib.blake2b(repr((str(alert.kind), alert.t)).encode(), digest_size=16)
        for cell in (alert.cell, *alert.others):
            mark.update(state(cell))
        found.append(mark.hexdigest())
    return found
