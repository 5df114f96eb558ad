"""L17: what leaves the house says what the engine says: as ONNX, as a bioimage.io package, as a server."""

import io
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import onnx
import onnxruntime
import pytest
import tifffile
import yaml
from PIL import Image

from tests.engine import small_models
from tests.engine.conftest import discs
from training.contract.files import read_model_card
from training.contract.leaving import Facts, Form
from training.engine import trained
from training.engine.data.normalising import look_at, normalise
from training.engine.devices import Device, device_of
from training.engine.errors import RunRefused, WrongModel
from training.engine.instance_kinds import KINDS
from training.engine.leaving import asking, multipart, onnx_file, trials
from training.engine.leaving.graphs import open_model
from training.engine.leaving.writing import write
from training.engine.predicting import read_maps
from training.engine.recipes import instances

FACTS = Facts(
    name="Nuclei “A”",
    version=2,
    author="Ana",
    licence="CC-BY-4.0",
    learned_from="Three images.",
    reads=["DAPI"],
)
APART = 1e-4
RUNNER = os.environ.get("CYTOLOOP_BIOIMAGEIO", "")
"""The public test runner `bioimageio`, where one was installed in an environment of its own."""


@pytest.fixture
def exact() -> Device:
    """The engine in float32: what leaves is float32 too, whatever the processor is quick at."""
    return device_of(("cpu",), half=False, workers=1)


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def tiff(pixels: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="minisblack")
    return file.getvalue()


@pytest.mark.parametrize("target", list(KINDS))
def test_L17_onnx_says_the_maps_of_the_engines_own_reader(target: str, tmp_path: Path, exact: Device) -> None:
    model = small_models.instances(tmp_path / "model", target, flips=False)
    write(model, Form.ONNX, FACTS, tmp_path / "out")
    frame = discs(5, size=80)[0][None, :64]  # 64 × 80: neither the size nor the shape it was written with
    net, card = trained.load(model, recipe="instances")
    reader = instances.make_reader(net, KINDS[target], exact, flips=False)
    wanted = read_maps(reader, frame, net.channels)
    given = normalise(frame, look_at(frame), 1)[None]
    said = onnx_file.run(tmp_path / "out" / "model.onnx", given)[0][0]
    assert said.shape == (KINDS[target].outputs, 64, 80)
    assert np.abs(said - wanted).max() <= APART * max(1.0, np.abs(wanted).max())
    session = onnxruntime.InferenceSession(str(tmp_path / "out" / "model.onnx"))
    told = json.loads(session.get_modelmeta().custom_metadata_map["cytoloop"])
    assert told["decoding"] == card.decoding
    assert told["licence"] == "CC-BY-4.0"
    assert len(told["channels_out"]) == KINDS[target].outputs
    assert "Three images." in (tmp_path / "out" / "README.md").read_text()


MAKERS: list[Callable[[Path], Path]] = [
    small_models.instances,
    small_models.semantic,
    small_models.translate,
    small_models.classify,
]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_L17_a_bioimageio_package_is_valid_and_reproduces_the_engine(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    model, out = make(tmp_path / "model"), tmp_path / "out"
    write(model, Form.BIOIMAGEIO, FACTS, out)
    leaving = open_model(model)
    rdf = yaml.safe_load((out / "rdf.yaml").read_text())
    raw = np.load(out / rdf["inputs"][0]["test_tensor"]["source"])
    given = by_the_format(raw, rdf["inputs"][0].get("preprocessing", []))
    for tensor, mine in zip(rdf["outputs"], trials.ask(leaving, given), strict=True):
        kept = np.load(out / tensor["test_tensor"]["source"])
        assert np.abs(kept - mine).max() <= APART
    for tensor, said in zip(rdf["outputs"], onnx_file.run(out / "model.onnx", given), strict=True):
        assert np.abs(said - np.load(out / tensor["test_tensor"]["source"])).max() <= APART
    with Image.open(out / "cover.png") as cover:
        assert cover.size == (512, 256)
    assert validate(out / "rdf.yaml") == "valid-format"


def by_the_format(raw: np.ndarray[Any, Any], steps: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """Preprocessing as the format describes it, with NumPy: the twin of the engine's normalising."""
    for step in steps:
        words = step["kwargs"]
        if step["id"] == "scale_range":
            low, high = (
                np.percentile(raw, words[name], axis=tuple(range(2, raw.ndim)), keepdims=True)
                for name in ("min_percentile", "max_percentile")
            )
            raw = (raw - low) / (high - low + 1e-6)
        else:
            raw = np.clip(raw, words["min"], words["max"])
    return raw.astype(np.float32)


def validate(rdf: Path) -> str:
    """What the format's own validator says; a process, for it leaves files open and has a cache."""
    script = (
        "import sys; from bioimageio.spec import load_description as load; d = load(sys.argv[1]);"
        "s = d.validation_summary; print(s.status if s.status != 'failed' else s.format())"
    )
    words = [sys.executable, "-c", script, str(rdf)]
    place = {"BIOIMAGEIO_CACHE_PATH": str(rdf.parent / "cache")}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, **place})
    return done.stdout.strip()


@pytest.mark.skipif(
    not RUNNER,
    reason="CYTOLOOP_BIOIMAGEIO does not name the program `bioimageio` of bioimageio.core",
)
def test_L17_the_public_runner_accepts_a_package(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(small_models.instances(tmp_path / "model", "flows"), Form.BIOIMAGEIO, FACTS, out)
    packed = shutil.make_archive(str(tmp_path / "nuclei"), "zip", out)
    words = [RUNNER, "test", packed, "--weight-format", "onnx"]
    place = {**os.environ, "BIOIMAGEIO_CACHE_PATH": str(tmp_path / "cache")}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=place)
    assert done.returncode == 0, done.stdout[-3000:]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The server as it stands in a folder that has left, with nothing else on its path."""
    words = [sys.executable, "-m", "training.engine.leaving.server", "--port", "0", "--threads", "1"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def post(address: str, **parts: bytes) -> bytes:
    """A form as curl sends it."""
    fence = b"fence-7f3a"
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\n\r\n%s\r\n'
        % (fence, name.encode(), content)
        for name, content in parts.items()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={fence.decode()}"}
    asked = urllib.request.Request(address, data=body + b"--" + fence + b"--\r\n", headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answered:
        told: bytes = answered.read()
    return told


def test_L17_a_container_answers_as_the_engine_does(tmp_path: Path, exact: Device) -> None:
    model, out = small_models.instances(tmp_path / "model"), tmp_path / "out"
    write(model, Form.CONTAINER, FACTS, out)
    assert (out / "model" / "model.onnx").exists()
    assert not (out / "model" / "weights.safetensors").exists()
    assert "training.engine.leaving.server" in (out / "Dockerfile").read_text()
    frame = discs(5)[0]
    mine = tifffile.imread(io.BytesIO(asking.answer(model, exact, tiff(frame)).body))
    assert mine.max() > 1
    with served(out) as address:
        assert json.load(urllib.request.urlopen(f"{address}/health"))["ok"] is True
        assert json.load(urllib.request.urlopen(f"{address}/card"))["facts"]["licence"] == "CC-BY-4.0"
        its = tifffile.imread(io.BytesIO(post(f"{address}/predict", image=tiff(frame))))
        np.testing.assert_array_equal(its, mine)
        listed = json.loads(post(f"{address}/predict", image=tiff(frame), answer=b"json"))
        assert [row["cell"] for row in listed["cells"]] == list(range(1, int(mine.max()) + 1))
        both = stained(discs(6)[0], frame, names=("Membrane", "Nuclei"))
        np.testing.assert_array_equal(
            tifffile.imread(io.BytesIO(post(f"{address}/predict", image=both))), mine
        )
        asked = json.loads(post(f"{address}/predict", image=both, answer=b"json", channels=b"Membrane"))
        assert asked["reading"]["channels"] == ["Membrane"]
        with pytest.raises(HTTPError) as refused:
            post(f"{address}/predict", image=b"no picture")
        assert refused.value.code == 400
        assert "not an image" in json.load(refused.value)["detail"]


def test_L17_classes_are_the_same_with_the_net_as_onnx(tmp_path: Path, exact: Device) -> None:
    model, out = small_models.classify(tmp_path / "model"), tmp_path / "out"
    write(model, Form.CONTAINER, FACTS, out)
    frame, labels = discs(5)
    told = [
        json.loads(asking.answer(place, exact, tiff(frame), tiff(labels.astype(np.uint16))).body)
        for place in (model, out / "model")
    ]
    assert len(told[0]["cells"]) == len(np.unique(labels)) - 1
    assert told[0]["classes"] == ["live", "dead"]
    for mine, its in zip(told[0]["cells"], told[1]["cells"], strict=True):
        assert mine["class"] == its["class"]
        assert abs(mine["probabilities"]["live"] - its["probabilities"]["live"]) <= APART
    with pytest.raises(RunRefused, match="send their labels too"):
        asking.answer(model, exact, tiff(frame))
    with pytest.raises(RunRefused, match="of one size"):
        asking.answer(model, exact, tiff(frame), tiff(labels[:-8].astype(np.uint16)))


def test_L17_predicted_channels_come_as_ome_tiff_with_names(tmp_path: Path, exact: Device) -> None:
    model = small_models.translate(tmp_path / "model")
    frame = np.stack([discs(seed)[0] for seed in (1, 2)])
    made = asking.answer(model, exact, tiff(frame))
    with tifffile.TiffFile(io.BytesIO(made.body)) as file:
        assert file.asarray().shape == (2, 96, 96)
        assert "DAPI predicted" in str(file.ome_metadata)


def test_L17_what_a_model_cannot_read_is_said_in_a_sentence(tmp_path: Path, exact: Device) -> None:
    model = small_models.instances(tmp_path / "model", channels=2)
    three = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    with pytest.raises(RunRefused, match="names 3, but the model reads pictures of 1 or 2"):
        asking.answer(model, exact, png(three), asked={"channels": [1, 2, 3]})
    with pytest.raises(RunRefused, match="megapixels; at most 32"):
        asking.refuse_too_large((4, 1, 1, 4000, 4000))


def stained(*frames: np.ndarray[Any, Any], names: tuple[str, ...]) -> bytes:
    """One picture of several named channels."""
    file = io.BytesIO()
    metadata = {"axes": "CYX", "Channel": {"Name": list(names)}}
    tifffile.imwrite(file, np.stack(frames), ome=True, photometric="minisblack", metadata=metadata)
    return file.getvalue()


def test_L17_the_channel_is_read_that_was_learned_from_or_is_asked_for(tmp_path: Path, exact: Device) -> None:
    model = small_models.instances(tmp_path / "model")
    nuclei, membrane = discs(5)[0], discs(6)[0]
    both = stained(membrane, nuclei, names=("Membrane", "DAPI"))
    alone = {name: asking.answer(model, exact, tiff(frame)) for name, frame in
             (("DAPI", nuclei), ("Membrane", membrane))}  # fmt: skip
    assert alone["DAPI"].body != alone["Membrane"].body
    by_itself = asking.answer(model, exact, both, learned=["Hoechst"])
    assert by_itself.body == alone["DAPI"].body
    assert by_itself.reading["channels"] == ["DAPI"]
    asked = asking.answer(model, exact, both, asked={"channels": ["1"]}, learned=["Hoechst"], as_json=True)
    assert json.loads(asked.body)["reading"]["channels"] == ["Membrane"]
    assert asking.answer(model, exact, both, asked={"channels": ["membrane"]}).body == alone["Membrane"].body
    with pytest.raises(RunRefused, match="there is no channel “GFP”; there are “Membrane”, “DAPI”"):
        asking.answer(model, exact, both, asked={"channels": ["GFP"]})


def test_L17_cells_are_taken_for_as_large_as_is_said(tmp_path: Path, exact: Device) -> None:
    model = small_models.instances(tmp_path / "model")
    learned_px = read_model_card(model).object_size_px
    assert learned_px
    frame = tiff(discs(5)[0])
    assert "zoom" in asking.answer(model, exact, frame).reading  # found by itself, as a job does
    assert "zoom" not in asking.answer(model, exact, frame, asked={"cell_px": "learned"}).reading
    told = asking.answer(model, exact, frame, asked={"cell_px": 2 * learned_px}).reading
    assert told["zoom"] == 0.5
    with pytest.raises(RunRefused, match="a diameter from 2 to 2000 px"):
        asking.answer(model, exact, frame, asked={"cell_px": "large"})
    with pytest.raises(RunRefused, match="cannot be told “cell_px”"):
        asking.answer(small_models.semantic(tmp_path / "other"), exact, frame, asked={"cell_px": 9.0})


def test_L17_a_net_that_says_something_else_does_not_leave(tmp_path: Path) -> None:
    leaving = open_model(small_models.semantic(tmp_path / "model"))
    path = tmp_path / "out" / "model.onnx"
    path.parent.mkdir()
    trial = onnx_file.write_onnx(leaving, FACTS, path.parent)
    model = onnx.load(path)
    largest = max(model.graph.initializer, key=lambda each: int(np.prod(each.dims)))
    changed = onnx.numpy_helper.to_array(largest) + np.float32(0.05)
    largest.CopyFrom(onnx.numpy_helper.from_array(changed, largest.name))
    onnx.save(model, path)
    with pytest.raises(WrongModel, match="differs from the engine's"):
        onnx_file.refuse_other_maps(path, trial)


def test_L17_values_beyond_one_are_compared_by_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scale of 50 that is off by 0.001 is as near as a probability that is off by 0.00002."""
    made = np.array([[50.0, 0.5]], np.float32)
    trial = trials.Trial(made, made, (made,))
    for off, leaves in (([1e-3, 0], True), ([0, 1e-3], False), ([0.1, 0], False)):
        near = made + np.array([off], np.float32)
        monkeypatch.setattr(onnx_file, "run", lambda _path, _given, near=near: [near])
        if leaves:
            onnx_file.refuse_other_maps(tmp_path, trial)
        else:
            with pytest.raises(WrongModel, match="differs"):
                onnx_file.refuse_other_maps(tmp_path, trial)


def test_L17_a_detector_leaves_as_a_container_alone(tmp_path: Path) -> None:
    model = small_models.instances(tmp_path / "model")
    card = json.loads((model / "model.json").read_text())
    (model / "model.json").write_text(json.dumps({**card, "recipe": "detect"}))
    with pytest.raises(WrongModel, match="Take it as a container"):
        write(model, Form.ONNX, FACTS, tmp_path / "onnx")
    write(model, Form.CONTAINER, FACTS, tmp_path / "container")
    assert (tmp_path / "container" / "model" / "weights.safetensors").exists()


def test_L17_forms_are_read_as_they_were_sent() -> None:
    content = b"\r\n--almost\r\n\x00\xff--x"
    body = b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + content + b"\r\n--b--\r\n"
    assert multipart.read_form("multipart/form-data; boundary=b", body) == {"image": content}
    assert multipart.read_form("image/png", b"abc") == {"image": b"abc"}
    with pytest.raises(multipart.NotAForm, match="ends in the middle"):
        multipart.read_form("multipart/form-data; boundary=b", body[:-6])
