"""What happens to tasks and comments, told to whom it concerns: people, and other programs."""

from typing import Any
from uuid import UUID

from annotation.models import Comment, NotificationKind, Review, Revision, Task, Verdict
from annotation.selectors import places
from annotation.services import notifications, webhooks
from annotation.services.webhooks import Event
from backend.accounts.models import User

SAID = {
    Verdict.ACCEPTED: (NotificationKind.ACCEPTED, "accepted", Event.REVIEW_ACCEPTED),
    Verdict.RETURNED: (NotificationKind.RETURNED, "returned", Event.REVIEW_RETURNED),
    Verdict.REQUEUED: (NotificationKind.RETURNED, "put back into the queue", Event.REVIEW_RETURNED),
}


def _facts(task: Task) -> dict[str, Any]:
    return {
        "task": task.pk,
        "title": task.title,
        "image": task.image_id,
        "state": str(task.state),
        "assignee": task.assignee_id,
    }


def _tell(task: Task, kind: NotificationKind, text: str, recipient: Any, actor: User | None) -> None:
    notifications.notify(
        project=task.project,
        recipients=[recipient] if recipient else [],
        kind=kind,
        text=text,
        address=places.of_task(task),
        actor=actor,
        image=task.image,
        branch=task.branch,
    )


def assigned(*, task: Task, by: User | None) -> None:
    """Somebody was given a task."""
    giver = by.name if by else "A rule"
    _tell(task, NotificationKind.ASSIGNED, f"{giver} gave you “{task.title}”.", task.assignee_id, by)
    webhooks.announce(project=task.project_id, event=Event.TASK_ASSIGNED, data=_facts(task))


def handed_in(*, task: Task) -> None:
    """A task waits for review. Reviewers see that in their queue; only programs are told."""
    webhooks.announce(project=task.project_id, event=Event.TASK_SUBMITTED, data=_facts(task))


def judged(*, task: Task, review: Review, worker: UUID | None) -> None:
    """A verdict, for who did the work."""
    kind, word, event = SAID[Verdict(review.verdict)]
    by = review.reviewer
    who = by.name if by else "A rule"
    reason = f": {review.comment.strip()}" if review.comment.strip() and by else "."
    _tell(task, kind, f"{who} {word} “{task.title}”{reason}", worker, by)
    data = {**_facts(task), "verdict": review.verdict, "by_rule": review.by_rule, "comment": review.comment}
    webhooks.announce(project=task.project_id, event=event, data=data)


def settled(*, task: Task, by: User) -> None:
    """A blind rating was compared with the first and is done with: its rater may see everything again."""
    text = f"{by.name} settled your rating “{task.title}”."
    _tell(task, NotificationKind.ACCEPTED, text, task.assignee_id, by)


def changed_after_acceptance(*, task: Task, accepted: Revision, changed: Revision) -> None:
    """Whoever accepted hears that it is not what they accepted any more."""
    text = f"“{task.title}” was changed after you accepted it; it waits for review again."
    _tell(task, NotificationKind.CHANGED, text, accepted.accepted_by_id, changed.author)
    data = {**_facts(task), "accepted": accepted.number, "changed": changed.number}
    webhooks.announce(project=task.project_id, event=Event.LABELS_CHANGED, data=data)


# ---------------------------------------------------------------- comments


def commented(*, comment: Comment, by: User) -> None:
    """Those who are named, and those who took part in the conversation."""
    image = comment.image
    project, address = image.dataset.project, places.of_comment(comment)
    named = set(comment.mentioned.values_list("pk", flat=True))
    said = f"{by.name} on {image.name}: {comment.text}"
    for kind, people in (
        (NotificationKind.MENTIONED, named),
        (NotificationKind.ANSWERED, _taking_part(comment) - named),
    ):
        notifications.notify(
            project=project, recipients=people, kind=kind, text=said, address=address, actor=by, image=image,
            branch=(comment.thread or comment).branch,
        )  # fmt: skip
    webhooks.announce(project=project, event=Event.COMMENT_WRITTEN, data=_comment_facts(comment))


def _taking_part(comment: Comment) -> set[Any]:
    root = comment.thread
    if root is None:
        return set()
    said = [root, *root.answers.all()]
    return {one.author_id for one in said if one.author_id}


def resolved(*, comment: Comment, by: User) -> None:
    """Who began the conversation hears that it is settled."""
    notifications.notify(
        project=comment.image.dataset.project,
        recipients=[comment.author_id] if comment.author_id else [],
        kind=NotificationKind.RESOLVED,
        text=f"{by.name} settled “{comment.text[:200]}”.",
        address=places.of_comment(comment),
        actor=by,
        image=comment.image,
        branch=comment.branch,
    )
    project = comment.image.dataset.project
    webhooks.announce(project=project, event=Event.COMMENT_RESOLVED, data=_comment_facts(comment))


def _comment_facts(comment: Comment) -> dict[str, Any]:
    names = ("place", "t", "z", "y", "x", "cell", "text")
    return {
        "comment": comment.pk,
        "thread": comment.thread_id,
        "image": comment.image_id,
        "author": comment.author.name if comment.author else None,
        **{name: getattr(comment, name) for name in names},
    }
