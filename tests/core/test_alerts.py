"""T6: each rule has planted cases, all of them found, and a movie in order has no alert."""

from collections.abc import Sequence

import numpy as np
import pytest

from annotation.core import alerts
from annotation.core.alerts import AlertKind, Overlap
from annotation.core.measures import CellMeasures
from annotation.core.observations import Followed, Hole, Observations, gather, holes_of, tracks_of

SIDE = 400
FRAMES = 20
Row = tuple[int, int, float, float, int]


def tile(t: int, cells: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, CellMeasures]:
    """Squares (cell, y, x, side) of frame t as the measures of one tile."""
    ids, y, x, side = (np.asarray(column, np.int64) for column in zip(*sorted(cells), strict=True))
    area = side * side
    sums = (area * (2 * y + side - 1) // 2, area * (2 * x + side - 1) // 2)
    return t, 0, CellMeasures(ids.astype(np.uint32), area, *sums, y, x, y + side - 1, x + side - 1)


def seen(*tracks: tuple[int, range, int, int], side: int = 20) -> Observations:
    """Cells (cell, frames, y, x) that creep one px to the right in each frame."""
    frames: dict[int, list[tuple[int, int, int, int]]] = {}
    for cell, span, y, x in tracks:
        for t in span:
            frames.setdefault(t, []).append((cell, y, x + t, side))
    return gather(tile(t, cells) for t, cells in frames.items())


def movie(rows: Observations, mothers: Sequence[tuple[int, int]] = (), **more: object) -> Followed:
    return Followed(rows, mothers, FRAMES, SIDE, SIDE, merged={}, **more)  # type: ignore[arg-type]


def kinds(followed: Followed, **more: object) -> dict[AlertKind, list[int]]:
    """Cells by kind of alert."""
    found: dict[AlertKind, list[int]] = {}
    for alert in alerts.find(followed, **more):  # type: ignore[arg-type]
        found.setdefault(alert.kind, []).append(alert.cell)
    return found


ALL = range(FRAMES)
CALM = [(20 + n, ALL, 60 + 30 * n, 300) for n in range(4)]


def family(mother: int, a: int, b: int, y: int = 200) -> list[tuple[int, range, int, int]]:
    """A mother until frame 9 and two daughters from frame 10 on."""
    return [(mother, range(10), y, 200), (a, range(10, 20), y - 15, 200), (b, range(10, 20), y + 15, 200)]


# ---------------------------------------------------------------- rows


def test_a_cell_in_several_tiles_and_slices_is_one_row() -> None:
    t, _, left = tile(3, [(7, 10, 10, 2)])
    _, _, right = tile(3, [(7, 10, 12, 4)])
    rows = gather([(t, 0, left), (t, 2, right)])
    assert rows.cell.tolist() == [7]
    assert rows.area_px.tolist() == [20]
    assert rows.z.tolist() == [pytest.approx(2 * 16 / 20)]
    assert (rows.x_min.tolist(), rows.x_max.tolist(), rows.y_max.tolist()) == ([10], [15], [13])


def test_no_cells_no_rows() -> None:
    assert len(gather([])) == 0
    assert alerts.find(movie(gather([]))) == []


def test_holes_are_the_frames_between() -> None:
    rows = seen((1, range(3), 50, 50), (1, range(5, 8), 50, 50), (2, ALL, 90, 50))
    assert holes_of(rows.cell, rows.t) == {1: [Hole(3, 4)]}
    tracks = tracks_of(rows)
    assert (tracks.first.tolist(), tracks.last.tolist()) == ([0, 0], [7, 19])


# ---------------------------------------------------------------- rules


def test_T6_a_movie_in_order_has_no_alert() -> None:
    assert kinds(movie(seen(*CALM, *family(1, 2, 3)), [(2, 1), (3, 1)])) == {}


PLANTED: dict[AlertKind, tuple[Followed, list[int]]] = {
    AlertKind.MOTHER_AFTER_DIVISION: (
        movie(seen(*CALM, *family(1, 2, 3), (1, range(10, 12), 200, 200)), [(2, 1), (3, 1)]),
        [1],
    ),
    AlertKind.DAUGHTER_BEFORE_DIVISION: (
        movie(seen(*CALM, *family(1, 2, 3), (2, range(7, 10), 185, 200)), [(2, 1), (3, 1)]),
        [2],
    ),
    AlertKind.ONE_DAUGHTER: (movie(seen(*CALM, *family(1, 2, 3)[:2]), [(2, 1)]), [1]),
    AlertKind.MOTHER_DIVIDES_TWICE: (
        movie(
            seen(
                *CALM,
                *family(1, 2, 3),
                (1, range(10, 15), 200, 200),
                *((cell, range(15, 20), y, 200) for cell, y in ((4, 240), (5, 160))),
            ),
            [(2, 1), (3, 1), (4, 1), (5, 1)],
        ),
        [1],
    ),
    AlertKind.DAUGHTER_OF_TWO_DIVISIONS: (
        movie(
            seen(*CALM, *family(1, 2, 3, 100), *family(4, 5, 6, 180)),
            [(2, 1), (3, 1), (5, 4), (6, 4), (3, 4)],
        ),
        [3],
    ),
    AlertKind.TWO_MOTHERS: (
        movie(seen(*CALM, *family(1, 2, 3), (4, range(10), 250, 200)), [(2, 1), (3, 1), (3, 4)]),
        [3],
    ),
    AlertKind.BROKEN_LINEAGE: (movie(seen(*CALM), [(20, 99), (21, 22), (22, 21)]), [20, 21, 22]),
    AlertKind.JUMP: (
        movie(seen(*CALM, (1, range(10), 100, 100), (1, range(10, 20), 150, 150))),
        [1],
    ),
    AlertKind.SHORT_TRACK: (movie(seen(*CALM, (1, range(5, 7), 100, 100))), [1]),
    AlertKind.GAP: (
        movie(seen(*CALM, (1, range(5), 100, 100), (1, range(7, 20), 100, 100), *family(2, 3, 4)[:1],
                   (3, range(12, 20), 185, 200), (4, range(10, 20), 215, 200)), [(3, 2), (4, 2)]),
        [1, 3],
    ),
    AlertKind.LOST: (movie(seen(*CALM, (1, range(12), 100, 100))), [1]),
    AlertKind.APPEARED: (movie(seen(*CALM, (1, range(12, 20), 100, 100))), [1]),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_T6_every_planted_case_is_found(kind: AlertKind) -> None:
    followed, cells = PLANTED[kind]
    assert sorted(kinds(followed)[kind]) == cells


@pytest.mark.parametrize("kind", PLANTED)
def test_T6_nothing_is_said_of_settled_cells(kind: AlertKind) -> None:
    followed, _ = PLANTED[kind]
    everybody = frozenset(followed.seen.cell.tolist())
    assert kinds(Followed(followed.seen, followed.mothers, FRAMES, SIDE, SIDE, {}, settled=everybody)) == {}


def test_T6_change_of_area_is_found_and_not_at_the_border() -> None:
    calm = [tile(t, [(20 + n, 60 + 30 * n, 300, 20) for n in range(4)]) for t in ALL]
    inside = [tile(t, [(1, 100, 100, 30 if t < 8 else 20)]) for t in ALL]
    leaving = [tile(t, [(2, 0, 100, 30 if t < 8 else 20)]) for t in ALL]
    assert kinds(movie(gather([*calm, *inside, *leaving]))) == {AlertKind.AREA_CHANGE: [1]}


def test_T6_a_fusion_and_a_mother_are_two_mothers_a_fusion_alone_is_none() -> None:
    rows = seen(*CALM, *family(1, 2, 3), (4, range(10), 230, 200))
    both = Followed(rows, [(2, 1), (3, 1)], FRAMES, SIDE, SIDE, merged={4: 3})
    assert kinds(both) == {AlertKind.TWO_MOTHERS: [3]}
    two = seen(*CALM, (1, range(10), 100, 100), (2, range(10), 130, 100), (3, range(10, 20), 115, 100))
    assert kinds(Followed(two, [], FRAMES, SIDE, SIDE, merged={1: 3, 2: 3})) == {}


def test_T6_an_explained_end_and_the_border_are_no_loss() -> None:
    rows = seen(*CALM, (1, range(12), 100, 100), (2, range(12), 0, 100))
    assert kinds(movie(rows)) == {AlertKind.LOST: [1]}
    assert kinds(movie(rows, ended=frozenset([1]))) == {}


def test_T6_overlap_by_share_of_the_smaller_cell() -> None:
    rows = gather([tile(0, [(1, 100, 100, 20), (2, 110, 110, 12)]), tile(1, [(1, 100, 101, 20)])])
    calm = Followed(rows, [], 2, SIDE, SIDE, merged={})
    assert kinds(calm, overlaps=[Overlap(0, 1, 2, 100)])[AlertKind.OVERLAP] == [2]
    assert AlertKind.OVERLAP not in kinds(calm, overlaps=[Overlap(0, 1, 2, 20)])


def test_overlap_candidates_are_those_of_a_naive_twin() -> None:
    rng = np.random.default_rng(3)
    cells = [
        (n + 1, int(y), int(x), int(s))
        for n, (y, x, s) in enumerate(rng.integers(0, 200, (60, 3)) % [200, 200, 40])
    ]
    rows = gather([tile(t, [(c, y, x, s + 3) for c, y, x, s in cells]) for t in (0, 1)])
    i, j = alerts.overlap_candidates(rows)
    assert {frozenset(pair) for pair in zip(i.tolist(), j.tolist(), strict=True)} == naive(rows)


def naive(rows: Observations) -> set[frozenset[int]]:
    found = set()
    for i in range(len(rows)):
        for j in range(i):
            high = min(rows.y_max[i], rows.y_max[j]) - max(rows.y_min[i], rows.y_min[j]) + 1
            wide = min(rows.x_max[i], rows.x_max[j]) - max(rows.x_min[i], rows.x_min[j]) + 1
            apart = np.hypot(rows.y[i] - rows.y[j], rows.x[i] - rows.x[j])
            close = apart < 0.75 * max(rows.size_px[i], rows.size_px[j])
            least = 0.2 * min(rows.area_px[i], rows.area_px[j])
            if rows.t[i] == rows.t[j] and min(high, wide) > 0 and high * wide >= least and close:
                found.add(frozenset((i, j)))
    return found


def test_the_sentence_says_who_and_when() -> None:
    (alert,) = alerts.find(PLANTED[AlertKind.LOST][0])
    assert alert.message == "Cell 1 is lost after frame 11, inside the picture."
    assert (alert.t, alert.y, alert.x) == (11, 109.5, 120.5)
