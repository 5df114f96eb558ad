"""Tasks over HTTP: lists, the queue, moves, reviews, notes, changes."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, find, parsed, person
from annotation.api.images import find_image
from annotation.api.task_forms import (
    AssignIn,
    ChangeOut,
    NextIn,
    NoteChange,
    NoteOut,
    PeekFilter,
    ReviewIn,
    ReviewOut,
    ShareOutIn,
    TaskFilter,
    TaskIn,
    TaskOut,
)
from annotation.models import Branch, Note, Project, Review, Task
from annotation.policies.access import NothingHere
from annotation.selectors import changes
from annotation.selectors import tasks as reading
from annotation.services import reviews, sharing, tasks
from annotation.services.reviews import Fix, Pin
from annotation.services.sharing import ShareRule
from backend.accounts.models import User


class TasksView(ListDoor[Task]):
    queryset = Task.objects.none()
    serializer_class = TaskOut

    @extend_schema(operation_id="listTasks", parameters=[TaskFilter], responses=TaskOut(many=True))
    def get(self, request: Request) -> Response:
        return self.page(reading.list_tasks(user=person(request), **asked(TaskFilter, request)), TaskOut)

    @extend_schema(operation_id="createTask", request=TaskIn, responses={201: TaskOut})
    def post(self, request: Request) -> Response:
        given = parsed(TaskIn, request)
        image = find_image(request, given.pop("image"))
        branch, assignee = given.pop("branch", None), given.pop("assignee", None)
        task = tasks.create(
            project=image.dataset.project,
            image=image,
            branch=find(Branch.objects.all(), request, branch) if branch else None,
            assignee=_colleague(image.dataset.project, assignee) if assignee else None,
            by=person(request),
            **given,
        )
        return Response(_task(request, task.pk), status=201)


class TaskView(APIView):
    @extend_schema(operation_id="getTask", responses=TaskOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_task(request, pk))


class NextTaskView(APIView):
    @extend_schema(operation_id="takeNextTask", request=NextIn, responses={200: TaskOut, 204: None})
    def post(self, request: Request) -> Response:
        given = parsed(NextIn, request)
        project = find(Project.objects.select_related("team"), request, given.pop("project"))
        task = tasks.take_next(project=project, by=person(request), **given)
        return Response(status=204) if task is None else Response(_task(request, task.pk))


class PeekTaskView(APIView):
    @extend_schema(operation_id="peekNextTask", parameters=[PeekFilter], responses={200: TaskOut, 204: None})
    def get(self, request: Request) -> Response:
        given = asked(PeekFilter, request)
        project = find(Project.objects.select_related("team"), request, given.pop("project"))
        task = reading.peek_next(user=person(request), project=project, **given)
        return Response(status=204) if task is None else Response(_task(request, task.pk))


class SubmitView(APIView):
    @extend_schema(operation_id="submitTask", request=None, responses=TaskOut)
    def post(self, request: Request, pk: UUID) -> Response:
        reviews.hand_in(task=_find(request, pk), by=person(request))
        return Response(_task(request, pk))


class ReleaseView(APIView):
    @extend_schema(operation_id="releaseTask", request=None, responses=TaskOut)
    def post(self, request: Request, pk: UUID) -> Response:
        tasks.release(task=_find(request, pk), by=person(request))
        return Response(_task(request, pk))


class CancelView(APIView):
    @extend_schema(operation_id="cancelTask", request=None, responses=TaskOut)
    def post(self, request: Request, pk: UUID) -> Response:
        tasks.cancel(task=_find(request, pk), by=person(request))
        return Response(_task(request, pk))


class AssignView(APIView):
    @extend_schema(operation_id="assignTask", request=AssignIn, responses=TaskOut)
    def post(self, request: Request, pk: UUID) -> Response:
        task = _find(request, pk)
        assignee = _colleague(task.project, parsed(AssignIn, request)["assignee"])
        tasks.assign(task=task, assignee=assignee, by=person(request))
        return Response(_task(request, pk))


class ShareOutView(APIView):
    @extend_schema(operation_id="shareOutTasks", request=ShareOutIn, responses=TaskOut(many=True))
    def post(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        given = parsed(ShareOutIn, request)
        chosen = {row["about"]: row["person"] for row in given["chosen"]}
        dealt = sharing.share_out(
            project=project, task_ids=given["tasks"], rule=ShareRule(given["rule"]), people=given["people"],
            chosen=chosen, by=person(request),
        )  # fmt: skip
        rows = reading.list_tasks(user=person(request)).filter(pk__in=[task.pk for task in dealt])
        return Response(TaskOut(rows, many=True).data)


class ReviewsView(ListDoor[Review]):
    queryset = Review.objects.none()
    serializer_class = ReviewOut

    @extend_schema(operation_id="listReviews", responses=ReviewOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_reviews(task=_find(request, pk)), ReviewOut)

    @extend_schema(operation_id="createReview", request=ReviewIn, responses={201: ReviewOut})
    def post(self, request: Request, pk: UUID) -> Response:
        task, given = _find(request, pk), parsed(ReviewIn, request)
        pins = [Pin(**note) for note in given.pop("notes")]
        fix = Fix(**given.pop("fix")) if "fix" in given else None
        review = reviews.decide(task=task, by=person(request), notes=pins, fix=fix, **given)
        return Response(ReviewOut(review).data, status=201)


class NotesView(ListDoor[Note]):
    queryset = Note.objects.none()
    serializer_class = NoteOut

    @extend_schema(operation_id="listNotes", responses=NoteOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_notes(task=_find(request, pk)), NoteOut)


class NoteView(APIView):
    @extend_schema(operation_id="resolveNote", request=NoteChange, responses=NoteOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        note = find(Note.objects.all(), request, pk)
        return Response(
            NoteOut(reviews.resolve(note=note, by=person(request), **parsed(NoteChange, request))).data
        )


class ChangesView(ListDoor[Any]):
    serializer_class = ChangeOut

    @extend_schema(operation_id="listTaskChanges", responses=ChangeOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(changes.of_task(task=_find(request, pk)), ChangeOut)


def _find(request: Request, pk: UUID) -> Task:
    return find(
        Task.objects.select_related("branch__image", "base_revision", "submitted_revision"), request, pk
    )


def _task(request: Request, pk: UUID) -> dict[str, Any]:
    row = reading.list_tasks(user=person(request)).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return TaskOut(row).data


def _colleague(project: Project, pk: UUID) -> User:
    """Somebody of the project's team; strangers are not found."""
    found = User.objects.filter(memberships__team=project.team_id, pk=pk).first()
    if found is None:
        raise NothingHere("There is no such person in this project.")
    return found


urlpatterns = [
    path("tasks/", TasksView.as_view(), name="tasks"),
    path("tasks/next/", NextTaskView.as_view(), name="next-task"),
    path("tasks/next/peek/", PeekTaskView.as_view(), name="peek-next-task"),
    path("tasks/<uuid:pk>/", TaskView.as_view(), name="task"),
    path("tasks/<uuid:pk>/submit/", SubmitView.as_view(), name="submit-task"),
    path("tasks/<uuid:pk>/release/", ReleaseView.as_view(), name="release-task"),
    path("tasks/<uuid:pk>/assign/", AssignView.as_view(), name="assign-task"),
    path("tasks/<uuid:pk>/cancel/", CancelView.as_view(), name="cancel-task"),
    path("tasks/<uuid:pk>/reviews/", ReviewsView.as_view(), name="reviews"),
    path("tasks/<uuid:pk>/notes/", NotesView.as_view(), name="notes"),
    path("tasks/<uuid:pk>/changes/", ChangesView.as_view(), name="task-changes"),
    path("projects/<uuid:pk>/share-out/", ShareOutView.as_view(), name="share-out"),
    path("notes/<uuid:pk>/", NoteView.as_view(), name="note"),
]
