"""Cells as points: which are kept, in which order tiles are read, and the bytes on the wire."""

import numpy as np
import pytest

from annotation.core import stubs as core_stubs
from annotation.core import tiles
from annotation.core.stubs import Stubs, evenly, stubs_of
from annotation.core.tiles import BrokenTile


def measured(*places: tuple[int, int, int]) -> tiles.CellMeasures:
    """Cells of 2 × 2 px at (cell, y, x)."""
    planes = np.zeros((1, 64, 64), np.uint32)
    for cell, y, x in places:
        planes[0, y : y + 2, x : x + 2] = cell
    return tiles.measure(tiles.tiles_of_planes(planes)[0, 0], ty=0, tx=0)


def test_a_stub_lies_in_the_middle_of_its_cell() -> None:
    rows = stubs_of([measured((7, 10, 20), (9, 30, 40))], most=10)
    assert rows.tolist() == [[7, 10, 20, 4], [9, 30, 40, 4]]


def test_a_cell_in_two_tiles_is_one_stub() -> None:
    rows = stubs_of([measured((7, 10, 20)), measured((7, 10, 22))], most=10)
    assert rows.tolist() == [[7, 10, 21, 8]]


def test_too_many_are_thinned_evenly() -> None:
    places = [(i + 1, 2 * (i // 30), 2 * (i % 30)) for i in range(300)]
    rows = stubs_of([measured(*places)], most=30)
    assert len(rows) == 30
    assert np.diff(rows[:, 0].astype(int)).max() <= 11


@pytest.mark.parametrize("first", [4, 16, 64])
def test_every_beginning_of_the_order_is_spread_over_the_whole(first: int) -> None:
    ty, tx = (axis.ravel() for axis in np.mgrid[0:32, 0:32])
    order = evenly(ty, tx)
    assert sorted(order.tolist()) == list(range(1024))
    block = 32 // int(np.sqrt(first))
    blocks = set(
        zip((ty[order[:first]] // block).tolist(), (tx[order[:first]] // block).tolist(), strict=True)
    )
    assert len(blocks) == first


def test_the_message_is_read_back() -> None:
    sent = Stubs(5, 3, 9, np.array([[1, 2, 3, 4], [2**31 - 1, 100_000, 99_999, 7]], np.uint32))
    read = core_stubs.decode_stubs(core_stubs.encode_stubs(sent))
    assert (read.head, read.tiles_read, read.tiles_in_range) == (5, 3, 9)
    assert read.rows.tolist() == sent.rows.tolist()


@pytest.mark.parametrize("message", [b"", b"CYT1" + bytes(16), b"CYS1" + bytes(15), b"CYS1" + bytes(17)])
def test_other_bytes_are_refused(message: bytes) -> None:
    with pytest.raises(BrokenTile):
        core_stubs.decode_stubs(message)
