"""W6: what is looked at, who may not accept, and that nothing approved changes silently."""

import random
import uuid
from typing import Any

import pytest

from annotation.core.lifecycle import RULES
from annotation.core.sampling import is_drawn
from annotation.models import Branch, OwnWork, Project, Review, Revision, Task, TaskState, Verdict
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.selectors import reviews as review_reading
from annotation.services import labels, review_rules, reviews, tasks
from annotation.services.review_rules import OwnWorkRefused
from annotation.services.reviews import Fix, NothingChanged, SubmissionChanged, TaskInTheWay
from annotation.services.tasks import TaskNotReady, TaskNotYours
from backend.accounts.models import Membership, Team, User
from backend.foundation.errors import CytoloopError
from tests.cast import Cast
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 64, 64))


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


@pytest.fixture
def task(branch: Branch, project: Project, mia: User, ben: User) -> Task:
    """Ben's, with one cell drawn."""
    made = tasks.create(project=project, image=branch.image, assignee=ben, by=mia)
    commit(branch, ben, new_cell(1, 10, 10))
    return made


def fresh(task: Task) -> Task:
    return Task.objects.select_related("submitted_revision", "reopened_from").get(pk=task.pk)


# ---------------------------------------------------------------- the share that is looked at


def test_W6_a_share_is_what_it_says_and_larger_shares_hold_smaller_ones() -> None:
    keys = [str(uuid.UUID(int=number)) for number in range(4000)]
    few = {key for key in keys if is_drawn(seed=3, key=key, percent=20)}
    more = {key for key in keys if is_drawn(seed=3, key=key, percent=60)}
    assert 0.17 < len(few) / len(keys) < 0.23
    assert few < more
    assert few != {key for key in keys if is_drawn(seed=4, key=key, percent=20)}
    assert all(is_drawn(seed=3, key=key, percent=100) for key in keys)
    assert not any(is_drawn(seed=3, key=key, percent=0) for key in keys)


def test_W6_without_a_rule_everything_is_looked_at(task: Task, ben: User) -> None:
    assert reviews.hand_in(task=task, by=ben).state == TaskState.SUBMITTED


def test_W6_what_is_not_drawn_is_accepted_by_rule_and_recorded_so(
    task: Task, project: Project, ben: User, cleo: User, mia: User
) -> None:
    review_rules.change(project=project, share_percent=0, by=mia)
    handed = reviews.hand_in(task=task, by=ben)
    review = Review.objects.get(task=task)
    assert handed.state == TaskState.ACCEPTED
    assert (review.by_rule, review.reviewer, review.verdict) == (True, None, Verdict.ACCEPTED)
    assert reading.accepted_revision(task.image) == review.revision == handed.submitted_revision
    assert list(review_reading.list_passed(project=project, user=cleo)) == [review]


def test_W6_what_was_returned_once_is_always_looked_at(
    task: Task, project: Project, ben: User, cleo: User, mia: User
) -> None:
    reviews.hand_in(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="RETURNED", comment="two cells")
    review_rules.change(project=project, share_percent=0, by=mia)
    assert reviews.hand_in(task=fresh(task), by=ben).state == TaskState.SUBMITTED


def test_W6_only_managers_set_the_rule(project: Project, cleo: User) -> None:
    with pytest.raises(RoleTooLow):
        review_rules.change(project=project, share_percent=1, by=cleo)


# ---------------------------------------------------------------- one's own work


def test_W6_nobody_accepts_their_own_work_where_somebody_else_could(
    branch: Branch, project: Project, cleo: User, mia: User
) -> None:
    mine = tasks.create(project=project, image=branch.image, assignee=cleo, by=mia)
    revision = commit(branch, cleo, new_cell(1, 10, 10))
    with pytest.raises(OwnWorkRefused):
        reviews.accept_revision(revision=revision, by=cleo)
    reviews.hand_in(task=mine, by=cleo)
    with pytest.raises(OwnWorkRefused):
        reviews.decide(task=mine, by=cleo, verdict="ACCEPTED")
    assert reviews.decide(task=mine, by=mia, verdict="ACCEPTED").reviewer == mia


def test_W6_alone_one_accepts_ones_own_unless_the_project_refuses(
    branch: Branch, project: Project, ana: User, team: Team
) -> None:
    Membership.objects.filter(team=team).exclude(user=ana).delete()
    revision = commit(branch, ana, new_cell(1, 10, 10))
    review_rules.change(project=project, own_work=OwnWork.REFUSED, by=ana)
    with pytest.raises(OwnWorkRefused):
        reviews.accept_revision(revision=revision, by=ana)
    review_rules.change(project=project, own_work=OwnWork.AUTO, by=ana)
    assert reviews.accept_revision(revision=revision, by=ana).accepted_by == ana


def test_W6_the_project_may_allow_it(branch: Branch, project: Project, cleo: User, mia: User) -> None:
    review_rules.change(project=project, own_work=OwnWork.ALLOWED, by=mia)
    revision = commit(branch, cleo, new_cell(1, 10, 10))
    assert reviews.accept_revision(revision=revision, by=cleo).accepted_by == cleo


# ---------------------------------------------------------------- fixing, and the way back to the queue


def test_W6_fix_and_accept_is_one_action(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    handed = reviews.hand_in(task=task, by=ben)
    assert handed.submitted_revision
    seen = handed.submitted_revision.number
    fix = Fix(uuid.uuid4(), seen, [paint(1, 30, 30)])
    review = reviews.decide(task=task, by=cleo, verdict="ACCEPTED", number=seen, fix=fix)
    assert (review.revision.author, review.revision.parent_number) == (cleo, seen)
    assert fresh(task).state == TaskState.ACCEPTED
    assert reading.accepted_revision(branch.image) == review.revision


def test_W6_a_fix_on_top_of_what_nobody_looked_at_is_refused_whole(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    reviews.hand_in(task=task, by=ben)
    later = commit(branch, ben, paint(1, 20, 20))
    fix = Fix(uuid.uuid4(), later.number, [paint(1, 30, 30)])
    with pytest.raises(SubmissionChanged):
        reviews.decide(task=task, by=cleo, verdict="ACCEPTED", fix=fix)
    assert Branch.objects.get(pk=branch.pk).head_number == later.number


def test_W6_work_can_go_back_to_the_queue_for_anybody(task: Task, ben: User, cleo: User) -> None:
    reviews.hand_in(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="REQUEUED", comment="begin again, please")
    again = fresh(task)
    assert (again.state, again.assignee, again.submitted_revision) == (TaskState.OPEN, None, None)
    assert tasks.take_next(project=again.project, by=cleo) == again


# ---------------------------------------------------------------- nothing approved changes silently


def test_W6_a_change_after_acceptance_goes_back_to_review(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    accepted = reviews.decide(task=reviews.hand_in(task=task, by=ben), by=cleo, verdict="ACCEPTED").revision
    first, second = commit(branch, ben, paint(1, 30, 30)), commit(branch, ben, paint(1, 34, 30))
    again = fresh(task)
    assert (again.state, again.reopened_from, again.base_revision) == (
        TaskState.SUBMITTED,
        accepted,
        accepted,
    )
    assert again.submitted_revision == second != first
    assert reading.accepted_revision(branch.image) == accepted
    reviews.decide(task=again, by=cleo, verdict="ACCEPTED")
    assert fresh(task).reopened_from is None


def test_W6_who_changed_it_afterwards_does_not_accept_the_change(
    task: Task, branch: Branch, ben: User, cleo: User, mia: User
) -> None:
    reviews.decide(task=reviews.hand_in(task=task, by=ben), by=cleo, verdict="ACCEPTED")
    commit(branch, cleo, paint(1, 30, 30))
    with pytest.raises(OwnWorkRefused):
        reviews.decide(task=fresh(task), by=cleo, verdict="ACCEPTED")
    reviews.decide(task=fresh(task), by=mia, verdict="ACCEPTED")


def test_W6_a_change_without_a_task_is_listed_and_can_be_brought_to_review(
    branch: Branch, project: Project, ben: User, cleo: User
) -> None:
    accepted = reviews.accept_revision(revision=commit(branch, ben, new_cell(1, 10, 10)), by=cleo)
    with pytest.raises(NothingChanged):
        reviews.ask_again(branch=branch, by=cleo)
    later = commit(branch, ben, erase(1, 10, 10, 2, 2))
    rows: Any = review_reading.changed_after_acceptance(project=project, user=cleo)
    [row] = rows
    assert (row.accepted_number, row.head_number) == (accepted.number, later.number)
    made = reviews.ask_again(branch=branch, by=cleo)
    assert (made.state, made.submitted_revision, made.reopened_from) == ("SUBMITTED", later, accepted)
    assert reviews.ask_again(branch=branch, by=cleo) == made
    assert not review_reading.changed_after_acceptance(project=project, user=cleo)
    reviews.decide(task=made, by=cleo, verdict="ACCEPTED")
    assert reading.accepted_revision(branch.image) == later


def test_W6_accepting_past_a_task_is_refused_and_what_it_brings_is_its_verdict(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    drawn = Revision.objects.get(branch=branch)
    with pytest.raises(TaskInTheWay):
        reviews.accept_revision(revision=drawn, by=cleo)
    reviews.hand_in(task=task, by=ben)
    reviews.accept_revision(revision=drawn, by=cleo)
    assert fresh(task).state == TaskState.ACCEPTED
    assert Review.objects.get(task=task).reviewer == cleo


# ---------------------------------------------------------------- whatever anybody tries

LEGAL = {(str(before), str(rule.after)) for rule in RULES.values() for before in rule.before}
STEPS = 30


def tried(step: str, task: Task, branch: Branch, who: User, other: User) -> None:
    """One thing that somebody tries."""
    if step == "draw":
        commit(branch, who, paint(1, Branch.objects.get(pk=branch.pk).head_number, 40, 1, 1))
    elif step == "take":
        tasks.take_next(project=task.project, by=who)
    elif step == "assign":
        tasks.assign(task=task, assignee=other, by=who)
    elif step == "hand in":
        reviews.hand_in(task=task, by=who)
    elif step == "direct":
        head = reading.head_revision(Branch.objects.get(pk=branch.pk))
        assert head
        reviews.accept_revision(revision=head, by=who)
    elif step in ("release", "cancel"):
        getattr(tasks, step)(task=task, by=who)
    else:
        reviews.decide(task=task, by=who, verdict=step, comment="because")


@pytest.mark.parametrize("seed", range(12))
def test_W6_whatever_people_try_the_states_are_kept_and_every_acceptance_is_accounted_for(
    seed: int, cast: Cast, task: Task, branch: Branch, project: Project, mia: User
) -> None:
    chance = random.Random(seed)
    review_rules.change(project=project, share_percent=50.0, seed=seed, by=mia)
    steps = [
        "draw", "draw", "take", "assign", "hand in", "hand in", "direct", "release", "cancel", "ACCEPTED",
        "ACCEPTED", "RETURNED", "REQUEUED",
    ]  # fmt: skip
    people = [cast.ana, cast.mia, cast.cleo, cast.cleo, cast.ben, cast.ben, cast.vic, cast.dan]
    state, done = str(fresh(task).state), 0
    for _ in range(STEPS):
        who, other = chance.choice(people), chance.choice(people)
        try:
            tried(chance.choice(steps), fresh(task), branch, who, other)
            done += 1
        except CytoloopError:
            assert str(fresh(task).state) == state, "a refusal changes nothing"
        now = fresh(task)
        assert now.state == state or (state, str(now.state)) in LEGAL or reached(state, str(now.state))
        state = str(now.state)
        check_acceptance(now, branch, project)
    assert done > 2


def reached(before: str, after: str) -> bool:
    """Two legal moves in one action: handed in and accepted by rule."""
    return any((before, middle) in LEGAL and (middle, after) in LEGAL for middle in TaskState.values)


def check_acceptance(task: Task, branch: Branch, project: Project) -> None:
    """Every accepted revision was accepted by somebody else than who did it alone, or by rule; and where the
    labels have changed since, that shows."""
    before = 0
    for row in Revision.objects.accepted().filter(branch=branch).order_by("number"):
        authors = review_reading.authors_between(branch_id=branch.pk, after=before, until=row.number)
        verdicts = Review.objects.filter(revision=row, verdict="ACCEPTED")
        assert row.accepted_by is not None or verdicts.filter(by_rule=True).exists()
        assert row.accepted_by is None or authors != {row.accepted_by_id}
        before = row.number
    head = Branch.objects.get(pk=branch.pk).head_number
    if before and head > before:
        owner = project.team.memberships.get(role="OWNER").user
        listed = {row.pk for row in review_reading.changed_after_acceptance(project=project, user=owner)}
        assert branch.pk in listed or task.state == TaskState.SUBMITTED
    if task.state == TaskState.ACCEPTED:
        assert task.submitted_revision
        assert task.submitted_revision.accepted_at is not None


def test_W6_refusals_name_their_reason(task: Task, ben: User, cleo: User) -> None:
    with pytest.raises(TaskNotReady, match="assigned"):
        reviews.decide(task=task, by=cleo, verdict="ACCEPTED")
    reviews.hand_in(task=task, by=ben)
    with pytest.raises(TaskNotYours, match="reviewer"):
        reviews.decide(task=task, by=ben, verdict="REQUEUED", comment="x")
    assert labels.main_branch(image=task.image) is not None
