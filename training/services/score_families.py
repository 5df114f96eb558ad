"""Families of scores beyond outlines: regions, classes, boxes, confidence, pictures, tracks; pooled over
images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from annotation.core import (
    bootstrap,
    box_scores,
    class_scores,
    confidence,
    count_json,
    picture_scores,
    region_scores,
    resampling,
)
from annotation.core.bootstrap import Difference
from annotation.core.resampling import Judge
from annotation.core.tracks import pooling as track_pooling
from training.models import EvaluationItem

Tables = Mapping[str, Any]
Pair = tuple[EvaluationItem, EvaluationItem]
FAMILIES: Mapping[str, Callable[[Sequence[Any]], Judge]] = {
    "regions": region_scores.judge,
    "classes": class_scores.judge,
    "boxes": box_scores.judge_images,
    "confidence": confidence.judge,
    "pictures": picture_scores.judge,
    "tracks": track_pooling.judge,
}
LOWER_IS_BETTER = frozenset({"ece", "mean_mae", "mae", "mean_width", "width"})


def of_image(tables: Tables) -> dict[str, float]:
    """The scores of one image by itself."""
    found: dict[str, float] = {}
    for name, table in tables.items():
        pooled = resampling.values(FAMILIES[name]([table]), 1)
        found |= {score: value for (of, score), value in pooled.items() if not of}
    return found


def pooled(items: Sequence[EvaluationItem]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """{score: {value, low, high}} of all images, and {class: {score: …}}, from the tables of the items."""
    whole: dict[str, Any] = {}
    classes: dict[str, dict[str, Any]] = {}
    for family, judge in FAMILIES.items():
        tables = [item.tables[family] for item in items if family in item.tables]
        found = resampling.estimates(judge(tables), len(tables)) if tables else {}
        for (of, score), estimate in found.items():
            where = classes.setdefault(of, {}) if of else whole
            where[score] = asdict(estimate)
    return whole, classes


def figures(items: Sequence[EvaluationItem]) -> dict[str, Any]:
    """What pages draw: the table of confusions, and the curve of confidence."""
    found: dict[str, Any] = {}
    told = [item.tables["classes"] for item in items if "classes" in item.tables]
    if told:
        names = class_scores.classes_in(told)
        table = sum(class_scores.table_of(one, names) for one in told)
        found["confusion"] = {"names": names, "table": table.tolist() if not isinstance(table, int) else []}
    sure = [item.tables["confidence"] for item in items if "confidence" in item.tables]
    if sure:
        found["reliability"] = confidence.curve(sure)
    intervals = picture_scores.curve([item.tables["pictures"] for item in items if "pictures" in item.tables])
    if intervals:
        found["intervals"] = intervals
    return found


def differences(pairs: Sequence[tuple[Tables, Tables]]) -> dict[str, Difference]:
    """Second less first of every score that both have, over the images where both have its family."""
    found: dict[str, Difference] = {}
    for family in FAMILIES:
        judges = paired_judges(pairs, family)
        if judges:
            both = resampling.differences(*judges)
            found |= {score: one for (of, score), one in both.items() if not of}
    return dict(sorted(found.items()))


def paired_judges(pairs: Sequence[tuple[Tables, Tables]], family: str) -> tuple[Judge, Judge, int] | None:
    """Judges of the one and the other side over the images where both have a family; None without any."""
    both = [(a[family], b[family]) for a, b in pairs if family in a and family in b]
    if not both:
        return None
    judge = FAMILIES[family]
    return judge([a for a, _ in both]), judge([b for _, b in both]), len(both)


def judges_of(pairs: Sequence[Pair], score: str) -> tuple[Judge, Judge, int] | None:
    """Judges of both sides whose scores hold this one, over the images that have it; None without any."""
    if score in bootstrap.NAMES:
        if not all(item.counts for pair in pairs for item in pair):
            return None
        first, second = ([count_json.from_json(pair[side].counts or {}) for pair in pairs] for side in (0, 1))
        return resampling.judge_outlines(first), resampling.judge_outlines(second), len(pairs)
    tables = [(first.tables, second.tables) for first, second in pairs]
    for family in FAMILIES:
        judges = paired_judges(tables, family)
        if judges and ("", score) in resampling.values(judges[0], judges[2]):
            return judges
    return None
