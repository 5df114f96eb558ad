"""L11 over HTTP, with a real engine process: why a class was told, and the training cells most alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from rest_framework.test import APIClient

from annotation.models import Image
from backend.accounts.models import User
from backend.foundation import storage
from tests.api.test_prompting import Engine
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from tests.factories.model_card import MODEL_CARD
from training.contract.cell_memory import CELLS, CellMemory
from training.contract.files import MODEL_CARD as CARD_FILE
from training.contract.recipes import complete_settings
from training.contract.results import ModelCard
from training.contract.socket_words import SOCKET_VARIABLE
from training.engine import trained
from training.engine.nets.backbones import Classifier
from training.models import TrainedModel
from training.selectors import cell_memory

ClientOf = Callable[[User | None], APIClient]
FEATURES = 128


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("e"))
    engine.wait()
    yield engine
    engine.process.kill()
    engine.process.wait()


@pytest.fixture
def model(cast: Cast, outbox: Outbox, tmp_path: Path) -> TrainedModel:
    """A classifier of two classes with weights of chance, and a memory of four training cells."""
    dataset = make.dataset(make.project(cast.team))
    cell_memory._read.cache_clear()
    images = make.labelled_images(dataset, 3, pixels=True)
    frozen = make.snapshot(dataset, by=cast.mia)
    settings = complete_settings("classify", {"classes": ["round", "long"], "crop_px": 48})
    made = make.trained_model(frozen, by=cast.mia, recipe="classify", settings=settings)
    torch.manual_seed(0)
    net = Classifier(backbone="small", channels=1, mask=True, outputs=2)
    decoding = {"field_px": None, "temperature": 1.0}
    facts = {**MODEL_CARD, "recipe": "classify", "settings": settings, "decoding": decoding}
    card = ModelCard.from_json({**facts, "net": net.describe()})
    trained.save(tmp_path, net, card)
    storage.put(f"{made.weights_key}/weights.safetensors", (tmp_path / "weights.safetensors").read_bytes())
    storage.put(f"{made.weights_key}/{CARD_FILE}", json.dumps(card.to_json()).encode())
    storage.put(f"{made.weights_key}/{CELLS}", remembered(images).to_bytes())
    return made


def remembered(images: list[Image]) -> CellMemory:
    """Both cells of the first two images, the class the cell's number, told right but for the last."""
    rng = np.random.default_rng(0)
    return CellMemory(
        image_ids=np.array([str(image.pk) for image in images]),
        image=np.array([0, 0, 1, 1]), frames=np.zeros((4, 2), np.int64), cells=np.array([1, 2, 1, 2]),
        boxes=np.array([[1, 1, 3, 3], [2, 5, 4, 7]] * 2), truth=np.array([0, 1, 0, 1]),
        told=np.array([0, 1, 0, 0]), sure=np.array([0.9, 0.8, 0.7, 0.2], np.float32),
        learned=np.array([True] * 4), features=rng.normal(size=(4, FEATURES)).astype(np.float16),
    )  # fmt: skip


def test_L11_worst_and_best_cells_of_each_class(model: TrainedModel, cast: Cast, client_of: ClientOf) -> None:
    path = f"/api/v1/trained-models/{model.pk}/cells/"
    found = client_of(cast.vic).get(path).json()
    assert [(one["name"], len(one["worst"]), len(one["best"])) for one in found] == [
        ("round", 1, 1),
        ("long", 1, 1),
    ]
    worst = found[1]["worst"][0]
    assert (worst["cell"], worst["truth"], worst["told"]) == (2, "long", "round")
    assert worst["sure"] == pytest.approx(0.2)
    assert client_of(cast.dan).get(path).status_code == 404
    storage.delete(f"{model.weights_key}/{CELLS}")
    cell_memory._read.cache_clear()
    assert "remembers no cells" in client_of(cast.vic).get(path).json()["detail"]


def test_L11_one_click_says_why(
    model: TrainedModel, cast: Cast, client_of: ClientOf, process: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, process.socket)
    image = Image.objects.filter(dataset__project=model.project).order_by("name")[0]
    path = f"/api/v1/trained-models/{model.pk}/explanation/?image={image.pk}&cell=2"
    answer = client_of(cast.vic).get(path)
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    assert told["classes"] == ["round", "long"]
    assert sum(told["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert told["of"] == told["classes"][int(np.argmax(told["probabilities"]))]
    assert all(told[name] for name in ("crop", "signed", "coarse"))
    likeness = [one["likeness"] for one in told["alike"]]
    assert len(likeness) == 4
    assert likeness == sorted(likeness, reverse=True)
    other = client_of(cast.vic).get(f"{path}&of=long").json()
    assert other["of"] == "long"
    crop = client_of(cast.vic).get(path.replace("explanation", "cell-crop"))
    assert crop.content.startswith(b"\x89PNG")


def test_L11_what_cannot_be_explained_is_said(
    model: TrainedModel, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "nobody.sock"))
    image = Image.objects.filter(dataset__project=model.project).order_by("name")[0]
    base = f"/api/v1/trained-models/{model.pk}/explanation/?image={image.pk}"
    client = client_of(cast.vic)
    assert client.get(f"{base}&cell=99").status_code == 404
    assert client.get(f"{base}&cell=1&t=7").status_code == 400
    assert "tells round, long" in client.get(f"{base}&cell=1&of=square").json()["detail"]
    assert client.get(f"{base}&cell=1").status_code == 503
    for address in (base, base.replace("explanation", "cell-crop")):
        assert client_of(cast.dan).get(f"{address}&cell=1").status_code == 404
    elsewhere = make.labelled_images(make.dataset(make.project(cast.dans_team)), 1)[0]
    foreign = base.replace(str(image.pk), str(elsewhere.pk))
    assert client.get(f"{foreign}&cell=1").status_code == 404
