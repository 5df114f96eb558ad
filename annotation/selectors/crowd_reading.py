"""Answers as the reckoning needs them."""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from annotation.core import class_questions, crowd
from annotation.core.class_schema import ClassDef
from annotation.core.crowd import DrawnAnswer, Evidence
from annotation.core.crowd.values import Key
from annotation.models import Campaign, CrowdAnswer, CrowdItem, ItemKind, ItemUse
from annotation.models.campaigns import CHOICES
from annotation.selectors import schemas

A = TypeVar("A")


def answers_of(items: Collection[CrowdItem]) -> dict[UUID, list[CrowdAnswer]]:
    """The answers that count, oldest first, by item."""
    found: dict[UUID, list[CrowdAnswer]] = defaultdict(list)
    rows = CrowdAnswer.objects.filter(item__in=[item.pk for item in items], counts=True)
    for row in rows.order_by("answered_at", "pk"):
        found[row.item_id].append(row)
    return found


def answer_count(campaign: Campaign, kind: str) -> int:
    """How many answers count that were given to items of this kind, gold included."""
    count: int = _to_learn_from(campaign, kind).count()
    return count


def answers_of_kind(
    campaign: Campaign, kind: str, *, most: int, read: Callable[[str, Any], A]
) -> tuple[dict[Key, list[A]], dict[Key, dict[str, Any]]]:
    """(answers by item, truths of gold items): the newest `most` answers of this kind, each as `read` makes
    it of worker and value. As JSON thousands of outlines would fill the memory, so they are read one by
    one."""
    found: dict[Key, list[A]] = defaultdict(list)
    rows = _to_learn_from(campaign, kind).order_by("-answered_at").values_list("item", "worker", "value")
    for item, worker, value in rows[:most].iterator(chunk_size=500):
        found[item].append(read(str(worker), value))
    gold = CrowdItem.objects.filter(campaign=campaign, kind=kind, use=ItemUse.GOLD, pk__in=found)
    return dict(found), {pk: truth for pk, truth in gold.values_list("pk", "truth") if truth is not None}


def _to_learn_from(campaign: Campaign, kind: str) -> Any:
    """Answers to gold items tell of workers too, also of those who were excluded only where they count."""
    answers = CrowdAnswer.objects.filter(
        item__campaign=campaign, item__kind=kind, answered_at__isnull=False, is_fast=False
    )
    return answers.exclude(item__use=ItemUse.TRAINING).exclude(worker__state="EXCLUDED")


def classes_to_choose(campaign: Campaign) -> list[ClassDef]:
    """The classes that workers choose from, in the order of the tree."""
    schema = schemas.classes(campaign.project_id)
    below = None if campaign.class_below is None else str(campaign.class_below)
    asked = class_questions.choices(schema, level=campaign.class_level, below=below)
    return [schema.classes[one] for one in asked]


def choices_of(campaign: Campaign, kind: str) -> list[str]:
    """What may be said of items of this kind, `unsure` left out: also what was said before the project's
    classes changed."""
    if kind != ItemKind.CLASS:
        return [*crowd.YES_NO]
    asked = [one.id for one in classes_to_choose(campaign)]
    rows = CrowdAnswer.objects.filter(item__campaign=campaign, item__kind=kind, value__isnull=False)
    said = rows.order_by().values_list("value__choice", flat=True).distinct()
    gold = CrowdItem.objects.filter(campaign=campaign, kind=kind, truth__isnull=False).order_by()
    known = gold.values_list("truth__choice", flat=True).distinct()
    return list(dict.fromkeys([*asked, *sorted({*said, *known} - {crowd.UNSURE})]))


class Judged(NamedTuple):
    """An answer that was judged, against a truth or against what all say."""

    use: str
    kind: str
    score: float
    evidence: Evidence


def judged_of(workers: Collection[UUID]) -> dict[UUID, list[Judged]]:
    """The judged answers of these workers, oldest first, in one query; training tells of nobody."""
    rows = CrowdAnswer.objects.filter(worker__in=workers, score__isnull=False, answered_at__isnull=False)
    rows = rows.exclude(item__use=ItemUse.TRAINING).order_by("answered_at")
    columns = (
        "worker", "item__use", "item__kind", "score", "item__certainty", "value__choice",
        "item__truth__choice", "item__consensus__choice",
    )  # fmt: skip
    found: dict[UUID, list[Judged]] = defaultdict(list)
    for worker, use, kind, score, sure, said, truth, consensus in rows.values_list(*columns):
        is_gold = use == ItemUse.GOLD
        certainty, true = (1.0, truth) if is_gold else (sure or 0.0, consensus)
        expected = crowd.expected(sure) if is_gold and sure is not None else None
        evidence = Evidence(score, certainty, str(said or ""), str(true or ""), expected)
        found[worker].append(Judged(use, kind, score, evidence))
    return found


def drawn_of(worker: UUID, kind: str, *, most: int) -> list[DrawnAnswer]:
    """The newest judged outlines of a worker beside the true ones, oldest first."""
    rows = CrowdAnswer.objects.filter(worker=worker, item__kind=kind, score__isnull=False)
    rows = rows.exclude(item__use=ItemUse.TRAINING).select_related("item").order_by("-answered_at")[:most]
    found = []
    for row in reversed(rows):
        item = row.item
        is_gold = item.use == ItemUse.GOLD
        true, sure = (item.truth, 1.0) if is_gold else (item.consensus, item.certainty or 0.0)
        start = {"masks": item.shown[0]} if is_gold and kind == ItemKind.FIX and item.shown else None
        if row.value is not None and true is not None:
            found.append(DrawnAnswer(row.value, true, item.height, item.width, sure, start))
    return found


def gold_choices(campaign: Campaign, kind: str) -> dict[str, list[tuple[str, bool]]]:
    """(item, whether it was right) of each worker's answers to gold of this kind."""
    rows = CrowdAnswer.objects.filter(
        item__campaign=campaign, item__kind=kind, item__use=ItemUse.GOLD, score__isnull=False, is_fast=False
    )
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for worker, item, score in rows.values_list("worker", "item", "score"):
        found[str(worker)].append((str(item), (score or 0.0) > 0.5))
    return found


def judging_kind(campaign: Campaign) -> str | None:
    """A kind of which there is gold, choices before others; None where there is none."""
    rows = CrowdItem.objects.filter(campaign=campaign, use=ItemUse.GOLD).order_by()
    kinds = set(rows.values_list("kind", flat=True).distinct())
    return next((str(kind) for kind in (*CHOICES, *sorted(kinds)) if kind in kinds), None)
