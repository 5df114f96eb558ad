"""W7: what differs between two revisions, branches or raters, against a twin that counts pixels in sets."""

import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from rest_framework.test import APIClient

from annotation.core.edits import CellChange, CellFacts
from annotation.models import Branch
from annotation.selectors import differences
from annotation.selectors import labels as reading
from annotation.selectors.differences import Comparison
from annotation.services import bulk, labels
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, erase, make_branch, make_class, new_cell, paint

Pixels = set[tuple[int, int]]
Row = tuple[str, int, int | None, int, float]


def cells_of(planes: NDArray[np.uint32]) -> dict[int, Pixels]:
    """Every cell's pixels, one by one."""
    cells: dict[int, Pixels] = {}
    for _, y, x in zip(*np.nonzero(planes), strict=True):
        for plane in planes:
            if plane[y, x]:
                cells.setdefault(int(plane[y, x]), set()).add((int(y), int(x)))
    return cells


def cells_at(branch: Branch, number: int, t: int) -> dict[int, Pixels]:
    revision = reading.get_revision(branch=branch, number=number)
    return cells_of(reading.read_planes(revision=revision, t=t, z=0))


def naive_by_id(before: dict[int, Pixels], after: dict[int, Pixels], t: int) -> set[Row]:
    rows: set[Row] = set()
    for cell in before.keys() | after.keys():
        old, new = before.get(cell, set()), after.get(cell, set())
        if old != new:
            kind = "ADDED" if not old else "REMOVED" if not new else "CHANGED"
            base = cell if old else None
            rows.add((kind, cell, base, t, round(len(old & new) / len(old | new), 4)))
    return rows


def naive_by_overlap(before: dict[int, Pixels], after: dict[int, Pixels], least: float) -> set[Row]:
    """Tries every pairing of a few cells: most pairs, then most IoU."""
    iou = {(a, b): len(before[a] & after[b]) / len(before[a] | after[b]) for a in before for b in after}
    few, many = (list(before), list(after)) if len(before) <= len(after) else (list(after), list(before))
    best: tuple[int, float, list[tuple[int, int]]] = (0, 0.0, [])
    for order in permutations(many, len(few)):
        pairs = (
            list(zip(few, order, strict=True)) if few == list(before) else list(zip(order, few, strict=True))
        )
        kept = [pair for pair in pairs if iou[pair] >= least]
        worth = (len(kept), sum(iou[pair] for pair in kept))
        if worth > best[:2]:
            best = (*worth, kept)
    rows: set[Row] = {("CHANGED", b, a, 0, round(iou[a, b], 4)) for a, b in best[2] if before[a] != after[b]}
    rows |= {("REMOVED", a, a, 0, 0.0) for a in before.keys() - {a for a, _ in best[2]}}
    return rows | {("ADDED", b, None, 0, 0.0) for b in after.keys() - {b for _, b in best[2]}}


def told(compared: Comparison) -> set[Row]:
    return {
        (str(row.change), row.cell, row.base_cell, row.t or 0, row.iou or 0.0)
        for row in compared.rows
        if row.change != "FACTS"
    }


def between(branch: Branch, base: int, target: int) -> Comparison:
    sides = (differences.state(branch=branch, number=number) for number in (base, target))
    return differences.compare(base=next(sides), target=next(sides))


@pytest.mark.parametrize("seed", range(8))
def test_W7_two_revisions_of_a_branch_equal_the_naive_twin(team: Team, ben: User, seed: int) -> None:
    """Cells over tile borders, overlapping, in two frames; any two revisions, either way round."""
    chance = random.Random(seed)
    branch = make_branch(team, shape_tzyx=(2, 1, 300, 300))
    commit(branch, ben, *(new_cell(cell, 20 * cell, 240, 10, 30, t=cell % 2) for cell in range(1, 7)))
    for _ in range(6):
        cell = chance.randrange(1, 7)
        place = (20 * cell + chance.randrange(6), 240 + chance.randrange(20))
        draw = paint if chance.random() < 0.6 else erase
        change = draw(cell, *place, 4, 6, t=cell % 2)
        try:
            commit(branch, ben, change)
        except labels.EditDoesNotFit:
            commit(branch, ben, new_cell(100 + branch.revisions.count(), 200, chance.randrange(200), t=1))
    frames = {
        number: [cells_at(branch, number, t) for t in (0, 1)]
        for number in branch.revisions.values_list("number", flat=True)
    }
    for base, target in ((1, max(frames)), (max(frames), 2), (3, 4)):
        compared = between(branch, base, target)
        expected = {row for t in (0, 1) for row in naive_by_id(frames[base][t], frames[target][t], t)}
        assert told(compared) == expected
        same = sum(
            frames[base][t].get(cell) == pixels for t in (0, 1) for cell, pixels in frames[target][t].items()
        )
        assert compared.tally.same == same


@pytest.mark.parametrize("seed", range(8))
def test_W7_two_raters_equal_the_naive_twin(team: Team, ben: User, cleo: User, seed: int) -> None:
    """Other numbers for the same cells, shifted, missing and invented ones."""
    chance = np.random.default_rng(seed)
    branch = make_branch(team, shape_tzyx=(1, 1, 270, 270))
    other = labels.open_branch(image=branch.image, name="second rater")
    for rater, person, first in ((branch, ben, 1), (other, cleo, 40)):
        planes = np.zeros((1, 270, 270), np.uint32)
        for at in range(6):
            if chance.random() < 0.8:
                y, x = 250 - 40 * at + chance.integers(0, 7, 2)
                planes[0, y : y + 12, x : x + 12] = first + int(chance.permutation(6)[0]) + 10 * at
        bulk.import_planes(image=branch.image, branch=rater, frames=[(0, 0, planes)], facts={}, author=person)
    sides = [cells_of(reading.read_planes(branch=one, t=0, z=0)) for one in (branch, other)]
    for rater in (branch, other):
        rater.refresh_from_db()
    for least in (0.1, 0.5):
        compared = differences.compare(
            base=differences.state(branch=branch), target=differences.state(branch=other), least_iou=least
        )
        assert told(compared) == naive_by_overlap(sides[0], sides[1], least)
    assert compared.rows == sorted(compared.rows, key=lambda row: row.iou or 0.0)


def test_W7_another_class_is_a_row_at_the_place_of_its_cell(team: Team, ben: User) -> None:
    branch = make_branch(team)
    label_class = str(make_class(branch.image.dataset.project).pk)
    first = commit(branch, ben, new_cell(1, 300, 300, t=1)).number
    named = CellChange(1, CellFacts(), CellFacts(label_class=label_class))
    second = commit(branch, ben, edit(cells=[named])).number
    [row] = between(branch, first, second).rows
    assert (row.change, row.cell, row.t, row.y, row.x) == ("FACTS", 1, 1, 301.5, 301.5)
    other = labels.open_branch(image=branch.image, name="b")
    Branch.objects.filter(pk=other.pk).update(next_cell=10)
    commit(other, ben, new_cell(7, 300, 300, t=1))
    other.refresh_from_db()
    [row] = differences.compare(
        base=differences.state(branch=branch, number=second), target=differences.state(branch=other)
    ).rows
    assert (row.change, row.cell, row.base_cell, row.iou) == ("FACTS", 7, 1, 1.0)


def test_W7_the_tally_says_how_alike_they_are(team: Team, ben: User) -> None:
    branch = make_branch(team)
    base = commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 50, 50), new_cell(3, 90, 90, t=1)).number
    target = commit(branch, ben, erase(2, 50, 50, 3, 4), new_cell(4, 150, 150)).number
    tally = between(branch, base, target).tally
    assert (tally.added, tally.removed, tally.changed, tally.same) == (1, 0, 1, 2)
    assert tally.mean_iou == pytest.approx((1 + 0.25 + 1) / 3)
    assert tally.f1 == pytest.approx(2 * 2 / 7)


def test_W7_over_http(
    team: Team, ben: User, dan: User, client_of: Callable[[User | None], APIClient]
) -> None:
    branch = make_branch(team)
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 14, 10))
    address = f"/api/v1/images/{branch.image_id}/differences/"
    asked = {"base": str(branch.pk), "base_revision": "1", "target": str(branch.pk)}
    answer = client_of(ben).get(address, asked).json()
    assert answer["count"] == 1
    assert answer["target"]["number"] == 2
    [row] = answer["results"]
    assert (row["change"], row["iou"], row["t"], row["y"], row["x"]) == ("CHANGED", 0.5, 0, 13.5, 11.5)
    assert client_of(ben).get(address, {**asked, "limit": "0"}).json()["results"] == []
    assert client_of(dan).get(address, asked).status_code == 404
    elsewhere = make_branch(team)
    assert client_of(ben).get(address, {**asked, "target": str(elsewhere.pk)}).status_code == 404
    assert client_of(ben).get(address, {**asked, "base_revision": "9"}).status_code == 404
    assert client_of(ben).get(address, {**asked, "base": str(uuid.uuid4())}).status_code == 404


def test_W7_facts_alone_of_the_same_pixels_do_not_count_as_changed(team: Team, ben: User) -> None:
    branch = make_branch(team)
    first = commit(branch, ben, new_cell(1, 10, 10))
    locked = replace(CellFacts(), locked=True)
    second = commit(branch, ben, edit(cells=[CellChange(1, CellFacts(), locked)]))
    tally = between(branch, first.number, second.number).tally
    assert (tally.changed, tally.facts, tally.same) == (0, 1, 1)
