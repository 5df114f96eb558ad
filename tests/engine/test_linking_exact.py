"""Rows L6: what decides which links and divisions are taken, beside a twin that tries everything."""

import itertools

import numpy as np
import pytest

from tests.engine.linking_movies import walk
from training.engine.linking import (
    augmenting,
    bounds,
    calibrating,
    chances,
    deciding,
    division,
    matching,
    programme,
    trying,
)
from training.engine.linking.base import Options
from training.engine.linking.ways import Splits, Ways


def problem(seed: int, *, divisions: bool = True) -> tuple[Ways, Splits]:
    """A small problem with links and divisions at random, ties and useless ones among them."""
    chance = np.random.default_rng(seed)
    early, late = chance.integers(1, 6, 2)
    pairs = chance.permutation(early * late)[: chance.integers(0, 11)]
    energy = np.round(chance.normal(-2, 3, len(pairs)), 1)
    ways = Ways((pairs // late).astype(np.int64), (pairs % late).astype(np.int64), energy)
    if late < 2 or not divisions:
        return ways, Splits.none()
    count = int(chance.integers(0, 7))
    children = np.array([chance.permutation(late)[:2] for _ in range(count)], np.int64).reshape(-1, 2)
    mothers = chance.integers(0, early, count).astype(np.int64)
    splits = Splits(mothers, children[:, 0], children[:, 1], np.round(chance.normal(-5, 4, count), 1))
    return ways, splits.where(splits.energy < 0)


def all_sets(ways: Ways, splits: Splits) -> list[tuple[float, tuple[int, ...]]]:
    """(energy, chosen) of every set of links, then divisions, in which no detection is used twice."""
    options = [
        ({("e", s)}, {("l", t)}, e) for s, t, e in zip(ways.source, ways.target, ways.energy, strict=True)
    ]
    options += [
        ({("e", m)}, {("l", a), ("l", b)}, e)
        for m, a, b, e in zip(splits.mother, splits.one, splits.other, splits.energy, strict=True)
    ]
    found: list[tuple[float, tuple[int, ...]]] = []

    def go(place: int, used: frozenset[tuple[str, int]], energy: float, taken: tuple[int, ...]) -> None:
        if place == len(options):
            found.append((energy, taken))
            return
        go(place + 1, used, energy, taken)
        ends = options[place][0] | options[place][1]
        if not used & ends:
            go(place + 1, used | ends, energy + options[place][2], (*taken, place))

    go(0, frozenset(), 0.0, ())
    return found


@pytest.mark.parametrize("start", range(0, 120, 30))
def test_L6_links_and_divisions_have_the_least_energy_that_any_set_has(start: int) -> None:
    for seed in range(start, start + 30):
        ways, splits = problem(seed)
        chosen = deciding.decide(ways, splits)
        value = ways.energy[chosen.links].sum() + splits.energy[chosen.splits].sum()
        best = min(energy for energy, _ in all_sets(ways, splits))
        assert value == pytest.approx(best, abs=1e-9), seed
        used = [*ways.source[chosen.links], *splits.mother[chosen.splits]]
        assert len(used) == len(set(used))


def test_L6_links_that_are_certain_are_in_a_best_matching() -> None:
    for seed in range(60):
        ways, _ = problem(seed, divisions=False)
        won, left = matching.certain(ways.source, ways.target, ways.energy)
        rest = [energy for energy, taken in all_sets(ways.where(left), Splits.none())]
        best = min(energy for energy, _ in all_sets(ways, Splits.none()))
        assert ways.energy[won].sum() + min(rest) == pytest.approx(best, abs=1e-9), seed


def test_L6_a_component_with_many_divisions_is_decided_exactly_too() -> None:
    chance = np.random.default_rng(5)
    for _ in range(5):
        mothers = np.arange(6).repeat(2)
        one = chance.integers(0, 7, 12)
        other = one + 1
        splits = Splits(mothers, one, other, -chance.uniform(1, 9, 12))
        ways = Ways(np.arange(6), np.arange(6), -chance.uniform(1, 5, 6))
        assert len(splits) > trying.MOST_SPLITS
        chosen = deciding.decide(ways, splits)
        value = ways.energy[chosen.links].sum() + splits.energy[chosen.splits].sum()
        assert value == pytest.approx(min(energy for energy, _ in all_sets(ways, splits)))


def test_L6_chances_of_links_are_those_of_counting_every_matching() -> None:
    """Where the graph has no circle they are exact, else close but for a few short circles."""
    path = Ways(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 2]), np.array([-1.0, -2, -1.5, 0.5, -3]))
    assert chances.of_links(path, 30) == pytest.approx(counted(path), abs=1e-6)
    some = [problem(seed, divisions=False)[0] for seed in range(40)]
    off = np.concatenate([np.abs(chances.of_links(ways) - counted(ways)) for ways in some if len(ways)])
    assert off.mean() < 0.02
    assert np.quantile(off, 0.95) < 0.1


def counted(ways: Ways) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    sets = all_sets(ways, Splits.none())
    weight = np.array([np.exp(-energy) for energy, _ in sets])
    has = np.array([[i in taken for i in range(len(ways))] for _, taken in sets])
    return np.asarray(weight @ has / weight.sum())


def test_L6_no_ways_and_no_divisions_are_no_problem() -> None:
    chosen = deciding.decide(Ways.none(), Splits.none())
    assert len(chosen.links) == len(chosen.splits) == 0
    only = Splits(np.array([0]), np.array([0]), np.array([1]), np.array([-3.0]))
    chosen = deciding.decide(Ways.none(), only)
    assert chosen.splits.tolist() == [0]
    assert chosen.split_chance[0] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)


def test_L6_the_chance_of_a_division_falls_with_what_else_explains_its_daughters() -> None:
    def chance(other: float) -> float:
        split = Splits(np.array([0]), np.array([0]), np.array([1]), np.array([-8.0]))
        ways = Ways(np.array([0, 1]), np.array([0, 1]), np.array([-2.0, other]))
        chosen = deciding.decide(ways, split)
        return float(chosen.split_chance[0]) if len(chosen.splits) else 0.0

    told = [chance(other) for other in (-0.1, -2.0, -4.0, -9.0)]
    assert told == sorted(told, reverse=True)
    assert told[0] > 0.95
    assert told[-1] == 0.0


def test_L6_stars_and_blocks_of_components_are_put_together_rightly() -> None:
    """Many components of every kind at once, against the same ones alone."""
    parts = [problem(seed, divisions=False)[0] for seed in range(200, 260)]
    joined = Ways.joined([Ways(p.source + 10 * i, p.target + 10 * i, p.energy) for i, p in enumerate(parts)])
    whole = joined.energy[matching.match(joined.source, joined.target, joined.energy)].sum()
    alone = sum(p.energy[matching.match(p.source, p.target, p.energy)].sum() for p in parts)
    best = sum(min(e for e, _ in all_sets(p, Splits.none())) for p in itertools.islice(parts, 60))
    assert whole == pytest.approx(alone)
    assert whole == pytest.approx(best)


def crowded(
    seed: int, *, cells: int = 60, room: float = 100.0, divisions: float = 3.0
) -> tuple[Ways, Splits]:
    """Cells so close that links and divisions make large components."""
    chance = np.random.default_rng(seed)
    before, after = chance.random((cells, 2)) * room, chance.random((cells, 2)) * room
    far = np.linalg.norm(before[:, None] - after[None], axis=2)
    source, target = np.nonzero(far < 22)
    ways = Ways(source, target, far[source, target] / 4 - 4 + chance.normal(0, 0.3, len(source)))
    mother = chance.integers(0, cells, 3 * cells)
    near = np.argsort(far[mother], 1)
    pick = np.array([chance.permutation(5)[:2] for _ in mother])
    one, other = (near[np.arange(len(mother)), pick[:, i]] for i in (0, 1))
    splits = Splits(mother, one, other, chance.normal(-4, 3, len(mother)))
    return ways, splits.where(splits.energy < 0)


@pytest.mark.parametrize("seed", range(12))
def test_L6_large_components_are_decided_as_an_integer_programme_decides_them(seed: int) -> None:
    ways, splits = crowded(seed, cells=20 + 12 * seed)
    best = least(ways.where(ways.energy < 0), splits)
    chosen = deciding.decide(ways, splits)
    assert ways.energy[chosen.links].sum() + splits.energy[chosen.splits].sum() == pytest.approx(best)
    late = [*ways.target[chosen.links], *splits.one[chosen.splits], *splits.other[chosen.splits]]
    assert len(late) == len(set(late))


def test_L6_prices_prove_that_a_matching_is_best() -> None:
    """No link outbids the prices of its ends, and in all they are worth what the matching is."""
    for seed in range(20):
        ways, _ = crowded(seed)
        ways = ways.where(ways.energy < 0)
        won = matching.match(ways.source, ways.target, ways.energy)
        early, late = augmenting.prices(ways.source, ways.target, -ways.energy, won)
        assert (early[ways.source] + late[ways.target] + ways.energy).min() > -1e-9
        assert min(early.min(), late.min()) > -1e-9
        assert early.sum() + late.sum() == pytest.approx(-ways.energy[won].sum())


def test_L6_small_components_side_by_side_and_the_solver_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(20):
        ways, _ = crowded(seed)
        side_by_side = matching.match(ways.source, ways.target, ways.energy)
        monkeypatch.setattr(matching, "MOST_WAITING", -1)
        solved = matching.match(ways.source, ways.target, ways.energy)
        monkeypatch.undo()
        assert ways.energy[side_by_side].sum() == pytest.approx(ways.energy[solved].sum())


def test_L6_what_prices_leave_open_is_little_and_has_the_best_set() -> None:
    found = walk(400, 6, step=6.0).found
    weights = calibrating.weigh(found, Options())
    ways, square = weights.ways(0, found.frames - 1)
    useful, splits = deciding.numbered(
        ways.where(ways.energy < 0), division.splits(weights, ways, square, bias=3.0)
    )
    search = bounds.Search(useful, splits, matching.match(useful.source, useful.target, useful.energy))
    search.run()
    assert len(splits) > 40
    assert search.open_splits.mean() < 0.3
    some = useful.where(search.open_links | search.best_links)
    few = splits.where(search.open_splits | search.best_splits)
    assert least(some, few) == pytest.approx(least(useful, splits))


def least(ways: Ways, splits: Splits) -> float:
    links, divided = programme.decide(ways, splits)
    return float(ways.energy[links].sum() + splits.energy[divided].sum())
