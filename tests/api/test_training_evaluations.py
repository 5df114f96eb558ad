"""Evaluations, comparisons and promotions over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from rest_framework.test import APIClient

from backend.accounts.models import User
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make

HALF = ". . . . . . . .\n. 7 7 . . . . .\n. 7 7 . . . . .\n. . . . . . . .\n. . . . . . . 9"


def test_L12_a_branch_is_evaluated_read_and_paged(
    cast: Cast, outbox: Outbox, client_of: Callable[[User | None], APIClient]
) -> None:
    image = make.labelled_images(make.dataset(make.project(cast.team)), 1)[0]
    drawn = make.label(image, HALF, accepted=False)
    client = client_of(cast.mia)
    made = client.post("/api/v1/evaluations/", {"branch": str(drawn.branch_id)}, format="json")
    assert made.status_code == 201, made.json()
    detail = made.json()
    assert (detail["state"], detail["scores"]["accepted"]["ap50"]["value"]) == ("DONE", 1 / 3)
    assert detail["method"]["images"] == {"accepted": 1}
    page = client.get(f"/api/v1/evaluations/{detail['id']}/faults/?limit=1&offset=1").json()
    assert (page["count"], page["results"][0]["kind"], page["results"][0]["branch"]) == (
        2, "INVENTED", str(drawn.branch_id),
    )  # fmt: skip
    listed = client.get("/api/v1/evaluations/", {"branch": str(drawn.branch_id)}).json()
    assert [one["id"] for one in listed["results"]] == [detail["id"]]
    assert client_of(cast.dan).get(f"/api/v1/evaluations/{detail['id']}/faults/").status_code == 404
    assert client_of(cast.ben).delete(f"/api/v1/evaluations/{detail['id']}/").status_code == 403
    assert client.delete(f"/api/v1/evaluations/{detail['id']}/").status_code == 204


def test_A5_a_model_without_an_evaluation_is_refused_with_the_verdict(
    cast: Cast, outbox: Outbox, client_of: Callable[[User | None], APIClient]
) -> None:
    dataset = make.dataset(make.project(cast.team))
    make.labelled_images(dataset, 3)
    model = make.trained_model(make.snapshot(dataset, by=cast.mia), by=cast.mia)
    client = client_of(cast.mia)
    gate = client.get(f"/api/v1/trained-models/{model.pk}/gate/").json()
    assert (gate["code"], gate["may_pass"]) == ("NOT_EVALUATED", False)
    refused = client.post("/api/v1/promotions/", {"trained_model": str(model.pk)}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "promotion_refused")
    assert refused.json()["verdict"]["code"] == "NOT_EVALUATED"
    assert client_of(cast.vic).post(
        "/api/v1/promotions/", {"trained_model": str(model.pk)}, format="json"
    ).status_code == 403  # fmt: skip
    reason = {"trained_model": str(model.pk), "reason": "There is no other model yet."}
    assert client_of(cast.ana).post("/api/v1/promotions/", reason, format="json").status_code == 201
    present = client.get("/api/v1/promotions/", {"project": str(model.project_id), "present": "true"}).json()
    assert [one["trained_model"] for one in present["results"]] == [str(model.pk)]
