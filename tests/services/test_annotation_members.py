"""Roles in one project: guests see what is opened to them, members may do more in one than in others."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotation.models import Branch, Image, Project, Task
from annotation.policies.access import NothingHere, RoleTooLow, require, role_or_none
from annotation.selectors import projects as reading
from annotation.services import members, tasks
from annotation.services.members import NoSuchMember, RoleAboveYours
from backend.accounts.models import Membership, Role, Team, User
from backend.accounts.services import teams
from tests.cast import person
from tests.factories.annotation import commit, make_branch, make_project, new_cell

Client = Callable[[User | None], APIClient]


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


@pytest.fixture
def gus(team: Team) -> User:
    """A guest of Ana's team."""
    guest = person("Gus")
    Membership.objects.create(team=team, user=guest, role=Role.GUEST)
    return guest


def open_to(project: Project, user: User, role: Role, by: User) -> None:
    members.give_role(project=project, person=user.pk, role=role, by=by)


def test_W1_a_guest_sees_nothing_until_a_project_is_opened(project: Project, gus: User, mia: User) -> None:
    assert role_or_none(gus, project) is None
    with pytest.raises(NothingHere):
        require(gus, project, Role.VIEWER)
    open_to(project, gus, Role.VIEWER, mia)
    assert role_or_none(gus, project) is Role.VIEWER
    assert list(reading.list_projects(user=gus)) == [project]


def test_W1_a_guest_sees_that_project_alone(team: Team, project: Project, gus: User, mia: User) -> None:
    other = make_branch(team).image
    open_to(project, gus, Role.VIEWER, mia)
    assert set(Image.objects.visible_to(gus)) == set(Image.objects.filter(dataset__project=project))
    assert other in Image.objects.visible_to(mia)


def test_W1_a_guest_may_be_given_work(project: Project, branch: Branch, gus: User, mia: User) -> None:
    open_to(project, gus, Role.ANNOTATOR, mia)
    task = tasks.create(project=project, image=branch.image, assignee=gus, by=mia)
    commit(branch, gus, new_cell(1, 10, 10))
    assert tasks.submit(task=task, by=gus).assignee == gus


def test_W1_a_guest_who_leaves_the_team_leaves_its_projects(
    team: Team, project: Project, gus: User, mia: User, ana: User
) -> None:
    open_to(project, gus, Role.MANAGER, mia)
    teams.remove(membership=Membership.objects.get(team=team, user=gus), by=ana)
    assert role_or_none(gus, project) is None
    assert not Project.objects.visible_to(gus).exists()


def test_W1_a_member_may_do_more_in_one_project(team: Team, project: Project, ben: User, mia: User) -> None:
    open_to(project, ben, Role.REVIEWER, mia)
    require(ben, project, Role.REVIEWER)
    with pytest.raises(RoleTooLow):
        require(ben, make_project(team), Role.REVIEWER)
    assert set(Project.objects.held_by(ben, Role.REVIEWER)) == {project}


def test_W1_a_role_in_a_project_never_takes_from_the_one_in_the_team(
    project: Project, mia: User, ana: User
) -> None:
    open_to(project, mia, Role.VIEWER, ana)
    assert role_or_none(mia, project) is Role.MANAGER


def test_W1_only_managers_give_roles_and_only_up_to_their_own(
    project: Project, gus: User, cleo: User, mia: User, dan: User
) -> None:
    with pytest.raises(RoleTooLow):
        open_to(project, gus, Role.VIEWER, cleo)
    with pytest.raises(RoleAboveYours):
        open_to(project, gus, Role.OWNER, mia)
    with pytest.raises(NoSuchMember):
        open_to(project, dan, Role.VIEWER, mia)


def test_W1_taken_back_is_taken_back(project: Project, gus: User, mia: User) -> None:
    open_to(project, gus, Role.VIEWER, mia)
    members.take_role(project=project, person=gus.pk, by=mia)
    assert not Task.objects.visible_to(gus).exists()
    assert role_or_none(gus, project) is None


def test_W1_people_are_listed_with_what_they_may_do(
    project: Project, gus: User, vic: User, mia: User, client_of: Client
) -> None:
    open_to(project, vic, Role.REVIEWER, mia)
    address = f"/api/v1/projects/{project.pk}/people/"
    rows = {row["user"]["name"]: row for row in client_of(vic).get(address).json()["results"]}
    assert "Gus" not in rows
    assert (rows["Vic"]["team_role"], rows["Vic"]["role"]) == ("VIEWER", "REVIEWER")
    assert client_of(vic).get(f"{address}?everybody=true").status_code == 403
    asked = client_of(mia).get(f"{address}?everybody=true").json()["results"]
    assert [row["role"] for row in asked if row["user"]["name"] == "Gus"] == [None]


def test_W1_a_guest_finds_no_team_but_may_leave_it(team: Team, gus: User, client_of: Client) -> None:
    client = client_of(gus)
    assert client.get("/api/v1/teams/").json()["count"] == 0
    assert client.get(f"/api/v1/teams/{team.pk}/members/").status_code == 404
    mine = Membership.objects.get(user=gus)
    assert client.delete(f"/api/v1/members/{mine.pk}/").status_code == 204
