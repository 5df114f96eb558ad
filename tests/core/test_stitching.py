"""D9: images cut into crops that overlap, and put together again without seams."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.core import crops, stitching
from annotation.core.crops import Box, Crop
from annotation.core.crowd_labels import Ids, Said, Tile, draw_tiles, mark_centres, planes_of
from annotation.core.stitching import Drawn

Plane = NDArray[np.int64]


def discs(seed: int, height: int, width: int, count: int) -> Plane:
    """A plane of discs, later ones over earlier ones."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    plane = np.zeros((height, width), np.int64)
    for cell in range(1, count + 1):
        cy, cx, r = random.uniform(0, height), random.uniform(0, width), random.uniform(3, 9)
        plane[(y - cy) ** 2 + (x - cx) ** 2 < r * r] = cell
    return plane


def lines(plane: Plane) -> dict[int, Any]:
    return {int(cell): stitching.line_of(crops.runs_of(plane == cell)) for cell in np.unique(plane) if cell}


def drawn_on(plane: Plane, crop: Crop) -> Drawn:
    box = crop.box
    part = plane[box.y0 : box.y1, box.x0 : box.x1]
    return Drawn(crop, tuple(crops.runs_of(part == cell) for cell in np.unique(part) if cell))


def same_cells(one: Plane, other: Plane) -> bool:
    """Equal up to the names of cells."""
    pairs = np.unique(np.stack((one.ravel(), other.ravel()), 1), axis=0)
    return len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) == len(pairs)


def as_plane(joined: list[stitching.Joined], height: int, width: int) -> Plane:
    planes = planes_of({i + 1: one.pixels for i, one in enumerate(joined)}, height, width)
    assert len(planes) == 1, "cells overlap"
    return np.asarray(planes[0], np.int64)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 200), width=st.integers(1, 200), size=st.integers(2, 90), share=st.integers(0, 89)
)
def test_D9_homes_cover_the_image_once_and_lie_in_their_crops(
    height: int, width: int, size: int, share: int
) -> None:
    seen = np.zeros((height, width), int)
    for box, home in crops.cut(height, width, size=size, overlap=share % size):
        seen[home.y0 : home.y1, home.x0 : home.x1] += 1
        assert home.common(box) == home
        assert box.height == min(size, height)
        assert box.width == min(size, width)
    assert (seen == 1).all()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("overlap", [20, 24, 40])
def test_D9_untouched_crops_are_stitched_exactly(seed: int, overlap: int) -> None:
    plane = discs(seed, 120 + seed, 170, 60)
    cutting = crops.cut(*plane.shape, size=64, overlap=overlap)
    joined = stitching.join([drawn_on(plane, crop) for crop in cutting])
    assert same_cells(as_plane(joined, *plane.shape), plane)


def test_D9_ids_are_those_of_before_across_seams_and_the_rest_is_untouched() -> None:
    plane = discs(3, 128, 160, 50)
    base = lines(plane)
    tiles = [Tile(one.crop, one.masks) for one in _drawn(plane, crops.cut(128, 160, size=64, overlap=20))]
    said = Said()
    after = draw_tiles(base, tiles, Ids(1000), said)
    assert (planes_of(after, 128, 160)[0] == plane).all()
    assert said.changes == 0


def _drawn(plane: Plane, cutting: list[Crop]) -> list[Drawn]:
    return [drawn_on(plane, crop) for crop in cutting]


def test_D9_only_what_was_asked_changes() -> None:
    plane = discs(5, 128, 192, 60)
    asked = [one for one in crops.cut(128, 192, size=64, overlap=20) if one.box.x0 < 60]
    homes = np.zeros(plane.shape, bool)
    for one in asked:
        homes[one.home.y0 : one.home.y1, one.home.x0 : one.home.x1] = True
    after = draw_tiles(lines(plane), [Tile(one) for one in asked], Ids(1000), Said())
    picture = planes_of(after, 128, 192)[0]
    assert (picture[~homes] == plane[~homes]).all()
    assert not picture[homes].any()


def test_D9_crops_that_share_nothing_are_joined_where_cells_meet() -> None:
    plane = np.zeros((40, 80), np.int64)
    plane[10:20, 30:52] = 1
    plane[25:35, 5:15] = 2
    joined = stitching.join(_drawn(plane, crops.cut(40, 80, size=40, overlap=0)))
    assert same_cells(as_plane(joined, 40, 80), plane)


def test_D9_a_cell_that_one_crop_shows_whole_is_not_cut_where_the_neighbour_drew_nothing() -> None:
    left, right = crops.cut(40, 70, size=40, overlap=10)
    whole = crops.runs_of(np.pad(np.ones((10, 14), bool), ((5, 25), (24, 2))))  # x 24 … 38 of the left crop
    [one] = stitching.join([Drawn(left, (whole,)), Drawn(right, ())])
    assert one.pixels.size() == 140


def test_D9_two_people_who_disagree_on_the_outline_make_one_cell_without_a_seam() -> None:
    left, right = crops.cut(40, 70, size=40, overlap=10)
    box = np.zeros((40, 70), bool)
    box[10:20, 28:46] = True
    wider = np.zeros((40, 70), bool)
    wider[9:21, 28:47] = True
    a = crops.runs_of(box[:, :40])
    b = crops.runs_of(wider[:, 30:])
    [one] = stitching.join([Drawn(left, (a,)), Drawn(right, (b,))])
    picture = as_plane([one], 40, 70)
    assert picture[15, 28:47].all()
    assert picture[9, 36:47].all()
    assert not picture[9, 28:34].any()


def test_D9_centres_seen_by_two_crops_are_one() -> None:
    left, right = crops.cut(40, 70, size=40, overlap=10)
    tiles = [Tile(left, points=((10, 34.0), (30, 5))), Tile(right, points=((10, 5.5), (20, 20)))]
    after = mark_centres({}, tiles, (40, 70), Ids(1), Said())
    assert len(after) == 3


def test_a_crop_around_a_cell_stays_in_the_image() -> None:
    box = crops.around((0, 0, 5, 5), margin=4, least=20, most=64, height=50, width=15)
    assert box == Box(0, 0, 20, 15)
    box = crops.around((40, 40, 49, 49), margin=4, least=20, most=64, height=50, width=50)
    assert box == Box(30, 30, 50, 50)
