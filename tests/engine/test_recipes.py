"""The recipes on simulated pictures: they learn, predict, resume, stop, and refuse with a sentence."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import zarr
from PIL import Image
from safetensors.torch import load_file

from tests.engine.conftest import RunWriter, discs
from training.contract.files import ExitCode, RunFolder, read_cells, read_model_card, write_json
from training.contract.manifest import Split
from training.contract.progress import Metrics, Picture, Status, parse_progress
from training.contract.results import RunResult
from training.engine import learning, schedules
from training.engine.process import run_recipe
from training.engine.recipes import instances, semantic

REPOSITORY = Path(__file__).resolve().parents[2]


def start(folder: RunFolder, recipe: ModuleType = instances) -> RunResult:
    """Runs a recipe in this process to its good end."""
    code = run_recipe(recipe.RECIPE, recipe.ACTIONS, [str(folder.path)])
    result = folder.read_result()
    assert code == ExitCode.DONE, result
    assert result is not None
    return result


def refuse(folder: RunFolder, recipe: ModuleType = instances) -> str:
    """Runs a recipe that must refuse; returns its sentence."""
    assert run_recipe(recipe.RECIPE, recipe.ACTIONS, [str(folder.path)]) == ExitCode.REFUSED
    result = folder.read_result()
    assert result is not None
    assert not result.ok
    return str(result.error)


def metrics(folder: RunFolder, name: str) -> dict[int, float]:
    """One number by step."""
    lines, _ = parse_progress(folder.progress.read_bytes())
    return {
        line.step: line.values[name] for line in lines if isinstance(line, Metrics) and name in line.values
    }


def step_of(folder: RunFolder) -> int:
    """The step of the last checkpoint."""
    return int(torch.load(folder.checkpoint / "state.pt", weights_only=True)["step"])


def open_process(folder: RunFolder) -> subprocess.Popen[bytes]:
    """Starts the recipe as a worker does."""
    command = [sys.executable, "-m", "training.engine.recipes.instances", str(folder.path)]
    return subprocess.Popen(command, cwd=REPOSITORY)


def wait_for(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until something has happened."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A model trained on simulated discs, used by the tests that predict."""
    writer = RunWriter(tmp_path_factory.mktemp("trained"))
    writer.add_discs()
    folder = writer.ask("train", max_epochs=40, code_version="abc")
    start(folder)
    return folder


def test_instances_learn_discs(model: RunFolder) -> None:
    result = model.read_result()
    assert result is not None
    loss = list(metrics(model, "loss").values())
    assert loss[-1] < 0.5 * loss[0]
    assert result.scores["test"]["ap50"] >= 0.8
    card = read_model_card(model.model)
    assert (card.recipe, card.code_version, card.channels) == ("instances", "abc", [1])
    assert card.scores == result.scores
    assert len(card.data_digest) == 64
    assert 12 < (card.object_size_px or 0) < 22


def test_progress_tells_fraction_and_ends_at_one(model: RunFolder) -> None:
    lines, _ = parse_progress(model.progress.read_bytes())
    fractions = [line.fraction for line in lines if isinstance(line, Status) and line.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_prediction_writes_labels_and_qualities(model: RunFolder, run: RunWriter) -> None:
    pixels, truth = discs(77)
    movie = np.stack([pixels, pixels])[:, None, None]
    line = run.add(Split.PREDICT, movie)
    result = start(run.ask("predict", model_dir=str(model.model)))
    labels = np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r")[:])
    cells = read_cells(run.folder.output_cells(line.image_id)).cells
    assert labels.shape == (1, 2, 1, 96, 96)
    assert labels.dtype == np.uint32
    assert set(np.unique(labels)) - {0} == {cell.cell for cell in cells}
    assert not set(np.unique(labels[0, 0])) & set(np.unique(labels[0, 1])) - {0}
    assert all(cell.quality is not None and 0 <= cell.quality <= 1 for cell in cells)
    found = labels[0, 0, 0] > 0
    assert (found & (truth > 0)).sum() / (found | (truth > 0)).sum() > 0.7
    assert result.summary["cells"] == len(cells)


def test_colour_and_unreadable_images_beside_each_other(model: RunFolder, run: RunWriter) -> None:
    run.add(Split.PREDICT, np.repeat(discs(5)[0][None, None, None], 3, axis=1))
    gone = run.add(Split.PREDICT, discs(6)[0])
    Path(gone.image, "zarr.json").unlink()
    result = start(run.ask("predict", model_dir=str(model.model)))
    assert [refusal["image_id"] for refusal in result.summary["refused"]] == [gone.image_id]
    assert result.summary["images"] == 1


def test_a_finished_image_is_not_predicted_again(model: RunFolder, run: RunWriter) -> None:
    line = run.add(Split.PREDICT, discs(5)[0])
    run.folder.outputs.mkdir()
    write_json(run.folder.output_cells(line.image_id), {"cells": []})
    start(run.ask("predict", model_dir=str(model.model)))
    assert not run.folder.output_labels(line.image_id).exists()


def test_evaluate_scores_without_training(model: RunFolder, run: RunWriter) -> None:
    run.add(Split.TEST, *discs(123))
    result = start(run.ask("evaluate", model_dir=str(model.model)))
    assert result.scores["test"]["ap50"] > 0.5
    assert set(result.scores) == {"test"}


def test_preview_shows_crops(run: RunWriter) -> None:
    run.add_discs(train=1, validation=0, test=0)
    start(run.ask("preview"))
    lines, _ = parse_progress(run.folder.progress.read_bytes())
    names = [line.name for line in lines if isinstance(line, Picture)]
    assert names == ["crops.png", "targets.png"]
    with Image.open(run.folder.pictures / "crops.png") as picture:
        assert picture.size == (4 * 64 + 12, 4 * 64 + 12)


@pytest.mark.parametrize("target", ["distance", "flows"])
def test_overfits_one_picture(run: RunWriter, target: str) -> None:
    run.add(Split.TRAIN, *discs(0))
    run.add(Split.TEST, *discs(0))
    settings = {"target": target, "scale_jitter": 1.0, "colour_jitter": 0.0}
    result = start(run.ask("train", settings=settings, max_epochs=80))
    assert result.scores["test"]["ap50"] == 1
    assert "No validation images" in result.summary["note"]


def test_semantic_learns_two_classes(run: RunWriter) -> None:
    for seed, split in enumerate([Split.TRAIN, Split.TRAIN, Split.VALIDATION, Split.TEST]):
        pixels, labels = discs(seed)
        classes = {int(cell): 1 + int(cell) % 2 for cell in np.unique(labels[labels > 0])}
        pixels = np.where(np.isin(labels, [c for c, k in classes.items() if k == 2]), pixels // 2, pixels)
        line = run.add(split, pixels, labels)
        rows = [{"cell": cell, "class_index": k} for cell, k in classes.items()]
        write_json(run.folder.labels / f"{line.image_id}.json", {"cells": rows})
    settings = {"classes": ["bright", "dim"]}
    folder = run.ask("train", recipe="semantic", settings=settings, max_epochs=80)
    result = start(folder, semantic)
    assert result.scores["test"]["mean_iou"] > 0.7
    assert {"iou_bright", "iou_dim"} <= set(result.scores["validation"])
    again = RunWriter(run.folder.path / "again")
    line = again.add(Split.PREDICT, discs(3)[0])
    start(again.ask("predict", recipe="semantic", model_dir=str(folder.model)), semantic)
    cells = read_cells(again.folder.output_cells(line.image_id)).cells
    assert cells
    assert all(cell.class_index in (1, 2) for cell in cells)


def test_semantic_preview_and_evaluate(run: RunWriter) -> None:
    run.add_discs(train=1, validation=0, test=1)
    start(run.ask("train", recipe="semantic", max_epochs=1), semantic)
    again = RunWriter(run.folder.path / "again")
    again.add_discs(train=1, validation=0, test=1)
    start(again.ask("preview", recipe="semantic"), semantic)
    again.folder.result.unlink()
    result = start(again.ask("evaluate", recipe="semantic", model_dir=str(run.folder.model)), semantic)
    assert set(result.scores) == {"test"}


@pytest.mark.parametrize("size", [64, 30])
def test_one_small_picture_is_enough(run: RunWriter, size: int) -> None:
    run.add(Split.TRAIN, *discs(0, size=size, cells=2))
    result = start(run.ask("train", max_epochs=1))
    assert result.scores == {}


def test_grey_and_colour_empty_and_overlapping_together(run: RunWriter) -> None:
    pixels, labels = discs(0)
    run.add(Split.TRAIN, pixels, np.zeros_like(labels))
    run.add(Split.TRAIN, np.repeat(pixels[None, None, None], 3, axis=1), labels)
    run.add(Split.TRAIN, pixels[None, None, None], np.stack([labels, np.roll(labels, 5, 0)])[:, None, None])
    run.add(Split.VALIDATION, pixels, np.zeros_like(labels))
    start(run.ask("train", max_epochs=1))
    assert read_model_card(run.folder.model).channels == [1, 3]


def test_learning_goes_on_from_a_trained_model(model: RunFolder, run: RunWriter) -> None:
    run.add_discs()
    start(run.ask("train", model_dir=str(model.model), max_epochs=2))
    first = next(iter(metrics(run.folder, "loss").values()))
    assert first < 0.7 * next(iter(metrics(model, "loss").values()))


def test_patience_ends_early_and_keeps_the_best(run: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "VALIDATE_S", 0.0)
    monkeypatch.setattr(learning, "VALIDATION_SHARE", 1e9)
    monkeypatch.setattr(instances, "validate", lambda *_: {"val_ap50": 0.5})
    run.add_discs()
    result = start(run.ask("train", settings={"patience": 2}, max_epochs=500))
    assert result.summary["steps"] < 10


def test_killed_and_started_again_equals_unbroken(
    new_run: Callable[[str], RunWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken, broken = new_run("unbroken"), new_run("broken")
    for writer in (unbroken, broken):
        writer.add_discs()
        writer.ask("train", max_epochs=12, seed=3)
    start(unbroken.folder)
    monkeypatch.setattr(learning, "CHECKPOINT_S", 0.0)
    at = iter(range(10**6))
    real = schedules.learning_rate

    def die_at_the_seventh(*args: Any, **words: Any) -> float:
        if next(at) == 7:
            raise KeyboardInterrupt  # as sudden as a kill: nothing is saved on the way out
        return real(*args, **words)

    monkeypatch.setattr(learning, "learning_rate", die_at_the_seventh)
    with pytest.raises(KeyboardInterrupt):
        run_recipe(instances.RECIPE, instances.ACTIONS, [str(broken.folder.path)])
    assert not broken.folder.result.exists()
    start(broken.folder)
    assert metrics(broken.folder, "loss") == metrics(unbroken.folder, "loss")
    a, b = (load_file(writer.folder.model / "weights.safetensors") for writer in (unbroken, broken))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_kill_9_then_sigterm_then_cancel(run: RunWriter) -> None:
    run.add_discs()
    folder = run.ask("train", minutes=5)

    def lines_at() -> int:
        return len(metrics(folder, "loss")) if folder.progress.exists() else 0

    process = open_process(folder)
    wait_for(lambda: lines_at() > 0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == ExitCode.STOPPED
    stopped_at = step_of(folder)
    assert stopped_at > 0
    assert not folder.result.exists()

    process = open_process(folder)
    before = lines_at()
    wait_for(lambda: lines_at() > before)
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    assert step_of(folder) == stopped_at

    folder.cancel.touch()
    process = open_process(folder)
    assert process.wait(60) == ExitCode.CANCELLED
    result = folder.read_result()
    assert result is not None
    assert result.error == "The run was cancelled."
    assert (folder.checkpoint / "state.pt").exists()


def test_a_finished_run_is_not_done_again(model: RunFolder) -> None:
    before = model.result.stat().st_mtime_ns
    start(model)
    assert model.result.stat().st_mtime_ns == before


def test_refusals_say_what_is_wrong(model: RunFolder, new_run: Callable[[str], RunWriter]) -> None:
    empty = new_run("empty")
    empty.add_discs(train=0)
    assert "no training images" in refuse(empty.ask("train"))

    blank = new_run("blank")
    blank.add(Split.TRAIN, discs(0)[0], np.zeros((96, 96), np.uint32))
    assert "all labels are empty" in refuse(blank.ask("train"))

    broken = new_run("broken")
    broken.add_discs()
    Path(broken.lines[0].image, "zarr.json").unlink()
    assert "image-0 cannot be opened" in refuse(broken.ask("train"))

    other = new_run("other")
    other.add_discs()
    assert "made by the recipe instances" in refuse(
        other.ask("predict", recipe="semantic", model_dir=str(model.model)), semantic
    )
    assert "asks for the recipe instances" in refuse(other.ask("train"), semantic)
    assert "target" in refuse(other.ask("train", settings={"target": "distance"}, model_dir=str(model.model)))
    assert "has no setting" in refuse(other.ask("train", settings={"magic": 1}))
    assert "No cell of the training images has a class" in refuse(
        other.ask("train", recipe="semantic", settings={"classes": ["a", "b"]}), semantic
    )

    several = new_run("several")
    for channels in (2, 3):
        several.add(Split.TRAIN, np.ones((1, channels, 1, 32, 32), np.uint8), np.ones((32, 32), np.uint32))
    assert "different numbers of channels" in refuse(several.ask("train"))


def test_a_model_of_three_channels_refuses_two(run: RunWriter) -> None:
    pixels, labels = discs(0)
    run.add(Split.TRAIN, np.repeat(pixels[None, None, None], 3, axis=1), labels)
    start(run.ask("train", max_epochs=1))
    again = RunWriter(run.folder.path / "again")
    again.add(Split.PREDICT, np.repeat(pixels[None, None, None], 2, axis=1))
    said = refuse(again.ask("predict", model_dir=str(run.folder.model)))
    assert "2 channels, but the model reads pictures of 1 or 3" in said


def test_a_fault_of_the_engine_is_told_with_its_trace(
    run: RunWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(instances, "set_up", fail)
    run.add_discs()
    folder = run.ask("train")
    assert run_recipe(instances.RECIPE, instances.ACTIONS, [str(folder.path)]) == ExitCode.BROKEN
    result = folder.read_result()
    assert result is not None
    assert "by zero" in str(result.error)
    assert "Traceback" in str(result.detail)


def test_without_a_folder_the_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_recipe(instances.RECIPE, instances.ACTIONS, []) == ExitCode.REFUSED
    assert "RUN_FOLDER" in capsys.readouterr().err


def test_threads_do_not_spin_while_they_wait() -> None:
    command = [sys.executable, "-c", "import training.engine, os; print(os.environ['OMP_WAIT_POLICY'])"]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    said = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, check=True, text=True
    )
    assert said.stdout.strip() == "PASSIVE"


def test_spec_json_may_be_plain(run: RunWriter) -> None:
    run.add_discs(train=1, validation=0, test=0)
    run.folder.spec.write_text(json.dumps({"action": "preview", "recipe": "instances"}))
    start(run.folder)
