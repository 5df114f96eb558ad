"""L6 over HTTP: a tracking job is ordered, refused in plain words, and a stranger finds nothing to order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Branch, Image
from backend.accounts.models import Team, User
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.recipes import complete_settings, learn_links
from training.models import Job, JobTarget

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def movie(team: Team) -> Image:
    image = make.image(make.dataset(make.project(team)), shape_tyx=(3, 5, 8))
    make.label(image)
    return image


def order(image: Image, **changes: Any) -> dict[str, Any]:
    asked = {"project": str(image.dataset.project_id), "kind": "PREDICT", "recipe": "link"}
    return {**asked, "image_ids": [str(image.pk)], **changes}


def ask(client: APIClient, body: dict[str, Any], where: str = "jobs/") -> Any:
    return client.post(f"/api/v1/{where}", body, format="json")


def test_L6_a_linker_is_ordered_for_a_branch_with_its_settings_and_tried_again(
    movie: Image, client_of: ClientOf, mia: User, outbox: Outbox
) -> None:
    branch, client = Branch.objects.get(image=movie), client_of(mia)
    said = ask(client, order(movie, branch=str(branch.pk), image_ids=[], settings={"linker": "lap"}))
    assert said.status_code == 201
    job = Job.objects.get(pk=said.json()["id"])
    assert (job.name, job.settings["linker"], job.settings["divisions"]) == ("Track cells, lap", "lap", True)
    assert JobTarget.objects.get(job=job).branch == branch
    client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    again = client.post(f"/api/v1/jobs/{job.pk}/retry/").json()
    assert JobTarget.objects.get(job=again["id"]).branch == branch
    assert ask(client, order(movie), "jobs/estimate/").json()["movies"] == 1


def test_L6_of_a_dataset_only_movies_with_cells_are_linked(
    movie: Image, client_of: ClientOf, mia: User, outbox: Outbox
) -> None:
    make.labelled_images(movie.dataset, 1)
    make.image(movie.dataset, shape_tyx=(3, 5, 8))
    said = ask(client_of(mia), order(movie, image_ids=[], dataset=str(movie.dataset_id)))
    assert [target.image for target in JobTarget.objects.filter(job=said.json()["id"])] == [movie]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": {"linker": "magic"}}, "must be one of exact"),
        ({"link": {}}, "it goes with a trained model"),
        ({"kind": "TRAIN", "recipe": "link", "name": "x"}, "needs the snapshot"),
    ],
)
def test_L6_what_does_not_fit_is_refused_in_plain_words(
    movie: Image, client_of: ClientOf, mia: User, changes: dict[str, Any], words: str
) -> None:
    said = ask(client_of(mia), order(movie, **changes))
    assert said.status_code == 400
    assert words in said.json()["detail"]


def test_L6_outlines_and_a_trained_linker_are_ordered_in_one_and_tried_again(
    movie: Image, client_of: ClientOf, mia: User, outbox: Outbox
) -> None:
    frozen, client = make.snapshot(movie.dataset, by=mia), client_of(mia)
    model = make.trained_model(frozen, by=mia)
    linker = make.trained_model(
        frozen, by=mia, name="ours", recipe="learn_links", settings=complete_settings("learn_links", {})
    )
    both = {"recipe": "", "trained_model": str(model.pk), "link_model": str(linker.pk)}
    said = ask(client, order(movie, **both))
    assert (said.status_code, said.json()["link_model"]) == (201, str(linker.pk))
    assert set(said.json()["settings"]["link"]) == set(learn_links.DECIDING)
    client.post(f"/api/v1/jobs/{said.json()['id']}/cancel/")
    again = client.post(f"/api/v1/jobs/{said.json()['id']}/retry/").json()
    assert (again["link_model"], again["settings"]) == (str(linker.pk), said.json()["settings"])
    for changes, words in (
        ({"link": {"linker": "lap"}}, "must be one of exact, global"),
        ({"link": {"width": "large"}}, "“width” cannot be chosen"),
        ({"link_model": str(model.pk)}, "choose a linker that was trained"),
        ({"trained_model": None, "recipe": "link"}, "it goes with a trained model"),
    ):
        refused = ask(client, order(movie, **{**both, **changes}))
        assert (refused.status_code, words in refused.json()["detail"]) == (400, True), refused.json()


def test_L6_dan_the_stranger_cannot_use_a_trained_linker_of_others(
    movie: Image, client_of: ClientOf, mia: User, cast: Cast, outbox: Outbox
) -> None:
    hers = make.trained_model(make.snapshot(movie.dataset, by=mia), by=mia, recipe="learn_links")
    his = make.image(make.dataset(make.project(cast.dans_team)), shape_tyx=(3, 5, 8))
    make.label(his)
    frozen = make.snapshot(his.dataset, by=cast.dan)
    body = order(his, trained_model=str(make.trained_model(frozen, by=cast.dan).pk), link_model=str(hers.pk))
    outbox.letters.clear()
    assert ask(client_of(cast.dan), body).status_code == 404
    assert not outbox.letters


def test_L6_an_image_of_one_frame_and_one_without_cells_are_refused(
    movie: Image, client_of: ClientOf, mia: User, outbox: Outbox
) -> None:
    [still] = make.labelled_images(movie.dataset, 1)
    bare = make.image(movie.dataset, shape_tyx=(3, 5, 8))
    for image, words in ((still, "has one frame"), (bare, "has no outlined cells")):
        said = ask(client_of(mia), order(image))
        assert (said.status_code, words in said.json()["detail"]) == (400, True)
    other = Branch.objects.get(image=still)
    assert ask(client_of(mia), order(movie, branch=str(other.pk))).status_code == 400


def test_L6_dan_the_stranger_finds_nothing_and_labellers_may_not_order(
    movie: Image, client_of: ClientOf, cast: Cast, outbox: Outbox
) -> None:
    branch = Branch.objects.get(image=movie)
    assert ask(client_of(cast.dan), order(movie)).status_code == 404
    his = make.image(make.dataset(make.project(cast.dans_team)), shape_tyx=(3, 5, 8))
    make.label(his)
    for body in (order(his, branch=str(branch.pk)), order(his, image_ids=[str(movie.pk)])):
        assert ask(client_of(cast.dan), body).status_code == 404
    assert ask(client_of(cast.ben), order(movie)).status_code == 403
    assert not outbox.letters
