"""A search of settings: trials of one recipe on one snapshot, the default first."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet


class TrialState(models.TextChoices):
    """Where a trial stands."""

    RUNNING = "RUNNING", "running"
    DONE = "DONE", "learned to the end"
    PRUNED = "PRUNED", "ended early, others were better by then"
    FAILED = "FAILED", "failed"
    STOPPED = "STOPPED", "the search was stopped"


class SearchQuerySet(OwnedQuerySet["Search"]):
    """Chainable filters over searches."""

    team_road = "job__project__team_id"
    images_roads = ("job__snapshot__items__image",)


class Search(models.Model):
    """What a search may vary and spend; its job says where it stands. The trials' rows are the truth.

    `space`: setting → {"low", "high", "log", "step"} or {"values"}. `minutes` in all and `trial_minutes` for
    one trial are of running time, or of processor time where `counts_cpu`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField("training.Job", on_delete=models.CASCADE, related_name="search")
    space = models.JSONField()
    score = models.CharField(max_length=60)
    minutes = models.FloatField()
    trial_minutes = models.FloatField()
    counts_cpu = models.BooleanField(default=False)
    stop_asked = models.BooleanField(default=False)
    best = models.ForeignKey(
        "training.Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    objects = SearchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gt=0) & Q(trial_minutes__gt=0), name="search_has_a_budget"
            ),
        ]

    def __str__(self) -> str:
        return f"search of {self.job_id}"


class Trial(models.Model):
    """One run of the recipe with one choice of settings; the first, number 0, is the default.

    `settings` holds only what the search varies. `rungs`: share of the budget → score on the validation
    split. `spent_s` is running time, `spent_cpu_s` processor time, over all starts. `offset` is how far its
    progress was heard.
    """

    search = models.ForeignKey(Search, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    settings = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=TrialState.choices, default=TrialState.RUNNING)
    rungs = models.JSONField(default=dict, blank=True)
    score = models.FloatField(null=True, blank=True)
    scores = models.JSONField(default=dict, blank=True)
    spent_s = models.FloatField(default=0.0)
    spent_cpu_s = models.FloatField(default=0.0)
    starts = models.PositiveIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["search", "number"], name="trial_number_once"),
            models.CheckConstraint(condition=Q(state__in=TrialState.values), name="trial_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="DONE") | Q(score__isnull=False), name="trial_done_has_a_score"
            ),
        ]

    def __str__(self) -> str:
        return f"trial {self.number}"
