"""Training over HTTP: every address with the whole cast."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern

from backend.accounts.models import User
from tests.api.training_bench import Bench, ClientOf, call, rule, training
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from training.api.urls import urlpatterns
from training.models import Snapshot


def reads(bench: Bench) -> Iterator[str]:
    """Every address that shows one thing."""
    yield f"snapshots/{bench.snapshot.pk}/"
    for tail in ("", "progress/", "pictures/", "pictures/a.png/", "log/"):
        yield f"jobs/{bench.job.pk}/{tail}"
    yield f"trained-models/{bench.model.pk}/"
    yield f"trained-models/{bench.model.pk}/download/"


def lists(bench: Bench) -> Iterator[str]:
    """Every address that lists."""
    for name in ("snapshots", "jobs", "trained-models"):
        yield from (f"{name}/", f"{name}/?project={bench.project}")
    yield from (
        "predictions/",
        f"predictions/?trained_model={bench.model.pk}",
        f"predictions/?job={bench.job.pk}",
        f"predictions/?project={bench.project}",
    )


def writes(bench: Bench) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address that changes something."""
    yield "post", "snapshots/", rule(bench, name="second")
    yield "post", "jobs/", training(bench)
    yield "post", f"jobs/{bench.job.pk}/cancel/", {}
    yield "post", f"jobs/{bench.job.pk}/retry/", {}
    yield "patch", f"trained-models/{bench.model.pk}/", {"name": "mine"}
    yield "delete", f"trained-models/{bench.model.pk}/", {}


def asks(bench: Bench) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses that compute and change nothing."""
    yield "snapshots/preview/", rule(bench)
    yield "jobs/estimate/", training(bench)


# ---------------------------------------------------------------- who may what


def test_dan_the_stranger_finds_nothing_anywhere(
    bench: Bench, client_of: ClientOf, dan: User, outbox: Outbox
) -> None:
    client = client_of(dan)
    for path in lists(bench):
        assert call(client, "get", path).json()["results"] == [], path
    for path in reads(bench):
        assert call(client, "get", path).status_code == 404, path
    for path, body in asks(bench):
        assert call(client, "post", path, body).status_code == 404, path
    for method, path, body in writes(bench):
        assert call(client, method, path, body).status_code == 404, path
    assert not outbox.letters
    assert Snapshot.objects.count() == 1


def test_dan_cannot_use_others_things_in_a_project_of_his_own(
    bench: Bench, client_of: ClientOf, cast: Cast
) -> None:
    own = make.dataset(make.project(cast.dans_team))
    make.labelled_images(own, 1)
    his = make.snapshot(own, by=cast.dan)
    client, project = client_of(cast.dan), str(own.project_id)
    for body, status in (
        (training(bench, project=project), 404),
        (training(bench, project=project, snapshot=str(his.pk), init_from=str(bench.model.pk)), 404),
        ({"project": project, "kind": "PREDICT", "trained_model": str(bench.model.pk)}, 404),
        (training(bench, project=project, snapshot=str(his.pk), image_ids=[str(bench.image.pk)]), 404),
        (training(bench, project=project, snapshot=str(his.pk), dataset=str(bench.image.dataset_id)), 404),
    ):
        assert call(client, "post", "jobs/", body).status_code == status
    assert call(client, "post", "snapshots/preview/", rule(bench, project=project)).status_code == 400


def test_nobody_enters_without_signing_in(bench: Bench, client_of: ClientOf) -> None:
    client = client_of(None)
    for path in (*lists(bench), *reads(bench), "recipes/"):
        assert call(client, "get", path).status_code == 401, path
    for method, path, body in writes(bench):
        assert call(client, method, path, body).status_code == 401, path


def test_every_member_reads(bench: Bench, client_of: ClientOf, cast: Cast) -> None:
    for member in (cast.ana, cast.mia, cast.cleo, cast.ben, cast.vic):
        client = client_of(member)
        for path in reads(bench):
            answer = call(client, "get", path)
            assert answer.status_code == 200, path
            assert b"".join(answer)
        for path in lists(bench):
            assert call(client, "get", path).json()["count"] >= 1, path
        for path, body in asks(bench):
            assert call(client, "post", path, body).status_code == 200, path


def test_members_below_manager_change_nothing(
    bench: Bench, client_of: ClientOf, cast: Cast, outbox: Outbox
) -> None:
    for member in (cast.cleo, cast.ben, cast.vic):
        for method, path, body in writes(bench):
            answer = call(client_of(member), method, path, body)
            assert answer.status_code == 403, path
            assert answer.json()["code"] == "role_too_low"
    assert not outbox.letters


# Click-to-segment, predicted images, evaluations and promotions have tests of their own.
ASKED_ELSEWHERE = {
    "atlases/",
    "atlases/<uuid:pk>/",
    "atlases/<uuid:pk>/classes/",
    "atlases/<uuid:pk>/crops/",
    "atlases/<uuid:pk>/labellings/",
    "atlases/<uuid:pk>/likeness/<int:number>/",
    "atlases/<uuid:pk>/review/",
    "atlases/<uuid:pk>/attributes/<uuid:attribute>/",
    "atlases/<uuid:pk>/labellings/<uuid:labelling>/undo/",
    "atlases/<uuid:pk>/neighbours/<int:number>/",
    "atlases/<uuid:pk>/points/",
    "comparisons/",
    "comparisons/<uuid:pk>/",
    "searches/",
    "searches/<uuid:pk>/",
    "searches/<uuid:pk>/stop/",
    "evaluations/",
    "evaluations/<uuid:pk>/",
    "evaluations/<uuid:pk>/faults/",
    "promotions/",
    "promotion-rules/",
    "proposal-rules/",
    "upload-proposals/",
    "evaluations/<uuid:pk>/error-map/",
    "trained-models/<uuid:pk>/starter-picture/",
    "trained-models/<uuid:pk>/cells/",
    "trained-models/<uuid:pk>/explanation/",
    "trained-models/<uuid:pk>/cell-crop/",
    "trained-models/<uuid:pk>/gate/",
    "predicted-images/",
    "images/<uuid:pk>/embedding/",
    "images/<uuid:pk>/prompts/",
    "trained-models/<uuid:pk>/leaving/",
    "trained-models/<uuid:pk>/leaving/<str:form>/",
    "models/<uuid:pk>/predict",
    "prompt-models/current/",
    "prompt-models/<str:digest>/<str:name>",
}


def test_no_address_is_forgotten(bench: Bench) -> None:
    pk = f"{bench.job.pk}", f"{bench.model.pk}", f"{bench.snapshot.pk}"
    asked = {*reads(bench), *lists(bench)} | {path for _, path, _ in writes(bench)}
    asked |= {path for path, _ in asks(bench)} | {"recipes/"}
    for known in pk:
        asked = {path.replace(known, "<uuid:pk>") for path in asked}
    asked = {path.replace("a.png", "<str:name>").partition("?")[0] for path in asked}
    assert {str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)} == (
        asked | ASKED_ELSEWHERE
    )


def test_what_is_not_there_is_not_found(bench: Bench, client_of: ClientOf, ana: User) -> None:
    for known in (bench.snapshot.pk, bench.job.pk, bench.model.pk):
        for path in reads(bench):
            if str(known) in path:
                missing = path.replace(str(known), str(uuid.uuid4()))
                assert call(client_of(ana), "get", missing).status_code == 404
