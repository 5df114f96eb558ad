"""By what reviewers may order what waits for them: where a crowd was divided, where two raters disagree, how
sure the model was, and what people marked as uncertain."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from annotation.models import CrowdDraft, Project, Task, TaskState
from annotation.selectors import ratings
from backend.accounts.models import User

MOST_PAIRS = 100
"""Ratings compared in one answer; each pair is reckoned once."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Of one submitted task. `ambiguity` 0 … 1: how divided the crowd was that drew it. `disagreement` 0 … 1:
    one less F1 at IoU .5 of two ratings. `quality` 0 … 1: the mean that a model gave its `cells`. `uncertain`
    cells of which somebody is not sure. None: there is no such thing."""

    task: UUID
    ambiguity: float | None
    disagreement: float | None
    quality: float | None
    uncertain: int
    cells: int


def of_submitted(*, project: Project, user: User) -> list[Signs]:
    """The signs of every submitted task that `user` may see, the longest waiting first."""
    rows = Task.objects.visible_to(user).filter(project=project, state=TaskState.SUBMITTED)
    waiting = list(rows.order_by("updated_at", "id").values_list("pk", "branch"))
    branches = [branch for _, branch in waiting]
    crowd, cells = _ambiguity(branches), _cells(branches)
    raters = _disagreement(user, project)
    return [
        Signs(task, crowd.get(branch), raters.get(task), *cells.get(branch, (None, 0, 0)))
        for task, branch in waiting
    ]


def _ambiguity(branches: list[UUID]) -> dict[UUID, float]:
    """Of each branch that of its newest draft."""
    drafts = CrowdDraft.objects.filter(revision__branch__in=branches).order_by("created_at")
    return dict(drafts.values_list("revision__branch", "ambiguity"))


def _disagreement(user: User, project: Project) -> Mapping[UUID, float]:
    """Of both tasks of each pair of ratings that was handed in and not settled."""
    found: dict[UUID, float] = {}
    asked = ratings.list_ratings(user=user, project=project).filter(state=TaskState.SUBMITTED)[:MOST_PAIRS]
    for one in ratings.agreement(ratings.pairs_of(asked)).images:
        differs = 1 - one.measures["f1_50"]
        found[one.pair.second.pk] = differs
        if one.pair.first is not None:
            found[one.pair.first.pk] = differs
    return found


def _cells(branches: list[UUID]) -> dict[UUID, tuple[float | None, int, int]]:
    """(mean quality, uncertain cells, cells) of the head of each branch."""
    if not branches:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CELLS_SQL, [branches])
        return {
            branch: (quality, uncertain, cells) for branch, quality, uncertain, cells in cursor.fetchall()
        }


CELLS_SQL = """
SELECT h.branch_id, avg(s.quality), count(*) FILTER (WHERE s.uncertain), count(*)
FROM annotation_cellhead h JOIN annotation_cellstate s ON s.id = h.state_id
WHERE h.branch_id = ANY(%s) AND h.exists GROUP BY h.branch_id
"""
