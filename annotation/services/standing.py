"""The standing rule of a project: new images become tasks and are shared out as they arrive."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation.core.sampling import is_drawn
from annotation.models import Dataset, Image, Project, StandingRule, Task, TaskKind, TaskState
from annotation.models.tasks import HELD
from annotation.policies import access
from annotation.selectors import standing as reading
from annotation.services import labels, news, ratings, tasks
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid


class NobodyToLabel(Invalid):
    """A rule that is on needs people who may label in the project."""


class OtherProject(Invalid):
    """The dataset belongs to another project."""


@transaction.atomic
def change(
    *, project: Project, by: User, people: Sequence[UUID] | None = None, **changes: Any
) -> StandingRule:
    """Set who gets new images (`people`), of which `dataset` (None: all), how many tasks each may hold
    (`most_open`), the share rated twice (`blind_percent`), and whether the rule is `active`.

    A rule that is switched on deals at once what it has made and nobody holds. Raises RoleTooLow,
    NobodyToLabel, OtherProject.
    """
    access.require(by, project, Role.MANAGER)
    dataset: Dataset | None = changes.get("dataset")
    if dataset is not None and dataset.project_id != project.pk:
        raise OtherProject("The dataset of the rule must be one of this project.")
    rule, _ = StandingRule.objects.get_or_create(project=project)
    for name, value in {**changes, "set_by": by}.items():
        setattr(rule, name, value)
    rule.save()
    if people is not None:
        rule.people.set(_labellers(project, people))
    if rule.active and not rule.people.exists():
        raise NobodyToLabel("Name somebody who may label here, or switch the rule off.")
    share_out(project_id=project.pk)
    return rule


def _labellers(project: Project, people: Sequence[UUID]) -> list[User]:
    known = list(User.objects.filter(pk__in=people, memberships__team=project.team_id))
    roles = [access.role_or_none(person, project) for person in known]
    if len(known) < len(set(people)) or any(r is None or r.rank < Role.ANNOTATOR.rank for r in roles):
        raise NobodyToLabel("Name people of this project who may label in it.")
    return known


@transaction.atomic
def new_image(*, image: Image) -> Task | None:
    """An image has arrived: the task that the project's rule makes of it, shared out; None without a rule."""
    rule = StandingRule.objects.filter(project=image.dataset.project_id, active=True).first()
    if rule is None or rule.dataset_id not in (None, image.dataset_id) or image.tasks.exists():
        return None
    if image.revisions.filter(accepted_at__isnull=False).exists():
        return None
    branch = labels.main_branch(image=image)
    kind = TaskKind.CORRECT if branch.head_number else TaskKind.LABEL
    first = tasks.create(project=image.dataset.project, image=image, branch=branch, kind=kind, by=None)
    if is_drawn(seed=0, key=str(image.pk), percent=rule.blind_percent):
        ratings.make_second(first=first, by=None)
    share_out(project_id=image.dataset.project_id)
    return first


@transaction.atomic
def share_out(*, project_id: UUID) -> int:
    """Deal what the rule has made and nobody holds, fewest in hand first, nobody above `most_open`; answers
    how many tasks found somebody."""
    rules = StandingRule.objects.select_for_update(of=("self",)).select_related("project__team")
    rule = rules.filter(project=project_id, active=True).first()
    if rule is None:
        return 0
    people = reading.labellers(rule=rule)
    waiting = list(reading.waiting(rule=rule).select_related("project__team", "image", "branch"))
    before = {task.pk for task in waiting}
    _deal_first([task for task in waiting if not task.blind], people, rule.most_open)
    ratings.deal([task for task in waiting if task.blind], people, most=rule.most_open, by=None)
    given = Task.objects.filter(pk__in=before, state=TaskState.ASSIGNED).select_related("project", "assignee")
    for task in given.select_related("image", "branch"):
        news.assigned(task=task, by=None)
    return len(given)


def _deal_first(waiting: Sequence[Task], people: Sequence[User], most: int) -> None:
    """Each to whoever holds the fewest and has not rated the image blind."""
    held = {p.pk: Task.objects.filter(assignee=p, state__in=HELD).count() for p in people}
    for task in waiting:
        raters = set(task.second_ratings.values_list("assignee", flat=True))
        may = [p for p in people if held[p.pk] < most and p.pk not in raters]
        if may:
            person = min(may, key=lambda p: held[p.pk])
            tasks.assign(task=task, assignee=person, by=None, quiet=True)
            held[person.pk] += 1


def share_out_waiting() -> int:
    """What waits in projects whose rule is on; answers how many tasks found somebody."""
    rules = StandingRule.objects.filter(active=True)
    waiting = rules.filter(project__tasks__in=reading.made_by_rule()).distinct()
    return sum(share_out(project_id=pk) for pk in waiting.values_list("project", flat=True))
