"""A draft whose author is the campaign: the labels as they stand, with what the crowd said put in."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from annotation.core import class_questions, crops, crowd, crowd_labels, stitching, tiles
from annotation.core.crops import Box, Crop
from annotation.core.crowd import Consensus
from annotation.core.crowd_labels import Ids, Plane, Said, Tile
from annotation.core.edits import CellFacts
from annotation.core.intervals import Intervals
from annotation.models import (
    Branch,
    Campaign,
    CrowdItem,
    Doubt,
    ItemKind,
    Origin,
    Revision,
    RevisionKind,
    TileHead,
)
from annotation.selectors import crowd_reading, schemas
from annotation.selectors import labels as reading
from annotation.services import crowd_consensus, labels
from annotation.services.authors import ModelAuthor

Frame = tuple[int, int]
Facts = dict[int, CellFacts]
Drawn = tuple[int, int, NDArray[np.uint32]]
"""(t, z, planes of ids (p, y, x))."""
Rename = Callable[[int, int], int]


@dataclass
class Draft:
    """The labels of one image while they are changed."""

    campaign: Campaign
    base: Branch
    items: Sequence[CrowdItem]
    facts: Facts
    ids: Ids
    said: Said

    def planes(self, rename: Rename | None = None) -> Iterator[Drawn]:
        """(t, z, planes of ids) of every plane that has labels or was asked about, changed."""
        image = self.base.image
        asked: dict[Frame, list[CrowdItem]] = {}
        for item in self.items:
            asked.setdefault((item.t, item.z), []).append(item)
        gone = _refused(self.items)
        heads = TileHead.objects.filter(branch=self.base).order_by("t", "z")
        labelled = set(heads.values_list("t", "z").distinct())
        for t, z in sorted(labelled | asked.keys()):
            plane = read_plane(self.base, t, z)
            left = {cell: line for cell, line in plane.items() if (cell, t) not in gone}
            self.said.changes += len(plane) - len(left)
            after = self._drawn(left, asked.get((t, z), []))
            named = after if rename is None else _renamed(after, t, rename)
            yield t, z, crowd_labels.planes_of(named, image.size_y, image.size_x)

    def _drawn(self, plane: Plane, items: Sequence[CrowdItem]) -> Plane:
        outlined = [tile_of(one) for one in items if one.kind == ItemKind.OUTLINE and one.cell is None]
        clicked = [tile_of(one) for one in items if one.kind == ItemKind.CENTRES]
        if outlined:
            plane = crowd_labels.draw_tiles(plane, outlined, self.ids, self.said)
        for one in items:
            if one.cell is not None and one.kind in (ItemKind.OUTLINE, ItemKind.FIX) and one.cell in plane:
                masks, sure = crowd.mask_answer("", one.consensus).masks, one.certainty or 0.0
                plane = crowd_labels.redraw(plane, one.cell, box_of(one), masks, self.ids, self.said, sure)
        if clicked:
            shape = (self.base.image.size_y, self.base.image.size_x)
            plane = crowd_labels.mark_centres(plane, clicked, shape, self.ids, self.said)
        return plane


def read_plane(branch: Branch, t: int, z: int) -> Plane:
    """The pixels of every cell of a plane at the head."""
    runs = tiles.runs_of_tiles(reading.frame_tiles(branch=branch, t=t, z=z))
    return {cell: stitching.line_of(crops.flat(flat)) for cell, flat in runs.items()}


def box_of(item: CrowdItem) -> Box:
    """The crop of an item, px of the image."""
    return Box(item.y, item.x, item.y + item.height, item.x + item.width)


def tile_of(item: CrowdItem) -> Tile:
    """The consensus of a tile."""
    box = box_of(item)
    crop = Crop(box, Box(*item.home) if item.home else box)
    value, sure = item.consensus, item.certainty or 0.0
    if item.kind == ItemKind.CENTRES:
        return Tile(crop, points=tuple((y, x) for y, x in value["points"]), certainty=sure)
    return Tile(crop, masks=crowd.mask_answer("", value).masks, certainty=sure)


def _refused(items: Sequence[CrowdItem]) -> set[tuple[int, int]]:
    """(cell, t) of what is no cell."""
    asked = (one for one in items if one.kind == ItemKind.CELL and one.cell is not None)
    return {(one.cell, one.t) for one in asked if one.cell and one.consensus["choice"] == "no"}


def _renamed(plane: Plane, t: int, rename: Rename) -> Plane:
    after: dict[int, Intervals] = {}
    for cell, line in plane.items():
        after[rename(cell, t)] = line
    return after


# ---------------------------------------------------------------- facts


def begin(campaign: Campaign, base: Branch, items: Sequence[CrowdItem]) -> Draft:
    """The labels at the head of `base`, nothing changed yet but the classes that were answered."""
    facts = reading.cell_facts(branch=base)
    said, schema = Said(), schemas.classes(campaign.project_id)
    for cell, label_class, sure in _classes(items):
        if cell in facts:
            after = class_questions.answered(schema, facts[cell], label_class)
            said.changes += facts[cell] != after
            facts[cell] = after
            said.sure_of(cell, sure)
    for one in items:
        if one.kind == ItemKind.CELL and one.cell in facts and one.consensus["choice"] == "yes":
            said.sure_of(one.cell, one.certainty or 0.0)
    highest = max((*facts, base.next_cell - 1), default=0)
    return Draft(campaign, base, items, facts, Ids(highest + 1), said)


def _classes(items: Sequence[CrowdItem]) -> Iterator[tuple[int, str, float]]:
    """(cell, class, certainty): of a cell that was asked about in several frames, the class with most behind
    it."""
    votes: dict[int, dict[str, float]] = {}
    for one in items:
        if one.kind == ItemKind.CLASS and one.cell is not None and one.consensus["choice"] != crowd.UNSURE:
            mine = votes.setdefault(one.cell, {})
            choice = one.consensus["choice"]
            mine[choice] = mine.get(choice, 0.0) + (one.certainty or 0.0)
    for cell, mine in votes.items():
        choice = max(mine, key=lambda name: (mine[name], name))
        yield cell, choice, mine[choice] / max(sum(mine.values()), 1e-9)


def write(draft: Draft, planes: Iterator[Drawn], facts: Callable[[], Facts]) -> Revision:
    """One revision on a branch of its own. `facts` are asked for once all planes are drawn."""
    image, campaign = draft.base.image, draft.campaign
    branch = labels.open_branch(
        image=image, name=_free_name(draft), origin=Origin.CROWD, author_name=campaign.author_name
    )
    drawn = list(planes)
    return labels.import_planes(
        image=image,
        branch=branch,
        frames=drawn,
        facts=_among(facts(), drawn),
        author=ModelAuthor(None, campaign.author_name),
        kind=RevisionKind.CROWD,
        message=f"{len(draft.items)} items answered, on {draft.base.name} as of {draft.base.head_number}",
    )


def _free_name(draft: Draft) -> str:
    """A draft never goes over an earlier one, on which people may have worked since."""
    name = draft.campaign.author_name[:180]
    taken = set(Branch.objects.filter(image=draft.base.image).values_list("name", flat=True))
    return next(one for one in (name, *(f"{name} {i}" for i in range(2, len(taken) + 3))) if one not in taken)


def _among(facts: Facts, drawn: Sequence[Drawn]) -> Facts:
    """Facts of the cells that are there; a mother that is gone is nobody's."""
    there = {int(cell) for _, _, planes in drawn for cell in np.unique(planes)} - {0}
    return {
        cell: replace(
            known,
            mother=known.mother if known.mother in there else None,
            merged_into=known.merged_into if known.merged_into in there else None,
        )
        for cell, known in facts.items()
        if cell in there
    }


def facts_after(draft: Draft) -> Facts:
    """The facts with how sure the crowd was: that is the quality of what it drew."""
    facts = dict(draft.facts)
    for cell, sure in draft.said.certainty.items():
        facts[cell] = replace(facts.get(cell, CellFacts()), quality=round(min(max(sure, 0.0), 1.0), 4))
    return facts


# ---------------------------------------------------------------- doubt


def keep_doubts(draft: Draft, revision: Revision) -> None:
    """Where people disagreed, kept with the revision: who learns from it can give such pixels less weight."""
    masks = [one for one in draft.items if one.kind in (ItemKind.OUTLINE, ItemKind.FIX)]
    answers = crowd_reading.answers_of(masks)
    fits = {kind: crowd_consensus.known_fit(draft.campaign, kind) for kind in {one.kind for one in masks}}
    rows = []
    for one in masks:
        if one.pk in answers:
            found = crowd_consensus.masks_consensus(one, answers[one.pk], fits[one.kind])
            rows.append(_doubt(revision, one, found))
    Doubt.objects.bulk_create(rows, batch_size=200)


def _doubt(revision: Revision, item: CrowdItem, found: Consensus) -> Doubt:
    share = crowd.ambiguity_map(found, height=item.height, width=item.width)
    content = zlib.compress((np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8).tobytes(), 3)
    return Doubt(
        revision=revision, t=item.t, z=item.z, y=item.y, x=item.x, height=item.height, width=item.width,
        content=content,
    )  # fmt: skip


def items_of(
    campaign: Campaign, *, kinds: Sequence[str], least: float, all_answered: bool
) -> QuerySet[CrowdItem]:
    """The items that can be stitched."""
    rows = CrowdItem.objects.filter(
        campaign=campaign, use="WORK", consensus__isnull=False, certainty__gte=least
    )
    rows = rows if all_answered else rows.filter(is_done=True)
    return rows.filter(kind__in=kinds) if kinds else rows


def by_branch(items: QuerySet[CrowdItem]) -> Mapping[Branch, list[CrowdItem]]:
    """Items by the branch that they were cut from; where that is gone, by the image's current one."""
    found: dict[Branch, list[CrowdItem]] = {}
    rows = items.select_related("branch__image__dataset__project", "image__current_branch__image", "campaign")
    for item in rows.order_by("image", "t", "z", "y", "x", "pk"):
        branch = item.branch or item.image.current_branch
        if branch is not None:
            found.setdefault(branch, []).append(item)
    return found
