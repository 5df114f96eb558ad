"""Items handed out to workers, and the answers taken back.

Who takes an item locks its worker first, then the answer, then the item; nobody waits for another worker. An
item is never given twice to one worker, and open leases and answers together are never more than it wants.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from annotation.core import crowd
from annotation.core.crowd import BadAnswer, GoldScore, Kind, Verdict
from annotation.models import (
    Campaign,
    CampaignState,
    CrowdAnswer,
    CrowdItem,
    CrowdWorker,
    ItemKind,
    ItemUse,
    WorkerState,
)
from annotation.policies.access import NothingHere
from annotation.selectors import crowd_reading
from annotation.selectors.crowd_reading import Judged
from annotation.services import crowd_asking, crowd_rows, crowd_workers
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid

# Who has met so much gold is known.
GOLD_MOST = 16
# In so many answers it is looked at whether an outliner's size alone is to blame.
SIZED_MOST = 30
TRAININGS_MOST = 3
# A page fetches an item ahead; one that has lost its answer on the way may hold a third.
HELD_MOST = 3
FAST_MOST, FAST_SHARE = 5, 0.3


class NotAnAnswer(Invalid):
    """The value is no answer to this item."""


class AnsweredAlready(Conflict):
    """The worker has answered this item before, and otherwise."""


class LeaseOver(Conflict):
    """The worker kept the item too long and somebody else has it now."""


@dataclass(frozen=True, slots=True)
class Given:
    """An item in a worker's hands until then, or why there is none."""

    worker: CrowdWorker
    item: CrowdItem | None = None
    lease_until: datetime | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer that was kept. `score` is told for items whose truth may be shown; `next` where asked for."""

    worker: CrowdWorker
    item: CrowdItem
    score: GoldScore | None
    is_fast: bool
    next: Given | None = None


# ---------------------------------------------------------------- handing out


@transaction.atomic
def take_next(*, worker: CrowdWorker, holding: Collection[UUID] = ()) -> Given:
    """The item that the worker holds already, or another one that this worker never had.

    `holding`: items that the worker's page has: another one is asked for, ahead of their answers.
    """
    locked = crowd_workers.lock(worker)
    moment = now()
    refusal = _why_not(locked)
    if refusal:
        return Given(locked, why_not=refusal)
    crowd_workers.spend(locked, moment)
    crowd_rows.keep_spent(locked)
    return _give(locked, holding, moment)


def _give(locked: CrowdWorker, holding: Collection[UUID], moment: datetime) -> Given:
    """An item for a locked worker."""
    leases = crowd_rows.leases(locked, moment)
    held = next((one for one in leases if one.item_id not in holding), None)
    if held is not None:
        return Given(locked, held.item, held.lease_until)
    if leases and not _may_hold_more(locked, len(leases)):
        return Given(locked, why_not="NOTHING_NOW")
    uses = _uses(locked)
    found = crowd_rows.hand_out(locked, uses, moment)
    if found is None and take_back_expired(locked.campaign):
        found = crowd_rows.hand_out(locked, uses, moment)
    if found is None:
        # Who still holds items is not at the end.
        return Given(locked, why_not="NOTHING_NOW") if leases else _ended(locked)
    return Given(locked, *found)


def _may_hold_more(worker: CrowdWorker, held: int) -> bool:
    limit = worker.campaign.items_per_worker
    return held < HELD_MOST and (limit is None or worker.answered + held < limit)


def _why_not(worker: CrowdWorker) -> str:
    if worker.state in (WorkerState.EXCLUDED, WorkerState.REFUSED, WorkerState.FINISHED):
        return str(worker.state)
    if worker.campaign.state in (CampaignState.PAUSED, CampaignState.CLOSED):
        return str(worker.campaign.state)
    limit = worker.campaign.items_per_worker
    if limit is not None and worker.answered >= limit:
        _finish(worker)
        return str(WorkerState.FINISHED)
    return ""


def _finish(worker: CrowdWorker) -> None:
    worker.state = WorkerState.FINISHED
    worker.save(update_fields=["state"])


def _uses(worker: CrowdWorker) -> list[str]:
    """Which sort of item comes next, and which where there is none of that."""
    if worker.state == WorkerState.TRAINING:
        return [ItemUse.TRAINING]
    gold = crowd_rows.CLEAR_GOLD if worker.gold_answered < GOLD_MOST else ItemUse.GOLD
    return [gold, ItemUse.WORK] if _is_turn_of_gold(worker) else [ItemUse.WORK]


def _unseen(worker: CrowdWorker) -> QuerySet[CrowdItem]:
    seen = CrowdAnswer.objects.filter(item=OuterRef("pk"), worker=worker)
    return CrowdItem.objects.filter(~Exists(seen), campaign=worker.campaign_id)


def _is_turn_of_gold(worker: CrowdWorker) -> bool:
    """More often for a new worker, so that one who does not look is known after few items."""
    share, met = worker.campaign.gold_share, worker.gold_answered
    if 0 < share < 1 and met < GOLD_MOST:
        kind = crowd_reading.judging_kind(worker.campaign)
        if kind is not None:
            share = crowd.share_now(Kind(kind), share, gold_answered=met, gold_score=worker.gold_score)
    return random.random() < share


def _ended(worker: CrowdWorker) -> Given:
    """Nothing for this worker now: for good when every item that is open was in these hands already."""
    waiting = _unseen(worker).filter(use=ItemUse.WORK, is_done=False)
    if worker.state == WorkerState.TRAINING or waiting.exists():
        return Given(worker, why_not="NOTHING_NOW")
    _finish(worker)
    return Given(worker, why_not=str(WorkerState.FINISHED))


@transaction.atomic
def take_back_expired(campaign: Campaign | None = None) -> int:
    """Leases that ran out give their place back; the worker who had it does not get the item again."""
    over = CrowdAnswer.objects.filter(lease_until__lt=now()).select_for_update(of=("self",), skip_locked=True)
    if campaign is not None:
        over = over.filter(item__campaign=campaign)
    rows = list(over.order_by("item").values_list("pk", "item"))
    CrowdAnswer.objects.filter(pk__in=[pk for pk, _ in rows]).update(lease_until=None)
    for _, item in rows:
        CrowdItem.objects.filter(pk=item).update(given=F("given") - 1)
    return len(rows)


# ---------------------------------------------------------------- taking back


def answer(
    *, worker: CrowdWorker, item_id: UUID, value: Any, seconds: float, then_next: bool = False
) -> Taken:
    """Keep a worker's answer, and with `then_next` give the next item. The same one sent again is the same
    answer; raises `NothingHere` for items that this worker was not given, `NotAnAnswer`, `AnsweredAlready`,
    `LeaseOver`, `TooQuick`."""
    taken = _keep(worker, item_id, value, seconds, then_next)
    if taken.is_fast or taken.item.use == ItemUse.GOLD:
        _look_at(taken.worker, taken.item.kind)
    if then_next and taken.next is None:
        return replace(taken, next=take_next(worker=worker))
    return taken


@transaction.atomic
def _keep(worker: CrowdWorker, item_id: UUID, value: Any, seconds: float, then_next: bool) -> Taken:
    locked = crowd_workers.lock(worker)
    held = _held(locked, item_id)
    kept = _read(held.item, value)
    if held.answered_at is not None:
        return _again(locked, held, kept)
    moment = now()
    crowd_workers.spend(locked, moment)
    if held.lease_until is None:
        _claim_late(held)
    took_s = min(max(seconds, 0.0), (moment - held.given_at).total_seconds())
    held.value, held.seconds, held.answered_at, held.lease_until = kept, took_s, moment, None
    held.is_fast = took_s < locked.campaign.seconds_min and held.item.use != ItemUse.TRAINING
    score = judge(held)
    held.counts = held.item.use == ItemUse.WORK and not held.is_fast
    _follow(locked, held)
    crowd_rows.keep_answer(held, locked)
    if held.item.use == ItemUse.TRAINING:
        _train(locked)
    if held.counts and held.item.answered + 1 >= held.item.wanted:
        crowd_asking.ask(locked.campaign)
    told = score if _may_show(held) else None
    # Who is to be looked at first gets nothing more in the same go.
    at_once = then_next and not held.is_fast and held.item.use == ItemUse.WORK
    refusal = _why_not(locked) if at_once else ""
    after = Given(locked, why_not=refusal) if refusal else _give(locked, (), moment) if at_once else None
    return Taken(locked, held.item, told, held.is_fast, after)


def _held(worker: CrowdWorker, item_id: UUID) -> CrowdAnswer:
    held = crowd_rows.held(worker, item_id)
    if held is None or worker.state == WorkerState.EXCLUDED:
        raise NothingHere("This question was not given to you.")
    return held


def _again(worker: CrowdWorker, held: CrowdAnswer, kept: Mapping[str, Any]) -> Taken:
    if held.value != kept:
        raise AnsweredAlready("You have answered this question before; the first answer stays.")
    return Taken(worker, held.item, judge(held) if _may_show(held) else None, held.is_fast)


def _read(item: CrowdItem, value: Any) -> dict[str, Any]:
    try:
        return crowd.read_answer(
            Kind(item.kind), value, height=item.height, width=item.width, choices=choices_of(item)
        )
    except BadAnswer as error:
        raise NotAnAnswer(str(error)) from error


def choices_of(item: CrowdItem) -> list[str]:
    """The ids of the classes that may be chosen; empty for other kinds."""
    if item.kind != ItemKind.CLASS:
        return []
    return [one.id for one in crowd_reading.classes_to_choose(item.campaign)]


def _claim_late(held: CrowdAnswer) -> None:
    """The lease ran out: the answer is taken where there is room still, so that no work is lost."""
    item = CrowdItem.objects.select_for_update().get(pk=held.item_id)
    if item.use == ItemUse.WORK and item.given >= held.item.campaign.answers_max:
        raise LeaseOver("This question was given to somebody else meanwhile. Go on with the next one.")
    CrowdItem.objects.filter(pk=item.pk).update(given=F("given") + 1)


def judge(held: CrowdAnswer) -> GoldScore | None:
    """The score of an answer whose truth is known, kept with it."""
    item = held.item
    if item.use == ItemUse.WORK:
        return None
    start = {"masks": item.shown[0]} if item.kind == ItemKind.FIX and item.shown else None
    score = crowd.gold_score(
        Kind(item.kind), held.value, item.truth, start=start, pass_mark=item.campaign.pass_mark
    )
    held.score = score.score
    return score


def _may_show(held: CrowdAnswer) -> bool:
    use = held.item.use
    return use == ItemUse.TRAINING or (use == ItemUse.GOLD and held.item.campaign.feedback_on_gold)


def _follow(worker: CrowdWorker, held: CrowdAnswer) -> None:
    """What an answer says of its worker: gold met, too fast."""
    if held.item.use != ItemUse.TRAINING:
        worker.answered += 1
        worker.fast += held.is_fast
    if held.item.use == ItemUse.GOLD:
        total = (worker.gold_score or 0.0) * worker.gold_answered + (held.score or 0.0)
        worker.gold_answered += 1
        worker.gold_score = total / worker.gold_answered


@transaction.atomic
def _look_at(worker: CrowdWorker, kind: str) -> None:
    """Is this somebody who does not look? In a transaction of its own, for it may touch many items."""
    locked = crowd_workers.lock(worker)
    if locked.fast >= FAST_MOST and locked.fast > FAST_SHARE * locked.answered:
        crowd_workers.shut_out(locked, "Answered faster than anybody can look.")
    else:
        look_for_spam(locked, kind)


def _train(worker: CrowdWorker) -> None:
    if worker.state != WorkerState.TRAINING:
        return
    needed = worker.campaign.training_count
    mine = CrowdAnswer.objects.filter(worker=worker, item__use=ItemUse.TRAINING, answered_at__isnull=False)
    scores = [score or 0.0 for score in mine.order_by("-answered_at").values_list("score", flat=True)]
    if len(scores) >= needed and sum(scores[:needed]) >= worker.campaign.pass_mark * needed:
        worker.state = WorkerState.WORKING
    elif len(scores) >= TRAININGS_MOST * needed or not _has_training_left(worker):
        worker.state = WorkerState.REFUSED
        worker.reason = "The training items were not answered well enough."
    worker.save(update_fields=["state", "reason"])


def _has_training_left(worker: CrowdWorker) -> bool:
    """Is there a training item to come, or one fetched ahead that waits for its answer?"""
    held = CrowdAnswer.objects.filter(worker=worker, item__use=ItemUse.TRAINING, lease_until__isnull=False)
    return held.exists() or _unseen(worker).filter(use=ItemUse.TRAINING).exists()


def look_for_spam(worker: CrowdWorker, kind: str) -> None:
    """Exclude a locked worker who answers this kind without looking."""
    judged = crowd_reading.judged_of([worker.pk]).get(worker.pk, [])
    verdict = verdict_of(judged, kind)
    if verdict.spammer and Kind(kind).of_masks:
        # Who always draws too large does look.
        seen = crowd_reading.drawn_of(worker.pk, kind, most=SIZED_MOST)
        verdict = crowd.is_spammer_of_any_size(Kind(kind), seen)
    if verdict.spammer and worker.state != WorkerState.EXCLUDED:
        crowd_workers.shut_out(worker, verdict.reason)


def verdict_of(judged: Sequence[Judged], kind: str) -> Verdict:
    """Whether these answers of one worker are those of somebody who does not look."""
    return crowd.is_spammer(Kind(kind), [one.evidence for one in judged if one.kind == kind])
