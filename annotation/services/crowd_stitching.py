"""A campaign's answers put back into labels: drafts to be reviewed, the most ambiguous images first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from annotation.core import link_tables
from annotation.core.human_links import HumanLink
from annotation.core.link_tables import LinkTable
from annotation.core.track_pieces import Pieces
from annotation.models import (
    Branch,
    Campaign,
    CrowdDraft,
    CrowdItem,
    CrowdStitching,
    ItemKind,
    Origin,
    Revision,
    Task,
    TaskKind,
    TaskState,
)
from annotation.models.campaigns import LINKS
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import links
from annotation.services import crowd_drafts, linkings, tasks
from annotation.services.crowd_drafts import Draft, Facts
from backend.accounts.models import Role, User
from backend.foundation.errors import Conflict


class NothingAnswered(Conflict):
    """No item is sure enough yet."""


@dataclass(frozen=True, slots=True)
class Stitched:
    """A draft, and the task to review it."""

    draft: CrowdDraft
    task: UUID | None


def stitch(
    *,
    campaign: Campaign,
    kinds: Sequence[str] = (),
    min_certainty: float = 0.0,
    all_answered: bool = False,
    review: bool = True,
    by: User,
) -> list[Stitched]:
    """One draft for each image; what people see changes when somebody accepts it. With `review` each becomes
    a task, the most ambiguous the most urgent. Raises `NothingAnswered`."""
    access.require(by, campaign.project, Role.MANAGER)
    found = answered(campaign, kinds=kinds, min_certainty=min_certainty, all_answered=all_answered)
    made = [stitch_one(campaign, branch, mine, review, by) for branch, mine in found.items()]
    return sorted(made, key=lambda one: -one.draft.ambiguity)


def answered(
    campaign: Campaign, *, kinds: Sequence[str] = (), min_certainty: float = 0.0, all_answered: bool = False
) -> Mapping[Branch, list[CrowdItem]]:
    """What can be stitched, by the branch that it was cut from; raises `NothingAnswered`."""
    items = crowd_drafts.items_of(campaign, kinds=kinds, least=min_certainty, all_answered=all_answered)
    found = crowd_drafts.by_branch(items)
    if not found:
        raise NothingAnswered("No item has been answered surely enough yet.")
    return found


@transaction.atomic
def stitch_one(
    campaign: Campaign,
    base: Branch,
    items: Sequence[CrowdItem],
    review: bool,
    by: User,
    stitching: CrowdStitching | None = None,
) -> Stitched:
    """The draft of one image, whole or not at all."""
    draft = crowd_drafts.begin(campaign, base, items)
    asked = [one for one in items if one.kind in LINKS]
    revision = _with_links(draft, asked) if asked else _without_links(draft)
    crowd_drafts.keep_doubts(draft, revision)
    row = CrowdDraft.objects.create(
        campaign=campaign,
        stitching=stitching,
        base=base,
        image=base.image,
        revision=revision,
        item_count=len(items),
        change_count=draft.said.changes,
        ambiguity=sum(one.ambiguity or 0.0 for one in items) / len(items),
    )
    return Stitched(row, _task(row, by).pk if review else None)


def _task(row: CrowdDraft, by: User) -> Task:
    """The task to review a draft. One to correct what a model said there that nobody has taken is over: its
    cells are in the draft."""
    if row.base is not None and row.base.origin == Origin.MODEL:
        for open_task in Task.objects.filter(branch=row.base, kind=TaskKind.CORRECT, state=TaskState.OPEN):
            tasks.cancel(task=open_task, by=by)
    return tasks.create(
        project=row.image.dataset.project,
        image=row.image,
        kind=TaskKind.CORRECT,
        branch=row.revision.branch,
        title=f"Review what the crowd said of {row.image.name}"[:300],
        priority=row.ambiguity,
        base_revision=row.revision,
        by=by,
    )


def _without_links(draft: Draft) -> Revision:
    return crowd_drafts.write(draft, draft.planes(), lambda: crowd_drafts.facts_after(draft))


# ---------------------------------------------------------------- links


def _with_links(draft: Draft, asked: Sequence[CrowdItem]) -> Revision:
    """A draft whose tracks are cut, joined and born as the crowd said. All that was said of links stands with
    it, so a linker that runs on it keeps the crowd's links as it keeps those of people."""
    spans = reading.cell_spans(branch=draft.base)
    pieces = Pieces({cell: (span.first_t, span.last_t) for cell, span in spans.items()}, draft.ids)
    yes, no = (_said(asked, choice) for choice in ("yes", "no"))
    pieces.cut(link for link, kind in no if kind == ItemKind.SAME and link.cell == link.to_cell)
    pieces.join(link for link, kind in yes if kind == ItemKind.SAME and link.cell != link.to_cell)
    draft.said.changes += sum(pieces.name(link.cell, link.to_t) != link.cell for link, _ in no)
    facts = _mothers(draft, pieces, [link for link, k in yes if k == ItemKind.DIVIDED],
                     [link for link, k in no if k == ItemKind.DIVIDED])  # fmt: skip
    said, human = links.list_links(branch=draft.base), links.human_links(branch=draft.base)
    revision = crowd_drafts.write(draft, draft.planes(pieces.name), lambda: facts)
    linked = [pieces.renamed(link) for link in (*human.links, *(link for link, _ in yes))]
    parted = [pieces.renamed(link) for link in (*human.cuts, *(link for link, _ in no))]
    table = _table(said.table[~said.table.given], pieces, linked, parted)
    linkings.keep(revision=revision, linker=draft.campaign.author_name, table=table)
    return revision


def _said(asked: Sequence[CrowdItem], choice: str) -> list[tuple[HumanLink, str]]:
    """(link, kind) of those answered so."""
    return [
        (HumanLink(one.t, one.cell, one.to_t, one.other_cell), one.kind)
        for one in asked
        if one.consensus["choice"] == choice and one.cell and one.other_cell and one.to_t is not None
    ]


def _mothers(draft: Draft, pieces: Pieces, born: Sequence[HumanLink], not_born: Sequence[HumanLink]) -> Facts:
    """Facts under the new names: mothers as the crowd said, and pieces of a track are alike."""
    facts: Facts = {}
    mothers = {cell: known.mother for cell, known in crowd_drafts.facts_after(draft).items()}
    mothers |= {link.to_cell: None for link in not_born if mothers.get(link.to_cell) == link.cell}
    mothers |= {link.to_cell: link.cell for link in born}
    for cell, known in crowd_drafts.facts_after(draft).items():
        first, last = pieces.spans.get(cell, (0, 0))
        mother = mothers[cell]
        if mother is not None:
            mother = pieces.name(mother, first - 1)
        for t in range(first, last + 1):
            name = pieces.name(cell, t)
            if name not in facts:
                facts[name] = replace(known, mother=mother if t == first else None)
    return facts


def _table(
    known: LinkTable, pieces: Pieces, linked: Sequence[HumanLink], parted: Sequence[HumanLink]
) -> LinkTable:
    """What the linker said, with what is known now, under the new names."""
    rows = zip(*(getattr(known, name).tolist() for name in ("from_t", "from_cell", "t", "cell")), strict=True)
    named = [pieces.renamed(HumanLink(*row)) for row in rows]
    apart = {*parted}
    kept = [i for i, link in enumerate(named) if link not in apart]
    table = link_tables.table(
        t=[named[i].to_t for i in kept], cell=[named[i].to_cell for i in kept],
        from_t=[named[i].t for i in kept], from_cell=[named[i].cell for i in kept],
        confidence=known.confidence[kept], given=known.given[kept],
    )  # fmt: skip
    return link_tables.with_cuts(link_tables.with_human(table, sorted({*linked} - apart)), sorted(apart))
