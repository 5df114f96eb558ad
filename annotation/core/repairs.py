"""Repairs of tracks, proposed: which edit would put most links right, by how surely it is needed.

A step of a cell costs how unlikely it is in this very movie: its length against the usual length, its change
of area against the usual change. Where another reading of the same places is cheaper (two cells exchanged,
two tracks one, a mother that was not named), the difference is the log-odds that the labels are wrong there,
less the odds that labels are right to begin with. The expected gain of a repair is that probability times the
links that it puts right; the list begins with the highest.
"""

from collections.abc import Iterable, Iterator

from annotation.core.observations import Followed
from annotation.core.repair_divisions import divisions, other_mothers
from annotation.core.repair_ends import joins
from annotation.core.repair_swaps import cuts, ranges, swaps
from annotation.core.repair_values import Repair, RepairKind, scene_of

__all__ = ["Repair", "RepairKind", "propose"]


def propose(movie: Followed, *, least_probability: float = 0.05) -> list[Repair]:
    """Every repair that is likely enough, the highest expected gain first; cells that are locked or ignored
    are left alone."""
    if len(movie.seen) == 0:
        return []
    known = scene_of(movie)
    single, rejoins = joins(known)
    taken = {cell for repair in rejoins for cell in repair.cells}
    found = [
        *rejoins,
        *(join for join in single if not taken.intersection(join.cells)),
        *ranges(swaps(known)),
        *divisions(known, taken),
        *other_mothers(known),
        *cuts(known),
    ]
    likely = (one for one in found if one.probability >= least_probability)
    return sorted(_one_a_place(likely, movie.settled), key=lambda one: (-one.gain, one.t, one.cells))


def _one_a_place(found: Iterable[Repair], settled: frozenset[int]) -> Iterator[Repair]:
    """Of several readings of one cell in one frame the best."""
    seen: set[tuple[int, int]] = set()
    for one in sorted(found, key=lambda one: (-one.gain, one.t, one.cells)):
        places = {(cell, one.t) for cell in one.cells}
        if settled.isdisjoint(one.cells) and seen.isdisjoint(places):
            seen |= places
            yield one
