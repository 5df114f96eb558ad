"""T7: planted errors are proposed for repair, and the order of the queue is worth twice the order of time."""

from collections.abc import Callable

import numpy as np
import pytest

from annotation.core import simulation_repairs as repairing
from annotation.core import simulation_tracks as tracking
from annotation.core.repairs import RepairKind, propose
from annotation.core.simulation_tracks import Tracked, accuracy

Plant = Callable[[Tracked], Tracked]


@pytest.fixture(scope="module")
def truth() -> Tracked:
    return tracking.simulate(seed=4, frames=20, cells=30, side_px=420, slips=0)


def long_tracks(movie: Tracked) -> list[int]:
    """Cells in every frame, the nearest pair first."""
    cells = [c for c in np.unique(movie.cell).tolist() if (movie.cell == c).sum() == movie.frames]
    at = {c: np.flatnonzero((movie.cell == c) & (movie.rows.t == 8))[0] for c in cells}
    places = np.column_stack((movie.rows.y, movie.rows.x))
    pairs = [(float(np.hypot(*(places[at[a]] - places[at[b]]))), a, b) for a in cells for b in cells if a < b]
    return list(min(pairs)[1:])


def a_family(movie: Tracked) -> tuple[int, list[int]]:
    """A mother with two daughters that are seen for three frames at least."""
    for mother in sorted(set(movie.mothers.values())):
        daughters = [d for d, m in movie.mothers.items() if m == mother]
        if len(daughters) == 2 and all((movie.cell == d).sum() >= 3 for d in daughters):
            return mother, daughters
    raise AssertionError("The simulation has no division.")


def cut_one(movie: Tracked) -> Tracked:
    return tracking.cut(movie, long_tracks(movie)[0], 8)


def swap_two(movie: Tracked) -> Tracked:
    a, b = long_tracks(movie)
    return tracking.exchange(movie, a, b, 8)


def lend_two(movie: Tracked) -> Tracked:
    a, b = long_tracks(movie)
    return tracking.exchange(movie, a, b, 8, 10)


def cut_all(movie: Tracked) -> Tracked:
    there = np.intersect1d(movie.cell[movie.rows.t == 7], movie.cell[movie.rows.t == 8])
    for cell in there.tolist()[:10]:
        movie = tracking.cut(movie, cell, 8)
    return movie


def forget_one_daughter(movie: Tracked) -> Tracked:
    return tracking.forget_mother(movie, a_family(movie)[1][0])


def forget_both(movie: Tracked) -> Tracked:
    _, (a, b) = a_family(movie)
    return tracking.forget_mother(tracking.forget_mother(movie, a), b)


def jump(movie: Tracked) -> Tracked:
    """A cell that leaves and one that comes far away later, said to be one."""
    t = {c: movie.rows.t[movie.cell == c] for c in np.unique(movie.cell).tolist()}
    named = {*movie.mothers, *movie.mothers.values()}
    gone = [c for c, seen in t.items() if seen.max() < 15 and c not in named]
    come = [c for c, seen in t.items() if seen.min() > 5 and c not in named]
    end = {c: np.asarray((movie.rows.y, movie.rows.x))[:, movie.cell == c][:, -1] for c in gone}
    start = {c: np.asarray((movie.rows.y, movie.rows.x))[:, movie.cell == c][:, 0] for c in come}
    pairs = [(a, b) for a in gone for b in come if t[a].max() < t[b].min()]
    a, b = max(pairs, key=lambda pair: float(np.hypot(*(end[pair[0]] - start[pair[1]]))))
    return tracking.exchange(movie, a, b, int(t[b].min()))


PLANTS: list[tuple[Plant, RepairKind]] = [
    (cut_one, RepairKind.JOIN),
    (swap_two, RepairKind.SWAP),
    (lend_two, RepairKind.SWAP),
    (cut_all, RepairKind.REJOIN),
    (forget_one_daughter, RepairKind.DIVIDE),
    (forget_both, RepairKind.DIVIDE),
    (jump, RepairKind.CUT),
]


def test_T7_true_tracks_need_next_to_no_repair(truth: Tracked) -> None:
    assert len(propose(truth.followed()[0])) <= 1


@pytest.mark.parametrize(("plant", "kind"), PLANTS)
def test_T7_the_first_proposal_puts_a_planted_error_right(
    truth: Tracked, plant: Plant, kind: RepairKind
) -> None:
    broken = plant(truth)
    assert broken.links() != truth.links()
    best, *_ = propose(broken.followed()[0])
    assert best.kind == kind
    assert repairing.apply(broken, best).links() == truth.links()


def test_T7_another_mother(truth: Tracked) -> None:
    mother, daughters = a_family(truth)
    first = int(truth.rows.t[truth.cell == daughters[0]].min())
    others = [c for c in np.unique(truth.cell[truth.rows.t == first - 1]).tolist() if c != mother]
    at = {c: np.flatnonzero((truth.cell == c) & (truth.rows.t == first - 1))[0] for c in [mother, *others]}
    places = np.column_stack((truth.rows.y, truth.rows.x))
    far = max(others, key=lambda c: float(np.hypot(*(places[at[c]] - places[at[mother]]))))
    broken = tracking.name_mother(truth, daughters[0], far)
    found = [one for one in propose(broken.followed()[0]) if one.kind == RepairKind.MOTHER]
    assert (daughters[0], mother) in [one.cells for one in found]


def test_T7_settled_cells_are_left_alone(truth: Tracked) -> None:
    broken = swap_two(truth)
    followed, _ = broken.followed()
    settled = frozenset(long_tracks(truth)[:1])
    object.__setattr__(followed, "settled", settled)
    assert all(settled.isdisjoint(one.cells) for one in propose(followed))


@pytest.mark.parametrize(("seed", "speed_px"), [(1, 1.9), (2, 1.9), (3, 6.0)])
def test_T7_the_queue_needs_half_the_edits_of_time_order(seed: int, speed_px: float) -> None:
    """Every look counts on the side of the queue; on the other only edits that are needed."""
    truth = tracking.simulate(seed=seed, frames=24, cells=40, side_px=500, speed_px=speed_px, slips=1)
    broken = repairing.plant(truth, seed=seed, share=0.2)
    queue, time = repairing.by_queue(broken, truth), repairing.by_time(broken, truth)
    assert queue.before == time.before < 0.9
    assert min(queue.after, time.after) >= 0.95
    assert queue.steps <= 0.5 * time.edits


def test_links_and_accuracy_are_those_of_a_naive_twin(truth: Tracked) -> None:
    broken = repairing.plant(truth, seed=1, share=0.2)
    naive = set()
    for i in range(len(broken.cell)):
        mine = np.flatnonzero(broken.cell == broken.cell[i])
        later = mine[broken.rows.t[mine] > broken.rows.t[i]]
        if later.size:
            naive.add((i, int(later[broken.rows.t[later].argmin()])))
    for daughter, mother in broken.mothers.items():
        a, b = (np.flatnonzero(broken.cell == cell) for cell in (mother, daughter))
        if a.size and b.size:
            naive.add((int(a[broken.rows.t[a].argmax()]), int(b[broken.rows.t[b].argmin()])))
    assert broken.links() == naive
    wrong, missing = naive - truth.links(), truth.links() - naive
    right = len(naive & truth.links())
    assert accuracy(naive, truth.links()) == pytest.approx(right / (right + len(wrong) + len(missing)))
