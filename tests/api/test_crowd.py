"""The doors of campaigns: the owner's, and the workers', which tell nothing else (K2, K6, K9)."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Campaign, CrowdItem, Image, ItemKind, Project
from annotation.services import crowd_workers
from backend.accounts.models import User
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_project
from tests.factories.campaigns import labelled_image, squares
from tests.factories.house import SECRET

API = "/api/v1"
YES = {"value": {"choice": "yes"}, "seconds": 3.0}
PNG = b"\x89PNG\r\n"


class Worker:
    """A phone with a link: no cookie, no token."""

    def __init__(self, link: str, *, platform_worker: str = "") -> None:
        self.doors = API + link.replace("/crowd/", "/crowd/", 1)
        self.client = APIClient()
        told = self.client.post(
            f"{self.doors}/join/", {"consent": True, "platform_worker": platform_worker}, format="json"
        )
        assert told.status_code == 201, told.content
        self.client.credentials(HTTP_X_WORKER=told.json()["secret"])

    def next(self) -> Any:
        return self.client.post(f"{self.doors}/next/", {}, format="json").json()

    def answer(self, item: str, body: Any) -> Any:
        return self.client.post(f"{self.doors}/items/{item}/answer/", body, format="json")

    def picture(self, item: str, query: str = "") -> Any:
        return self.client.get(f"{self.doors}/items/{item}/picture/{query}")


@pytest.fixture
def owner(cast: Cast, client_of: Callable[[User | None], APIClient], outbox: Outbox) -> APIClient:
    return client_of(cast.ana)


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.team, name=f"{SECRET} project")


@pytest.fixture
def image(cast: Cast, project: Project) -> Image:
    plane = squares(60, 96)
    return labelled_image(
        project, cast.ana, plane, quality=0.5, pixels=True, accepted=True, name=f"{SECRET}.tif"
    )


def made(owner: APIClient, project: Project, image: Image, kind: str = ItemKind.CELL, **rules: Any) -> Any:
    """An open campaign, as the page makes it."""
    body = {"name": f"{SECRET} campaign", "title": "Cells", "gold_share": 0, "seconds_min": 0, **rules}
    campaign = owner.post(f"{API}/projects/{project.pk}/campaigns/", body).json()
    cut = owner.post(f"{API}/campaigns/{campaign['id']}/cut/", {"kind": kind, "images": [str(image.pk)]})
    assert cut.json()["made"] > 0, cut.content
    opened = owner.post(f"{API}/campaigns/{campaign['id']}/open/")
    assert opened.status_code == 200, opened.content
    return opened.json()


def test_the_whole_loop_over_rest(owner: APIClient, project: Project, image: Image, outbox: Outbox) -> None:
    campaign = made(owner, project, image, answers_min=2, answers_max=2)
    at = f"{API}/campaigns/{campaign['id']}"
    assert campaign["counts"] == {
        "items": 8, "done": 0, "gold": 0, "training": 0, "answers": 0, "workers": 0, "excluded": 0,
    }  # fmt: skip
    for worker in (Worker(campaign["link"]), Worker(campaign["link"])):
        told = worker.next()
        while told["item"]:
            answered = worker.answer(told["item"]["id"], {**YES, "next": True}).json()
            told = answered["next"]
        assert told["done"]["reason"] == "FINISHED"
        assert told["done"]["code"]
    outbox.deliver()
    assert owner.get(f"{at}/").json()["counts"]["done"] == 8
    results = owner.get(f"{at}/results/").json()
    assert sum(results["certainty"]) == 8
    asked = owner.post(f"{at}/stitch/", {})
    assert (asked.status_code, asked.json()["state"], asked.json()["total"]) == (202, "WAITING", 1)
    again = owner.post(f"{at}/stitch/", {})
    assert (again.status_code, again.json()["code"]) == (409, "stitching_runs")
    outbox.deliver()
    results = owner.get(f"{at}/results/").json()
    assert {name: results["stitching"][name] for name in ("state", "done", "tasks")} == {
        "state": "DONE", "done": 1, "tasks": 1,
    }  # fmt: skip
    [draft] = results["drafts"]
    assert draft["item_count"] == 8
    [task] = owner.get(f"{API}/tasks/", {"project": str(project.pk)}).json()["results"]
    assert task["branch"]["author_name"] == f"Crowd: {SECRET} campaign"
    assert owner.get(f"{at}/answers/").json()["count"] == 16
    table = list(csv.DictReader(io.StringIO(owner.get(f"{at}/answers/table/").content.decode())))
    assert {json.loads(line["value"])["choice"] for line in table} == {"yes"}
    assert owner.get(f"{at}/workers/").json()["count"] == 2
    items = owner.get(f"{at}/items/", {"order": "ambiguity"}).json()["results"]
    assert owner.get(f"{at}/items/{items[0]['id']}/picture/").content.startswith(PNG)


def test_K2_a_worker_learns_nothing_of_the_project(
    owner: APIClient, project: Project, image: Image, cast: Cast
) -> None:
    campaign = made(owner, project, image)
    worker = Worker(campaign["link"])
    door = worker.client.get(f"{worker.doors}/")
    told = worker.next()
    shown = json.dumps([door.json(), told])
    for secret in (SECRET, str(project.pk), str(image.pk), campaign["id"], "gold", "truth", cast.ana.name):
        assert secret not in shown
    assert set(told["item"]) == {
        "id", "kind", "is_training", "height", "width", "pictures", "single", "shown", "classes",
        "lease_until",
    }  # fmt: skip
    assert worker.picture(told["item"]["id"]).content.startswith(PNG)
    other = CrowdItem.objects.exclude(pk=told["item"]["id"]).filter(campaign=campaign["id"])[0]
    assert worker.picture(str(other.pk)).status_code == 404
    assert worker.answer(str(other.pk), YES).status_code == 404
    for path in ("me/", "projects/", f"campaigns/{campaign['id']}/"):
        assert worker.client.get(f"{API}/{path}").status_code == 401


def test_K2_without_the_link_or_the_secret_there_is_nothing(
    owner: APIClient, project: Project, image: Image, client_of: Callable[[User | None], APIClient]
) -> None:
    campaign = made(owner, project, image)
    nobody = client_of(None)
    doors = API + campaign["link"]
    assert nobody.get(f"{API}/crowd/invented/").status_code == 404
    for method, path in (("post", "next/"), ("get", "leaderboard/"), ("delete", "me/")):
        answer = getattr(nobody, method)(f"{doors}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "worker_unknown")
    draft = owner.post(f"{API}/projects/{project.pk}/campaigns/", {"name": "draft"}).json()
    assert nobody.get(API + draft["link"] + "/").status_code == 404
    owner.post(f"{API}/campaigns/{campaign['id']}/link/")
    assert nobody.get(f"{doors}/").status_code == 404
    stranger = Worker(owner.get(f"{API}/campaigns/{campaign['id']}/").json()["link"])
    item = stranger.next()["item"]["id"]
    assert stranger.picture(item, "?end=1").status_code == 404


def test_the_link_is_told_to_managers_alone(
    owner: APIClient,
    project: Project,
    image: Image,
    cast: Cast,
    client_of: Callable[[User | None], APIClient],
) -> None:
    campaign = made(owner, project, image)
    for person in (cast.vic, cast.ben, cast.cleo):
        answer = client_of(person).get(f"{API}/campaigns/{campaign['id']}/")
        assert (answer.status_code, answer.json()["link"]) == (200, None)
        refused = client_of(person).post(f"{API}/campaigns/{campaign['id']}/stitch/", {}, format="json")
        assert refused.status_code == 403
    assert client_of(cast.mia).get(f"{API}/campaigns/{campaign['id']}/").json()["link"] == campaign["link"]


def test_too_quick_is_told_in_words_with_the_time_to_wait(
    owner: APIClient, project: Project, image: Image
) -> None:
    campaign = made(owner, project, image, answers_per_minute=1)
    worker = Worker(campaign["link"])
    worker.answer(worker.next()["item"]["id"], YES)
    answer = worker.client.post(f"{worker.doors}/next/", {}, format="json")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(answer.json()["retry_after_s"])
    assert "answers a minute" in answer.json()["detail"]


def test_K6_feedback_on_gold_says_where_an_outline_was_wrong(
    owner: APIClient, project: Project, image: Image
) -> None:
    campaign = made(owner, project, image, kind=ItemKind.CENTRES)
    wish = {"kind": "OUTLINE", "images": [str(image.pk)], "limit": 1, "tile_px": 64}
    added = owner.post(f"{API}/campaigns/{campaign['id']}/gold/", {"use": "GOLD", "wish": wish})
    assert added.json()["made"] == 1
    owner.patch(f"{API}/campaigns/{campaign['id']}/", {"gold_share": 0.9})
    worker = Worker(campaign["link"])
    while (item := worker.next()["item"])["kind"] != "OUTLINE":
        worker.answer(item["id"], {"value": {"points": []}, "seconds": 3})
    told = worker.answer(item["id"], {"value": {"masks": []}, "seconds": 3}).json()["feedback"]
    assert not told["right"]
    assert {region["fault"] for region in told["regions"]} == {"MISSED"}
    assert all(region["runs"] for region in told["regions"])


def test_a_leaderboard_only_if_the_owner_wants_it(owner: APIClient, project: Project, image: Image) -> None:
    campaign = made(owner, project, image)
    worker = Worker(campaign["link"])
    assert worker.client.get(f"{worker.doors}/leaderboard/").status_code == 404
    owner.patch(f"{API}/campaigns/{campaign['id']}/", {"leaderboard": True})
    [row] = worker.client.get(f"{worker.doors}/leaderboard/").json()
    assert row["is_me"]


def test_K2_a_worker_deletes_everything_of_theirs(owner: APIClient, project: Project, image: Image) -> None:
    campaign = made(owner, project, image)
    worker = Worker(campaign["link"])
    worker.answer(worker.next()["item"]["id"], YES)
    assert worker.client.delete(f"{worker.doors}/me/").status_code == 204
    assert worker.client.get(f"{worker.doors}/").json()["me"] is None
    assert owner.get(f"{API}/campaigns/{campaign['id']}/answers/").json()["count"] == 0


class Platform:
    """A stub of a paid platform: it shows its workers an address and keeps the code they come back with."""

    def __init__(self, batch: str) -> None:
        self.address = next(csv.DictReader(io.StringIO(batch)))["address"]
        self.finished: list[tuple[str, str]] = []

    def send(self, name: str, *, answers: int = 99) -> None:
        link, _, query = self.address.replace("{worker}", name).partition("?worker=")
        worker = Worker("/crowd/" + link.rsplit("/", 1)[1], platform_worker=query)
        told = worker.next()
        while told["item"] and answers:
            told = worker.answer(told["item"]["id"], {**YES, "next": True}).json()["next"]
            answers -= 1
        redirect = (told["done"] or {"redirect": "?cc=INVENTED"})["redirect"]
        self.finished.append((name, redirect.partition("cc=")[2]))

    def table(self) -> str:
        out = io.StringIO()
        csv.writer(out).writerows([("Participant id", "Status", "Completion code")])
        csv.writer(out).writerows((name, "AWAITING", code) for name, code in self.finished)
        return out.getvalue()


@pytest.mark.parametrize("code", ["", "C0DE-FOR-ALL"])
def test_K9_a_platforms_batch_there_and_back(
    owner: APIClient, project: Project, image: Image, code: str
) -> None:
    campaign = made(
        owner, project, image, answers_min=3, answers_max=3, completion_code=code,
        redirect_url="https://platform.example/done?cc={code}",
    )  # fmt: skip
    at = f"{API}/campaigns/{campaign['id']}"
    platform = Platform(owner.get(f"{at}/batch/", {"rows": 3}).content.decode())
    platform.send("honest")
    platform.send("quits", answers=2)
    platform.send("shut out")
    platform.finished.append(("never came", "X"))
    bad = Campaign.objects.get(pk=campaign["id"])
    hashed = crowd_workers.platform_hash(bad, "shut out")
    worker = bad.workers.get(platform_hash=hashed)
    owner.patch(f"{at}/workers/{worker.pk}/", {"is_excluded": True, "reason": "Clicked at random."})
    checked = owner.post(f"{at}/batch/", {"table": platform.table()}).json()
    verdicts = {row["worker"]: row["verdict"] for row in checked["rows"]}
    assert verdicts == {
        "honest": "APPROVE", "quits": "REJECT", "shut out": "REJECT", "never came": "UNKNOWN",
    }  # fmt: skip
    back = list(csv.DictReader(io.StringIO(checked["table"])))
    assert [line["verdict"] for line in back] == ["APPROVE", "REJECT", "REJECT", "UNKNOWN"]
    assert back[2]["reason"] == "Clicked at random."
    assert back[0]["Status"] == "AWAITING"


def test_K9_a_table_without_the_columns_says_so(owner: APIClient, project: Project, image: Image) -> None:
    campaign = made(owner, project, image)
    at = f"{API}/campaigns/{campaign['id']}/batch/"
    for table, word in (
        ("a,b\n1,2\n", "Which column holds the worker?"),
        ("worker,code\n", "at least one line"),
    ):
        answer = owner.post(at, {"table": table})
        assert answer.status_code == 400
        assert word in answer.json()["detail"]
