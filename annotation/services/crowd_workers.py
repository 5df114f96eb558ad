"""Workers of a campaign: joined by a link, held to a pace, excluded, forgotten. Nothing personal is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from annotation.models import (
    Campaign,
    CampaignState,
    CrowdAnswer,
    CrowdItem,
    CrowdWorker,
    ItemUse,
    WorkerState,
)
from annotation.policies import access
from annotation.services import crowd_asking, crowd_rows
from backend.accounts.models import Role, User
from backend.accounts.secrets import hash_of, new_link
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid, TooMany

CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
MINUTE = timedelta(minutes=1)
# Taking an item and answering it both cost one; so much may be done in one go after a rest.
REQUESTS_AN_ANSWER = 2


class NoConsent(Invalid):
    """Nobody takes part without having agreed."""


class CampaignClosed(Conflict):
    """Nobody can join now."""


class TooManyJoin(TooMany):
    """The link is followed more often than the owner allows."""


class TooQuick(TooMany):
    """The worker asks and answers faster than the owner allows."""


@transaction.atomic
def join(*, campaign: Campaign, consent: bool, platform_worker: str = "") -> tuple[CrowdWorker, str]:
    """A worker and the secret that proves it, told once. A platform's worker who comes back goes on as the
    same worker, with a new secret."""
    if not consent:
        raise NoConsent("Please agree before you begin.")
    if campaign.state != CampaignState.OPEN:
        raise CampaignClosed("This campaign is not open now. Thank you for wanting to help.")
    secret = new_link()
    known = platform_hash(campaign, platform_worker)
    if known:
        seen = CrowdWorker.objects.select_for_update().filter(campaign=campaign, platform_hash=known).first()
        if seen is not None:
            seen.secret_hash = hash_of(secret)
            seen.save(update_fields=["secret_hash"])
            return seen, secret
    _check_joins(campaign)
    begins = WorkerState.TRAINING if campaign.training_count else WorkerState.WORKING
    worker = CrowdWorker.objects.create(
        campaign=campaign,
        secret_hash=hash_of(secret),
        platform_hash=known,
        code="".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)),
        state=begins,
        budget=campaign.answers_per_minute * REQUESTS_AN_ANSWER,
        budget_at=now(),
    )
    return worker, secret


def platform_hash(campaign: Campaign, platform_worker: str) -> str:
    """What is kept of a platform's name for a worker: nobody finds the name from it without the salt."""
    told = platform_worker.strip()
    return hmac.new(campaign.salt.encode(), told.encode(), hashlib.sha256).hexdigest() if told else ""


def _check_joins(campaign: Campaign) -> None:
    lately = CrowdWorker.objects.filter(campaign=campaign, joined_at__gt=now() - MINUTE)
    if lately.count() >= campaign.joins_per_minute:
        raise TooManyJoin(
            "Many people follow this link just now. Wait a minute and try again.", retry_after_s=60
        )


def spend(worker: CrowdWorker, at: datetime) -> None:
    """Take one request from a locked worker's budget, which fills up with time; raises `TooQuick`."""
    a_minute = worker.campaign.answers_per_minute * REQUESTS_AN_ANSWER
    rested_s = (at - worker.budget_at).total_seconds() if worker.budget_at else 60.0
    budget = min(a_minute, worker.budget + a_minute * rested_s / 60)
    if budget < 1:
        wait_s = max(1, round((1 - budget) * 60 / a_minute + 0.5))
        raise TooQuick(
            f"That was very quick: at most {worker.campaign.answers_per_minute} answers a minute are taken. "
            f"Go on in {wait_s} second{'s' if wait_s > 1 else ''}.",
            retry_after_s=wait_s,
        )
    worker.budget, worker.budget_at, worker.seen_at = budget - 1, at, at


def lock(worker: CrowdWorker) -> CrowdWorker:
    """The worker as it is now, locked until the transaction ends, the campaign beside."""
    return crowd_rows.lock_worker(worker)


# ---------------------------------------------------------------- excluding, forgetting


@transaction.atomic
def exclude(*, worker: CrowdWorker, is_excluded: bool = True, reason: str = "", by: User) -> CrowdWorker:
    """Leave out everything that the worker answered, or take it in again; what changes is reckoned anew."""
    access.require(by, worker.campaign.project, Role.MANAGER)
    locked = lock(worker)
    return shut_out(locked, reason or "Excluded by the owner.") if is_excluded else _let_in(locked)


def shut_out(worker: CrowdWorker, reason: str) -> CrowdWorker:
    """Exclude a locked worker: answers count no more, items are handed out again for them."""
    worker.state, worker.reason = WorkerState.EXCLUDED, reason[:300]
    worker.save(update_fields=["state", "reason"])
    _give_back(worker)
    crowd_asking.ask(worker.campaign, soon=True)
    return worker


def _let_in(worker: CrowdWorker) -> CrowdWorker:
    worker.state, worker.reason = WorkerState.WORKING, ""
    worker.save(update_fields=["state", "reason"])
    left_out = CrowdAnswer.objects.filter(
        worker=worker, answered_at__isnull=False, is_fast=False, counts=False, item__use=ItemUse.WORK
    )
    items = list(left_out.order_by("item").values_list("item", flat=True))
    left_out.update(counts=True)
    _lock_items(items)
    CrowdItem.objects.filter(pk__in=items).update(
        given=F("given") + 1, answered=F("answered") + 1, is_dirty=True
    )
    crowd_asking.ask(worker.campaign, soon=True)
    return worker


def _give_back(worker: CrowdWorker) -> None:
    """What a locked worker holds or answered is free again."""
    mine = CrowdAnswer.objects.filter(worker=worker)
    held = list(mine.filter(lease_until__isnull=False).order_by("item").values_list("item", flat=True))
    counted = list(mine.filter(counts=True).order_by("item").values_list("item", flat=True))
    mine.filter(lease_until__isnull=False).update(lease_until=None)
    mine.filter(counts=True).update(counts=False)
    _lock_items(sorted({*held, *counted}))
    CrowdItem.objects.filter(pk__in=held).update(given=F("given") - 1)
    CrowdItem.objects.filter(pk__in=counted).update(
        given=F("given") - 1, answered=F("answered") - 1, is_dirty=True, is_done=False
    )


def _lock_items(items: Sequence[UUID]) -> None:
    """In one order, so that two of these never wait for each other."""
    list(CrowdItem.objects.filter(pk__in=items).order_by("pk").select_for_update().values_list("pk"))


@transaction.atomic
def forget(*, worker: CrowdWorker, by: User | None = None) -> None:
    """Delete a worker with every answer: on the worker's own wish (`by` None), or a manager's."""
    if by is not None:
        access.require(by, worker.campaign.project, Role.MANAGER)
    locked = lock(worker)
    _give_back(locked)
    campaign = locked.campaign
    locked.delete()
    crowd_asking.ask(campaign, soon=True)
