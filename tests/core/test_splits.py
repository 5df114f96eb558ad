"""Splits never cut a group and do not depend on the order of the items."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.core import splits

FRACTIONS = {"train": 0.7, "validation": 0.15, "test": 0.15}
many_groups = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40)


@given(many_groups, st.integers(0, 5))
def test_a_group_is_on_one_side_only(groups: list[str], seed: int) -> None:
    parts = splits.assign(groups, FRACTIONS, seed)
    sides = {group: {p for g, p in zip(groups, parts, strict=True) if g == group} for group in groups}
    assert all(len(side) == 1 for side in sides.values())


@given(many_groups, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(groups: list[str], random: object) -> None:
    shuffled = sorted(groups, key=lambda _: random.random())  # type: ignore[attr-defined]
    first = dict(zip(groups, splits.assign(groups, FRACTIONS, 3), strict=True))
    second = dict(zip(shuffled, splits.assign(shuffled, FRACTIONS, 3), strict=True))
    assert first == second


def test_single_images_come_out_in_the_fractions_asked_for() -> None:
    parts = splits.assign([str(i) for i in range(100)], FRACTIONS, 0)
    assert Counter(parts) == {"train": 70, "validation": 15, "test": 15}


def test_another_seed_gives_another_split() -> None:
    groups = [str(i) for i in range(30)]
    assert splits.assign(groups, FRACTIONS, 0) == splits.assign(groups, FRACTIONS, 0)
    assert splits.assign(groups, FRACTIONS, 0) != splits.assign(groups, FRACTIONS, 1)


@given(many_groups)
def test_no_wanted_part_is_empty_while_there_are_groups_enough(groups: list[str]) -> None:
    parts = splits.assign(groups, {"train": 0.9, "validation": 0.05, "test": 0.05}, 0)
    assert len(set(parts)) == min(3, len(set(groups)))


def test_a_part_of_zero_stays_empty() -> None:
    parts = splits.assign([str(i) for i in range(9)], {"train": 1.0}, 0)
    assert set(parts) == {"train"}


def test_fixed_groups_stay_where_they_were() -> None:
    groups = [str(i) for i in range(20)]
    parts = dict(
        zip(groups, splits.assign(groups, FRACTIONS, 0, fixed={"4": "test", "gone": "train"}), strict=True)
    )
    assert parts["4"] == "test"


@pytest.mark.parametrize(
    "fractions",
    [{"train": 0.5}, {"train": 1.5, "test": -0.5}, {"train": 1.0, "holdout": 0.0}],
)
def test_fractions_that_are_no_parts_are_refused(fractions: dict[str, float]) -> None:
    with pytest.raises(splits.InvalidFractions):
        splits.assign(["a"], fractions, 0)
