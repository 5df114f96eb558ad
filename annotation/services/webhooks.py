"""Webhooks: signed letters to other programs, tried again with growing patience, every one in a log.

A letter is signed as `t=<seconds>,v1=<hex>`: HMAC-SHA256, with the webhook's secret, of the seconds, a dot
and the body as sent. The receiver compares, and refuses letters that are too old.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation.models import Delivery, DeliveryState, Project, Webhook
from annotation.policies import access
from annotation.services.claims import alone
from backend.accounts.models import Role, User
from backend.foundation import events, outward, queue
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid
from backend.foundation.queue import Letter

# After the first refusal a minute, then four times as long each time: the last attempt is six hours later.
PATIENCE = [timedelta(minutes=4**power) for power in range(5)]
KEPT = timedelta(days=30)
MOST_WEBHOOKS = 20
SIGNATURE, EVENT, LETTER = "X-Cytoloop-Signature", "X-Cytoloop-Event", "X-Cytoloop-Delivery"


class Event(StrEnum):
    """What a webhook can hear of."""

    COMMENT_WRITTEN = "comment.written"
    COMMENT_RESOLVED = "comment.resolved"
    TASK_ASSIGNED = "task.assigned"
    TASK_SUBMITTED = "task.submitted"
    REVIEW_ACCEPTED = "review.accepted"
    REVIEW_RETURNED = "review.returned"
    LABELS_CHANGED = "labels.changed_after_acceptance"
    TEST = "test"


class TooManyWebhooks(Invalid):
    """A project tells a few programs, not everybody."""


class AlreadyDelivered(Conflict):
    """The letter arrived."""


def sign(*, secret: str, body: bytes, at_s: int) -> str:
    """The signature of a letter sent `at_s` seconds after 1970."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


# ---------------------------------------------------------------- who hears


@transaction.atomic
def create(*, project: Project, url: str, events: Sequence[str], by: User) -> Webhook:
    """A new webhook with a new secret, which is shown once. Managers and above."""
    access.require(by, project, Role.MANAGER)
    outward.check(url)
    if project.webhooks.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"A project has at most {MOST_WEBHOOKS} webhooks; delete one first.")
    secret = f"whs_{secrets.token_urlsafe(32)}"
    chosen = sorted(set(events) - {Event.TEST})
    return Webhook.objects.create(project=project, url=url, events=chosen, secret=secret, created_by=by)


@transaction.atomic
def change(*, webhook: Webhook, by: User, **changes: Any) -> Webhook:
    """Another address, other events, or silence."""
    access.require(by, webhook.project, Role.MANAGER)
    if "url" in changes:
        outward.check(changes["url"])
    for name, value in changes.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(changes))
    return webhook


@transaction.atomic
def delete(*, webhook: Webhook, by: User) -> None:
    """Nobody hears any more; the log goes too."""
    access.require(by, webhook.project, Role.MANAGER)
    webhook.delete()


# ---------------------------------------------------------------- telling


def announce(*, project: Project | UUID, event: Event, data: dict[str, Any]) -> None:
    """Tell those webhooks of the project that want to hear of it, once the transaction commits."""
    pk = project.pk if isinstance(project, Project) else project
    for webhook in Webhook.objects.filter(project=pk, active=True, events__contains=[str(event)]):
        _write(webhook, event, data)


@transaction.atomic
def try_out(*, webhook: Webhook, by: User) -> Delivery:
    """A letter that says nothing but that letters arrive."""
    access.require(by, webhook.project, Role.MANAGER)
    return _write(webhook, Event.TEST, {"asked_by": by.name})


def _write(webhook: Webhook, event: Event, data: dict[str, Any]) -> Delivery:
    moment = now()
    delivery = Delivery(webhook=webhook, event=str(event), next_at=moment)
    letter = {
        "id": str(delivery.pk),
        "event": str(event),
        "project": str(webhook.project_id),
        "at": moment.isoformat(),
        "data": data,
    }
    delivery.body = json.dumps(letter, default=str, separators=(",", ":"))
    delivery.save()
    queue.post(Letter.DELIVER_WEBHOOK, delivery_id=str(delivery.pk))
    return delivery


@transaction.atomic
def try_again(*, delivery: Delivery, by: User) -> Delivery:
    """Send a letter that did not arrive once more, now, with all attempts before it."""
    access.require(by, delivery.webhook.project, Role.MANAGER)
    if delivery.state == DeliveryState.DONE:
        raise AlreadyDelivered("This letter arrived.")
    delivery.state, delivery.attempts, delivery.next_at = DeliveryState.WAITING, 0, now()
    delivery.save(update_fields=["state", "attempts", "next_at"])
    queue.post(Letter.DELIVER_WEBHOOK, delivery_id=str(delivery.pk))
    return delivery


# ---------------------------------------------------------------- delivering


def deliver(*, delivery_id: UUID) -> None:
    """Try to deliver a letter whose time has come. Asked twice, it is sent once."""
    with alone("delivery", delivery_id) as mine:
        due = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.WAITING, next_at__lte=now())
        delivery = due.select_related("webhook").first() if mine else None
        if delivery is not None:
            _attempt(delivery)


def _attempt(delivery: Delivery) -> None:
    body, at_s = delivery.body.encode(), int(now().timestamp())
    headers = {
        SIGNATURE: sign(secret=delivery.webhook.secret, body=body, at_s=at_s),
        EVENT: delivery.event,
        LETTER: str(delivery.pk),
        "User-Agent": "Cytoloop",
    }
    try:
        status: int | None = outward.post(delivery.webhook.url, body=body, headers=headers)
        failure = "" if status and 200 <= status < 300 else f"The receiver answered {status}."
    except (outward.BadAddress, outward.NotDelivered) as error:
        status, failure = None, str(error)
    _note(delivery, status, failure)


def _note(delivery: Delivery, status: int | None, failure: str) -> None:
    moment, attempts = now(), delivery.attempts + 1
    delivery.attempts, delivery.status_code, delivery.failure = attempts, status, failure[:500]
    if not failure:
        delivery.state, delivery.next_at, delivery.done_at = DeliveryState.DONE, None, moment
    elif attempts > len(PATIENCE):
        delivery.state, delivery.next_at = DeliveryState.FAILED, None
    else:
        delivery.next_at = moment + PATIENCE[attempts - 1]
    delivery.save()
    facts = {"webhook": delivery.webhook_id, "state": str(delivery.state)}
    events.publish("delivery.changed", project=delivery.webhook.project_id, id=delivery.pk, **facts)


def repost_waiting() -> int:
    """Post the letters of deliveries whose time has come, and forget old ones; how many were posted."""
    Delivery.objects.filter(created_at__lt=now() - KEPT).delete()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=now())
    waiting = list(due.values_list("pk", flat=True)[:500])
    for pk in waiting:
        queue.post(Letter.DELIVER_WEBHOOK, delivery_id=str(pk))
    return len(waiting)
