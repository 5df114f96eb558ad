"""Tasks: given, pulled, handed in, judged. What was not looked at is never accepted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from annotation.core import lifecycle
from annotation.models import Branch, Note, Task, TaskKind, TaskState
from annotation.policies.access import RoleTooLow
from annotation.selectors import changes
from annotation.selectors import labels as reading
from annotation.selectors import tasks as task_lists
from annotation.services import labels, reviews, tasks
from annotation.services.reviews import Pin, ReturnNeedsReason, SubmissionChanged
from annotation.services.tasks import BranchOfOtherImage, CannotLabel, TaskNotReady, TaskNotYours
from backend.accounts.models import Team, User
from backend.foundation.clock import now
from tests.factories.annotation import (
    commit,
    edit,
    erase,
    make_branch,
    make_dataset,
    make_image,
    new_cell,
    paint,
)


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


@pytest.fixture
def task(branch: Branch, mia: User) -> Task:
    return tasks.create(project=branch.image.dataset.project, image=branch.image, by=mia)


def take(branch: Branch, by: User) -> Task | None:
    return tasks.take_next(project=branch.image.dataset.project, by=by)


def handed_in(task: Task, by: User, branch: Branch) -> Task:
    """Ben takes the task, draws cell 1 and hands it in."""
    assert take(branch, by) == task
    commit(branch, by, new_cell(1, 10, 10))
    return tasks.submit(task=task, by=by)


# ---------------------------------------------------------------- making


def test_a_task_stands_on_the_current_branch_and_its_head(branch: Branch, ben: User, mia: User) -> None:
    revision = commit(branch, ben, new_cell(1, 10, 10))
    task = tasks.create(
        project=branch.image.dataset.project, image=branch.image, kind=TaskKind.CORRECT, by=mia
    )
    assert (task.branch, task.base_revision, task.state) == (branch, revision, TaskState.OPEN)
    assert task.title == f"Correct {branch.image.name}"


def test_what_waits_for_a_labeller_is_listed_until_it_is_handed_in(
    task: Task, branch: Branch, ben: User, vic: User
) -> None:
    assert list(task_lists.list_tasks(user=vic, waiting=True)) == [task]
    handed_in(task, ben, branch)
    assert list(task_lists.list_tasks(user=vic, waiting=True)) == []
    assert list(task_lists.list_tasks(user=vic, waiting=False)) == [task]


def test_an_annotator_makes_no_tasks(branch: Branch, ben: User) -> None:
    with pytest.raises(RoleTooLow):
        tasks.create(project=branch.image.dataset.project, image=branch.image, by=ben)


def test_a_branch_of_another_image_is_refused(branch: Branch, mia: User) -> None:
    other = make_image(branch.image.dataset)
    with pytest.raises(BranchOfOtherImage):
        tasks.create(project=branch.image.dataset.project, image=other, branch=branch, by=mia)


def test_a_viewer_is_given_no_task(branch: Branch, mia: User, vic: User) -> None:
    with pytest.raises(CannotLabel):
        tasks.create(project=branch.image.dataset.project, image=branch.image, assignee=vic, by=mia)


def test_a_stranger_is_given_no_task(task: Task, mia: User, dan: User) -> None:
    with pytest.raises(CannotLabel):
        tasks.assign(task=task, assignee=dan, by=mia)


# ---------------------------------------------------------------- the queue


def test_the_most_urgent_task_is_pulled_first(branch: Branch, mia: User, ben: User, cleo: User) -> None:
    project = branch.image.dataset.project
    for priority in (0.2, 0.9, 0.5):
        tasks.create(project=project, image=branch.image, priority=priority, by=mia)
    pulled = [take(branch, person) for person in (ben, cleo)]
    assert [task.priority for task in pulled if task] == [0.9, 0.5]


def test_one_gets_the_task_that_one_holds(task: Task, branch: Branch, ben: User) -> None:
    first = take(branch, ben)
    assert first == task
    assert take(branch, ben) == task


def test_no_task_goes_to_two_people(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    assert take(branch, ben) == task
    assert take(branch, cleo) is None


def test_a_lease_that_ran_out_returns_the_task(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    take(branch, ben)
    Task.objects.update(lease_until=now() - timedelta(seconds=1))
    assert tasks.take_back_expired() == 1
    task.refresh_from_db()
    assert (task.state, task.assignee) == (TaskState.OPEN, None)
    assert take(branch, cleo) == task


def test_an_expired_task_can_be_pulled_before_the_sweep(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    take(branch, ben)
    Task.objects.update(lease_until=now() - timedelta(seconds=1))
    assert take(branch, cleo) == task


def test_work_keeps_a_lease_alive(task: Task, branch: Branch, ben: User) -> None:
    take(branch, ben)
    Task.objects.update(lease_until=now() + timedelta(minutes=5))
    commit(branch, ben, new_cell(1, 10, 10))
    task.refresh_from_db()
    assert task.lease_until is not None
    assert task.lease_until > now() + timedelta(minutes=50)


def test_a_task_given_by_hand_never_expires(task: Task, mia: User, ben: User) -> None:
    assert tasks.assign(task=task, assignee=ben, by=mia).lease_until is None
    assert tasks.take_back_expired() == 0


def test_a_kind_can_be_asked_for(task: Task, branch: Branch, ben: User) -> None:
    project = branch.image.dataset.project
    assert tasks.take_next(project=project, by=ben, kind=TaskKind.CORRECT) is None
    assert tasks.take_next(project=project, by=ben, kind=TaskKind.LABEL) == task


def test_V10_what_comes_next_is_seen_without_being_taken(
    branch: Branch, ben: User, cleo: User, mia: User
) -> None:
    project = branch.image.dataset.project
    urgent = tasks.create(project=project, image=branch.image, priority=2.0, by=mia)
    later = tasks.create(project=project, image=branch.image, priority=1.0, by=mia)
    assert task_lists.peek_next(user=ben, project=project) == urgent
    assert take(branch, ben) == urgent
    assert task_lists.peek_next(user=ben, project=project) == urgent
    assert task_lists.peek_next(user=ben, project=project, after=urgent.pk) == later
    assert task_lists.peek_next(user=cleo, project=project) == later
    assert task_lists.peek_next(user=cleo, project=project, after=later.pk) is None
    later.refresh_from_db()
    assert (later.state, later.assignee) == (TaskState.OPEN, None)


def test_V10_a_viewer_has_no_queue_to_look_into(branch: Branch, vic: User) -> None:
    with pytest.raises(RoleTooLow):
        task_lists.peek_next(user=vic, project=branch.image.dataset.project)


def test_a_viewer_pulls_nothing(task: Task, branch: Branch, vic: User) -> None:
    with pytest.raises(RoleTooLow):
        take(branch, vic)


# ---------------------------------------------------------------- moves


def test_handing_in_pins_the_head(task: Task, branch: Branch, ben: User) -> None:
    done = handed_in(task, ben, branch)
    later = commit(branch, ben, paint(1, 30, 30))
    done.refresh_from_db()
    assert done.submitted_revision is not None
    assert done.submitted_revision.number < later.number


def test_an_image_with_nothing_in_it_can_be_handed_in(task: Task, branch: Branch, ben: User) -> None:
    take(branch, ben)
    done = tasks.submit(task=task, by=ben)
    assert done.submitted_revision is not None
    assert reading.cell_facts(revision=done.submitted_revision) == {}


def test_somebody_elses_task_cannot_be_handed_in(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    take(branch, ben)
    with pytest.raises(TaskNotYours):
        tasks.submit(task=task, by=cleo)


def test_an_open_task_cannot_be_handed_in(task: Task, mia: User) -> None:
    with pytest.raises(TaskNotReady, match="open"):
        tasks.submit(task=task, by=mia)


def test_a_held_task_can_be_put_back(task: Task, branch: Branch, ben: User) -> None:
    take(branch, ben)
    assert tasks.release(task=task, by=ben).state == TaskState.OPEN


def test_only_managers_cancel(task: Task, branch: Branch, ben: User, mia: User) -> None:
    take(branch, ben)
    with pytest.raises(TaskNotYours):
        tasks.cancel(task=task, by=ben)
    assert tasks.cancel(task=task, by=mia).state == TaskState.CANCELLED


def test_the_states_are_those_of_the_workshop() -> None:
    assert set(TaskState.values) == {str(state) for state in lifecycle.TaskState}


def test_the_database_refuses_a_held_task_without_a_person(task: Task) -> None:
    with pytest.raises(IntegrityError, match="task_held_by_one_person"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(state=TaskState.ASSIGNED)


# ---------------------------------------------------------------- reviews


def test_accepting_accepts_exactly_what_was_handed_in(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    done = handed_in(task, ben, branch)
    commit(branch, ben, paint(1, 30, 30))
    review = reviews.decide(task=done, by=cleo, verdict="ACCEPTED")
    accepted = reading.accepted_revision(branch.image)
    assert accepted == done.submitted_revision == review.revision
    task.refresh_from_db()
    assert task.state == TaskState.ACCEPTED


def test_what_somebody_changed_meanwhile_is_not_accepted(
    task: Task, branch: Branch, ben: User, cleo: User
) -> None:
    done = handed_in(task, ben, branch)
    later = commit(branch, ben, paint(1, 30, 30))
    with pytest.raises(SubmissionChanged):
        reviews.decide(task=done, by=cleo, verdict="ACCEPTED", number=later.number)


def test_a_reviewer_may_fix_and_accept(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    fixed = commit(branch, cleo, paint(1, 30, 30))
    reviews.decide(task=done, by=cleo, verdict="ACCEPTED", number=fixed.number)
    assert reading.accepted_revision(branch.image) == fixed


def test_returned_work_goes_back_with_its_notes(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    pin = Pin(t=1, z=0, y=4.5, x=7.0, cell=1, text="Two cells here?")
    reviews.decide(task=done, by=cleo, verdict="RETURNED", notes=[pin])
    task.refresh_from_db()
    assert (task.state, task.assignee) == (TaskState.RETURNED, ben)
    note = Note.objects.get(task=task)
    assert (note.t, note.z, note.y, note.x, note.cell, note.author) == (1, 0, 4.5, 7.0, 1, cleo)
    assert take(branch, ben) == task


def test_a_return_needs_a_reason(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    with pytest.raises(ReturnNeedsReason):
        reviews.decide(task=done, by=cleo, verdict="RETURNED", comment="  ")


def test_a_note_outside_the_image_is_refused(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    with pytest.raises(reading.NoSuchFrame):
        reviews.decide(task=done, by=cleo, verdict="RETURNED", notes=[Pin(t=9, z=0, text="where?")])


def test_an_annotator_does_not_judge(task: Task, branch: Branch, ben: User) -> None:
    done = handed_in(task, ben, branch)
    with pytest.raises(TaskNotYours):
        reviews.decide(task=done, by=ben, verdict="ACCEPTED")


def test_work_is_judged_once(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    reviews.decide(task=done, by=cleo, verdict="ACCEPTED")
    with pytest.raises(TaskNotReady):
        reviews.decide(task=done, by=cleo, verdict="RETURNED", comment="on second thought")


def test_a_note_can_be_resolved_and_opened_again(task: Task, branch: Branch, ben: User, cleo: User) -> None:
    done = handed_in(task, ben, branch)
    reviews.decide(task=done, by=cleo, verdict="RETURNED", notes=[Pin(t=0, z=0, text="here")])
    note = Note.objects.get()
    assert reviews.resolve(note=note, resolved=True, by=ben).resolved_at is not None
    assert reviews.resolve(note=note, resolved=False, by=ben).resolved_at is None


# ---------------------------------------------------------------- changes


def test_changes_since_the_base_are_named_cell_by_cell(branch: Branch, ben: User, mia: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 20, 20), new_cell(3, 30, 30))
    task = tasks.create(project=branch.image.dataset.project, image=branch.image, by=mia)
    take(branch, ben)
    commit(branch, ben, erase(1, 10, 10, 2, 4), new_cell(4, 300, 300, t=1))
    labels.restore(branch=branch, number=2, by=ben)
    rows = {(row.cell, row.t): row for row in changes.of_task(task=tasks.submit(task=task, by=ben))}
    assert {key: str(row.change) for key, row in rows.items()} == {(1, 0): "CHANGED", (4, 1): "ADDED"}
    assert (rows[1, 0].iou, rows[1, 0].area_before_px, rows[1, 0].area_after_px) == (0.5, 16, 8)
    assert (rows[4, 1].y, rows[4, 1].x) == (301.5, 301.5)


def test_without_a_base_everything_is_added(task: Task, branch: Branch, ben: User) -> None:
    done = handed_in(task, ben, branch)
    assert [str(row.change) for row in changes.of_task(task=done)] == ["ADDED"]


def test_nothing_changed_is_an_empty_list(task: Task) -> None:
    assert changes.of_task(task=task) == []


def test_an_image_of_another_project_is_refused(branch: Branch, team: Team, mia: User) -> None:
    other = make_branch(team).image.dataset.project
    with pytest.raises(BranchOfOtherImage):
        tasks.create(project=other, image=branch.image, by=mia)


def test_empty_edits_change_nothing(task: Task, branch: Branch, ben: User) -> None:
    commit(branch, ben, edit())
    assert changes.of_task(task=task) == []


def test_two_projects_have_two_queues(task: Task, team: Team, branch: Branch, ben: User) -> None:
    other = make_dataset(make_branch(team).image.dataset.project)
    assert tasks.take_next(project=other.project, by=ben) is None
