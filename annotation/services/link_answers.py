"""People's answers about links: "is this the same cell?" or "is this its daughter?", said as edits of the
log.

So an answer has an author and a time, is undone as every edit is, and is one of the human links that a linker
must keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from django.db import transaction

from annotation.core import human_links, track_cuts
from annotation.core.edits import CellChange, CellFacts, Edit
from annotation.core.human_links import HumanLink
from annotation.models import Branch, Revision
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import links
from annotation.services import labels, revisions
from backend.accounts.models import Role, User
from backend.foundation.errors import Conflict, Invalid

MOST = 500


class LinkIsGone(Conflict):
    """The labels do not say this link (any more), so there is nothing to confirm or to take apart."""


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """Whether a link of the head is right."""

    link: HumanLink
    is_right: bool


@transaction.atomic
def answer(*, branch: Branch, answers: Sequence[LinkAnswer], author: User) -> Revision:
    """Put the answers on the branch as one revision. A link that is right is confirmed and changes nothing;
    one that is wrong is taken apart: the track is cut there and the later part gets a new number, or a
    daughter loses her mother. Raises `LinkIsGone`, and what `labels.commit_edits` raises.
    """
    access.require(author, branch.image.dataset.project, Role.ANNOTATOR)
    asked = [one.link for one in answers]
    if not asked or len(asked) > MOST or len(set(asked)) < len(asked):
        raise Invalid(f"Answer between 1 and {MOST} different links at once.")
    locked = revisions.lock(branch.pk)
    standing = links.standing_among(branch=locked, asked=asked)
    gone = [link for link in asked if link not in standing]
    if gone:
        raise LinkIsGone(_why_gone(gone[0]))
    edits = [human_links.confirmation(str(uuid4()), one.link) for one in answers if one.is_right]
    edits += _apart(locked, [one.link for one in answers if not one.is_right], author)
    locked.refresh_from_db(fields=["head_number", "next_cell"])
    return labels.commit_edits(
        branch=locked, batch_id=uuid4(), base=locked.head_number, edits=edits, author=author
    )


def _why_gone(link: HumanLink) -> str:
    if link.cell == link.to_cell:
        return f"Cell {link.cell} is not linked from frame {link.t} to frame {link.to_t} any more."
    return f"Cell {link.to_cell} in frame {link.to_t} is not a daughter of cell {link.cell} any more."


def _apart(locked: Branch, wrong: Sequence[HumanLink], author: User) -> list[Edit]:
    """The edits that take these links apart, the latest of a track first: then earlier names still hold."""
    if not wrong:
        return []
    facts = reading.cell_facts(branch=locked)
    spans = {cell: (one.first_t, one.last_t) for cell, one in reading.cell_spans(branch=locked).items()}
    cuts = sum(link.cell == link.to_cell for link in wrong)
    fresh = labels.reserve_cells(branch=locked, count=cuts, by=author) if cuts else 0
    edits = []
    # A daughter loses her mother under the name that the mother has before any track is cut.
    for link in sorted(wrong, key=lambda link: (link.cell == link.to_cell, -link.to_t)):
        if link.cell != link.to_cell:
            edit = _without_mother(link.to_cell, facts)
        else:
            edit = track_cuts.cut(str(uuid4()), link.cell, link.to_t, fresh, facts=facts, spans=spans)
            spans[fresh] = (link.to_t, spans[link.cell][1])
            spans[link.cell] = (spans[link.cell][0], link.to_t - 1)
            fresh += 1
        facts |= {change.cell: change.after for change in edit.cells if change.after is not None}
        edits.append(edit)
    return edits


def _without_mother(cell: int, facts: dict[int, CellFacts]) -> Edit:
    change = CellChange(cell, facts[cell], replace(facts[cell], mother=None))
    return Edit(str(uuid4()), "track.remove-mother", cells=(change,))
