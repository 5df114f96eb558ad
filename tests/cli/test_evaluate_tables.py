"""L12: `cytoloop evaluate` on folders of boxes, of classes and of predicted channels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from backend.cli import evaluate, evaluate_tables
from backend.cli.arguments import build_parser


def book(scores: bool, shift: float = 0.0) -> dict[str, Any]:
    """Two images of two boxes of one class each, in COCO form; `shift` moves those of the second image."""
    rows: list[dict[str, Any]] = []
    for image in (1, 2):
        for at in (10.0, 50.0):
            box = [at + (shift if image == 2 else 0), at, 20.0, 20.0]
            row = {"id": len(rows) + 1, "image_id": image, "category_id": 1, "bbox": box, "iscrowd": 0}
            rows.append({**row, **({"score": 0.9} if scores else {})})
    return {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 100, "height": 100} for n in (1, 2)],
        "annotations": rows, "categories": [{"id": 1, "name": "cell"}],
    }  # fmt: skip


def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "truth", tmp_path / "said"
    for folder in made:
        folder.mkdir()
    return made


def ask(truth: Path, said: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    words = ["evaluate", "--truth", str(truth), "--predicted", str(said), "--json"]
    assert evaluate.run(build_parser().parse_args(words)) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_L12_boxes_and_classes_are_judged_where_both_folders_have_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, said = folders(tmp_path)
    (truth / "boxes.json").write_text(json.dumps(book(scores=False)))
    # Moved by 5 of 20 px: IoU 15 / 25 = 0.6, so right at 0.5, 0.55 and 0.6 alone.
    (said / "boxes.json").write_text(json.dumps(book(scores=True, shift=5.0)))
    (truth / "classes.csv").write_text("image,cell,class\na,1,x\na,2,y\nb,1,x\n")
    (said / "classes.csv").write_text("image,cell,class,x,y\na,1,x,.9,.1\na,2,x,.6,.4\nb,1,x,1,0\n")
    told = ask(truth, said, capsys)
    assert told["boxes"]["scores"]["map50"][0] == pytest.approx(1)
    assert told["boxes"]["scores"]["map75"][0] == pytest.approx(51 / 101, abs=0.01)
    assert told["classes"]["scores"]["accuracy"][0] == pytest.approx(2 / 3)
    assert told["classes"]["scores"]["macro_f1"][0] == pytest.approx(0.4)
    assert told["classes"]["images"] == 2


def test_L12_predicted_channels_are_judged_as_light(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, said = folders(tmp_path)
    rng = np.random.default_rng(0)
    for name in "ab":
        plane = rng.random((40, 40)).astype(np.float32)
        noisy = plane + rng.normal(0, 0.1, plane.shape).astype(np.float32)
        tifffile.imwrite(truth / f"{name}.tif", plane)
        tifffile.imwrite(said / f"{name}.ome.tif", noisy.astype(np.float32))
    told = ask(truth, said, capsys)["channels"]
    value, low, high = told["scores"]["mean_r"]
    assert 0.9 < low <= value <= high < 1
    assert told["images"] == 2


def test_L12_tables_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    truth, said = folders(tmp_path)
    for folder in (truth, said):
        (folder / "boxes.json").write_text("{}")
    with pytest.raises(evaluate_tables.NotATable, match="no table of boxes"):
        evaluate_tables.judge_tables(truth, said)
    (truth / "boxes.json").write_text(json.dumps(book(scores=False)))
    (said / "boxes.json").write_text(json.dumps({**book(scores=True), "images": [], "annotations": []}))
    with pytest.raises(evaluate_tables.NotATable, match="nothing in common"):
        evaluate_tables.judge_tables(truth, said)


def test_L12_what_export_and_predict_wrote_is_compared_though_folders_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export names images without the folder `images` and its tables otherwise than a prediction."""
    truth, said = folders(tmp_path)
    (truth / "annotations.json").write_text(json.dumps(book(scores=False)))
    found = book(scores=True)
    for row in found["images"]:
        row["file_name"] = f"images/{row['file_name']}"
    (said / "boxes.json").write_text(json.dumps(found))
    (truth / "cells.csv").write_text("image,cell,class,mother\na,1,x,\na,2,,\nb,1,y,\n")
    (said / "classes.csv").write_text("image,cell,class\nimages/a,1,x\nimages/a,2,x\nimages/b,1,y\n")
    (said / "images").mkdir()
    labels = np.zeros((9, 9), np.uint16)
    labels[2:6, 2:6] = 1
    tifffile.imwrite(truth / "a_labels.tif", labels)
    tifffile.imwrite(said / "images" / "a.tif", labels)
    told = ask(truth, said, capsys)
    assert told["boxes"]["scores"]["map"][0] == pytest.approx(1)
    assert told["classes"]["scores"]["accuracy"][0] == 1, "a cell without class is no mistake"
    assert (told["ap90"], told["missing"]) == (1, [])


def test_L12_names_that_would_meet_stay_apart() -> None:
    right, said = {("a/1",): 0, ("b/1",): 0}, {("c/1",): 0}
    assert evaluate_tables.met(right, said) == said
    assert evaluate_tables.met({("a/1",): 0}, said) == {("a/1",): 0}


def test_L12_channels_are_judged_though_recorded_as_files_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recorded `field_dapi.tif` and a stack; predicted `field.ome.tif`, named as predict names channels."""
    truth, said = folders(tmp_path)
    light = np.random.default_rng(0).random((40, 40)).astype(np.float32)
    tifffile.imwrite(truth / "field_dapi.tif", (light * 1000).astype(np.uint16))
    tifffile.imwrite(truth / "field_phase.tif", np.zeros((5, 40, 40), np.uint16), imagej=True,
                     metadata={"axes": "ZYX"})  # fmt: skip
    names = {"axes": "CYX", "Channel": {"Name": ["dapi predicted", "dapi uncertainty"]}}
    tifffile.imwrite(said / "field.ome.tif", np.stack([light, light * 0]), metadata=names)
    told = ask(truth, said, capsys)["channels"]
    assert told["scores"]["mean_r"][0] == pytest.approx(1, abs=1e-4)
    assert set(told["classes"]) == {"dapi"}
    (truth / "field_phase.tif").unlink()
    (truth / "field_dapi.tif").rename(truth / "field.tif")
    assert ask(truth, said, capsys)["channels"]["images"] == 1, "a single channel is matched by place"
    tifffile.imwrite(said / "field.ome.tif", np.stack([light] * 3), metadata={"axes": "ZYX"})
    tifffile.imwrite(truth / "field.tif", np.stack([light] * 2), metadata={"axes": "ZYX"})
    with pytest.raises(evaluate_tables.NotATable, match="slices"):
        ask(truth, said, capsys)
