"""L12: scores equal naive twins of the published definitions; intervals and worst cases equal the obvious
way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core import bootstrap, by_class, faults, matching
from annotation.core.faults import FaultKind
from annotation.core.matching import ImageCounts
from tests.core.drawing import draw

TRUTH = draw("aaaa..bb\naaaa..bb\n....cccc\ndd..cccc")
SPLIT_MERGED = draw(
    """
    xxyy..bb
    xxyy..bb
    ........
    ........
    """
)
Grid = NDArray[np.uint32]


def random_picture(seed: int) -> tuple[Grid, Grid]:
    """True squares on a grid, and what a careless model makes of them."""
    random = np.random.default_rng(seed)
    truth = np.zeros((1, 24, 24), np.uint32)
    predicted = np.zeros_like(truth)
    for cell, (y, x) in enumerate(((y, x) for y in (0, 8, 16) for x in (0, 8, 16)), start=1):
        truth[0, y : y + 6, x : x + 6] = cell
        if random.random() < 0.8:
            shift, size = random.integers(0, 3), random.integers(4, 8)
            predicted[0, y + shift : y + shift + size, x : x + size] = 20 + cell
    return truth, predicted


# ---------------------------------------------------------------- twins of the published definitions


def masks(labels: Grid) -> list[NDArray[np.bool_]]:
    return [labels[0] == cell for cell in np.unique(labels[labels > 0])]


def naive(pictures: list[tuple[Grid, Grid]], threshold: float) -> dict[str, float]:
    """AP of StarDist, PQ of Kirillov, SEG of the Cell Tracking Challenge, by loops over masks.

    For cells that do not overlap a pair above 0.5 is the only one. A pair of exactly 0.5 counts, as in
    StarDist; Kirillov asks for more than 0.5.
    """
    tp = fp = fn = 0
    ious: list[float] = []
    seg: list[float] = []
    for truth, predicted in pictures:
        wanted, given = masks(truth), masks(predicted)
        found = [max(((a & b).sum() / (a | b).sum() for b in given), default=0.0) for a in wanted]
        hits = [iou for iou in found if iou >= threshold]
        tp, fn, fp = tp + len(hits), fn + len(wanted) - len(hits), fp + len(given) - len(hits)
        ious += hits
        for a in wanted:
            covering = [b for b in given if (a & b).sum() > 0.5 * a.sum()]
            seg.append((a & covering[0]).sum() / (a | covering[0]).sum() if covering else 0.0)
    return {
        "ap": tp / (tp + fp + fn),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "pq": float(sum(ious)) / (tp + fp / 2 + fn / 2),
        "seg": float(np.mean(seg)),
    }


def counts_of(pictures: list[tuple[Grid, Grid]]) -> list[ImageCounts]:
    return [matching.count(truth, predicted) for truth, predicted in pictures]


def test_L12_scores_equal_the_published_definitions() -> None:
    pictures = [random_picture(seed) for seed in range(12)]
    got = bootstrap.scores(counts_of(pictures))
    half = naive(pictures, 0.5)
    assert 0.1 < half["ap"] < 0.95
    assert got["ap50"] == pytest.approx(half["ap"])
    assert {name: got[name] for name in half if name != "ap"} == pytest.approx(
        {name: value for name, value in half.items() if name != "ap"}
    )
    assert got["ap75"] == pytest.approx(naive(pictures, 0.75)["ap"])
    by_threshold = [naive(pictures, t - 1e-9)["ap"] for t in matching.THRESHOLDS]
    assert got["mean_ap"] == pytest.approx(np.mean(by_threshold))


def test_L12_scores_equal_those_of_pooling() -> None:
    counts = counts_of([random_picture(seed) for seed in range(5)])
    pooled, got = matching.pool(counts), bootstrap.scores(counts)
    assert (got["ap50"], got["pq"], got["seg"]) == pytest.approx((pooled.ap[0.5], pooled.pq[0.5], pooled.seg))
    assert matching.pool([bootstrap.total(counts)]) == pooled


# ---------------------------------------------------------------- intervals


def naive_draws(counts: list[ImageCounts], draws: int) -> list[list[ImageCounts]]:
    """Whole images, n of n with replacement, from the same stream of numbers."""
    n, random, drawn = len(counts), np.random.default_rng(0), []
    for start in range(0, draws, bootstrap.DRAWS_AT_ONCE):
        some = min(bootstrap.DRAWS_AT_ONCE, draws - start)
        drawn += [[counts[i] for i in row] for row in random.integers(0, n, (some, n))]
    return drawn


def test_L12_an_interval_is_what_drawing_images_again_gives() -> None:
    counts = counts_of([random_picture(seed) for seed in range(8)])
    got = bootstrap.estimates(counts, draws=300)
    again = [matching.pool(drawn) for drawn in naive_draws(counts, 300)]
    for name, values in {"ap50": [s.ap[0.5] for s in again], "seg": [s.seg for s in again]}.items():
        low, high = np.quantile(values, (0.025, 0.975))
        assert (got[name].low, got[name].high) == pytest.approx((low, high))
        assert low < got[name].value < high
    assert got == bootstrap.estimates(counts, draws=300)


def test_L12_one_image_has_no_interval() -> None:
    only = bootstrap.estimates(counts_of([random_picture(1)]))["ap50"]
    assert (only.low, only.high) == (None, None)


def test_A6_a_paired_difference_draws_the_same_images_for_both() -> None:
    pictures = [random_picture(seed) for seed in range(8)]
    first, second = counts_of(pictures), counts_of([(truth, truth) for truth, _ in pictures])
    got = bootstrap.differences(first, second, draws=300)["ap50"]
    pairs = zip(naive_draws(first, 300), naive_draws(second, 300), strict=True)
    gain = [matching.pool(b).ap[0.5] - matching.pool(a).ap[0.5] for a, b in pairs]
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(gain, (0.025, 0.975))))
    assert got.value == pytest.approx(1 - matching.pool(first).ap[0.5])
    assert got.below_zero == 0
    assert bootstrap.differences(second, first, draws=300)["ap50"].below_zero == np.mean(np.asarray(gain) > 0)
    with pytest.raises(ValueError, match="Paired"):
        bootstrap.differences(first, second[1:])


# ---------------------------------------------------------------- worst cases


def test_L12_faults_are_named_placed_and_ordered_by_harm() -> None:
    """a falls into halves of which one matches, b is right, c and d are missed; a stranger stands in the
    corner."""
    predicted = SPLIT_MERGED.copy()
    predicted[0, 3, 7] = 5
    found = faults.find(TRUTH, predicted)
    told = [(f.kind, f.harm, f.truth, f.predicted) for f in found]
    assert told == [
        (FaultKind.MISSED, 1, (3,), ()),
        (FaultKind.SPLIT, 1, (1,), (24, 25)),
        (FaultKind.MISSED, 1, (4,), ()),
        (FaultKind.INVENTED, 1, (), (5,)),
    ]
    for fault in found:
        z, y, x = fault.at_zyx
        side, cell = (TRUTH, fault.truth) if fault.truth else (predicted, fault.predicted)
        assert z == 0
        assert side[0, y, x] == cell[0]


def test_L12_harm_adds_up_to_what_was_counted_wrong() -> None:
    for seed in range(20):
        truth, predicted = random_picture(seed)
        if seed % 3 == 0:  # neighbours flow together
            predicted[0, 0:6, 0:14] = 77
        if seed % 3 == 1:  # one falls apart
            predicted[0, 8:11, 8:14], predicted[0, 11:14, 8:14] = 78, 79
        count = matching.count(truth, predicted)
        found = faults.find(truth, predicted)
        whole = {FaultKind.MERGE, FaultKind.SPLIT, FaultKind.MISSED, FaultKind.INVENTED}
        assert sum(f.harm for f in found if f.kind in whole) == count.fp[0] + count.fn[0]
        assert sum(f.kind is FaultKind.MERGE for f in found) == count.merges
        assert sum(f.kind is FaultKind.SPLIT for f in found) == count.splits
        harms = [f.harm for f in found]
        assert harms == sorted(harms, reverse=True)


def test_L12_ignored_area_is_no_fault() -> None:
    ignored = np.zeros(TRUTH.shape[1:], bool)
    ignored[2:, 4:] = True
    open_eyed = {f.truth for f in faults.find(TRUTH, np.zeros_like(TRUTH))}
    assert open_eyed == {(1,), (2,), (3,), (4,)}
    assert {f.truth for f in faults.find(TRUTH, np.zeros_like(TRUTH), ignored=ignored)} == {(1,), (2,), (4,)}


def test_L12_a_volume_has_faults_in_its_slices() -> None:
    truth = np.stack([np.zeros_like(TRUTH), TRUTH], axis=1)  # (p, z, y, x)
    found = faults.find(truth, np.zeros_like(truth))
    assert {f.at_zyx[0] for f in found} == {1}
    assert all(truth[0][f.at_zyx] == f.truth[0] for f in found)


# ---------------------------------------------------------------- classes


def test_L12_each_class_is_counted_by_itself() -> None:
    classes = {1: "round", 2: "round", 3: "long", 4: "long"}
    said = {1: "round", 2: "long", 3: "long", 4: "long"}
    got = by_class.count(TRUTH, TRUTH, classes, said)
    assert (got["round"].tp[0], got["round"].fp[0], got["round"].fn[0]) == (1, 0, 1)
    assert (got["long"].tp[0], got["long"].fp[0], got["long"].fn[0]) == (2, 1, 0)
    wrong = faults.find(TRUTH, TRUTH, truth_classes=classes, predicted_classes=said)
    assert [(f.kind, f.truth) for f in wrong] == [(FaultKind.WRONG_CLASS, (2,))]


def test_L12_a_prediction_without_classes_counts_under_those_it_lies_on() -> None:
    got = by_class.count(TRUTH, SPLIT_MERGED, {1: "round", 2: "round", 3: "long", 4: "long"}, {})
    assert (got["round"].fn[0], got["long"].fn[0], got["long"].fp[0]) == (0, 2, 0)
