"""Projects, classes, deletion with everything below, and the demonstration."""

import pytest

from annotation.core.edits import CellFacts
from annotation.models import Branch, Image, Project, Revision, Task, Tile
from annotation.policies.access import NothingHere, RoleTooLow
from annotation.selectors import labels as reading
from annotation.services import demonstration, images, ingestion, projects, tasks
from annotation.services.naming import NameTaken
from annotation.services.projects import ClassIsUsed
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, make_branch, make_class, new_cell


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def test_a_manager_makes_projects_and_an_annotator_does_not(team: Team, mia: User, ben: User) -> None:
    assert projects.create(team=team, name="Nuclei", by=mia).team == team
    with pytest.raises(RoleTooLow):
        projects.create(team=team, name="Other", by=ben)


def test_a_stranger_does_not_even_learn_of_the_team(team: Team, dan: User) -> None:
    with pytest.raises(NothingHere):
        projects.create(team=team, name="Nuclei", by=dan)


def test_a_name_is_taken_once(team: Team, mia: User) -> None:
    projects.create(team=team, name="Nuclei", by=mia)
    with pytest.raises(NameTaken):
        projects.create(team=team, name="Nuclei", by=mia)


def test_a_class_that_cells_carry_is_archived_not_deleted(branch: Branch, mia: User, ben: User) -> None:
    used = make_class(branch.image.dataset.project)
    commit(branch, ben, new_cell(1, 10, 10, facts=CellFacts(label_class=str(used.pk))))
    with pytest.raises(ClassIsUsed):
        projects.delete_class(label_class=used, by=mia)
    assert projects.change_class(label_class=used, by=mia, archived=True).archived


def test_a_class_that_no_cell_carries_can_go(branch: Branch, mia: User) -> None:
    projects.delete_class(label_class=make_class(branch.image.dataset.project), by=mia)
    assert branch.image.dataset.project.classes.count() == 0


def worked_on(branch: Branch, ben: User, mia: User) -> Image:
    """An image with classes, labels, a submitted task."""
    used = make_class(branch.image.dataset.project)
    commit(branch, ben, new_cell(1, 10, 10, facts=CellFacts(label_class=str(used.pk))))
    task = tasks.create(project=branch.image.dataset.project, image=branch.image, assignee=ben, by=mia)
    tasks.submit(task=task, by=ben)
    return branch.image


def test_an_image_leaves_with_its_labels_and_tasks(branch: Branch, ben: User, mia: User) -> None:
    images.delete(image=worked_on(branch, ben, mia), by=mia)
    assert [model.objects.count() for model in (Image, Branch, Revision, Tile, Task)] == [0] * 5


def test_a_project_leaves_with_everything(branch: Branch, ben: User, mia: User, ana: User) -> None:
    project = worked_on(branch, ben, mia).dataset.project
    with pytest.raises(RoleTooLow):
        projects.delete(project=project, by=mia)
    projects.delete(project=project, by=ana)
    assert [model.objects.count() for model in (Project, Image, Revision, Task)] == [0] * 4


# ---------------------------------------------------------------- demonstration


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three frames of a small picture instead of twelve of a large one."""
    for name, value in (("FRAMES", 3), ("HEIGHT_PX", 128), ("WIDTH_PX", 128)):
        monkeypatch.setattr(demonstration, name, value)


def test_the_demonstration_has_truth_and_something_to_try(short: None, team: Team, ana: User) -> None:
    project = demonstration.create(team=team, author=ana)
    shown = Image.objects.filter(dataset__project=project)
    truth = [image for image in shown if reading.accepted_revision(image)]
    assert (shown.count(), len(truth)) == (6, 4)
    assert {task.image_id for task in Task.objects.filter(state="OPEN", kind="LABEL")} == {
        image.pk for image in shown if image not in truth
    }
    assert {image.group for image in shown} == {f"movie-{i}" for i in range(1, 7)}
    assert all(reading.cell_facts(revision=reading.accepted_revision(image)) for image in truth)


def test_the_demonstration_is_made_once(short: None, team: Team, ana: User) -> None:
    first = demonstration.create(team=team, author=ana)
    before = counted()
    assert demonstration.create(team=team, author=ana) == first
    assert counted() == before


def counted() -> list[int]:
    return [model.objects.count() for model in (Project, Image, Revision, Tile, Task)]


def test_a_broken_off_demonstration_is_completed(
    short: None, team: Team, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "make_ready", die)
        with pytest.raises(KeyboardInterrupt):
            demonstration.create(team=team, author=ana)
    project = demonstration.create(team=team, author=ana)
    assert Image.objects.ready().filter(dataset__project=project).count() == Image.objects.count() == 6
