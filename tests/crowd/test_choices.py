"""Choices (Dawid and Skene) and centres: against a plain twin, with gold, with little data."""

import numpy as np
import pytest

from annotation.core import crowd
from annotation.core.crowd import ChoiceAnswer, PointAnswer
from annotation.core.crowd.values import PointSkill, Skills
from tests.crowd.workers import crowd as workers_of

CLASSES = ("red", "green", "blue")
Items = dict[int, list[ChoiceAnswer]]


def choices(
    seed: int, items: int = 200, redundancy: int = 5, classes: tuple[str, ...] = CLASSES, bad: float = 0.3
) -> tuple[Items, dict[int, str]]:
    random = np.random.default_rng(seed)
    workers = workers_of(seed=seed, workers=20, bad=bad, kinds=("random", "constant", "large"))
    truths = {i: str(random.choice(classes)) for i in range(items)}
    answers = {}
    for item, true in truths.items():
        some = random.permutation(len(workers))[:redundancy].tolist()
        answers[item] = [workers[i].choose(true, classes, random.random(), random) for i in some]
    return answers, truths


def majority(answers: list[ChoiceAnswer]) -> str:
    said = [a.choice for a in answers if a.choice in CLASSES]
    return max(CLASSES, key=said.count)


def right(said: dict[int, str], truths: dict[int, str]) -> float:
    return sum(said[i] == truths[i] for i in truths) / len(truths)


def test_K4_choices_are_right_more_often_than_by_majority() -> None:
    ours, theirs = [], []
    for seed in range(4):
        answers, truths = choices(seed)
        found, _ = crowd.consensus_choices(answers, CLASSES)
        ours.append(right({i: one.choice for i, one in found.items()}, truths))
        theirs.append(right({i: majority(a) for i, a in answers.items()}, truths))
    assert np.mean(ours) > np.mean(theirs) + 0.02
    assert min(ours) > 0.93


def naive_chances(answers: list[ChoiceAnswer], fit: crowd.ChoiceFit) -> dict[str, float]:
    """Bayes' rule, number by number."""
    weight = {}
    for row, name in enumerate(fit.classes):
        weight[name] = float(fit.shares[row])
        for a in answers:
            column = len(fit.classes) if a.choice == crowd.UNSURE else fit.classes.index(a.choice)
            weight[name] *= float(fit.of(a.worker)[row, column])
    return {name: w / sum(weight.values()) for name, w in weight.items()}


def test_K4_one_item_alone_says_what_bayes_rule_says() -> None:
    answers, _ = choices(1, items=60)
    found, fit = crowd.consensus_choices(answers, CLASSES)
    for key in range(20):
        alone = crowd.consensus_choice(answers[key], fit)
        assert dict(alone.chances) == pytest.approx(naive_chances(answers[key], fit))
        assert dict(found[key].chances) == pytest.approx(dict(alone.chances), abs=0.02)
    new = crowd.consensus_choice([ChoiceAnswer("new", "red")], fit)
    assert new.choice == "red"


def test_K4_gold_is_clamped_and_teaches_who_says_the_opposite() -> None:
    names = ("yes", "no")
    other = {"yes": "no", "no": "yes"}
    truth = {i: names[i % 2] for i in range(30)}
    answers = {
        i: [ChoiceAnswer("liar", other[t]), ChoiceAnswer("liar2", other[t]), ChoiceAnswer("honest", t)]
        for i, t in truth.items()
    }
    without, _ = crowd.consensus_choices(answers, names)
    gold = {i: truth[i] for i in range(12)}
    found, fit = crowd.consensus_choices(answers, names, gold)
    assert without[20].choice == other[truth[20]]
    assert all(found[i].choice == truth[i] for i in truth)
    assert found[0].certainty == 1.0
    assert fit.of("liar")[0, 1] > 0.7


def test_K4_unsure_is_no_class_and_an_item_of_nothing_else_stays_open() -> None:
    answers, _ = choices(2)
    answers[999] = [ChoiceAnswer("a", "unsure"), ChoiceAnswer("b", "unsure")]
    found, fit = crowd.consensus_choices(answers, CLASSES)
    assert found[999].choice in CLASSES
    assert found[999].certainty < 0.6
    assert crowd.ambiguity(found[999]) > 0.8 > crowd.ambiguity(found[0])
    assert fit.typical.shape == (3, 4)


def test_K4_little_data_does_not_condemn_anybody() -> None:
    answers = {0: [ChoiceAnswer("a", "red"), ChoiceAnswer("b", "red"), ChoiceAnswer("c", "blue")]}
    found, fit = crowd.consensus_choices(answers, CLASSES)
    assert found[0].choice == "red"
    assert fit.of("c")[2, 2] > 0.5


def test_K4_choices_are_refused_and_kept_in_words() -> None:
    with pytest.raises(ValueError, match="purple is none of the classes red, green, blue"):
        crowd.fit_choices({0: [ChoiceAnswer("a", "purple")]}, CLASSES)
    with pytest.raises(ValueError, match="at least one class"):
        crowd.fit_choices({}, ())
    answers, _ = choices(3, items=40)
    fit = crowd.fit_choices(answers, CLASSES)
    kept = crowd.ChoiceFit.of_json(fit.as_json())
    assert dict(crowd.consensus_choice(answers[0], kept).chances) == pytest.approx(
        dict(crowd.consensus_choice(answers[0], fit).chances)
    )


def test_K3_a_choice_is_sure_after_fewer_answers_where_all_agree() -> None:
    answers, _ = choices(4)
    fit = crowd.fit_choices(answers, CLASSES)
    agreed = crowd.consensus_choice([ChoiceAnswer(w, "red") for w in ("x", "y", "z")], fit)
    torn = crowd.consensus_choice([ChoiceAnswer("x", "red"), ChoiceAnswer("y", "blue")], fit)
    assert crowd.sure(agreed)
    assert not crowd.sure(torn)
    assert 0 <= agreed.gain < torn.gain


# ---------------------------------------------------------------- centres


def clicks(seed: int, items: int = 60) -> tuple[dict[int, list[PointAnswer]], dict[int, np.ndarray]]:
    """Four centres an item; `good` clicks exactly, `wide` roughly, `blind` misses half, `liar` anywhere."""
    random = np.random.default_rng(seed)
    truths, answers = {}, {}
    for item in range(items):
        true = np.asarray([(15, 15), (15, 45), (45, 15), (45, 45)]) + random.uniform(-5, 5, (4, 2))
        said = {
            "good": true + random.normal(0, 0.5, (4, 2)),
            "wide": true + random.normal(0, 3, (4, 2)),
            "blind": (true + random.normal(0, 1, (4, 2)))[random.random(4) < 0.5],
            "liar": random.uniform(0, 60, (4, 2)),
        }
        answers[item] = [PointAnswer(name, points) for name, points in said.items()]
        truths[item] = true
    return answers, truths


def test_K4_centres_weigh_workers_by_how_exactly_they_click() -> None:
    answers, truths = clicks(1)
    skills = crowd.fit_points(answers, {i: truths[i] for i in range(6)})
    assert skills.of("good").spread_px < 1.5 < 2 < skills.of("wide").spread_px < 4.5
    assert skills.of("blind").finds < 0.75 < skills.of("good").finds
    assert skills.of("liar").invents > skills.of("good").invents
    off, plain, count = [], [], 0
    for item in range(6, 60):
        found = crowd.consensus_points(answers[item], skills)
        count += len(found.points) == 4
        for p in found.points:
            apart = np.hypot(*(truths[item] - (p.y, p.x)).T)
            if apart.min() < 8:
                off.append(apart.min())
                near = [a.points[np.hypot(*(a.points - (p.y, p.x)).T).argmin()] for a in answers[item][:2]]
                plain.append(np.hypot(*(truths[item] - np.mean(near, axis=0)).T).min())
    assert count >= 40
    assert np.mean(off) < 0.7 * np.mean(plain)


def test_K4_centres_of_nobody_and_skills_as_json() -> None:
    empty = crowd.consensus_points([PointAnswer("a", np.zeros((0, 2))), PointAnswer("b", np.zeros((0, 2)))])
    assert empty.points == ()
    assert empty.as_value() == {"points": []}
    skills = crowd.fit_points(clicks(2, 10)[0])
    assert Skills.of_json(PointSkill, skills.as_json()) == skills
