"""Images cut into items: tiles to outline or click in, cells and links that a machine was unsure of.

An item that a campaign has already is not made again.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation.core import crops
from annotation.core.crops import Box, Crop
from annotation.core.intervals import Ints
from annotation.models import Branch, Campaign, CrowdItem, Image, ItemKind, ItemUse
from annotation.policies import access
from annotation.policies.access import NothingHere
from annotation.selectors import crowd_sources
from annotation.selectors.crowd_sources import Pair, Seen, Source
from annotation.services import campaigns
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid

LEAST_PX, MOST_PX = 48, 512
ITEMS_MOST = 20_000


class NothingToAsk(Invalid):
    """The images hold nothing that such an item could ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which items are wanted. Images by id or a whole dataset, with `branch` by name, else each image's
    current; or `branches` by id, such as a model's drafts.

    Tiles are `tile_px` wide and share `overlap_px`; crops around cells leave `margin_px`. With `per_cell`
    each cell is outlined by itself. `below`: only cells or links that were less sure than this.
    """

    kind: str
    dataset: UUID | None = None
    images: Sequence[UUID] = ()
    branch: str = ""
    branches: Sequence[UUID] = ()
    limit: int = 500
    tile_px: int = 128
    overlap_px: int = 24
    margin_px: int = 16
    every_t: int = 1
    order: str = "LEAST_SURE"
    below: float | None = None
    per_cell: bool = False

    @property
    def of_tiles(self) -> bool:
        """Are whole tiles asked about?"""
        return self.kind == ItemKind.CENTRES or (self.kind == ItemKind.OUTLINE and not self.per_cell)

    @property
    def of_links(self) -> bool:
        """Are links asked about?"""
        return self.kind in (ItemKind.SAME, ItemKind.DIVIDED)


@dataclass(frozen=True, slots=True)
class Cutting:
    """How many items were made, how many were there already, of how many images."""

    made: int
    known: int
    images: int


@transaction.atomic
def cut(*, campaign: Campaign, wish: Wish, by: User) -> Cutting:
    """Make items; raises `NothingToAsk`."""
    access.require(by, campaign.project, Role.MANAGER)
    sources = _sources(campaign, wish, by)
    if wish.of_tiles:
        items = [item for source in sources for item in _tiles(campaign, source, wish)]
    elif wish.of_links:
        items = _links(campaign, sources, wish)
    else:
        items = _cells(campaign, sources, wish)
    if not items:
        raise NothingToAsk(_why_nothing(wish))
    if wish.order == "RANDOM":
        random.Random(str(campaign.pk)).shuffle(items)
    return keep(campaign, sorted(items, key=lambda item: -item.priority)[: wish.limit])


def _why_nothing(wish: Wish) -> str:
    if wish.of_links:
        return "No linker ran on these branches, or people judged all its links: none is left to ask about."
    if wish.of_tiles:
        return "These images have no frame to cut."
    return (
        "There is no cell on these branches that is less sure than asked. Raise the limit, or choose others."
    )


def _sources(campaign: Campaign, wish: Wish, by: User) -> list[Source]:
    """The labels that are asked about; raises `NothingHere`, `NothingToAsk`."""
    if wish.branches:
        return crowd_sources.of_branches(_branches(campaign, wish, by))
    sources = crowd_sources.of_images(images_of(campaign, wish), wish.branch)
    if not sources:
        raise NothingToAsk(f"None of these images has a branch called “{wish.branch}”.")
    return sources


def _branches(campaign: Campaign, wish: Wish, by: User) -> list[Branch]:
    """The branches that are meant, all of the campaign's project and for this person to see."""
    visible = Branch.objects.visible_to(by).filter(
        pk__in=wish.branches, image__in=Image.objects.ready(), image__dataset__project=campaign.project_id
    )
    found = list(visible.select_related("image"))
    if len(found) < len(set(wish.branches)):
        raise NothingHere("These labels are not in the campaign's project.")
    return found


def images_of(campaign: Campaign, wish: Wish) -> list[Image]:
    """The images that are meant, all of the campaign's project; raises `NothingHere`."""
    ready = Image.objects.ready().filter(dataset__project=campaign.project_id)
    wanted = ready.filter(pk__in=wish.images) if wish.images else ready.filter(dataset=wish.dataset)
    found = list(wanted.select_related("current_branch").order_by("name", "pk"))
    if not found or (wish.images and len(found) < len(set(wish.images))):
        raise NothingHere("These images are not in the campaign's project.")
    return found


def keep(campaign: Campaign, items: Sequence[CrowdItem]) -> Cutting:
    """Save items that the campaign does not have yet."""
    if campaign.items.count() + len(items) > ITEMS_MOST:
        raise Invalid(f"A campaign holds at most {ITEMS_MOST} items. Make another one for the rest.")
    keys = {item.key: item for item in items}
    known = set(CrowdItem.objects.filter(campaign=campaign, key__in=keys).values_list("key", flat=True))
    fresh = [item for key, item in keys.items() if key not in known]
    CrowdItem.objects.bulk_create(fresh, batch_size=500)
    campaigns.announce(campaign)
    return Cutting(len(fresh), len(items) - len(fresh), len({item.image_id for item in items}))


# ---------------------------------------------------------------- the three rules


def _tiles(campaign: Campaign, source: Source, wish: Wish) -> list[CrowdItem]:
    """Every tile of every frame that is asked; where cells have qualities, the least sure tiles first."""
    height, width = source.image.size_y, source.image.size_x
    cutting = crops.cut(height, width, size=wish.tile_px, overlap=wish.overlap_px)
    labelled = set(source.frames())
    items = []
    for t, z in crowd_sources.planes_of(source.image, wish.every_t):
        seen = list(source.seen(t).values()) if t in labelled else []
        for crop in cutting:
            doubt = max((1 - crowd_sources.quality(one) for one in seen if _is_in(one, z, crop)), default=0.0)
            items.append(tile_item(campaign, wish.kind, source, t, z, crop, priority=doubt))
    return items


def _is_in(one: Seen, z: int, crop: Crop) -> bool:
    y, x = one.centre
    return one.z == z and crop.home.y0 <= y < crop.home.y1 and crop.home.x0 <= x < crop.home.x1


def _cells(campaign: Campaign, sources: Sequence[Source], wish: Wish) -> list[CrowdItem]:
    found = [
        (crowd_sources.quality(one), i, one)
        for i, source in enumerate(sources)
        for one in crowd_sources.least_sure_cells(source, wish.every_t, wish.below)
    ]
    found.sort(key=lambda row: row[0])
    chosen = sorted(found[: wish.limit], key=lambda row: (row[1], row[2].t, row[2].z))
    items = []
    for (i, t, z), several in groupby(chosen, key=lambda row: (row[1], row[2].t, row[2].z)):
        masks = sources[i].masks(t, z)
        items += [
            cell_item(campaign, wish, sources[i], one, masks.get(one.cell), priority=1 - sure)
            for sure, _, one in several
        ]
    return items


def _links(campaign: Campaign, sources: Sequence[Source], wish: Wish) -> list[CrowdItem]:
    births = wish.kind == ItemKind.DIVIDED
    items = []
    for source in sources:
        pairs = crowd_sources.uncertain_pairs(source, births=births, count=wish.limit, below=wish.below)
        items += link_items(campaign, wish, source, pairs)
    return items


# ---------------------------------------------------------------- one item


def tile_item(
    campaign: Campaign, kind: str, source: Source, t: int, z: int, crop: Crop, **more: Any
) -> CrowdItem:
    """A tile, nothing drawn into it."""
    return _item(campaign, kind, source, t, z, crop.box, home=list(crop.home), **more)


def cell_item(
    campaign: Campaign, wish: Wish, source: Source, one: Seen, mask: Ints | None, **more: Any
) -> CrowdItem:
    """A crop around a cell; its outline is drawn into it, of one that is to be outlined only its middle."""
    box = _around(source, wish, one)
    if wish.kind == ItemKind.OUTLINE:
        shown = [[_mark(one, box)]]
    else:
        shown = [] if mask is None else [[inside(mask, box)]]
    return _item(campaign, wish.kind, source, one.t, one.z, box, cell=one.cell, shown=shown, **more)


def _mark(one: Seen, box: Box) -> list[list[int]]:
    """The pixel in the middle of a cell: at an image's border the middle of the crop lies elsewhere."""
    y, x = (int(at) for at in one.centre)
    y, x = min(max(y, box.y0), box.y1 - 1) - box.y0, min(max(x, box.x0), box.x1 - 1) - box.x0
    return [[y, x, x + 1]]


def link_items(
    campaign: Campaign, wish: Wish, source: Source, pairs: Iterable[Pair], **more: Any
) -> list[CrowdItem]:
    """Two pictures of one place, with the cell in question drawn into each."""
    planes: dict[tuple[int, int], dict[int, Ints]] = {}
    items = []
    for pair in pairs:
        ends = (pair.earlier, pair.later)
        bounds = [ends[0].bounds, ends[1].bounds]
        whole = (*(min(b[k] for b in bounds) for k in (0, 1)), *(max(b[k] for b in bounds) for k in (2, 3)))
        box = _box(source, wish, whole)
        shown = []
        for end in ends:
            if (end.t, end.z) not in planes:
                planes[end.t, end.z] = source.masks(end.t, end.z)
            shown.append([inside(planes[end.t, end.z][end.cell], box)])
        first = {"cell": ends[0].cell, "to_t": ends[1].t, "other_cell": ends[1].cell, "shown": shown}
        told = {"priority": 1 - pair.confidence, **more}
        items.append(_item(campaign, wish.kind, source, ends[0].t, ends[0].z, box, **first, **told))
    return items


def _around(source: Source, wish: Wish, one: Seen) -> Box:
    return _box(source, wish, one.bounds)


def _box(source: Source, wish: Wish, bounds: Sequence[int]) -> Box:
    size = {"height": source.image.size_y, "width": source.image.size_x}
    return crops.around(bounds, margin=wish.margin_px, least=LEAST_PX, most=MOST_PX, **size)


def inside(mask: Ints, box: Box) -> list[list[int]]:
    """The part of a mask that the crop shows, in px of the crop."""
    found: list[list[int]] = crops.moved(crops.within(mask, box), -box.y0, -box.x0).tolist()
    return found


def _item(campaign: Campaign, kind: str, source: Source, t: int, z: int, box: Box, **more: Any) -> CrowdItem:
    item = CrowdItem(
        campaign=campaign, kind=kind, image=source.image, branch=source.branch, number=source.number, t=t,
        z=z, y=box.y0, x=box.x0, height=box.height, width=box.width, wanted=campaign.answers_min, **more,
    )  # fmt: skip
    place = (item.use, kind, item.image_id, t, z, item.cell, item.to_t, item.other_cell)
    where = tuple(box) if item.cell is None else ()
    fake = item.shown if item.use != ItemUse.WORK else ""
    item.key = hashlib.blake2b(repr((*place, where, fake)).encode(), digest_size=16).hexdigest()
    return item
