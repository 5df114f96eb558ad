"""The rules of review: how much is looked at, and that nobody accepts their own work."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation.models import OwnWork, Project, ReviewRule, Revision, Task
from annotation.policies import access
from annotation.selectors import reviews as reading
from backend.accounts.models import Role, User
from backend.foundation.errors import NotAllowed


class OwnWorkRefused(NotAllowed):
    """Who did the work is not who accepts it."""


@transaction.atomic
def change(*, project: Project, by: User, **changes: Any) -> ReviewRule:
    """Set the share that is looked at (`share_percent`), what draws it (`seed`), and `own_work`."""
    access.require(by, project, Role.MANAGER)
    rule, _ = ReviewRule.objects.update_or_create(project=project, defaults=changes)
    return rule


def refuse_own_work(*, task: Task, by: User) -> None:
    """Raises `OwnWorkRefused` where `by` did what is to be judged and the project's rule minds.

    After a change of accepted labels it is whoever made the change that did it.
    """
    if task.reopened_from is None or task.submitted_revision is None:
        did = task.assignee_id == by.pk
    else:
        after, until = task.reopened_from.number, task.submitted_revision.number
        did = _did_all(task.branch_id, after, until, by)
    if did:
        _refuse(task.project, by)


def refuse_own_revision(*, revision: Revision, project: Project, by: User, holds_it: bool = False) -> None:
    """The same for a revision that no task brings: everything since the last acceptance by one person, or
    somebody's who holds a task on it."""
    before = reading.accepted_number(branch_id=revision.branch_id, before=revision.number)
    if holds_it or _did_all(revision.branch_id, before, revision.number, by):
        _refuse(project, by)


def refuse_own_rating(*, raters: Collection[UUID | None], project: Project, by: User) -> None:
    """The same for two ratings of an image of which `by` made one."""
    if by.pk in raters:
        _refuse(project, by)


def _did_all(branch_id: UUID, after: int, until: int, by: User) -> bool:
    return reading.authors_between(branch_id=branch_id, after=after, until=until) == {by.pk}


def _refuse(project: Project, by: User) -> None:
    rule = reading.rule_of(project=project)
    minds = rule.own_work == OwnWork.REFUSED or (
        rule.own_work == OwnWork.AUTO and reading.has_other_reviewer(project=project, than=by)
    )
    if minds:
        raise OwnWorkRefused(
            "This is your own work: another reviewer must accept it. The project's settings decide that."
        )
