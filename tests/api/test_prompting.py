"""Click-to-segment over HTTP, with a real engine process: who may ask, what is kept, what is said without
it.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from rest_framework.test import APIClient

from annotation.models import Image
from backend.accounts.models import Team, User
from backend.cli.children import Child, end_all
from backend.foundation import storage
from tests.cast import gather
from tests.engine.test_prompting import larger_model
from tests.factories.annotation import make_dataset, make_image, make_project
from training.contract.prompting import DECODER, ENCODER, SHIPPED, read_model
from training.contract.socket_words import SOCKET_VARIABLE
from training.runners import embeddings, resident
from training.selectors import prompting as selectors

ClientOf = Callable[[User | None], APIClient]
START_LIMIT_S = 60.0


class Engine:
    """A resident process of the tests' own."""

    def __init__(self, folder: Path) -> None:
        self.socket, self.larger = str(folder / "e.sock"), folder / "larger"
        words = ["-m", "training.engine.resident", "--socket", self.socket, "--model", str(self.larger)]
        self.process = subprocess.Popen([sys.executable, *words, "--threads", "1"])

    def wait(self) -> None:
        until = time.monotonic() + START_LIMIT_S
        while not Path(self.socket).exists():
            assert self.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("e"))
    engine.wait()
    yield engine
    engine.process.kill()
    engine.process.wait()


@pytest.fixture
def engine(process: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv(SOCKET_VARIABLE, process.socket)
    return process


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "nobody.sock"))


@pytest.fixture
def image(team: Team) -> Image:
    selectors._open.cache_clear()
    return make_image(make_dataset(make_project(team)), shape_tzyx=(1, 1, 70, 600), pixels=True)


def address(image: Image, **query: Any) -> str:
    told = "&".join(f"{name}={value}" for name, value in {"ty": 0, "tx": 0, **query}.items())
    return f"/api/v1/images/{image.pk}/embedding/?{told}"


def test_M14_the_embedding_is_made_once_and_kept_for_everybody(
    engine: Engine, image: Image, client_of: ClientOf, ben: User, vic: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client_of(ben).get(address(image, tx=1))
    assert first.status_code == 200
    model = read_model(SHIPPED)
    assert len(first.content) == model.features * 35 * 44
    assert len(set(first.content)) > 50
    # From storage: nobody is asked again.
    monkeypatch.setenv(SOCKET_VARIABLE, "/nonexistent/e.sock")
    assert client_of(vic).get(address(image, tx=1)).content == first.content


def test_M15_without_an_engine_process_the_answer_is_503_with_a_sentence(
    no_engine: None, image: Image, client_of: ClientOf, ben: User
) -> None:
    answer = client_of(ben).get(address(image))
    assert answer.status_code == 503
    assert answer.json()["code"] == "no_engine"
    assert "page reads the picture itself" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"ty": 1}, 400), ({"t": 5}, 400), ({"channels": "3"}, 400), ({"channels": "a"}, 400),
     ({"channels": "0,0"}, 400), ({"tx": -1}, 400), ({"digest": "old"}, 404)],
)  # fmt: skip
def test_parts_that_are_not_there_are_refused(
    engine: Engine, image: Image, client_of: ClientOf, ben: User, query: dict[str, Any], status: int
) -> None:
    assert client_of(ben).get(address(image, **query)).status_code == status


def test_strangers_learn_nothing(engine: Engine, image: Image, client_of: ClientOf, dan: User) -> None:
    asked = {"clicks": [{"y": 5, "x": 5, "sign": 1}]}
    prompts = f"/api/v1/images/{image.pk}/prompts/"
    assert client_of(dan).get(address(image)).status_code == 404
    assert client_of(dan).post(prompts, asked, format="json").status_code == 404
    assert client_of(None).get(address(image)).status_code in (401, 403)
    assert client_of(None).post(prompts, asked, format="json").status_code in (401, 403)
    assert client_of(None).get("/api/v1/prompt-models/current/").status_code in (401, 403)


def test_M14_the_pages_get_the_model_and_its_files(engine: Engine, client_of: ClientOf, ben: User) -> None:
    client = client_of(ben)
    told = client.get("/api/v1/prompt-models/current/").json()
    assert told["model"]["digest"] == read_model(SHIPPED).digest
    assert told["larger"] is None
    for name in (ENCODER, DECODER):
        answer = client.get(told[name.removesuffix(".onnx")])
        assert b"".join(answer.streaming_content) == (SHIPPED / name).read_bytes()  # type: ignore[attr-defined]
        assert "immutable" in answer["Cache-Control"]
    assert client.get(f"/api/v1/prompt-models/{told['model']['digest']}/secret.txt").status_code == 404


def test_M14_a_larger_model_answers_over_http_once_it_is_installed(
    engine: Engine, team: Team, client_of: ClientOf, ben: User
) -> None:
    selectors._open.cache_clear()
    image = make_image(make_dataset(make_project(team)), shape_tzyx=(1, 1, 64, 64), pixels=True)
    client, prompts = client_of(ben), f"/api/v1/images/{image.pk}/prompts/"
    asked = {"clicks": [{"y": 30.5, "x": 30.5, "sign": 1}]}
    refused = client.post(prompts, asked, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_larger_model")
    larger_model(engine.larger)
    try:
        answer = client.post(prompts, asked, format="json")
        assert answer.status_code == 200
        runs = np.array(answer.json()["runs"]).reshape(-1, 3)
        assert len(runs) > 0
        assert (runs[:, 1] + runs[:, 2] <= 64).all()
        assert answer.json()["quality"] == pytest.approx(0.93, abs=1e-3)
        assert client.get("/api/v1/prompt-models/current/").json()["larger"]["name"] == "bright"
        assert client.post(prompts, {"clicks": []}, format="json").status_code == 400
        beside = {"clicks": [{"y": 1, "x": 1, "sign": -1}]}
        assert client.post(prompts, beside, format="json").status_code == 400
    finally:
        (engine.larger / "prompt.json").unlink()


@pytest.mark.django_db(transaction=True)
def test_M14_two_who_ask_at_once_have_it_made_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = gather()
    selectors._open.cache_clear()
    image = make_image(make_dataset(make_project(cast.team)), shape_tzyx=(1, 1, 70, 90), pixels=True)
    place = selectors.frame_place(image=image, t=0, z=0, channels=[])
    asked: list[str] = []
    ask = resident.ask

    def counting(operation: str, **words: Any) -> Any:
        asked.append(operation)
        time.sleep(0.2)
        return ask(operation, **words)

    monkeypatch.setattr(resident, "ask", counting)
    made: list[bytes] = []
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        made.append(embeddings.tile(place=place, ty=0, tx=0))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked.count("embed") == 1
    assert len(made) == 3
    assert len(set(made)) == 1


def test_deleting_the_image_forgets_its_embedding(
    engine: Engine, image: Image, client_of: ClientOf, ben: User, mia: User
) -> None:
    client_of(ben).get(address(image))
    folder = selectors.frame_place(image=image, t=0, z=0, channels=[0]).folder(read_model(SHIPPED).digest)
    assert list(storage.list_keys(folder))
    assert folder.startswith(f"images/{image.pk}/")


def test_M14_a_killed_engine_process_is_started_again_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "e.sock"
    monkeypatch.setenv(SOCKET_VARIABLE, str(socket))
    child = Child(
        name="engine", words=("engine",), log=tmp_path / "engine.log",
        environment={SOCKET_VARIABLE: str(socket), "CYTOLOOP_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    child.start()
    try:
        first = answer_of(child)
        os.kill(first, 9)
        second = answer_of(child)
        assert second != first
        assert "started again" in told_by(child)
    finally:
        end_all([child], grace_s=5)


stories: dict[str, str] = {}


def told_by(child: Child) -> str:
    return stories.get(child.name, "")


def answer_of(child: Child) -> int:
    """The process that answers, once one does; the supervisor's watch goes on meanwhile."""
    until = time.monotonic() + START_LIMIT_S
    while True:
        if story := child.watch():
            stories[child.name] = story
        try:
            told, _ = resident.ask("describe")
            if child.process is not None and child.alive():
                return int(told["pid"])
        except resident.NoEngine:
            assert time.monotonic() < until
        time.sleep(0.1)
