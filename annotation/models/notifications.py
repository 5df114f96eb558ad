"""Notifications: what one person should hear of, in the page and, gathered, by mail."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.images import Image
from annotation.models.labels import Branch
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project
from backend.accounts.policies import Person


class NotificationKind(models.TextChoices):
    MENTIONED = "MENTIONED"
    ANSWERED = "ANSWERED"
    RESOLVED = "RESOLVED"
    ASSIGNED = "ASSIGNED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    CHANGED = "CHANGED"


class NotificationQuerySet(OwnedQuerySet["Notification"]):
    team_road = "project__team_id"
    image_road = "image"
    branch_road = "branch"

    def of(self, user: Person) -> "NotificationQuerySet":
        """One's own, of the projects that one may still see."""
        return self.visible_to(user).filter(recipient=user.pk)


class Notification(models.Model):
    """One sentence for one person, and the address within the pages that shows what it is about.

    `image` and `branch` say whose labels it tells of, if any: who rates the image blind does not see it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind)
    text = models.CharField(max_length=500)
    address = models.CharField(max_length=1000)
    image = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="notifications")
    branch = models.ForeignKey(Branch, null=True, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="notifications_caused"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"
            )
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notification_of_person"),
            models.Index(
                fields=["recipient"],
                condition=Q(read_at__isnull=True, mailed_at__isnull=True),
                name="notification_to_be_mailed",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class MailRhythm(models.TextChoices):
    NEVER = "NEVER"
    HOURLY = "HOURLY"
    DAILY = "DAILY"


class MailChoice(models.Model):
    """How often somebody wants what is unread in a mail; without a row, once an hour."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="mail_choice"
    )
    rhythm = models.CharField(max_length=10, choices=MailRhythm, default=MailRhythm.HOURLY)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rhythm__in=MailRhythm.values), name="mail_rhythm_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.rhythm}"
