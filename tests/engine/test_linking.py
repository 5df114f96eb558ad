"""Rows L6 and T10: linkers on movies of which the truth is planted."""

import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotation.core import simulation
from tests.engine.linking_movies import Planted, Walk, divisions_of, links_of, true_links, walk
from training.contract.linking import Constraints, Detection, InvalidConstraints, Kind, Lineage, Link
from training.contract.recipes.link import LINKERS as NAMES
from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections, gather, measure_frame

LINKERS = list(NAMES)
WEIGHED = [name for name in LINKERS if name != "nearest"]


def told(
    found: Detections, linker: str = "exact", limits: Constraints | None = None, **words: object
) -> Lineage:
    return movie.link_movie(found, linker, replace(Options(), **words), limits)  # type: ignore[arg-type]


def share_right(walked: Walk, said: Lineage) -> float:
    """F1 of links."""
    right = true_links(walked)
    return 2 * len(right & links_of(said)) / (len(right) + len(said.links))


@pytest.mark.parametrize("linker", LINKERS)
def test_L6_cells_that_lie_apart_are_followed_by_every_linker(linker: str) -> None:
    walked = walk(40, 12, step=2.0, spacing=40, seed=3)
    said = told(walked.found, linker)
    assert share_right(walked, said) > (0.985 if linker in WEIGHED else 0.97)
    assert set(NAMES) == set(movie.LINKERS)


def dividing(late: int | None = None, *, lost_mother: bool = False) -> Planted:
    """Cells at rest, and one that shrinks, brightens and divides after frame 5; one daughter may be missing
    for the first `late` frames, or the mother in her last frame."""
    planted = Planted(12)
    planted.crowd()
    for t in range(12):
        if t <= 5 and not (lost_mother and t == 5):
            planted.put(t, 120, 200, area=300 - 25 * max(t - 2, 0), light=100 + 30 * max(t - 2, 0))
        if t > 5:
            planted.put(t, 120, 189 - (t - 6), area=150, light=180)
            if late is None or t > 5 + late:
                planted.put(t, 120, 211 + (t - 6), area=152, light=178)
    return planted


@pytest.mark.parametrize("linker", WEIGHED)
def test_L6_a_cell_that_rounds_up_and_parts_has_two_daughters(linker: str) -> None:
    said = told(dividing().detections(), linker)
    assert divisions_of(said) == {(5, 13): {(6, 13), (6, 14)}}
    born = [cell for cell in said.cells if cell.mother]
    assert len(born) == 2
    assert all(cell.division is not None and cell.division > 0.5 for cell in born)
    assert not divisions_of(told(dividing().detections(), linker, divisions=False))


@pytest.mark.parametrize("linker", WEIGHED)
def test_L6_of_points_that_are_drawn_as_discs_places_and_light_tell_divisions(linker: str) -> None:
    outlined = dividing().detections()
    count = len(outlined)
    light = np.where(outlined.light > 140, 120.0, 100.0) + np.random.default_rng(2).normal(0, 5, count)
    points = replace(outlined, area=np.full(count, 253.0), slender=np.ones(count), light=light)
    assert divisions_of(told(points, linker)) == {(5, 13): {(6, 13), (6, 14)}}
    resting = Planted(12)
    resting.crowd()
    still = resting.detections()
    assert not divisions_of(told(replace(still, area=np.full(len(still), 253.0)), linker))


@pytest.mark.parametrize("linker", WEIGHED)
def test_L6_divisions_of_whole_cells_that_touch_are_found(linker: str) -> None:
    film = simulation.simulate_movie(seed=13, cells=30, cycle_frames=24.0)
    frames = [measure_frame(labels[None], film.image[t]) for t, labels in enumerate(film.labels)]
    said = told(gather(frames, (1, 256, 256)), linker)
    found = {(mother, cell) for (_, mother), born in divisions_of(said).items() for _, cell in born}
    true = {(mother, cell) for cell, mother in film.mothers.items()}
    assert len(found & true) >= 0.75 * len(true)
    assert len(found - true) <= 0.15 * len(true)


def test_L6_a_late_daughter_and_a_mother_missing_at_last_are_found_with_the_gaps() -> None:
    assert divisions_of(told(dividing(1).detections())) == {(5, 13): {(6, 13), (7, 14)}}
    lost = told(dividing(lost_mother=True).detections())
    assert divisions_of(lost) == {(4, 13): {(6, 13), (6, 14)}}
    assert not divisions_of(told(dividing(lost_mother=True).detections(), max_gap_frames=0))


def test_L6_a_cell_that_is_missing_for_a_while_is_known_again() -> None:
    planted = Planted(12)
    planted.crowd()
    for t in range(12):
        if t not in (5, 6):
            planted.put(t, 100 + t, 100)
    said = told(planted.detections())
    (gap,) = [cell for cell in said.cells if cell.missing]
    assert (gap.first, gap.last, gap.missing) == (0, 11, (5, 6))
    assert ((4, 13), (7, 13)) in links_of(said)
    assert ((4, 13), (7, 13)) not in links_of(told(planted.detections(), max_gap_frames=1))


def test_L6_steady_cells_that_cross_are_told_apart_by_their_motion() -> None:
    walked = walk(120, 16, step=7.0, spacing=26, steady=0.95, seed=1)
    assert (
        share_right(walked, told(walked.found))
        > share_right(walked, told(walked.found, motion="still")) + 0.02
    )
    assert share_right(walked, told(walked.found, "kalman")) > share_right(
        walked, told(walked.found, "nearest")
    )


def test_L6_drift_of_the_stage_is_no_motion_of_cells() -> None:
    walked = walk(60, 10, step=1.0, spacing=40, seed=2)
    moved = walked.found.place + np.where(walked.found.t >= 5, 18.0, 0.0)[:, None] * [0, 1, 0]
    jumping = Walk(replace(walked.found, place=moved), walked.truth)
    assert share_right(jumping, told(jumping.found)) > 0.99


def test_L6_brightness_tells_neighbours_apart_where_places_do_not() -> None:
    walked = walk(120, 10, step=8.0, spacing=26, seed=5)
    light = 60.0 + 12 * (walked.truth % 9) + np.random.default_rng(0).normal(0, 1.5, len(walked.truth))
    lit = Walk(replace(walked.found, light=light), walked.truth)
    assert share_right(lit, told(lit.found)) > share_right(lit, told(lit.found, appearance=False)) + 0.03


def test_L6_chances_are_honest() -> None:
    """Of the links that are said to be right with a chance of p, about p are."""
    walked = walk(300, 14, step=6.0, spacing=30, lost=0.04, false=0.04, seed=4)
    said = told(walked.found, motion="still")
    right = true_links(walked)
    named = said.renamed
    was = {
        (t, c): w for t, w, c in zip(named.t.tolist(), named.was.tolist(), named.cell.tolist(), strict=True)
    }
    table = said.links
    ends = zip(
        table.t.tolist(), table.cell.tolist(), table.to_t.tolist(), table.to_cell.tolist(), strict=True
    )
    good = np.array([((t, was[t, a]), (u, was[u, b])) in right for t, a, u, b in ends])
    edges = [0.0, 0.6, 0.8, 0.9, 0.97, 1.01]
    shares, off = [], 0.0
    for low, high in itertools.pairwise(edges):
        here = (table.confidence >= low) & (table.confidence < high)
        if here.sum() > 30:
            shares.append(good[here].mean())
            off += abs(good[here].mean() - table.confidence[here].mean()) * here.mean()
    assert off < 0.05
    assert shares == sorted(shares)
    assert len(shares) >= 4


def test_L6_a_fusion_is_told_and_ends_the_track() -> None:
    planted = Planted(10)
    planted.crowd()
    for t in range(10):
        if t < 5:
            planted.put(t, 100, 100, area=300)
            planted.put(t, 100, 122, area=200)
        else:
            planted.put(t, 100, 109, area=500)
    said = told(planted.detections(), merges=True)
    (fused,) = [cell for cell in said.cells if cell.merged_into]
    assert fused.last == 4
    into = next(cell for cell in said.cells if cell.cell == fused.merged_into)
    assert (into.first, into.last) == (0, 9)
    assert not [cell for cell in told(planted.detections()).cells if cell.merged_into]


# ---------------------------------------------------------------- what people have said


@pytest.mark.parametrize("linker", LINKERS)
def test_T10_every_link_that_people_made_is_kept_and_none_that_they_forbade(linker: str) -> None:
    walked = walk(60, 10, step=7.0, spacing=28, lost=0.05, seed=6)
    right, before = true_links(walked), links_of(told(walked.found, linker))
    missed, wrong = sorted(right - before), sorted(before - right)
    assert len(missed) > 5
    assert len(wrong) > 5
    limits = Constraints(
        must=[Link(Detection(*a), Detection(*b)) for a, b in missed],
        must_not=[Link(Detection(*a), Detection(*b)) for a, b in wrong],
    )
    said = told(walked.found, linker, limits)
    after = links_of(said)
    assert set(missed) <= after
    assert not set(wrong) & after
    assert said.links.given.sum() == len(missed)
    assert (said.links.confidence[said.links.given] == 1).all()
    assert len(right & after) > len(right & before)


@pytest.mark.parametrize("linker", LINKERS)
def test_T10_divisions_beginnings_and_ends_that_people_gave_hold(linker: str) -> None:
    walked = walk(30, 6, step=2.0, spacing=40, seed=7)
    rows = {t: walked.found.rows(t) for t in range(6)}
    cells = [Detection(2, int(walked.found.cell[rows[2]][k])) for k in range(5)]
    later = [Detection(3, int(walked.found.cell[rows[3]][k])) for k in range(5)]
    limits = Constraints(
        must=[Link(cells[0], later[0], Kind.DAUGHTER), Link(cells[0], later[1], Kind.DAUGHTER)],
        begins=[later[2]],
        ends=[cells[1]],
    )
    said = told(walked.found, linker, limits)
    assert divisions_of(said)[cells[0]] == {tuple(later[0]), tuple(later[1])}
    sources, targets = {a for a, _ in links_of(said)}, {b for _, b in links_of(said)}
    assert tuple(cells[1]) not in sources
    assert tuple(later[2]) not in targets


def test_T10_the_other_daughter_is_found_where_one_is_given() -> None:
    limits = Constraints(must=[Link(Detection(5, 13), Detection(6, 13), Kind.DAUGHTER)])
    said = told(dividing().detections(), "exact", limits)
    assert divisions_of(said) == {(5, 13): {(6, 13), (6, 14)}}


def test_T10_what_was_said_of_cells_that_are_gone_is_passed_over() -> None:
    walked = walk(20, 5, seed=8)
    limits = Constraints(
        must=[Link(Detection(1, 999), Detection(2, 1))], must_not=[Link(Detection(0, 1), Detection(77, 1))]
    )
    assert links_of(told(walked.found, "exact", limits)) == links_of(told(walked.found))


def test_T10_constraints_that_contradict_themselves_are_refused() -> None:
    a, b, c = Detection(0, 1), Detection(1, 1), Detection(1, 2)
    for limits in (
        Constraints(must=[Link(b, a)]),
        Constraints(must=[Link(a, b), Link(a, c)]),
        Constraints(must=[Link(a, b), Link(Detection(0, 2), b)]),
        Constraints(must=[Link(a, b)], must_not=[Link(a, b)]),
        Constraints(must=[Link(a, b)], begins=[b]),
        Constraints(must=[Link(a, b)], ends=[a]),
    ):
        with pytest.raises(InvalidConstraints):
            limits.check()
    fine = Constraints(must=(Link(a, b, Kind.DAUGHTER), Link(a, c, Kind.DAUGHTER)), ends=(c,))
    assert Constraints.from_json(fine.to_json()) == fine


# ---------------------------------------------------------------- measures and names


def test_L6_measures_of_a_frame_are_those_of_each_cell_alone() -> None:
    chance = np.random.default_rng(0)
    labels = np.zeros((2, 3, 20, 20), np.uint32)
    labels[0, 1, 3:9, 4:7], labels[0, 0:2, 12:15, 10:18], labels[1, 1, 5:10, 5:12] = 7, 3, 12
    pixels = chance.integers(0, 1000, (2, 3, 20, 20)).astype(np.uint16)
    found = measure_frame(labels, pixels, z_step=2.0)
    assert found.cell.tolist() == [3, 7, 12]
    for i, cell in enumerate(found.cell):
        z, y, x = np.nonzero((labels == cell).any(0))
        assert found.area[i] == len(z)
        assert found.place[i] == pytest.approx([2.0 * z.mean(), y.mean(), x.mean()])
        assert found.light[i] == pytest.approx(pixels[:, z, y, x].mean(1))
    assert 0 < found.slender.min() <= found.slender.max() <= 1


def test_L6_volumes_are_followed_too() -> None:
    frames = []
    for t in range(6):
        labels = np.zeros((1, 8, 40, 40), np.uint32)
        labels[0, 1:3, 10 + t : 14 + t, 10:14], labels[0, 5:7, 10:14, 11 + t : 15 + t] = 1 + t % 2, 2 - t % 2
        frames.append(measure_frame(labels, None, 3.0))
    found = gather(frames, (8, 40, 40), 3.0)
    assert found.axes == 3
    said = told(found, max_step_px=6.0)
    assert len(said.cells) == 2
    assert all((cell.first, cell.last) == (0, 5) for cell in said.cells)


def test_L6_a_cell_keeps_the_number_that_it_mostly_had_and_all_numbers_are_single() -> None:
    walked = walk(30, 10, step=2.0, spacing=40, seed=9)
    known = replace(walked.found, cell=walked.truth.copy())
    said = told(known)
    assert (said.renamed.was == said.renamed.cell).mean() > 0.97
    for t in range(10):
        here = said.renamed.cell[said.renamed.t == t]
        assert len(set(here.tolist())) == len(here)


def test_L6_movies_without_cells_or_with_one_frame_are_no_problem() -> None:
    empty = gather([measure_frame(np.zeros((1, 1, 8, 8), np.uint32), None)] * 3, (1, 8, 8))
    one = walk(5, 1)
    for linker in LINKERS:
        assert len(told(empty, linker).cells) == 0
        assert len(told(one.found, linker).cells) == 5
        gone = walk(20, 6, lost=0.9, seed=1)
        assert len(told(gone.found, linker).renamed) == len(gone.found)


def test_L6_two_processes_link_as_one_does() -> None:
    found = walk(400, 240, seed=3).found
    one, two = (movie.link_movie(found, "exact", Options(), workers=workers) for workers in (1, 2))
    assert links_of(one) == links_of(two)
    assert np.array_equal(one.links.confidence, two.links.confidence)


def test_L6_a_movie_that_is_linked_by_two_processes_can_be_stopped() -> None:
    def stop(share: float) -> None:
        if share > 0.2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        movie.link_movie(walk(400, 240, seed=3).found, "exact", Options(), pause=stop, workers=2)


def test_L6_processes_that_share_a_movie_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    """Killed while it links, it leaves nobody behind."""
    script = tmp_path / "link.py"
    script.write_text(
        "import os, signal\n"
        "from tests.engine.linking_movies import walk\n"
        "from training.engine.linking import movie\n"
        "from training.engine.linking.base import Options\n"
        "def pause(share):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "movie.link_movie(walk(400, 240).found, 'exact', Options(), pause=pause, workers=2)\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    begun = subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root}, start_new_session=True
    )
    assert begun.wait(60) == -signal.SIGKILL
    until = time.monotonic() + 20
    while _of_group(begun.pid) and time.monotonic() < until:
        time.sleep(0.2)
    assert not _of_group(begun.pid)


def _of_group(group: int) -> list[int]:
    """Processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[2]) == group and words[0] != "Z":
            found.append(int(path.parent.name))
    return found
