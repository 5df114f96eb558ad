"""Every address of the OpenAPI document, asked by Dan and by nobody; a new address is asked by itself."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from backend.accounts.models import User
from tests.cast import Cast
from tests.factories.house import SECRET, furnish

METHODS = ("get", "post", "put", "patch", "delete")
# Without an account one may see whether the server lives and what it offers, sign in, follow an invitation.
OPEN_TO_ALL = {"/api/v1/health/", "/api/v1/schema/", "/api/v1/session/", "/api/v1/invitations/{token}/"}
# Workers of a campaign have a link and a secret: tests/api/test_crowd.py asks these doors.
WORKERS_DOORS = "/api/v1/crowd/{token}/"
# What is the same for everyone, or one's own.
OWN_OR_PUBLIC = {
    *OPEN_TO_ALL,
    "/api/v1/me/",
    "/api/v1/me/password/",
    "/api/v1/recipes/",
    "/api/v1/prompt-models/current/",
}
PIECES = {
    "offset": "0",
    "path": "zarr.json",
    "name": "sample.png",
    "token": "invented",
    "digest": "0" * 64,
    "form": "onnx",
    "number": "0",
    "cell": "9",
    "labelling": str(User().pk),
}
# Of a model of a few bytes there is nothing to tell or to write, of one rating no difference to show.
NEEDS_MORE_THAN_A_ROW = (
    "/download/", "/{name}/", "/leaving/{form}/", "/cells/", "/starter-picture/", "/difference-picture/",
)  # fmt: skip


class Endpoint(NamedTuple):
    method: str
    path: str


def endpoints() -> list[Endpoint]:
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    paths: dict[str, dict[str, Any]] = document["paths"]
    return [Endpoint(method, path) for path, item in paths.items() for method in METHODS if method in item]


def fill(path: str, ids: dict[str, str]) -> str:
    """The address with the ids of Ana's things in it."""
    kind = path.split("/")[3]
    names = {**PIECES, "id": ids.get(kind, ""), "file": ids["file"], "team": ids["teams"]}
    names["attribute"] = ids.get("attributes", "")
    names["user"] = ids.get("person", ids["teams"])
    names |= {name: ids.get(f"crowd-{name}", ids["teams"]) for name in ("item", "worker")}
    if path.startswith("/api/v1/teams/{team}/invitations/"):
        names["id"] = ids["invitation"]
    return path.format_map(names)


ENDPOINTS = endpoints()
WITH_ID = [endpoint for endpoint in ENDPOINTS if "{id}" in endpoint.path]
LISTS = [e for e in ENDPOINTS if e.method == "get" and "{" not in e.path and e.path not in OWN_OR_PUBLIC]
CLOSED = [e for e in ENDPOINTS if e.path not in OPEN_TO_ALL and not e.path.startswith(WORKERS_DOORS)]


@pytest.fixture
def ids(cast: Cast, outbox: object) -> dict[str, str]:
    return dict(furnish(cast))


def body_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method.upper()} {endpoint.path}"


@pytest.mark.parametrize("endpoint", WITH_ID, ids=name_of)
def test_a_stranger_gets_nothing_by_an_id(
    endpoint: Endpoint, ids: dict[str, str], dan: User, client_of: Callable[[User | None], APIClient]
) -> None:
    address = fill(endpoint.path, ids)
    assert "//" not in address, f"tests/factories/house.py furnishes nothing for {endpoint.path}"
    answer = client_of(dan).generic(endpoint.method.upper(), address, "{}", content_type="application/json")
    # A body that makes no sense may be refused before anything is looked up; reading has no body.
    allowed = {403, 404} if endpoint.method in ("get", "delete") else {400, 403, 404, 415}
    assert answer.status_code in allowed, body_of(answer)
    assert SECRET.lower() not in body_of(answer).lower()


def test_ana_herself_is_answered(
    ids: dict[str, str], ana: User, client_of: Callable[[User | None], APIClient]
) -> None:
    """The same addresses do answer their owner: otherwise the test above could not fail."""
    reading = [e for e in WITH_ID if e.method == "get" and not e.path.endswith(NEEDS_MORE_THAN_A_ROW)]
    answers = {name_of(e): client_of(ana).get(fill(e.path, ids)).status_code for e in reading}
    refused = {name: code for name, code in answers.items() if code not in (200, 204, 304, 400)}
    assert not {name for name, code in refused.items() if "thumbnail" not in name}
    assert len(answers) > 15


@pytest.mark.parametrize("endpoint", LISTS, ids=name_of)
def test_a_stranger_finds_nothing_in_a_list(
    endpoint: Endpoint, ids: dict[str, str], dan: User, client_of: Callable[[User | None], APIClient]
) -> None:
    plural = {"dataset": "datasets", "project": "projects", "trained_model": "trained-models", "job": "jobs"}
    for query in ({}, *({name: ids[kind]} for name, kind in plural.items())):
        answer = client_of(dan).get(endpoint.path, query)
        assert answer.status_code in (200, 400, 403, 404)
        assert SECRET.lower() not in body_of(answer).lower()


@pytest.mark.parametrize("endpoint", CLOSED, ids=name_of)
def test_nobody_gets_in_without_signing_in(
    endpoint: Endpoint, db: None, client_of: Callable[[User | None], APIClient]
) -> None:
    nothing = dict.fromkeys(("file", "teams", "invitation"), str(User().pk))
    kinds = {path.split("/")[3]: str(User().pk) for _, path in ENDPOINTS}
    address = fill(endpoint.path, {**kinds, **nothing})
    answer = client_of(None).generic(endpoint.method.upper(), address, "{}", content_type="application/json")
    assert answer.status_code == 401, body_of(answer)
    assert answer.json()["code"] == "sign_in_needed"


def test_the_document_is_openapi_3_1(db: None, client_of: Callable[[User | None], APIClient]) -> None:
    answer = client_of(None).get("/api/v1/schema/?format=json")
    assert answer.json()["openapi"].startswith("3.1")
    assert len(ENDPOINTS) > 60
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "rest_framework.permissions.IsAuthenticated"
    ]
