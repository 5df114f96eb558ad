"""One's own notifications over HTTP, and how they come by mail."""

from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, parsed, person
from annotation.api.people import AuthorOut
from annotation.models import MailChoice, MailRhythm, Notification
from annotation.selectors import comments as reading
from annotation.services import notifications


class NotificationOut(serializers.ModelSerializer[Notification]):
    """One sentence for me; `address` within the pages shows what it is about."""

    actor = AuthorOut(allow_null=True)
    project_name = serializers.CharField(source="project.name")

    class Meta:
        model = Notification
        fields = [
            "id",
            "kind",
            "text",
            "address",
            "project",
            "project_name",
            "actor",
            "created_at",
            "read_at",
        ]


class NotificationFilter(serializers.Serializer[Notification]):
    unread = serializers.BooleanField(required=False, allow_null=True, default=None)


class ReadIn(serializers.Serializer[Any]):
    """Which were read; all of them when left out."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)


class MailOut(serializers.ModelSerializer[MailChoice]):
    """How often what is unread comes by mail; `available`: does this server send mails at all?"""

    available = serializers.SerializerMethodField()

    class Meta:
        model = MailChoice
        fields = ["rhythm", "available"]

    def get_available(self, choice: MailChoice) -> bool:
        return bool(settings.CYTOLOOP_MAIL)


class MailIn(serializers.Serializer[MailChoice]):
    rhythm = serializers.ChoiceField(choices=MailRhythm.choices)


class NotificationsView(ListDoor[Notification]):
    queryset = Notification.objects.none()
    serializer_class = NotificationOut

    @extend_schema(
        operation_id="listNotifications",
        parameters=[NotificationFilter],
        responses=NotificationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = reading.list_notifications(user=person(request), **asked(NotificationFilter, request))
        return self.page(rows, NotificationOut)


class ReadView(APIView):
    @extend_schema(operation_id="readNotifications", request=ReadIn, responses={204: None})
    def post(self, request: Request) -> Response:
        notifications.mark_read(user=person(request), ids=parsed(ReadIn, request).get("ids"))
        return Response(status=204)


class MailView(APIView):
    @extend_schema(operation_id="getMailChoice", responses=MailOut)
    def get(self, request: Request) -> Response:
        return Response(MailOut(reading.mail_choice(user=person(request))).data)

    @extend_schema(operation_id="chooseMail", request=MailIn, responses=MailOut)
    def put(self, request: Request) -> Response:
        choice = notifications.choose_mail(user=person(request), **parsed(MailIn, request))
        return Response(MailOut(choice).data)


urlpatterns = [
    path("notifications/", NotificationsView.as_view(), name="notifications"),
    path("notifications/read/", ReadView.as_view(), name="read-notifications"),
    path("me/mail/", MailView.as_view(), name="mail-choice"),
]
