"""Places in a movie that want a look: divisions that cannot be, jumps, gaps, short tracks and the like.

The first five are those of DeepCell Label (Van Valen lab), said of ids that stay through time: a cell's
daughters name it as their mother, and it divides in the frame in which they begin. Every rule is arithmetic
over whole columns; what is unusual is measured against the movie itself (median and median deviation).
"""

from collections.abc import Iterable

from annotation.core.alert_lineages import broken, divisions, ends, gaps, mothers
from annotation.core.alert_overlaps import Overlap, overlap_candidates, overlapping, shared_pixels
from annotation.core.alert_steps import steps
from annotation.core.alert_values import RULES, Alert, AlertKind, Known, Rules
from annotation.core.observations import Followed, tracks_of

__all__ = ["RULES", "Alert", "AlertKind", "Overlap", "Rules", "find", "overlap_candidates", "shared_pixels"]


def find(movie: Followed, *, overlaps: Iterable[Overlap] = (), rules: Rules = RULES) -> list[Alert]:
    """Every alert of a movie, by frame, then by kind and cell. `overlaps` were found by reading pixels of
    `overlap_candidates`."""
    known = Known(movie, tracks_of(movie.seen))
    found: list[Alert] = []
    for rule in (divisions, mothers, broken, gaps):
        found.extend(rule(known))
    for measured in (ends, steps):
        found.extend(measured(known, rules))
    found.extend(overlapping(known, overlaps, rules))
    told = (alert for alert in found if alert.cell not in movie.settled)
    return sorted(told, key=lambda alert: (alert.t, alert.kind, alert.cell, alert.others))
