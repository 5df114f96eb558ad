"""L1: the classes of cells. Twins beside the scores, and the recipe on cells with a planted difference."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torchvision
import zarr
from safetensors.torch import save_file
from sklearn import metrics

from annotation.core import class_scores
from tests.engine.conftest import RunWriter
from training.contract.files import ExitCode, RunFolder, read_cells, read_model_card, write_json
from training.contract.manifest import ManifestLine, Split
from training.contract.progress import Picture, parse_progress
from training.contract.results import RunResult
from training.engine import calibrating, class_losses, thawing
from training.engine.data import cell_crops
from training.engine.data.cell_places import CellPlace, ReadFrame, Sight, places
from training.engine.data.normalising import look_at
from training.engine.errors import WrongModel
from training.engine.nets.backbones import Classifier, load_published
from training.engine.process import run_recipe
from training.engine.recipes import classify
from training.engine.seeds import Chance

TINY = {"classes": ["plain", "holed"], "crop_px": 48, "batch": 16, "flips": False, "learning_rate": 4e-3}
GRID, STEP = 8, 24


def cells_with_holes(
    seed: int, holed: float, *, channels: int = 1
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32], dict[int, int]]:
    """64 discs on a grid, a share of them with a dark middle: pixels (1, c, 1, y, x), labels (y, x), class of
    each: 1 plain, 2 holed."""
    rng = np.random.default_rng(seed)
    side = GRID * STEP
    ys, xs = np.indices((side, side))
    dy, dx = ys % STEP - STEP / 2, xs % STEP - STEP / 2
    distance = np.hypot(dy, dx)
    numbers = ys // STEP * GRID + xs // STEP + 1
    labels = np.where(distance < 9, numbers, 0).astype(np.uint32)
    classes = {cell: 2 if rng.random() < holed else 1 for cell in range(1, GRID**2 + 1)}
    hole = (distance < 4) & np.isin(numbers, [cell for cell, kind in classes.items() if kind == 2])
    light = 200.0 + 800.0 * (labels > 0) - 500.0 * hole + rng.normal(0, 80, (channels, side, side))
    return np.clip(light, 0, 65535).astype(np.uint16)[None, :, None], labels, classes


def add(run: RunWriter, split: Split, seed: int, holed: float = 0.5, channels: int = 1) -> ManifestLine:
    pixels, labels, classes = cells_with_holes(seed, holed, channels=channels)
    line = run.add(split, pixels, labels)
    rows = [{"cell": cell, "class_index": kind} for cell, kind in classes.items()]
    write_json(run.folder.labels / f"{line.image_id}.json", {"cells": rows})
    return line


def ask(run: RunWriter, action: str, *, settings: dict[str, Any] | None = None, **words: Any) -> RunFolder:
    spec = {"action": action, "recipe": "classify", "threads": 1, "settings": {**TINY, **(settings or {})}}
    run.folder.spec.write_text(json.dumps({**spec, **words}), encoding="utf-8")
    return run.folder


def start(folder: RunFolder) -> RunResult:
    code = run_recipe(classify.RECIPE, classify.ACTIONS, [str(folder.path)])
    result = folder.read_result()
    assert code == ExitCode.DONE, result
    assert result is not None
    return result


def refuse(folder: RunFolder) -> str:
    assert run_recipe(classify.RECIPE, classify.ACTIONS, [str(folder.path)]) == ExitCode.REFUSED
    result = folder.read_result()
    assert result is not None
    return str(result.error)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A model that tells holed cells from plain ones."""
    writer = RunWriter(tmp_path_factory.mktemp("classified"))
    for seed, split in enumerate([Split.TRAIN, Split.TRAIN, Split.VALIDATION, Split.TEST]):
        add(writer, split, seed)
    folder = ask(writer, "train", max_epochs=4)
    start(folder)
    return folder


# ---------------------------------------------------------------- scores and their twins


def test_L1_scores_equal_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(4, 300, p=[0.6, 0.3, 0.1, 0.0])
    told = np.where(rng.random(300) < 0.7, truth, rng.integers(4, size=300))
    table = class_scores.class_table(truth, told, 4)
    np.testing.assert_array_equal(table, metrics.confusion_matrix(truth, told, labels=range(4)))
    assert class_scores.macro_f1(table) == pytest.approx(metrics.f1_score(truth, told, average="macro"))
    scores = class_scores.class_scores(table, "abcd")
    three = {"labels": [0, 1, 2], "average": None}
    for kind, twin in (
        ("f1", metrics.f1_score),
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
    ):
        named = [scores[f"{kind}_{name}"] for name in "abc"]
        assert named == pytest.approx(twin(truth, told, **three), abs=1e-4)
    assert scores["balanced_accuracy"] == pytest.approx(scores_of_recall(truth, told), abs=1e-4)
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(truth, told), abs=1e-4)
    assert "recall_d" not in scores, "a class that does not occur has no recall"


def scores_of_recall(truth: npt.NDArray[np.int64], told: npt.NDArray[np.int64]) -> float:
    return float(np.mean([(told[truth == k] == k).mean() for k in np.unique(truth)]))


def test_L1_calibration_error_equals_a_count_by_hand() -> None:
    rng = np.random.default_rng(1)
    logits, truth = rng.normal(0, 2, (200, 3)), rng.integers(3, size=200)
    shares = calibrating.probabilities(logits, 1.0)
    by_hand = 0.0
    for step in range(10):
        low, high = step / 10, (step + 1) / 10
        inside = [row for row in range(200) if low < max(shares[row]) <= high]
        if inside:
            sure = sum(max(shares[row]) for row in inside) / len(inside)
            right = sum(int(np.argmax(shares[row]) == truth[row]) for row in inside) / len(inside)
            by_hand += len(inside) / 200 * abs(sure - right)
    assert calibrating.reliability(shares, truth).error == pytest.approx(by_hand)


def test_L1_the_temperature_finds_a_planted_miscalibration() -> None:
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 1.5, (4000, 3))
    truth = np.array([rng.choice(3, p=p) for p in calibrating.probabilities(honest, 1.0)])
    boastful = 3 * honest
    temperature = calibrating.fit_temperature(boastful, truth)
    assert temperature == pytest.approx(3, rel=0.1)
    loss = calibrating.negative_log_likelihood
    assert loss(boastful, truth, temperature) < 0.8 * loss(boastful, truth)
    before, after = (
        calibrating.reliability(calibrating.probabilities(boastful, heat), truth).error
        for heat in (1.0, temperature)
    )
    assert after < 0.03 < 0.1 < before


def test_L1_focal_loss_is_cross_entropy_without_focus_and_passes_over_the_easy() -> None:
    said = torch.tensor([[4.0, 0.0], [0.0, 1.0], [0.5, 0.0]])
    wanted, even = torch.tensor([0, 1, 1]), torch.ones(2)
    plain = class_losses.cross_entropy(said, wanted)
    assert float(class_losses.focal(said, wanted, even, focus=0.0)) == pytest.approx(float(plain))
    share = said.softmax(1)[torch.arange(3), wanted]
    by_hand = (-((1 - share) ** 2) * share.log()).mean()
    assert float(class_losses.focal(said, wanted, even)) == pytest.approx(float(by_hand))


def test_L1_effective_numbers_weigh_rare_classes_more_but_not_without_end() -> None:
    counts = np.array([980, 20, 0])
    weights = class_losses.effective_weights(counts).numpy()
    beta = 999 / 1000
    expected = np.array([(1 - beta) / (1 - beta**n) for n in counts[:2]])
    assert weights[:2] == pytest.approx(expected / expected.mean(), rel=1e-5)
    assert weights[2] == 0
    assert 1 < weights[1] / weights[0] < 980 / 20


# ---------------------------------------------------------------- crops


def test_L1_places_are_boxes_also_of_cells_on_several_planes() -> None:
    labels = np.zeros((2, 9, 9), np.uint32)
    labels[0, 2:5, 3:4] = 7
    labels[1, 4:8, 3:5] = 7
    labels[1, 0, 8] = 2
    assert places(labels) == [CellPlace(2, 0, 8, 1, 9), CellPlace(7, 2, 3, 8, 5)]


def test_L1_a_crop_is_normalised_by_its_frame_not_by_itself() -> None:
    pixels, labels, _ = cells_with_holes(0, 0.0)
    frame = pixels[0, :, 0].astype(np.float32)
    frame[:, labels == 1] = 450  # a dim cell stays dim beside bright ones
    read = ReadFrame(frame, labels[None], look_at(frame))
    sight = Sight(crop_px=48, surroundings=1.2, field_px=None)
    dim, bright = (read.cut(places(labels[None])[n], sight, 1) for n in (0, 1))
    inside = dim[-1] > 0.99
    assert dim.shape == (2, 48, 48)
    assert dim[0][inside].mean() < 0.5 * bright[0][inside].mean()
    assert 0.4 < inside.mean() < 0.65, "the cell fills its crop but for the surroundings"


def test_L1_balanced_drawing_shows_a_rare_class_as_often_and_thinning_keeps_it() -> None:
    classes = np.array([0] * 980 + [1] * 20)
    crops = cell_crops.CellCrops(np.zeros((1000, 2, 8, 8), np.float16), classes, "", 0)
    words = {"crops": crops, "crop_px": 4, "batch": 400, "scale_jitter": 1.2, "colour_jitter": 0.0}
    shares = []
    for balance in (True, False):
        lesson = cell_crops.CropLesson(balance=balance, mask="none", **words)  # type: ignore[arg-type]
        [share] = lesson.draw(Chance(0), 1)
        shares.append(float(classes[share.cells].mean()))
    assert shares[0] == pytest.approx(0.5, abs=0.1)
    assert shares[1] == pytest.approx(0.02, abs=0.02)
    cells = [cell_crops.ClassedCell(0, 0, 0, CellPlace(n, 0, 0, 1, 1), int(k)) for n, k in enumerate(classes)]
    kept = cell_crops.thin_out(cells, 120, Chance(0))
    assert np.bincount([cell.class_index for cell in kept]).tolist() == [100, 20]


@pytest.mark.parametrize(("mask", "planes"), [("channel", 2), ("dim", 1), ("none", 1)])
def test_L1_the_mask_is_a_channel_or_dims_what_is_around(mask: str, planes: int) -> None:
    crops = torch.ones(1, 2, 4, 4)
    crops[:, 1, :, 2:] = 0
    given = cell_crops.present(crops, mask)
    assert given.shape == (1, planes, 4, 4)
    outside = {"channel": 1.0, "dim": 0.25, "none": 1.0}[mask]
    assert given[0, 0, 0].tolist() == [1, 1, outside, outside]


# ---------------------------------------------------------------- nets


@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_L1_torchvisions_weights_are_read_from_a_file(tmp_path: Path, ending: str) -> None:
    torch.manual_seed(0)
    published = torchvision.models.resnet18(weights=None).eval()
    path = tmp_path / f"resnet18{ending}"
    write = save_file if ending == ".safetensors" else torch.save
    write(published.state_dict(), path)
    net = Classifier(backbone="resnet18", channels=3, mask=True, outputs=2).eval()
    load_published(net, path)
    seen = torch.rand(2, 3, 48, 48)
    published.fc = torch.nn.Identity()
    with torch.inference_mode():
        wanted = published((seen - 0.45) / 0.225)
        given = net.look(torch.cat([seen, torch.rand(2, 1, 48, 48)], 1))
        other = Classifier(backbone="resnet18", channels=1, mask=False, outputs=2).eval()
        load_published(other, path)
        grey = other.look(seen[:, :1])
        of_grey = published((seen[:, :1].expand(-1, 3, -1, -1) - 0.45) / 0.225)
    assert torch.allclose(given, wanted, atol=1e-4), "the mask begins at nothing"
    assert torch.allclose(grey, of_grey, atol=1e-3), "a grey picture gives what it gave in three colours"


def test_L1_files_that_are_no_such_weights_are_refused(tmp_path: Path) -> None:
    net = Classifier(backbone="resnet18", channels=3, mask=False, outputs=2)
    other = tmp_path / "small.pth"
    torch.save({"conv1.weight": torch.zeros(1)}, other)
    code = tmp_path / "code.pth"
    torch.save({"weights": Path("a class that is no tensor")}, code)
    for path, said in ((other, "of another size"), (code, "code.pth"), (tmp_path / "no.pth", "put the file")):
        with pytest.raises(WrongModel, match=said):
            load_published(net, path)


@pytest.mark.parametrize(
    ("backbone", "channels"), [("small", 2), ("convnext_tiny", 5), ("efficientnet_b0", 4)]
)
def test_L1_backbones_read_any_number_of_channels_and_a_mask(backbone: str, channels: int) -> None:
    net = Classifier(backbone=backbone, channels=channels, mask=True, outputs=3).eval()
    with torch.inference_mode():
        assert net(torch.rand(1, channels + 1, 48, 48)).shape == (1, 3)


def test_L1_a_net_is_built_again_of_its_description() -> None:
    net = Classifier(backbone="small", channels=2, mask=True, outputs=3).eval()
    again = Classifier.build(net.describe()).eval()
    again.load_state_dict(net.state_dict())
    seen = torch.rand(1, 3, 48, 48)
    with torch.inference_mode():
        assert torch.equal(net(seen), again(seen))


def test_L1_a_frozen_body_stands_still_with_its_statistics_until_it_is_thawed() -> None:
    net = Classifier(backbone="small", channels=1, mask=False, outputs=2).train()
    at_fraction, seen = thawing.thawing(net, 0.2), torch.rand(4, 1, 48, 48)
    moved = []
    for fraction in (0.1, 0.3):
        at_fraction(fraction)
        before = {name: value.clone() for name, value in net.body.state_dict().items()}
        net(seen).sum().backward()
        state = net.body.state_dict()
        grads = any(parameter.grad is not None for parameter in net.body.parameters())
        moved.append((grads, any(not torch.equal(before[name], state[name]) for name in before)))
    assert moved == [(False, False), (True, True)]


# ---------------------------------------------------------------- the recipe


def test_L1_the_recipe_learns_a_planted_difference(model: RunFolder) -> None:
    result = model.read_result()
    assert result is not None
    assert result.scores["test"]["macro_f1"] >= 0.95
    told = result.summary["classification"]
    table = np.array(told["test"]["confusion"])
    assert table.sum() == result.scores["test"]["cells"] == 64
    assert sum(step["cells"] for step in told["test"]["reliability"]) == 64
    card = read_model_card(model.model)
    assert (card.recipe, card.net["kind"], card.channels) == ("classify", "classifier", [1])
    assert card.decoding["temperature"] > 0
    lines, _ = parse_progress(model.progress.read_bytes())
    names = {line.name for line in lines if isinstance(line, Picture)}
    assert {"confusion-test.png", "reliability-test.png"} <= names
    assert all((model.pictures / name).exists() for name in names)


def test_L1_prediction_keeps_ids_and_outlines_and_tells_classes(model: RunFolder, run: RunWriter) -> None:
    pixels, labels, classes = cells_with_holes(9, 0.5)
    movie = np.concatenate([pixels, pixels])
    odd = np.where(labels > 0, labels * 7 + 3, 0).astype(np.uint32)
    line = run.add(Split.PREDICT, movie, np.stack([odd, odd])[None, :, None])
    hidden = 7 * 5 + 3
    write_json(run.folder.labels / f"{line.image_id}.json", {"cells": [{"cell": hidden, "ignored": True}]})
    bare = run.add(Split.PREDICT, pixels)
    result = start(ask(run, "predict", model_dir=str(model.model)))
    kept = np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r")[:])
    np.testing.assert_array_equal(kept[0, 0, 0], odd)
    entries = read_cells(run.folder.output_cells(line.image_id)).cells
    assert [entry.cell for entry in entries] == [7 * n + 3 for n in range(1, 65) if n != 5]
    right = [entry.class_index == classes[(entry.cell - 3) // 7] for entry in entries]
    assert np.mean(right) >= 0.95
    for entry in entries:
        assert sum(entry.probabilities) == pytest.approx(1, abs=1e-3)
        assert entry.quality == max(entry.probabilities)
        assert entry.class_index == 1 + int(np.argmax(entry.probabilities))
    assert [refusal["image_id"] for refusal in result.summary["refused"]] == [bare.image_id]
    assert "no outlined cells" in result.summary["refused"][0]["error"]


def test_L1_evaluate_preview_and_learning_on_with_another_class(model: RunFolder, run: RunWriter) -> None:
    add(run, Split.TRAIN, 5, channels=1)
    add(run, Split.TEST, 6)
    result = start(ask(run, "evaluate", model_dir=str(model.model)))
    assert result.scores["test"]["macro_f1"] >= 0.95
    run.folder.result.unlink()
    start(ask(run, "preview", settings={"mask": "dim"}))
    assert (run.folder.pictures / "crops.png").exists()
    run.folder.result.unlink()
    more = {"classes": ["plain", "holed", "new"], "frozen_share": 0.5}
    start(ask(run, "train", settings=more, model_dir=str(model.model), max_epochs=2))
    card = read_model_card(run.folder.model)
    assert card.net["outputs"] == 3
    assert "recall_new" not in card.scores["test"]
    run.folder.result.unlink()
    said = refuse(ask(run, "train", settings={"mask": "none"}, model_dir=str(model.model), max_epochs=1))
    assert "mask" in said


def test_L1_what_cannot_be_learned_is_refused_with_a_sentence(run: RunWriter) -> None:
    add(run, Split.TRAIN, 0, holed=0.0)
    assert "only plain" in refuse(ask(run, "train", max_epochs=1))
    assert "at least two" in refuse(ask(run, "train", settings={"classes": ["one"]}, max_epochs=1))
    gone = {"weights": "/nowhere/resnet18.pth", "backbone": "resnet18"}
    add(run, Split.TRAIN, 1)
    assert "put the file there" in refuse(ask(run, "train", settings=gone, max_epochs=1))


def test_L1_a_rare_class_is_found_more_often_than_with_plain_cross_entropy(run: RunWriter) -> None:
    """2 % of the cells are holed; the same split, seed and number of steps."""
    for seed in range(8):
        add(run, Split.TRAIN, seed, holed=0.02)
    for seed in range(20, 24):
        add(run, Split.TEST, seed, holed=0.06)
    recalls = []
    for words in ({"balance": False, "loss": "cross_entropy"}, {"balance": True, "loss": "focal"}):
        folder = RunWriter(run.folder.path)
        folder.folder.result.unlink(missing_ok=True)
        (folder.folder.checkpoint / "state.pt").unlink(missing_ok=True)
        result = start(ask(folder, "train", settings=dict(words), max_epochs=1))
        recalls.append(result.scores["test"]["recall_holed"])
    assert recalls[1] >= recalls[0] + 0.3
