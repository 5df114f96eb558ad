"""Reading comments and notifications."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from annotation.models import Comment, MailChoice, Notification
from backend.accounts.models import User


def list_threads(
    *,
    user: User,
    image: UUID | None = None,
    project: UUID | None = None,
    open: bool | None = None,
    for_me: bool = False,
) -> QuerySet[Comment]:
    """Conversations that `user` may see, with their answers, the newest first. `for_me`: those in which
    `user` is named or takes part."""
    answers = Comment.objects.select_related("author").prefetch_related("mentioned").order_by("created_at")
    rows = (
        Comment.objects.visible_to(user).threads().select_related("author", "resolved_by", "image__dataset")
    )
    rows = rows.prefetch_related("mentioned", Prefetch("answers", queryset=answers))
    if image is not None:
        rows = rows.filter(image=image)
    if project is not None:
        rows = rows.filter(image__dataset__project=project)
    if open is not None:
        rows = rows.filter(resolved_at__isnull=open)
    return (rows.filter(_concerns(user)) if for_me else rows).order_by("-created_at", "id")


def _concerns(user: User) -> Q:
    answers = Comment.objects.filter(thread=OuterRef("pk"))
    named = Comment.mentioned.through.objects.filter(comment=OuterRef("pk"), user=user)
    said = answers.filter(Q(author=user) | Q(mentioned=user))
    return Q(author=user) | Exists(named) | Exists(said)


def list_notifications(*, user: User, unread: bool | None = None) -> QuerySet[Notification]:
    """One's own, the newest first."""
    rows = Notification.objects.of(user).select_related("project", "actor")
    return rows if unread is None else rows.filter(read_at__isnull=unread)


def mail_choice(*, user: User) -> MailChoice:
    """What this person chose, or what holds for everybody who chose nothing."""
    return MailChoice.objects.filter(user=user).first() or MailChoice(user=user)
