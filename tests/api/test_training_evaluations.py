"""Evaluations, comparisons and promotions over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import PIL.Image
from rest_framework.test import APIClient

from annotation.core import error_maps
from annotation.core.faults import FaultKind
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


def test_L11_the_error_map_of_a_frame_is_a_picture_for_the_team_alone(
    cast: Cast, outbox: Outbox, client_of: Callable[[User | None], APIClient]
) -> None:
    image = make.labelled_images(make.dataset(make.project(cast.team)), 1)[0]
    drawn = make.label(image, HALF, accepted=False)
    client = client_of(cast.mia)
    made = client.post("/api/v1/evaluations/", {"branch": str(drawn.branch_id)}, format="json").json()
    path = f"/api/v1/evaluations/{made['id']}/error-map/?image={image.pk}"
    painted = np.asarray(PIL.Image.open(BytesIO(client.get(path).content)))
    assert painted.shape == (5, 8, 4)
    missed, invented = painted[2, 5], painted[4, 7]
    assert tuple(missed) == error_maps.COLOURS[FaultKind.MISSED]
    assert tuple(invented) == error_maps.COLOURS[FaultKind.INVENTED]
    assert client.get(f"{path}&t=9").status_code == 400
    assert client.get(path.replace(str(image.pk), made["id"])).status_code == 404
    assert client_of(cast.dan).get(path).status_code == 404


def test_A5_an_owner_chooses_the_score_that_decides(
    cast: Cast, outbox: Outbox, client_of: Callable[[User | None], APIClient]
) -> None:
    project = make.project(cast.team)
    path, asked = "/api/v1/promotion-rules/", {"project": str(project.pk), "recipe": "classify"}
    told = client_of(cast.vic).get(path, asked).json()
    assert (told["score"], told["margin"], told["scores"]["map"]) == ("macro_f1", 0, "mAP at IoU 0.5 to 0.95")
    change = {**asked, "score": "accuracy", "margin": 0.02}
    assert client_of(cast.ana).put(path, change, format="json").status_code == 400
    change["score"] = "balanced_accuracy"
    assert client_of(cast.mia).put(path, change, format="json").status_code == 403
    assert client_of(cast.ana).put(path, change, format="json").json()["margin"] == 0.02
    assert client_of(cast.vic).get(path, asked).json()["score"] == "balanced_accuracy"
    assert client_of(cast.dan).get(path, asked).status_code == 404
    assert client_of(cast.dan).put(path, change, format="json").status_code == 404
