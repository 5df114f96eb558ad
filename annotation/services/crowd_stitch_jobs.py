"""Stitching asked for by a letter: image by image, with progress, taken up again after a killed worker."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from annotation.models import Campaign, CrowdStitching, StitchingState
from annotation.policies import access
from annotation.services import campaigns, claims, crowd_stitching
from backend.accounts.models import Role, User
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, CytoloopError
from backend.foundation.queue import Letter, post

logger = logging.getLogger(__name__)

OPEN = (StitchingState.WAITING, StitchingState.RUNNING)
AGAIN_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 3


class StitchingRuns(Conflict):
    """One is under way: two would make every draft twice."""


def ask(*, campaign: Campaign, by: User, review: bool = True, **which: Any) -> CrowdStitching:
    """Stitch in background; `which` items as `crowd_stitching.answered` takes them. Raises `NothingAnswered`,
    `StitchingRuns`."""
    access.require(by, campaign.project, Role.MANAGER)
    total = len(crowd_stitching.answered(campaign, **which))
    try:
        with transaction.atomic():
            asked = CrowdStitching.objects.create(
                campaign=campaign, wish={"review": review, **which}, total=total, asked_by=by
            )
            post(Letter.STITCH_CAMPAIGN, stitching_id=str(asked.pk))
    except IntegrityError as error:
        raise StitchingRuns("These answers are being stitched already; wait for its end.") from error
    return asked


def run(*, stitching_id: UUID) -> None:
    """Make the drafts that are missing; does nothing when there are none, or another worker is at it."""
    with claims.alone("stitching", stitching_id) as is_alone:
        asked = CrowdStitching.objects.filter(pk=stitching_id, state__in=OPEN).first()
        if asked is None or not is_alone:
            return
        _note(asked, state=StitchingState.RUNNING, attempts=asked.attempts + 1)
        if asked.attempts > MOST_ATTEMPTS:
            _note(asked, state=StitchingState.FAILED, message="It stopped again and again; look at the log.")
            return
        try:
            _work_off(asked)
        except CytoloopError as error:
            _note(asked, state=StitchingState.FAILED, message=error.message[:500])
        except Exception:
            _note(asked, state=StitchingState.FAILED, message="Something went wrong; the log says what.")
            logger.exception("Stitching %s", stitching_id)


def _work_off(asked: CrowdStitching) -> None:
    campaign = Campaign.objects.select_related("project__team").get(pk=asked.campaign_id)
    which = dict(asked.wish)
    review, by = which.pop("review"), asked.asked_by
    if by is None:
        raise Conflict("Whoever asked for it is no longer here; ask again.")
    known = set(asked.drafts.values_list("base", flat=True))
    for branch, items in crowd_stitching.answered(campaign, **which).items():
        if branch.pk in known:
            continue
        with transaction.atomic():
            crowd_stitching.stitch_one(campaign, branch, items, review, by, asked)
            CrowdStitching.objects.filter(pk=asked.pk).update(
                done=F("done") + 1, tasks=F("tasks") + int(review), touched_at=now()
            )
            campaigns.announce(campaign)
    _note(asked, state=StitchingState.DONE)


def _note(asked: CrowdStitching, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(asked, name, value)
    with transaction.atomic():
        asked.save(update_fields=[*changes, "touched_at"])
        campaigns.announce(asked.campaign)


def repost_waiting() -> int:
    """Letters for what nobody has touched for a minute; one that is worked on finds its claim taken."""
    waiting = CrowdStitching.objects.filter(state__in=OPEN, touched_at__lte=now() - AGAIN_AFTER)
    for pk in waiting.values_list("pk", flat=True):
        post(Letter.STITCH_CAMPAIGN, stitching_id=str(pk))
    return len(waiting)
