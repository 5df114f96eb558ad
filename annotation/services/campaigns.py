"""Campaigns: made, changed, opened, paused, closed, forgotten."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from annotation.models import Campaign, CampaignState, CrowdItem, ItemUse, LabelClass, Project
from annotation.policies import access
from annotation.selectors import crowd_reading
from annotation.services.naming import keep
from backend.accounts.models import Role, User
from backend.accounts.secrets import new_link
from backend.foundation import events, storage
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid

CONSENT = (
    "You look at pictures from a microscope and answer simple questions about them. Your answers are kept "
    "under a random key. We store no name, no address and nothing about your device. You may stop at any "
    "time, and delete everything that you answered on the last page."
)


class CampaignNotReady(Conflict):
    """The campaign's state does not allow this now, or there is nothing to ask yet."""


class BadRules(Invalid):
    """Rules that contradict each other."""


@transaction.atomic
def create(*, project: Project, name: str, by: User, **rules: Any) -> Campaign:
    """A new campaign, a draft until it is opened; nobody can follow its link before."""
    access.require(by, project, Role.MANAGER)
    rules["consent"] = rules.get("consent") or CONSENT
    campaign = Campaign(
        project=project, name=name, token=new_link(), salt=secrets.token_hex(16), created_by=by, **rules
    )
    _check(campaign)
    _check_classes(campaign, rules)
    return announce(keep(campaign))


@transaction.atomic
def change(*, campaign: Campaign, by: User, **changes: Any) -> Campaign:
    """Other words or rules; items that were handed out already keep their leases."""
    access.require(by, campaign.project, Role.MANAGER)
    for name, value in changes.items():
        setattr(campaign, name, value)
    _check(campaign)
    _check_classes(campaign, changes)
    kept = keep(campaign, changes)
    if {"answers_min", "answers_max"} & changes.keys():
        _want_as_ruled(campaign)
    return announce(kept)


def _check(campaign: Campaign) -> None:
    if campaign.answers_max < campaign.answers_min:
        raise BadRules(
            f"An item takes at least {campaign.answers_min} answers, so at most cannot be "
            f"{campaign.answers_max}."
        )
    address = campaign.redirect_url
    if address and not address.startswith(("https://", "http://")):
        raise BadRules("The address to return to must begin with https:// or http://.")


def _check_classes(campaign: Campaign, said: Iterable[str]) -> None:
    """Of what was said just now: classes that were taken out of the project later limit nothing."""
    if not {"class_level", "class_below"} & {*said}:
        return
    known = LabelClass.objects.filter(project=campaign.project_id)
    if campaign.class_below is not None and not known.filter(pk=campaign.class_below).exists():
        raise BadRules("The project has no such class, below which others could be chosen.")
    asks_some = campaign.class_level is not None or campaign.class_below is not None
    if asks_some and not crowd_reading.classes_to_choose(campaign):
        raise BadRules("There is no class to choose there: ask at another level, or below another class.")


def _want_as_ruled(campaign: Campaign) -> None:
    """Items that are open want at least and at most what the rules say now."""
    unfinished = CrowdItem.objects.filter(campaign=campaign, use=ItemUse.WORK, is_done=False)
    unfinished.filter(wanted__lt=campaign.answers_min).update(wanted=campaign.answers_min)
    unfinished.filter(wanted__gt=campaign.answers_max).update(wanted=campaign.answers_max)
    unfinished.filter(answered__gte=F("wanted")).update(is_dirty=True)


@transaction.atomic
def open(*, campaign: Campaign, by: User) -> Campaign:
    """From now on the link works and items are handed out."""
    access.require(by, campaign.project, Role.MANAGER)
    if not campaign.items.exists():
        raise CampaignNotReady("There is nothing to ask yet: cut images into items first.")
    teaching = campaign.items.filter(use=ItemUse.TRAINING).count()
    if campaign.training_count > teaching:
        raise CampaignNotReady(
            f"Workers are to begin with {campaign.training_count} training items, but there are {teaching}. "
            f"Add training items, or lower the number."
        )
    campaign.state, campaign.closed_at = CampaignState.OPEN, None
    campaign.opened_at = campaign.opened_at or now()
    campaign.save(update_fields=["state", "opened_at", "closed_at"])
    return announce(campaign)


@transaction.atomic
def pause(*, campaign: Campaign, by: User) -> Campaign:
    """Nothing more is handed out; answers to what is in hands are taken."""
    access.require(by, campaign.project, Role.MANAGER)
    if campaign.state != CampaignState.OPEN:
        raise CampaignNotReady("Only an open campaign can be paused.")
    campaign.state = CampaignState.PAUSED
    campaign.save(update_fields=["state"])
    return announce(campaign)


@transaction.atomic
def close(*, campaign: Campaign, by: User) -> Campaign:
    """It is over; answers to what is in hands are taken. It can be opened again."""
    access.require(by, campaign.project, Role.MANAGER)
    if campaign.state == CampaignState.DRAFT:
        raise CampaignNotReady("A draft was never open; delete it instead.")
    campaign.state, campaign.closed_at = CampaignState.CLOSED, now()
    campaign.save(update_fields=["state", "closed_at"])
    return announce(campaign)


@transaction.atomic
def renew_link(*, campaign: Campaign, by: User) -> Campaign:
    """Another link; the old one leads nowhere from now on, and those who joined need the new one to go on."""
    access.require(by, campaign.project, Role.MANAGER)
    campaign.token = new_link()
    campaign.save(update_fields=["token"])
    return campaign


@transaction.atomic
def delete(*, campaign: Campaign, by: User) -> None:
    """Forget a campaign with its items, workers and answers; drafts that were stitched from it stay."""
    access.require(by, campaign.project, Role.MANAGER)
    folder = picture_folder(campaign)
    project, pk = campaign.project_id, campaign.pk
    campaign.delete()
    transaction.on_commit(lambda: storage.delete_prefix(folder))
    events.publish("campaign.changed", project=project, id=pk, state="DELETED")


def picture_folder(campaign: Campaign) -> str:
    """Where the crops of a campaign lie once somebody has looked at them."""
    return f"campaigns/{campaign.pk}"


def announce(campaign: Campaign) -> Campaign:
    """Tell those who watch the project."""
    events.publish("campaign.changed", project=campaign.project_id, id=campaign.pk, state=str(campaign.state))
    return campaign
