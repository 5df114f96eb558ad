"""Reading campaigns: lists with counts, items, workers, answers, what the crowd came to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from django.core.cache import cache
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncHour

from annotation.core import crowd
from annotation.core.crowd import Agreement, Kind
from annotation.core.crowd.values import Key
from annotation.models import (
    Campaign,
    CrowdAnswer,
    CrowdDraft,
    CrowdItem,
    CrowdStitching,
    CrowdWorker,
    ItemKind,
    ItemUse,
    Project,
    WorkerState,
)
from annotation.selectors import crowd_reading
from backend.accounts.models import User

A = TypeVar("A")
AGREEMENT_ANSWERS = 1500
BINS = 10
REMEMBERED_S = 600


def list_campaigns(*, user: User, project: Project | None = None) -> QuerySet[Campaign]:
    """The campaigns that `user` may see, the newest first."""
    rows = Campaign.objects.visible_to(user).select_related("project__team", "created_by")
    return rows if project is None else rows.filter(project=project)


def with_counts(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Adds `n_items`, `n_done`, `n_gold`, `n_training`, `n_answers`, `n_workers`, `n_excluded`."""
    items = CrowdItem.objects.filter(campaign=OuterRef("pk")).order_by()
    work = items.filter(use=ItemUse.WORK)
    workers = CrowdWorker.objects.filter(campaign=OuterRef("pk")).order_by()
    return rows.annotate(
        n_items=_count(work),
        n_done=_count(work.filter(is_done=True)),
        n_gold=_count(items.filter(use=ItemUse.GOLD)),
        n_training=_count(items.filter(use=ItemUse.TRAINING)),
        n_answers=_total(work, "answered"),
        n_workers=_count(workers),
        n_excluded=_count(workers.filter(state__in=[WorkerState.EXCLUDED, WorkerState.REFUSED])),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.values("campaign").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _total(rows: QuerySet[Any], column: str) -> Coalesce:
    added = rows.values("campaign").annotate(n=Sum(column)).values("n")
    return Coalesce(Subquery(added, output_field=IntegerField()), 0)


def kinds_of(campaign: Campaign) -> list[str]:
    """The kinds of its items."""
    return sorted(campaign.items.order_by().values_list("kind", flat=True).distinct())


def list_items(*, campaign: Campaign, order: str = "", **wanted: Any) -> QuerySet[CrowdItem]:
    """Items; filters that are not given do nothing. Ordered by `ambiguity` or `certainty`, else as handed
    out."""
    rows = CrowdItem.objects.filter(campaign=campaign, **wanted).select_related("image", "branch")
    if order == "ambiguity":
        return rows.filter(ambiguity__isnull=False).order_by("-ambiguity", "id")
    if order == "certainty":
        return rows.filter(certainty__isnull=False).order_by("certainty", "id")
    return rows.order_by("-priority", "id")


def list_workers(*, campaign: Campaign) -> QuerySet[CrowdWorker]:
    """Workers, those who answered most first."""
    return CrowdWorker.objects.filter(campaign=campaign).order_by("-answered", "joined_at")


def list_answers(*, campaign: Campaign, **wanted: Any) -> QuerySet[CrowdAnswer]:
    """Everything that was answered, or all answers to one `item`, oldest first."""
    rows = CrowdAnswer.objects.filter(item__campaign=campaign, answered_at__isnull=False, **wanted)
    return rows.select_related("item", "worker").order_by("answered_at", "pk")


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the list of who answered most."""

    name: str
    answered: int
    is_me: bool


def leaderboard(*, worker: CrowdWorker, most: int = 20) -> list[Place]:
    """Who answered most, by the names that their keys give them."""
    rows = list_workers(campaign=worker.campaign).exclude(state=WorkerState.EXCLUDED)[:most]
    return [Place(row.name, row.answered, row.pk == worker.pk) for row in rows]


def training_left(worker: CrowdWorker) -> int:
    """How many training items are to come at least."""
    if worker.state != WorkerState.TRAINING:
        return 0
    done = CrowdAnswer.objects.filter(
        worker=worker, item__use=ItemUse.TRAINING, answered_at__isnull=False
    ).count()
    return max(1, worker.campaign.training_count - done)


# ---------------------------------------------------------------- results


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of agreement between workers with its interval; `items` had two answers or more."""

    kind: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    items: int


@dataclass(frozen=True, slots=True)
class Hour:
    """Answers given within the hour that begins at `at`."""

    at: datetime
    answers: int


@dataclass(frozen=True)
class Results:
    """What a campaign came to so far. Histograms have ten equal steps from 0 to 1."""

    campaign: Campaign
    agreement: list[Measure]
    certainty: list[int]
    ambiguity: list[int]
    reliability: list[int]
    answers_saved: int
    mean_certainty: float | None
    gold_score: float | None
    timeline: list[Hour] = field(default_factory=list)
    drafts: list[CrowdDraft] = field(default_factory=list)
    stitching: CrowdStitching | None = None


def results(*, campaign: Campaign) -> Results:
    """Agreement, certainty, ambiguity and drafts. The agreement is of at most 1,500 answers a kind."""
    work = CrowdItem.objects.filter(campaign=campaign, use=ItemUse.WORK)
    reckoned = list(work.filter(certainty__isnull=False).values_list("certainty", "ambiguity"))
    workers = CrowdWorker.objects.filter(campaign=campaign)
    reliability = _known(workers.values_list("reliability", flat=True))
    golden = _known(workers.values_list("gold_score", flat=True))
    done = work.filter(is_done=True)
    used = done.aggregate(total=Coalesce(Sum("answered"), 0))["total"]
    drafts = campaign.drafts.select_related("image", "revision__branch").order_by("-created_at")
    return Results(
        campaign=campaign,
        agreement=_agreement(campaign),
        certainty=_histogram(_known(certainty for certainty, _ in reckoned)),
        ambiguity=_histogram(_known(ambiguity for _, ambiguity in reckoned)),
        reliability=_histogram(reliability),
        answers_saved=done.count() * campaign.answers_max - used,
        mean_certainty=_mean(_known(certainty for certainty, _ in reckoned)),
        gold_score=_mean(golden),
        timeline=_timeline(campaign),
        drafts=list(drafts[:100]),
        stitching=campaign.stitchings.first(),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _timeline(campaign: Campaign) -> list[Hour]:
    given = CrowdAnswer.objects.filter(item__campaign=campaign, answered_at__isnull=False)
    hours = given.annotate(at=TruncHour("answered_at")).values("at").annotate(answers=Count("*"))
    return [Hour(**row) for row in hours.order_by("at")]


def _histogram(values: Sequence[float]) -> list[int]:
    counts, _ = np.histogram(np.clip(np.asarray(values, float), 0, 1), BINS, (0, 1))
    return [int(n) for n in counts]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _agreement(campaign: Campaign) -> list[Measure]:
    """Measures of each kind; remembered until answers were reckoned up again."""
    stamp = campaign.aggregated_at.timestamp() if campaign.aggregated_at else 0
    known = f"crowd.agreement:{campaign.pk}:{stamp}"
    found: list[Measure] | None = cache.get(known)
    if found is None:
        found = [one for kind in kinds_of(campaign) for one in _of_kind(campaign, kind)]
        cache.set(known, found, REMEMBERED_S)
    return found


def _of_kind(campaign: Campaign, kind: str) -> list[Measure]:
    asked: dict[str, Any] = {"campaign": campaign, "kind": kind, "most": AGREEMENT_ANSWERS}
    if kind == ItemKind.CENTRES:
        clicked = _several(crowd_reading.answers_of_kind(**asked, read=crowd.point_answer)[0])
        return _measures(kind, crowd.agreement_of_points(clicked)) if clicked else []
    if Kind(kind).of_masks:
        drawn = _several(crowd_reading.answers_of_kind(**asked, read=crowd.mask_answer)[0])
        return _measures(kind, crowd.agreement_of_masks(drawn)) if drawn else []
    chosen = _several(crowd_reading.answers_of_kind(**asked, read=crowd.choice_answer)[0])
    return _measures(kind, crowd.agreement_of_choices(chosen)) if chosen else []


def _several(answers: Mapping[Key, list[A]]) -> dict[Key, list[A]]:
    """Items that at least two people answered."""
    return {key: row for key, row in answers.items() if len(row) > 1}


def _measures(kind: str, found: Agreement) -> list[Measure]:
    return [
        Measure(kind, name, _number(one.value), _number(one.low), _number(one.high), found.items)
        for name, one in found.measures.items()
    ]


def _number(value: float | None) -> float | None:
    """JSON knows no NaN."""
    return None if value is None or not np.isfinite(value) else round(float(value), 4)
