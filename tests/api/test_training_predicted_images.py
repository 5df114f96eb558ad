"""Where a predicted image comes from, over HTTP: for the team alone, from either side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.foundation import clock
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import PredictedImage

ADDRESS = "/api/v1/predicted-images/"


@pytest.fixture
def row(team: Team, mia: User, outbox: Outbox) -> PredictedImage:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 3)
    model = make.trained_model(make.snapshot(dataset, by=mia), by=mia, name="stain", recipe="translate")
    return PredictedImage.objects.create(
        job=make.job_of(model), source=make.image(dataset), made=make.image(dataset), trained_model=model,
        channels=[{"name": "DAPI predicted", "kind": "prediction"}], novelty=0.5, uncertainty=1.9,
        warning="Do not trust it.", created_at=clock.now(),
    )  # fmt: skip


def test_L7_a_predicted_image_says_where_it_comes_from(
    row: PredictedImage, client_of: Callable[[User | None], APIClient], mia: User
) -> None:
    for image in (row.source_id, row.made_id):
        (found,) = client_of(mia).get(ADDRESS, {"image": str(image)}).json()["results"]
        assert (found["source"], found["made"]) == (str(row.source_id), str(row.made_id))
        assert (found["trained_model_name"], found["warning"]) == ("stain v1", "Do not trust it.")
        assert found["channels"] == [{"name": "DAPI predicted", "kind": "prediction"}]
    elsewhere = make.image(row.source.dataset).pk
    assert client_of(mia).get(ADDRESS, {"image": str(elsewhere)}).json()["count"] == 0


def test_L7_strangers_see_no_predicted_image(
    row: PredictedImage, client_of: Callable[[User | None], APIClient], dan: User
) -> None:
    assert client_of(None).get(ADDRESS).status_code == 401
    assert client_of(dan).get(ADDRESS).json()["count"] == 0
