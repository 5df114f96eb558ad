"""The recipe `detect`: scores as COCO gives them, four nets that learn, seams, planes, published weights."""

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torchvision
import zarr
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage
from torch import Tensor

from annotation.core import box_scores
from annotation.core.box_scores import Picture
from tests.engine.conftest import RunWriter, discs
from tests.engine.test_recipes import metrics, refuse, start
from training.contract.files import RunFolder, read_cells, read_model_card
from training.contract.manifest import Split
from training.contract.results import CellEntry, CellList
from training.engine.data.box_crops import BoxCrop, BoxLesson
from training.engine.data.box_frames import BoxFrames, boxes_of
from training.engine.data.images import LabelledImage
from training.engine.decoding import scores as score_meaning
from training.engine.decoding.boxes import BoxReader, FoundBoxes, draw_planes
from training.engine.devices import choose_device
from training.engine.nets.detectors import Detector, Shape
from training.engine.recipes import detect

SIZE = 64
QUICK = {
    "backbone": "small",
    "width": "small",
    "crop_px": SIZE,
    "cell_px": None,
    "batch": 4,
    "learning_rate": 2e-3,
    "scale_jitter": 1.0,
    "colour_jitter": 0.0,
    "most_cells": 20,
}


def learn_discs(path: Path, net: str, epochs: int, **settings: Any) -> RunFolder:
    """Trains `net` on a dozen small pictures of discs; three steps an epoch."""
    writer = RunWriter(path)
    for seed in range(14):
        split = Split.TRAIN if seed < 12 else Split.TEST if seed == 12 else Split.VALIDATION
        writer.add(split, *discs(seed, size=SIZE, cells=5))
    folder = writer.folder
    spec = {"action": "train", "recipe": "detect", "max_epochs": epochs, "threads": 1}
    folder.spec.write_text(json.dumps({**spec, "settings": {**QUICK, "net": net, **settings}}))
    start(folder, detect)
    return folder


def ask(run: RunWriter, action: str, **words: Any) -> RunFolder:
    """Writes spec.json for another action than training."""
    run.folder.spec.write_text(json.dumps({"action": action, "recipe": "detect", "threads": 1, **words}))
    return run.folder


@pytest.fixture(scope="module")
def mask_model(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A Mask R-CNN that has learned discs."""
    return learn_discs(tmp_path_factory.mktemp("detect"), "mask_rcnn", 5, batch=2)


# ---------------------------------------------------------------- scores


def random_pictures(seed: int, *, crowd: bool) -> list[Picture]:
    """Pictures with true boxes of three classes, and found ones shaken, doubled, missing or wrong."""
    rng = np.random.default_rng(seed)
    pictures = []
    for _ in range(6):
        count = int(rng.integers(0, 9))
        low = rng.uniform(0, 60, (count, 2))
        true = np.concatenate([low, low + rng.uniform(8, 30, (count, 2))], 1)
        classes = rng.integers(1, 4, count)
        chosen = rng.permutation(np.repeat(np.arange(count), 2))[: max(0, 2 * count - 3)]
        found = true[chosen] + rng.normal(0, 2.0, (len(chosen), 4))
        said = np.where(rng.random(len(chosen)) < 0.8, classes[chosen], rng.integers(1, 4, len(chosen)))
        scores = np.round(rng.random(len(chosen)), 1)  # with ties
        open_ = rng.random(count) < 0.3 if crowd else None
        pictures.append(Picture(true, classes, found, said, scores, open_))
    return pictures


def public_precision(pictures: list[Picture], classes: int, most: int) -> npt.NDArray[np.float64]:
    """Average precision (iou, class) as pycocotools gives it."""
    images: list[dict[str, Any]] = []
    truths: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for i, picture in enumerate(pictures, start=1):
        images.append({"id": i, "width": 100, "height": 100})
        crowd = np.zeros(len(picture.true_boxes), bool) if picture.crowd is None else picture.crowd
        for box, k, open_ in zip(picture.true_boxes, picture.true_classes, crowd, strict=True):
            size = box[2:] - box[:2]
            truths.append({"id": len(truths) + 1, "image_id": i, "category_id": int(k)})
            truths[-1] |= {"bbox": [*box[:2], *size], "area": size.prod(), "iscrowd": int(open_)}
        for box, k, score in zip(picture.boxes, picture.classes, picture.scores, strict=True):
            found.append({"image_id": i, "category_id": int(k), "score": float(score)})
            found[-1] |= {"bbox": [*box[:2], *(box[2:] - box[:2])]}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        categories = [{"id": k} for k in range(1, classes + 1)]
        truth.dataset = {"images": images, "annotations": truths, "categories": categories}
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(found), "bbox")
        judge.params.maxDets = [most]
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.evaluate()
        judge.accumulate()
    return np.asarray(judge.eval["precision"][:, :, :, 0, 0].mean(1))


@pytest.mark.parametrize(("seed", "most", "crowd"), [(0, 100, False), (1, 3, False), (2, 100, True)])
def test_L4_map_is_what_pycocotools_gives(seed: int, most: int, crowd: bool) -> None:
    pictures = random_pictures(seed, crowd=crowd)
    ours = box_scores.mean_average_precision(pictures, 3, most=most)
    public = public_precision(pictures, 3, most)
    assert 0.05 < public.mean() < 0.95
    np.testing.assert_allclose(ours, public, atol=1e-12)


def test_L4_a_class_without_cells_does_not_count() -> None:
    box = np.array([[0.0, 0, 10, 10]])
    one = np.ones(1, np.int64)
    scores = box_scores.detection_scores(
        [Picture(box, one, box, one, np.array([0.9]))], ["a", "b"], most=10, least_score=0.5
    )
    assert (scores["map"], scores["map50_a"], scores["precision"], scores["recall"]) == (1, 1, 1, 1)


def test_L4_least_score_and_chances_follow_what_was_right() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(400)
    right = rng.random(400) < np.where(scores > 0.7, 0.95, 0.05)
    assert 0.65 < score_meaning.best_cut(scores, right, int(right.sum())) < 0.75
    weights = score_meaning.calibrate(scores, right)
    assert score_meaning.chances(np.array([0.95]), weights)[0] > 0.85
    assert score_meaning.chances(np.array([0.2]), weights)[0] < 0.15


# ---------------------------------------------------------------- truth and crops


def test_L4_boxes_are_those_of_masks_on_any_plane() -> None:
    labels = np.zeros((2, 20, 30), np.uint32)
    labels[0, 2:8, 3:9] = 7
    labels[1, 5:12, 6:20] = 9
    ids, boxes = boxes_of(labels)
    assert ids.tolist() == [7, 9]
    assert boxes.tolist() == [[3, 2, 9, 8], [6, 5, 20, 12]]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_L4_boxes_turn_with_their_crop(run: RunWriter, turns: int, mirrored: bool) -> None:
    pixels, labels = np.zeros((40, 60), np.uint16), np.zeros((40, 60), np.uint32)
    labels[10:16, 20:44] = 1
    pixels[labels > 0] = 900
    line = run.add(Split.TRAIN, pixels, labels)
    frames = BoxFrames([LabelledImage(run.folder, line)], channels=1, classes=1, cell_px=None)
    lesson = BoxLesson(frames, batch=1, crop_px=64, scale_jitter=1, colour_jitter=0, masks=True)
    shown, target = lesson.cut(BoxCrop(0, 4, 10, 32, turns, mirrored))
    x0, y0, x1, y1 = target["boxes"][0].int().tolist()
    mask = target["masks"][0]
    assert int(mask.sum()) == (y1 - y0) * (x1 - x0) == int(mask[y0:y1, x0:x1].sum())
    assert float(shown[0][mask > 0].mean()) > 0.9


def test_L4_what_is_ignored_is_not_shown(run: RunWriter) -> None:
    pixels, labels = discs(3, size=SIZE, cells=5)
    line = run.add(Split.TRAIN, pixels, labels)
    cells = [CellEntry(cell=int(labels.max()), ignored=True)]
    folder = run.folder
    (folder.labels / f"{line.image_id}.json").write_text(json.dumps(CellList(cells=cells).to_json()))
    frames = BoxFrames([LabelledImage(folder, line)], channels=1, classes=1, cell_px=None)
    hidden = frames.frame(0).pixels[0][labels == labels.max()]
    assert float(hidden.max()) < 0.4
    assert len(frames.cells[0].ids) == len(np.unique(labels)) - 2


# ---------------------------------------------------------------- reading large pictures


class Sees:
    """A net that finds the bright squares of a picture, cut where the picture ends."""

    def find(self, images: Sequence[Tensor]) -> list[dict[str, Tensor]]:
        labels, _ = ndimage.label(images[0][0].numpy() > 0.5)
        _, boxes = boxes_of(labels[None].astype(np.uint32))
        areas = torch.from_numpy(boxes[:, 2:] - boxes[:, :2]).prod(1)
        return [{"boxes": torch.from_numpy(boxes), "scores": areas / 1000, "labels": torch.ones(len(boxes))}]


def test_L4_tiles_leave_neither_doubles_nor_gaps() -> None:
    pixels, places = np.zeros((1, 200, 330), np.float32), set()
    for y in range(4, 180, 28):
        for x in range(5, 310, 28):
            pixels[0, y : y + 16, x : x + 16] = 1
            places.add((x, y, x + 16, y + 16))
    reader = BoxReader(
        net=Sees(),
        device=choose_device(1),
        scale=1.0,
        largest_px=20,
        nms_iou=0.5,
        most_cells=1000,
        tile_px=128,
    )
    found = reader.read(pixels)
    assert sorted(tuple(box) for box in found.boxes.astype(int).tolist()) == sorted(places)


def test_L4_overlapping_boxes_stand_on_planes() -> None:
    boxes = np.array([[2, 3, 10, 9], [6, 5, 14, 12]], np.float32)
    found = FoundBoxes(boxes, np.array([0.9, 0.8], np.float32), np.ones(2, np.int64))
    planes = draw_planes(found, (20, 20))
    assert len(planes) == 2
    for cell, (x0, y0, x1, y1) in enumerate(boxes.astype(int), start=1):
        filled = np.zeros((20, 20), bool)
        filled[y0:y1, x0:x1] = True
        assert np.array_equal((planes == cell).any(0), filled)


# ---------------------------------------------------------------- learning and predicting


@pytest.mark.parametrize(("net", "epochs", "least"), [("faster_rcnn", 4, None), ("retinanet", 14, 0.4)])
def test_L4_box_nets_learn_discs(tmp_path: Path, net: str, epochs: int, least: float | None) -> None:
    folder = learn_discs(tmp_path / net, net, epochs)
    loss = list(metrics(folder, "loss").values())
    assert loss[-1] < 0.7 * max(loss)
    card = read_model_card(folder.model)
    assert card.net["net"] == net
    assert 8 < card.net["sizes"][0] < card.net["sizes"][-1] < 32
    if least is not None:
        assert card.scores["test"]["map50"] > least


def test_L4_rcnn_learns_from_proposals(tmp_path: Path) -> None:
    folder = learn_discs(tmp_path / "rcnn", "rcnn", 6, batch=2)
    assert read_model_card(folder.model).scores["test"]["map50"] > 0.6


def test_L4_mask_rcnn_learns_outlines(mask_model: RunFolder) -> None:
    result = mask_model.read_result()
    assert result is not None
    assert result.scores["test"]["map50"] > 0.5
    assert result.scores["test"]["ap50"] > 0.3


def test_L4_predictions_are_masks_with_boxes(mask_model: RunFolder, run: RunWriter) -> None:
    line = run.add(Split.PREDICT, discs(50, size=SIZE, cells=5)[0])
    start(ask(run, "predict", model_dir=str(mask_model.model)), detect)
    labels = np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r")[:])
    cells = read_cells(run.folder.output_cells(line.image_id)).cells
    assert labels.ndim == 5
    assert {cell.cell for cell in cells} == set(np.unique(labels).tolist()) - {0} != set()
    for cell in cells:
        assert cell.quality is not None
        assert cell.box is not None
        (y0, x0, y1, x1), mask = cell.box, (labels[:, 0, 0] == cell.cell).any(0)
        assert mask.sum() <= (round(y1) - round(y0) + 1) * (round(x1) - round(x0) + 1)
        assert mask[max(0, round(y0)) : round(y1), max(0, round(x0)) : round(x1)].sum() == mask.sum()


# ---------------------------------------------------------------- published weights


def published_net(**words: Any) -> Detector:
    """A detector on ResNet-18 as it is before published weights are loaded."""
    shape = Shape(net="faster_rcnn", backbone="resnet18", channels=1, classes=1, width="small", **words)
    return Detector(shape)


def test_L4_published_weights_come_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(1)
    published = torchvision.models.resnet18(weights=None).state_dict()
    torch.save(published, tmp_path / "resnet18.pth")
    net = published_net(sizes=(8.0, 12.0, 16.0, 24.0), ratios=(1.0,), frozen_norm=True)
    net.load_published(tmp_path / "resnet18.pth")
    assert net.body is not None
    mine = net.body.state_dict()
    assert torch.equal(mine["layer4.1.conv2.weight"], published["layer4.1.conv2.weight"])
    torch.testing.assert_close(mine["conv1.weight"], published["conv1.weight"].sum(1, keepdim=True))
    groups = detect.parameter_groups(net)
    assert groups is not None
    assert groups[1]["scale"] < 1
    detect.thaw(net, 0.0)
    assert not any(parameter.requires_grad for parameter in net.body.parameters())
    detect.thaw(net, 0.5)
    assert all(parameter.requires_grad for parameter in net.body.parameters())


def test_L4_weights_of_another_net_are_refused(run: RunWriter, tmp_path: Path) -> None:
    torch.save(torchvision.models.mobilenet_v3_small(weights=None).state_dict(), tmp_path / "other.pth")
    run.add(Split.TRAIN, *discs(0, size=SIZE))
    settings = {**QUICK, "backbone": "resnet18", "weights": str(tmp_path / "other.pth")}
    said = refuse(ask(run, "train", max_epochs=1, settings=settings), detect)
    assert "other.pth does not hold torchvision's weights of resnet18" in said


def test_L4_a_cell_says_its_box_and_is_read_back() -> None:
    cells = CellList(cells=(CellEntry(cell=1, box=(1.0, 2.0, 3.5, 4.0)), CellEntry(cell=2)))
    assert CellList.from_json(json.loads(json.dumps(cells.to_json()))) == cells
