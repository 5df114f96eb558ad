"""Which of the cells found are left out, by the frames with truth that were looked at."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.engine.conftest import discs
from training.engine.data.images import Truth
from training.engine.instance_kinds import KINDS
from training.engine.targets import distance
from training.engine.tuning import Cut, Judged, ReadFrame, choose_cut, judge_frame

KIND = KINDS["distance"]
BARE = {**KIND.decodings[0], "overlaps": False, "size_px": 0}


def with_ghosts(seed: int, ghosts: int) -> tuple[ReadFrame, npt.NDArray[np.uint32]]:
    """A frame as a net reads it that is sure of every disc and half sure of some squares that are none."""
    _, labels = discs(seed)
    maps = distance.build(labels[None])[:3].astype(np.float32) * np.float32(0.98 / 255)
    free = np.argwhere(labels == 0)
    rng = np.random.default_rng(seed)
    for top, left in rng.permutation(free)[:ghosts]:
        window = np.s_[top : top + 7, left : left + 7]
        if not labels[window].any():
            maps[0][window], maps[1][window] = 0.6, 0.5
    return ReadFrame(maps, Truth.of(labels[None])), labels


@pytest.fixture
def judged() -> list[Judged]:
    """A dozen frames of discs and ghosts."""
    return [judge_frame(KIND, with_ghosts(seed, 6)[0], BARE)[1] for seed in range(12)]


def test_cells_the_net_is_less_sure_of_are_left_out_where_that_is_right(judged: list[Judged]) -> None:
    before = sum(len(its.matches.ious) for its in judged)
    cut = choose_cut(judged, size_px=0)
    kept = [its.kept(cut) for its in judged]
    truths = sum(its.truths for its in kept)
    right = sum(int((its.ious > 0.5).sum()) for its in kept)
    assert before > truths * 1.1
    assert right >= 0.97 * truths
    assert sum(len(its.ious) for its in kept) - right < (before - truths) / 5
    assert cut.score > 0.9
    assert cut.chance > 0


def test_the_smallest_size_is_chosen_unless_it_is_given(judged: list[Judged]) -> None:
    assert choose_cut(judged, size_px=33).size_px == 33
    assert choose_cut(judged, size_px=None).score >= choose_cut(judged, size_px=0).score


def test_nothing_is_left_out_without_a_gain() -> None:
    judged = [judge_frame(KIND, with_ghosts(seed, 0)[0], BARE)[1] for seed in range(4)]
    cut = choose_cut(judged, size_px=None)
    assert (cut.size_px, cut.chance) == (0, 0.0)


def test_frames_without_a_cell_found_are_no_hindrance() -> None:
    _, labels = discs(0)
    dark = ReadFrame(np.zeros((3, *labels.shape), np.float32), Truth.of(labels[None]))
    _, its = judge_frame(KIND, dark, BARE)
    cut = choose_cut([its], size_px=None)
    assert isinstance(cut, Cut)
    assert cut.score == 0
    assert its.kept(cut).truths == len(np.unique(labels)) - 1
