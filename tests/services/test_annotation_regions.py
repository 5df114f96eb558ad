"""Parts of a frame: the same as the whole cut down, at a cost that follows what is answered."""

import re
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.core import tiles as core_tiles
from annotation.core.tiles import CellMeasures
from annotation.models import Branch, CellTile, TileHead
from annotation.selectors import cells, frames, regions
from annotation.selectors import labels as reading
from annotation.selectors.regions import NoSuchRegion, Region
from annotation.services import labels
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint

EVERYTHING = Region(0, 0, 2**31 - 1, 2**31 - 1)


@pytest.fixture
def branch(team: Team, ben: User) -> Branch:
    """Nine tiles; cell 1 crosses from tile (0, 0) to (0, 1), cell 2 lies in (1, 1), cell 3 in (2, 0)."""
    made = make_branch(team, shape_tzyx=(2, 1, 700, 700))
    commit(made, ben, new_cell(1, 10, 250, 4, 20), new_cell(2, 300, 300), new_cell(3, 600, 10))
    made.refresh_from_db()
    return made


def keys(body: bytes | None) -> list[tuple[int, int]]:
    assert body is not None
    return [(tile.ty, tile.tx) for tile in core_tiles.decode_frame(body).tiles]


def region_of(branch: Branch, region: Region, **more: Any) -> list[tuple[int, int]]:
    return keys(frames.read(branch=branch, t=0, z=0, region=region, **more).body)


# ---------------------------------------------------------------- tiles


def test_a_region_holds_its_tiles_and_no_other(branch: Branch) -> None:
    assert region_of(branch, Region(0, 0, 2, 1)) == [(0, 0)]
    assert region_of(branch, Region(0, 1, 2, 2)) == [(0, 1), (1, 1)]
    assert region_of(branch, EVERYTHING) == keys(frames.read(branch=branch, t=0, z=0).body)
    assert region_of(branch, Region(50, 50, 60, 60)) == []


def test_a_region_knows_since_and_old_revisions(branch: Branch, ben: User) -> None:
    first = branch.head_number
    commit(branch, ben, paint(2, 310, 310), erase(3, 600, 10))
    assert region_of(branch, Region(0, 0, 3, 3), since=first) == [(1, 1), (2, 0)]
    assert region_of(branch, Region(2, 0, 3, 3)) == []
    assert region_of(branch, Region(2, 0, 3, 3), revision=first) == [(2, 0)]


def test_a_region_is_not_sent_again_when_only_others_changed(branch: Branch, ben: User) -> None:
    here = Region(0, 0, 1, 2)
    known = frames.read(branch=branch, t=0, z=0, region=here).etag
    commit(branch, ben, paint(2, 310, 310))
    assert frames.read(branch=branch, t=0, z=0, region=here, known=known).body is None
    assert frames.read(branch=branch, t=0, z=0, region=Region(0, 0, 2, 2), known=known).body is not None
    commit(branch, ben, paint(1, 20, 20))
    assert frames.read(branch=branch, t=0, z=0, region=here, known=known).body is not None


@pytest.mark.parametrize("region", [Region(1, 0, 1, 1), Region(0, 2, 1, 1)])
def test_an_empty_range_is_refused(branch: Branch, region: Region) -> None:
    with pytest.raises(NoSuchRegion, match="is empty"):
        frames.read(branch=branch, t=0, z=0, region=region)


# ---------------------------------------------------------------- cells


def test_cells_of_a_region_are_measured_whole_and_say_where_they_lie(branch: Branch) -> None:
    [one] = cells.list_cells(branch=branch, t=0, z=0, region=Region(0, 0, 1, 1))
    assert (one.cell, one.area_px, one.tiles) == (1, 80, ((0, 0), (0, 1)))
    assert (one.measures[0].x_min, one.measures[0].x_max) == (250, 269)
    assert [line.cell for line in cells.list_cells(branch=branch, region=Region(1, 0, 3, 3))] == [2, 3]


def test_cells_of_a_region_as_of_an_old_revision(branch: Branch, ben: User) -> None:
    first = branch.head_number
    commit(branch, ben, erase(2, 300, 300))
    here = Region(1, 1, 2, 2)
    assert cells.list_cells(branch=branch, region=here) == []
    [two] = cells.list_cells(branch=branch, region=here, revision=first)
    assert (two.cell, two.tiles) == (2, ((1, 1),))


def test_named_cells_are_looked_up(branch: Branch, ben: User) -> None:
    commit(branch, ben, paint(3, 600, 10, t=1), new_cell(8, 20, 20, t=1))
    found = {line.cell: line for line in cells.look_up(branch=branch, cells=[8, 3, 999])}
    assert list(found) == [3, 8]
    assert (found[3].t, found[3].first_t, found[3].last_t, found[3].tiles) == (0, 0, 1, ((2, 0),))
    assert (found[8].t, found[8].first_t, found[8].measures[0].area_px) == (1, 1, 16)
    [three] = cells.look_up(branch=branch, cells=[3], t=1, z=0)
    assert (three.t, three.area_px) == (1, 16)


def test_a_cell_without_pixels_is_found_without_a_place(branch: Branch, ben: User) -> None:
    commit(branch, ben, erase(2, 300, 300))
    [two] = cells.look_up(branch=branch, cells=[2])
    assert (two.first_t, two.area_px, two.tiles, two.measures) == (None, 0, (), ())


# ---------------------------------------------------------------- where cells lie


def places_by_reading(branch: Branch) -> set[tuple[int, ...]]:
    """The slow twin: every head tile is read."""
    rows = TileHead.objects.filter(branch=branch).values_list("t", "z", "ty", "tx", "tile__stats")
    return {
        (cell, *key) for *key, stats in rows for cell in CellMeasures.from_bytes(bytes(stats)).ids.tolist()
    }


def places_kept(branch: Branch) -> set[tuple[int, ...]]:
    return set(CellTile.objects.filter(branch=branch).values_list("cell", "t", "z", "ty", "tx"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 690), st.integers(0, 690), st.booleans()), max_size=12
    )
)
def test_the_list_of_places_is_what_the_tiles_say(
    team: Team, ben: User, steps: list[tuple[int, int, int, bool]]
) -> None:
    branch = make_branch(team, shape_tzyx=(1, 1, 700, 700))
    for cell, y, x, adding in steps:
        there = reading.read_planes(branch=branch, t=0, z=0)[0, y : y + 4, x : x + 4]
        if cell not in reading.cell_facts(branch=branch):
            commit(branch, ben, new_cell(cell, y, x))
        elif not adding and (there == cell).all():
            commit(branch, ben, erase(cell, y, x))
        elif adding and not (there == cell).any():
            commit(branch, ben, paint(cell, y, x))
    assert places_kept(branch) == places_by_reading(branch)


def test_imports_and_restorations_keep_the_list_of_places(branch: Branch, mia: User) -> None:
    first = branch.head_number
    planes = np.zeros((1, 700, 700), np.uint32)
    planes[0, 240:270, 240:270] = 5
    labels.import_planes(image=branch.image, branch=branch, frames=[(0, 0, planes)], facts={}, author=mia)
    assert places_kept(branch) == places_by_reading(branch) == {
        (5, 0, 0, ty, tx) for ty in (0, 1) for tx in (0, 1)
    }  # fmt: skip
    labels.restore(branch=branch, number=first, by=mia)
    assert places_kept(branch) == places_by_reading(branch)
    assert {row[0] for row in places_kept(branch)} == {1, 2, 3}


def test_frames_of_cells_are_the_same_at_the_head_and_as_of_it(branch: Branch, ben: User) -> None:
    commit(branch, ben, paint(3, 600, 10, t=1), erase(2, 300, 300))
    head = reading.head_revision(branch)
    assert reading.cell_spans(branch=branch) == reading.cell_spans(revision=head)


# ---------------------------------------------------------------- stubs and summary


def test_stubs_of_few_cells_are_all_of_them(branch: Branch) -> None:
    stubs = regions.read_stubs(branch=branch, t=0, z=0, region=EVERYTHING, most=10)
    assert stubs.rows.tolist() == [[1, 11, 259, 80], [2, 301, 301, 16], [3, 601, 11, 16]]
    assert (stubs.tiles_read, stubs.tiles_in_range) == (4, 4)


def test_stubs_of_many_tiles_are_a_grid_of_them(
    branch: Branch, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regions, "LISTED_TILES", 4)
    planes = np.zeros((1, 700, 700), np.uint32)
    planes[0, 128::256, 128::256] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    labels.import_planes(image=branch.image, branch=branch, frames=[(1, 0, planes)], facts={}, author=mia)
    stubs = regions.read_stubs(branch=branch, t=1, z=0, region=EVERYTHING, most=100)
    assert (stubs.tiles_read, stubs.tiles_in_range) == (4, 9)
    assert len({row[1] for row in stubs.rows.tolist()}) == 2
    assert len({row[2] for row in stubs.rows.tolist()}) == 2


def test_no_more_stubs_than_asked(branch: Branch) -> None:
    assert len(regions.read_stubs(branch=branch, t=0, z=0, region=EVERYTHING, most=2).rows) == 2


def test_the_summary_counts(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(8, 20, 20, t=1))
    branch.refresh_from_db()
    summary = regions.summarise(branch=branch)
    assert (summary.head_number, summary.cells) == (2, 4)
    assert summary.tiles == [{"t": 0, "z": 0, "n_tiles": 4}, {"t": 1, "z": 0, "n_tiles": 1}]


# ---------------------------------------------------------------- cost


def rows_touched(branch: Branch, region: Region) -> int:
    """Rows of heads that PostgreSQL says it visits for a region."""
    sql = f"EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT h.tx {regions.REGION_SQL}"
    known = {"branch": branch.pk, "t": 0, "z": 0, **region._asdict()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(sql, known)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "annotation_tilehead" in plan
    filtered = sum(int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", plan))
    return filtered + sum(int(n) for n in re.findall(r"annotation_tilehead heads.*rows=(\d+)", plan))


def test_a_region_visits_only_its_own_tiles(team: Team, mia: User) -> None:
    branch = make_branch(team, shape_tzyx=(1, 1, 256 * 12, 256 * 12))
    planes = np.zeros((1, 256 * 12, 256 * 12), np.uint32)
    planes[0, 128::256, 128::256] = np.arange(1, 145).reshape(12, 12)
    labels.import_planes(image=branch.image, branch=branch, frames=[(0, 0, planes)], facts={}, author=mia)
    assert rows_touched(branch, Region(4, 4, 6, 6)) <= 4


def test_painting_a_cell_in_its_own_tiles_writes_no_place(branch: Branch, ben: User) -> None:
    with CaptureQueriesContext(connection) as told:
        commit(branch, ben, paint(2, 310, 310))
    assert not [query for query in told if "annotation_celltile" in query["sql"]]
