"""K8: pixels about which people were divided count less in learning."""

from typing import Any

import numpy as np
import pytest
import torch
import zarr

from tests.engine.conftest import RunWriter, discs
from training.contract.manifest import ManifestLine, Split
from training.engine import losses
from training.engine.data.frames import Ignore, TrainingFrames, ignore_all, ignore_by_weight
from training.engine.data.images import LabelledImage
from training.engine.process import run_recipe
from training.engine.recipes import instances
from training.engine.targets import distance, flows, layers, regions

LIGHT = 26  # of 255: a tenth
DIVIDED = np.s_[20:40, 30:60]
BUILDS: dict[str, tuple[Any, Ignore, Any]] = {
    "distance": (distance.build, ignore_by_weight, losses.distance_loss),
    "flows": (flows.build, ignore_by_weight, losses.flow_loss),
    "layers": (layers.build, ignore_by_weight, None),
    "regions": (
        lambda labels: regions.build(labels, {}, 1),
        ignore_all,
        lambda said, wanted: losses.region_loss(said, wanted, torch.ones(2)),
    ),
}


def divided(run: RunWriter, line: ManifestLine, side: int) -> ManifestLine:
    """Says that people were divided about a rectangle of the image."""
    path = run.folder.pixel_weights(line)
    assert path is not None
    weights = zarr.create_array(path, shape=(1, 1, side, side), dtype="uint8", fill_value=255)
    weights[0, 0, *DIVIDED] = LIGHT
    return line


def target_of(image: LabelledImage, build: Any, ignore: Ignore, side: int) -> Any:
    frames = TrainingFrames([image], channels=1, build_target=lambda labels, _: build(labels), ignore=ignore)
    everything = np.arange(side)
    return frames.window(0, everything, everything).target.astype(np.float32)


@pytest.mark.parametrize("name", BUILDS)
def test_K8_a_divided_pixel_weighs_a_tenth_and_others_all(name: str, run: RunWriter) -> None:
    build, ignore, loss = BUILDS[name]
    pixels, labels = discs(1)
    side = len(labels)
    line = run.add(Split.TRAIN, pixels, labels)
    plain = target_of(LabelledImage(run.folder, line), build, ignore, side)
    light = target_of(LabelledImage(run.folder, divided(run, line, side)), build, ignore, side)
    clear = np.ones((side, side), bool)
    clear[DIVIDED] = False
    weighing = slice(None) if ignore is ignore_all else slice(-1, None)
    assert (light[:, clear] == plain[:, clear]).all()
    assert np.abs(light[weighing, ~clear] - plain[weighing, ~clear] * LIGHT / 255).max() <= 0.5
    if loss is None:
        return
    outputs = plain.shape[0] - (0 if name == "regions" else 1)
    pulled = []
    for target in (plain, light):
        said = torch.zeros((1, outputs, side, side), requires_grad=True)
        loss(said, torch.from_numpy(target / 255)[None]).backward()
        assert said.grad is not None
        pull = said.grad.abs().sum((0, 1))
        pulled.append(float(pull[torch.from_numpy(~clear)].sum() / pull[torch.from_numpy(clear)].sum()))
    assert pulled[1] < 0.2 * pulled[0]


def test_K8_a_window_has_its_part_of_the_weights_and_no_map_means_no_weights(run: RunWriter) -> None:
    pixels, labels = discs(2)
    line = run.add(Split.TRAIN, pixels, labels)
    assert LabelledImage(run.folder, line).read_truth(0, 0).weight is None
    image = LabelledImage(run.folder, divided(run, line, len(labels)))
    whole, part = image.read_truth(0, 0).weight, image.read_truth(0, 0, slice(30, 50), slice(25, 70)).weight
    assert whole is not None
    assert part is not None
    assert (part == whole[30:50, 25:70]).all()
    assert set(np.unique(whole)) == {np.float32(LIGHT / 255), np.float32(1)}


def test_K8_a_run_with_divided_pixels_learns(run: RunWriter) -> None:
    run.add_discs(train=2, validation=1, test=0)
    divided(run, run.lines[0], 96)
    folder = run.ask("train", settings={"doubt": True}, max_epochs=1)
    run_recipe(instances.RECIPE, instances.ACTIONS, [str(folder.path)])
    result = folder.read_result()
    assert result is not None
    assert result.ok, result.detail
