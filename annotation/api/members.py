"""The people of a project over HTTP: who may do what in it."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, find, parsed, person
from annotation.api.people import AuthorOut
from annotation.models import Project
from annotation.models.grants import ROLES_GIVEN
from annotation.policies import access
from annotation.selectors import projects as reading
from annotation.selectors.projects import Colleague
from annotation.services import members
from backend.accounts.models import Role

EVERY_ROLE = Role.choices


class ColleagueOut(serializers.Serializer[Colleague]):
    """Somebody of the project; `given_role` is what was given in it, `role` what both roles allow."""

    user = AuthorOut()
    team_role = serializers.ChoiceField(choices=EVERY_ROLE)
    given_role = serializers.ChoiceField(choices=EVERY_ROLE, allow_null=True)
    role = serializers.ChoiceField(choices=EVERY_ROLE, allow_null=True)


class ColleagueFilter(serializers.Serializer[Any]):
    everybody = serializers.BooleanField(
        default=False, help_text="Guests to whom the project is not opened too; managers may ask."
    )


class GivenRoleIn(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES_GIVEN)


class PeopleView(ListDoor[Any]):
    serializer_class = ColleagueOut

    @extend_schema(operation_id="listPeople", parameters=[ColleagueFilter], responses=ColleagueOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        if asked(ColleagueFilter, request)["everybody"]:
            access.require(person(request), project, Role.MANAGER)
            return self.page(reading.list_team(project=project), ColleagueOut)
        return self.page(reading.list_people(project=project), ColleagueOut)


class GivenRoleView(APIView):
    @extend_schema(operation_id="giveRole", request=GivenRoleIn, responses={204: None})
    def put(self, request: Request, pk: UUID, user: UUID) -> Response:
        role = Role(parsed(GivenRoleIn, request)["role"])
        members.give_role(project=_project(request, pk), person=user, role=role, by=person(request))
        return Response(status=204)

    @extend_schema(operation_id="takeRole", responses={204: None})
    def delete(self, request: Request, pk: UUID, user: UUID) -> Response:
        members.take_role(project=_project(request, pk), person=user, by=person(request))
        return Response(status=204)


def _project(request: Request, pk: UUID) -> Project:
    return find(Project.objects.select_related("team"), request, pk)


urlpatterns = [
    path("projects/<uuid:pk>/people/", PeopleView.as_view(), name="people"),
    path("projects/<uuid:pk>/people/<uuid:user>/", GivenRoleView.as_view(), name="given-role"),
]
