"""Nothing that was approved changes silently: a task whose labels change goes back to review."""

from django.db.models import Q

from annotation.core import lifecycle
from annotation.core.lifecycle import Move
from annotation.models import Revision, Task, TaskState
from annotation.services import news
from backend.foundation import events

HELD = [TaskState.ASSIGNED, TaskState.RETURNED]


def recall(*, revision: Revision) -> None:
    """Take back the acceptance of the task whose labels this revision changes; the branch is locked.

    A task that somebody holds on the same branch brings the change to review by itself. What was recalled
    already follows the newest revision, for that is what must be looked at.
    """
    tasks = Task.objects.filter(branch=revision.branch_id, blind=False)
    changed = Q(state=TaskState.ACCEPTED) | Q(state=TaskState.SUBMITTED, reopened_from__isnull=False)
    rows = (
        tasks.filter(changed)
        .select_for_update(of=("self",))
        .select_related("submitted_revision", "project__team")
    )
    task = rows.order_by("-submitted_revision__number").first()
    if task is None or tasks.filter(state__in=HELD).exists():
        return
    accepted = task.submitted_revision
    if task.state == TaskState.ACCEPTED and accepted is not None:
        news.changed_after_acceptance(task=task, accepted=accepted, changed=revision)
        task.state = lifecycle.after(task.state, Move.RECALL)
        task.reopened_from = task.base_revision = accepted
    task.submitted_revision = revision
    task.save(update_fields=["state", "reopened_from", "base_revision", "submitted_revision", "updated_at"])
    facts = {
        "image": task.image_id, "branch": task.branch_id, "state": str(task.state),
        "assignee": task.assignee_id,
    }  # fmt: skip
    events.publish("task.changed", project=task.project_id, id=task.pk, **facts)
