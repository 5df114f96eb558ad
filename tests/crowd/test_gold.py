"""K5, K6: scores of gold answers and their error regions; who is found to be a spammer, and who is not."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core import crowd
from annotation.core.crowd import DrawnAnswer, Evidence, Kind
from annotation.core.crowd.gold import Fault
from annotation.core.crowd.reading import BadAnswer
from annotation.core.crowd.sizes import moved, too_large_px
from tests.crowd import crops
from tests.crowd.crops import mask_of_runs, runs_of_mask
from tests.crowd.workers import HABITS, Worker

SHAPE = (40, 60)


def box(y: int, x: int, high: int, wide: int) -> list[list[int]]:
    return [[row, x, x + wide] for row in range(y, y + high)]


def masks(*boxes: list[list[int]]) -> dict[str, list[list[list[int]]]]:
    return {"masks": list(boxes)}


LEFT, RIGHT, BOTH, FAR = box(5, 5, 12, 12), box(5, 17, 12, 12), box(5, 5, 12, 24), box(25, 40, 10, 10)
TRUTH = masks(LEFT, RIGHT)


def faults(value: dict[str, list[list[list[int]]]]) -> list[Fault]:
    return [region.fault for region in crowd.gold_score(Kind.OUTLINE, value, TRUTH).regions]


def picture(runs: tuple[tuple[int, int, int], ...]) -> NDArray[np.bool_]:
    return mask_of_runs(np.asarray(runs), SHAPE)


def test_K5_outlines_are_scored_by_panoptic_quality() -> None:
    assert crowd.gold_score(Kind.OUTLINE, TRUTH, TRUTH) == crowd.GoldScore(1.0, True, ())
    assert crowd.gold_score(Kind.OUTLINE, masks(), masks()).score == 1.0
    assert crowd.gold_score(Kind.OUTLINE, masks(), TRUTH).score == 0.0
    half = crowd.gold_score(Kind.OUTLINE, masks(LEFT), TRUTH)
    assert half.score == pytest.approx(1 / 1.5)
    narrow = crowd.gold_score(Kind.OUTLINE, masks(box(5, 5, 12, 9), RIGHT), TRUTH)
    assert narrow.score == pytest.approx((9 / 12 + 1) / 2)
    assert crowd.gold_score(Kind.OUTLINE, masks(LEFT, FAR), TRUTH, pass_mark=0.5).right
    assert not crowd.gold_score(Kind.OUTLINE, masks(LEFT, FAR), TRUTH, pass_mark=0.6).right


def test_K6_error_regions_say_what_is_wrong_and_where() -> None:
    assert faults(masks(LEFT)) == [Fault.MISSED]
    assert faults(masks(LEFT, RIGHT, FAR)) == [Fault.INVENTED]
    assert faults(masks(BOTH)) == [Fault.MERGED]
    assert faults(masks(box(5, 5, 6, 12), box(11, 5, 6, 12), RIGHT)) == [Fault.SPLIT]
    assert faults(masks(box(5, 5, 16, 12), RIGHT)) == [Fault.TOO_MUCH]
    assert faults(masks(box(9, 5, 8, 12), RIGHT)) == [Fault.TOO_LITTLE]
    assert faults(masks(box(6, 5, 11, 12), RIGHT)) == []
    (much,) = crowd.gold_score(Kind.OUTLINE, masks(box(5, 5, 16, 12), RIGHT), TRUTH).regions
    # two pixels beyond the edge are right still, so what is wrong begins in the third row
    assert np.array_equal(picture(much.runs), mask_of_runs(np.asarray(box(19, 5, 2, 12)), SHAPE))
    assert much.as_json()["fault"] == "TOO_MUCH"


def test_K5_a_wrong_outline_that_is_left_as_it_was_scores_nothing() -> None:
    start = masks(BOTH)
    assert crowd.gold_score(Kind.FIX, start, TRUTH, start=start).score == 0
    assert crowd.gold_score(Kind.FIX, TRUTH, TRUTH, start=start).score == 1
    good = masks(LEFT, box(5, 17, 12, 11))
    assert crowd.gold_score(Kind.FIX, good, TRUTH, start=good).score > 0.9


def test_K5_centres_and_choices() -> None:
    truth = {"points": [[10, 10], [30, 30]]}
    near = crowd.gold_score(Kind.CENTRES, {"points": [[12, 11], [31, 30]]}, truth)
    assert near == crowd.GoldScore(1.0, True, ())
    twice = crowd.gold_score(Kind.CENTRES, {"points": [[10, 10], [11, 10]]}, truth)
    assert twice.score == 0.5
    assert [(r.fault, r.point) for r in twice.regions] == [
        (Fault.MISSED, (30.0, 30.0)),
        (Fault.INVENTED, (11.0, 10.0)),
    ]
    assert crowd.gold_score(Kind.CENTRES, {"points": []}, {"points": []}).score == 1.0
    right, unsure, wrong = (
        crowd.gold_score(Kind.CELL, {"choice": said}, {"choice": "yes"}) for said in ("yes", "unsure", "no")
    )
    assert (right.score, right.right) == (1.0, True)
    assert 0 == wrong.score < unsure.score < 0.6
    assert [region.fault for region in wrong.regions] == [Fault.WRONG]


def test_K5_agreement_with_a_consensus_is_scored_alike() -> None:
    answers = [crowd.mask_answer(name, TRUTH) for name in "abc"]
    said = crowd.consensus_masks(answers)
    assert crowd.agreement_score(Kind.OUTLINE, TRUTH, said) > 0.95
    assert crowd.agreement_score(Kind.OUTLINE, masks(FAR), said) == 0
    fit = crowd.fit_choices(
        {0: [crowd.ChoiceAnswer("a", "yes"), crowd.ChoiceAnswer("b", "yes")]}, ("yes", "no")
    )
    choice = crowd.consensus_choice([crowd.ChoiceAnswer("a", "yes")], fit)
    assert crowd.agreement_score(Kind.CELL, {"choice": "yes"}, choice) == choice.chances["yes"]


# ---------------------------------------------------------------- answers as they come


def test_K1_answers_are_kept_in_order_and_refused_in_words() -> None:
    kept = crowd.read_answer(Kind.OUTLINE, {"masks": [[[3, 4, 9], [1, 2, 5], [1, 4, 8]]]}, height=9, width=9)
    assert kept == {"masks": [[[1, 2, 8], [3, 4, 9]]]}
    assert crowd.read_answer(Kind.CENTRES, {"points": [[1, 2.5]]}, height=9, width=9) == {
        "points": [[1.0, 2.5]]
    }
    assert crowd.read_answer(Kind.CLASS, {"choice": "7"}, height=9, width=9, choices=("7",)) == {
        "choice": "7"
    }
    for kind, value in (
        (Kind.OUTLINE, {"masks": [[[3, 4, 10]]]}),
        (Kind.OUTLINE, {"masks": [[[9, 4, 5]]]}),
        (Kind.OUTLINE, {"masks": [[[3, 5, 5]]]}),
        (Kind.OUTLINE, {"masks": [[]]}),
        (Kind.OUTLINE, {"masks": [[[3, 4.5, 6]]]}),
        (Kind.OUTLINE, {"masks": [[[True, 4, 6]]]}),
        (Kind.OUTLINE, {"masks": [[[1, 2, 3]]] * 201}),
        (Kind.OUTLINE, {}),
        (Kind.OUTLINE, []),
        (Kind.CENTRES, {"points": [[1, float("nan")]]}),
        (Kind.CENTRES, {"points": [[1, 10]]}),
        (Kind.CENTRES, {"points": [[10**400, 1]]}),
        (Kind.CELL, {"choice": "7"}),
        (Kind.CELL, {"choice": ["yes"]}),
        (Kind.CLASS, {"choice": "8"}),
    ):
        with pytest.raises(BadAnswer):
            crowd.read_answer(kind, value, height=9, width=9, choices=("7",))


def test_K1_joined_runs_are_those_of_the_picture() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        y, x = random.integers(0, 9, 12), random.integers(0, 8, 12)
        runs = np.stack((y, x, x + random.integers(1, 2, 12)), axis=1)
        kept = crowd.read_answer(Kind.OUTLINE, {"masks": [runs.tolist()]}, height=9, width=9)
        whole = runs_of_mask(mask_of_runs(runs, (9, 9)))
        assert kept["masks"][0] == whole.tolist()


# ---------------------------------------------------------------- spammers


def found_after(kind: Kind, evidence: list[Evidence]) -> int | None:
    verdict = crowd.is_spammer(kind, evidence)
    return verdict.answers if verdict.spammer else None


def judged(worker: Worker, items: list[crops.Crop], random: np.random.Generator) -> list[Evidence]:
    """One answer in five to gold, the others held against a consensus that is three quarters sure."""
    found = []
    for i, crop in enumerate(items):
        value = {"masks": [m.tolist() for m in worker.outline(crop, random).masks]}
        score = crowd.gold_score(Kind.OUTLINE, value, {"masks": [m.tolist() for m in crop.truth]}).score
        found.append(Evidence(score, 1.0 if i % 5 == 0 else 0.75))
    return found


def test_K5_spammers_are_found_within_20_items_and_honest_workers_are_not() -> None:
    items = crops.simulated(seed=11, count=60)
    random = np.random.default_rng(2)
    for kind in ("random", "empty", "constant"):
        at = found_after(Kind.OUTLINE, judged(Worker(kind, kind, True), items[:20], random))
        assert at is not None, kind
    for kind in ("honest", "large"):
        worker = Worker(kind, kind, False, HABITS[kind])
        assert found_after(Kind.OUTLINE, judged(worker, items, random)) is None


def test_K5_who_always_says_yes_is_found_by_that() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        truth = ["yes", "no"] * 10
        random.shuffle(truth)
        always = [Evidence(float(t == "yes"), said="yes", true=t) for t in truth]
        verdict = crowd.is_spammer(Kind.CELL, always)
        assert verdict.spammer
        assert verdict.answers <= 20
    assert "yes" in verdict.reason


def test_K5_of_honest_workers_no_more_than_the_bound_are_ever_excluded() -> None:
    """The worst worker that counts as honest, 200 items each, for yes and no and for outlines."""
    random = np.random.default_rng(3)
    wrong = {Kind.CELL: 0, Kind.OUTLINE: 0}
    workers = 400
    for _ in range(workers):
        truth = random.choice(("yes", "no"), 200)
        right = random.random(200) < 0.85
        said = np.where(right, truth, np.where(truth == "yes", "no", "yes"))
        seen = [Evidence(float(r), 1.0, str(s), str(t)) for r, s, t in zip(right, said, truth, strict=True)]
        wrong[Kind.CELL] += crowd.is_spammer(Kind.CELL, seen, false_exclusions=0.05).spammer
        scores = random.beta(0.55, 0.45, 200)  # mean 0.55, the least, and as uneven as can be
        drawn = [Evidence(float(score)) for score in scores]
        wrong[Kind.OUTLINE] += crowd.is_spammer(Kind.OUTLINE, drawn, false_exclusions=0.05).spammer
    assert all(count <= 0.05 * workers + 3 * np.sqrt(0.05 * workers) for count in wrong.values())
    assert sum(wrong.values()) > 0  # or the bound would not be worth its name


def test_K5_nothing_is_held_against_anybody_without_evidence() -> None:
    assert crowd.is_spammer(Kind.OUTLINE, []) == crowd.Verdict(False, 1.0, "", 0)
    doubtful = [Evidence(0.0, 0.05)] * 20
    assert not crowd.is_spammer(Kind.OUTLINE, doubtful).spammer


def test_K4_reliability_rises_with_gold_and_widens_without() -> None:
    new = crowd.reliability([])
    some = crowd.reliability([0.9] * 20)
    agreed = crowd.reliability([], [0.9] * 20)
    bad = crowd.reliability([0.05] * 20, [0.1] * 20)
    assert bad.high < 0.4 < new.value < some.value
    assert some.high - some.low < agreed.high - agreed.low < new.high - new.low
    assert (some.gold, agreed.agreement) == (20, 20)


# ---------------------------------------------------------------- gold that tells, sizes


def guessing(random: np.random.Generator, items: int, clear: float | None = None) -> list[Evidence]:
    """Yes or no at random, all of it held against gold."""
    true, said = random.choice(("yes", "no"), (2, items))
    told = None if clear is None else crowd.expected(clear)
    return [Evidence(float(s == t), 1.0, str(s), str(t), told) for s, t in zip(said, true, strict=True)]


def test_K5_who_guesses_is_found_sooner_by_gold_that_is_clear() -> None:
    random = np.random.default_rng(4)
    found = {clear: [found_after(Kind.CELL, guessing(random, 20, clear)) for _ in range(200)]
             for clear in (None, 0.98, 0.7)}  # fmt: skip
    share = {clear: np.mean([n is not None for n in some]) for clear, some in found.items()}
    assert share[0.7] < share[None] < share[0.98]
    assert share[0.98] > 0.95


def test_K5_how_clear_gold_is_shows_through_a_third_of_spammers() -> None:
    random = np.random.default_rng(6)
    rate = {f"{i}": 0.6 + 0.38 * (i % 2) for i in range(20)}
    told = {}
    for worker in range(120):
        honest = worker % 3 > 0
        told[f"w{worker}"] = [
            (item, bool(random.random() < (right if honest else 0.5))) for item, right in rate.items()
        ]
    found = crowd.clarity(told)
    assert all(abs(found[item] - right) < 0.12 for item, right in rate.items())
    assert min(v for item, v in found.items() if rate[item] > 0.9) > crowd.CLEAR
    assert crowd.clarity({"w": [("1", True)]}) == {}


def test_K5_a_new_worker_meets_more_gold_until_trusted() -> None:
    def share(met: int, score: float | None, kind: Kind = Kind.CELL) -> float:
        return crowd.share_now(kind, 0.1, gold_answered=met, gold_score=score)

    assert share(0, None) == share(8, 0.5) > 0.5
    assert share(8, 1.0) == share(16, 0.5) == 0.1
    assert share(0, None, Kind.OUTLINE) > share(3, 0.2, Kind.OUTLINE) == 0.1
    assert crowd.share_now(Kind.CELL, 0.0, gold_answered=0, gold_score=None) == 0


def test_K5_who_always_draws_too_large_is_no_spammer_and_a_spammer_is_one_at_any_size() -> None:
    items = crops.simulated(seed=12, count=20)
    random = np.random.default_rng(5)
    verdicts = {}
    for kind in ("large", "random", "constant"):
        worker = Worker(kind, kind, False, replace(HABITS.get(kind, HABITS["honest"]), reach=4.0))
        seen = []
        for crop in items:
            value, true = ({"masks": [m.tolist() for m in masks]} for masks in (
                worker.outline(crop, random).masks, crop.truth))  # fmt: skip
            seen.append(DrawnAnswer(value, true, *crop.shape))
        verdicts[kind] = crowd.is_spammer_of_any_size(Kind.OUTLINE, seen).spammer
        if kind == "large":
            assert too_large_px([(one.value, one.true) for one in seen]) > 2
    assert verdicts == {"large": False, "random": True, "constant": True}


def test_an_outline_moved_in_and_out_again_and_one_that_is_gone() -> None:
    disc = {"masks": [[[y, 10, 21] for y in range(10, 21)]]}
    smaller = moved(disc, 2.0, height=40, width=40)
    assert sum(x1 - x0 for _, x0, x1 in smaller["masks"][0]) == 49
    assert moved(disc, 0.0, height=40, width=40) == disc
    larger = moved(disc, -2.0, height=22, width=40)["masks"][0]
    assert min(y for y, _, _ in larger) == 8
    assert max(y for y, _, _ in larger) == 21
    assert moved(disc, 9.0, height=40, width=40) == {"masks": []}
