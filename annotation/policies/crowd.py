"""Who stands at a worker's door: a campaign by its link, a worker by the secret that joining gave out.

A worker sees what was given to this worker, and nothing else of the project.
"""

from uuid import UUID

from annotation.models import Campaign, CampaignState, CrowdAnswer, CrowdItem, CrowdWorker
from annotation.models.statements import Statement
from annotation.policies.access import NothingHere
from backend.accounts.secrets import hash_of
from backend.foundation.errors import NotFound

KNOWN = Statement(
    """
    SELECT {w}, {c} FROM annotation_crowdworker w JOIN annotation_campaign c ON c.id = w.campaign_id
    WHERE w.secret_hash = %s AND c.token = %s AND c.state <> 'DRAFT'
    """,
    w=CrowdWorker,
    c=Campaign,
)
GIVEN = Statement(
    """
    SELECT {a}, {i}, {c} FROM annotation_crowdanswer a
    JOIN annotation_crowditem i ON i.id = a.item_id
    JOIN annotation_crowdworker w ON w.id = a.worker_id
    JOIN annotation_campaign c ON c.id = w.campaign_id
    WHERE a.item_id = %s AND w.secret_hash = %s AND c.token = %s AND c.state <> 'DRAFT'
    """,
    a=CrowdAnswer,
    i=CrowdItem,
    c=Campaign,
)


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
    """What this worker was given, with the item and the campaign beside, in one query; raises
    `WorkerUnknown`, and `NothingHere` for items that were given to others or to nobody."""
    found = GIVEN.first(item, hash_of(secret), token)
    if found is None:
        find_worker(token, secret)
        raise NothingHere("This question was not given to you.")
    given, given.item, given.item.campaign = found
    assert isinstance(given, CrowdAnswer)
    return given


def known_worker(token: str, secret: str) -> CrowdWorker | None:
    """The same, or None."""
    if not secret:
        return None
    found = KNOWN.first(hash_of(secret), token)
    if found is None:
        return None
    worker, worker.campaign = found
    assert isinstance(worker, CrowdWorker)
    return worker
