"""M20, W6: whole frames that are written anew leave locked cells alone and take back what was accepted."""

import random

import numpy as np
import pytest

from annotation.core import locks, tiles
from annotation.core.edits import CellChange, CellFacts
from annotation.models import Branch, TaskState
from annotation.selectors import labels as reading
from annotation.services import bulk, reviews, tasks
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, erase, make_branch, new_cell, paint

FREE, LOCKED = CellFacts(), CellFacts(locked=True)


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(1, 1, 40, 300))


def lock(branch: Branch, by: User, cell: int, before: CellFacts = FREE) -> None:
    commit(branch, by, edit(cells=[CellChange(cell, before, CellFacts(mother=before.mother, locked=True))]))


def frame(branch: Branch) -> np.ndarray:
    return reading.read_planes(branch=branch, t=0, z=0)


def test_M20_restoring_leaves_a_locked_cell_and_gives_its_pixels_to_nobody(branch: Branch, ben: User) -> None:
    first = commit(branch, ben, new_cell(1, 5, 5), new_cell(2, 5, 250, 4, 10), new_cell(3, 20, 5)).number
    commit(branch, ben, erase(2, 5, 250, 4, 10), paint(1, 5, 254, 4, 2), paint(1, 30, 30), paint(3, 21, 40))
    lock(branch, ben, 1)
    before = frame(branch) == 1
    made = bulk.restore(branch=branch, number=first, by=ben)
    after = frame(branch)
    assert np.array_equal((after == 1).any(axis=0), before.any(axis=0))
    assert (after == 2).sum() == 4 * 8  # its old place less that of the locked one, on two tiles
    assert (after == 3).sum() == 16
    assert reading.cell_facts(branch=branch) == {1: LOCKED, 2: FREE, 3: FREE}
    assert made.message == "Restored revision 1. Cell 1 is locked and stays as it is."
    counts = {head.cell: head.pixel_count for head in branch.cell_heads.all()}
    assert counts == {1: int(before.sum()), 2: 32, 3: 16}


def test_M20_restoring_to_nothing_keeps_the_locked_daughter_and_the_mother_that_it_names(
    team: Team, ben: User
) -> None:
    movie = make_branch(team, shape_tzyx=(2, 1, 40, 40))
    commit(
        movie, ben, new_cell(1, 5, 5), new_cell(2, 5, 5, t=1, facts=CellFacts(mother=1)), new_cell(3, 9, 9)
    )
    lock(movie, ben, 2, CellFacts(mother=1))
    bulk.restore(branch=movie, number=0, by=ben)
    assert set(reading.cell_facts(branch=movie)) == {1, 2}


def test_M20_labels_from_outside_leave_a_locked_cell_alone(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(1, 5, 5), new_cell(2, 20, 20))
    lock(branch, ben, 1)
    planes = np.zeros((1, 40, 300), np.uint32)
    planes[0, :8, :8], planes[0, 30:, :9] = 7, 1
    made = bulk.import_planes(
        image=branch.image,
        branch=branch,
        frames=[(0, 0, planes)],
        facts={1: FREE},
        author=ben,
        message="New.",
    )
    after = frame(branch).max(axis=0)
    assert (after == 1).sum() == 16
    assert (after[5:9, 5:9] == 1).all()
    assert (after == 7).sum() == 64 - 9
    assert reading.cell_facts(branch=branch) == {1: LOCKED, 7: FREE}
    assert made.message == "New. Cell 1 is locked and stays as it is."


def test_W6_restoring_what_was_accepted_goes_back_to_review_and_says_so(
    branch: Branch, mia: User, ben: User, cleo: User
) -> None:
    task = tasks.create(project=branch.image.dataset.project, image=branch.image, assignee=ben, by=mia)
    commit(branch, ben, new_cell(1, 5, 5))
    commit(branch, ben, paint(1, 20, 20))
    reviews.decide(task=reviews.hand_in(task=task, by=ben), by=cleo, verdict="ACCEPTED")
    made = bulk.restore(branch=branch, number=1, by=ben)
    task.refresh_from_db()
    assert (task.state, task.submitted_revision) == (TaskState.SUBMITTED, made)
    assert "waits for review" in made.message
    again = bulk.restore(branch=branch, number=2, by=ben)
    assert "waits for review" in again.message


def test_M20_what_is_kept_in_a_tile_equals_a_slow_twin() -> None:
    rng = random.Random(4)
    for _ in range(60):
        now, coming = (_random_tile(rng) for _ in range(2))
        held = {cell for cell in range(1, 6) if rng.random() < 0.4}
        channels = {cell: rng.choice([None, 0]) for cell in range(1, 6)}
        made = _memberships(locks.kept_in_tile(now, coming, held, channels))
        assert made == _slow(_memberships(now), _memberships(coming), held, channels)


def _random_tile(rng: random.Random) -> tiles.TileContent:
    planes = np.zeros((2, 256, 256), np.uint32)
    for _ in range(12):
        y, x = rng.randrange(6), rng.randrange(250, 254)
        planes[rng.randrange(2), y : y + 2, x : x + 3] = rng.randint(1, 5)
    return tiles.tile_of_planes(planes, 0, 0)


def _memberships(content: tiles.TileContent) -> set[tuple[int, int]]:
    planes = tiles.planes_of_tile(content)
    p, y, x = np.nonzero(planes)
    return set(zip(planes[p, y, x].tolist(), (y * 256 + x).tolist(), strict=True))


Cells = set[tuple[int, int]]


def _slow(now: Cells, coming: Cells, held: set[int], channels: dict[int, int | None]) -> Cells:
    stay = {(cell, at) for cell, at in now if cell in held}
    made = set(stay)
    for cell, at in coming:
        under = any(at == there and channels[cell] == channels[other] for other, there in stay)
        if cell not in held and (not under or (cell, at) in now):
            made.add((cell, at))
    return made
