"""Asking for a campaign's answers to be reckoned up: one letter at a time, however many answers come."""

from datetime import timedelta

from django.db.models import Q

from annotation.models import Campaign, CrowdItem
from backend.foundation.clock import now
from backend.foundation.queue import Letter, post

AGAIN_AFTER = timedelta(minutes=1)
REST = timedelta(seconds=5)


def ask(campaign: Campaign, *, soon: bool = False) -> None:
    """Post the letter unless one is on its way, or with `soon` False was answered some seconds ago: while
    answers pour in they are reckoned up together. One that was lost is posted again after a minute."""
    moment = now()
    if not soon and campaign.aggregated_at is not None and campaign.aggregated_at > moment - REST:
        return
    asked = campaign.aggregate_asked_at
    if asked is not None and asked > moment - AGAIN_AFTER:
        return
    free = Q(aggregate_asked_at__isnull=True) | Q(aggregate_asked_at__lte=moment - AGAIN_AFTER)
    if Campaign.objects.filter(free, pk=campaign.pk).update(aggregate_asked_at=moment):
        post(Letter.AGGREGATE_CAMPAIGN, campaign_id=str(campaign.pk))


def repost_waiting() -> int:
    """Letters for campaigns with items that wait, and of which nobody has heard for a minute."""
    waiting = Campaign.objects.filter(
        Q(aggregate_asked_at__isnull=True) | Q(aggregate_asked_at__lte=now() - AGAIN_AFTER),
        pk__in=CrowdItem.objects.filter(is_dirty=True).values("campaign"),
    )
    campaigns = list(waiting)
    for campaign in campaigns:
        ask(campaign, soon=True)
    return len(campaigns)
