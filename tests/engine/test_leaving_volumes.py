"""L17 of volumes: nets that read stacks leave as those that read planes do, and say what the engine says."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import torch
import yaml

from tests.engine.small_models import card_of
from tests.engine.test_leaving import APART, FACTS, by_the_format, tiff, validate
from tests.engine.test_volumes import balls
from training.contract.leaving import Form
from training.engine import trained
from training.engine.decoding.quality import Calibration
from training.engine.devices import device_of
from training.engine.leaving import asking, onnx_file, trials
from training.engine.leaving.graphs import open_model
from training.engine.leaving.writing import write
from training.engine.nets.unet import UNet
from training.engine.novelty import learn_familiar
from training.engine.volumes.instances import make_reader
from training.engine.volumes.kinds import KINDS
from training.engine.volumes.opening import read_maps

RECIPES = [*(("instances", {"target": target}) for target in KINDS), ("semantic", {}), ("translate", {})]


def model_of(folder: Path, recipe: str, words: dict[str, Any]) -> Path:
    """A net of volumes that nobody trained: two slices make one at its second halving."""
    torch.manual_seed(3)
    outputs = KINDS[words["target"]].outputs if words else 2
    net = UNet(channels=1, outputs=outputs, widths=(8, 12, 16), z_steps=(1, 2)).eval()
    with torch.no_grad():
        net.head.bias[:2] += 2  # foreground, and what is highest in a cell
    decoding: dict[str, Any] = {"spacing": 2.0, "chance": 0.0, "calibration": list(Calibration().weights)}
    if words:
        decoding |= KINDS[words["target"]].decodings[0]
    if recipe == "translate":
        familiar = learn_familiar([np.random.default_rng(0).random((1, 64, 64), np.float32)])
        decoding = {
            "inputs": ["Channel 1"], "targets": ["DAPI"], "z_stack": False, "factors": [1.0], "low": [0.0],
            "span": [100.0], "usual": 1.0, "shared": False, "familiar": familiar.to_json(),
        }  # fmt: skip
        words = {"targets": ["DAPI"]}
    trained.save(folder, net, card_of(recipe, net, {"volumes": "volume", **words}, decoding))
    return folder


@pytest.mark.parametrize(("recipe", "words"), RECIPES, ids=lambda part: str(part))
def test_L17_a_package_of_a_net_of_volumes_is_valid_and_reproduces_the_engine(
    recipe: str, words: dict[str, Any], tmp_path: Path
) -> None:
    model, out = model_of(tmp_path / "model", recipe, words), tmp_path / "out"
    write(model, Form.BIOIMAGEIO, FACTS, out)
    leaving, rdf = open_model(model), yaml.safe_load((out / "rdf.yaml").read_text())
    assert [axis.get("id") for axis in rdf["inputs"][0]["axes"][2:]] == ["z", "y", "x"]
    assert "3d" in rdf["tags"]
    raw = np.load(out / rdf["inputs"][0]["test_tensor"]["source"])
    given = by_the_format(raw, rdf["inputs"][0]["preprocessing"])
    kept = np.load(out / rdf["outputs"][0]["test_tensor"]["source"])
    assert np.abs(kept - trials.ask(leaving, given)[0]).max() <= APART * max(1.0, np.abs(kept).max())
    assert validate(out / "rdf.yaml") == "valid-format"


@pytest.mark.parametrize("target", list(KINDS))
def test_L17_onnx_of_volumes_says_the_maps_of_the_engines_own_reader(target: str, tmp_path: Path) -> None:
    model = model_of(tmp_path / "model", "instances", {"target": target})
    write(model, Form.ONNX, FACTS, tmp_path / "out")
    pixels = balls(4, size=(12, 40, 32))[0][None]  # not the sides it was written with
    net, _ = trained.load(model, recipe="instances")
    exact = device_of(("cpu",), half=False, workers=1)
    wanted = read_maps(make_reader(net, KINDS[target], exact, flips=False), pixels, 1)
    leaving = open_model(model)
    given = trials._normalised(leaving, pixels)[None]
    said = onnx_file.run(tmp_path / "out" / "model.onnx", given)[0][0]
    assert said.shape == (KINDS[target].outputs, 12, 40, 32)
    assert np.abs(said - wanted).max() <= APART * max(1.0, np.abs(wanted).max())
    assert "(batch, 1, z, y, x), sides multiples of 2, 4, 4" in (tmp_path / "out" / "README.md").read_text()


def test_L17_a_container_answers_volumes_as_the_engine_does(tmp_path: Path) -> None:
    model = model_of(tmp_path / "model", "instances", {"target": "distance"})
    write(model, Form.CONTAINER, FACTS, tmp_path / "out")
    assert (tmp_path / "out" / "model" / "model.onnx").exists()
    stack, exact = balls(4, size=(12, 40, 32))[0], device_of(("cpu",), half=False, workers=1)
    mine, its = (
        tifffile.imread(io.BytesIO(asking.answer(place, exact, tiff(stack)).body))
        for place in (model, tmp_path / "out" / "model")
    )
    assert mine.shape == (12, 40, 32)
    assert mine.any()
    with tifffile.TiffFile(io.BytesIO(asking.answer(model, exact, tiff(stack)).body)) as file:
        assert file.series[0].axes == "ZYX", "a stack that names no axes is no movie to a net of volumes"
    np.testing.assert_array_equal(its, mine)
