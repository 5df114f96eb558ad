"""L12: scores beyond outlines, each beside its twin: regions, classes, boxes, confidence, pictures."""

import contextlib
import io

import numpy as np
import numpy.typing as npt
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from skimage.metrics import structural_similarity
from sklearn import metrics

from annotation.core import (
    bootstrap,
    box_scores,
    class_scores,
    confidence,
    error_maps,
    faults,
    matching,
    picture_faults,
    picture_scores,
    region_scores,
    resampling,
)
from annotation.core.box_scores import Picture
from annotation.core.resampling import Judge

NOTHING = np.zeros((20, 30), np.bool_)


def labels(seed: int, cells: int = 6) -> tuple[npt.NDArray[np.int64], dict[int, str]]:
    """Squares on (1, 20, 30), later over earlier, and a class of each."""
    rng = np.random.default_rng(seed)
    planes = np.zeros((1, 20, 30), np.int64)
    for cell in range(1, cells + 1):
        y, x = rng.integers(0, 15), rng.integers(0, 25)
        planes[0, y : y + 5, x : x + 5] = cell
    return planes, {cell: "ab"[int(rng.integers(2))] for cell in range(1, cells + 1)}


def by_repeating(judge: Judge, images: int, rebuild: object) -> None:
    """Weights of whole numbers must tell what repeated images tell."""
    weights = np.array([[2.0, 0.0, 1.0, 3.0][:images]])
    repeated = [i for i in range(images) for _ in range(int(weights[0, i]))]
    twin = resampling.values(rebuild(repeated), len(repeated))  # type: ignore[operator]
    for key, value in judge(weights).items():
        assert value[0] == pytest.approx(twin[key]), key


def test_L12_dice_and_iou_of_regions_equal_scikit_learns() -> None:
    images = []
    true: list[str] = []
    told: list[str] = []
    for seed in range(4):
        (right, classes), (said, guessed) = labels(seed), labels(seed + 10)
        images.append(region_scores.count(right, said, classes, guessed, NOTHING))
        for mine, facts, pixels in ((right, classes, true), (said, guessed, told)):
            pixels += [facts.get(int(cell), "") for cell in mine.ravel()]
    found = resampling.values(region_scores.judge(images), 4)
    for name in "ab":
        f1 = metrics.f1_score(true, told, labels=[name], average="macro")
        jaccard = metrics.jaccard_score(true, told, labels=[name], average="macro")
        assert (found[name, "dice"], found[name, "iou"]) == pytest.approx((f1, jaccard))
    assert found["", "mean_dice"] == pytest.approx((found["a", "dice"] + found["b", "dice"]) / 2)
    ground = metrics.f1_score([bool(c) for c in true], [bool(c) for c in told])
    assert found["", "foreground_dice"] == pytest.approx(ground)
    by_repeating(region_scores.judge(images), 4, lambda rows: region_scores.judge([images[i] for i in rows]))


def test_L12_classes_pooled_over_images_equal_scikit_learns() -> None:
    rng = np.random.default_rng(5)
    images, true, told = [], [], []
    for _ in range(4):
        pairs = [("abc"[int(rng.integers(3))], "abd"[int(rng.integers(3))]) for _ in range(20)]
        table: dict[str, dict[str, int]] = {}
        for right, said in pairs:
            row = table.setdefault(right, {})
            row[said] = row.get(said, 0) + 1
        images.append(table)
        true += [right for right, _ in pairs]
        told += [said for _, said in pairs]
    found = resampling.values(class_scores.judge(images), 4)
    assert found["", "macro_f1"] == pytest.approx(metrics.f1_score(true, told, average="macro"))
    assert found["", "accuracy"] == pytest.approx(metrics.accuracy_score(true, told))
    recall = metrics.recall_score(true, told, labels=["b"], average="macro")
    assert found["b", "class_recall"] == pytest.approx(recall)
    by_repeating(class_scores.judge(images), 4, lambda rows: class_scores.judge([images[i] for i in rows]))


def pictures() -> list[Picture]:
    rng = np.random.default_rng(8)
    made = []
    for _ in range(4):
        corner = rng.uniform(0, 100, (12, 2))
        true = np.concatenate([corner, corner + rng.uniform(10, 30, (12, 2))], 1)
        said = np.concatenate(
            [true[:9] + rng.normal(0, 2, (9, 4)), rng.uniform(0, 40, (3, 4)) + np.array([0, 0, 50, 50])]
        )
        kinds = rng.integers(1, 3, 12)
        made.append(
            Picture(true, kinds, said, np.where(rng.random(12) < 0.8, kinds, 1), rng.random(12).round(3))
        )
    return made


def coco_map(some: list[Picture]) -> tuple[float, float]:
    """mAP and mAP at 0.5 as pycocotools has them."""
    truth: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    for number, one in enumerate(some, start=1):
        for box, kind in zip(one.true_boxes, one.true_classes, strict=True):
            x0, y0, x1, y1 = box
            row = {"image_id": number, "category_id": int(kind), "bbox": [x0, y0, x1 - x0, y1 - y0]}
            truth.append({**row, "id": len(truth) + 1, "area": (x1 - x0) * (y1 - y0), "iscrowd": 0})
        for (x0, y0, x1, y1), kind, score in zip(one.boxes, one.classes, one.scores, strict=True):
            row = {"image_id": number, "category_id": int(kind), "bbox": [x0, y0, x1 - x0, y1 - y0]}
            said.append({**row, "score": float(score)})
    coco = COCO()
    coco.dataset = {
        "images": [{"id": n} for n in range(1, len(some) + 1)],
        "categories": [{"id": 1}, {"id": 2}], "annotations": truth,
    }  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        judged = COCOeval(coco, coco.loadRes(said), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[0]), float(judged.stats[1])


def test_L12_boxes_pooled_over_images_equal_pycocotools_drawn_again_too() -> None:
    some = pictures()
    images = [box_scores.count([one], ["a", "b"]) for one in some]
    found = resampling.values(box_scores.judge_images(images), 4)
    assert (found["", "map"], found["", "map50"]) == pytest.approx(coco_map(some))
    drawn = box_scores.judge_images(images)(np.array([[2.0, 0.0, 1.0, 1.0]]))
    twin = coco_map([some[0], some[0], some[2], some[3]])
    assert (drawn["", "map"][0], drawn["", "map50"][0]) == pytest.approx(twin)


def test_L12_confidence_equals_a_count_by_hand() -> None:
    rng = np.random.default_rng(2)
    images = []
    sure, right = rng.random(300), rng.random(300) < 0.6
    for part in np.split(np.arange(300), 4):
        images.append(confidence.count(sure[part], right[part]))
    by_hand = 0.0
    for step in range(10):
        inside = (sure > step / 10) & (sure <= (step + 1) / 10)
        by_hand += inside.sum() / 300 * abs(sure[inside].mean() - right[inside].mean())
    judge = confidence.judge(images)
    assert resampling.values(judge, 4)["", "ece"] == pytest.approx(by_hand)
    curve = confidence.curve(images)
    assert sum(step["cells"] for step in curve) == 300
    assert curve[3]["right"] == pytest.approx(right[(sure > 0.3) & (sure <= 0.4)].mean())


def test_L12_pictures_equal_numpys_and_skimages() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random((40, 50)).astype(np.float32)
    said = (truth + rng.normal(0, 0.2, truth.shape)).astype(np.float32)
    table = picture_scores.count(truth, said)
    assert table["r"] == pytest.approx(np.corrcoef(truth.ravel(), said.ravel())[0, 1], abs=1e-6)
    low, high = np.percentile(truth, (1, 99.8))
    twin = structural_similarity(
        truth, said, data_range=float(high - low), gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False,
    )  # fmt: skip
    assert table["ssim"] == pytest.approx(twin, abs=1e-3)
    images = [{"GFP": table}, {"GFP": {**table, "r": 0.0}}]
    found = resampling.values(picture_scores.judge(images), 2)
    assert found["", "mean_r"] == found["GFP", "r"] == pytest.approx(table["r"] / 2)


def test_L12_one_bootstrap_for_all_outlines_included() -> None:
    counts = [matching.count(labels(seed)[0], labels(seed + 1)[0]) for seed in range(5)]
    judge = resampling.judge_outlines(counts)
    twin = bootstrap.estimates(counts)
    assert {name: one for (_, name), one in resampling.estimates(judge, 5).items()} == twin
    other = resampling.judge_outlines(counts[::-1])
    both = bootstrap.differences(counts, counts[::-1])
    assert resampling.differences(judge, other, 5)["", "pq"] == both["pq"]


def test_A5_the_share_of_draws_that_are_worse_falls_with_the_margin() -> None:
    def judge_at(values: list[float]) -> Judge:
        return lambda weights: {("", "s"): weights @ np.array(values) / weights.sum(1)}

    first, second = judge_at([0.9, 0.8, 0.85, 0.9]), judge_at([0.85, 0.75, 0.8, 0.85])

    def share(margin: float, better: bool) -> float:
        return resampling.share_worse(first, second, 4, ("", "s"), margin=margin, higher_is_better=better)

    assert (share(0.0, True), share(0.06, True), share(0.0, False)) == (1.0, 0.0, 0.0)


def test_L11_an_error_map_paints_what_is_wrong_where_it_is() -> None:
    truth, said = np.zeros((1, 12, 30), np.int64), np.zeros((1, 12, 30), np.int64)
    truth[0, 1:5, 1:5], said[0, 1:5, 1:5] = 1, 1
    truth[0, 1:5, 8:12] = 2
    said[0, 1:5, 14:18] = 7
    truth[0, 7:11, 1:9], said[0, 7:11, 1:5], said[0, 7:11, 5:9] = 3, 3, 4
    truth[0, 7:11, 12:16], truth[0, 7:11, 16:20], said[0, 7:11, 12:20] = 5, 6, 8
    painted = error_maps.paint(truth, said, faults.find(truth, said))
    at = {(2, 2): None, (2, 9): "MISSED", (2, 15): "INVENTED", (8, 3): "SPLIT", (8, 15): "MERGE"}
    for place, kind in at.items():
        wanted = error_maps.COLOURS[None if kind is None else faults.FaultKind(kind)]
        assert tuple(painted[place].tolist()) == wanted
    assert not painted[0].any(), "where nothing is, the picture is clear"


def test_L12_intervals_of_predicted_channels_equal_a_count_by_hand() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random((40, 50)).astype(np.float32)
    sigma = rng.uniform(0.05, 0.2, truth.shape).astype(np.float32)
    said = (truth + rng.normal(0, 1, truth.shape) * sigma).astype(np.float32)
    table = picture_scores.count(truth, said, sigma=sigma, level=0.95)
    assert table["coverage"] == pytest.approx((np.abs(truth - said) <= 1.959964 * sigma).mean())
    assert table["within"][4] == pytest.approx((np.abs(truth - said) <= 0.674490 * sigma).mean())
    both = picture_scores.added([table, picture_scores.count(truth, truth, sigma=sigma, level=0.95)])
    assert (both["frames"], both["coverage"]) == (2, pytest.approx(1 + table["coverage"]))
    images = [{"GFP": table}, {"GFP": both}]
    curve = picture_scores.curve(images)
    assert curve[4]["right"] == pytest.approx((2 * table["within"][4] + 1) / 3)
    found = resampling.values(picture_scores.judge(images), 2)
    assert found["", "mean_coverage"] == pytest.approx((2 * table["coverage"] + 1) / 3)
    bare = resampling.values(picture_scores.judge([{"GFP": picture_scores.count(truth, said)}]), 1)
    assert ("", "mean_coverage") not in bare, "nothing is told of intervals that nobody told"


def test_L12_squares_that_are_too_bright_or_too_dark_are_named_worst_first() -> None:
    truth = np.zeros((70, 40), np.float32)
    said = truth.copy()
    said[64:70, 32:40] = 0.5  # the last square is cut by the edge: 6 × 8 px
    said[:32, :32] = -0.2
    said[32, 3] = 9.0  # one hot pixel of a square of 1,024 is no place to go to
    found = picture_faults.find(truth, said, span=1.0, z=3)
    assert [(f.kind.value, round(f.harm, 3), f.size_px, f.at_zyx) for f in found] == [
        ("TOO_BRIGHT", 0.5, 48, (3, 67, 36)),
        ("TOO_DARK", 0.2, 1024, (3, 16, 16)),
    ]
    painted = picture_faults.paint(truth, said, span=1.0)
    assert painted[66, 35].tolist() == [*picture_faults.BRIGHT_RGB, 220]
    assert painted[5, 5].tolist() == [*picture_faults.DARK_RGB, 88]
    assert not painted[40, 39, 3]
