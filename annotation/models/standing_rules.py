"""Who gets the tasks of images that are still to come."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.datasets import Dataset
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project


class StandingRuleQuerySet(OwnedQuerySet["StandingRule"]):
    team_road = "project__team_id"


class StandingRule(models.Model):
    """New images become tasks, and those are dealt to `people` by themselves, fewest in hand first.

    Nobody gets another while holding `most_open`; what is left waits until somebody hands in. `blind_percent`
    of the images get a second task of which the rater sees no other labels. `dataset` None: all of them.
    """

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="standing_rule"
    )
    active = models.BooleanField(default=False)
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.SET_NULL, related_name="standing_rules")
    people: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="standing_rules"
    )
    most_open = models.PositiveIntegerField(default=5)
    blind_percent = models.FloatField(default=0.0)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="standing_rules_set"
    )

    objects = StandingRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(blind_percent__gte=0.0) & Q(blind_percent__lte=100.0),
                name="blind_share_is_a_percentage",
            ),
            models.CheckConstraint(condition=Q(most_open__gte=1), name="standing_rule_gives_something"),
        ]

    def __str__(self) -> str:
        return f"new images of {self.project_id} are shared out"
