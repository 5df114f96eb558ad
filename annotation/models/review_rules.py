"""How much of a project's work is looked at before it counts, and who may not accept it."""

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import Project


class OwnWork(models.TextChoices):
    """May a person accept what that person did? AUTO: only where nobody else in the project could."""

    AUTO = "AUTO"
    ALLOWED = "ALLOWED"
    REFUSED = "REFUSED"


class ReviewRuleQuerySet(OwnedQuerySet["ReviewRule"]):
    team_road = "project__team_id"


class ReviewRule(models.Model):
    """Of a project without a row everything is looked at. `seed` decides which tasks are in the share."""

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="review_rule"
    )
    share_percent = models.FloatField(default=100.0)
    seed = models.PositiveIntegerField(default=0)
    own_work = models.CharField(max_length=10, choices=OwnWork, default=OwnWork.AUTO)

    objects = ReviewRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share_percent__gte=0.0) & Q(share_percent__lte=100.0),
                name="review_share_is_a_percentage",
            ),
            models.CheckConstraint(condition=Q(own_work__in=OwnWork.values), name="own_work_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.share_percent:g} % of {self.project} is reviewed"
