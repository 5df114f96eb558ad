"""K7: agreement equal to numbers from the literature, to scikit-learn, and to slow twins."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from annotation.core import crowd, matching
from annotation.core.crowd import ChoiceAnswer
from annotation.core.tracks import scoring
from annotation.core.tracks.aogm import Comparison, Matches
from annotation.core.tracks.graph import LineageGraph, of_cells
from tests.crowd.crops import mask_of_runs, planes, simulated
from tests.crowd.workers import HABITS, Worker

Items = dict[int, list[ChoiceAnswer]]

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C: 4 observers, 12 units, gaps.
OBSERVERS = ("12332141 2...", "12332241 25.3", ".3332342 2 51.", "12332441 251.")
# Fleiss 1971 as told in most textbooks: 10 subjects, 14 raters, 5 categories.
FLEISS = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip


def items_of(observers: tuple[str, ...]) -> Items:
    rows = [row.replace(" ", "") for row in observers]
    return {
        unit: [ChoiceAnswer(str(i), row[unit]) for i, row in enumerate(rows) if row[unit] != "."]
        for unit in range(len(rows[0]))
    }


def test_K7_alpha_is_that_of_krippendorffs_examples() -> None:
    four = crowd.agreement_of_choices(items_of(OBSERVERS))
    assert four.measures["alpha"].value == pytest.approx(0.743, abs=5e-4)
    assert "fleiss" not in four.measures
    assert four.items == 11  # one unit has a single value
    binary = crowd.agreement_of_choices(items_of(("0100000010", "1110010000")))
    assert binary.measures["alpha"].value == pytest.approx(0.095, abs=5e-4)
    nominal = crowd.agreement_of_choices(items_of(("aabbdcccedda", "babbbcccaddd".replace("ca", "ce"))))
    assert nominal.measures["alpha"].value == pytest.approx(0.692, abs=5e-4)


def naive_alpha(items: Items) -> float:
    """From every ordered pair of values, within units and overall."""
    units = [[a.choice for a in answers] for answers in items.values() if len(answers) > 1]
    every = [value for unit in units for value in unit]
    n = len(every)
    observed = sum(
        sum(a != b for i, a in enumerate(u) for j, b in enumerate(u) if i != j) / (len(u) - 1) for u in units
    )
    expected = sum(a != b for i, a in enumerate(every) for j, b in enumerate(every) if i != j)
    return 1 - (observed / n) / (expected / (n * (n - 1)))


def some_items(seed: int, items: int, redundancy: tuple[int, int]) -> Items:
    random = np.random.default_rng(seed)
    found: Items = {}
    for item in range(items):
        true = random.choice(("x", "y", "z"))
        some = random.permutation(6)[: random.integers(*redundancy)]
        found[item] = [
            ChoiceAnswer(f"w{w}", str(true if random.random() < 0.7 else random.choice(("x", "y", "z"))))
            for w in some
        ]
    return found


def test_K7_alpha_is_that_of_every_pair_of_values() -> None:
    for seed in range(5):
        items = some_items(seed, 40, (1, 6))
        assert crowd.agreement_of_choices(items).measures["alpha"].value == pytest.approx(naive_alpha(items))


def test_K7_fleiss_is_that_of_his_example() -> None:
    items = {
        i: [ChoiceAnswer(f"{i}-{c}-{k}", str(c)) for c, n in enumerate(row) for k in range(n)]
        for i, row in enumerate(FLEISS)
    }
    assert crowd.agreement_of_choices(items).measures["fleiss"].value == pytest.approx(0.210, abs=5e-4)


def test_K7_cohen_is_the_mean_of_scikit_learns_pairs() -> None:
    items = some_items(7, 60, (3, 6))
    said = {w: {i: a.choice for i, row in items.items() for a in row if a.worker == w} for w in
            {a.worker for row in items.values() for a in row}}  # fmt: skip
    kappas, shared = [], []
    for a, b in combinations(sorted(said), 2):
        both = sorted(said[a].keys() & said[b].keys())
        kappas.append(cohen_kappa_score([said[a][i] for i in both], [said[b][i] for i in both]))
        shared.append(len(both))
    found = crowd.agreement_of_choices(items).measures["cohen"].value
    assert found == pytest.approx(np.average(kappas, weights=shared))


def test_K7_intervals_hold_the_value_and_narrow_with_items() -> None:
    few = crowd.agreement_of_choices(some_items(1, 20, (3, 4))).measures["alpha"]
    many = crowd.agreement_of_choices(some_items(1, 320, (3, 4))).measures["alpha"]
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert few.low < few.value < few.high
    assert many.high - many.low < 0.5 * (few.high - few.low)
    assert crowd.agreement_of_choices({}) == crowd.Agreement({}, 0, 0)
    alone = crowd.agreement_of_choices({0: [ChoiceAnswer("a", "x"), ChoiceAnswer("b", "unsure")]})
    assert alone.items == 0


def test_K7_outlines_are_compared_as_labels_are_and_pixels_by_alpha() -> None:
    random = np.random.default_rng(2)
    items = simulated(seed=4, count=12)
    workers = [Worker(kind, kind, False, HABITS[kind]) for kind in ("honest", "sloppy", "large")]
    answers = {i: [w.outline(crop, random) for w in workers] for i, crop in enumerate(items)}
    answers[99] = answers[0][:1]
    sizes = dict.fromkeys(range(12), 72 * 72)
    found = crowd.agreement_of_masks(answers, crop_px={**sizes, 99: 72 * 72})
    counts = [
        matching.count(planes(a.masks, crop.shape), planes(b.masks, crop.shape))
        for i, crop in enumerate(items)
        for a, b in combinations(answers[i], 2)
    ]
    pooled = matching.pool(counts)
    for step in (0.5, 0.6, 0.7, 0.8, 0.9):
        assert found.measures[f"f1_{round(100 * step)}"].value == pytest.approx(pooled.f1[step])
        assert found.measures[f"ap_{round(100 * step)}"].value == pytest.approx(pooled.ap[step])
    assert found.measures["pq"].value == pytest.approx(pooled.pq[0.5])
    assert (found.items, found.pairs) == (12, 36)
    pixels: Items = {}
    for i, crop in enumerate(items[:2]):
        seen = [np.any([mask_of_runs(m, crop.shape) for m in a.masks], axis=0).ravel() for a in answers[i]]
        for at in range(72 * 72):
            pixels[i * 72 * 72 + at] = [
                ChoiceAnswer(str(k), str(bool(one[at]))) for k, one in enumerate(seen)
            ]
    two = crowd.agreement_of_masks({i: answers[i] for i in range(2)}, crop_px=sizes)
    by_hand = crowd.agreement_of_choices(pixels)
    assert two.measures["alpha"].value == pytest.approx(by_hand.measures["alpha"].value)


def lineage(cells: list[tuple[int, int]], mothers: dict[int, int]) -> LineageGraph:
    rows = np.asarray(cells)
    return of_cells(rows[:, 0], rows[:, 1], mothers)


def test_K7_tra_between_raters_is_pooled_over_both_directions() -> None:
    first = lineage([(t, 1) for t in range(4)] + [(4, 2), (4, 3)], {2: 1, 3: 1})
    second = lineage([(t, 1) for t in range(4)] + [(4, 2), (4, 3)], {2: 1})
    same = np.arange(6)
    there, back = (Comparison(a, b, Matches(same, same)) for a, b in ((first, second), (second, first)))
    alike = Comparison(first, first, Matches(same, same))
    agreed = crowd.agreement_of_lineages({"movie": [alike, alike]})
    found = crowd.agreement_of_lineages({"movie": [there, back]})
    assert agreed.measures["tra"].value == 1
    scores = [scoring.of_comparison(one) for one in (there, back)]
    whole = [6 * 10 + 1.5 * 5, 6 * 10 + 1.5 * 4]
    assert found.measures["tra"].value == pytest.approx(1 - sum(s.aogm for s in scores) / sum(whole))
    assert found.measures["det"].value == 1
    assert found.measures["lnk"].value < 1
    assert found.pairs == 1


def test_K7_clicks_agree_as_a_slow_twin_says_with_an_interval() -> None:
    rng = np.random.default_rng(4)
    items = {}
    for item in range(30):
        true = rng.uniform(10, 90, (rng.integers(0, 7), 2))
        clicked = [true[rng.random(len(true)) > 0.2] + rng.normal(0, 1.5, 2) for _ in range(3)]
        items[item] = [crowd.PointAnswer(str(i), points) for i, points in enumerate(clicked)]
    told = crowd.agreement_of_points(items, radius_px=8.0)
    both, every, apart = 0, 0, 0.0
    for answers in items.values():
        for one, other in combinations((answer.points.tolist() for answer in answers), 2):
            every += len(one) + len(other)
            pairs, px = best_pairs(one, other, 8.0)
            both, apart = both + pairs, apart + px
    f1 = told.measures["f1_points"]
    assert f1.value == pytest.approx(2 * both / every)
    assert told.measures["distance_px"].value == pytest.approx(apart / both)
    assert f1.low is not None
    assert f1.high is not None
    assert f1.low < f1.value < f1.high
    assert (told.items, told.pairs) == (30, 90)


def best_pairs(one: list[list[float]], other: list[list[float]], radius_px: float) -> tuple[int, float]:
    """The most pairs within the radius, and of these the least distance, by trying all."""
    if not one:
        return 0, 0.0
    (first, *rest), best = one, best_pairs(one[1:], other, radius_px)
    for i, point in enumerate(other):
        px = float(np.hypot(first[0] - point[0], first[1] - point[1]))
        if px <= radius_px:
            pairs, apart = best_pairs(rest, other[:i] + other[i + 1 :], radius_px)
            best = min(best, (pairs + 1, apart + px), key=lambda pair: (-pair[0], pair[1]))
    return best


def test_K7_nobody_clicked_and_everybody_alike() -> None:
    alike = [crowd.PointAnswer(str(i), np.array([[3.0, 4.0], [20.0, 9.0]])) for i in range(2)]
    assert crowd.agreement_of_points({1: alike}).measures["f1_points"].value == 1
    assert crowd.agreement_of_points({1: alike[:1]}).pairs == 0
