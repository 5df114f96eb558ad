"""Rules about whole tracks: impossible divisions, two mothers, gaps, tracks short, lost, from nowhere.

A cell's daughters name it as their mother, and it divides in the frame in which they begin.
"""

from collections.abc import Iterator

import numpy as np

from annotation.core import lineage
from annotation.core.alert_values import Alert, AlertKind, Known, Rules
from annotation.core.lineage import Span
from annotation.core.observations import holes_of

# ---------------------------------------------------------------- divisions


def divisions(known: Known) -> Iterator[Alert]:
    for mother, daughters in sorted(known.daughters.items()):
        begins = [known.first[daughter] for daughter in daughters]
        t = division_frame(begins, known.last[mother])
        if len(daughters) == 1:
            (only,) = daughters
            text = f"Cell {mother} has one daughter, cell {only}; a division has two or more."
            yield known.alert(AlertKind.ONE_DAUGHTER, mother, t, text, daughters)
        if known.last[mother] >= t:
            still = known.last[mother]
            text = f"Cell {mother} divides in frame {t} and is still there in frame {still}."
            weight = known.last[mother] - t + 1.0
            yield known.alert(AlertKind.MOTHER_AFTER_DIVISION, mother, t, text, daughters, weight)
        for daughter in daughters:
            if (begin := known.first[daughter]) < t:
                text = (
                    f"Cell {daughter} is there in frame {begin}, before its mother {mother} divides in "
                    f"frame {t}."
                )
                yield known.alert(
                    AlertKind.DAUGHTER_BEFORE_DIVISION, daughter, begin, text, [mother], t - begin
                )
        if _divides_twice(begins):
            frames = ", ".join(str(begin) for begin in sorted(set(begins)))
            text = f"Cell {mother} divides more than once, in frames {frames}."
            yield known.alert(AlertKind.MOTHER_DIVIDES_TWICE, mother, t, text, daughters)


def division_frame(begins: list[int], mother_last: int) -> int:
    """The frame in which most daughters begin; of several the one nearest to the end of the mother."""
    return min(set(begins), key=lambda t: (-begins.count(t), abs(t - mother_last - 1), t))


def _divides_twice(begins: list[int]) -> bool:
    """Two frames or more in each of which two daughters or more begin."""
    return sum(begins.count(t) >= 2 for t in set(begins)) >= 2


def mothers(known: Known) -> Iterator[Alert]:
    """Cells with two mothers: by two divisions, or by a division and a fusion."""
    for cell, mothers in sorted(known.mothers.items()):
        dividing = [mother for mother in mothers if len(known.daughters[mother]) > 1]
        if len(dividing) > 1:
            names = " and ".join(map(str, sorted(dividing)))
            text = f"Cell {cell} comes from two divisions, of cells {names}."
            yield known.alert(AlertKind.DAUGHTER_OF_TWO_DIVISIONS, cell, known.first[cell], text, dividing)
        before = [*mothers, *known.came_in.get(cell, [])]
        if len(before) > 1 and len(dividing) < 2:
            names = " and ".join(map(str, sorted(before)))
            text = f"Cell {cell} has two mothers, cells {names}."
            yield known.alert(AlertKind.TWO_MOTHERS, cell, known.first[cell], text, before)


def broken(known: Known) -> Iterator[Alert]:
    """What `lineage.check` finds beside the end of mothers, which the rules of divisions tell better, and
    mothers that begin after their daughters."""
    spans = {cell: Span(known.first[cell], known.last[cell]) for cell in known.first}
    mothers = {daughter: mother for daughter, mother in known.movie.mothers if daughter in spans}
    late = lineage.born_before_mothers(mothers, known.first)
    for finding in [*lineage.check(mothers, cells=spans.keys()), *late]:
        at = known.first[finding.cell]
        others = [finding.mother] if finding.mother != finding.cell else []
        yield known.alert(AlertKind.BROKEN_LINEAGE, finding.cell, at, finding.message, others)


# ---------------------------------------------------------------- gaps and ends


def gaps(known: Known) -> Iterator[Alert]:
    seen = known.movie.seen
    for cell, holes in holes_of(seen.cell, seen.t).items():
        for first, last in holes:
            yield known.alert(
                AlertKind.GAP, cell, first, _gone(f"Cell {cell}", first, last), (), last - first + 1
            )
    for daughter, mothers in sorted(known.mothers.items()):
        for mother in mothers:
            first, last = known.last[mother] + 1, known.first[daughter] - 1
            if last >= first:
                text = _gone(f"Between cell {mother} and its daughter {daughter} the cell", first, last)
                yield known.alert(AlertKind.GAP, daughter, first, text, [mother], last - first + 1)


def _gone(who: str, first: int, last: int) -> str:
    when = f"frame {first}" if first == last else f"frames {first} to {last}"
    return f"{who} is missing in {when}."


def ends(known: Known, rules: Rules) -> Iterator[Alert]:
    """Short tracks, and tracks that begin or end in the middle of the picture and of the movie."""
    movie, tracks = known.movie, known.tracks
    border = movie.touches_border(rules.border_px)
    at_first, at_last = border[tracks.begin], border[tracks.end - 1]
    inside = (tracks.first > 0) & (tracks.last < movie.frames - 1) & ~at_first & ~at_last
    count = tracks.end - tracks.begin
    for i in np.flatnonzero(inside & (count < rules.short_frames)).tolist():
        cell, n = int(tracks.cell[i]), int(count[i])
        text = f"Cell {cell} is there in {n} frame{'s' if n > 1 else ''} only."
        yield known.alert(AlertKind.SHORT_TRACK, cell, int(tracks.first[i]), text, (), rules.short_frames - n)
    for i in np.flatnonzero((tracks.last < movie.frames - 1) & ~at_last).tolist():
        if (
            (cell := int(tracks.cell[i])) not in known.daughters
            and cell not in movie.merged
            and cell not in movie.ended
        ):
            text = f"Cell {cell} is lost after frame {int(tracks.last[i])}, inside the picture."
            yield known.alert(AlertKind.LOST, cell, int(tracks.last[i]), text)
    for i in np.flatnonzero((tracks.first > 0) & ~at_first).tolist():
        if (cell := int(tracks.cell[i])) not in known.mothers and cell not in known.came_in:
            text = (
                f"Cell {cell} appears in frame {int(tracks.first[i])}, inside the picture and without a "
                "mother."
            )
            yield known.alert(AlertKind.APPEARED, cell, int(tracks.first[i]), text)
