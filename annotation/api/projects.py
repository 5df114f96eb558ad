"""Projects and classes over HTTP."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, changed, find, parsed, person
from annotation.api.schema_forms import LabelClassChange, LabelClassIn, LabelClassOut
from annotation.api.schemas import optional
from annotation.models import LabelClass, Project
from annotation.policies.access import NothingHere, higher
from annotation.selectors import projects as reading
from annotation.services import projects
from backend.accounts.models import Role, Team
from backend.accounts.policies import teams_of


class ProjectOut(serializers.ModelSerializer[Project]):
    """A project; `role` is what the asker may do in it."""

    team_name = serializers.CharField(source="team.name")
    role = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=Role.choices))
    def get_role(self, project: Project) -> str:
        return str(higher(project.team_role, project.given_role))  # type: ignore[attr-defined]

    class Meta:
        model = Project
        fields = ["id", "team", "team_name", "name", "description", "role", "created_at"]


class ProjectIn(serializers.Serializer[Project]):
    team = serializers.UUIDField()
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, default="")


class ProjectChange(serializers.Serializer[Project]):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True)


class ProjectFilter(serializers.Serializer[Project]):
    team = serializers.UUIDField(required=False)


class ProjectsView(ListDoor[Project]):
    queryset = Project.objects.none()
    serializer_class = ProjectOut

    @extend_schema(operation_id="listProjects", parameters=[ProjectFilter], responses=ProjectOut(many=True))
    def get(self, request: Request) -> Response:
        rows = reading.list_projects(user=person(request)).filter(**asked(ProjectFilter, request))
        return self.page(rows, ProjectOut)

    @extend_schema(operation_id="createProject", request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        given = parsed(ProjectIn, request)
        project = projects.create(team=_team(request, given.pop("team")), by=person(request), **given)
        return Response(_project(request, project.pk), status=201)


class ProjectView(APIView):
    @extend_schema(operation_id="getProject", responses=ProjectOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_project(request, pk))

    @extend_schema(operation_id="updateProject", request=ProjectChange, responses=ProjectOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        projects.change(project=project, by=person(request), **changed(ProjectChange, request))
        return Response(_project(request, pk))

    @extend_schema(operation_id="deleteProject", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        projects.delete(project=find(Project.objects.all(), request, pk), by=person(request))
        return Response(status=204)


class ClassesView(ListDoor[LabelClass]):
    queryset = LabelClass.objects.none()
    serializer_class = LabelClassOut

    @extend_schema(operation_id="listClasses", responses=LabelClassOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(
            reading.list_classes(project=find(Project.objects.all(), request, pk)), LabelClassOut
        )

    @extend_schema(operation_id="createClass", request=LabelClassIn, responses={201: LabelClassOut})
    def post(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        given = _with_parent(request, parsed(LabelClassIn, request))
        made = projects.add_class(project=project, by=person(request), **given)
        return Response(LabelClassOut(made).data, status=201)


class ClassView(APIView):
    @extend_schema(operation_id="updateClass", request=LabelClassChange, responses=LabelClassOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        row = find(LabelClass.objects.select_related("project__team"), request, pk)
        given = _with_parent(request, changed(LabelClassChange, request))
        kept = projects.change_class(label_class=row, by=person(request), **given)
        return Response(LabelClassOut(kept).data)

    @extend_schema(operation_id="deleteClass", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        row = find(LabelClass.objects.select_related("project__team"), request, pk)
        projects.delete_class(label_class=row, by=person(request))
        return Response(status=204)


def _with_parent(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    if "parent" not in given:
        return given
    return {**given, "parent": optional(LabelClass.objects.all(), request, given["parent"])}


def _team(request: Request, pk: UUID) -> Team:
    team = teams_of(person(request)).filter(pk=pk).first()
    if team is None:
        raise NothingHere("There is no such team.")
    return team


def _project(request: Request, pk: UUID) -> dict[str, Any]:
    row = reading.list_projects(user=person(request)).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return ProjectOut(row).data


urlpatterns = [
    path("projects/", ProjectsView.as_view(), name="projects"),
    path("projects/<uuid:pk>/", ProjectView.as_view(), name="project"),
    path("projects/<uuid:pk>/classes/", ClassesView.as_view(), name="classes"),
    path("classes/<uuid:pk>/", ClassView.as_view(), name="class"),
]
