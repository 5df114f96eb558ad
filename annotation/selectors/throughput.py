"""How work goes on in a project, day by day and person by person, told from the log of edits."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from annotation.core import worklog
from annotation.core.worklog import Work
from annotation.models import EditRecord, Project, Review, Revision, Task, Verdict
from backend.accounts.models import User
from backend.foundation.clock import now


@dataclass(frozen=True, slots=True)
class Day:
    """What one person did on one day (UTC)."""

    day: date
    work: Work


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one person did: in all, day by day, and how their work was judged."""

    user: User
    work: Work
    days: list[Day]
    accepted: int
    returned: int


def of_project(*, project: Project, days: int, user: User, only: User | None = None) -> list[Throughput]:
    """Everybody who drew within the last `days` days, by name: nobody is ranked. `only` one person, if
    given. Nothing is told of what `user` may not see."""
    since = now() - timedelta(days=days)
    rows = Revision.objects.visible_to(user).filter(
        image__dataset__project=project, author__isnull=False, edit_count__gt=0, created_at__gte=since
    )
    rows = rows if only is None else rows.filter(author=only)
    saves = list(rows.order_by("author", "created_at").values("pk", "author", "branch", "created_at"))
    people = User.objects.in_bulk({save["author"] for save in saves})
    verdicts = _verdicts(project, since, user)
    by_person = groupby(saves, lambda save: save["author"])
    told = [_throughput(people[pk], list(own), verdicts) for pk, own in by_person]
    return sorted(told, key=lambda one: one.user.name.lower())


def _throughput(user: User, saves: Sequence[Any], verdicts: dict[tuple[UUID, str], int]) -> Throughput:
    gaps = worklog.seconds_between([save["created_at"] for save in saves])
    edits = dict(_edits([save["pk"] for save in saves]))
    whole, by_day = Work(), defaultdict[date, Work](Work)
    for save, seconds in zip(saves, gaps, strict=True):
        for work in (whole, by_day[save["created_at"].date()]):
            worklog.add(work, branch=save["branch"], edits=edits.get(save["pk"], ()), seconds=seconds)
    days = [Day(day, work) for day, work in sorted(by_day.items())]
    accepted = verdicts.get((user.pk, str(Verdict.ACCEPTED)), 0)
    returned = verdicts.get((user.pk, str(Verdict.RETURNED)), 0)
    return Throughput(user, whole, days, accepted, returned)


def _edits(revisions: Iterable[UUID]) -> Iterator[tuple[UUID, list[dict[str, Any]]]]:
    """The edits of each revision as they lie in the log."""
    rows = EditRecord.objects.filter(revision__in=list(revisions)).order_by("revision", "position")
    for revision, records in groupby(rows.values_list("revision", "body").iterator(), lambda row: row[0]):
        yield revision, [json.loads(zlib.decompress(bytes(body))) for _, body in records]


def _verdicts(project: Project, since: Any, user: User) -> dict[tuple[UUID, str], int]:
    """How often each person's tasks were accepted or returned: by the task's assignee."""
    tasks = Task.objects.visible_to(user).filter(project=project, assignee__isnull=False)
    rows = Review.objects.filter(task__in=tasks, created_at__gte=since)
    counted: defaultdict[tuple[UUID, str], int] = defaultdict(int)
    for person, verdict in rows.values_list("task__assignee", "verdict"):
        if person is not None:
            counted[person, verdict] += 1
    return counted
