"""The whole loop over HTTP with the real engine: upload, train, predict, correct, review, train again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from celery import current_app
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.journeys import lab as at
from tests.journeys.lab import Lab, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lab(
    transactional_db: None, team: Team, mia: User, ben: User, cleo: User, outbox: Outbox,
    client_of: Callable[[User | None], APIClient],
) -> Lab:  # fmt: skip
    made = Lab(client_of(mia), client_of(ben), client_of(cleo), outbox, str(team.pk))
    made.open_project()
    return made


def test_the_loop_closes(lab: Lab) -> None:
    upload = lab.upload(at.labelled_fields(6))
    assert upload["state"] == "DONE", upload
    assert len(lab.images()) == 6
    refused = lab.mia.post("/api/v1/snapshots/", {"project": lab.project, "dataset_ids": [lab.dataset]})
    assert told(refused, 400)["code"] == "snapshot_is_empty"
    lab.accept_heads()
    first_snapshot = lab.freeze("first")
    assert {item["split"] for item in first_snapshot["items"]} == {"train", "validation", "test"}

    look_at_samples(lab, first_snapshot)
    job = lab.train(first_snapshot, seconds=4)
    assert (job["state"], job["error"]) == ("SUCCEEDED", ""), job["detail"]
    first_model = lab.model(job["result"])
    check_provenance(lab, first_model, first_snapshot, job)

    prediction = predict_on_a_new_image(lab, first_model)
    corrected = correct_and_accept(lab, prediction)
    told_by_model = lab.model(first_model["id"])["corrections"]
    assert (told_by_model["predictions"], told_by_model["accepted"], told_by_model["added"]) == (1, 1, 1)
    assert told_by_model["untouched"] == prediction["object_count"]

    second_snapshot = lab.freeze("second")
    pinned = {item["image_id"]: item["revision"] for item in second_snapshot["items"]}
    assert pinned[prediction["image"]] == corrected
    assert second_snapshot["digest"] != first_snapshot["digest"]
    again = lab.train(second_snapshot, seconds=2, init_from=first_model["id"])
    assert (again["state"], again["error"]) == ("SUCCEEDED", ""), again["detail"]
    second_model = lab.model(again["result"])
    assert (second_model["version"], second_model["parent"]) == (2, first_model["id"])


def look_at_samples(lab: Lab, snapshot: dict[str, Any]) -> None:
    """Augmented samples before training."""
    job = lab.run(kind="PREVIEW", recipe="instances", snapshot=snapshot["id"], settings=at.TINY)
    assert (job["state"], job["error"]) == ("SUCCEEDED", ""), job["detail"]
    pictures = told(lab.mia.get(f"/api/v1/jobs/{job['id']}/pictures/"), 200)["results"]
    assert pictures
    shown = lab.mia.get(f"/api/v1/jobs/{job['id']}/pictures/{pictures[0]['name']}/")
    assert shown.content.startswith(b"\x89PNG")


def check_provenance(lab: Lab, model: dict[str, Any], snapshot: dict[str, Any], job: dict[str, Any]) -> None:
    """The registry knows all that made the model, and gives it away."""
    assert (model["version"], model["snapshot"]["digest"], model["seed"]) == (1, snapshot["digest"], 0)
    assert model["settings"]["crop_px"] == at.TINY["crop_px"]
    assert model["code_version"] not in ("", "unknown")
    assert 0.0 <= model["scores"]["test"]["ap50"] <= 1.0
    news = told(lab.ben.get(f"/api/v1/jobs/{job['id']}/progress/"), 200)
    assert any("loss" in point["values"] for point in news["points"])
    archive = b"".join(lab.mia.get(f"/api/v1/trained-models/{model['id']}/download/"))
    assert "loop-v1/weights.safetensors" in zipfile.ZipFile(io.BytesIO(archive)).namelist()


def predict_on_a_new_image(lab: Lab, model: dict[str, Any]) -> dict[str, Any]:
    """The model's proposal for an image it has not seen, and the task to correct it."""
    known = {image["id"] for image in lab.images()}
    lab.upload({"new.tif": at.tiff(at.simulate(99).image[0, :, 0], axes="CYX")})
    [new] = [image["id"] for image in lab.images() if image["id"] not in known]
    job = lab.run(kind="PREDICT", trained_model=model["id"], image_ids=[new], make_tasks=True)
    assert (job["state"], job["error"]) == ("SUCCEEDED", ""), job["detail"]
    [prediction] = told(lab.ben.get(f"/api/v1/predictions/?job={job['id']}"), 200)["results"]
    assert prediction["image"] == new
    return dict(prediction)


def correct_and_accept(lab: Lab, prediction: dict[str, Any]) -> int:
    """Ben takes the task and draws what is missing, Cleo accepts; answers the accepted number."""
    task = told(lab.ben.post("/api/v1/tasks/next/", {"project": lab.project}), 200)
    assert (task["kind"], task["image"]["id"]) == ("CORRECT", prediction["image"])
    branch = task["branch"]["id"]
    before = lab.frame(branch)
    assert len(set(np.unique(before)) - {0}) == prediction["object_count"]
    mask = np.zeros((at.FIELD_PX, at.FIELD_PX), bool)
    mask[4:12, 5:15] = True
    cell = lab.draw_cell(branch, mask)
    assert ((lab.frame(branch) == cell).any(0) == mask).all()
    told(lab.ben.post(f"/api/v1/tasks/{task['id']}/submit/"), 200)
    verdict = {"verdict": "ACCEPTED", "comment": "Good."}
    told(lab.cleo.post(f"/api/v1/tasks/{task['id']}/reviews/", verdict), 201)
    current_app.tasks[str(Letter.SWEEP_TRAINING)].apply(throw=True)
    accepted = told(lab.ben.get(f"/api/v1/tasks/{task['id']}/"), 200)["submitted_number"]
    return int(accepted)
