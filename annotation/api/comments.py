"""Comments over HTTP: of an image, of a project, and one of them."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, changed, find, parsed, person
from annotation.api.images import find_image
from annotation.api.label_forms import MAX_NUMBER
from annotation.api.people import AuthorOut
from annotation.core.edits import MAX_CELL
from annotation.models import Branch, Comment, Place, Project
from annotation.selectors import comments as reading
from annotation.selectors import places
from annotation.services import comments
from annotation.services.comments import At


class SaidOut(serializers.ModelSerializer[Comment]):
    """Something said in a conversation."""

    author = AuthorOut(allow_null=True)
    mentioned = AuthorOut(many=True)

    class Meta:
        model = Comment
        fields = ["id", "author", "text", "mentioned", "created_at", "changed_at"]


class CommentOut(SaidOut):
    """A conversation about a place; `address` within the pages opens exactly that view."""

    answers = SaidOut(many=True)
    resolved_by = AuthorOut(allow_null=True)
    image_name = serializers.CharField(source="image.name")
    address = serializers.SerializerMethodField()

    class Meta(SaidOut.Meta):
        fields = [
            *SaidOut.Meta.fields, "image", "image_name", "branch", "place", "t", "z", "y", "x", "cell",
            "zoom", "resolved_at", "resolved_by", "answers", "address",
        ]  # fmt: skip

    def get_address(self, comment: Comment) -> str:
        return places.of_comment(comment)


class CommentIn(serializers.Serializer[Comment]):
    """A remark at a place, or, with `thread`, an answer. `@Name` calls people of the project."""

    text = serializers.CharField(max_length=10_000)
    thread = serializers.UUIDField(required=False)
    branch = serializers.UUIDField(required=False, allow_null=True, default=None)
    place = serializers.ChoiceField(choices=Place.choices, default=Place.IMAGE)
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, allow_null=True, default=None)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, allow_null=True, default=None)
    y = serializers.FloatField(allow_null=True, default=None)
    x = serializers.FloatField(allow_null=True, default=None)
    cell = serializers.IntegerField(min_value=1, max_value=MAX_CELL, allow_null=True, default=None)
    zoom = serializers.FloatField(allow_null=True, default=None, min_value=0)


class CommentChange(serializers.Serializer[Comment]):
    text = serializers.CharField(max_length=10_000)
    resolved = serializers.BooleanField()


class CommentFilter(serializers.Serializer[Comment]):
    open = serializers.BooleanField(required=False, allow_null=True, default=None)
    for_me = serializers.BooleanField(default=False, help_text="Where I am named or have said something.")


class ImageCommentsView(ListDoor[Comment]):
    queryset = Comment.objects.none()
    serializer_class = CommentOut

    @extend_schema(operation_id="listComments", parameters=[CommentFilter], responses=CommentOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        image = find_image(request, pk)
        rows = reading.list_threads(user=person(request), image=image.pk, **asked(CommentFilter, request))
        return self.page(rows, CommentOut)

    @extend_schema(operation_id="writeComment", request=CommentIn, responses={201: CommentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        image, given = find_image(request, pk), parsed(CommentIn, request)
        thread, branch = given.pop("thread", None), given.pop("branch")
        text, by = given.pop("text"), person(request)
        if thread is not None:
            root = find(Comment.objects.filter(image=image), request, thread)
            comments.answer(thread=root, text=text, by=by)
            return Response(_comment(request, root.pk), status=201)
        on = find(Branch.objects.all(), request, branch) if branch else None
        made = comments.write(image=image, text=text, at=At(**given), branch=on, by=by)
        return Response(_comment(request, made.pk), status=201)


class ProjectCommentsView(ListDoor[Comment]):
    queryset = Comment.objects.none()
    serializer_class = CommentOut

    @extend_schema(
        operation_id="listProjectComments", parameters=[CommentFilter], responses=CommentOut(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        rows = reading.list_threads(user=person(request), project=project.pk, **asked(CommentFilter, request))
        return self.page(rows, CommentOut)


class CommentView(APIView):
    @extend_schema(operation_id="getComment", responses=CommentOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_comment(request, pk))

    @extend_schema(operation_id="changeComment", request=CommentChange, responses=CommentOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        comment, given = _find(request, pk), changed(CommentChange, request)
        if "text" in given:
            comments.change(comment=comment, text=given["text"], by=person(request))
        if "resolved" in given:
            comments.resolve(comment=comment, resolved=given["resolved"], by=person(request))
        return Response(_comment(request, comment.thread_id or comment.pk))

    @extend_schema(operation_id="deleteComment", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        comments.delete(comment=_find(request, pk), by=person(request))
        return Response(status=204)


def _find(request: Request, pk: UUID) -> Comment:
    return find(Comment.objects.select_related("image__dataset__project__team", "thread"), request, pk)


def _comment(request: Request, pk: UUID) -> dict[str, Any]:
    found = _find(request, pk)
    rows = reading.list_threads(user=person(request), image=found.image_id)
    return CommentOut(rows.get(pk=found.thread_id or found.pk)).data


urlpatterns = [
    path("images/<uuid:pk>/comments/", ImageCommentsView.as_view(), name="image-comments"),
    path("projects/<uuid:pk>/comments/", ProjectCommentsView.as_view(), name="project-comments"),
    path("comments/<uuid:pk>/", CommentView.as_view(), name="comment"),
]
