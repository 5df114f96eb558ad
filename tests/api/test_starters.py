"""L14: every project has the starter models from the beginning; they predict, and they stay."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.cli import train, workplace
from tests.engine import small_models
from tests.factories import annotation
from tests.factories import training as make
from training.contract.files import ExitCode, read_cells, write_json
from training.contract.starters import FACTS, PICTURE, README, StarterFacts
from training.engine.process import run_recipe
from training.engine.recipes import instances
from training.models import Job, TrainedModel
from training.models.jobs import Kind
from training.runners import layout
from training.services import starters

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User | None], APIClient]


def facts_of(name: str) -> StarterFacts:
    judged = {"pictures": 1, "cells": 2, "ap50": 0.4, "ap75": 0.2, "ap90": 0.0}
    return StarterFacts(
        name=name,
        title=name.title(),
        purpose="For a test.",
        data=[{"name": "set", "images": 1, "cells": 2, "source": "here", "licence": "CC0.", "cite": "Us."}],
        scores={"ap50": {"value": 0.4, "low": None, "high": None}},
        kinds=[{"kind": "discs", **judged}],
        elsewhere=[{"name": "other", "what": "other discs", "caveat": "none", **judged}],
        limits=["Only discs."],
        licence="BSD-3-Clause",
        cpu_minutes=0.1,
        parameters=1000,
    )


@pytest.fixture(autouse=True)
def _wanted(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two small models in place of those that are shipped."""
    settings.CYTOLOOP_STARTERS = True
    folders = {}
    for name, channels in (("nuclei", 1), ("cells", 3)):
        folder = small_models.instances(tmp_path / "shipped" / name, flips=False, channels=channels)
        write_json(folder / FACTS, facts_of(name).to_json())
        (folder / PICTURE).write_bytes(b"\x89PNG picture")
        (folder / README).write_text("# card")
        folders[name] = folder
    monkeypatch.setattr(starters, "shipped", lambda: folders)


@pytest.fixture
def starter(team: Team) -> TrainedModel:
    return TrainedModel.objects.starters().get(project=make.project(team), starter="nuclei")


def test_L14_a_new_project_has_them_and_an_older_one_gets_them(team: Team) -> None:
    project = make.project(team)
    mine = TrainedModel.objects.starters().of_project(project.pk)
    assert {row.starter for row in mine} == {"nuclei", "cells"}
    mine.filter(starter="cells").delete()
    assert starters.adopt_everywhere() == 1
    assert starters.adopt_everywhere() == 0
    assert mine.count() == 2


def test_L14_rest_tells_them_apart_and_shows_their_card(
    starter: TrainedModel, client_of: ClientOf, mia: User, dan: User
) -> None:
    client, base = client_of(mia), f"/api/v1/trained-models/{starter.pk}/"
    told = client.get(base).json()
    assert (told["starter"], told["job"], told["snapshot"]) == (True, None, None)
    assert told["summary"]["starter"]["elsewhere"]
    listed = client.get(f"/api/v1/trained-models/?project={starter.project_id}&starter=true").json()
    assert listed["count"] == 2
    assert (
        client.get(f"/api/v1/trained-models/?project={starter.project_id}&starter=false").json()["count"] == 0
    )
    picture = client.get(f"{base}starter-picture/")
    assert picture.content.startswith(b"\x89PNG")
    stranger = client_of(dan)
    assert {stranger.get(path).status_code for path in (base, f"{base}starter-picture/")} == {404}
    assert stranger.get(f"/api/v1/trained-models/?project={starter.project_id}").json()["count"] == 0


def test_L14_they_are_neither_deleted_nor_renamed(
    starter: TrainedModel, client_of: ClientOf, mia: User
) -> None:
    client, base = client_of(mia), f"/api/v1/trained-models/{starter.pk}/"
    for refused in (client.delete(base), client.patch(base, {"name": "mine"}, format="json")):
        assert refused.status_code == 409
        assert "every project has" in refused.json()["detail"]
    assert client.patch(base, {"description": "ours"}, format="json").status_code == 200
    starter.refresh_from_db()
    assert (starter.name, starter.description) == ("Starter nuclei", "ours")


def test_L14_a_model_without_a_picture_says_so(team: Team, client_of: ClientOf, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 2)
    model = make.trained_model(make.snapshot(dataset, by=mia), by=mia)
    answered = client_of(mia).get(f"/api/v1/trained-models/{model.pk}/starter-picture/")
    assert answered.status_code == 404


def test_L14_a_starter_predicts_on_two_small_pictures(starter: TrainedModel, mia: User) -> None:
    dataset = make.dataset(starter.project)
    images = [
        annotation.make_image(dataset, shape_tzyx=(1, 1, 48, 64), pixels=True, name=name) for name in "ab"
    ]
    job = Job.objects.create(
        project=starter.project, kind=Kind.PREDICT, recipe=starter.recipe, trained_model=starter, name="a",
        posted_at=starter.created_at, created_at=starter.created_at, created_by=mia,
    )  # fmt: skip
    job.targets.set(images)
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    assert run_recipe(instances.RECIPE, instances.ACTIONS, [str(folder.path)]) == ExitCode.DONE
    for image in images:
        cells = read_cells(folder.output_cells(str(image.pk))).cells
        assert all(np.isfinite(cell.quality or 0.0) for cell in cells)


def test_L14_the_command_line_knows_them_by_their_short_name(starter: TrainedModel, mia: User) -> None:
    place = workplace.Workplace(mia, starter.project)
    assert train.find_model(place, "nuclei") == starter
    assert train.find_model(place, "Starter nuclei") == starter
    with pytest.raises(train.NoSuchModel, match="Starter cells"):
        train.find_model(place, "yeast")
