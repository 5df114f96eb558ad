"""Who stands at a worker's door: a campaign by its link, a worker by the secret that joining gave out.

A worker sees what was given to this worker, and nothing else of the project.
"""

from uuid import UUID

from annotation.models import Campaign, CampaignState, CrowdAnswer, CrowdWorker
from annotation.policies.access import NothingHere
from backend.accounts.secrets import hash_of
from backend.foundation.errors import NotFound


class WorkerUnknown(NotFound):
    """The secret belongs to no worker of this campaign: join first."""


def find_campaign(token: str) -> Campaign:
    """The campaign of this link, unless it is a draft still; raises `NothingHere`."""
    campaign = Campaign.objects.exclude(state=CampaignState.DRAFT).filter(token=token).first()
    if campaign is None:
        raise NothingHere("This link leads nowhere. Ask whoever gave it to you for a new one.")
    return campaign


def find_worker(token: str, secret: str) -> CrowdWorker:
    """The worker of this campaign with this secret, the campaign beside; raises `WorkerUnknown`."""
    worker = known_worker(token, secret)
    if worker is None:
        find_campaign(token)
        raise WorkerUnknown("You are not known here yet, or were forgotten on request. Begin once more.")
    return worker


def find_given(token: str, secret: str, item: UUID) -> CrowdAnswer:
    """What this worker was given, with the item, its image and the campaign beside, in one query; raises
    `WorkerUnknown`, and `NothingHere` for items that were given to others or to nobody."""
    given = CrowdAnswer.objects.filter(
        item=item, worker__secret_hash=hash_of(secret), worker__campaign__token=token
    ).select_related("item__image", "item__campaign")
    found = given.exclude(item__campaign__state=CampaignState.DRAFT).first()
    if found is None:
        find_worker(token, secret)
        raise NothingHere("This question was not given to you.")
    return found


def known_worker(token: str, secret: str) -> CrowdWorker | None:
    """The same, or None."""
    if not secret:
        return None
    workers = CrowdWorker.objects.filter(secret_hash=hash_of(secret), campaign__token=token)
    return workers.exclude(campaign__state=CampaignState.DRAFT).select_related("campaign").first()
