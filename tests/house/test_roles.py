"""Every operation of the OpenAPI document, asked as each of five roles, two guests and a stranger.

What a role may is declared in `least_roles.py`; an operation that is not declared fails here.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from annotation.models import Project, ProjectMember
from backend.accounts.models import Membership, Role, User
from tests.cast import Cast, person
from tests.factories.house import SECRET, furnish
from tests.house.bodies import Bodies
from tests.house.least_roles import BENS_OWN, HIDDEN, LEAST, PROJECT_LEVEL, TEAM_LEVEL
from tests.house.test_strangers import METHODS, fill
from training.runners import leaving

# Bodies that the document's types alone do not make sensible.
GIVEN: dict[str, Any] = {
    "previewMigration": {"operation": "RULE", "rule": "ANY"},
    "migrateSchema": {"operation": "RULE", "rule": "ANY", "schema_number": 1},
    "commitEdits": {
        "batch_id": str(uuid.uuid4()),
        "base": 1,
        "edits": [{"id": str(uuid.uuid4()), "tool": "brush", "pixels": [], "cells": []}],
    },
    "setPromotionRule": {"project": "{projects}", "recipe": "instances", "score": "ap50"},
    "createEvaluation": {"trained_model": "{trained-models}", "snapshot": "{snapshots}"},
    "updateMember": {"role": "VIEWER"},
    "changeComment": {"resolved": True},
    "cutCampaignItems": {"kind": "CENTRES", "dataset": "{datasets}"},
    "addCampaignGold": {"wish": {"kind": "CENTRES", "dataset": "{datasets}"}},
    "excludeCampaignWorker": {"is_excluded": True},
    "previewRevert": {"person": "{person}"},
    "revertEdits": {"person": "{person}", "head": 1},
    "shareOutTasks": {"tasks": ["{tasks}"], "rule": "IN_TURN", "people": ["{person}"]},
    "changeWebhook": {"active": False},
    "setReviewRule": {"share_percent": 50},
    "setStandingRule": {"most_open": 3},
    "createWebhook": {"url": "https://lab.example/", "events": ["task.assigned"]},
    "resolveNote": {"resolved": True},
    "updateTeam": {"name": "x"},
    "updateClass": {"name": "x"},
    "updateDataset": {"name": "x"},
    "updateImage": {"name": "x"},
    "updateProject": {"name": "x"},
    "renameAtlas": {"name": "x"},
    "changeTrainedModel": {"name": "x"},
    "startJob": {
        "project": "{projects}", "kind": "TRAIN", "recipe": "instances", "snapshot": "{snapshots}",
        "name": "x",
    },
    "acceptRevision": {"number": 1},
    "restoreRevision": {"number": 1},
}  # fmt: skip
QUERIES = {
    "watchEvents": "?project={projects}",
    "readFrame": "?t=0&z=0",
    "compareReleases": "?base={releases}",
    "readErrorMap": "?t=0&z=0",
    "peekNextTask": "?project={projects}",
    "getPromotionRule": "?project={projects}&recipe=instances",
    "getProposalRule": "?project={projects}",
}


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    described: dict[str, Any]


class Answer(NamedTuple):
    status: int
    tells: bool


DOCUMENT: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
OPERATIONS = [
    Operation(described["operationId"], method, path, described)
    for path, item in DOCUMENT["paths"].items()
    for method, described in item.items()
    if method in METHODS
]


def test_every_operation_is_declared_once() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert set(names) - LEAST.keys() == set(), "Enter new operations into tests/house/least_roles.py."
    assert LEAST.keys() - set(names) == set(), "These operations are gone; take them out of least_roles.py."


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is forgotten."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: APIClient, operation: Operation, address: str, body: Any) -> Answer:
    given = {"data": body, "format": "json"} if body is not None else {}
    if operation.name == "sendChunk":
        given = {"data": b"x", "content_type": "application/octet-stream"}
    with undone():
        answer = getattr(client, operation.method)(address, **given)
        body_out = b"" if operation.name == "watchEvents" else _content(answer)
    return Answer(answer.status_code, SECRET.lower().encode() in body_out.lower())


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


class Person(NamedTuple):
    """Somebody, and what they are to Ana's project and to her team; None: a stranger there."""

    client: APIClient
    in_project: Role | None
    in_team: Role | None


def client_for(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)
    return client


def gathered(cast: Cast, ids: Mapping[str, str]) -> dict[str, Person]:
    """The cast; Gus, a guest to whom the project is opened; Gil, a guest to whom it is not."""
    gus, gil = person("Gus"), person("Gil")
    for guest in (gus, gil):
        Membership.objects.create(team=cast.team, user=guest, role=Role.GUEST)
    ProjectMember.objects.create(project=Project.objects.get(pk=ids["projects"]), user=gus, role=Role.VIEWER)
    of_the_team = {member.user: Role(member.role) for member in cast.team.memberships.select_related("user")}
    people = {
        user.name: Person(client_for(user), role, role)
        for user, role in of_the_team.items()
        if role is not Role.GUEST
    }
    people["Gus"] = Person(client_for(gus), Role.VIEWER, None)
    people["Gil"] = Person(client_for(gil), None, None)
    return {**people, "Dan": Person(client_for(cast.dan), None, None)}


def test_W1_nobody_does_more_than_the_role_allows_and_nobody_else_learns_anything(
    cast: Cast, outbox: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_run", _refuse_to_write)
    ids = dict(furnish(cast))
    bodies, people = Bodies(DOCUMENT, ids, GIVEN), gathered(cast, ids)
    wrong, asked = [], 0
    for operation in OPERATIONS:
        if operation.name not in {**PROJECT_LEVEL, **TEAM_LEVEL}:
            continue
        address = fill(operation.path, ids) + QUERIES.get(operation.name, "").format_map(ids)
        body = bodies.of(operation.described)
        for name, who in people.items():
            role = who.in_team if operation.name in TEAM_LEVEL else who.in_project
            answer = ask(who.client, operation, address, body)
            complaint = complain(operation, role, answer, holds=name == "Ben" and operation.name in BENS_OWN)
            asked += 1
            wrong += [f"{operation.name} by {name}: {answer.status}, {complaint}"] if complaint else []
    assert not wrong, "\n".join(wrong)
    assert asked > 100 * len(people)


def _refuse_to_write(command: list[str]) -> None:
    """The furnished model's weights are no weights; to find that out anew takes seconds each time."""
    raise leaving.CannotLeave("These are no weights.")


def complain(operation: Operation, role: Role | None, answer: Answer, *, holds: bool) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if role is None:
        return _to_a_stranger(operation, answer)
    if role.rank < Role(LEAST[operation.name]).rank and not holds:
        refused = (403, 404) if operation.name in HIDDEN else (403,)
        return "" if answer.status in refused else "the role is too low, 403 was wanted"
    if answer.status in (401, 403) or answer.status == 500:
        return "the role is high enough"
    return "" if answer.status != 404 or operation.name in HIDDEN else "it is there, but was not found"


def _to_a_stranger(operation: Operation, answer: Answer) -> str:
    if answer.tells:
        return "it tells a stranger what is Ana's"
    is_list = operation.method == "get" and "{" not in operation.path and answer.status == 200
    return "" if answer.status == 404 or is_list else "a stranger should find nothing"
