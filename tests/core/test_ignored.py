"""M21: ignored cells are neither right nor wrong, and no cells in what leaves the house."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.formats import coco
from annotation.core.formats.base import stack_of, without_ignored

TRUTH = np.zeros((1, 20, 40), np.uint32)
TRUTH[0, 2:8, 2:8], TRUTH[0, 2:8, 12:18] = 7, 9
IGNORED = np.zeros((20, 40), np.bool_)
IGNORED[:, 20:] = True


def said(*places: tuple[int, int, int, int]) -> NDArray[np.uint32]:
    labels = np.zeros((1, 20, 40), np.uint32)
    for number, (y, x, height, width) in enumerate(places, start=1):
        labels[0, y : y + height, x : x + width] = number
    return labels


FOUND = ((2, 2, 6, 6), (2, 12, 6, 6))


@pytest.mark.parametrize(("x", "invented"), [(24, 0), (18, 0), (17, 1), (8, 1)])
def test_M21_what_lies_mostly_in_ignored_area_is_not_invented(x: int, invented: int) -> None:
    """A prediction of 6 px width from x on; more than half of it in the area from 20 on is passed over."""
    predicted = said(*FOUND, (12, x, 4, 6))
    counts = matching.count(TRUTH, predicted, ignored=IGNORED)
    assert (counts.tp[0], counts.fp[0], counts.fn[0]) == (2, invented, 0)
    assert matching.count(TRUTH, predicted).fp[0] == 1


def test_M21_nothing_need_be_found_in_ignored_area() -> None:
    truth = TRUTH.copy()
    truth[0, 2:8, 30:36] = 11
    counts = matching.count(truth, said(*FOUND), ignored=IGNORED)
    assert (counts.tp[0], counts.fp[0], counts.fn[0], counts.truths) == (2, 0, 0, 2)
    assert matching.count(truth, said(*FOUND)).fn[0] == 1


def test_M21_a_naive_twin_agrees() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        labels = rng.integers(0, 6, (2, 12, 12)).astype(np.uint32)
        hidden = rng.random((12, 12)) < 0.5
        kept = matching.outside(labels, hidden)
        for cell in range(1, 6):
            inside = int((labels[:, hidden] == cell).sum())
            gone = 2 * inside > int((labels == cell).sum())
            assert ((kept == cell) == (False if gone else labels == cell)).all()


def test_M21_ignored_cells_are_no_cells_in_pictures_and_crowds_in_coco(tmp_path: Path) -> None:
    whole = stack_of(TRUTH[:, None, None], mothers={9: 7}, classes={7: "dead", 9: "alive"}, ignored=[7])
    left = without_ignored(whole)
    assert (list(left.cells), dict(left.mothers), dict(left.classes)) == ([9], {}, {9: "alive"})
    assert np.unique(left.read(0, 0)).tolist() == [0, 9]
    coco.write(tmp_path / "a.json", [whole])
    book = json.loads((tmp_path / "a.json").read_text())
    assert {a["track_id"]: a["iscrowd"] for a in book["annotations"]} == {7: 1, 9: 0}
    [back] = coco.read(tmp_path / "a.json")
    assert set(back.ignored) == {7}
