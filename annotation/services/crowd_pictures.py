"""Crops as pictures: made when somebody first looks, kept for those who come after."""

from functools import lru_cache

from annotation.core import crop_pictures
from annotation.core.crops import Box
from annotation.core.formats import ome_zarr
from annotation.core.formats.ome_zarr import OmeZarr
from annotation.models import Campaign, CrowdItem
from annotation.policies.access import NothingHere
from annotation.services.campaigns import picture_folder
from backend.foundation import storage
from backend.foundation.storage import BlobMissing

OPEN_IMAGES = 32
KEPT_PICTURES = 1000


def picture(campaign: Campaign, item: CrowdItem, end: int = 0) -> bytes:
    """PNG of the item's crop, with `end` 1 at the later frame; raises `NothingHere` where there is none."""
    if end and item.to_t is None:
        raise NothingHere("This question has one picture only.")
    channels = "-".join(map(str, campaign.channels)) or "all"
    key = f"{picture_folder(campaign)}/{item.pk}.{end}.{channels}.png"
    try:
        return _kept(key)
    except BlobMissing:
        made = _make(campaign, item, item.to_t if end and item.to_t is not None else item.t)
        storage.put(key, made)
        return made


@lru_cache(maxsize=KEPT_PICTURES)
def _kept(key: str) -> bytes:
    """Several workers look at the same crop within seconds; what lies under its key never changes."""
    return storage.get(key)


def _make(campaign: Campaign, item: CrowdItem, t: int) -> bytes:
    box = Box(item.y, item.x, item.y + item.height, item.x + item.width)
    return crop_pictures.png(_open(item.image.store_key), t=t, z=item.z, box=box, channels=campaign.channels)


@lru_cache(maxsize=OPEN_IMAGES)
def _open(store_key: str) -> OmeZarr:
    """An image's bytes never change under its key, so it is opened once."""
    return ome_zarr.open(storage.zarr_store(store_key, read_only=True))
