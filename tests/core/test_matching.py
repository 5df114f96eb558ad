"""Matching against slow and obvious twins."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.core import matching
from tests.core.drawing import draw, members

Pixels = dict[int, set[tuple[int, int]]]

TRUTH = draw(
    """
    aaaa..bb
    aaaa..bb
    ....cccc
    dd..cccc
    """
)
PREDICTED = draw(
    """
    xxyy..bb
    xxyy..b.
    ....cccc
    ....cccc
    """
)


@st.composite
def pictures(draw_from: st.DrawFn, layers: int = 2) -> NDArray[np.uint32]:
    """Blocks of cells on up to two planes; a cell never lies twice on a pixel."""
    planes = np.zeros((layers, 5, 6), np.uint32)
    for plane in range(layers):
        for cell in range(1, draw_from(st.integers(1, 4))):
            y, x = draw_from(st.integers(0, 4)), draw_from(st.integers(0, 5))
            high, wide = draw_from(st.integers(1, 4)), draw_from(st.integers(1, 4))
            planes[plane, y : y + high, x : x + wide] = cell + 10 * plane
    return planes


def cells_of(planes: NDArray[np.uint32]) -> Pixels:
    result: Pixels = {}
    for cell, y, x in members(planes):
        result.setdefault(cell, set()).add((y, x))
    return result


def iou_of(a: set[tuple[int, int]], b: set[tuple[int, int]]) -> float:
    return len(a & b) / len(a | b)


def naive_match(truth: Pixels, predicted: Pixels, threshold: float) -> tuple[int, float]:
    """(most pairs, then most IoU in all), by trying every assignment."""
    best = (0, 0.0)
    small, large = sorted((list(truth.values()), list(predicted.values())), key=len)
    for chosen in permutations(range(len(large)), len(small)):
        values = [iou_of(a, large[i]) for a, i in zip(small, chosen, strict=True)]
        good = [value for value in values if value >= threshold]
        best = max(best, (len(good), sum(good)))
    return best


@settings(max_examples=80, deadline=None)
@given(pictures(), pictures(), st.sampled_from((0.1, 0.3, 0.5, 0.75)))
def test_matching_equals_trying_everything(
    truth: NDArray[np.uint32], predicted: NDArray[np.uint32], iou: float
) -> None:
    got = matching.match(truth, predicted, iou)
    pairs, total = naive_match(cells_of(truth), cells_of(predicted), iou)
    assert got.iou.size == pairs
    assert float(got.iou.sum()) == pytest.approx(total)
    assert sorted([*got.truth.tolist(), *got.missed.tolist()]) == sorted(cells_of(truth))
    assert sorted([*got.predicted.tolist(), *got.invented.tolist()]) == sorted(cells_of(predicted))


@given(pictures(), pictures())
def test_overlaps_equal_counting(truth: NDArray[np.uint32], predicted: NDArray[np.uint32]) -> None:
    table = matching.overlaps(truth, predicted)
    a, b = cells_of(truth), cells_of(predicted)
    keys = [
        (int(table.truth_ids[r]), int(table.predicted_ids[c]))
        for r, c in zip(table.rows, table.columns, strict=True)
    ]
    touching = [(i, j) for i in a for j in b if a[i] & b[j]]
    shared = {(i, j): len(a[i] & b[j]) for i, j in touching}
    assert dict(zip(keys, table.shared_px.tolist(), strict=True)) == shared
    iou = {(i, j): iou_of(a[i], b[j]) for i, j in touching}
    assert dict(zip(keys, table.iou.tolist(), strict=True)) == pytest.approx(iou)


def test_ids_far_apart_give_the_same_table() -> None:
    far = np.where(TRUTH > 0, TRUTH * 1_000_003, 0).astype(np.uint32)
    near, apart = matching.overlaps(TRUTH, PREDICTED), matching.overlaps(far, PREDICTED)
    assert (apart.truth_ids == near.truth_ids * 1_000_003).all()
    assert (apart.shared_px == near.shared_px).all()


def test_large_tables_are_counted_by_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = matching.overlaps(TRUTH, PREDICTED)
    monkeypatch.setattr(matching, "DENSE_TABLE", 0)
    sparse = matching.overlaps(TRUTH, PREDICTED)
    assert (dense.rows == sparse.rows).all()
    assert (dense.shared_px == sparse.shared_px).all()


def test_pooled_scores_of_a_picture_one_can_count() -> None:
    """a is split into two halves of IoU 0.5 each, b has IoU 0.75, c is perfect, d is missed."""
    pooled, (alone,) = matching.score([(TRUTH, PREDICTED)], (0.5, 0.75, 0.9))
    assert pooled == alone
    assert pooled.ap == {0.5: 3 / 5, 0.75: 2 / 6, 0.9: 1 / 7}
    assert pooled.precision == {0.5: 3 / 4, 0.75: 2 / 4, 0.9: 1 / 4}
    assert pooled.recall == {0.5: 3 / 4, 0.75: 2 / 4, 0.9: 1 / 4}
    assert pooled.f1 == {0.5: 6 / 8, 0.75: 4 / 8, 0.9: 2 / 8}
    assert pooled.pq[0.5] == pytest.approx((0.5 + 0.75 + 1.0) / (3 + 0.5 * 1 + 0.5 * 1))
    assert pooled.seg == pytest.approx((0 + 0.75 + 1.0 + 0) / 4)  # a half is not more than half
    assert (pooled.splits, pooled.merges) == (1, 0)


def test_a_merge_is_counted() -> None:
    counts = matching.count(draw("aabb"), draw("xxxx"))
    assert (counts.splits, counts.merges) == (0, 1)


def test_counts_are_pooled_before_dividing() -> None:
    good, bad = (draw("ab.."), draw("ab..")), (draw("abcd"), draw("...."))
    assert matching.average_precision([good, bad], (0.5,)) == {0.5: 2 / 6}
    _, each = matching.score([good, bad], (0.5,))
    assert [one.ap[0.5] for one in each] == [1.0, 0.0]


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    pooled, _ = matching.score([(draw(".."), draw(".."))])
    assert set(pooled.ap.values()) == {1.0}
    assert pooled.seg == 1.0


def test_overlapping_cells_are_matched_each_with_its_own() -> None:
    planes = draw("aaa.", ".bbb")
    matched = matching.match(planes, planes, 0.9)
    assert matched.truth.tolist() == matched.predicted.tolist() == [1, 2]


def test_volumes_are_compared_whole() -> None:
    volume = np.stack([TRUTH, PREDICTED], axis=1)
    assert matching.average_precision([(volume, volume)], (0.9,)) == {0.9: 1.0}


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        matching.overlaps(draw("a"), draw("aa"))


@pytest.mark.parametrize("iou", [0, -1, 1.5])
def test_impossible_thresholds_are_refused(iou: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        matching.match(TRUTH, PREDICTED, iou)


def test_no_images_are_refused() -> None:
    with pytest.raises(ValueError, match="no image"):
        matching.score([])


def test_the_interval_holds_the_score_and_narrows_to_it_for_equal_images() -> None:
    good, half = (draw("ab"), draw("ab")), (draw("ab"), draw("a."))
    mixed = [matching.count(*pair, (0.5,)) for pair in [good, half] * 10]
    low, high = matching.interval_of_ap(mixed, seed=1)[0.5]
    assert low < matching.pool(mixed).ap[0.5] < high
    same = [matching.count(*half, (0.5,))] * 5
    assert matching.interval_of_ap(same)[0.5] == (0.5, 0.5)


def test_cells_compared_with_themselves() -> None:
    changed = matching.compare_cells(draw("aab."), draw("aaac"))
    assert changed == {1: pytest.approx(2 / 3), 2: 0.0, 3: 0.0}


def test_pairs_of_combinations_never_share_a_cell() -> None:
    matched = matching.match(TRUTH, PREDICTED, 0.3)
    for (a, b), (c, d) in combinations(zip(matched.truth, matched.predicted, strict=True), 2):
        assert a != c
        assert b != d
