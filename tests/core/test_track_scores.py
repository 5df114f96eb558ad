"""Scores of lineages against a slow and obvious twin, and against numbers that py-ctcmetrics told.

`make bench-tracking` compares with py-ctcmetrics and traccuracy themselves; they bring a gigabyte along.
"""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from annotation.core import resampling
from annotation.core.simulation_lineages import DrawnLineage, draw_lineage
from annotation.core.tracks import errors, graph, pooling, scoring
from annotation.core.tracks.aogm import Comparison, Matches
from annotation.core.tracks.detections import MovieMatching
from annotation.core.tracks.errors import TrackFault
from annotation.core.tracks.graph import LineageGraph
from tests.core.drawing import draw

RECORDED = Path(__file__).with_name("track_scores_of_ctcmetrics.json")
SEEDS = 1000

Node = tuple[int, int]
Links = dict[tuple[Node, Node], bool]


def comparison_of(drawn: DrawnLineage) -> Comparison:
    truth, said = _graph(drawn.truth, drawn.mothers), _graph(drawn.said, drawn.said_mothers)
    places = [
        {at: i for i, at in enumerate(zip(one.t.tolist(), one.cell.tolist(), strict=True))}
        for one in (truth, said)
    ]
    pairs = [(places[0][at], places[1][at[0], cell]) for at, cell in sorted(drawn.stands.items())]
    columns = np.array(pairs, np.int64).reshape(-1, 2).T
    return scoring.compare(truth, said, Matches(columns[0], columns[1]))


def _graph(cells: set[Node], mothers: dict[int, int]) -> LineageGraph:
    rows = np.array(sorted(cells), np.int64).reshape(-1, 2)
    return graph.of_cells(rows[:, 0], rows[:, 1], mothers)


def drawn_for(seed: int) -> DrawnLineage:
    return draw_lineage(seed, frames=7, founders=3, most_daughters=2 + seed % 2, clean=seed % 3 == 0)


# ---------------------------------------------------------------- the twin


def naive_links(cells: set[Node], mothers: dict[int, int]) -> Links:
    """{(earlier, later): whether it leads to another track}, by looking at every pair of detections."""
    links: Links = {}
    for a, b in product(cells, cells):
        same, born = a[1] == b[1], mothers.get(b[1]) == a[1]
        if a[0] >= b[0] or not (same or born):
            continue
        between = any((t, a[1]) in cells for t in range(a[0] + 1, b[0]))
        first = not any((t, b[1]) in cells for t in range(b[0]))
        if not between and (same or first):
            links[a, b] = not same or b[0] != a[0] + 1
    return links


def naive(drawn: DrawnLineage) -> dict[str, float]:
    """The six errors, divisions found, whole families, and what keeps its identity."""
    right, said = naive_links(drawn.truth, drawn.mothers), naive_links(drawn.said, drawn.said_mothers)
    stands = {at: (at[0], cell) for at, cell in drawn.stands.items()}
    times = {one: list(stands.values()).count(one) for one in drawn.said}
    alone = {at: one for at, one in stands.items() if times[one] == 1}
    back = {one: at for at, one in alone.items()}
    carried = {link: (alone.get(link[0]), alone.get(link[1])) for link in right}
    kept = {link: pair for link, pair in carried.items() if pair in said}
    same = {link for link, pair in kept.items() if right[link] == said[pair]}
    return {
        "NS": sum(n - 1 for n in times.values() if n > 1),
        "FN": len(drawn.truth - stands.keys()),
        "FP": sum(n == 0 for n in times.values()),
        "ED": sum(
            a in back and b in back and (back[a], back[b]) not in right for a, b in said
        ),
        "EA": len(right) - len(kept),
        "EC": len(kept) - len(same),
        "families": _families_right(drawn.truth, right, alone, same),
        "found": _divisions_found(right, said, alone),
        "followed": _followed(right, said, drawn, alone),
    }  # fmt: skip


def _tracks(cells: set[Node], links: Links) -> list[frozenset[Node]]:
    """Groups of detections that are joined within tracks."""
    return _groups(cells, [pair for pair, parental in links.items() if not parental])


def _groups(cells: set[Node], pairs: Any) -> list[frozenset[Node]]:
    group = {cell: frozenset({cell}) for cell in cells}
    for a, b in pairs:
        joined = group[a] | group[b]
        group.update(dict.fromkeys(joined, joined))
    return list(set(group.values()))


def _families_right(cells: set[Node], links: Links, alone: dict[Node, Node], same: Any) -> int:
    groups = _groups(cells, links)
    return sum(
        all(one in alone for one in group) and all(pair in same for pair in links if pair[0] in group)
        for group in groups
    )


def _daughters(links: Links) -> dict[Node, set[Node]]:
    found: dict[Node, set[Node]] = {}
    for (a, b), parental in links.items():
        if parental:
            found.setdefault(a, set()).add(b)
    return {a: several for a, several in found.items() if len(several) > 1}


def _divisions_found(right: Links, said: Links, alone: dict[Node, Node]) -> int:
    theirs = _daughters(said)
    return sum(
        alone.get(mother) in theirs and {alone.get(d) for d in born} == theirs[alone[mother]]
        for mother, born in _daughters(right).items()
    )


def _followed(right: Links, said: Links, drawn: DrawnLineage, alone: dict[Node, Node]) -> int:
    theirs = set(_tracks(drawn.said, said))
    return sum(
        frozenset(alone.get(one, (-1, -1)) for one in track) in theirs
        for track in _tracks(drawn.truth, right)
    )


# ---------------------------------------------------------------- tests


def test_T11_scores_are_those_of_the_twin_on_a_thousand_lineages() -> None:
    for seed in range(SEEDS):
        drawn = drawn_for(seed)
        comparison = comparison_of(drawn)
        table = scoring.table_of(comparison)
        twin = naive(drawn)
        told = {name: table[name] for name in ("NS", "FN", "FP", "ED", "EA", "EC", "followed")}
        told |= {"families": table["families_right"], "found": table["divisions_found_0"]}
        assert told == twin, seed
        harm = sum(one.harm for one in errors.find(comparison))
        assert harm == pytest.approx(scoring.of_table(table).aogm), seed


def test_T11_scores_are_those_that_ctcmetrics_told() -> None:
    for seed, told in enumerate(json.loads(RECORDED.read_text(encoding="utf-8"))):
        most = 3 if seed % 4 == 1 else 2
        drawn = draw_lineage(seed, frames=10, founders=5, most_daughters=most, clean=seed % 2 == 0)
        ours = scoring.of_comparison(comparison_of(drawn))
        table = ours.as_table() | {"AOGM": ours.aogm}
        table |= {f"AOGM_{name}": count for name, count in ours.counts.items()}
        for name, value in told.items():
            assert table[name] == (None if value is None else pytest.approx(value, abs=1e-9)), (seed, name)


def test_T11_identities_are_those_of_the_best_pairing_also_in_large_tables() -> None:
    t, cell = np.divmod(np.arange(400 * 6), 400)
    truth = graph.of_cells(t, cell, {})
    swapped = np.where((t >= 3) & (cell < 100), cell ^ 1, cell)
    said = graph.of_cells(t, swapped, {})
    order = np.argsort(t * 400 + swapped)
    matches = Matches(order, np.arange(t.size))
    table = scoring.table_of(scoring.compare(truth, said, matches))
    seen = np.zeros((400, 400))
    np.add.at(seen, (truth.cell[order], said.cell), 1)
    best = seen[linear_sum_assignment(seen, maximize=True)].sum()
    assert table["kept"] == 2 * best
    assert table["identities"] == 2 * t.size


def test_T11_a_perfect_prediction_has_ones_and_no_error() -> None:
    drawn = drawn_for(3)
    drawn.said, drawn.said_mothers = set(drawn.truth), dict(drawn.mothers)
    drawn.stands = {at: at[1] for at in drawn.truth}
    comparison = comparison_of(drawn)
    assert errors.find(comparison) == []
    known = [
        value for value in scoring.of_comparison(comparison, 1.0).as_table().values() if value is not None
    ]
    assert known == [1.0] * len(known)


def test_T11_matches_that_name_a_true_detection_twice_are_refused() -> None:
    one = graph.of_cells(np.array([0]), np.array([1]), {})
    with pytest.raises(ValueError, match="more than one predicted"):
        scoring.compare(one, one, Matches(np.array([0, 0]), np.array([0, 0])))


def test_T11_a_cell_that_was_away_is_two_tracks_and_keeps_its_daughters() -> None:
    t = np.array([0, 1, 3, 4, 4])
    cell = np.array([7, 7, 7, 8, 9])
    one = graph.of_cells(t, cell, {8: 7, 9: 7, 5: 7, 8000: 1})
    assert one.number.tolist() == [7, 7, 8, 9]
    assert one.parent.tolist() == [-1, 0, 1, 1]
    assert one.parental.tolist() == [False, True, True, True]
    assert one.divides.tolist() == [False, True, False, False]


def test_T11_pixels_become_matches_and_errors_have_their_place() -> None:
    first, second = draw("aaaa.bb\naaaa.bb"), draw("aa.cc.b\naa.cc.b")
    movie = MovieMatching()
    movie.add(0, first, first)
    movie.add(1, second, np.where(second == 3, 0, second))
    found = errors.find(movie.finish({}, {}))
    assert [(one.kind, one.t, one.truth, one.predicted) for one in found] == [
        (TrackFault.MISSED, 1, (3,), ())
    ]
    assert found[0].at_zyx in ((0, 0, 4), (0, 1, 4), (0, 0, 3), (0, 1, 3))
    assert movie.seg == pytest.approx(4 / 5)


def test_T11_a_predicted_cell_stands_for_each_true_one_that_it_covers_by_half() -> None:
    movie = MovieMatching()
    truth = draw("aab\naab")
    movie.add(0, truth, np.ones_like(truth))
    comparison = movie.finish({}, {})
    assert comparison.counts["NS"] == 1
    assert comparison.counts["FN"] == 0
    unsplit = errors.find(comparison)
    assert [(one.kind, one.harm, len(one.truth)) for one in unsplit] == [(TrackFault.UNSPLIT, 5.0, 2)]


def test_T11_what_lies_where_nobody_looked_counts_neither_way() -> None:
    movie = MovieMatching()
    truth = draw("aa..\naa..")
    movie.add(0, truth, np.roll(truth, 2, axis=2), ignored=np.array([[0, 0, 1, 1]] * 2, bool))
    counts = movie.finish({}, {}).counts
    assert (counts["FN"], counts["FP"]) == (1, 0)


def test_T11_pooled_scores_add_movies_up_and_say_how_sure_they_are() -> None:
    tables = [scoring.table_of(comparison_of(drawn_for(seed))) for seed in range(6)]
    whole = scoring.of_table(scoring.added(tables))
    sure = resampling.estimates(pooling.judge(tables), len(tables))
    assert {name for _, name in sure} == set(pooling.NAMES)
    for name, value in {"tra": whole.tra, "lnk": whole.lnk, "ct": whole.ct, "chota": whole.chota}.items():
        assert sure["", name].value == pytest.approx(value)
    low, high = sure["", "tra"].low, sure["", "tra"].high
    assert low is not None
    assert high is not None
    assert low <= whole.tra <= high
