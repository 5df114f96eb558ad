"""The review queue by what is doubtful: the crowd, two raters, the model, people."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from rest_framework.test import APIClient

from annotation.core.edits import CellChange, CellFacts
from annotation.models import Branch, Campaign, CrowdDraft, Project, Task
from annotation.selectors import review_signs
from annotation.services import bulk, ratings, reviews, tasks
from backend.accounts.models import Team, User
from tests.cast import Cast
from tests.factories.annotation import commit, edit, make_branch, new_cell, paint

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 64, 64))


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


def handed_in(project: Project, branch: Branch, who: User, by: User) -> Task:
    task = tasks.create(project=project, image=branch.image, assignee=who, by=by)
    commit(branch, who, new_cell(1, 10, 10))
    return reviews.hand_in(task=task, by=who)


def test_what_a_model_and_people_said_of_the_cells_is_counted(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    planes = np.zeros((1, 64, 64), np.uint32)
    planes[0, 30:34, 30:34], planes[0, 40:44, 40:44] = 5, 6
    sure = {5: CellFacts(quality=0.25), 6: CellFacts(quality=0.75)}
    bulk.import_planes(image=branch.image, branch=branch, frames=[(0, 0, planes)], facts=sure, author=mia)
    doubt = edit(cells=[CellChange(6, sure[6], replace(sure[6], uncertain=True))])
    commit(branch, ben, doubt)
    branch.next_cell = 1001
    branch.save()
    task = handed_in(project, branch, ben, mia)
    [found] = review_signs.of_submitted(project=project, user=cleo)
    assert (found.task, found.quality, found.uncertain, found.cells) == (task.pk, 0.5, 1, 3)
    assert (found.ambiguity, found.disagreement) == (None, None)


def test_how_divided_a_crowd_was_is_that_of_its_newest_draft(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    handed_in(project, branch, ben, mia)
    campaign = Campaign.objects.create(project=project, name="Which?")
    revision = branch.revisions.get()
    for ambiguity in (0.2, 0.7):
        CrowdDraft.objects.create(
            campaign=campaign, image=branch.image, revision=revision, item_count=1, ambiguity=ambiguity
        )
    [found] = review_signs.of_submitted(project=project, user=cleo)
    assert found.ambiguity == 0.7


def test_two_raters_disagree_as_far_as_their_cells_differ(
    project: Project, branch: Branch, mia: User, ben: User, cleo: User, cast: Cast
) -> None:
    first = handed_in(project, branch, ben, mia)
    [second] = ratings.ask(project=project, task_ids=[first.pk], people=[cleo.pk], by=mia)
    mine = Branch.objects.get(pk=second.branch_id)
    Branch.objects.filter(pk=mine.pk).update(next_cell=100)
    commit(mine, cleo, new_cell(1, 10, 10), new_cell(2, 40, 40), paint(1, 14, 10, 1, 1))
    reviews.hand_in(task=second, by=cleo)
    found = {one.task: one.disagreement for one in review_signs.of_submitted(project=project, user=cast.ana)}
    assert found[first.pk] == found[second.pk] == pytest.approx(1 - 2 / 3)


def test_over_http_and_a_stranger_finds_nothing(
    project: Project, branch: Branch, mia: User, ben: User, client_of: ClientOf, dan: User
) -> None:
    task = handed_in(project, branch, ben, mia)
    at = f"/api/v1/projects/{project.pk}/review-signs/"
    [row] = client_of(mia).get(at).json()
    assert (row["task"], row["cells"], row["quality"]) == (str(task.pk), 1, None)
    assert client_of(dan).get(at).status_code == 404
