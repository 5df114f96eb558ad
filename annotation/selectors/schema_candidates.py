"""The cells that a change of the schema concerns: counted at once where the same is said of them, or one by
one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from annotation.core import schema_changes
from annotation.core.edits import CellChange, CellFacts
from annotation.core.schema_changes import Step
from annotation.models import Branch, Project
from annotation.selectors import labels as label_reading

CARRIES_CLASS = "(s.label_class_id = %(value)s::uuid OR s.also @> jsonb_build_array(%(value)s::text))"
CARRIES_ATTRIBUTE = "s.attributes ? %(value)s"
CARRIES_SEVERAL = "s.also <> %(value)s::jsonb"


@dataclass(slots=True)
class Counted:
    """How many cells do what: changes of cells that stand for others, and of how many; the rest by number."""

    changes: list[tuple[CellChange, int]] = field(default_factory=list)
    branches: set[UUID] = field(default_factory=set)
    locked: int = 0
    unchanged: int = 0


def counted(project: Project, steps: Sequence[Step], where: tuple[str, str]) -> Counted:
    """What the steps change, reckoned once for all cells of a branch of which the same is said: in one query,
    and no cell by itself."""
    found = Counted()
    for branch_id, before, cells in alike(project, *where):
        after = schema_changes.stepped(before, steps)
        if after == before:
            found.unchanged += cells
        elif before.locked:
            found.locked += cells
        else:
            found.branches.add(branch_id)
            found.changes.append((CellChange(0, before, after), cells))
    return found


def alike(project: Project, where: str, value: str) -> Iterator[tuple[UUID, CellFacts, int]]:
    """(branch, what is said, cells): living cells at the heads of which the same is said."""
    sql = f"""
        SELECT h.branch_id, s.label_class_id, s.locked, s.also, s.attributes, count(*)
        FROM annotation_cellhead h
        JOIN annotation_cellstate s ON s.id = h.state_id
        JOIN annotation_branch b ON b.id = h.branch_id
        JOIN annotation_image i ON i.id = b.image_id JOIN annotation_dataset d ON d.id = i.dataset_id
        WHERE d.project_id = %(project)s AND b.head_number > 0 AND h.exists AND {where}
        GROUP BY h.branch_id, s.label_class_id, s.locked, s.also, s.attributes
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"project": project.pk, "value": value})
        rows = cursor.fetchall()
    plain = (None,) * 3
    for branch_id, label_class, locked, also, attributes, cells in rows:
        facts = label_reading.facts_of(
            label_class, *plain, locked, False, None, None, also, attributes, False
        )
        yield branch_id, facts, cells


def branches(project: Project) -> Iterator[UUID]:
    """The branches of a project that have labels, always in the same order, so that locks never cross."""
    rows = Branch.objects.filter(image__dataset__project=project, head_number__gt=0).order_by("pk")
    yield from rows.values_list("pk", flat=True)


def has_candidate(branch_id: UUID, where: str, value: str) -> bool:
    """Has a branch a living cell that the condition names?"""
    sql = f"""
        SELECT EXISTS (SELECT 1 FROM annotation_cellhead h JOIN annotation_cellstate s ON s.id = h.state_id
        WHERE h.branch_id = %(branch)s AND h.exists AND {where})
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"branch": branch_id, "value": value})
        return bool(cursor.fetchone()[0])


def candidates(branch_id: UUID, where: str, value: str) -> dict[int, CellFacts]:
    """Facts of the living cells of a branch that the condition names, at the head."""
    sql = f"""
        SELECT h.cell, {label_reading.FACTS} FROM annotation_cellhead h
        JOIN annotation_cellstate s ON s.id = h.state_id
        WHERE h.branch_id = %(branch)s AND h.exists AND {where}
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"branch": branch_id, "value": value})
        return {cell: label_reading.facts_of(*columns) for cell, *columns in cursor.fetchall()}
