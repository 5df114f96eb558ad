"""Searches over HTTP: who may see, start and stop them, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import CrossValidation, Search, Snapshot

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def frozen(team: Team, mia: User, outbox: Outbox) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 5)
    return make.snapshot(dataset, by=mia, fractions={"train": 0.6, "validation": 0.2, "test": 0.2})


def asked(frozen: Snapshot, **words: Any) -> dict[str, Any]:
    return {
        "project": str(frozen.project_id), "snapshot": str(frozen.pk), "recipe": "instances",
        "minutes": 60, "name": "nuclei", **words,
    }  # fmt: skip


def test_L10_a_search_is_started_seen_and_stopped(frozen: Snapshot, mia: User, client_of: ClientOf) -> None:
    client = client_of(mia)
    made = client.post("/api/v1/searches/", asked(frozen, vary=["learning_rate"]), format="json")
    assert made.status_code == 201, made.data
    assert (made.data["state"], made.data["trial_minutes"], made.data["score"]) == ("QUEUED", 10.0, "ap50")
    assert set(made.data["space"]) == {"learning_rate"}
    assert client.get(f"/api/v1/searches/{made.data['job']}/").data["id"] == made.data["id"]
    assert client.get("/api/v1/searches/", {"project": str(frozen.project_id)}).data["count"] == 1
    stopped = client.post(f"/api/v1/searches/{made.data['id']}/stop/")
    assert (stopped.status_code, stopped.data["stop_asked"]) == (200, True)


def test_L10_a_wrong_wish_is_told_by_its_field(frozen: Snapshot, mia: User, client_of: ClientOf) -> None:
    answer = client_of(mia).post("/api/v1/searches/", asked(frozen, vary=["nonsense"]), format="json")
    assert answer.status_code == 400
    assert "nonsense" in str(answer.data)
    assert not Search.objects.exists()


def test_L10_a_stranger_finds_nothing_and_a_labeller_may_only_look(
    frozen: Snapshot, mia: User, ben: User, dan: User, client_of: ClientOf
) -> None:
    made = client_of(mia).post("/api/v1/searches/", asked(frozen), format="json").data
    stranger, labeller = client_of(dan), client_of(ben)
    assert stranger.get(f"/api/v1/searches/{made['id']}/").status_code == 404
    assert stranger.post(f"/api/v1/searches/{made['id']}/stop/").status_code == 404
    assert stranger.get("/api/v1/searches/").data["count"] == 0
    assert stranger.post("/api/v1/searches/", asked(frozen), format="json").status_code == 404
    assert labeller.get(f"/api/v1/searches/{made['id']}/").status_code == 200
    assert labeller.post(f"/api/v1/searches/{made['id']}/stop/").status_code == 403


def test_L9_folds_are_asked_for_with_the_training(frozen: Snapshot, mia: User, client_of: ClientOf) -> None:
    order = {**asked(frozen), "kind": "TRAIN", "folds": 3}
    made = client_of(mia).post("/api/v1/jobs/", order, format="json")
    assert made.status_code == 201, made.data
    assert CrossValidation.objects.get(job_id=made.data["id"]).folds == 3
    assert client_of(mia).post("/api/v1/jobs/", {**order, "folds": 11}, format="json").status_code == 400
