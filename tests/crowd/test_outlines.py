"""K4: what outlines say together. Small pictures typed here, and slow twins beside what is fast."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core import crowd
from annotation.core.crowd import edges, existence, grouping, outlined, pixels
from annotation.core.crowd.existence import Places
from annotation.core.crowd.grouping import Knot
from annotation.core.crowd.values import Consensus, OutlineSkill, Skills
from tests.crowd.crops import mask_of_runs, runs_of_mask

SHAPE = (20, 30)


def box(y: int, x: int, high: int, wide: int) -> NDArray[np.int64]:
    mask = np.zeros(SHAPE, bool)
    mask[y : y + high, x : x + wide] = True
    return runs_of_mask(mask)


LEFT, RIGHT, BOTH = box(5, 5, 8, 7), box(5, 12, 8, 7), box(5, 5, 8, 14)
DIRT = box(15, 24, 4, 4)


def said(**masks: list[NDArray[np.int64]]) -> list[crowd.MaskAnswer]:
    return [crowd.MaskAnswer(worker, tuple(drawn)) for worker, drawn in masks.items()]


def boxes(found: Consensus) -> set[tuple[tuple[int, int, int], ...]]:
    return {tuple(map(tuple, runs.tolist())) for runs in found.masks}


def same(*masks: NDArray[np.int64]) -> set[tuple[tuple[int, int, int], ...]]:
    return {tuple(map(tuple, runs.tolist())) for runs in masks}


def test_K4_a_cell_that_two_of_three_merged_into_its_neighbour_is_two_or_one_as_most_say() -> None:
    two = crowd.consensus_masks(said(a=[LEFT, RIGHT], b=[LEFT, RIGHT], c=[BOTH]))
    one = crowd.consensus_masks(said(a=[LEFT, RIGHT], b=[BOTH], c=[BOTH]))
    assert boxes(two) == same(LEFT, RIGHT)
    assert boxes(one) == same(BOTH)
    assert {o.drawn_by for o in two.refused} == {("c",)}


def test_K4_a_worker_who_is_known_to_merge_does_not_outvote_one_who_is_known_not_to() -> None:
    merger = OutlineSkill(finds_touching=0.2, invents_touching=0.6, answers=50)
    careful = OutlineSkill(finds_touching=0.95, invents_touching=0.05, answers=50)
    skills = Skills(OutlineSkill(), {"a": careful, "b": merger, "c": merger})
    found = crowd.consensus_masks(said(a=[LEFT, RIGHT], b=[BOTH], c=[BOTH]), skills)
    assert boxes(found) == same(LEFT, RIGHT)


def test_K4_a_split_cell_is_whole_where_most_drew_it_whole() -> None:
    found = crowd.consensus_masks(said(a=[BOTH], b=[BOTH], c=[LEFT, RIGHT]))
    assert boxes(found) == same(BOTH)


def test_K4_a_missed_cell_is_found_and_an_invented_one_refused() -> None:
    found = crowd.consensus_masks(said(a=[LEFT, RIGHT], b=[LEFT, RIGHT], c=[LEFT, DIRT]))
    assert boxes(found) == same(LEFT, RIGHT)
    dirt = next(one for one in found.refused if one.drawn_by == ("c",))
    assert dirt.exists < 0.4 < dirt.certainty


def test_K4_a_shifted_outline_makes_no_second_cell() -> None:
    found = crowd.consensus_masks(said(a=[LEFT], b=[LEFT], c=[LEFT], d=[box(9, 8, 8, 7)]))
    assert boxes(found) == same(LEFT)


def test_K4_nobody_saw_a_cell() -> None:
    found = crowd.consensus_masks(said(a=[], b=[], c=[]))
    assert found.masks == ()
    assert found.certainty > 0.9
    assert crowd.consensus_masks([]).answers == 0


def test_K4_the_outline_of_workers_who_draw_too_large_and_too_small_lies_between() -> None:
    large, small = box(3, 3, 12, 11), box(7, 7, 4, 3)
    found = crowd.consensus_masks(said(a=[LEFT], b=[large], c=[small], d=[LEFT]))
    area = [int((runs[:, 2] - runs[:, 1]).sum()) for runs in found.masks]
    assert len(area) == 1
    assert abs(area[0] - 56) <= 8


def test_K4_two_cells_never_share_a_pixel_that_not_all_give_to_both() -> None:
    wide = box(5, 5, 8, 9)
    found = crowd.consensus_masks(said(a=[wide, RIGHT], b=[LEFT, RIGHT], c=[LEFT, RIGHT]))
    pictures = [mask_of_runs(runs, SHAPE) for runs in found.masks]
    assert len(pictures) == 2
    assert not (pictures[0] & pictures[1]).any()


def test_K4_cells_that_all_let_overlap_still_do() -> None:
    over = box(5, 10, 8, 9)
    found = crowd.consensus_masks(said(a=[LEFT, over], b=[LEFT, over]))
    assert boxes(found) == same(LEFT, over)


@pytest.mark.parametrize("count", [9, 30, 70])
def test_K4_any_number_of_answers_can_be_weighed(count: int) -> None:
    every = said(**{f"w{i}": [LEFT if i % 3 else box(5, 5, 8, 6), RIGHT] for i in range(count)})
    assert boxes(crowd.consensus_masks(every)) == same(LEFT, RIGHT)
    item = outlined.prepared(every)
    covered, took_in, which = item.masks.kinds(item.groups[0])
    for k, mask in enumerate(item.groups[0]):
        pixels_of_it = np.sort(item.masks.pixel[item.masks.mask == mask])
        assert np.array_equal(covered[took_in[which, k]], pixels_of_it)


def test_K4_the_same_cell_drawn_twice_by_one_worker_counts_once() -> None:
    found = crowd.consensus_masks(said(a=[LEFT, LEFT], b=[LEFT], c=[LEFT]))
    assert boxes(found) == same(LEFT)
    assert found.objects[0].drawn_by == ("a", "b", "c")


# ---------------------------------------------------------------- twins


def test_K4_pixels_of_masks_are_those_of_pictures() -> None:
    random = np.random.default_rng(3)
    pictures = random.random((6, *SHAPE)) < 0.3
    masks = pixels.drawn([runs_of_mask(picture) for picture in pictures])
    flat = pictures.reshape(6, -1).astype(int)
    assert np.array_equal(masks.shared(), flat @ flat.T)
    votes = np.zeros(SHAPE, int)
    votes[masks.row, masks.column] = masks.votes([1, 4, 5])
    assert np.array_equal(votes, pictures[1] + 2 * pictures[4] + 4 * pictures[5])
    twice = pixels.drawn([np.concatenate([LEFT, LEFT[:3]])])
    assert twice.area_px.tolist() == [56]


def test_K4_many_masks_give_the_same_table_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    masks = pixels.drawn([LEFT, RIGHT, BOTH])
    at_once = masks.shared()
    monkeypatch.setattr(pixels, "AT_ONCE", 0)
    assert np.array_equal(masks.shared(), at_once)
    assert at_once.diagonal().tolist() == [56, 56, 112]


def naive_chance(item: Places, rates: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
    """Every combination of cells that can be, with every cell clear or faint, weighed one by one."""
    count = len(item.drew)
    total, each = 0.0, np.zeros(count)
    banned = [set(knot.groups.tolist()) for knot in item.knots]
    for there in product((False, True), repeat=count):
        chosen = {i for i in range(count) if there[i]}
        allowed = all(
            any(set(knot.groups[row].tolist()) == chosen & group for row in knot.sets)
            for knot, group in zip(item.knots, banned, strict=True)
        )
        if not allowed:
            continue
        weight = 1.0
        for i in range(count):
            c = 2 * int(item.touching[i])
            if there[i]:
                share = ((1 - existence.FAINT, 1.0), (existence.FAINT, existence.FAINT_FOUND))
                weight *= prior * sum(s * _pattern(item.drew[i], f * rates[:, c]) for s, f in share)
            else:
                weight *= (1 - prior) * _pattern(item.drew[i], rates[:, c + 1])
        total += weight
        each += weight * np.asarray(there)
    return each / total


def _pattern(drew: NDArray[np.bool_], rate: NDArray[np.float64]) -> float:
    return float(np.prod(np.where(drew, rate, 1 - rate)))


def test_K4_chances_of_places_are_those_of_weighing_every_combination() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        drew = random.random((5, 4)) < 0.5
        against = np.zeros((5, 5), bool)
        against[0, 1:3] = against[1:3, 0] = True
        knots, given_up = grouping.knots(against, drew.sum(axis=1))
        item = Places(("a", "b", "c", "d"), drew, random.random(5) < 0.5, knots, given_up.tolist())
        rates = random.uniform(0.05, 0.95, (4, 4))
        table = existence.tabled([item], {name: i for i, name in enumerate(item.workers)})
        assert existence.chances(table, rates, 0.6) == pytest.approx(naive_chance(item, rates, 0.6))


def test_K4_chances_of_pixels_are_those_of_bayes_rule_pixel_by_pixel() -> None:
    answers = said(a=[LEFT], b=[box(4, 5, 8, 8)], c=[box(6, 4, 8, 7)])
    item = outlined.prepared(answers)
    keeps, spares = np.asarray((0.8, 0.7, 0.6)), np.asarray((0.9, 0.6, 0.75))
    band = outlined.bands(item)[0]
    votes = edges.tabled([band], [0], {"a": 0, "b": 1, "c": 2})
    found = edges.chances(votes, np.stack((keeps, spares), axis=1))
    for took_in, chance in zip(band.took_in, found, strict=True):
        inside = np.prod(np.where(took_in, keeps, 1 - keeps))
        outside = np.prod(np.where(took_in, 1 - spares, spares))
        assert chance == pytest.approx(inside / (inside + outside))


def test_K4_a_knot_too_large_to_weigh_loses_its_weakest_groups() -> None:
    count = grouping.KNOT_MOST + 3
    against = np.zeros((count, count), bool)
    for i in range(count - 1):
        against[i, i + 1] = against[i + 1, i] = True
    kept, given_up = grouping.knots(against, np.arange(count))
    assert all(knot.groups.size <= grouping.KNOT_MOST for knot in kept)
    assert given_up.size >= 1
    for knot in kept:
        here = against[np.ix_(knot.groups, knot.groups)]
        assert not any((here & row[:, None] & row[None, :]).any() for row in knot.sets)


def test_K4_knot_holds_every_combination_that_can_be() -> None:
    knots, _ = grouping.knots(~np.eye(3, dtype=bool), np.ones(3, np.int64))
    assert isinstance(knots[0], Knot)
    assert sorted(map(tuple, knots[0].sets.astype(int).tolist())) == [
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]


# ---------------------------------------------------------------- learning


def campaign(
    items: int, seed: int
) -> tuple[dict[int, list[crowd.MaskAnswer]], dict[int, list[NDArray[np.int64]]]]:
    """Two cells an item; `large` draws 2 px too far, `blind` finds half, `liar` draws dirt."""
    random = np.random.default_rng(seed)
    answers: dict[int, list[crowd.MaskAnswer]] = {}
    truths = {}
    for item in range(items):
        y, x = (int(v) for v in random.integers(3, 6, 2))
        cells = [box(y, x, 7, 7), box(y + 1, x + 13, 7, 7)]
        wide = [box(y - 2, x - 2, 11, 11), box(y - 1, x + 11, 11, 11)]
        some = [cell for cell in cells if random.random() < 0.5]
        dirt = [box(int(random.integers(0, 14)), int(random.integers(0, 24)), 4, 4)]
        answers[item] = said(good=cells, fine=cells, large=wide, blind=some, liar=dirt)
        truths[item] = cells
    return answers, truths


def test_K4_what_is_learnt_of_workers_is_what_they_do() -> None:
    answers, truths = campaign(40, 1)
    skills = crowd.fit_outlines(answers, {item: truths[item] for item in range(5)})
    assert skills.of("good").finds > 0.9 > 0.7 > skills.of("blind").finds > 0.35
    assert skills.of("liar").finds < 0.3
    assert skills.of("liar").invents > 0.5 > skills.of("good").invents
    assert skills.of("large").spares < 0.3 < skills.of("good").spares
    assert skills.of("good").answers == 40
    assert skills.of("nobody") == skills.typical


def test_K4_with_gold_all_who_draw_too_large_are_seen_through() -> None:
    answers, truths = campaign(30, 2)
    only = {i: [a for a in row if a.worker in ("good", "large")] for i, row in answers.items()}
    three = {i: [*row, crowd.MaskAnswer("large2", row[1].masks)] for i, row in only.items()}
    gold = {i: truths[i] for i in range(10)}
    off_px = []
    for skills in (crowd.fit_outlines(three), crowd.fit_outlines(three, gold)):
        found = crowd.consensus_masks(three[20], skills)
        off_px.append([int((runs[:, 2] - runs[:, 1]).sum()) - 49 for runs in found.masks])
    assert min(off_px[0]) > 20
    assert off_px[1] == pytest.approx([0, 0], abs=15)


def test_K4_skills_are_kept_as_json_and_the_next_fit_starts_from_them() -> None:
    answers, _ = campaign(20, 3)
    skills = crowd.fit_outlines(answers)
    kept = Skills.of_json(OutlineSkill, skills.as_json())
    assert kept == skills
    again = crowd.fit_outlines(answers, before=kept)
    assert again.of("good").finds == pytest.approx(skills.of("good").finds, abs=0.05)
    assert Skills.of_json(OutlineSkill, {}) == Skills(OutlineSkill())


# ---------------------------------------------------------------- stopping


def test_K3_an_item_is_sure_when_answers_agree_and_goes_on_where_they_do_not() -> None:
    skills = Skills(OutlineSkill(), overlap=0.9)
    rule = crowd.Stopping()
    agreed = crowd.consensus_masks(said(a=[LEFT], b=[LEFT], c=[LEFT]), skills)
    torn = crowd.consensus_masks(said(a=[LEFT, RIGHT], b=[BOTH], c=[LEFT]), skills)
    assert crowd.sure(agreed, rule)
    assert not crowd.sure(torn, rule)
    assert torn.gain > 2 * agreed.gain
    assert not crowd.sure(crowd.consensus_masks(said(a=[LEFT]), skills), rule)
    assert crowd.sure(torn, crowd.Stopping(most=3))
