"""Labels in memory, changed by whole edits."""

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from annotation.core import documents, edits, tiles
from annotation.core.documents import Labels
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange
from tests.core.drawing import draw
from tests.core.test_edits import small_planes

FACTS = CellFacts()
PICTURE = draw("aa.b\naa.b")


def document(planes: NDArray[np.uint32]) -> Labels:
    cells = dict.fromkeys(range(1, 10), FACTS)
    frame = {(0, 0, ty, tx): content for (ty, tx), content in tiles.tiles_of_planes(planes).items()}
    return Labels(frame, cells)


@given(small_planes(), small_planes())
def test_an_edit_and_its_inverse_give_the_same_labels(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> None:
    edit = edits.edits_between(a, b, t=0, z=0, id="x", tool="x")
    there = documents.apply(document(a), edit)
    assert there == document(b)
    assert documents.apply(there, edits.invert(edit)) == document(a)


def test_an_emptied_tile_is_left_out() -> None:
    edit = Edit(
        "x", "x", (PixelChange(0, 0, 1, (), (0, 0, 2, 1, 0, 2)), PixelChange(0, 0, 2, (), (0, 3, 1, 1, 3, 1)))
    )
    assert documents.apply(document(PICTURE), edit).tiles == {}


def test_a_cell_deleted_with_pixels_left_is_refused() -> None:
    edit = Edit("x", "x", (PixelChange(0, 0, 1, (), (0, 0, 2)),), (CellChange(1, FACTS, None),))
    with pytest.raises(documents.CellNotEmpty, match="Cell 1") as caught:
        documents.apply(document(PICTURE), edit)
    assert caught.value.cells == (1,)


def test_a_refused_edit_leaves_the_labels_as_they_were() -> None:
    before = document(PICTURE)
    with pytest.raises(tiles.InexactEdit):
        documents.apply(before, Edit("x", "x", (PixelChange(0, 0, 1, (0, 0, 1)),)))
    assert before == document(PICTURE)
