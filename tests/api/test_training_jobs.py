"""Snapshots, jobs and the registry by REST: what they answer and what they refuse."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import pytest

from annotation.services import labels
from backend.accounts.models import User
from backend.foundation.queue import Letter
from tests.api.training_bench import Bench, ClientOf, call, rule, training
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Job
from training.models.jobs import State
from training.services import corrections

# ---------------------------------------------------------------- snapshots


def test_a_preview_counts_splits_and_says_what_is_left_out(
    bench: Bench, client_of: ClientOf, mia: User
) -> None:
    answer = call(client_of(mia), "post", "snapshots/preview/", rule(bench)).json()
    assert answer["counts"]["all"] == {"images": 4, "frames": 4, "cells": 8, "groups": 4}
    assert answer["left_out"] == [{
        "image_id": str(bench.image.pk), "name": bench.image.name,
        "reason": "No revision of its labels has been accepted yet.",
    }]  # fmt: skip
    assert {item["split"] for item in answer["items"]} == {"train", "validation", "test"}
    assert answer["notice"] == ""


def test_a_snapshot_is_frozen_and_shown_with_its_splits(bench: Bench, client_of: ClientOf, mia: User) -> None:
    made = call(client_of(mia), "post", "snapshots/", rule(bench, name="second", seed=3))
    assert made.status_code == 201
    shown = call(client_of(mia), "get", f"snapshots/{made.json()['id']}/").json()
    assert shown == made.json()
    assert (shown["name"], shown["include"], shown["created_by"], len(shown["items"])) == (
        "second",
        "ACCEPTED",
        "Mia",
        4,
    )
    assert len(shown["digest"]) == 64


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset_ids": []}, "snapshot_is_empty"),
        ({"dataset_ids": [str(uuid.uuid4())]}, "image_unknown"),
        ({"fractions": {"train": 0.5, "validation": 0.0, "test": 0.0}}, "bad_fractions"),
        ({"fractions": {"train": 7}}, "invalid"),
        ({"include": "EVERYTHING"}, "invalid"),
    ],
)
def test_snapshots_that_make_no_sense_are_refused_with_a_sentence(
    bench: Bench, client_of: ClientOf, mia: User, changes: dict[str, Any], code: str
) -> None:
    answer = call(client_of(mia), "post", "snapshots/", rule(bench, **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["detail"]


# ---------------------------------------------------------------- jobs


def test_recipes_come_with_their_settings(client_of: ClientOf, vic: User) -> None:
    recipes = call(client_of(vic), "get", "recipes/").json()
    assert {recipe["name"] for recipe in recipes} >= {"instances", "semantic"}
    assert recipes[0]["settings_schema"]["properties"]["crop_px"]["minimum"] == 64


def test_a_job_is_started_watched_and_cancelled(
    bench: Bench, client_of: ClientOf, mia: User, outbox: Outbox
) -> None:
    client = client_of(mia)
    made = call(
        client, "post", "jobs/", training(bench, settings={"crop_px": 128}, init_from=str(bench.model.pk))
    )
    assert made.status_code == 201
    job = made.json()
    assert (job["state"], job["settings"]["crop_px"], job["init_from"]) == (
        "QUEUED",
        128,
        str(bench.model.pk),
    )
    assert outbox.of(Letter.RUN_JOB)[0].ids == {"job_id": job["id"]}
    assert call(client, "get", f"jobs/{job['id']}/").json() == job
    assert call(client, "post", f"jobs/{job['id']}/cancel/").json()["state"] == "CANCELLED"
    refused = call(client, "post", f"jobs/{job['id']}/cancel/")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_is_over")
    again = call(client, "post", f"jobs/{job['id']}/retry/")
    assert (again.status_code, again.json()["retry_of"], again.json()["state"]) == (201, job["id"], "QUEUED")
    refused = call(client, "post", f"jobs/{again.json()['id']}/retry/")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_over")


def test_a_prediction_takes_a_whole_dataset(bench: Bench, client_of: ClientOf, mia: User) -> None:
    body = {
        "project": bench.project, "kind": "PREDICT", "trained_model": str(bench.model.pk),
        "dataset": str(bench.image.dataset_id), "make_tasks": True,
    }  # fmt: skip
    answer = call(client_of(mia), "post", "jobs/", body)
    assert answer.status_code == 201
    assert Job.objects.get(pk=answer.json()["id"]).targets.count() == 5
    assert (answer.json()["recipe"], answer.json()["make_tasks"]) == ("instances", True)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"snapshot": None}, 400, "job_not_complete"),
        ({"name": ""}, 400, "job_not_complete"),
        ({"minutes": -1}, 400, "job_not_complete"),
        ({"settings": {"crop_px": "wide"}}, 400, "bad_settings"),
        ({"recipe": "dreams"}, 400, "bad_settings"),
        ({"kind": "DREAM"}, 400, "invalid"),
        ({"snapshot": str(uuid.uuid4())}, 404, "snapshot_missing"),
        ({"init_from": str(uuid.uuid4())}, 404, "trained_model_missing"),
        ({"kind": "PREDICT", "image_ids": [str(uuid.uuid4())]}, 404, "image_missing"),
    ],
)
def test_orders_that_make_no_sense_are_refused_with_a_sentence(
    bench: Bench,
    client_of: ClientOf,
    mia: User,
    outbox: Outbox,
    changes: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = call(client_of(mia), "post", "jobs/", training(bench, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert not outbox.letters


def test_jobs_are_filtered(bench: Bench, client_of: ClientOf, mia: User) -> None:
    def count(query: str) -> int:
        return int(call(client_of(mia), "get", f"jobs/?project={bench.project}&{query}").json()["count"])

    assert (count(""), count("kind=PREDICT"), count("kind=TRAIN,PREDICT"), count("kind=EVALUATE")) == (
        2,
        1,
        2,
        0,
    )
    assert (count("state=RUNNING"), count("state=SUCCEEDED")) == (1, 1)
    assert call(client_of(mia), "get", "jobs/?project=nonsense").status_code == 400


def test_progress_answers_only_what_is_new(bench: Bench, client_of: ClientOf, ben: User) -> None:
    client, path = client_of(ben), f"jobs/{bench.job.pk}/progress/"
    first = call(client, "get", path).json()
    assert first["points"] == [
        {"step": 1, "epoch": 0.5, "elapsed_s": 1.0, "values": {"loss": 1.0}},
        {"step": 2, "epoch": 0.5, "elapsed_s": 1.0, "values": {"loss": 0.5}},
    ]
    assert call(client, "get", f"{path}?after={first['next']}").json()["points"] == []
    assert call(client, "get", f"{path}?after=-1").status_code == 400


def test_pictures_and_log(bench: Bench, client_of: ClientOf, ben: User) -> None:
    client, path = client_of(ben), f"jobs/{bench.job.pk}/"
    assert call(client, "get", f"{path}pictures/").json()["results"] == [
        {"name": "a.png", "caption": "A", "step": 3}
    ]
    picture = call(client, "get", f"{path}pictures/a.png/")
    assert (picture.content, picture["Content-Type"]) == (b"\x89PNG picture", "image/png")
    assert call(client, "get", f"{path}pictures/b.png/").json()["code"] == "picture_missing"
    assert call(client, "get", f"{path}log/").json() == {"text": "hello from the engine"}


def test_an_estimate_starts_nothing(bench: Bench, client_of: ClientOf, mia: User, outbox: Outbox) -> None:
    before = Job.objects.count()
    answer = call(client_of(mia), "post", "jobs/estimate/", training(bench)).json()
    assert (answer["images"], answer["frames"]) == (4, 4)
    assert answer["minutes"] >= 5
    assert (Job.objects.count(), outbox.letters) == (before, [])


# ---------------------------------------------------------------- the registry


def test_a_trained_model_tells_where_it_came_from(bench: Bench, client_of: ClientOf, vic: User) -> None:
    shown = call(client_of(vic), "get", f"trained-models/{bench.model.pk}/").json()
    assert shown["snapshot"]["digest"] == bench.snapshot.digest
    assert (shown["name"], shown["version"], shown["scores"]) == ("nuclei", 1, {"test": {"ap50": 0.5}})
    assert (shown["code_version"], shown["seed"], shown["parent"]) == ("test", 0, None)
    assert shown["corrections"]["predictions"] == 1
    assert shown["corrections"]["kept_share"] is None


def test_how_much_was_corrected_is_shown(bench: Bench, client_of: ClientOf, cleo: User, vic: User) -> None:
    labels.accept(revision=bench.prediction.revision, by=cleo)
    corrections.score_new()
    shown = call(client_of(vic), "get", f"trained-models/{bench.model.pk}/").json()["corrections"]
    assert (shown["accepted"], shown["untouched"], shown["kept_share"], shown["ap"]["ap0.5"]) == (
        1,
        2,
        1.0,
        1.0,
    )
    [row] = call(client_of(vic), "get", f"predictions/?trained_model={bench.model.pk}").json()["results"]
    assert call(client_of(vic), "get", f"predictions/?project={bench.project}").json()["results"] == [row]
    assert call(client_of(vic), "get", f"predictions/?project={uuid.uuid4()}").json()["results"] == []
    assert row["correction"]["untouched_count"] == 2


def test_predictions_tell_what_is_uncertain(bench: Bench, client_of: ClientOf, vic: User) -> None:
    [row] = call(client_of(vic), "get", "predictions/").json()["results"]
    assert (row["image"], row["object_count"]) == (str(bench.image.pk), 2)
    assert row["expected_wrong"] == pytest.approx(0.9)
    assert row["correction"] is None


def test_a_model_is_renamed_and_deleted(bench: Bench, client_of: ClientOf, mia: User) -> None:
    client = client_of(mia)
    path = f"trained-models/{make.trained_model(bench.snapshot, by=mia, name='draft').pk}/"
    assert call(client, "patch", path, {"name": "nuclei"}).json()["version"] == 2
    assert call(client, "delete", path).status_code == 204
    assert call(client, "get", path).status_code == 404
    refused = call(client, "delete", f"trained-models/{bench.model.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "trained_model_in_use")


def test_a_model_is_downloaded_as_a_zip(bench: Bench, client_of: ClientOf, vic: User) -> None:
    answer = call(client_of(vic), "get", f"trained-models/{bench.model.pk}/download/")
    assert answer["Content-Disposition"] == 'attachment; filename="nuclei-v1.zip"'
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert "nuclei-v1/weights.safetensors" in names


def test_a_running_job_shows_that_it_is_being_cancelled(bench: Bench, client_of: ClientOf, mia: User) -> None:
    answer = call(client_of(mia), "post", f"jobs/{bench.job.pk}/cancel/")
    assert answer.json()["state"] == State.CANCELLING


def test_L14_an_estimate_tells_what_the_model_would_be_shown(
    bench: Bench, client_of: ClientOf, mia: User, dan: User
) -> None:
    bench.model.summary = {"channels": [1, 3], "object_size_px": 19.31}
    bench.model.save(update_fields=["summary"])
    image = bench.image
    image.channel_names, image.size_c = ["membrane", "DAPI"], 2
    image.save(update_fields=["channel_names", "size_c"])
    body: dict[str, Any] = {
        "project": bench.project, "kind": "PREDICT", "trained_model": str(bench.model.pk),
        "image_ids": [str(image.pk)],
    }  # fmt: skip
    told = call(client_of(mia), "post", "jobs/estimate/", body).json()
    assert told["channels"] == [{"names": ["membrane", "DAPI"], "images": 1, "read": [1], "fits": False}]
    assert told["learned_px"] == 19.31
    asked = body | {"settings": {"channels": ["membrane"], "cell_px": 9}}
    assert call(client_of(mia), "post", "jobs/estimate/", asked).json()["channels"][0]["read"] == [0]
    for size in (0, "large", True, 1e9):
        told = call(client_of(mia), "post", "jobs/estimate/", body | {"settings": {"cell_px": size}})
        assert told.status_code == 400
        assert "from 2 to 2000 px" in told.json()["detail"]
    made = call(client_of(mia), "post", "jobs/", asked)
    assert (made.status_code, made.json()["settings"]) == (201, {"channels": ["membrane"], "cell_px": 9.0})
    for wrong in ({"channels": ["GFP"]}, {"channels": [1, 2]}):
        for address in ("jobs/", "jobs/estimate/"):
            refused = call(client_of(mia), "post", address, body | {"settings": wrong})
            assert refused.status_code == 400
            assert "channels" in refused.json()["detail"]
    assert call(client_of(dan), "post", "jobs/estimate/", body).status_code == 404
