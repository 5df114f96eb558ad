"""M21: from ignored areas nothing is learned, and nothing in them is scored."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.engine.conftest import RunWriter, discs
from training.contract.files import write_json
from training.contract.manifest import Split
from training.contract.results import CellEntry, CellList
from training.engine import losses, scoring
from training.engine.data.frames import Ignore, TrainingFrames, ignore_all, ignore_by_weight
from training.engine.data.images import LabelledImage, Truth
from training.engine.devices import choose_device
from training.engine.instance_kinds import KINDS
from training.engine.process import run_recipe
from training.engine.recipes import instances, semantic
from training.engine.targets import distance, flows, regions
from training.engine.tuning import ReadFrame, choose_decoding

Labels = npt.NDArray[np.uint32]


@pytest.fixture
def picture(run: RunWriter) -> tuple[LabelledImage, Labels, int]:
    """Discs, one of which is ignored: the image as the engine opens it, all labels, and which one."""
    pixels, labels = discs(1)
    line = run.add(Split.TRAIN, pixels, labels)
    cells = [int(cell) for cell in np.unique(labels[labels > 0])]
    entries = [CellEntry(cell=cell, class_index=1, ignored=cell == cells[0]) for cell in cells]
    write_json(run.folder.path / f"labels/{line.image_id}.json", CellList(cells=entries).to_json())
    return LabelledImage(run.folder, line), labels, cells[0]


def test_M21_the_truth_has_a_hole_where_the_ignored_cell_is(
    picture: tuple[LabelledImage, Labels, int],
) -> None:
    image, labels, hidden = picture
    truth = image.read_truth(0, 0)
    assert (truth.ignored == (labels == hidden)).all()
    assert hidden not in image.read_labels(0, 0)
    assert (truth.labels[0] == np.where(labels == hidden, 0, labels)).all()
    window = image.read_truth(0, 0, slice(10, 40), slice(5, 50))
    assert (window.ignored == (labels == hidden)[10:40, 5:50]).all()


KINDS_OF_TARGET: dict[str, tuple[Any, Ignore, Any]] = {
    "distance": (distance.build, ignore_by_weight, losses.distance_loss),
    "flows": (flows.build, ignore_by_weight, losses.flow_loss),
    "regions": (
        lambda labels: regions.build(labels, {}, 1),
        ignore_all,
        lambda said, wanted: losses.region_loss(said, wanted, torch.ones(2)),
    ),
}


@pytest.mark.parametrize("name", KINDS_OF_TARGET)
def test_M21_the_loss_does_not_see_what_is_said_in_ignored_area(
    name: str, picture: tuple[LabelledImage, Labels, int]
) -> None:
    build, ignore, loss = KINDS_OF_TARGET[name]
    image, labels, hidden = picture
    frames = TrainingFrames([image], channels=1, build_target=lambda labels, _: build(labels), ignore=ignore)
    everything = np.arange(labels.shape[0])
    wanted = torch.from_numpy(frames.window(0, everything, everything).target.astype(np.float32) / 255)[None]
    outputs = wanted.shape[1] - (0 if name == "regions" else 1)
    said = torch.zeros((1, outputs, *labels.shape))
    shouted = 7 * torch.arange(1.0, outputs + 1)[None, :, None, None]
    nonsense = torch.where(torch.from_numpy(labels == hidden), shouted, said)
    elsewhere = torch.where(torch.from_numpy((labels > 0) & (labels != hidden)), shouted, said)
    assert torch.equal(loss(nonsense, wanted), loss(said, wanted))
    assert not torch.allclose(loss(elsewhere, wanted), loss(said, wanted))


def test_M21_crops_are_not_drawn_on_ignored_cells_and_the_digest_tells(
    run: RunWriter, picture: tuple[LabelledImage, Labels, int]
) -> None:
    image, labels, hidden = picture

    def frames_of(one: LabelledImage) -> TrainingFrames:
        return TrainingFrames(
            [one], channels=1, build_target=lambda labels, _: distance.build(labels), ignore=ignore_by_weight
        )

    facts = frames_of(image).facts[0]
    assert not (labels[facts.cell_px[:, 0], facts.cell_px[:, 1]] == hidden).any()
    bare = run.add(Split.TRAIN, discs(1)[0], np.where(labels == hidden, 0, labels).astype(np.uint32))
    assert frames_of(LabelledImage(run.folder, bare)).facts[0].digest != facts.digest


def test_M21_scores_pass_over_predictions_in_ignored_area() -> None:
    labels = np.zeros((1, 10, 30), np.uint32)
    labels[0, 2:8, 2:8] = 4
    ignored = np.zeros((10, 30), np.bool_)
    ignored[:, 10:] = True
    said = np.zeros((10, 30), np.uint32)
    said[2:8, 14:20], said[2:8, 2:8] = 1, 2
    truth = Truth(labels, ignored)
    assert scoring.instance_scores([scoring.count(truth, said)])["precision"] == 1
    assert scoring.instance_scores([scoring.count(Truth.of(labels), said)])["precision"] == 0.5
    judged = scoring.judged(said, ignored)
    assert np.unique(judged).tolist() == [0, 1]
    assert scoring.match(truth, judged).ious.tolist() == [1.0]


def test_M21_thresholds_are_not_chosen_by_ignored_area() -> None:
    """A net that sees cells all over an ignored half is not taught by it to see fewer."""
    device = choose_device(1)
    cells = np.zeros((1, 48, 96), np.uint32)
    cells[0, 10:30, 10:30], cells[0, 10:30, 60:80] = 1, 2
    maps = np.asarray(distance.build(cells)[:3] / 255, np.float32)
    ignored = np.zeros((48, 96), np.bool_)
    ignored[:, 48:] = True
    labels = np.where(cells == 2, 0, cells).astype(np.uint32)
    frame = ReadFrame(maps, Truth(labels, ignored))
    _, score = choose_decoding(KINDS["distance"], [frame], device, size_px=0)
    _, without = choose_decoding(KINDS["distance"], [ReadFrame(maps, Truth.of(labels))], device, size_px=0)
    assert score == 1.0
    assert without is not None
    assert without < 1.0


def test_M21_regions_are_not_scored_in_ignored_area(picture: tuple[LabelledImage, Labels, int]) -> None:
    image, labels, hidden = picture
    truth = semantic.true_classes(image, 0, 0, 1)
    assert (truth[labels == hidden] == -1).all()
    assert (truth[labels == 0] == 0).all()
    assert (truth[(labels > 0) & (labels != hidden)] == 1).all()


@pytest.mark.parametrize("recipe", [instances, semantic])
def test_M21_a_run_with_ignored_cells_learns_and_scores(recipe: Any, run: RunWriter) -> None:
    run.add_discs()
    for line in run.lines:
        labels = discs(int(line.image_id.split("-")[1]))[1]
        entries = [CellEntry(cell=int(labels.max()), ignored=True)]
        write_json(run.folder.path / f"labels/{line.image_id}.json", CellList(cells=entries).to_json())
    name = recipe.RECIPE
    folder = run.ask("train", recipe=name)
    run_recipe(name, recipe.ACTIONS, [str(folder.path)])
    result = folder.read_result()
    assert result is not None
    assert result.ok, result.detail
    truths = [LabelledImage(folder, line).read_labels(0, 0) for line in run.lines if line.split is Split.TEST]
    if recipe is instances:
        assert result.scores["test"]["cells"] == sum(len(np.unique(t[t > 0])) for t in truths)


def test_M21_the_list_of_cells_says_who_is_ignored() -> None:
    cells = CellList(cells=(CellEntry(cell=1, quality=0.0), CellEntry(cell=2, ignored=True)))
    assert cells.to_json() == {"cells": [{"cell": 1, "quality": 0.0}, {"cell": 2, "ignored": True}]}
    assert CellList.from_json(cells.to_json()).cells == cells.cells
