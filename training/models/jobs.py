"""A job: one run of a recipe on some machine, and everything it told us while it ran."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from annotation.models.ownership import OwnedQuerySet


class Kind(models.TextChoices):
    """What a job is asked to do."""

    TRAIN = "TRAIN", "train"
    PREDICT = "PREDICT", "predict"
    PREVIEW = "PREVIEW", "show augmented samples"
    EVALUATE = "EVALUATE", "evaluate"
    SEARCH = "SEARCH", "search settings"


class State(models.TextChoices):
    """Where a job stands; a row moves only along `training.services.jobs`."""

    QUEUED = "QUEUED", "waiting for a worker"
    RUNNING = "RUNNING", "running"
    CANCELLING = "CANCELLING", "being cancelled"
    SUCCEEDED = "SUCCEEDED", "succeeded"
    FAILED = "FAILED", "failed"
    CANCELLED = "CANCELLED", "cancelled"


HELD_STATES = (State.RUNNING, State.CANCELLING)
FINAL_STATES = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class JobQuerySet(OwnedQuerySet["Job"]):
    """Chainable filters over jobs."""

    team_road = "project__team_id"
    images_roads = ("snapshot__items__image",)

    def held(self) -> JobQuerySet:
        """Jobs that some worker says it has in hand."""
        return self.filter(state__in=HELD_STATES)

    def silent_since(self, moment: datetime) -> JobQuerySet:
        """Held jobs whose worker has not been heard of since `moment`."""
        return self.held().filter(heartbeat_at__lt=moment)

    def waiting_since(self, moment: datetime) -> JobQuerySet:
        """Queued jobs whose letter was posted before `moment`."""
        return self.filter(state=State.QUEUED, posted_at__lt=moment)


class Job(models.Model):
    """The row is the truth; the letter that asks for it is only a nudge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    recipe = models.CharField(max_length=60)
    snapshot = models.ForeignKey(
        "training.Snapshot", null=True, blank=True, on_delete=models.RESTRICT, related_name="jobs"
    )
    trained_model = models.ForeignKey(
        "training.TrainedModel", null=True, blank=True, on_delete=models.RESTRICT, related_name="uses"
    )
    init_from = models.ForeignKey(
        "training.TrainedModel",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="continuations",
    )
    link_model = models.ForeignKey(
        "training.TrainedModel", null=True, blank=True, on_delete=models.RESTRICT, related_name="linkings"
    )
    targets: models.ManyToManyField[models.Model, JobTarget] = models.ManyToManyField(
        "annotation.Image", through="training.JobTarget", related_name="jobs"
    )
    settings = models.JSONField(default=dict, blank=True)
    seed = models.PositiveIntegerField(default=0)
    minutes = models.FloatField(null=True, blank=True)
    name = models.CharField(max_length=200)
    make_tasks = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    fruitless_attempts = models.PositiveIntegerField(default=0)
    claimed_by = models.CharField(max_length=200, blank=True, default="")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField()

    fraction = models.FloatField(default=0.0)
    eta_s = models.FloatField(null=True, blank=True)
    message = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    detail = models.TextField(blank=True, default="")
    scores = models.JSONField(default=dict, blank=True)
    peak_memory_bytes = models.BigIntegerField(null=True, blank=True)
    progress_offset = models.BigIntegerField(default=0)
    run_folder = models.CharField(max_length=300, blank=True, default="")
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="retries"
    )

    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="jobs")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="job_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=["TRAIN", "PREVIEW", "EVALUATE"]) | Q(snapshot__isnull=False),
                name="job_learns_from_a_snapshot",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["PREDICT", "EVALUATE"])
                | Q(trained_model__isnull=False)
                | Q(kind="PREDICT", recipe__in=["embed", "link"]),
                name="job_uses_a_trained_model",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HELD_STATES) | (~Q(claimed_by="") & Q(heartbeat_at__isnull=False)),
                name="job_in_hand_has_a_worker",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FINAL_STATES, finished_at__isnull=False)
                | (~Q(state__in=FINAL_STATES) & Q(finished_at__isnull=True)),
                name="job_ends_when_it_is_final",
            ),
            models.CheckConstraint(
                condition=Q(fraction__gte=0.0) & Q(fraction__lte=1.0), name="job_fraction_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(error=""), name="job_fails_with_a_sentence"
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gt=0), name="job_minutes_are_positive"
            ),
            models.CheckConstraint(condition=~Q(id=F("retry_of")), name="job_is_not_its_own_retry"),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="job_by_project"),
            models.Index(fields=["state", "heartbeat_at"], name="job_by_heartbeat"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.lower()} {self.name}"


class JobTarget(models.Model):
    """An image that a prediction job is asked about; `branch` where the cells of another branch than the one
    that people see are meant."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="job_targets")
    image = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="job_targets")
    branch = models.ForeignKey(
        "annotation.Branch", null=True, blank=True, on_delete=models.CASCADE, related_name="job_targets"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "image"], name="job_asks_an_image_once")]

    def __str__(self) -> str:
        return f"{self.image_id} for {self.job_id}"


class JobPoint(models.Model):
    """What was measured at one step. `position` grows when values are added, so a reader can ask for news."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="points")
    step = models.PositiveIntegerField()
    epoch = models.FloatField(default=0.0)
    elapsed_s = models.FloatField(default=0.0)
    values = models.JSONField(default=dict)
    position = models.BigIntegerField()

    class Meta:
        ordering = ["step"]
        constraints = [models.UniqueConstraint(fields=["job", "step"], name="job_point_once_a_step")]
        indexes = [models.Index(fields=["job", "position"], name="job_point_by_position")]

    def __str__(self) -> str:
        return f"step {self.step} of {self.job_id}"


class JobPicture(models.Model):
    """A picture that the engine drew while it ran; the bytes are in storage."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200)
    caption = models.CharField(max_length=500, blank=True, default="")
    step = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=500)

    class Meta:
        ordering = ["step", "name"]
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="job_picture_once_a_name")]

    def __str__(self) -> str:
        return self.name
