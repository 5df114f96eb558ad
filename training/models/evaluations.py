"""An evaluation: predicted labels scored against accepted ones, without a net, and what was worst."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from annotation.core.faults import FaultKind
from annotation.models.ownership import OwnedQuerySet
from training.models.snapshots import Split

FAULT_KINDS = [(kind.value, kind.value.lower().replace("_", " ")) for kind in FaultKind]


class ReckoningState(models.TextChoices):
    """Where an evaluation or a comparison stands."""

    WAITING = "WAITING", "waiting for predictions"
    QUEUED = "QUEUED", "waiting for a worker"
    RUNNING = "RUNNING", "being reckoned"
    DONE = "DONE", "done"
    FAILED = "FAILED", "failed"


class EvaluationQuerySet(OwnedQuerySet["Evaluation"]):
    """Chainable filters over evaluations."""

    team_road = "project__team_id"
    images_roads = ("items__image",)

    def done(self) -> EvaluationQuerySet:
        return self.filter(state=ReckoningState.DONE)

    def silent_since(self, moment: datetime) -> EvaluationQuerySet:
        """Those nobody has been heard of since `moment`: a lost letter, or a worker that died."""
        return self.filter(state__in=(ReckoningState.QUEUED, ReckoningState.RUNNING), heard_at__lt=moment)


class Evaluation(models.Model):
    """What is scored: the newest predictions of a trained model, or one branch of one image.

    Against what: the revisions of a snapshot (of one split, or of all when `split` is empty), or accepted
    revisions. `scores` is {split: {score: {value, low, high}}}, `classes` {split: {class: …}} likewise;
    `figures` {split: …} what pages draw of classes and confidence.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="evaluations")
    trained_model = models.ForeignKey(
        "training.TrainedModel", null=True, blank=True, on_delete=models.CASCADE, related_name="evaluations"
    )
    branch = models.ForeignKey(
        "annotation.Branch", null=True, blank=True, on_delete=models.CASCADE, related_name="evaluations"
    )
    snapshot = models.ForeignKey(
        "training.Snapshot", null=True, blank=True, on_delete=models.RESTRICT, related_name="evaluations"
    )
    split = models.CharField(max_length=10, choices=Split.choices, blank=True, default="")
    name = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=ReckoningState.choices, default=ReckoningState.QUEUED)
    waits_for = models.ForeignKey(
        "training.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="evaluations"
    )
    fraction = models.FloatField(default=0.0)
    error = models.TextField(blank=True, default="")
    notice = models.TextField(blank=True, default="")
    method = models.JSONField(default=dict)
    scores = models.JSONField(default=dict)
    classes = models.JSONField(default=dict)
    tallies = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    heard_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="evaluations"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(trained_model__isnull=True) ^ Q(branch__isnull=True),
                name="evaluation_of_a_model_or_a_branch",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReckoningState.values), name="evaluation_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReckoningState.FAILED) | ~Q(error=""),
                name="evaluation_fails_with_a_sentence",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="evaluation_by_project"),
            models.Index(fields=["trained_model", "-created_at"], name="evaluation_by_model"),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationItem(models.Model):
    """One image: which revision was scored against which, or whose predicted channels against the recorded
    ones of the image itself (`picture`); `counts` is null until it was reckoned.

    `counts` and each of `classes` are as `annotation.core.count_json` writes them, all frames together, and
    empty for a picture; `tables` holds what the image adds to each family of scores beyond outlines.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey("annotation.Image", on_delete=models.CASCADE, related_name="evaluation_items")
    truth = models.ForeignKey(
        "annotation.Revision", null=True, on_delete=models.CASCADE, related_name="judging"
    )
    predicted = models.ForeignKey(
        "annotation.Revision", null=True, on_delete=models.CASCADE, related_name="judged"
    )
    picture = models.ForeignKey(
        "training.PredictedImage", null=True, on_delete=models.CASCADE, related_name="judged"
    )
    split = models.CharField(max_length=10)
    counts = models.JSONField(null=True)
    classes = models.JSONField(default=dict)
    scores = models.JSONField(default=dict)
    tallies = models.JSONField(default=dict)
    tables = models.JSONField(default=dict)

    class Meta:
        ordering = ["split", "image__name", "image_id"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "image"], name="evaluation_holds_an_image_once"),
            models.CheckConstraint(
                condition=Q(truth__isnull=False, predicted__isnull=False, picture__isnull=True)
                | Q(truth__isnull=True, predicted__isnull=True, picture__isnull=False),
                name="evaluation_item_of_labels_or_a_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.evaluation_id}"

    @property
    def right(self) -> tuple[str, uuid.UUID]:
        """What was held to be right: two items of the same can be compared."""
        return ("labels", self.truth_id) if self.truth_id else ("image", self.image_id)

    @property
    def shown(self) -> uuid.UUID:
        """The image on which a person sees what was predicted."""
        return self.picture.made_id if self.picture else self.image_id


class EvaluationFault(models.Model):
    """One thing that was wrong, and where; FRAME sums up a frame."""

    item = models.ForeignKey(EvaluationItem, on_delete=models.CASCADE, related_name="faults")
    kind = models.CharField(max_length=17, choices=FAULT_KINDS)
    harm = models.FloatField()
    iou = models.FloatField(null=True)
    size_px = models.BigIntegerField()
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    x = models.PositiveIntegerField()
    truth_cells = models.JSONField(default=list)
    predicted_cells = models.JSONField(default=list)

    class Meta:
        ordering = ["-harm", "-size_px", "id"]
        indexes = [models.Index(fields=["item", "-harm", "-size_px"], name="fault_by_harm")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.item_id}"


class ComparisonQuerySet(OwnedQuerySet["Comparison"]):
    """Chainable filters over comparisons."""

    team_road = "first__project__team_id"
    images_roads = ("first__items__image",)


class Comparison(models.Model):
    """Two evaluations of the same images side by side. `images` is a list, the most disagreement first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="compared_as_first")
    second = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="compared_as_second")
    state = models.CharField(max_length=8, choices=ReckoningState.choices, default=ReckoningState.QUEUED)
    error = models.TextField(blank=True, default="")
    notice = models.TextField(blank=True, default="")
    scores = models.JSONField(default=dict)
    images = models.JSONField(default=list)
    heard_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="comparison_once_a_pair"),
            models.CheckConstraint(
                condition=~Q(first=models.F("second")), name="comparison_of_two_evaluations"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"
