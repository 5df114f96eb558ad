"""Tasks: made, given or pulled from the queue, handed in, taken back."""

import uuid
from uuid import UUID

from django.db import transaction

from annotation.core import lifecycle
from annotation.core.lifecycle import Move
from annotation.models import Branch, Image, Project, Revision, RevisionKind, Task, TaskKind, TaskState
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import tasks as queue_reading
from annotation.services import labels, leases, news, revisions
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid, NotAllowed


class TaskNotReady(Conflict):
    """The task's state does not allow this now."""


class TaskNotYours(NotAllowed):
    """The task is somebody else's, or this takes a higher role."""


class CannotLabel(Invalid):
    """The person named is no member of the team who may label."""


class KnowsTheAnswers(Invalid):
    """Who has drawn the first rating of an image is not who rates it blind."""


class BranchOfOtherImage(Invalid):
    """The branch does not belong to the image, or the image not to the project."""


@transaction.atomic
def create(
    *,
    project: Project,
    image: Image,
    kind: str = TaskKind.LABEL,
    branch: Branch | None = None,
    title: str = "",
    priority: float = 0.0,
    assignee: User | None = None,
    base_revision: Revision | None = None,
    by: User | None,
) -> Task:
    """A task on one branch of one image (the current one unless told), open or given to `assignee`.

    Higher `priority` is pulled first. `by` None is the machine. Base is the branch's head unless told.
    """
    if by is not None:
        access.require(by, project, Role.MANAGER)
    chosen = branch or image.current_branch or labels.main_branch(image=image)
    if image.dataset.project_id != project.pk or chosen.image_id != image.pk:
        raise BranchOfOtherImage("The task's branch must belong to its image, and the image to its project.")
    if assignee is not None:
        _check_labels(assignee, project)
    task = Task.objects.create(
        project=project,
        image=image,
        branch=chosen,
        kind=kind,
        title=title or title_of(kind, image),
        priority=priority,
        assignee=assignee,
        state=TaskState.ASSIGNED if assignee else TaskState.OPEN,
        base_revision=base_revision or reading.head_revision(chosen),
        created_by=by,
    )
    _announce(task)
    if assignee is not None:
        news.assigned(task=task, by=by)
    return task


def title_of(kind: str, image: Image) -> str:
    """What a task is called where nobody said."""
    return f"{TaskKind(kind).label} {image.name}"[:300]


def _check_labels(person: User, project: Project) -> None:
    role = access.role_or_none(person, project)
    if role is None or role.rank < Role.ANNOTATOR.rank:
        raise CannotLabel(f"{person} is nobody who may label in this project.")


def _check_blind(task: Task, person: User) -> None:
    """A second rating is another person's, who does not know the first; a repetition the same person's."""
    first = task.second_of
    if not task.blind or first is None:
        return
    if task.repeat_after_days is not None:
        if first.assignee_id != person.pk:
            raise KnowsTheAnswers("A repetition is for the person who did the task the first time.")
    elif queue_reading.knowing(user=person).filter(pk=first.pk).exists():
        raise KnowsTheAnswers(
            f"{person} worked on “{first.title}” and knows its labels; a blind rating is for somebody else."
        )


# ---------------------------------------------------------------- the queue


@transaction.atomic
def take_next(*, project: Project, by: User, kind: str | None = None) -> Task | None:
    """The task to work on now: the one already held, else the most urgent free one, else None.

    A task pulled here is leased; the lease is renewed by work and returns the task when it runs out. Two
    people never get the same task, and none of them waits for the other.
    """
    access.require(by, project, Role.ANNOTATOR)
    held, free = queue_reading.waiting_for(user=by, project=project.pk, kind=kind)
    mine = held.select_for_update().first()
    if mine is not None:
        return _lease(mine, by) if mine.lease_until else mine
    task = free.select_for_update(skip_locked=True).first()
    return None if task is None else _lease(task, by)


def _lease(task: Task, by: User) -> Task:
    task.state, task.assignee, task.lease_until = TaskState.ASSIGNED, by, now() + leases.LEASE
    task.save(update_fields=["state", "assignee", "lease_until", "updated_at"])
    _announce(task)
    return task


@transaction.atomic
def take_back_expired() -> int:
    """Return tasks whose lease ran out to the queue; answers how many."""
    expired = list(Task.objects.with_expired_lease(now()).select_for_update(skip_locked=True))
    for task in expired:
        _free(task, lifecycle.after(task.state, Move.EXPIRE))
    return len(expired)


# ---------------------------------------------------------------- moves


@transaction.atomic
def assign(*, task: Task, assignee: User, by: User | None, quiet: bool = False) -> Task:
    """Give the task to a person, for as long as it takes; `quiet` when they are told otherwise."""
    locked = _lock(task.pk)
    state = _check_move(locked, Move.ASSIGN, by)
    _check_labels(assignee, locked.project)
    _check_blind(locked, assignee)
    locked.state, locked.assignee, locked.lease_until = state, assignee, None
    if not quiet:
        news.assigned(task=locked, by=by)
    return save(locked)


@transaction.atomic
def submit(*, task: Task, by: User) -> Task:
    """Hand the task in: the branch's newest revision is pinned and is what will be judged.

    An image on which there was nothing to label is handed in as an empty revision.
    """
    branch = revisions.lock(task.branch_id)
    locked = _lock(task.pk)
    state = _check_move(locked, Move.SUBMIT, by)
    locked.submitted_revision = reading.head_revision(branch) or _empty_revision(branch, by)
    locked.state, locked.lease_until = state, None
    return save(locked)


def _empty_revision(branch: Branch, by: User) -> Revision:
    revision = revisions.begin(
        branch=branch,
        kind=RevisionKind.EDIT,
        author=by,
        batch_id=uuid.uuid4(),
        base=0,
        message="Nothing to label",
    )
    revisions.announce(revision)
    return revision


@transaction.atomic
def release(*, task: Task, by: User) -> Task:
    """Put a held task back into the queue."""
    locked = _lock(task.pk)
    return _free(locked, _check_move(locked, Move.RELEASE, by))


@transaction.atomic
def cancel(*, task: Task, by: User) -> Task:
    """Nobody needs to do this any more. Labels that were drawn stay."""
    locked = _lock(task.pk)
    return _free(locked, _check_move(locked, Move.CANCEL, by))


def _free(task: Task, state: lifecycle.TaskState) -> Task:
    task.state, task.assignee, task.lease_until = state, None, None
    return save(task)


def move(*, task: Task, move: Move, by: User) -> tuple[Task, lifecycle.TaskState]:
    """The task, locked, and the state that the move leads to; for reviews. Raises like the moves above.

    Its branch is locked first, as whoever saves edits does: two that lock in turn never wait for each other.
    """
    revisions.lock(task.branch_id)
    locked = _lock(task.pk)
    return locked, _check_move(locked, move, by)


def _lock(task_id: UUID) -> Task:
    tasks = Task.objects.select_for_update(of=("self",))
    return tasks.select_related("project__team", "image", "branch").get(pk=task_id)


def _check_move(task: Task, move: Move, by: User | None) -> lifecycle.TaskState:
    role = Role.OWNER if by is None else access.role_of(by, task.project)
    is_assignee = by is not None and task.assignee_id == by.pk
    try:
        return lifecycle.check(task.state, move, role=str(role), is_assignee=is_assignee)
    except lifecycle.MoveNotYours as error:
        raise TaskNotYours(str(error)) from error
    except lifecycle.IllegalMove as error:
        raise TaskNotReady(str(error)) from error


def save(task: Task) -> Task:
    """Keep the task as it is now and tell those who watch."""
    task.save()
    _announce(task)
    return task


def _announce(task: Task) -> None:
    events.publish("task.changed", project=task.project_id, id=task.pk, **event_facts(task))


def event_facts(task: Task) -> dict[str, object]:
    """What live events say of a task; whose labels it is about, so that who rates them blind is not told."""
    return {
        "image": task.image_id,
        "branch": task.branch_id,
        "state": str(task.state),
        "assignee": task.assignee_id,
        "blind": task.blind,
    }
