"""Notifications: told once, read in the page, gathered into a mail for those who want one."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Min, QuerySet

from annotation.models import (
    Branch,
    Image,
    MailChoice,
    MailRhythm,
    Notification,
    NotificationKind,
    Project,
    Task,
)
from annotation.selectors import projects as people
from annotation.services.claims import alone
from backend.accounts.models import User
from backend.foundation import events, queue
from backend.foundation.clock import now
from backend.foundation.queue import Letter

EVERY = {MailRhythm.HOURLY: timedelta(hours=1), MailRhythm.DAILY: timedelta(days=1)}
# What follows within this time goes into the same mail.
GATHERING = timedelta(minutes=10)
MOST_IN_A_MAIL = 50
KEPT = timedelta(days=180)


def notify(
    *,
    project: Project,
    recipients: Iterable[UUID],
    kind: NotificationKind,
    text: str,
    address: str,
    actor: User | None,
    image: Image | None = None,
    branch: Branch | None = None,
) -> None:
    """One sentence for each of these people who may see the project; never for who caused it.

    `image` and `branch`: whose labels it tells of; who rates them blind reads it when that is over.
    """
    wanted = set(recipients) - {actor.pk if actor else None}
    if not wanted:
        return
    there = {person.user.pk for person in people.list_people(project=project)}
    told = sorted(wanted & there)
    Notification.objects.bulk_create(
        Notification(
            recipient_id=pk,
            project=project,
            kind=kind,
            text=text[:500],
            address=address[:1000],
            actor=actor,
            image=image,
            branch=branch,
        )
        for pk in told
    )
    if told:
        events.publish("notification.created", project=project.pk, recipients=[str(pk) for pk in told[:100]])


def tell_assignees(*, project: Project, tasks: Iterable[Task], by: User, say: Callable[[int], str]) -> None:
    """One sentence for each person who holds some of these tasks, however many; `say` it of a number."""
    for person, count in Counter(task.assignee_id for task in tasks).items():
        if person is not None:
            notify(
                project=project,
                recipients=[person],
                kind=NotificationKind.ASSIGNED,
                text=f"{by.name} {say(count)}",
                address=f"/projects/{project.pk}/tasks?mine=true",
                actor=by,
            )


@transaction.atomic
def mark_read(*, user: User, ids: Sequence[UUID] | None = None) -> int:
    """Those of one's own named, or all of them; answers how many were unread."""
    rows = Notification.objects.filter(recipient=user, read_at__isnull=True)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    return rows.update(read_at=now())


@transaction.atomic
def choose_mail(*, user: User, rhythm: str) -> MailChoice:
    """How often what is unread comes by mail."""
    choice, _ = MailChoice.objects.update_or_create(user=user, defaults={"rhythm": rhythm})
    return choice


# ---------------------------------------------------------------- mail


def _unmailed() -> QuerySet[Notification]:
    return Notification.objects.filter(read_at__isnull=True, mailed_at__isnull=True)


def ask_for_mails() -> int:
    """Post a letter for everybody whose mail is due, and forget what is old; answers how many."""
    moment = now()
    Notification.objects.filter(created_at__lt=moment - KEPT).delete()
    if not settings.CYTOLOOP_MAIL:
        return 0
    waiting = _unmailed().order_by().values("recipient").annotate(oldest=Min("created_at"))
    oldest = dict(waiting.filter(oldest__lt=moment - GATHERING).values_list("recipient", "oldest"))
    choices = {choice.user_id: choice for choice in MailChoice.objects.filter(user__in=oldest)}
    due = [pk for pk in oldest if _is_due(choices.get(pk))]
    for pk in due:
        queue.post(Letter.MAIL_DIGEST, user_id=str(pk))
    return len(due)


def _is_due(choice: MailChoice | None) -> bool:
    if choice is None:
        return True
    every = EVERY.get(MailRhythm(choice.rhythm))
    return every is not None and (choice.last_at is None or choice.last_at <= now() - every)


def send_digest(*, user_id: UUID) -> None:
    """One mail with everything that is unread and was in no mail yet. Asked twice, it is sent once."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    with alone("digest", user_id) as mine:
        choice = MailChoice.objects.filter(user=user_id).first()
        if user is None or not mine or not _is_due(choice):
            return
        unread = Notification.objects.of(user).filter(pk__in=_unmailed().values("pk"))
        rows = list(unread.select_related("project").order_by("created_at"))
        if not rows:
            return
        send_mail(_subject(rows), _letter(user, rows), None, [user.email])
        moment = now()
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=moment)
        MailChoice.objects.update_or_create(user=user, defaults={"last_at": moment})


def _subject(rows: Sequence[Notification]) -> str:
    return rows[0].text[:120] if len(rows) == 1 else f"{len(rows)} things for you in Cytoloop"


def _letter(user: User, rows: Sequence[Notification]) -> str:
    lines = [f"Hello {user.name},", ""]
    for row in rows[:MOST_IN_A_MAIL]:
        lines += [f"{row.project.name}: {row.text}", f"  {settings.CYTOLOOP_ADDRESS}{row.address}", ""]
    if len(rows) > MOST_IN_A_MAIL:
        lines += [f"… and {len(rows) - MOST_IN_A_MAIL} more, in the page.", ""]
    account = f"{settings.CYTOLOOP_ADDRESS}/account"
    return "\n".join([*lines, f"How often such mails come is chosen under {account}."])
