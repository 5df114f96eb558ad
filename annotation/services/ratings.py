"""Images rated a second time, blind: by another person, or by the same one some days later."""

import hashlib
import math
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from annotation.core import sharing
from annotation.models import Project, Task, TaskState
from annotation.models.tasks import HANDED_IN, HELD
from annotation.policies import access
from annotation.selectors import ratings as reading
from annotation.selectors import tasks as task_reading
from annotation.services import branching, notifications, tasks
from backend.accounts.models import Role, User
from backend.foundation.clock import now
from backend.foundation.errors import Invalid


class Rating(StrEnum):
    """Rated again by somebody else, or by the same person."""

    SECOND = "SECOND"
    REPEAT = "REPEAT"


class NobodyToRate(Invalid):
    """Those who are named are no people of the project."""


@transaction.atomic
def ask(
    *,
    project: Project,
    task_ids: Collection[UUID],
    rating: Rating = Rating.SECOND,
    percent: float = 100.0,
    people: Sequence[UUID] = (),
    after_days: int = 14,
    seed: int = 0,
    by: User,
) -> list[Task]:
    """Have `percent` of these tasks' images rated a second time; answers the new, blind tasks.

    Of n tasks ceil(n percent / 100) are drawn by `seed`. Each gets a branch of its own that begins where the
    first task began. A SECOND rating goes to whoever of `people` holds the fewest and knows nothing of the
    first, or into the queue; a REPEAT to the person of the first task, `after_days` days after they handed it
    in. Left out are tasks that have such a rating already, and those that began anew after their labels were
    accepted, for nobody knows where those began. Raises RoleTooLow, NobodyToRate.
    """
    access.require(by, project, Role.MANAGER)
    known = _people(project, people)
    rows = Task.objects.filter(project=project, pk__in=task_ids, blind=False, reopened_from__isnull=True)
    rows = rows.exclude(state=TaskState.CANCELLED).select_related("image", "base_revision__branch__image")
    firsts = drawn(list(rows.in_queue_order()), percent=percent, seed=seed)
    days = after_days if rating is Rating.REPEAT else None
    made = [_make(first, days, by) for first in firsts if not _has_one(first, rating)]
    if rating is Rating.SECOND:
        deal(made, [known[pk] for pk in people], by=by)
        notifications.tell_assignees(project=project, tasks=made, by=by, say=_asked_to_rate)
    return made


def _people(project: Project, people: Sequence[UUID]) -> dict[UUID, User]:
    rows = User.objects.filter(pk__in=people, memberships__team=project.team_id)
    known = {user.pk: user for user in rows}
    if len(known) < len(set(people)):
        raise NobodyToRate("Name people of this project as raters, or nobody: then the queue gives them out.")
    return known


def drawn(firsts: Sequence[Task], *, percent: float, seed: int) -> list[Task]:
    """The share of the tasks, in their order: those first by a hash of seed and task."""
    count = math.ceil(len(firsts) * percent / 100)

    def place(task: Task) -> bytes:
        return hashlib.blake2b(f"{seed}:{task.pk}".encode(), digest_size=8).digest()

    chosen = {task.pk for task in sorted(firsts, key=place)[:count]}
    return [task for task in firsts if task.pk in chosen]


def _has_one(first: Task, rating: Rating) -> bool:
    others = first.second_ratings.exclude(state=TaskState.CANCELLED)
    return others.filter(repeat_after_days__isnull=rating is Rating.SECOND).exists()


def _make(first: Task, after_days: int | None, by: User | None) -> Task:
    name = f"rating {uuid.uuid4().hex[:8]}"
    branch = branching.starting_point(image=first.image, of=first.base_revision, name=name, by=by)
    second = Task(
        project_id=first.project_id,
        image=first.image,
        branch=branch,
        kind=first.kind,
        title=tasks.title_of(first.kind, first.image),
        priority=first.priority,
        base_revision=branch.revisions.first(),
        created_by=by,
        blind=True,
        second_of=first,
        repeat_after_days=after_days,
        compared_with=first.submitted_revision if first.state in HANDED_IN else None,
    )
    return tasks.save(second)


def make_second(*, first: Task, by: User | None) -> Task:
    """A blind task beside this one, held by nobody yet."""
    return _make(first, None, by)


def deal(
    seconds: Sequence[Task], people: Sequence[User], *, most: int | None = None, by: User | None
) -> None:
    """Give blind tasks to those who hold the fewest and may rate them; what nobody may, or what would be more
    than `most` in somebody's hands, stays in the queue."""
    held = _held(people)
    for second in seconds:
        may = [p for p in people if _knows_nothing(p, second) and (most is None or held[p.pk] < most)]
        for _, person in sharing.by_load([second], may, {p: held[p.pk] for p in may}) if may else []:
            changed = tasks.assign(task=second, assignee=person, by=by, quiet=True)
            second.state, second.assignee = changed.state, changed.assignee
            held[person.pk] += 1


def _held(people: Sequence[User]) -> Counter[UUID]:
    rows = Task.objects.filter(assignee__in=people, state__in=HELD).order_by()
    counted = rows.values_list("assignee").annotate(count=Count("pk"))
    return Counter({pk: count for pk, count in counted if pk is not None})


def _knows_nothing(person: User, second: Task) -> bool:
    role = access.role_or_none(person, second.project)
    if role is None or role.rank < Role.ANNOTATOR.rank:
        return False
    rated = Task.objects.filter(assignee=person, blind=True, second_of=second.second_of_id)
    knows = task_reading.knowing(user=person).filter(second_ratings=second)
    return not knows.exists() and not rated.exclude(state=TaskState.CANCELLED).exists()


def _asked_to_rate(count: int) -> str:
    return f"asks you to rate {count} image{'' if count == 1 else 's'} blind."


@transaction.atomic
def begin_due() -> int:
    """Give repetitions whose time has come to the person of the first task; answers how many."""
    rows = Task.objects.filter(state=TaskState.OPEN, repeat_after_days__isnull=False)
    rows = rows.filter(second_of__state__in=HANDED_IN, second_of__assignee__isnull=False)
    begun = 0
    for pair in reading.pairs_of(rows.select_related("second_of__assignee", "second_of__submitted_revision")):
        first = pair.first
        if first is None or first.assignee is None or pair.begins_at is None or pair.begins_at > now():
            continue
        role = access.role_or_none(first.assignee, pair.second.project)
        if role is not None and role.rank >= Role.ANNOTATOR.rank:
            tasks.assign(task=pair.second, assignee=first.assignee, by=None)
            begun += 1
    return begun
