"""Interval arithmetic against Python's own sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotation.core import intervals
from annotation.core.intervals import Intervals

pieces = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=12)


def build(parts: list[tuple[int, int]]) -> tuple[Intervals, set[int]]:
    starts = [start for start, _ in parts]
    ends = [start + length for start, length in parts]
    return intervals.union_of(starts, ends), {
        n for a, b in zip(starts, ends, strict=True) for n in range(a, b)
    }


def as_set(these: Intervals) -> set[int]:
    return {n for a, b in zip(these.starts, these.ends, strict=True) for n in range(int(a), int(b))}


def assert_maximal(these: Intervals) -> None:
    assert (these.ends > these.starts).all()
    assert (these.starts[1:] > these.ends[:-1]).all()


@given(pieces, pieces)
def test_set_operations_equal_python_sets(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    (a, a_set), (b, b_set) = build(first), build(second)
    for got, wanted in (
        (intervals.union(a, b), a_set | b_set),
        (intervals.difference(a, b), a_set - b_set),
        (intervals.intersection(a, b), a_set & b_set),
    ):
        assert as_set(got) == wanted
        assert got.size() == len(wanted)
        assert_maximal(got)


@given(pieces, st.integers(1, 20))
def test_cut_keeps_the_integers_and_respects_the_borders(parts: list[tuple[int, int]], step: int) -> None:
    whole, numbers = build(parts)
    which, starts, ends = intervals.cut(whole.starts, whole.ends, step)
    assert as_set(Intervals(starts, ends)) == numbers
    assert (starts // step == (ends - 1) // step).all()
    assert ((whole.starts[which] <= starts) & (ends <= whole.ends[which])).all()


def test_expand_lists_every_integer() -> None:
    listed = intervals.expand(np.array([3, 10]), np.array([2, 3]))
    assert listed.tolist() == [3, 4, 10, 11, 12]
