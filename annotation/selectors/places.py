"""Addresses within the pages, for links that are sent out: each opens the exact view."""

from urllib.parse import urlencode

from annotation.models import Comment, Task, TaskState

# Screen px per image px where the author did not say how near they stood.
NEAR = 4.0


def of_task(task: Task) -> str:
    """The task where it is worked on, or judged."""
    if task.state == TaskState.SUBMITTED:
        return f"/projects/{task.project_id}/review/{task.pk}"
    return f"/projects/{task.project_id}/annotate/{task.image_id}?task={task.pk}"


def of_comment(comment: Comment) -> str:
    """The image at the frame, place and nearness at which the conversation began."""
    root = comment.thread or comment
    centre = None if root.y is None or root.x is None else f"{root.y:g},{root.x:g},{root.zoom or NEAR:g}"
    named = {
        "branch": root.branch_id, "t": root.t, "z": root.z, "at": centre, "cell": root.cell,
        "comment": root.pk,
    }  # fmt: skip
    query = urlencode({name: value for name, value in named.items() if value is not None}, safe=",")
    return f"/projects/{comment.image.dataset.project_id}/annotate/{comment.image_id}?{query}"
