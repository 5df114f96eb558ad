"""K1 over REST: the least sure cells of a model's predictions go to a crowd, and come back as a draft."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from annotation.models import Image
from backend.accounts.models import User
from tests.api.test_crowd import API, Worker
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from tests.factories.campaigns import squares
from training.contract.results import CellEntry
from training.models import TrainedModel
from training.models.jobs import Kind
from training.services import jobs, predictions

PLANE = squares(60, 96)
DOUBTFUL = (3, 6)
RULES = {"name": "Which are cells?", "gold_share": 0, "seconds_min": 0, "answers_min": 3, "answers_max": 3}


def predicted(by: User, cast: Cast, count: int) -> tuple[TrainedModel, list[Image]]:
    """A model of the team and so many images with its drafts: it is unsure of two cells of each."""
    dataset = make.dataset(make.project(cast.team))
    make.labelled_images(dataset, 3)
    model = make.trained_model(make.snapshot(dataset, by=by), by=by)
    images = [make.image(dataset, shape_tyx=(1, *PLANE.shape)) for _ in range(count)]
    order = make.order(kind=Kind.PREDICT, trained_model=model, images=images, make_tasks=True)
    job = jobs.start(project=model.project, order=order, by=by)
    assert jobs.claim(job_id=job.pk, worker="worker 1") is not None
    cells = [CellEntry(cell=c, quality=0.3 if c in DOUBTFUL else 0.97) for c in range(1, PLANE.max() + 1)]
    for image in images:
        frames = [(0, 0, PLANE[None])]
        predictions.accept(job_id=job.pk, worker="worker 1", image=image, frames=frames, cells=cells)
    return model, images


def answered(link: str, choice_of: Callable[[Any], str], workers: int = 3) -> None:
    for worker in [Worker(link) for _ in range(workers)]:
        told = worker.next()
        while told["item"]:
            value = {"value": {"choice": choice_of(told["item"])}, "seconds": 3.0, "next": True}
            told = worker.answer(told["item"]["id"], value).json()["next"]


def test_K1_from_the_list_of_predictions_to_a_reviewed_draft(
    cast: Cast, client_of: Callable[[User | None], APIClient], outbox: Outbox
) -> None:
    model, images = predicted(cast.mia, cast, 2)
    owner, project = client_of(cast.ana), str(model.project_id)
    listed = owner.get(f"{API}/predictions/", {"project": project}).json()["results"]
    branches = [one["branch"] for one in listed]
    assert len(branches) == 2
    campaign = owner.post(f"{API}/projects/{project}/campaigns/", RULES).json()
    at = f"{API}/campaigns/{campaign['id']}"
    cut = owner.post(f"{at}/cut/", {"kind": "CELL", "branches": branches, "below": 0.9})
    assert (cut.status_code, cut.json()) == (200, {"made": 4, "known": 0, "images": 2})
    link = owner.post(f"{at}/open/").json()["link"]
    items = owner.get(f"{at}/items/").json()["results"]
    assert {one["branch"] for one in items} == {*branches}
    refused = {one["id"] for one in items if one["cell"] == DOUBTFUL[0]}
    answered(link, lambda item: "no" if item["id"] in refused else "yes")
    outbox.deliver()
    owner.post(f"{at}/stitch/", {})
    outbox.deliver()
    drafts = owner.get(f"{at}/results/").json()["drafts"]
    assert {one["image"] for one in drafts} == {str(image.pk) for image in images}
    tasks = owner.get(f"{API}/tasks/", {"project": project}).json()["results"]
    mine = [one for one in tasks if one["branch"]["author_name"].startswith("Crowd")]
    cells = owner.get(f"{API}/branches/{mine[0]['branch']['id']}/cells/").json()
    quality = {one["cell"]: one["facts"]["quality"] for one in cells["results"]}
    assert DOUBTFUL[0] not in quality
    assert quality[DOUBTFUL[1]] > 0.9
    assert {one["state"] for one in mine} == {"OPEN"}, "an expert looks at it"


def test_K1_drafts_of_another_project_and_a_strangers_are_not_there(
    cast: Cast, client_of: Callable[[User | None], APIClient], outbox: Outbox
) -> None:
    model, images = predicted(cast.mia, cast, 1)
    branch = str(images[0].branches.get(name="nuclei v1").pk)
    owner = client_of(cast.ana)
    elsewhere = owner.post(f"{API}/projects/{make.project(cast.team).pk}/campaigns/", RULES).json()
    foreign = owner.post(f"{API}/campaigns/{elsewhere['id']}/cut/", {"kind": "CELL", "branches": [branch]})
    assert foreign.status_code == 404
    here = owner.post(f"{API}/projects/{model.project_id}/campaigns/", RULES).json()
    wish = {"kind": "CELL", "branches": [branch]}
    assert client_of(cast.dan).post(f"{API}/campaigns/{here['id']}/cut/", wish).status_code == 404
    assert client_of(cast.ben).post(f"{API}/campaigns/{here['id']}/cut/", wish).status_code == 403
    nothing = owner.post(f"{API}/campaigns/{here['id']}/cut/", {"kind": "CELL"})
    assert nothing.status_code == 400
    assert owner.post(f"{API}/campaigns/{here['id']}/gold/", {"wish": wish}).status_code == 400
