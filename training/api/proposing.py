"""Proposals on new images over HTTP: who makes them in a project, and what came of each upload."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Project
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.models import TrainedModel, UploadProposal
from training.models.proposing import Proposer
from training.selectors import proposing as selectors
from training.selectors import trained_models
from training.services import proposing as services


class ProposalRuleFilterIn(serializers.Serializer[Any]):
    """The rule of which project."""

    project = serializers.UUIDField()


class ProposalRuleIn(serializers.Serializer[Any]):
    """Who proposes on new images of a project; `trained_model` with MODEL alone."""

    project = serializers.UUIDField()
    proposer = serializers.ChoiceField(choices=Proposer.choices)
    trained_model = serializers.UUIDField(required=False, allow_null=True, default=None)


class ProposerModelOut(serializers.ModelSerializer[TrainedModel]):
    """A model that may propose."""

    name = serializers.CharField(source="__str__")

    class Meta:
        model = TrainedModel
        fields = ("id", "name")


class ProposalRuleOut(serializers.Serializer[Any]):
    """The rule that holds, the starter models that it chooses among, and the models that may be named."""

    proposer = serializers.ChoiceField(choices=Proposer.choices)
    trained_model = ProposerModelOut(allow_null=True)
    starters = ProposerModelOut(many=True)
    models = ProposerModelOut(many=True)


class UploadProposalFilterIn(serializers.Serializer[Any]):
    """Of which dataset or upload."""

    dataset = serializers.UUIDField(required=False)
    upload = serializers.UUIDField(required=False)


class UploadProposalOut(serializers.ModelSerializer[UploadProposal]):
    """What came of an upload: the job that proposes on its images, or the reason why there is none."""

    dataset = serializers.UUIDField(source="upload.dataset_id")
    job_state = serializers.CharField(source="job.state", default=None, allow_null=True)
    trained_model = serializers.UUIDField(source="job.trained_model_id", default=None, allow_null=True)
    trained_model_name = serializers.CharField(
        source="job.trained_model.__str__", default=None, allow_null=True
    )
    started_by = serializers.CharField(source="job.created_by.name", default=None, allow_null=True)

    class Meta:
        model = UploadProposal
        fields = (
            "id", "upload", "dataset", "job", "job_state", "trained_model", "trained_model_name",
            "image_count", "reason", "started_by", "created_at",
        )  # fmt: skip


class ProposalRulesView(APIView):
    @extend_schema(
        operation_id="getProposalRule", parameters=[ProposalRuleFilterIn], responses=ProposalRuleOut
    )
    def get(self, request: Request) -> Response:
        """Who proposes labels on images that are brought in."""
        asked = ProposalRuleFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(_rule(_project(request, asked.validated_data)))

    @extend_schema(operation_id="setProposalRule", request=ProposalRuleIn, responses=ProposalRuleOut)
    def put(self, request: Request) -> Response:
        """Choose who proposes on new images, or turn it off."""
        given = ProposalRuleIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        project, pk = _project(request, said), said["trained_model"]
        services.set_rule(
            project=project,
            proposer=Proposer(said["proposer"]),
            trained_model=(
                trained_models.get_trained_model(user=person(request), trained_model_id=pk) if pk else None
            ),
            by=person(request),
        )
        return Response(_rule(project))


class UploadProposalsView(GenericAPIView[UploadProposal]):
    serializer_class = UploadProposalOut
    queryset = UploadProposal.objects.none()

    @extend_schema(
        operation_id="listUploadProposals",
        parameters=[UploadProposalFilterIn],
        responses=UploadProposalOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """What came of uploads by themselves, the newest first."""
        return lists.answer(
            self,
            request,
            asked=UploadProposalFilterIn,
            found=selectors.list_upload_proposals,
            told=UploadProposalOut,
        )


def _project(request: Request, data: dict[str, Any]) -> Project:
    return access.find(Project.objects.all(), user=person(request), pk=data["project"])


def _rule(project: Project) -> Any:
    rule = selectors.rule_of(project_id=project.pk)
    told = {
        "proposer": rule.proposer,
        "trained_model": rule.trained_model,
        "starters": selectors.starters(project_id=project.pk),
        "models": selectors.proposers(project_id=project.pk),
    }
    return ProposalRuleOut(told).data
