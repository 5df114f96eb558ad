"""W10 and W2: images rated twice, settled into the first labels, repeated; new images shared out by rule."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from annotation.core.adjudication import Take
from annotation.models import Branch, Notification, Project, Review, Revision, StandingRule, Task, TaskState
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.selectors import ratings as rated
from annotation.selectors.ratings import Stage
from annotation.services import adjudicating, labels, ratings, reviews, standing, tasks
from annotation.services.adjudicating import Chosen, LabelsMoved, RatingsNotReady
from annotation.services.ratings import Rating
from annotation.services.review_rules import OwnWorkRefused
from annotation.services.reviews import SettledTogether
from annotation.services.standing import NobodyToLabel
from annotation.services.tasks import KnowsTheAnswers
from backend.accounts.models import Membership, Role, Team, User
from backend.foundation.clock import now
from tests.cast import person
from tests.factories.annotation import commit, make_branch, make_image, new_cell, paint


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 64, 64))


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


@pytest.fixture
def uma(team: Team) -> User:
    """Labels, like Ben, and has seen nothing of what he did."""
    made = person("Uma")
    Membership.objects.create(team=team, user=made, role=Role.ANNOTATOR)
    return made


def fresh(task: Task) -> Task:
    return Task.objects.select_related("project__team", "branch", "image").get(pk=task.pk)


@pytest.fixture
def first(branch: Branch, project: Project, ben: User, mia: User) -> Task:
    """Ben's: begun on one cell that was there, handed in with two more."""
    commit(branch, mia, new_cell(1, 4, 4))
    task = tasks.create(project=project, image=branch.image, assignee=ben, by=mia)
    commit(branch, ben, new_cell(2, 20, 20), new_cell(3, 40, 40))
    reviews.hand_in(task=task, by=ben)
    return fresh(task)


def asked(first: Task, by: User, *people: User, **wish: object) -> Task:
    wanted = {"percent": 100.0, "rating": Rating.SECOND, "people": [p.pk for p in people], **wish}
    [second] = ratings.ask(project=first.project, task_ids=[first.pk], by=by, **wanted)  # type: ignore[arg-type]
    return fresh(second)


def rate(second: Task, who: User) -> Task:
    """Uma's answer: cell 2 as Ben has it, though with another name, one elsewhere, none where he has 3."""
    own = Branch.objects.select_related("image__dataset__project__team").get(pk=second.branch_id)
    labels.reserve_cells(branch=own, count=10, by=who)
    commit(own, who, new_cell(5, 20, 20), new_cell(6, 50, 10))
    reviews.hand_in(task=second, by=who)
    return fresh(second)


def cells_at_head(branch_id: UUID) -> dict[int, int]:
    head = reading.head_revision(Branch.objects.get(pk=branch_id))
    assert head is not None
    return {cell: m.area_px for cell, m in _areas(head).items()}


def _areas(head: Revision) -> dict[int, "Area"]:
    found = reading.cell_measures(revision=head, t=0)[0]
    return {c: Area(a) for c, a in zip(found.ids.tolist(), found.area_px.tolist(), strict=True)}


class Area:
    def __init__(self, area_px: int) -> None:
        self.area_px = area_px


def test_W10_the_second_begins_where_the_first_began(first: Task, uma: User, mia: User) -> None:
    second = asked(first, mia, uma)
    assert (second.blind, second.second_of, second.assignee, second.state) == (True, first, uma, "ASSIGNED")
    assert cells_at_head(second.branch_id).keys() == {1}
    assert second.branch.next_cell == 2, "nor is it told how many cells the first has drawn"
    said = Revision.objects.get(branch=second.branch)
    assert str(first.branch_id) not in f"{said.message}{said.parameters}"
    assert second.compared_with == first.submitted_revision
    assert ratings.ask(project=first.project, task_ids=[first.pk], by=mia) == [], "once is enough"
    assert Notification.objects.filter(recipient=uma, text__contains="rate 1 image blind").exists()


def test_W10_who_knows_the_first_is_given_no_second(
    first: Task, ben: User, mia: User, cleo: User, branch: Branch
) -> None:
    commit(branch, cleo, paint(3, 44, 40))
    second = asked(first, mia, ben, cleo)
    assert (second.state, second.assignee) == ("OPEN", None)
    for who in (ben, cleo):
        with pytest.raises(KnowsTheAnswers):
            tasks.assign(task=second, assignee=who, by=mia)
        assert tasks.take_next(project=first.project, by=who) is None
    with pytest.raises(RoleTooLow):
        ratings.ask(project=first.project, task_ids=[first.pk], by=cleo)


def test_W10_the_queue_gives_one_rating_of_an_image_to_one_person(first: Task, uma: User, mia: User) -> None:
    second = asked(first, mia)
    third = ratings.make_second(first=first, by=mia)
    taken = tasks.take_next(project=first.project, by=uma)
    assert taken in (second, third)
    assert taken is not None
    rate(taken, uma)
    assert tasks.take_next(project=first.project, by=uma) is None


@pytest.mark.parametrize(("percent", "count"), [(0, 0), (10, 2), (33, 4), (100, 12)])
def test_W10_of_n_images_the_asked_share_is_drawn(
    percent: float, count: int, project: Project, branch: Branch, mia: User
) -> None:
    several = [tasks.create(project=project, image=branch.image, by=mia) for _ in range(12)]
    once, again = (
        [task.pk for task in ratings.drawn(several, percent=percent, seed=seed)] for seed in (4, 4)
    )
    assert once == again
    assert len(once) == count


def test_W10_agreement_is_of_what_was_handed_in_and_only_when_both_are(
    first: Task, uma: User, mia: User, cleo: User
) -> None:
    second = asked(first, mia, uma)
    [pair] = rated.pairs_of(rated.list_ratings(user=cleo, project=first.project))
    assert (pair.stage, pair.revisions) == (Stage.UNDER_WAY, None)
    rate(second, uma)
    [pair] = rated.pairs_of(rated.list_ratings(user=cleo, project=first.project))
    assert pair.stage is Stage.READY
    found = rated.agreement([pair])
    [image] = found.images
    assert (image.first_cells, image.second_cells) == (3, 3)
    assert image.measures["f1_50"] == pytest.approx(2 * 2 / 6)
    assert image.measures["pq"] == pytest.approx(2 * 2 / 6)
    with pytest.raises(SettledTogether):
        reviews.decide(task=second, by=cleo, verdict="ACCEPTED")


def test_W10_settling_puts_the_choice_into_the_first_labels_and_before_a_reviewer(
    first: Task, uma: User, mia: User, cleo: User, ben: User
) -> None:
    second = asked(first, mia, uma)
    with pytest.raises(RatingsNotReady):
        adjudicating.settle(rating=second, take=Take.SECOND, by=cleo)
    second = rate(second, uma)
    head = first.branch.head_number
    with pytest.raises(LabelsMoved):
        adjudicating.settle(rating=second, take=Take.SECOND, head=head + 1, by=cleo)
    waits = adjudicating.settle(rating=second, take=Take.SECOND, head=head, by=cleo)
    assert waits is not None
    assert (waits.pk, waits.state) == (first.pk, TaskState.SUBMITTED)
    assert sorted(cells_at_head(first.branch_id)) == [1, 2, 1001], "2 keeps its name, 3 is gone, one is new"
    assert waits.submitted_revision is not None
    assert waits.submitted_revision.author == cleo
    done = fresh(second)
    assert done.state == TaskState.ACCEPTED
    assert Review.objects.get(task=done).comment.startswith("Settled: the second")
    assert done.image.current_branch_id == first.branch_id, "the second's labels stay aside"
    [pair] = rated.pairs_of([done])
    assert rated.agreement([pair]).images[0].measures["f1_50"] == pytest.approx(4 / 6), "of what they drew"
    assert reviews.decide(task=fresh(first), by=mia, verdict="ACCEPTED").revision == waits.submitted_revision


def test_W10_what_was_accepted_before_goes_back_to_review(
    first: Task, uma: User, mia: User, cleo: User
) -> None:
    reviews.decide(task=first, by=cleo, verdict="ACCEPTED")
    second = rate(asked(first, mia, uma), uma)
    waits = adjudicating.settle(
        rating=second, take=Take.FIRST, cells=[Chosen(0, 0, Take.SECOND, second=6)], by=mia
    )
    assert waits is not None
    assert (waits.state, waits.reopened_from_id is not None) == (TaskState.SUBMITTED, True)
    assert sorted(cells_at_head(first.branch_id)) == [1, 2, 3, 1001]


def test_W10_the_consensus_holds_what_both_found_and_the_first_choice_changes_nothing(
    first: Task, uma: User, mia: User, cleo: User
) -> None:
    second = rate(asked(first, mia, uma), uma)
    assert adjudicating.settle(rating=second, take=Take.FIRST, by=cleo) is None
    assert sorted(cells_at_head(first.branch_id)) == [1, 2, 3]
    assert adjudicating.settle(rating=fresh(second), take=Take.CONSENSUS, by=cleo) is not None
    assert sorted(cells_at_head(first.branch_id)) == [1, 2]


def test_W10_who_rated_does_not_settle_where_somebody_else_could(first: Task, mia: User, cleo: User) -> None:
    second = rate(asked(first, mia, cleo), cleo)
    with pytest.raises(OwnWorkRefused):
        adjudicating.settle(rating=second, take=Take.SECOND, by=cleo)
    assert adjudicating.settle(rating=second, take=Take.FIRST, by=mia) is None


def test_W10_a_repetition_waits_for_its_day_and_for_its_person(
    first: Task, ben: User, uma: User, mia: User
) -> None:
    again = asked(first, mia, rating=Rating.REPEAT, after_days=7)
    assert (again.state, again.repeat_after_days) == (TaskState.OPEN, 7)
    assert tasks.take_next(project=first.project, by=uma) is None
    with pytest.raises(KnowsTheAnswers):
        tasks.assign(task=again, assignee=uma, by=mia)
    assert ratings.begin_due() == 0
    assert first.submitted_revision is not None
    Revision.objects.filter(pk=first.submitted_revision.pk).update(created_at=now() - timedelta(days=8))
    assert (ratings.begin_due(), ratings.begin_due()) == (1, 0)
    assert fresh(again).assignee == ben
    assert cells_at_head(again.branch_id).keys() == {1}
    assert not Branch.objects.visible_to(ben).filter(pk=first.branch_id).exists(), "not even one's own"


# ---------------------------------------------------------------- new images


def test_W2_new_images_are_dealt_to_those_who_hold_the_least_up_to_their_fill(
    project: Project, branch: Branch, ben: User, uma: User, mia: User, cleo: User
) -> None:
    with pytest.raises(NobodyToLabel):
        standing.change(project=project, active=True, by=mia)
    with pytest.raises(RoleTooLow):
        standing.change(project=project, active=True, people=[ben.pk], by=cleo)
    standing.change(project=project, active=True, people=[ben.pk, uma.pk], most_open=2, by=mia)
    made = [
        standing.new_image(image=make_image(branch.image.dataset, shape_tzyx=(1, 1, 9, 9))) for _ in range(6)
    ]
    held = Counter(fresh(task).assignee for task in made if task)
    assert held == {ben: 2, uma: 2, None: 2}
    mine = Task.objects.filter(assignee=ben).first()
    assert mine is not None
    reviews.hand_in(task=mine, by=ben)
    assert standing.share_out_waiting() == 1
    assert Task.objects.filter(assignee=ben, state="ASSIGNED").count() == 2
    standing.change(project=project, active=False, by=mia)
    assert standing.new_image(image=make_image(branch.image.dataset)) is None


def test_W2_a_blind_share_goes_to_another_person_than_the_first(
    project: Project, branch: Branch, ben: User, uma: User, mia: User
) -> None:
    people = [ben.pk, uma.pk]
    standing.change(project=project, active=True, people=people, most_open=50, blind_percent=100, by=mia)
    for _ in range(4):
        standing.new_image(image=make_image(branch.image.dataset, shape_tzyx=(1, 1, 9, 9)))
    pairs = [(second.assignee, second.second_of) for second in Task.objects.filter(blind=True)]
    assert len(pairs) == 4
    assert all(who is not None and one is not None and who != one.assignee for who, one in pairs)
    assert StandingRule.objects.get().project == project


def test_W10_strangers_find_nothing_and_reviewers_read_by_http(
    first: Task, uma: User, mia: User, cleo: User, dan: User, ben: User,
    client_of: Callable[[User | None], APIClient],
) -> None:  # fmt: skip
    at = f"/api/v1/projects/{first.project_id}"
    body = {"tasks": [str(first.pk)], "people": [str(uma.pk)]}
    assert client_of(dan).post(f"{at}/ratings/", body, format="json").status_code == 404
    assert client_of(cleo).post(f"{at}/ratings/", body, format="json").status_code == 403
    [made] = client_of(mia).post(f"{at}/ratings/", body, format="json").json()["tasks"]
    second = rate(Task.objects.get(pk=made["id"]), uma)
    for who, status in ((dan, 404), (ben, 403), (cleo, 200)):
        for address in (f"{at}/ratings/", f"{at}/agreement/"):
            assert client_of(who).get(address).status_code == status
    told = client_of(cleo).get(f"{at}/agreement/").json()
    assert told["measures"]["f1_50"] == {"value": pytest.approx(4 / 6), "low": None, "high": None}
    [image] = told["images"]
    assert image["rating"]["first"]["person"]["name"] == "Ben"
    picture = f"/api/v1/tasks/{second.pk}/difference-picture/"
    assert [client_of(who).get(picture).status_code for who in (dan, uma, cleo)] == [404, 403, 200]
    settle = f"/api/v1/tasks/{second.pk}/settle/"
    assert client_of(dan).post(settle, {}, format="json").status_code == 404
    done = client_of(cleo).post(settle, {"take": "CONSENSUS"}, format="json").json()
    assert (done["rating"]["stage"], done["review"]["id"]) == ("SETTLED", str(first.pk))
    assert client_of(dan).get(f"{at}/standing-rule/").status_code == 404
    assert client_of(ben).patch(f"{at}/standing-rule/", {}, format="json").status_code == 403
    kept = client_of(mia).patch(f"{at}/standing-rule/", {"people": [str(ben.pk)]}, format="json").json()
    assert [one["name"] for one in kept["people"]] == ["Ben"]
