"""Tiles: the bytes, the planes, the application of edits and the measures."""

import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.core import edits, simulation, tiles
from annotation.core.edits import PixelChange
from tests.core.drawing import draw, members

LETTERS = draw(
    """
    .aa...bb
    aaa..bbb
    .a....b.
    """,
    """
    ........
    ..cccc..
    ........
    """,
)


@st.composite
def overlapping(draw_from: st.DrawFn) -> NDArray[np.uint32]:
    """Up to eight rectangles around the corner of four tiles, on three planes."""
    planes = np.zeros((3, 300, 520), np.uint32)
    for cell in range(1, draw_from(st.integers(1, 9))):
        y, x = draw_from(st.integers(240, 270)), draw_from(st.sampled_from((0, 240, 250, 500)))
        high, wide = draw_from(st.integers(1, 25)), draw_from(st.integers(1, 20))
        plane = planes[draw_from(st.integers(0, 2)), y : y + high, x : x + wide]
        plane[plane == 0] = cell * 7
    keep = np.zeros((3, 300, 520), np.uint32)
    for y, x in np.argwhere(planes.any(axis=0)):  # a cell may not lie twice on one pixel
        several = sorted(set(planes[:, y, x].tolist()) - {0})
        keep[: len(several), y, x] = several
    return keep[: max(1, int((keep.reshape(3, -1).any(axis=1)).sum()))]


def test_packed_bytes_are_the_documented_layout() -> None:
    content = tiles.tile_of_planes(LETTERS, 0, 0)
    data = zlib.decompress(tiles.pack(content))
    assert struct.unpack_from("<I3I3I", data) == (3, 1, 2, 3, 3, 3, 1)
    starts = struct.unpack_from("<7H", data, 28)
    lengths_minus_1 = struct.unpack_from("<7H", data, 42)
    assert starts == (1, 256, 513, 6, 261, 518, 258)
    assert lengths_minus_1 == (1, 2, 0, 1, 2, 0, 3)
    assert len(data) == 56


def test_a_run_may_pass_the_end_of_a_row() -> None:
    planes = np.zeros((1, 2, 256), np.uint32)
    planes[0, 0, 255] = planes[0, 1, 0] = 5
    content = tiles.tile_of_planes(planes, 0, 0)
    assert (content.starts.tolist(), content.lengths.tolist()) == ([255], [2])


def test_a_full_tile_is_one_run() -> None:
    content = tiles.tile_of_planes(np.full((1, 256, 256), 3, np.uint32), 0, 0)
    assert content.lengths.tolist() == [65536]
    assert tiles.unpack(tiles.pack(content)) == content


def test_an_empty_tile_packs() -> None:
    assert tiles.unpack(tiles.pack(tiles.EMPTY_TILE)) == tiles.EMPTY_TILE
    assert struct.unpack("<I", zlib.decompress(tiles.pack(tiles.EMPTY_TILE))) == (0,)


@settings(max_examples=30, deadline=None)
@given(overlapping())
def test_planes_to_bytes_and_back(planes: NDArray[np.uint32]) -> None:
    packed = {at: tiles.pack(content) for at, content in tiles.tiles_of_planes(planes).items()}
    back = tiles.planes_of_tiles({at: tiles.unpack(data) for at, data in packed.items()}, 300, 520)
    assert np.array_equal(back, planes)


def test_the_largest_id_survives() -> None:
    planes = np.zeros((1, 5, 5), np.uint32)
    planes[0, 2, 2] = edits.MAX_CELL
    assert tiles.planes_of_tiles(tiles.tiles_of_planes(planes), 5, 5)[0, 2, 2] == edits.MAX_CELL


def test_overlaps_lie_in_ascending_order_on_the_first_planes() -> None:
    shuffled = np.stack((draw("b.")[0], draw("ac")[0]))
    assert np.array_equal(tiles.planes_of_tiles(tiles.tiles_of_planes(shuffled), 1, 2), draw("ac", "b."))


@settings(max_examples=30, deadline=None)
@given(overlapping(), overlapping())
def test_apply_equals_redrawing(before: NDArray[np.uint32], after: NDArray[np.uint32]) -> None:
    edit = edits.edits_between(before, after, t=0, z=0, id="x", tool="test")
    done = dict(tiles.tiles_of_planes(before))
    for (_, _, ty, tx), changes in edits.split_by_tile(edit).items():
        done[ty, tx] = tiles.apply(done.get((ty, tx), tiles.EMPTY_TILE), ty=ty, tx=tx, changes=changes)
    wanted = tiles.tiles_of_planes(after)
    assert {at: c for at, c in done.items() if len(c)} == wanted


def test_apply_refuses_pixels_that_are_not_as_expected_and_names_the_cells() -> None:
    content = tiles.tile_of_planes(LETTERS, 0, 0)
    already = PixelChange(0, 0, 1, add=(0, 1, 1))
    missing = PixelChange(0, 0, 3, remove=(0, 0, 1))
    fine = PixelChange(0, 0, 2, add=(5, 5, 1))
    with pytest.raises(tiles.InexactEdit, match="cell 1, 3") as caught:
        tiles.apply(content, ty=0, tx=0, changes=[already, missing, fine])
    assert caught.value.cells == (1, 3)


def test_inexact_apply_is_idempotent() -> None:
    content = tiles.tile_of_planes(LETTERS, 0, 0)
    changes = [PixelChange(0, 0, 1, add=(0, 0, 3), remove=(2, 1, 1))]
    once = tiles.apply(content, ty=0, tx=0, changes=changes, exact=False)
    assert tiles.apply(once, ty=0, tx=0, changes=changes, exact=False) == once
    assert (1, 2, 1) in members(LETTERS)
    assert (1, 2, 1) not in members(tiles.planes_of_tile(once))


def test_apply_refuses_runs_of_another_tile() -> None:
    with pytest.raises(ValueError, match="leave the tile"):
        tiles.apply(tiles.EMPTY_TILE, ty=0, tx=0, changes=[PixelChange(0, 0, 1, add=(0, 255, 2))])


def test_apply_leaves_the_given_tile_alone() -> None:
    content = tiles.tile_of_planes(LETTERS, 0, 0)
    before = tiles.pack(content)
    tiles.apply(content, ty=0, tx=0, changes=[PixelChange(0, 0, 9, add=(9, 9, 1))])
    assert tiles.pack(content) == before


@settings(max_examples=25, deadline=None)
@given(overlapping())
def test_measures_equal_counting_pixels(planes: NDArray[np.uint32]) -> None:
    stats = [tiles.measure(c, ty=ty, tx=tx) for (ty, tx), c in tiles.tiles_of_planes(planes).items()]
    stored = [tiles.TileStats.from_bytes(s.to_bytes()) for s in stats]
    whole = tiles.merge_stats(stored)
    pixels = members(planes)
    assert whole.ids.tolist() == sorted({cell for cell, _, _ in pixels})
    for i, cell in enumerate(whole.ids.tolist()):
        ys, xs = [y for c, y, _ in pixels if c == cell], [x for c, _, x in pixels if c == cell]
        assert [int(column[i]) for column in whole.columns()] == [
            cell, len(ys), sum(ys), sum(xs), min(ys), min(xs), max(ys), max(xs)
        ]  # fmt: skip
        assert whole.centroid_y[i] == pytest.approx(np.mean(ys))
        assert whole.centroid_x[i] == pytest.approx(np.mean(xs))


def test_measures_of_nothing() -> None:
    assert len(tiles.merge_stats([])) == 0
    empty = tiles.measure(tiles.EMPTY_TILE, ty=1, tx=1)
    assert tiles.TileStats.from_bytes(empty.to_bytes()) == empty


def test_runs_of_tiles_equal_runs_of_planes() -> None:
    planes = np.zeros((1, 300, 600), np.uint32)
    planes[0, 250:260, 240:530] = 4
    assert tiles.runs_of_tiles(tiles.tiles_of_planes(planes)) == edits.runs_of_planes(planes)


def test_frame_message_round_trip() -> None:
    rows = [
        (0, 1, 7, tiles.pack(tiles.tile_of_planes(LETTERS, 0, 0))),
        (2, 0, 3, tiles.pack(tiles.EMPTY_TILE)),
    ]
    frame = tiles.decode_frame(tiles.encode_frame(9, rows))
    assert frame.head == 9
    assert [tuple(tile) for tile in frame.tiles] == rows


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b"no zlib", "decompressed"),
        (zlib.compress(b"\1"), "too short"),
        (zlib.compress(struct.pack("<I", 5)), "too short to list"),
        (zlib.compress(struct.pack("<III", 1, 1, 2)), "2 runs"),
    ],
)
def test_broken_tiles_are_refused(broken: bytes, why: str) -> None:
    with pytest.raises(tiles.BrokenTile, match=why):
        tiles.unpack(broken)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b"PNG", "CYT1"),
        (b"CYT1" + struct.pack("<III", 1, 128, 0), "128 px"),
        (b"CYT1" + struct.pack("<III", 1, 256, 1), "middle of a tile"),
        (b"CYT1" + struct.pack("<IIIHHII", 1, 256, 1, 0, 0, 1, 9), "length"),
    ],
)
def test_broken_frames_are_refused(broken: bytes, why: str) -> None:
    with pytest.raises(tiles.BrokenTile, match=why):
        tiles.decode_frame(broken)


def test_broken_measures_are_refused() -> None:
    with pytest.raises(tiles.BrokenTile):
        tiles.TileStats.from_bytes(b"\5\0\0\0")


@pytest.mark.slow
def test_a_large_frame_is_packed_in_well_under_a_second() -> None:
    planes = simulation.simulate_field(seed=1).labels[0]
    begin = time.process_time()
    packed = {at: tiles.pack(content) for at, content in tiles.tiles_of_planes(planes).items()}
    assert time.process_time() - begin < 1.0
    assert len(packed) == 64
