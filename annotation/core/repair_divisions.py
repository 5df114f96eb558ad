"""Divisions that nobody named, and mothers that are not the nearest."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from annotation.core.intervals import Ints
from annotation.core.repair_ends import loose
from annotation.core.repair_values import REACH_SIZES, Repair, RepairKind, Scene

USUAL_AREAS = 1.2  # daughters together, in areas of the mother: she has rounded up, they spread out
DIVISION = 1.0  # log-odds against a division where a new cell begins beside another


def divisions(movie: Scene, taken: set[int]) -> Iterator[Repair]:
    """Cells that appear beside one that just ended, or that goes on smaller: its daughters."""
    seen = movie.seen
    _, begins = loose(movie)
    begins = np.asarray([row for row in begins.tolist() if int(seen.cell[row]) not in taken], np.int64)
    for t in np.unique(seen.t[begins]).tolist():
        new = begins[seen.t[begins] == t]
        mothers = np.flatnonzero(seen.t == t - 1)
        if mothers.size:
            yield from _of_frame(movie, mothers, new, int(t))


def _of_frame(movie: Scene, mothers: Ints, new: Ints, t: int) -> Iterator[Repair]:
    """Of each mother the daughters of a frame, told once."""
    seen, known = movie.seen, movie.known
    places = movie.places
    tree = cKDTree(places[mothers])
    reach = REACH_SIZES * float(np.median(seen.size_px[mothers]))
    beside: dict[int, list[int]] = {}
    for row in new.tolist():
        # The nearest that can be the mother.
        for k in sorted(
            tree.query_ball_point(places[row], reach),
            key=lambda k: float(np.hypot(*(places[mothers[k]] - places[row]))),
        ):
            if _may_be_mother(movie, int(mothers[k]), row):
                beside.setdefault(int(mothers[k]), []).append(row)
                break
    for mother, rows in beside.items():
        cell = int(seen.cell[mother])
        named = [d for d in known.daughters.get(cell, []) if known.first[d] == t]
        yield _division(movie, mother, rows, named, t)


def _may_be_mother(movie: Scene, mother: int, daughter: int) -> bool:
    """A daughter is not larger than her mother, who may have rounded up; the mother ends here, or goes on
    smaller."""
    seen = movie.seen
    if seen.area_px[daughter] > 1.05 * seen.area_px[mother]:
        return False
    after = int(movie.after[mother])
    return after < 0 or bool(seen.area_px[after] < 0.9 * seen.area_px[mother])


def _division(movie: Scene, mother: int, rows: list[int], named: list[int], t: int) -> Repair:
    seen = movie.seen
    after = int(movie.after[mother])
    goes_on = after >= 0
    parts = [*rows, *([after] if goes_on else []), *(_row_of(movie, cell, t) for cell in named)]
    area = sum(int(seen.area_px[row]) for row in parts) / float(seen.area_px[mother])
    off_px = float(np.hypot(*(movie.places[parts].mean(axis=0) - movie.places[mother])))
    off = off_px / float(seen.size_px[mother])
    strange = max(abs(np.log(area / USUAL_AREAS)) - 0.4, 0.0)
    odds = 3.0 - DIVISION - 4 * strange - 4 * off + (1.5 if len(parts) == 2 else -1.5)
    cells = (int(seen.cell[mother]), *(int(seen.cell[row]) for row in rows))
    names = " and ".join(map(str, cells[1:]))
    who = f"cells {names} come" if len(rows) > 1 else f"cell {names} comes"
    text = f"Cell {cells[0]} likely divides in frame {t}; {who} from it."
    return movie.repair(RepairKind.DIVIDE, rows[0], cells, float(odds), len(rows), text, t)


def _row_of(movie: Scene, cell: int, t: int) -> int:
    i = movie.known.place[cell]
    begin, end = int(movie.known.tracks.begin[i]), int(movie.known.tracks.end[i])
    return begin + int(np.searchsorted(movie.seen.t[begin:end], t))


def other_mothers(movie: Scene) -> Iterator[Repair]:
    """Daughters that begin far from the mother they name and beside another cell that ends."""
    seen, known = movie.seen, movie.known
    tracks = known.tracks
    only = [(d, m[0]) for d, m in known.mothers.items() if len(m) == 1]
    if not only:
        return
    daughter, mother = (np.asarray([known.place[pair[k]] for pair in only]) for k in (0, 1))
    row, own = tracks.begin[daughter], tracks.end[mother] - 1
    ends = tracks.end - 1
    for t in np.unique(seen.t[row]).tolist():
        mine = np.flatnonzero(seen.t[row] == t)
        beside = ends[tracks.last == t - 1]
        if beside.size == 0:
            continue
        places = movie.places
        apart, k = (np.asarray(found) for found in cKDTree(places[beside]).query(places[row[mine]]))
        width = seen.size_px[beside[k]]
        better = (movie.apart(row[mine], own[mine]) - apart) / width
        for i in np.flatnonzero((better > 0.5) & (apart < REACH_SIZES * width)).tolist():
            cell, nearest = only[mine[i]][0], int(seen.cell[beside[k[i]]])
            text = f"Cell {cell} begins beside cell {nearest}, not beside its mother {only[mine[i]][1]}."
            odds = 3 * float(better[i]) - 1.5
            yield movie.repair(RepairKind.MOTHER, int(row[mine[i]]), (cell, nearest), odds, 2, text)
