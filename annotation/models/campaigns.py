"""Campaigns: questions on small pictures for people without an account, and what they answer.

Nothing personal is kept of a worker: no name, no address, no browser. Who comes from a paid platform is known
by a salted hash alone, so that the same person does not begin twice.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from annotation.models.images import Image
from annotation.models.labels import Branch
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project


class CampaignState(models.TextChoices):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAUSED = "PAUSED"
    CLOSED = "CLOSED"


class ItemKind(models.TextChoices):
    """What is asked."""

    OUTLINE = "OUTLINE", "Outline this cell"
    FIX = "FIX", "Fix this outline"
    CENTRES = "CENTRES", "Click the centres"
    CELL = "CELL", "Is this a cell?"
    SAME = "SAME", "Same cell or not?"
    DIVIDED = "DIVIDED", "Did it divide?"
    CLASS = "CLASS", "Which class?"


MASKS = (ItemKind.OUTLINE, ItemKind.FIX)
CHOICES = (ItemKind.CELL, ItemKind.SAME, ItemKind.DIVIDED, ItemKind.CLASS)
LINKS = (ItemKind.SAME, ItemKind.DIVIDED)


class ItemUse(models.TextChoices):
    """WORK: nobody knows the answer. GOLD: it is known, and judges the worker. TRAINING: it is known, and
    teaches."""

    WORK = "WORK"
    GOLD = "GOLD"
    TRAINING = "TRAINING"


class WorkerState(models.TextChoices):
    TRAINING = "TRAINING"
    WORKING = "WORKING"
    FINISHED = "FINISHED"
    REFUSED = "REFUSED"
    EXCLUDED = "EXCLUDED"


class CampaignQuerySet(OwnedQuerySet["Campaign"]):
    team_road = "project__team_id"
    images_roads = ("items__image",)


class Campaign(models.Model):
    """Questions asked in one go, with the rules by which they are handed out.

    `token` is the link's secret; `salt` keeps what a platform calls its workers from being guessed. Between
    `answers_min` and `answers_max` an item is asked again while one more answer is expected to put right at
    least this part of its cells (`worth`). Questions about classes name those at `class_level` of the tree
    (0: the roots), and of those only what lies below the class `class_below`; null: all.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True, default="")
    instruction = models.TextField(blank=True, default="")
    consent = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    token = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=64)
    answers_min = models.PositiveIntegerField(default=3)
    answers_max = models.PositiveIntegerField(default=7)
    worth = models.FloatField(default=0.06)
    gold_share = models.FloatField(default=0.1)
    training_count = models.PositiveIntegerField(default=0)
    pass_mark = models.FloatField(default=0.7)
    feedback_on_gold = models.BooleanField(default=True)
    seconds_min = models.FloatField(default=0.4)
    lease_s = models.PositiveIntegerField(default=600)
    items_per_worker = models.PositiveIntegerField(null=True)
    answers_per_minute = models.PositiveIntegerField(default=60)
    joins_per_minute = models.PositiveIntegerField(default=300)
    leaderboard = models.BooleanField(default=False)
    completion_code = models.CharField(max_length=100, blank=True, default="")
    redirect_url = models.CharField(max_length=1000, blank=True, default="")
    channels = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    class_level = models.PositiveSmallIntegerField(null=True)
    class_below = models.UUIDField(null=True)
    aggregate_asked_at = models.DateTimeField(null=True)
    aggregated_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="created_campaigns"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="campaign_name_once_in_project"),
            models.CheckConstraint(
                condition=Q(state__in=CampaignState.values), name="campaign_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answers_min__gte=1, answers_max__gte=F("answers_min"), answers_max__lte=99),
                name="campaign_answers_in_order",
            ),
            models.CheckConstraint(
                condition=Q(worth__gte=0, gold_share__gte=0, gold_share__lte=0.9)
                & Q(pass_mark__gte=0, pass_mark__lte=1),
                name="campaign_shares_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def author_name(self) -> str:
        """How drafts name it."""
        return f"Crowd: {self.name}"[:200]


class CrowdItemQuerySet(OwnedQuerySet["CrowdItem"]):
    team_road = "campaign__project__team_id"
    images_roads = ("image",)


class CrowdItem(models.Model):
    """One question on a crop (y, x, height, width in px of the image) at (t, z); with `to_t` also at that
    frame.

    `home` [y0, x0, y1, x1], px of the image, is the part of a tile that no neighbour answers for. `shown`: of
    each of the one or two pictures the outlines drawn into it, runs [[y, x0, x1], …] px of the crop. `wanted`
    answers are asked for so far; `given` counts open leases and answers that count. `consensus` is a value as
    answers are; `certainty` is that of the consensus, of gold how often those who look are right. A CENTRES
    or OUTLINE item without `cell` is a tile.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items", db_index=False)
    kind = models.CharField(max_length=10, choices=ItemKind)
    use = models.CharField(max_length=10, choices=ItemUse, default=ItemUse.WORK)
    key = models.CharField(max_length=64)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="crowd_items")
    branch = models.ForeignKey(Branch, null=True, on_delete=models.SET_NULL, related_name="crowd_items")
    number = models.PositiveIntegerField(default=0)
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    x = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    home = ArrayField(models.PositiveIntegerField(), size=4, null=True)
    to_t = models.PositiveIntegerField(null=True)
    cell = models.PositiveIntegerField(null=True)
    other_cell = models.PositiveIntegerField(null=True)
    shown: Any = models.JSONField(default=list)
    truth: Any = models.JSONField(null=True)
    priority = models.FloatField(default=0.0)
    wanted = models.PositiveIntegerField(default=1)
    given = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    is_dirty = models.BooleanField(default=False)
    consensus: Any = models.JSONField(null=True)
    certainty = models.FloatField(null=True)
    agreement = models.FloatField(null=True)
    ambiguity = models.FloatField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CrowdItemQuerySet.as_manager()

    class Meta:
        ordering = ["-priority", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="item_once_in_campaign"),
            models.CheckConstraint(condition=Q(kind__in=ItemKind.values), name="item_kind_is_known"),
            models.CheckConstraint(condition=Q(use__in=ItemUse.values), name="item_use_is_known"),
            models.CheckConstraint(
                condition=Q(use=ItemUse.WORK) | Q(truth__isnull=False), name="item_that_judges_has_truth"
            ),
            models.CheckConstraint(condition=Q(height__gt=0, width__gt=0), name="item_has_size"),
        ]
        indexes = [
            models.Index(
                F("campaign"),
                F("priority").desc(),
                F("id"),
                condition=Q(use=ItemUse.WORK, is_done=False, given__lt=F("wanted")),
                name="items_to_hand_out",
            ),
            models.Index(
                fields=["campaign", "use", "given"], condition=~Q(use=ItemUse.WORK), name="items_that_judge"
            ),
            models.Index(fields=["campaign"], condition=Q(is_dirty=True), name="items_to_aggregate"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at t{self.t} z{self.z} ({self.y}, {self.x})"


class CrowdWorkerQuerySet(OwnedQuerySet["CrowdWorker"]):
    team_road = "campaign__project__team_id"
    images_roads = ("campaign__items__image",)


class CrowdWorker(models.Model):
    """A key within one campaign and how well its answers were. `reliability` 0…1 weighs them.

    `budget` answers may be given at once, as of `budget_at`. `code` proves to a platform that the work was
    done.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="workers", db_index=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    platform_hash = models.CharField(max_length=64, blank=True, default="")
    code = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=WorkerState, default=WorkerState.WORKING)
    reason = models.CharField(max_length=300, blank=True, default="")
    answered = models.PositiveIntegerField(default=0)
    fast = models.PositiveIntegerField(default=0)
    gold_answered = models.PositiveIntegerField(default=0)
    gold_score = models.FloatField(null=True)
    reliability = models.FloatField(null=True)
    budget = models.FloatField(default=0.0)
    budget_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    objects = CrowdWorkerQuerySet.as_manager()

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "platform_hash"],
                condition=~Q(platform_hash=""),
                name="platform_worker_once_in_campaign",
            ),
            models.CheckConstraint(condition=Q(state__in=WorkerState.values), name="worker_state_is_known"),
        ]
        indexes = [models.Index(fields=["campaign", "joined_at"], name="workers_by_joining")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How lists call it: four signs of its key."""
        return f"Worker {str(self.pk)[:4]}"


class CrowdAnswer(models.Model):
    """An item in a worker's hands until `lease_until`, and then the answer. Never twice the same pair.

    `counts` is False for answers that are left out: too fast, or of a worker who was excluded.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(CrowdItem, on_delete=models.CASCADE, related_name="answers", db_index=False)
    worker = models.ForeignKey(CrowdWorker, on_delete=models.CASCADE, related_name="answers", db_index=False)
    given_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    value: Any = models.JSONField(null=True)
    seconds = models.FloatField(null=True)
    score = models.FloatField(null=True)
    is_fast = models.BooleanField(default=False)
    counts = models.BooleanField(default=False)

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "worker"], name="item_once_to_a_worker"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, value__isnull=True)
                | Q(answered_at__isnull=False, value__isnull=False, lease_until__isnull=True),
                name="answer_ends_its_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["worker", "given_at"], name="answers_of_worker"),
            models.Index(
                fields=["lease_until"], condition=Q(lease_until__isnull=False), name="leases_that_run"
            ),
        ]

    def __str__(self) -> str:
        return f"answer to {self.item_id}"


class CrowdFit(models.Model):
    """What all answers of one kind told of a campaign's workers, when there were `answer_count` of them."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="fits", db_index=False)
    kind = models.CharField(max_length=10, choices=ItemKind)
    content: Any = models.JSONField()
    answer_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "kind"], name="fit_once_in_campaign")]

    def __str__(self) -> str:
        return f"{self.kind} after {self.answer_count} answers"
