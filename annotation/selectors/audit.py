"""Who changed which labels when, with what: the log of a project, and every revision told as edits.

Revisions that keep no edits (imports, predictions, restored states) are told as the edits that lead from the
revision before to them, so that the log alone leads to the labels.
"""

import json
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from annotation.core import edits as core_edits
from annotation.core import intervals, tile_content
from annotation.core import tiles as core_tiles
from annotation.core.edits import CellChange, Edit, PixelChange
from annotation.models import Branch, CellState, EditRecord, Project, Revision, RevisionKind, Tile
from annotation.selectors import changes, labels
from backend.accounts.models import User

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of the log; what is None does not matter. `model` and `tool` are names as the lines say
    them."""

    dataset: UUID | None = None
    image: UUID | None = None
    branch: UUID | None = None
    person: UUID | None = None
    model: str | None = None
    tool: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Does it leave out nothing that the labels of a branch rest on?"""
        return (self.person, self.model, self.tool, self.since, self.until) == (None,) * 5


class Line(NamedTuple):
    """One edit, or one revision that keeps no edits (`edit` None, `tool` what kind of revision it is)."""

    revision: UUID
    at: datetime
    number: int
    onto: int
    kind: str
    message: str
    dataset: UUID
    image: UUID
    image_name: str
    branch: UUID
    branch_name: str
    person: UUID | None
    person_name: str | None
    model: str
    position: int | None
    edit: UUID | None
    tool: str
    parameters: dict[str, Any]
    undoes: UUID | None
    accepted_at: datetime | None


COLUMNS = (
    "pk", "created_at", "number", "parent_number", "kind", "message", "image__dataset_id", "image_id",
    "image__name", "branch_id", "branch__name", "author_id", "author__name", "author_model_name",
    "parameters", "edit_records__position", "edit_records__edit_id", "edit_records__tool",
    "edit_records__parameters", "edit_records__undoes", "accepted_at",
)  # fmt: skip


def list_lines(*, user: User, project: Project, asked: Asked) -> QuerySet[Revision, Any]:
    """Rows of the log that `user` may read, the newest first; `line` reads one."""
    rows = Revision.objects.visible_to(user).filter(_wanted(asked), image__dataset__project=project)
    order = ("-created_at", "image_id", "-number", "-edit_records__position")
    return rows.order_by(*order).values_list(*COLUMNS)


def _wanted(asked: Asked) -> Q:
    """In one piece, so that everything is asked of the same edit."""
    wanted = Q()
    exact = {
        "image__dataset": asked.dataset, "image": asked.image, "branch": asked.branch,
        "author": asked.person, "created_at__gte": asked.since, "created_at__lte": asked.until,
    }  # fmt: skip
    for name, value in exact.items():
        wanted &= Q() if value is None else Q(**{name: value})
    if asked.model is not None:
        wanted &= Q(author_model_name=asked.model) | Q(edit_records__parameters__model=asked.model)
    if asked.tool is not None:
        bulk = Q(edit_records__isnull=True, kind=asked.tool.upper())
        wanted &= Q(edit_records__tool=asked.tool) | bulk
    return wanted


def line(row: tuple[Any, ...]) -> Line:
    """A row of `list_lines` in words."""
    (pk, at, number, onto, kind, message, dataset, image, image_name, branch, branch_name, person, name,
     model, of_revision, position, edit, tool, of_edit, undoes, accepted_at) = row  # fmt: skip
    parameters = of_revision if position is None else of_edit
    model = model or (parameters or {}).get("model") or ""
    return Line(
        pk, at, number, onto, kind, message, dataset, image, image_name, branch, branch_name, person, name,
        str(model), position, edit, tool or str(kind).lower(), parameters or {}, undoes, accepted_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What the filters of a project's log can say."""

    people: list[tuple[UUID, str]]
    models: list[str]
    tools: list[str]


def words(*, user: User, project: Project) -> Words:
    """People, models and tools that the log names."""
    revisions = Revision.objects.visible_to(user).filter(image__dataset__project=project).order_by()
    records = EditRecord.objects.filter(revision__in=revisions).order_by()
    people = revisions.filter(author__isnull=False).values_list("author_id", "author__name").distinct()
    by_models = revisions.exclude(author_model_name="").values_list("author_model_name", flat=True)
    helping = records.filter(parameters__has_key="model").values_list("parameters__model", flat=True)
    bulk = revisions.exclude(kind=RevisionKind.EDIT).values_list("kind", flat=True).distinct()
    tools = records.values_list("tool", flat=True).distinct()
    return Words(
        sorted(people, key=lambda row: row[1]),
        sorted({*by_models.distinct(), *(str(name) for name in helping.distinct())}),
        sorted({*tools, *(str(kind).lower() for kind in bulk)}),
    )


# ---------------------------------------------------------------- revisions as edits


def edits_of(*, revision: Revision) -> Iterator[Edit]:
    """The edits that lead from the revision before to this one, in order: those it keeps, else derived ones,
    one for the facts that come, one a frame, one for the cells that go."""
    bodies = EditRecord.objects.filter(revision=revision).order_by("position").values_list("body", flat=True)
    kept = [labels.read_edit(bytes(body)) for body in bodies]
    return iter(kept) if kept else derived(revision=revision)


def derived(*, revision: Revision) -> Iterator[Edit]:
    """What a revision changed, told without moves: by the tiles and facts that it wrote."""
    tool, made = str(revision.kind).lower(), revision.parameters
    facts = _fact_changes(revision)
    coming = tuple(change for change in facts if change.after is not None)
    going = tuple(change for change in facts if change.after is None)
    pieces: list[Iterator[tuple[tuple[PixelChange, ...], tuple[CellChange, ...]]]] = [
        iter([((), coming)] if coming else []),
        ((pixels, ()) for pixels in _pixel_changes(revision)),
        iter([((), going)] if going else []),
    ]
    several = (piece for part in pieces for piece in part)
    for position, (pixels, cells) in enumerate(several):
        key = str(uuid.uuid5(revision.pk, str(position)))
        yield Edit(key, tool, pixels, cells, parameters=made)


def _pixel_changes(revision: Revision) -> Iterator[tuple[PixelChange, ...]]:
    """Frame by frame."""
    written = Tile.objects.filter(revision=revision)
    for t, z in sorted(set(written.values_list("t", "z"))):
        rows = written.filter(t=t, z=z).values_list("ty", "tx", "content")
        now = {(ty, tx): core_tiles.unpack(bytes(content)) for ty, tx, content in rows}
        was = changes.contents_at(branch_id=revision.branch_id, number=revision.parent_number, t=t, z=z)
        added, removed = {}, {}
        for at, content in now.items():
            old = tile_content.to_intervals(was.get(at, core_tiles.EMPTY_TILE))
            new = tile_content.to_intervals(content)
            added[at] = tile_content.from_intervals(intervals.difference(new, old))
            removed[at] = tile_content.from_intervals(intervals.difference(old, new))
        add, remove = core_tiles.runs_of_tiles(added), core_tiles.runs_of_tiles(removed)
        cells = sorted(add.keys() | remove.keys())
        if cells:
            yield tuple(PixelChange(t, z, cell, add.get(cell, ()), remove.get(cell, ())) for cell in cells)


def _fact_changes(revision: Revision) -> list[CellChange]:
    rows = CellState.objects.filter(revision=revision).order_by("cell")
    columns = rows.values_list("cell", "exists", *labels.FACT_COLUMNS)
    now = {cell: labels.facts_of(*facts) if exists else None for cell, exists, *facts in columns}
    was = labels.facts_at(branch_id=revision.branch_id, number=revision.parent_number, cells=list(now))
    return [CellChange(cell, was.get(cell), facts) for cell, facts in now.items() if was.get(cell) != facts]


# ---------------------------------------------------------------- going out


class Exported(NamedTuple):
    """One edit of the log with everything that is known of it."""

    line: Line
    body: dict[str, Any] | None


def export(*, user: User, project: Project, asked: Asked, with_bodies: bool) -> Iterator[Exported]:
    """The log, the oldest first, each branch's revisions in their order; a revision without edits of its own
    comes as its derived ones where bodies are wanted, as one line where not."""
    rows = list_lines(user=user, project=project, asked=asked)
    rows = rows.order_by("created_at", "image_id", "number", "edit_records__position")
    columns = (*COLUMNS, "edit_records__body") if with_bodies else COLUMNS
    for row in rows.values_list(*columns).iterator(ROWS_AT_ONCE):
        told = line(row[: len(COLUMNS)])
        if not with_bodies:
            yield Exported(told, None)
        elif told.position is None:
            yield from _derived_lines(told)
        else:
            yield Exported(told, json.loads(zlib.decompress(bytes(row[-1]))))


def _derived_lines(told: Line) -> Iterator[Exported]:
    nothing = True
    for position, edit in enumerate(derived(revision=Revision.objects.get(pk=told.revision))):
        nothing = False
        yield Exported(told._replace(position=position, edit=UUID(edit.id)), core_edits.to_json(edit))
    if nothing:
        yield Exported(told, None)


def of_branch(*, branch: Branch, after: int) -> QuerySet[Revision]:
    """The branch's revisions newer than `after`, the oldest first, with their authors."""
    revisions = Revision.objects.filter(branch=branch, number__gt=after)
    return revisions.select_related("author").order_by("number")
