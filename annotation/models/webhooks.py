"""Webhooks: addresses of other programs that hear what happens in a project, and a log of what they were
told."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Cast

from annotation.models import veil
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project
from backend.accounts.policies import Person


class WebhookQuerySet(OwnedQuerySet["Webhook"]):
    team_road = "project__team_id"


class Webhook(models.Model):
    """`secret` signs every letter; it must be kept as it is, for a hash could sign nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=1000)
    secret = models.CharField(max_length=100)
    events = ArrayField(models.CharField(max_length=40))
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="webhooks"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"


class DeliveryQuerySet(OwnedQuerySet["Delivery"]):
    team_road = "webhook__project__team_id"

    def visible_to(self, user: Person) -> Self:
        """Letters say what happened: those that name an image which `user` rates blind are not shown."""
        own = veil.own_blind_tasks(user).annotate(
            told=Cast("image_id", models.TextField()),
            letter=ExpressionWrapper(OuterRef("body"), output_field=models.TextField()),
        )
        return super().visible_to(user).exclude(Exists(own.filter(letter__contains=F("told"))))


class Delivery(models.Model):
    """One letter to one webhook. `body` is what is sent and signed, to the byte, at every attempt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    status_code = models.PositiveIntegerField(null=True)
    failure = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(next_at__isnull=True) | Q(state=DeliveryState.WAITING),
                name="delivery_tried_again_while_waiting",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state=DeliveryState.WAITING), name="delivery_to_be_tried"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
