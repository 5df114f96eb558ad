"""A promotion: a trained model goes live in its project for its recipe. The newest counts; all are kept.

What “not worse” means is a rule of the project for each recipe: which score decides, and how much of it may
be lost.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet


class PromotionQuerySet(OwnedQuerySet["Promotion"]):
    """Chainable filters over promotions."""

    team_road = "project__team_id"
    images_roads = ("snapshot__items__image",)

    def present(self) -> PromotionQuerySet:
        """The newest of each recipe of each project."""
        newest = self.order_by("project_id", "recipe", "-number").distinct("project_id", "recipe")
        return self.model.objects.filter(pk__in=newest.values("pk")).order_by("recipe")


class Promotion(models.Model):
    """Who made which model the present one, on which frozen test images, with which figures.

    `verdict` is what the gate said; `reason` is why an owner overruled it, empty when it let the model pass.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("annotation.Project", on_delete=models.CASCADE, related_name="promotions")
    recipe = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    trained_model = models.ForeignKey(
        "training.TrainedModel", on_delete=models.RESTRICT, related_name="promotions"
    )
    snapshot = models.ForeignKey("training.Snapshot", on_delete=models.RESTRICT, related_name="promotions")
    replaced = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="replaced_by"
    )
    verdict = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")
    promoted_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="promotions"
    )
    promoted_at = models.DateTimeField()

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-promoted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "recipe", "number"], name="promotion_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="promotion_numbers_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.trained_model_id} for {self.recipe}"


class PromotionRuleQuerySet(OwnedQuerySet["PromotionRule"]):
    """Chainable filters over the rules of promotion."""

    team_road = "project__team_id"


class PromotionRule(models.Model):
    """Which score decides on promotions of a recipe, and how much of it may be lost."""

    project = models.ForeignKey(
        "annotation.Project", on_delete=models.CASCADE, related_name="promotion_rules"
    )
    recipe = models.CharField(max_length=60)
    score = models.CharField(max_length=60)
    margin = models.FloatField(default=0.0)
    set_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="promotion_rules"
    )
    set_at = models.DateTimeField()

    objects = PromotionRuleQuerySet.as_manager()

    class Meta:
        ordering = ["recipe"]
        constraints = [
            models.UniqueConstraint(fields=["project", "recipe"], name="promotion_rule_once_a_recipe"),
            models.CheckConstraint(condition=Q(margin__gte=0), name="promotion_margin_is_not_negative"),
            models.CheckConstraint(condition=~Q(score=""), name="promotion_rule_names_a_score"),
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.recipe}"
