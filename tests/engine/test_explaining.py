"""L11: maps of what a classifier looks at find a planted cue, and the cells most like one are found again."""

import json
import time
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
import torch

from tests.engine.conftest import RunWriter
from training.contract import socket_words
from training.contract.cell_memory import CELLS, CellMemory
from training.contract.errors import InvalidResult
from training.contract.files import ExitCode, RunFolder, write_json
from training.contract.manifest import Split
from training.contract.progress import Picture, parse_progress
from training.engine import explaining, explaining_cells
from training.engine.classifying import open_model
from training.engine.data.cell_places import ReadFrame, places
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import Look
from training.engine.devices import choose_device
from training.engine.explaining_cells import Explainer
from training.engine.nets.backbones import Classifier
from training.engine.process import Run, run_recipe
from training.engine.reading_cells import CellReader
from training.engine.recipes import classify
from training.engine.reporting import Reporter

SETTINGS = {
    "classes": ["plain", "marked"], "crop_px": 48, "batch": 16, "flips": False, "learning_rate": 4e-3,
    "scale_jitter": 1.0,
}  # fmt: skip
GRID, STEP = 8, 24
MARK_Y, MARK_X = 8, 13
"""Where the mark begins in each square of the grid: off the middle, 3 px a side."""


def marked_cells(seed: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32], dict[int, int]]:
    """64 discs, every second one with a small bright mark at a known place: pixels (1, 1, 1, y, x), labels
    (y, x), classes."""
    rng = np.random.default_rng(seed)
    ys, xs = np.indices((GRID * STEP, GRID * STEP))
    numbers = ys // STEP * GRID + xs // STEP + 1
    labels = np.where(np.hypot(ys % STEP - STEP / 2, xs % STEP - STEP / 2) < 9, numbers, 0).astype(np.uint32)
    classes = {cell: 1 + int(rng.random() < 0.5) for cell in range(1, GRID**2 + 1)}
    mark = np.isin(numbers, [cell for cell, kind in classes.items() if kind == 2])
    mark &= (ys % STEP // 3 == MARK_Y // 3) & ((xs % STEP - MARK_X) // 3 == 0) & (xs % STEP >= MARK_X)
    light = 300.0 + 400.0 * (labels > 0) + 700.0 * mark + rng.normal(0, 60, labels.shape)
    return np.clip(light, 0, 65535).astype(np.uint16)[None, None, None], labels, classes


def ask(folder: RunFolder, action: str, **words: Any) -> None:
    spec = {"action": action, "recipe": "classify", "threads": 1, "settings": SETTINGS, **words}
    folder.spec.write_text(json.dumps(spec), encoding="utf-8")
    folder.result.unlink(missing_ok=True)
    code = run_recipe(classify.RECIPE, classify.ACTIONS, [str(folder.path)])
    assert code == ExitCode.DONE, folder.read_result()


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run folder with a model that tells marked cells from plain ones by nothing but the mark."""
    writer = RunWriter(tmp_path_factory.mktemp("marked"))
    for seed, split in enumerate([Split.TRAIN, Split.TRAIN, Split.VALIDATION]):
        pixels, labels, classes = marked_cells(seed)
        line = writer.add(split, pixels, labels)
        rows = [{"cell": cell, "class_index": kind} for cell, kind in classes.items()]
        write_json(writer.folder.labels / f"{line.image_id}.json", {"cells": rows})
    ask(writer.folder, "train", max_epochs=8)
    return writer.folder


def open_reader(folder: RunFolder) -> CellReader:
    spec = replace(folder.read_spec(), model_dir=str(folder.model))
    run = Run(folder, spec, folder.read_manifest(), choose_device(1), Reporter(folder))
    return open_model(run, "classify")[0]


def marked_crops(
    folder: RunFolder, reader: CellReader
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.bool_]]:
    """Crops of the marked cells of the validation image, and where in each the mark is, with a pixel or two
    around it."""
    image = LabelledImage(folder, folder.read_manifest()[2])
    frame = ReadFrame.of(image, 0, 0)
    ys, xs = np.indices(frame.pixels.shape[1:])
    y, x = ys % STEP, xs % STEP
    high, wide = (y >= MARK_Y - 3) & (y <= MARK_Y + 4), (x >= MARK_X - 2) & (x <= MARK_X + 4)
    marks = ReadFrame(
        np.asarray(high & wide, float)[None], frame.labels, Look((0.0,), (1.0,), inverted=False)
    )
    of_class = [place for place in places(frame.labels) if image.classes[place.cell] == 2]
    crops = [frame.cut(place, reader.sight, 1) for place in of_class]
    return np.stack(crops), np.stack([marks.cut(p, reader.sight, 1)[0] > 0.05 for p in of_class])


# ---------------------------------------------------------------- maps


def test_L11_the_maps_find_a_planted_mark_and_those_of_random_weights_do_not(learned: RunFolder) -> None:
    """The sanity check of Adebayo et al. 2018 (arXiv 1810.03292): what a map shows must depend on what was
    learned."""
    reader = open_reader(learned)
    windows, inside = marked_crops(learned, reader)
    assert (reader.read(windows).argmax(1) == 1).mean() > 0.95, "the model has learned the mark"
    assert inside.mean() < 0.15
    told = np.ones(len(windows), np.int64)
    torch.manual_seed(3)
    blind = Classifier(backbone="small", channels=1, mask=True, outputs=2)
    maps, none = (
        explaining.explain(net, windows, told, mask="channel", device=reader.device)
        for net in (reader.net, blind)
    )
    assert explaining.share_inside(maps.signed, inside).mean() > 0.65
    assert explaining.share_inside(none.signed, inside).mean() < 0.4
    assert explaining.share_inside(maps.coarse, inside).mean() > 1.5 * inside.mean()


def test_L11_integrated_gradients_add_up_to_the_difference_that_the_crop_makes(learned: RunFolder) -> None:
    reader = open_reader(learned)
    windows = marked_crops(learned, reader)[0][:4]
    maps = explaining.explain(reader.net, windows, np.ones(4, np.int64), mask="channel", device=reader.device)
    crops = torch.from_numpy(windows.astype(np.float32))
    grey = crops.clone()
    grey[:, :-1] = crops[:, :-1].flatten(2).median(2).values[:, :, None, None]
    with torch.inference_mode():
        gain = (reader.net(crops) - reader.net(grey))[:, 1].numpy()
    np.testing.assert_allclose(maps.signed.sum((1, 2)), gain, atol=0.05 * np.abs(gain).max())


@pytest.mark.parametrize("backbone", ["resnet18", "efficientnet_b0", "convnext_tiny"])
def test_L11_every_backbone_has_last_maps(backbone: str) -> None:
    net = Classifier(backbone=backbone, channels=1, mask=False, outputs=2).eval()
    seen: list[torch.Size] = []
    explaining.last_maps(net).register_forward_hook(lambda _m, _i, made: seen.append(made.shape))
    with torch.inference_mode():
        net(torch.zeros(1, 1, 64, 64))
    assert [len(shape) for shape in seen] == [4]
    assert seen[0][-1] == 2


def test_L11_explain_writes_maps_and_a_picture_of_each_image(
    learned: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining_cells, "MOST_CELLS", 6)
    ask(learned, "explain", model_dir=str(learned.model))
    with np.load(learned.output_maps(learned.read_manifest()[2].image_id)) as kept:
        assert kept["cells"].tolist() == list(range(1, 7))
        assert kept["signed"].shape == kept["coarse"].shape == (6, 48, 48)
    lines, _ = parse_progress(learned.progress.read_bytes())
    assert any(isinstance(one, Picture) and one.name.startswith("explained-") for one in lines)


# ---------------------------------------------------------------- one cell, and those most like it


def test_L11_one_cell_is_explained_within_a_second(learned: RunFolder) -> None:
    image = LabelledImage(learned, learned.read_manifest()[2])
    frame = ReadFrame.of(image, 0, 0)
    place = next(place for place in places(frame.labels) if image.classes[place.cell] == 2)
    explainer = Explainer(threads=1)
    words, payload = socket_words.pack(frame.pixels)
    look, _ = explainer.operations["measure"](words, payload)
    mask = (frame.labels == place.cell).astype(frame.pixels.dtype)
    words, payload = socket_words.pack(np.concatenate([frame.pixels, mask]))
    box = [place.top, place.left, place.bottom, place.right]
    asked = {**words, "model": str(learned.model), "box": box, "look": look}
    explainer.operations["explain"](asked, payload)
    began = time.process_time()
    told, files = explainer.operations["explain"](asked, payload)
    assert time.process_time() - began < 1.0
    assert told["classes"] == ["plain", "marked"]
    assert told["of"] == 1
    assert sum(told["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert sum(told["parts"]) == len(files)
    crop = PIL.Image.open(BytesIO(files[: told["parts"][0]]))
    signed = PIL.Image.open(BytesIO(files[told["parts"][0] : sum(told["parts"][:2])]))
    assert (crop.size, crop.mode, signed.mode) == ((48, 48), "RGB", "RGBA")
    memory = CellMemory.from_bytes((learned.model / CELLS).read_bytes())
    rows, like = memory.nearest(np.array(told["features"]), 10)
    assert (memory.truth[rows] == 1).mean() >= 0.9, "the training cells most like a marked one are marked"
    assert memory.learned[rows].all()
    assert (np.diff(like) <= 0).all()


def test_L11_remembered_cells_are_those_of_the_run_with_what_was_told(learned: RunFolder) -> None:
    memory = CellMemory.from_bytes((learned.model / CELLS).read_bytes())
    assert (memory.learned.sum(), (~memory.learned).sum()) == (128, 64)
    assert memory.features.dtype == np.float16
    reader = open_reader(learned)
    image = LabelledImage(learned, learned.read_manifest()[2])
    judged = np.flatnonzero(~memory.learned)
    read = reader.read_image(image)
    np.testing.assert_array_equal(memory.cells[judged], read.cells)
    np.testing.assert_array_equal(memory.told[judged], read.logits.argmax(1))
    assert {str(memory.image_ids[i]) for i in memory.image[judged]} == {image.line.image_id}
    worst, best = memory.extremes(1, 5)
    assert memory.sure[worst].max() <= memory.sure[best].min()
    assert (memory.truth[np.concatenate([worst, best])] == 1).all()


def test_L11_nearest_equals_a_search_by_hand_and_a_broken_file_is_refused() -> None:
    rng = np.random.default_rng(0)
    n = 40
    memory = CellMemory(
        image_ids=np.array(["a"]), image=np.zeros(n, np.int64), frames=np.zeros((n, 2), np.int64),
        cells=np.arange(n), boxes=np.zeros((n, 4), np.int64), truth=np.zeros(n, np.int64),
        told=np.zeros(n, np.int64), sure=rng.random(n).astype(np.float32), learned=rng.random(n) < 0.7,
        features=rng.normal(size=(n, 6)).astype(np.float16),
    )  # fmt: skip
    asked = rng.normal(size=6)
    by_hand = sorted(
        (float(-(f @ asked) / np.linalg.norm(f) / np.linalg.norm(asked)), row)
        for row, f in enumerate(memory.features.astype(float)) if memory.learned[row]
    )  # fmt: skip
    rows, like = CellMemory.from_bytes(memory.to_bytes()).nearest(asked, 5)
    assert rows.tolist() == [row for _, row in by_hand[:5]]
    assert like == pytest.approx([-far for far, _ in by_hand[:5]], abs=1e-3)
    with pytest.raises(InvalidResult, match="cannot be read"):
        CellMemory.from_bytes(b"no file")
