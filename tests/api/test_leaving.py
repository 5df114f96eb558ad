"""L17 over HTTP: files of a model that leaves, and a live model that answers pictures."""

import io
import json
import os
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import tifffile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from backend.foundation import clock, storage
from tests.engine import small_models
from tests.engine.conftest import discs
from tests.factories import training as make
from training.contract.socket_words import SOCKET_VARIABLE
from training.models import Promotion, TrainedModel
from training.runners import leaving
from training.selectors import leaving as selectors

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def model(team: Team, mia: User, tmp_path: Path) -> TrainedModel:
    """A model of instances whose weights are in storage."""
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    made = make.trained_model(make.snapshot(dataset, by=mia), by=mia)
    storage.delete_prefix(made.weights_key)
    storage.upload_folder(small_models.instances(tmp_path / "weights", flips=False), made.weights_key)
    return made


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine process that stays, on a socket of its own."""
    path = tmp_path / "e.sock"
    words = ["-m", "training.engine.resident", "--socket", str(path), "--threads", "1"]
    process = subprocess.Popen([sys.executable, *words])
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    monkeypatch.setitem(os.environ, SOCKET_VARIABLE, str(path))
    yield
    process.kill()
    process.wait()


def make_live(model: TrainedModel) -> None:
    Promotion.objects.create(
        project=model.project,
        recipe=model.recipe,
        number=1,
        trained_model=model,
        snapshot=make.snapshot_of(model),
        promoted_at=clock.now(),
    )


def picture(pixels: np.ndarray[Any, Any] | None = None) -> SimpleUploadedFile:
    file = io.BytesIO()
    shown = (discs(5)[0] // 8).astype(np.uint8) if pixels is None else pixels
    Image.fromarray(shown).save(file, format="PNG")
    return SimpleUploadedFile("cells.png", file.getvalue(), content_type="image/png")


def ask(client: APIClient, model: TrainedModel | uuid.UUID, **parts: Any) -> Any:
    pk = model.pk if isinstance(model, TrainedModel) else model
    return client.post(f"/api/v1/models/{pk}/predict", parts, format="multipart")


def test_L17_a_model_leaves_as_a_zip_that_is_written_once(
    model: TrainedModel, client_of: ClientOf, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/trained-models/{model.pk}/leaving/"
    asked = client_of(mia).post(address, {"form": "onnx", "licence": "MIT"}, format="json")
    assert asked.status_code == 200, asked.content
    monkeypatch.setattr(leaving, "_make", lambda *_: pytest.fail("It is there already."))
    answered = client_of(mia).get(asked.json()["address"])
    with zipfile.ZipFile(io.BytesIO(answered.getvalue())) as archive:
        assert set(archive.namelist()) == {"model.onnx", "README.md"}
        told = onnxruntime.InferenceSession(archive.read("model.onnx")).get_modelmeta().custom_metadata_map
        assert "## Data" in archive.read("README.md").decode()
    assert json.loads(told["cytoloop"])["licence"] == "MIT"
    assert json.loads(told["cytoloop"])["identity"] == str(model.pk)


def test_L17_a_model_that_cannot_leave_says_why(model: TrainedModel, client_of: ClientOf, mia: User) -> None:
    card = json.loads(storage.get(f"{model.weights_key}/model.json"))
    storage.put(f"{model.weights_key}/model.json", json.dumps({**card, "recipe": "detect"}).encode())
    address = f"/api/v1/trained-models/{model.pk}/leaving/"
    answered = client_of(mia).post(address, {"form": "bioimageio"}, format="json")
    assert answered.status_code == 409
    assert "Take it as a container" in answered.json()["detail"]
    assert client_of(mia).post(address, {"form": "tar"}, format="json").status_code == 400
    assert client_of(mia).get(f"{address}onnx/?licence=secret").status_code == 400


def test_L17_a_live_model_answers_pictures(
    model: TrainedModel, engine: None, client_of: ClientOf, mia: User
) -> None:
    refused = ask(client_of(mia), model, image=picture())
    assert refused.status_code == 409
    assert "is not promoted" in refused.json()["detail"]
    make_live(model)
    answered = ask(client_of(mia), model, image=picture())
    assert answered.status_code == 200, answered.content
    assert answered["Content-Type"] == "image/tiff"
    labels = tifffile.imread(io.BytesIO(answered.content))
    assert labels.shape == (96, 96)
    assert labels.max() > 1
    listed = ask(client_of(mia), model, image=picture(), answer="json").json()
    assert len(listed["cells"]) == labels.max()
    assert listed["reading"] == json.loads(answered["Cytoloop-Reading"])
    small = ask(client_of(mia), model, image=picture(), cell_px="12")
    assert json.loads(small["Cytoloop-Reading"])["cell_px"] == 12
    lacking = ask(client_of(mia), model, image=picture(), channels="DAPI")
    assert lacking.status_code == 400
    assert "there is no channel “DAPI”" in lacking.json()["detail"]
    unread = ask(client_of(mia), model, image=SimpleUploadedFile("x.png", b"no picture at all"))
    assert unread.status_code == 400
    assert "cannot be read" in unread.json()["detail"]
    assert ask(client_of(mia), model).status_code == 400


def test_L17_without_an_engine_the_answer_says_so(
    model: TrainedModel, client_of: ClientOf, mia: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(os.environ, SOCKET_VARIABLE, str(tmp_path / "nobody.sock"))
    make_live(model)
    assert ask(client_of(mia), model, image=picture()).status_code == 503


def test_L17_a_stranger_finds_no_model_to_take_or_ask(
    model: TrainedModel, client_of: ClientOf, dan: User, mia: User
) -> None:
    make_live(model)
    address = f"/api/v1/trained-models/{model.pk}/leaving/"
    for pk, who in ((model.pk, dan), (uuid.uuid4(), mia)):
        assert ask(client_of(who), pk, image=picture()).status_code == 404
        theirs = address.replace(str(model.pk), str(pk))
        assert client_of(who).post(theirs, {"form": "onnx"}, format="json").status_code == 404
        assert client_of(who).get(f"{theirs}onnx/").status_code == 404


def test_L17_the_live_model_is_named_where_another_is_asked(model: TrainedModel, mia: User) -> None:
    make_live(model)
    second = make.trained_model(make.snapshot_of(model), by=mia)
    selectors.require_live(trained_model=model)
    with pytest.raises(selectors.NotPromoted, match=f"the live model of {model.recipe} is {model}"):
        selectors.require_live(trained_model=second)
