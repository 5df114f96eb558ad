"""W2: tasks shared out in turn, by load, by dataset and by class."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from rest_framework.test import APIClient

from annotation.core import sharing
from annotation.core.edits import CellFacts
from annotation.models import Branch, Notification, Project, Task, TaskState
from annotation.policies.access import RoleTooLow
from annotation.services import tasks
from annotation.services.sharing import NobodyNamed, ShareRule, share_out
from annotation.services.tasks import CannotLabel
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, make_branch, make_class, make_dataset, make_image, new_cell


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 64, 64))


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


def made(project: Project, branch: Branch, by: User, count: int = 1) -> list[Task]:
    return [tasks.create(project=project, image=branch.image, by=by) for _ in range(count)]


def shared(several: Sequence[Task], rule: ShareRule, by: User, *people: User) -> Counter[str]:
    dealt = share_out(
        project=several[0].project,
        task_ids=[t.pk for t in several],
        rule=rule,
        people=[person.pk for person in people],
        by=by,
    )
    return Counter(task.assignee.name for task in dealt if task.assignee)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_W2_in_turn_nobody_gets_more_than_one_more(count: int) -> None:
    dealt = Counter(person for _, person in sharing.in_turn(range(count), "abc"))
    assert sum(dealt.values()) == count
    assert max(dealt.values(), default=0) - min((dealt[one] for one in "abc"), default=0) <= 1


@pytest.mark.parametrize("held", [{}, {"a": 5}, {"a": 1, "b": 3, "c": 9}])
def test_W2_by_load_each_goes_to_the_least_laden_as_a_slow_twin_says(held: dict[str, int]) -> None:
    loads, wanted = dict.fromkeys("abc", 0) | held, []
    for task in range(12):
        person = min("abc", key=lambda one: (loads[one], one))
        loads[person] += 1
        wanted.append((task, person))
    assert sharing.by_load(range(12), "abc", held) == wanted


def test_W2_tasks_are_shared_out_and_each_person_hears_once(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    several = made(project, branch, mia, 5)
    assert shared(several, ShareRule.IN_TURN, mia, ben, cleo) == {"Ben": 3, "Cleo": 2}
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ASSIGNED}
    assert sorted(Notification.objects.values_list("text", flat=True)) == [
        "Mia gave you 2 tasks.",
        "Mia gave you 3 tasks.",
    ]


def test_W2_by_load_evens_out_what_is_in_hand(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    shared(made(project, branch, mia, 3), ShareRule.IN_TURN, mia, ben)
    assert shared(made(project, branch, mia, 5), ShareRule.LOAD, mia, ben, cleo) == {"Ben": 1, "Cleo": 4}


def test_W2_by_dataset_and_by_class_what_nobody_was_chosen_for_stays(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    other = make_image(make_dataset(project), shape_tzyx=(1, 1, 64, 64))
    kind = make_class(project)
    commit(branch, ben, new_cell(1, 10, 10, facts=CellFacts(label_class=str(kind.pk))))
    several = [*made(project, branch, mia), tasks.create(project=project, image=other, by=mia)]
    for rule, about in ((ShareRule.DATASET, other.dataset_id), (ShareRule.CLASS, kind.pk)):
        [given] = share_out(
            project=project, task_ids=[t.pk for t in several], rule=rule, chosen={about: cleo.pk}, by=mia
        )
        assert given.assignee == cleo
        assert given.image == (other if rule is ShareRule.DATASET else branch.image)


def test_W2_refusals_change_nothing(
    project: Project, branch: Branch, mia: User, ben: User, vic: User, dan: User, cleo: User
) -> None:
    several = made(project, branch, mia, 2)
    with pytest.raises(RoleTooLow):
        shared(several, ShareRule.IN_TURN, cleo, ben)
    with pytest.raises(NobodyNamed):
        shared(several, ShareRule.IN_TURN, mia)
    with pytest.raises(NobodyNamed):
        shared(several, ShareRule.IN_TURN, mia, dan)
    with pytest.raises(CannotLabel):
        shared(several, ShareRule.IN_TURN, mia, ben, vic)
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.OPEN}


def test_W2_over_http_a_stranger_shares_out_nothing(
    project: Project, branch: Branch, mia: User, ben: User, dan: User, client_of: Callable[[User], APIClient]
) -> None:
    [task] = made(project, branch, mia)
    body = {"tasks": [str(task.pk)], "rule": "IN_TURN", "people": [str(ben.pk)]}
    address = f"/api/v1/projects/{project.pk}/share-out/"
    assert client_of(dan).post(address, body).status_code == 404
    assert [row["assignee"]["name"] for row in client_of(mia).post(address, body).json()] == ["Ben"]
