"""Crops as pictures: made when somebody first looks, kept for those who come after."""

from functools import lru_cache
from uuid import UUID

from annotation.core import crop_pictures
from annotation.core.crops import Box
from annotation.core.formats import ome_zarr
from annotation.core.formats.ome_zarr import OmeZarr
from annotation.models import Campaign, CrowdAnswer, CrowdItem, CrowdWorker
from annotation.policies.access import NothingHere
from annotation.services.campaigns import picture_folder
from backend.foundation import storage
from backend.foundation.storage import BlobMissing

OPEN_IMAGES = 32


def for_worker(*, worker: CrowdWorker, item_id: UUID, end: int) -> bytes:
    """PNG of an item that this worker was given; raises `NothingHere` for every other one."""
    given = CrowdAnswer.objects.filter(worker=worker, item=item_id).select_related("item__image").first()
    if given is None:
        raise NothingHere("This question was not given to you.")
    return picture(worker.campaign, given.item, end)


def picture(campaign: Campaign, item: CrowdItem, end: int = 0) -> bytes:
    """PNG of the item's crop, with `end` 1 at the later frame; raises `NothingHere` where there is none."""
    if end and item.to_t is None:
        raise NothingHere("This question has one picture only.")
    channels = "-".join(map(str, campaign.channels)) or "all"
    key = f"{picture_folder(campaign)}/{item.pk}.{end}.{channels}.png"
    try:
        return storage.get(key)
    except BlobMissing:
        made = _make(campaign, item, item.to_t if end and item.to_t is not None else item.t)
        storage.put(key, made)
        return made


def _make(campaign: Campaign, item: CrowdItem, t: int) -> bytes:
    box = Box(item.y, item.x, item.y + item.height, item.x + item.width)
    return crop_pictures.png(_open(item.image.store_key), t=t, z=item.z, box=box, channels=campaign.channels)


@lru_cache(maxsize=OPEN_IMAGES)
def _open(store_key: str) -> OmeZarr:
    """An image's bytes never change under its key, so it is opened once."""
    return ome_zarr.open(storage.zarr_store(store_key, read_only=True))
