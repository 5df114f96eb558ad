"""Sharing tasks out among people by a rule, all or none."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from annotation.core import lifecycle, sharing
from annotation.core.lifecycle import Move
from annotation.models import CellHead, Project, Task, TaskState
from annotation.policies import access
from annotation.services import notifications, tasks
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid


class ShareRule(StrEnum):
    """In turn; to whoever holds the least; by the task's dataset; by the class that most cells have."""

    IN_TURN = "IN_TURN"
    LOAD = "LOAD"
    DATASET = "DATASET"
    CLASS = "CLASS"


class NobodyNamed(Invalid):
    """Tasks are shared out among people; none were named."""


@transaction.atomic
def share_out(
    *,
    project: Project,
    task_ids: Sequence[UUID],
    rule: ShareRule,
    people: Sequence[UUID] = (),
    chosen: Mapping[UUID, UUID] | None = None,
    by: User,
) -> list[Task]:
    """Give each of these tasks to somebody, as the rule says; those that the rule leaves, or whose state does
    not allow it, stay as they are. `chosen` names a person for each dataset or class."""
    access.require(by, project, Role.MANAGER)
    chosen = chosen or {}
    named = list(dict.fromkeys([*people, *chosen.values()]))
    known = {user.pk: user for user in User.objects.filter(pk__in=named, memberships__team=project.team_id)}
    if not named or len(known) < len(named):
        raise NobodyNamed("Name the people of this project among whom the tasks are shared out.")
    movable = lifecycle.RULES[Move.ASSIGN].before
    rows = Task.objects.filter(project=project, pk__in=task_ids, state__in=movable)
    waiting = list(rows.select_related("image").in_queue_order())
    dealt = [
        tasks.assign(task=task, assignee=known[person], by=by, quiet=True)
        for task, person in _dealt(waiting, rule, people, chosen)
    ]
    notifications.tell_assignees(project=project, tasks=dealt, by=by, say=_given)
    return dealt


def _dealt(
    waiting: Sequence[Task], rule: ShareRule, people: Sequence[UUID], chosen: Mapping[UUID, UUID]
) -> list[tuple[Task, UUID]]:
    if rule is ShareRule.DATASET:
        return sharing.by_key([(task, task.image.dataset_id) for task in waiting], chosen)
    if rule is ShareRule.CLASS:
        return sharing.by_key([(task, _class_of(task)) for task in waiting], chosen)
    if not people:
        raise NobodyNamed("Name the people among whom the tasks are shared out.")
    if rule is ShareRule.IN_TURN:
        return sharing.in_turn(waiting, people)
    return sharing.by_load(waiting, people, _held(people, waiting))


def _held(people: Sequence[UUID], waiting: Sequence[Task]) -> dict[UUID, int]:
    """Tasks in hand, over all projects, without those that are given anew."""
    states = [TaskState.ASSIGNED, TaskState.RETURNED]
    rows = Task.objects.filter(assignee__in=people, state__in=states).exclude(pk__in=[t.pk for t in waiting])
    counted = rows.order_by().values_list("assignee").annotate(count=Count("pk"))
    return {pk: count for pk, count in counted if pk is not None}


def _class_of(task: Task) -> UUID | None:
    """The class that most cells of the task's branch have; None where none has one."""
    heads = CellHead.objects.filter(branch=task.branch_id, exists=True, state__label_class__isnull=False)
    counted = heads.order_by().values_list("state__label_class").annotate(count=Count("pk"))
    first = counted.order_by("-count", "state__label_class").first()
    return None if first is None else first[0]


def _given(count: int) -> str:
    return f"gave you {count} task{'' if count == 1 else 's'}."
