"""Addresses within the pages, for links that are sent out: each opens the exact view."""

from urllib.parse import urlencode

from annotation.models import Comment, Task, TaskState


def of_task(task: Task) -> str:
    """The task where it is worked on, or judged."""
    if task.state == TaskState.SUBMITTED:
        return f"/projects/{task.project_id}/review/{task.pk}"
    return f"/projects/{task.project_id}/annotate/{task.image_id}?task={task.pk}"


def of_comment(comment: Comment) -> str:
    """The image at the frame, place and nearness at which the conversation began."""
    root = comment.thread or comment
    named = {
        "branch": root.branch_id, "t": root.t, "z": root.z, "y": root.y, "x": root.x, "zoom": root.zoom,
        "cell": root.cell, "comment": root.pk,
    }  # fmt: skip
    query = urlencode({name: value for name, value in named.items() if value is not None})
    return f"/projects/{comment.image.dataset.project_id}/annotate/{comment.image_id}?{query}"
