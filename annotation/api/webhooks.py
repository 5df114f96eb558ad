"""Webhooks of a project over HTTP, and the log of what they were told. Managers and above."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, changed, find, parsed, person
from annotation.api.people import AuthorOut
from annotation.models import Delivery, Project, Webhook
from annotation.policies import access
from annotation.services import webhooks
from annotation.services.webhooks import Event
from backend.accounts.models import Role

EVENTS = [(event.value, event.value) for event in Event if event is not Event.TEST]


class WebhookOut(serializers.ModelSerializer[Webhook]):
    created_by = AuthorOut(allow_null=True)
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS))

    class Meta:
        model = Webhook
        fields = ["id", "project", "url", "events", "active", "created_by", "created_at"]


class NewWebhookOut(WebhookOut):
    """With the secret that signs its letters, this one time."""

    class Meta(WebhookOut.Meta):
        fields = [*WebhookOut.Meta.fields, "secret"]


class WebhookIn(serializers.Serializer[Webhook]):
    url = serializers.URLField(max_length=1000)
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS), min_length=1)


class WebhookChange(WebhookIn):
    active = serializers.BooleanField()


class DeliveryOut(serializers.ModelSerializer[Delivery]):
    """A letter: what it said, how often it was tried, what the receiver answered."""

    class Meta:
        model = Delivery
        fields = [
            "id", "webhook", "event", "body", "state", "attempts", "next_at", "status_code", "failure",
            "created_at", "done_at",
        ]  # fmt: skip


class WebhooksView(ListDoor[Webhook]):
    queryset = Webhook.objects.none()
    serializer_class = WebhookOut

    @extend_schema(operation_id="listWebhooks", responses=WebhookOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        access.require(person(request), project, Role.MANAGER)
        return self.page(project.webhooks.select_related("created_by"), WebhookOut)

    @extend_schema(operation_id="createWebhook", request=WebhookIn, responses={201: NewWebhookOut})
    def post(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        made = webhooks.create(project=project, by=person(request), **parsed(WebhookIn, request))
        return Response(NewWebhookOut(made).data, status=201)


class WebhookView(APIView):
    @extend_schema(operation_id="changeWebhook", request=WebhookChange, responses=WebhookOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        given = changed(WebhookChange, request)
        kept = webhooks.change(webhook=_find(request, pk), by=person(request), **given)
        return Response(WebhookOut(kept).data)

    @extend_schema(operation_id="deleteWebhook", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        webhooks.delete(webhook=_find(request, pk), by=person(request))
        return Response(status=204)


class TryView(APIView):
    @extend_schema(operation_id="tryWebhook", request=None, responses={202: DeliveryOut})
    def post(self, request: Request, pk: UUID) -> Response:
        made = webhooks.try_out(webhook=_find(request, pk), by=person(request))
        return Response(DeliveryOut(made).data, status=202)


class DeliveriesView(ListDoor[Any]):
    serializer_class = DeliveryOut

    @extend_schema(operation_id="listDeliveries", responses=DeliveryOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        webhook = _find(request, pk)
        access.require(person(request), webhook.project, Role.MANAGER)
        return self.page(Delivery.objects.visible_to(person(request)).filter(webhook=webhook), DeliveryOut)


class TryAgainView(APIView):
    @extend_schema(operation_id="tryDeliveryAgain", request=None, responses={202: DeliveryOut})
    def post(self, request: Request, pk: UUID) -> Response:
        delivery = find(Delivery.objects.select_related("webhook__project__team"), request, pk)
        again = webhooks.try_again(delivery=delivery, by=person(request))
        return Response(DeliveryOut(again).data, status=202)


def _find(request: Request, pk: UUID) -> Webhook:
    return find(Webhook.objects.select_related("project__team"), request, pk)


urlpatterns = [
    path("projects/<uuid:pk>/webhooks/", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:pk>/", WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:pk>/try/", TryView.as_view(), name="try-webhook"),
    path("webhooks/<uuid:pk>/deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<uuid:pk>/try/", TryAgainView.as_view(), name="try-delivery"),
]
