"""W11: throughput is what the log says: one's own for all, everybody's for managers, by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from annotation.models import Branch, EditRecord, Project, Revision
from annotation.selectors import throughput
from annotation.services import reviews, tasks
from backend.accounts.models import Team, User
from backend.foundation.clock import now
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 64, 64))


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


def at(revision: Revision, minutes: float) -> None:
    """The revision as if made so many minutes after noon, the day before yesterday."""
    noon = (now() - timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    Revision.objects.filter(pk=revision.pk).update(created_at=noon + timedelta(minutes=minutes))


def test_W11_time_cells_and_corrections_are_those_of_the_log(
    branch: Branch, project: Project, ben: User, cleo: User, mia: User
) -> None:
    at(commit(branch, ben, new_cell(1, 4, 4), new_cell(2, 20, 20)), 0)
    at(commit(branch, ben, paint(1, 8, 4)), 2)
    at(commit(branch, ben, new_cell(3, 40, 40)), 60)
    at(commit(branch, ben, erase(1, 4, 4, 1, 1), erase(2, 20, 20, 1, 1)), 61)
    at(commit(branch, cleo, paint(3, 44, 40)), 10)
    first, second = throughput.of_project(project=project, user=mia, days=30)
    assert (first.user, second.user) == (ben, cleo)
    work = first.work
    assert (work.seconds, work.edits, work.corrections) == (180.0, 6, 3)
    assert (len(work.made), len(work.corrected)) == (3, 2)
    assert (work.seconds_per_cell, work.corrections_per_cell) == (60.0, 1.5)
    assert (second.work.seconds, len(second.work.corrected), second.work.corrections) == (0.0, 1, 1)
    assert first.work.edits + second.work.edits == EditRecord.objects.count()
    assert sum(day.work.seconds for day in first.days) == work.seconds


def test_W11_verdicts_are_counted_and_old_work_is_left_out(
    branch: Branch, project: Project, ben: User, cleo: User, mia: User
) -> None:
    task = tasks.create(project=project, image=branch.image, assignee=ben, by=mia)
    commit(branch, ben, new_cell(1, 4, 4))
    reviews.hand_in(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="RETURNED", comment="again")
    reviews.hand_in(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="ACCEPTED")
    [row] = throughput.of_project(project=project, user=mia, days=1)
    assert (row.accepted, row.returned) == (1, 1)
    Revision.objects.update(created_at=now() - timedelta(days=3))
    assert throughput.of_project(project=project, user=mia, days=1) == []


def test_W11_managers_see_everybody_others_themselves_strangers_nothing(
    branch: Branch,
    project: Project,
    ben: User,
    cleo: User,
    mia: User,
    dan: User,
    client_of: Callable[[User], APIClient],
) -> None:
    for number, author in enumerate((cleo, ben)):
        commit(branch, author, new_cell(number + 1, 4 + 10 * number, 4))
    address = f"/api/v1/projects/{project.pk}/throughput/"

    def names(user: User) -> list[str]:
        return [row["user"]["name"] for row in client_of(user).get(address).json()]

    assert names(mia) == ["Ben", "Cleo"]
    assert names(ben) == ["Ben"]
    assert client_of(dan).get(address).status_code == 404
