"""Every address of annotation: Dan sees nothing, a viewer reads, an annotator labels, others sign in."""

import uuid
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotation.api.urls import urlpatterns
from annotation.models import Branch, Export, Note, Task, Upload, UploadFile
from annotation.services import exports, reviews, tasks, uploads
from annotation.services.reviews import Pin
from annotation.services.uploads import Announced
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, make_branch, make_class, new_cell

Client = Callable[[User | None], APIClient]
API = "/api/v1/"


@pytest.fixture
def ids(team: Team, ben: User, mia: User, cleo: User) -> dict[str, str]:
    """One of each subject, by the names used below."""
    branch: Branch = make_branch(team)
    image, dataset = branch.image, branch.image.dataset
    commit(branch, ben, new_cell(1, 10, 10))
    task: Task = tasks.create(project=dataset.project, image=image, assignee=ben, by=mia)
    tasks.submit(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="RETURNED", notes=[Pin(t=0, z=0, text="here")])
    upload: Upload = uploads.announce(dataset=dataset, files=[Announced("a.tif", 10)], by=mia)
    export: Export = exports.ask(dataset=dataset, format="COCO", which="HEAD", by=mia)
    rows = {
        "project": dataset.project, "class": make_class(dataset.project), "dataset": dataset, "image": image,
        "branch": branch, "task": task, "note": Note.objects.get(), "upload": upload,
        "file": UploadFile.objects.get(), "export": export, "person": ben,
    }  # fmt: skip
    return {"cell": "1", **{name: str(row.pk) for name, row in rows.items()}}


READS = [
    "projects/{project}/", "projects/{project}/classes/", "datasets/{dataset}/",
    "datasets/{dataset}/uploads/", "uploads/{upload}/", "images/{image}/", "images/{image}/branches/",
    "branches/{branch}/",
    "branches/{branch}/labels/?t=0&z=0", "branches/{branch}/cells/", "branches/{branch}/revisions/",
    "branches/{branch}/edits/", "branches/{branch}/tracks/", "branches/{branch}/tracks/{cell}/",
    "branches/{branch}/alerts/", "branches/{branch}/repairs/",
    "branches/{branch}/links/", "branches/{branch}/human-links/",
    "tasks/{task}/", "tasks/{task}/reviews/", "tasks/{task}/notes/",
    "tasks/{task}/changes/", "datasets/{dataset}/exports/", "exports/{export}/",
]  # fmt: skip
BYTES = [
    "images/{image}/thumbnail/", "images/{image}/zarr/zarr.json", "exports/{export}/download/",
    "branches/{branch}/measures/", "branches/{branch}/measures-table/",
]  # fmt: skip
LISTS = ["projects/", "datasets/", "images/", "tasks/"]
RUNS = {"id": str(uuid.uuid4()), "tool": "brush", "pixels": [], "cells": []}
WRITES = [
    ("patch", "projects/{project}/", {"name": "x"}),
    ("delete", "projects/{project}/", None),
    ("post", "projects/{project}/classes/", {"name": "x", "color": "#112233"}),
    ("patch", "classes/{class}/", {"name": "x"}),
    ("delete", "classes/{class}/", None),
    ("post", "datasets/", {"project": "{project}", "name": "x"}),
    ("patch", "datasets/{dataset}/", {"name": "x"}),
    ("delete", "datasets/{dataset}/", None),
    ("post", "datasets/{dataset}/uploads/", {"files": [{"path": "a.tif", "size": 1}]}),
    ("put", "uploads/{upload}/files/{file}/chunks/0/", None),
    ("post", "uploads/{upload}/finish/", None),
    ("patch", "images/{image}/", {"name": "x"}),
    ("delete", "images/{image}/", None),
    ("post", "branches/{branch}/cell-ids/", {"count": 1}),
    ("post", "branches/{branch}/revisions/", {"batch_id": str(uuid.uuid4()), "base": 1, "edits": [RUNS]}),
    ("post", "branches/{branch}/restore/", {"number": 1}),
    ("post", "branches/{branch}/accept/", {"number": 1}),
    ("post", "tasks/", {"image": "{image}"}),
    ("post", "tasks/next/", {"project": "{project}"}),
    ("post", "tasks/{task}/submit/", None),
    ("post", "tasks/{task}/release/", None),
    ("post", "tasks/{task}/cancel/", None),
    ("post", "tasks/{task}/assign/", {"assignee": "{person}"}),
    ("post", "tasks/{task}/reviews/", {"verdict": "ACCEPTED"}),
    ("patch", "notes/{note}/", {"resolved": True}),
    ("post", "datasets/{dataset}/exports/", {"format": "COCO"}),
]
NAMES = [f"{method} {path}" for method, path, _ in WRITES]


def call(client: APIClient, method: str, path: str, body: object, ids: dict[str, str]) -> int:
    """Send a request whose places are filled in; answers the status."""
    given = body.items() if isinstance(body, dict) else ()
    filled = {name: value.format(**ids) if isinstance(value, str) else value for name, value in given}
    if method == "put":
        return int(
            client.put(API + path.format(**ids), b"x", content_type="application/octet-stream").status_code
        )
    return int(getattr(client, method)(API + path.format(**ids), filled, format="json").status_code)


# ---------------------------------------------------------------- Dan, the stranger


@pytest.mark.parametrize("path", READS + BYTES)
def test_dan_finds_nothing(path: str, ids: dict[str, str], client_of: Client, dan: User) -> None:
    assert call(client_of(dan), "get", path, None, ids) == 404


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=NAMES)
def test_dan_can_do_nothing(
    method: str, path: str, body: object, ids: dict[str, str], client_of: Client, dan: User
) -> None:
    assert call(client_of(dan), method, path, body, ids) == 404


@pytest.mark.parametrize("path", LISTS)
def test_dans_lists_are_empty(path: str, ids: dict[str, str], client_of: Client, dan: User) -> None:
    assert client_of(dan).get(API + path).json()["count"] == 0


@pytest.mark.parametrize(
    "path", ["images/?project={project}", "tasks/?project={project}", "datasets/?project={project}"]
)
def test_dan_learns_nothing_from_filters(
    path: str, ids: dict[str, str], client_of: Client, dan: User
) -> None:
    assert client_of(dan).get(API + path.format(**ids)).json()["count"] == 0


def test_dan_cannot_make_a_project_in_anas_team(team: Team, client_of: Client, dan: User) -> None:
    assert client_of(dan).post(API + "projects/", {"team": str(team.pk), "name": "x"}).status_code == 404


def test_a_task_is_not_given_to_dan(ids: dict[str, str], client_of: Client, mia: User, dan: User) -> None:
    path = f"{API}tasks/{ids['task']}/assign/"
    assert client_of(mia).post(path, {"assignee": str(dan.pk)}).status_code == 404


# ---------------------------------------------------------------- nobody


@pytest.mark.parametrize("path", READS + BYTES + LISTS)
def test_without_sign_in_nothing_is_read(path: str, ids: dict[str, str], client_of: Client) -> None:
    assert call(client_of(None), "get", path, None, ids) == 401


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=NAMES)
def test_without_sign_in_nothing_is_done(
    method: str, path: str, body: object, ids: dict[str, str], client_of: Client
) -> None:
    assert call(client_of(None), method, path, body, ids) == 401


# ---------------------------------------------------------------- Vic, who only looks, and Ben, who labels


@pytest.mark.parametrize("path", READS + LISTS)
def test_a_viewer_reads_everything(path: str, ids: dict[str, str], client_of: Client, vic: User) -> None:
    assert call(client_of(vic), "get", path, None, ids) == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=NAMES)
def test_a_viewer_changes_nothing(
    method: str, path: str, body: object, ids: dict[str, str], client_of: Client, vic: User
) -> None:
    assert call(client_of(vic), method, path, body, ids) == 403


BENS = {"cell-ids", "revisions", "restore", "next", "submit", "release", "notes"}


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=NAMES)
def test_an_annotator_labels_and_nothing_else(
    method: str, path: str, body: object, ids: dict[str, str], client_of: Client, ben: User
) -> None:
    labels = path.strip("/").split("/")[-1] in BENS or path.startswith("notes/")
    assert (call(client_of(ben), method, path, body, ids) != 403) == labels


# ---------------------------------------------------------------- no address is invented


def test_every_address_asked_here_is_there() -> None:
    """That none is forgotten, `tests/house/test_roles.py` sees to: it asks the whole document."""
    asked = {shape(path) for path in [*READS, *BYTES, *LISTS, *(w[1] for w in WRITES)]}
    assert asked <= {shape(str(pattern.pattern)) for pattern in urlpatterns}


def shape(path: str) -> str:
    """`tasks/<uuid:pk>/` and `tasks/{task}/` alike as `tasks/*/`."""
    parts = path.split("?")[0].split("/")
    return "/".join("*" if part[:1] in ("<", "{") or part in ("0", "zarr.json") else part for part in parts)
