"""What is proposed on images just brought in: the rule of a project, and what came of each upload."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotation.models.ownership import OwnedQuerySet


class Proposer(models.TextChoices):
    """Who proposes labels on new images."""

    STARTER = "STARTER", "the starter model that fits"
    MODEL = "MODEL", "a trained model of the project"
    OFF = "OFF", "nobody"


class ProposalRuleQuerySet(OwnedQuerySet["ProposalRule"]):
    """Chainable filters over the rules of proposing."""

    team_road = "project__team_id"


class ProposalRule(models.Model):
    """Who proposes on new images of a project; without a row it is the starter model that fits."""

    project = models.OneToOneField(
        "annotation.Project", on_delete=models.CASCADE, related_name="proposal_rule"
    )
    proposer = models.CharField(max_length=7, choices=Proposer.choices)
    trained_model = models.ForeignKey(
        "training.TrainedModel",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="proposal_rules",
    )
    set_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="proposal_rules"
    )
    set_at = models.DateTimeField()

    objects = ProposalRuleQuerySet.as_manager()

    class Meta:
        ordering = ["project_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposer="MODEL", trained_model__isnull=False)
                | (~Q(proposer="MODEL") & Q(trained_model__isnull=True)),
                name="proposal_rule_names_its_model",
            ),
            models.CheckConstraint(
                condition=Q(proposer__in=Proposer.values), name="proposal_rule_proposer_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposer} for {self.project_id}"


class UploadProposalQuerySet(OwnedQuerySet["UploadProposal"]):
    """Chainable filters over what came of uploads."""

    team_road = "upload__dataset__project__team_id"


class UploadProposal(models.Model):
    """What came of one upload, once: the job that proposes on its images, or why there is none (`reason`)."""

    upload = models.OneToOneField(
        "annotation.Upload", on_delete=models.CASCADE, related_name="upload_proposal"
    )
    job = models.ForeignKey(
        "training.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="upload_proposals"
    )
    image_count = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects = UploadProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.image_count} images of {self.upload_id}"
