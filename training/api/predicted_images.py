"""Predicted images over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from training.api import lists
from training.models import PredictedImage
from training.selectors import predicted_images as selectors


class PredictedImageFilterIn(serializers.Serializer[Any]):
    """Which predicted images to list; `image` is the source or what was made of it."""

    trained_model = serializers.UUIDField(required=False)
    job = serializers.UUIDField(required=False)
    image = serializers.UUIDField(required=False)


class PredictedChannelOut(serializers.Serializer[Any]):
    """A channel that was predicted."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["prediction", "uncertainty"])


class PredictedImageOut(serializers.ModelSerializer[PredictedImage]):
    """Where a predicted image comes from; `warning` says why not to trust it, `uncertainty` is 1 where it is
    as usual."""

    source_name = serializers.CharField(source="source.name")
    made_name = serializers.CharField(source="made.name")
    dataset = serializers.UUIDField(source="made.dataset_id")
    trained_model_name = serializers.CharField(source="trained_model.__str__")
    channels = PredictedChannelOut(many=True)

    class Meta:
        model = PredictedImage
        fields = (
            "id", "job", "trained_model", "trained_model_name", "source", "source_name", "made", "made_name",
            "dataset", "channels", "novelty", "uncertainty", "warning", "created_at",
        )  # fmt: skip


class PredictedImagesView(GenericAPIView[PredictedImage]):
    serializer_class = PredictedImageOut
    queryset = PredictedImage.objects.none()

    @extend_schema(
        operation_id="listPredictedImages",
        parameters=[PredictedImageFilterIn],
        responses=PredictedImageOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """Images made by trained models, and what they were made of, newest first."""
        return lists.answer(
            self,
            request,
            asked=PredictedImageFilterIn,
            found=selectors.list_predicted_images,
            told=PredictedImageOut,
        )
