"""COCO files of boxes that a model found."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from annotation.core.formats import coco_boxes
from annotation.core.formats.base import stack_of


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_L4_found_boxes_are_written_as_coco_reads_them(tmp_path: Path) -> None:
    planes = np.zeros((2, 1, 1, 12, 16), np.uint32)
    planes[0, 0, 0, 2:7, 3:9] = 1
    planes[1, 0, 0, 4:9, 6:12] = 2  # overlaps the first
    planes[1, 0, 0, 4, 6] = 0  # and does not fill its box
    stack = stack_of(planes, name="a", classes={2: "WBC"})
    path = tmp_path / "out" / "boxes.json"
    coco_boxes.write(path, [coco_boxes.FoundStack("b/a.png", stack, {1: 0.9, 2: 0.25})], ["RBC", "WBC"])
    with contextlib.redirect_stdout(io.StringIO()):
        book = COCO(str(path))
    box, outline = book.loadAnns([1, 2])
    assert (box["bbox"], box["area"], box["score"]) == ([3, 2, 6, 5], 30, 0.9)
    assert "segmentation" not in box
    assert (outline["bbox"], outline["score"]) == ([6, 4, 6, 5], 0.25)
    assert np.array_equal(coco_mask.decode(outline["segmentation"]) > 0, planes[1, 0, 0] == 2)
    assert [kind["name"] for kind in book.loadCats([1, 2, 3])] == ["cell", "RBC", "WBC"], "found or not"
    names = {kind["id"]: kind["name"] for kind in json.loads(path.read_text())["categories"]}
    assert [names[each["category_id"]] for each in (box, outline)] == ["cell", "WBC"]
    assert book.loadImgs([1])[0]["file_name"] == "b/a.png"
