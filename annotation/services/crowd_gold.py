"""Items whose answer is known: cut from accepted revisions, or items of which somebody tells the truth.

They are added at any time, of every kind, and mixed into what workers get. Where a question has two answers
both are made: cells and places where none is, links and pairs that are none.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from scipy import ndimage

from annotation.core import class_questions, crops, crowd
from annotation.core.crowd import BadAnswer, Kind
from annotation.core.intervals import Ints
from annotation.models import Campaign, CrowdAnswer, CrowdItem, ItemKind
from annotation.policies import access
from annotation.selectors import crowd_reading, crowd_sources, schemas
from annotation.selectors.crowd_sources import Pair, Seen, Source
from annotation.services import campaigns, crowd_answers, crowd_cutting
from annotation.services.crowd_cutting import Cutting, NothingToAsk, Wish
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid

SPOILED_PX = 3
TRIES = 20


class NoTruth(Invalid):
    """Nobody has told what the right answer is."""


@transaction.atomic
def add(*, campaign: Campaign, wish: Wish, use: str, by: User) -> Cutting:
    """Gold or training items from revisions that were accepted, `wish.limit` at most, chosen at random."""
    access.require(by, campaign.project, Role.MANAGER)
    sources = [
        source
        for image in crowd_cutting.images_of(campaign, wish)
        if (source := crowd_sources.accepted(image)) is not None
    ]
    if not sources:
        raise NothingToAsk("None of these images has an accepted revision, from which the truth could come.")
    chance = random.Random(f"{campaign.pk}{wish.kind}{use}{campaign.items.count()}")
    items: list[CrowdItem] = []
    each = -(-wish.limit // len(sources))
    for source in sources:
        items += _of_source(campaign, wish, source, use, each, chance)
    if not items:
        raise NothingToAsk("The accepted revisions hold nothing that such an item could ask about.")
    return crowd_cutting.keep(campaign, items[: wish.limit])


@transaction.atomic
def tell(*, campaign: Campaign, truths: Mapping[UUID, Any], use: str, by: User) -> Cutting:
    """Make items of the campaign into gold: of each the truth, or None for what the crowd said together.

    Answers that were given already are judged by it.
    """
    access.require(by, campaign.project, Role.MANAGER)
    items = list(campaign.items.filter(pk__in=truths).select_for_update())
    if len(items) < len(truths):
        raise access.NothingHere("The campaign has no such item.")
    for item in items:
        told = truths[item.pk]
        item.truth = item.consensus if told is None else _read(item, told)
        if item.truth is None:
            raise NoTruth(f"Nobody has answered {item} yet: tell what is right.")
        item.use, item.is_done, item.is_dirty, item.certainty = use, False, False, None
        item.save()
        _judge(item)
    campaigns.announce(campaign)
    return Cutting(len(items), 0, len({item.image_id for item in items}))


def _read(item: CrowdItem, told: Any) -> dict[str, Any]:
    try:
        choices = crowd_answers.choices_of(item)
        return crowd.read_answer(Kind(item.kind), told, height=item.height, width=item.width, choices=choices)
    except BadAnswer as error:
        raise NoTruth(str(error)) from error


def _judge(item: CrowdItem) -> None:
    """Scores of the answers that the item has."""
    answers = list(CrowdAnswer.objects.filter(item=item, answered_at__isnull=False))
    for one in answers:
        one.item = item
        one.counts = False
        crowd_answers.judge(one)
    CrowdAnswer.objects.bulk_update(answers, ["score", "counts"])


# ---------------------------------------------------------------- from what was accepted


def _of_source(
    campaign: Campaign, wish: Wish, source: Source, use: str, most: int, chance: random.Random
) -> list[CrowdItem]:
    if wish.of_tiles:
        found = _tiles(campaign, wish, source, use, chance)
    elif wish.of_links:
        found = _pairs(campaign, wish, source, use, chance)
    else:
        found = _cells(campaign, wish, source, use, chance)
    return [item for item, _ in zip(found, range(most), strict=False)]


def _tiles(
    campaign: Campaign, wish: Wish, source: Source, use: str, chance: random.Random
) -> Iterator[CrowdItem]:
    image = source.image
    cutting = crops.cut(image.size_y, image.size_x, size=wish.tile_px, overlap=wish.overlap_px)
    planes = [plane for plane in crowd_sources.planes_of(image, wish.every_t) if plane[0] in source.frames()]
    places = [(plane, crop) for plane in planes for crop in cutting]
    chance.shuffle(places)
    masks: dict[tuple[int, int], dict[int, Ints]] = {}
    for (t, z), crop in places:
        if (t, z) not in masks:
            masks[t, z] = source.masks(t, z)
        parts = [
            crop_of for mask in masks[t, z].values() if (crop_of := crowd_cutting.inside(mask, crop.box))
        ]
        truth = (
            {"masks": parts} if wish.kind == ItemKind.OUTLINE else {"points": _centres(source, t, z, crop)}
        )
        yield crowd_cutting.tile_item(campaign, wish.kind, source, t, z, crop, use=use, truth=truth)


def _centres(source: Source, t: int, z: int, crop: crops.Crop) -> list[list[float]]:
    box = crop.box
    centres = (one.centre for one in source.seen(t).values() if one.z == z)
    inside = ((y, x) for y, x in centres if box.y0 <= y < box.y1 and box.x0 <= x < box.x1)
    return [[round(y - box.y0, 1), round(x - box.x0, 1)] for y, x in inside]


def _cells(
    campaign: Campaign, wish: Wish, source: Source, use: str, chance: random.Random
) -> Iterator[CrowdItem]:
    found = crowd_sources.least_sure_cells(source, wish.every_t, None)
    chance.shuffle(found)
    masks: dict[tuple[int, int], dict[int, Ints]] = {}
    told = _classes_told(campaign, found) if wish.kind == ItemKind.CLASS else {}
    for i, one in enumerate(found):
        if wish.kind == ItemKind.CLASS and one.cell not in told:
            continue
        if (one.t, one.z) not in masks:
            masks[one.t, one.z] = source.masks(one.t, one.z)
        plane = masks[one.t, one.z]
        item = crowd_cutting.cell_item(
            campaign, wish, source, one, plane[one.cell], use=use, truth={"choice": told.get(one.cell, "yes")}
        )
        known = _with_truth(item, wish, source, one, plane, is_fake=i % 2 == 1, chance=chance)
        if known is not None:
            yield known


def _classes_told(campaign: Campaign, found: Sequence[Seen]) -> dict[int, str]:
    """{cell: the class that workers should choose} of the cells of which that is known."""
    schema = schemas.classes(campaign.project_id)
    asked = [one.id for one in crowd_reading.classes_to_choose(campaign)]
    told = {one.cell: class_questions.told(schema, one.facts, asked) for one in found}
    return {cell: label_class for cell, label_class in told.items() if label_class is not None}


def _with_truth(
    item: CrowdItem, wish: Wish, source: Source, one: Seen, plane: Mapping[int, Ints], *, is_fake: bool,
    chance: random.Random,
) -> CrowdItem | None:  # fmt: skip
    """The item with its truth; for some kinds what is shown is made wrong. None where there is no truth."""
    box = crops.Box(item.y, item.x, item.y + item.height, item.x + item.width)
    right = crowd_cutting.inside(plane[one.cell], box)
    if wish.kind == ItemKind.CLASS:
        return item
    if wish.kind == ItemKind.CELL:
        if not is_fake:
            return item
        return _where_none_is(wish, source, one, plane, item, chance)
    item.truth = {"masks": [right]}
    if wish.kind == ItemKind.FIX:
        item.shown = [[_spoiled(right, item.height, item.width, chance)]]
    return item


def _spoiled(right: Sequence[Sequence[int]], height: int, width: int, chance: random.Random) -> list[Any]:
    """An outline that is wrong somewhere: moved, too large or too small; never empty."""
    mask = crops.mask_of(np.asarray(right, np.int64).reshape(-1, 3), height, width)
    how = chance.choice(("moved", "large", "small"))
    if how == "moved":
        shift = [chance.choice((-SPOILED_PX, SPOILED_PX)) for _ in range(2)]
        wrong = ndimage.shift(mask.astype(np.uint8), shift, order=0) > 0
    elif how == "large":
        wrong = ndimage.binary_dilation(mask, iterations=SPOILED_PX)
    else:
        wrong = ndimage.binary_erosion(mask, iterations=SPOILED_PX)
    runs: list[Any] = crops.runs_of(wrong if wrong.any() else mask).tolist()
    return runs


def _where_none_is(
    wish: Wish, source: Source, one: Seen, plane: Mapping[int, Ints], item: CrowdItem, chance: random.Random
) -> CrowdItem | None:
    """The same outline where no cell is; None where there is no room for it."""
    height, width = source.image.size_y, source.image.size_x
    taken = crops.mask_of(np.concatenate(list(plane.values())), height, width)
    runs = plane[one.cell]
    y0, x0, y1, x1 = one.bounds
    for _ in range(TRIES):
        dy = chance.randint(-y0, max(height - 1 - y1, -y0))
        dx = chance.randint(-x0, max(width - 1 - x1, -x0))
        there = crops.moved(runs, dy, dx)
        if not (crops.mask_of(there, height, width) & taken).any():
            placed = replace(one, bounds=(y0 + dy, x0 + dx, y1 + dy, x1 + dx))
            use = {"use": item.use, "truth": {"choice": "no"}}
            return crowd_cutting.cell_item(item.campaign, wish, source, placed, there, **use)
    return None


def _pairs(
    campaign: Campaign, wish: Wish, source: Source, use: str, chance: random.Random
) -> Iterator[CrowdItem]:
    """True links and wrong ones by turns."""
    true = list(_births(source) if wish.kind == ItemKind.DIVIDED else _steps(source, wish.every_t))
    chance.shuffle(true)
    wrong = list(_not_births(source, true) if wish.kind == ItemKind.DIVIDED else _not_steps(source, true))
    for right, other in zip(true, wrong, strict=False):
        for pair, choice in ((right, "yes"), (other, "no")):
            yield from crowd_cutting.link_items(
                campaign, wish, source, [pair], use=use, truth={"choice": choice}, priority=0.0
            )


def _steps(source: Source, every_t: int) -> Iterator[Pair]:
    frames = [t for t in source.frames() if t % every_t == 0]
    for t in frames:
        now, then = source.seen(t), source.seen(t + 1) if t + 1 < source.image.size_t else {}
        yield from (Pair(now[cell], then[cell], 1.0) for cell in now.keys() & then.keys())


def _births(source: Source) -> Iterator[Pair]:
    mothers = {cell: facts.mother for cell, facts in source.facts.items() if facts.mother is not None}
    last: dict[int, Seen] = {}
    for t in source.frames():
        seen = source.seen(t)
        for cell, mother in mothers.items():
            if cell in seen and cell not in last and mother in last:
                yield Pair(last[mother], seen[cell], 1.0)
        last |= seen


def _not_steps(source: Source, true: Sequence[Pair]) -> Iterator[Pair]:
    """The neighbour that is nearest, in the place of the cell itself."""
    for pair in true:
        others = [one for cell, one in source.seen(pair.later.t).items() if cell != pair.later.cell]
        if others:
            yield Pair(pair.earlier, min(others, key=lambda one: _apart(one, pair.later)), 0.0)


def _not_births(source: Source, true: Sequence[Pair]) -> Iterator[Pair]:
    """A cell that only goes on."""
    mothers = {pair.earlier.cell for pair in true}
    steps = (pair for pair in _steps(source, 1) if pair.later.cell not in mothers)
    for _, pair in zip(true, steps, strict=False):
        yield replace(pair, confidence=0.0)


def _apart(one: Seen, other: Seen) -> float:
    return float(np.hypot(one.centre[0] - other.centre[0], one.centre[1] - other.centre[1]))
