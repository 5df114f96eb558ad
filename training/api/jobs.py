"""Jobs over HTTP: start, watch, cancel, start again."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Project
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.contract.recipes import RECIPES, Makes
from training.models import Job, JobPicture, JobPoint
from training.models.cross_validations import FOLDS_LEAST, FOLDS_MOST
from training.models.jobs import Kind, State
from training.selectors import jobs as selectors
from training.selectors import orders, published_weights
from training.services import cross_validations
from training.services import jobs as services


class RecipeOut(serializers.Serializer[Any]):
    """One programme of the engine; `settings_schema` is a JSON schema with titles, bounds and defaults."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    settings_schema = serializers.DictField()
    makes = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in Makes])
    needs_labels = serializers.BooleanField()
    learns = serializers.BooleanField()


class JobIn(serializers.Serializer[Any]):
    """A job to be started; which fields are needed depends on the kind."""

    project = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    recipe = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    snapshot = serializers.UUIDField(required=False, default=None, allow_null=True)
    trained_model = serializers.UUIDField(required=False, default=None, allow_null=True)
    init_from = serializers.UUIDField(required=False, default=None, allow_null=True)
    dataset = serializers.UUIDField(required=False, default=None, allow_null=True)
    image_ids = serializers.ListField(child=serializers.UUIDField(), required=False, default=list)
    branch = serializers.UUIDField(
        required=False,
        default=None,
        allow_null=True,
        help_text="Of PREDICT with the recipe “link”: link the cells of this branch of its image.",
    )
    link = serializers.DictField(
        required=False,
        default=None,
        allow_null=True,
        help_text="Of PREDICT with a model that outlines cells: follow them over time, with these settings "
        "of the recipe “link”; {} for the usual ones.",
    )
    link_model = serializers.UUIDField(
        required=False,
        default=None,
        allow_null=True,
        help_text="Of PREDICT with a model that outlines cells: the trained linker (of “learn_links”) that "
        "follows them; “link” then has those of its settings that are to be others than it was trained with.",
    )
    settings = serializers.DictField(
        required=False,
        default=dict,
        help_text="Of the recipe. Of PREDICT with a trained model how it reads, as far as it can be told: "
        "“flips” (false: each picture once, faster); “channels”, names of the images’ channels or their "
        "numbers from 1, which the model is shown in this order, by itself those that fit it; “cell_px”, the "
        "cells’ diameter in px, “auto” (found by itself, the default) or “learned” (as in its training).",
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, default=0)
    minutes = serializers.FloatField(required=False, default=None, allow_null=True)
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    make_tasks = serializers.BooleanField(required=False, default=False)
    folds = serializers.IntegerField(
        min_value=FOLDS_LEAST, max_value=FOLDS_MOST, required=False, default=None, allow_null=True
    )


class JobFilterIn(serializers.Serializer[Any]):
    """Which jobs to list; `kind` and `state` may name several, with commas between."""

    project = serializers.UUIDField(required=False)
    kind = serializers.CharField(required=False)
    state = serializers.CharField(required=False)


class JobOut(serializers.ModelSerializer[Job]):
    """A job as it stands. `result` is the trained model it made."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    state = serializers.ChoiceField(choices=State.choices)
    settings = serializers.DictField()
    scores = serializers.DictField()
    result = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)

    class Meta:
        model = Job
        fields = (
            "id", "project", "kind", "recipe", "name", "snapshot", "trained_model", "init_from", "link_model",
            "settings", "seed",
            "minutes", "make_tasks", "state", "attempt", "fraction", "eta_s", "message", "error", "detail",
            "scores",
            "peak_memory_bytes", "retry_of", "result", "created_by", "created_at", "started_at",
            "finished_at",
        )  # fmt: skip

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_result(self, job: Job) -> str | None:
        return str(job.result.pk) if hasattr(job, "result") else None


class ChannelsReadOut(serializers.Serializer[Any]):
    """Images whose channels are called `names`, and what a model is shown of them: the places of channels
    from 0, null for all as they stand; `fits`: whether it reads such images as they stand by itself."""

    names = serializers.ListField(child=serializers.CharField())
    images = serializers.IntegerField()
    read = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    fits = serializers.BooleanField()


class EstimateOut(serializers.Serializer[Any]):
    """What a job will have to do, and how long it may take; `movies` are the images with more than one time
    point, `basis` says how the minutes were found. Of a prediction with a model that sees channels,
    `channels` says which it is shown; `learned_px` is the diameter of the cells that it learned from, null
    where it cannot be told how large those of the images are."""

    images = serializers.IntegerField()
    movies = serializers.IntegerField()
    frames = serializers.IntegerField()
    megapixels = serializers.FloatField()
    minutes = serializers.FloatField()
    basis = serializers.CharField()
    channels = ChannelsReadOut(many=True)
    learned_px = serializers.FloatField(allow_null=True)


class PointOut(serializers.ModelSerializer[JobPoint]):
    """What was measured at one step."""

    values = serializers.DictField(child=serializers.FloatField())

    class Meta:
        model = JobPoint
        fields = ("step", "epoch", "elapsed_s", "values")


class ProgressFilterIn(serializers.Serializer[Any]):
    """From where to read on."""

    after = serializers.IntegerField(required=False, default=0, min_value=0)


class ProgressOut(serializers.Serializer[Any]):
    """News of a job. Ask again with `?after=next`; a step that comes again replaces the earlier one."""

    state = serializers.ChoiceField(choices=State.choices)
    fraction = serializers.FloatField()
    eta_s = serializers.FloatField(allow_null=True)
    message = serializers.CharField()
    points = PointOut(many=True)
    next = serializers.IntegerField()


class PictureOut(serializers.ModelSerializer[JobPicture]):
    """A picture drawn while the job ran; its bytes are at `jobs/{id}/pictures/{name}/`."""

    class Meta:
        model = JobPicture
        fields = ("name", "caption", "step")


class LogOut(serializers.Serializer[Any]):
    """The end of what the engine printed."""

    text = serializers.CharField()


class RecipesView(APIView):
    @extend_schema(operation_id="listRecipes", responses=RecipeOut(many=True))
    def get(self, _request: Request) -> Response:
        """The recipes with their settings. Not paged: it is a short, fixed list.

        Where a setting names published weights, `examples` are those that lie in the data folder.
        """
        return Response([_with_weights(recipe.to_json()) for recipe in RECIPES])


def _with_weights(recipe: dict[str, Any]) -> dict[str, Any]:
    schema = recipe["settings_schema"]
    properties = {
        name: {**told, "examples": published_weights.names()} if told.get("format") == "weights" else told
        for name, told in schema["properties"].items()
    }
    return {**recipe, "settings_schema": {**schema, "properties": properties}}


class JobsView(GenericAPIView[Job]):
    serializer_class = JobOut
    queryset = Job.objects.none()

    @extend_schema(operation_id="listJobs", parameters=[JobFilterIn], responses=JobOut(many=True))
    def get(self, request: Request) -> Response:
        """The jobs that one may see, newest first."""
        return lists.answer(self, request, asked=JobFilterIn, found=selectors.list_jobs, told=JobOut)

    @extend_schema(operation_id="startJob", request=JobIn, responses={201: JobOut})
    def post(self, request: Request) -> Response:
        """Start a job: it is queued, and a worker takes it up."""
        given = JobIn(data=request.data)
        given.is_valid(raise_exception=True)
        project = _project(request, given)
        order = orders.order_from(user=person(request), asked=given.validated_data)
        folds = given.validated_data["folds"]
        if folds is None:
            job = services.start(project=project, order=order, by=person(request))
        else:
            job = cross_validations.start(project=project, order=order, folds=folds, by=person(request))
        return Response(JobOut(job).data, status=status.HTTP_201_CREATED)


class JobEstimateView(APIView):
    @extend_schema(operation_id="estimateJob", request=JobIn, responses=EstimateOut)
    def post(self, request: Request) -> Response:
        """How much a job would have to do and how long it may take; nothing is started."""
        given = JobIn(data=request.data)
        given.is_valid(raise_exception=True)
        _project(request, given)
        order = orders.order_from(user=person(request), asked=given.validated_data)
        return Response(EstimateOut(selectors.estimate(order=order)).data)


class JobView(APIView):
    @extend_schema(operation_id="getJob", responses=JobOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One job as it stands."""
        return Response(JobOut(_job(request, pk)).data)


class JobCancelView(APIView):
    @extend_schema(operation_id="cancelJob", request=None, responses=JobOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Cancel a waiting job at once; ask a running one to stop."""
        return Response(JobOut(services.cancel(job=_job(request, pk), by=person(request))).data)


class JobRetryView(APIView):
    @extend_schema(operation_id="retryJob", request=None, responses={201: JobOut})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Start a new job like this one, which failed or was cancelled; the answer is the new job."""
        job = services.retry(job=_job(request, pk), by=person(request))
        return Response(JobOut(job).data, status=status.HTTP_201_CREATED)


class JobProgressView(APIView):
    @extend_schema(operation_id="getJobProgress", parameters=[ProgressFilterIn], responses=ProgressOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Points told since `after`, and where the job stands."""
        asked = ProgressFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        news = selectors.progress(job=_job(request, pk), after=asked.validated_data["after"])
        return Response(ProgressOut(news).data)


class JobPicturesView(GenericAPIView[JobPicture]):
    serializer_class = PictureOut
    queryset = JobPicture.objects.none()

    @extend_schema(operation_id="listJobPictures", responses=PictureOut(many=True))
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The pictures drawn so far, oldest step first."""
        found = selectors.list_pictures(job=_job(request, pk))
        return self.get_paginated_response(PictureOut(self.paginate_queryset(found), many=True).data)


class JobPictureView(APIView):
    @extend_schema(operation_id="getJobPicture", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: uuid.UUID, name: str) -> HttpResponse:
        """The bytes of one picture."""
        content = selectors.read_picture(job=_job(request, pk), name=name)
        return HttpResponse(
            content, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
        )


class JobLogView(APIView):
    @extend_schema(operation_id="getJobLog", responses=LogOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The end of the engine's log, at most ten seconds old while it runs."""
        return Response({"text": selectors.read_log(job=_job(request, pk))})


def _job(request: Request, pk: uuid.UUID) -> Job:
    return selectors.get_job(user=person(request), job_id=pk)


def _project(request: Request, given: JobIn) -> Project:
    return access.find(Project.objects.all(), user=person(request), pk=given.validated_data["project"])
