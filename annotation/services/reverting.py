"""Taking back what one person or one model did on a branch, and leaving what others did since."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q

from annotation.core import intervals, reverting
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange, area_px, intervals_of_runs
from annotation.core.intervals import Intervals
from annotation.core.reverting import Kept, Unwinding
from annotation.core.tiles import runs_of_tiles
from annotation.models import Branch, CellHead, Revision
from annotation.policies import access
from annotation.selectors import audit
from annotation.selectors import labels as reading
from annotation.services import labels, revisions
from backend.accounts.models import Role, User
from backend.foundation.errors import Conflict, Invalid

TOOL = "revert"


class NothingToRevert(Conflict):
    """The author changed nothing there, or others changed all of it since."""


class BranchMoved(Conflict):
    """Somebody changed the labels after the preview was made."""


class WhoseEdits(Invalid):
    """Neither a person nor a model is named, or both."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose edits: a person's (id) or a model's (its name), since when."""

    person: UUID | None = None
    model: str | None = None
    since: datetime | None = None

    def made(self, revision: Revision, edit: Edit) -> bool:
        """Is the edit one of theirs? A model has a part in what it wrote and in what a tool made with it."""
        if self.since is not None and revision.created_at < self.since:
            return False
        if self.person is not None:
            return revision.author_id == self.person
        return self.model in (revision.author_model_name, edit.parameters.get("model"))


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a reversal of a branch at revision `head` changes, and what it leaves since others touched it."""

    head: int
    edits: int
    pixels: tuple[PixelChange, ...]
    cells: tuple[CellChange, ...]
    kept: tuple[Kept, ...]

    @property
    def is_nothing(self) -> bool:
        return not self.pixels and not self.cells

    @property
    def cell_count(self) -> int:
        """Cells that become another than they are."""
        return len({p.cell for p in self.pixels} | {c.cell for c in self.cells})

    @property
    def added_px(self) -> int:
        return sum(area_px(change.add) for change in self.pixels)

    @property
    def removed_px(self) -> int:
        return sum(area_px(change.remove) for change in self.pixels)


def preview(*, branch: Branch, whose: Whose, by: User) -> Reversal:
    """What `revert` would do now. Raises RoleTooLow, WhoseEdits."""
    _check(branch, whose, by)
    return _planned(branch, whose)


@transaction.atomic
def revert(*, branch: Branch, whose: Whose, head: int, by: User) -> Revision:
    """Put a branch back to what it would be without these edits, as one revision that can be undone.

    `head` is the revision that the preview was made of. Units (a cell in a frame, facts of a cell) that
    others changed later stay as they are. Raises RoleTooLow, WhoseEdits, BranchMoved, NothingToRevert.
    """
    _check(branch, whose, by)
    locked = revisions.lock(branch.pk)
    if locked.head_number != head:
        raise BranchMoved(
            f"The labels are at revision {locked.head_number} now, not at {head}; look at the preview again."
        )
    plan = _planned(locked, whose)
    if plan.is_nothing:
        raise NothingToRevert(
            "There is nothing to take back: no such edits, or others changed all of it since."
        )
    parameters = {
        "of": str(whose.person or whose.model),
        "since": whose.since.isoformat() if whose.since else None,
        "edits": plan.edits,
    }
    edit = Edit(str(uuid.uuid4()), TOOL, plan.pixels, plan.cells, parameters=parameters)
    return labels.commit_edits(branch=branch, batch_id=uuid.uuid4(), base=head, edits=[edit], author=by)


def _check(branch: Branch, whose: Whose, by: User) -> None:
    if (whose.person is None) == (whose.model is None):
        raise WhoseEdits("Name a person or a model, one of the two.")
    own = whose.person == by.pk
    access.require(by, branch.image.dataset.project, Role.ANNOTATOR if own else Role.REVIEWER)


def _planned(branch: Branch, whose: Whose) -> Reversal:
    branch.refresh_from_db(fields=["head_number"])
    unwinding, head = Unwinding(), branch.head_number
    for revision in audit.of_branch(branch=branch, after=_first(branch, whose) - 1):
        for edit in _plain(revision):
            if whose.made(revision, edit):
                unwinding.take_back(edit)
            else:
                unwinding.keep(edit, by=_name(revision), revision=revision.number)
    pixels, cells = _fitted(branch, unwinding, head)
    kept = sorted(unwinding.kept.values(), key=lambda k: (k.cell, k.t or 0, k.z or 0))
    return Reversal(head, unwinding.edits, tuple(pixels), tuple(cells), tuple(kept))


def _first(branch: Branch, whose: Whose) -> int:
    """The first revision that they had a part in; what came before it is not looked at."""
    theirs = Q(author=whose.person) if whose.person else Q(author_model_name=whose.model)
    if whose.model:
        theirs |= Q(edit_records__parameters__model=whose.model)
    found = Revision.objects.filter(theirs, branch=branch)
    if whose.since:
        found = found.filter(created_at__gte=whose.since)
    first: int | None = found.aggregate(first=Min("number"))["first"]
    return branch.head_number + 1 if first is None else first


def _plain(revision: Revision) -> Iterator[Edit]:
    """The revision's edits without moves: where it has some, it is told whole, by the pixels moved."""
    kept = list(audit.edits_of(revision=revision))
    if not any(edit.moves for edit in kept):
        return iter(kept)
    helped = next((e.parameters["model"] for e in kept if e.parameters.get("model")), None)
    told = audit.derived(revision=revision)
    return (replace(edit, parameters={"model": helped}) for edit in told) if helped else told


def _name(revision: Revision) -> str:
    return revision.author_model_name or (revision.author.name if revision.author else "Cytoloop")


def _fitted(branch: Branch, unwinding: Unwinding, head: int) -> tuple[list[PixelChange], list[CellChange]]:
    pixels, facts = unwinding.changes()
    if not pixels and not facts:
        return [], []
    cells = {*(p.cell for p in pixels), *(c.cell for c in facts)}
    known = revisions.known_cells(branch_id=branch.pk, cells=cells)
    alive = {cell: now.facts for cell, now in known.items() if now.facts is not None}
    fitting = reverting.fitted(
        unwinding,
        alive=alive,
        pixel_counts={cell: now.pixel_count for cell, now in known.items()},
        locked=[cell for cell, now in alive.items() if now.locked],
        taken=_taken(branch, unwinding, {(p.t, p.z) for p in pixels if p.add}),
        by="a lock, or pixels that others drew",
        revision=head,
    )
    return fitting[0], with_lineage(branch, fitting[1])


def _taken(
    branch: Branch, unwinding: Unwinding, frames: set[tuple[int, int]]
) -> dict[tuple[int, int], Intervals]:
    """Pixels of the units that stay, in these frames."""
    staying: dict[tuple[int, int], set[int]] = {}
    for kept in unwinding.kept.values():
        if kept.t is not None and kept.z is not None and (kept.t, kept.z) in frames:
            staying.setdefault((kept.t, kept.z), set()).add(kept.cell)
    found = {}
    for (t, z), cells in staying.items():
        runs = runs_of_tiles(reading.frame_tiles(branch=branch, t=t, z=z))
        each = [intervals_of_runs(runs[cell]) for cell in cells if cell in runs]
        starts = [start for one in each for start in one.starts.tolist()]
        found[t, z] = intervals.union_of(starts, [end for one in each for end in one.ends.tolist()])
    return found


def with_lineage(branch: Branch, facts: Sequence[CellChange]) -> list[CellChange]:
    """No cell may name one that is gone as its mother, or as what it merged into."""
    dying = {change.cell for change in facts if change.after is None}
    coming = {change.cell: change for change in facts}
    heads = CellHead.objects.filter(branch=branch, exists=True)
    alive = (set(heads.values_list("cell", flat=True)) - dying) | {
        change.cell for change in facts if change.after is not None
    }
    orphans = set(heads.filter(state__mother__in=dying).values_list("cell", flat=True))
    orphans |= set(heads.filter(state__merged_into__in=dying).values_list("cell", flat=True))
    now = reading.facts_of_cells(branch=branch, revision=None, cells=orphans - coming.keys())
    for cell, known in now.items():
        coming[cell] = CellChange(cell, known, known)
    told = (CellChange(c.cell, c.before, _living(c.after, alive)) for _, c in sorted(coming.items()))
    return [change for change in told if change.before != change.after]


def _living(facts: CellFacts | None, alive: set[int]) -> CellFacts | None:
    if facts is None:
        return None
    mother = facts.mother if facts.mother in alive else None
    return replace(
        facts, mother=mother, merged_into=facts.merged_into if facts.merged_into in alive else None
    )
