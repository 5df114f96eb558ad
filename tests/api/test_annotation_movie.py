"""Two people on one movie over HTTP, by time and by region: no number twice in a frame, no link lost."""

import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.core import edits as core_edits
from annotation.core.edits import CellChange, CellFacts, Edit
from annotation.core.tiles import decode_frame, unpack
from annotation.models import Branch
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, make_branch, move, new_cell, paint

FRAMES, ROWS = 12, 6
LAST = FRAMES - 1
FACTS = CellFacts()

Link = tuple[tuple[int, int], tuple[int, int]]
"""((t, row) before, (t, row) after)"""


class Person:
    """One page: the revision that it shows, and numbers of its own."""

    def __init__(self, client: APIClient, branch: Branch) -> None:
        self.client, self.at = client, f"/api/v1/branches/{branch.pk}/"
        self.base = int(client.get(self.at).json()["head_number"])
        block = client.post(self.at + "cell-ids/", {"count": 20}).json()
        self.ids = iter(range(block["first"], block["first"] + block["count"]))

    def send(self, *edits: Edit, base: int | None = None) -> dict[str, Any]:
        """The answer; `base` stays what it was, as on a page that has not heard of the other yet."""
        body = {
            "batch_id": str(uuid.uuid4()),
            "base": self.base if base is None else base,
            "edits": [core_edits.to_json(edit) for edit in edits],
        }
        answer = self.client.post(self.at + "revisions/", body)
        return {"status": answer.status_code, **answer.json()}

    def cut(self, cell: int, t: int, mother: int | None = None, last: int = LAST) -> tuple[int, Edit]:
        new = next(self.ids)
        return new, move((cell, new, t, last), cells=[CellChange(new, None, CellFacts(mother=mother))])


@pytest.fixture
def branch(team: Team, ben: User) -> Branch:
    """A movie of ROWS cells that stand still, cell n + 1 in row n, over the border of two tiles."""
    branch = make_branch(team, ids=ROWS, shape_tzyx=(FRAMES, 1, 20 * ROWS, 300))
    for row in range(ROWS):
        drawn = [paint(row + 1, 20 * row, 254, t=t) for t in range(1, FRAMES)]
        commit(branch, ben, new_cell(row + 1, 20 * row, 254), *drawn)
    return branch


def read_names(client: APIClient, at: str) -> dict[tuple[int, int], int]:
    """(t, row) → cell, of what the server sends; every number at most once in a frame."""
    names: dict[tuple[int, int], int] = {}
    for t in range(FRAMES):
        frame = decode_frame(client.get(at + f"labels/?t={t}&z=0").content)
        for tile in frame.tiles:
            content = unpack(tile.content) if isinstance(tile.content, bytes) else tile.content
            for cell, start in zip(
                content.ids.tolist(),
                content.starts[content.counts.cumsum() - content.counts].tolist(),
                strict=True,
            ):
                row = (tile.ty * 256 + start // 256) // 20
                assert names.setdefault((t, row), cell) == cell
        seen = [cell for (at_t, _), cell in names.items() if at_t == t]
        assert len(seen) == len(set(seen)) == ROWS
    return names


def links(client: APIClient, at: str) -> set[Link]:
    names = read_names(client, at)
    frames: dict[int, list[tuple[int, int]]] = {}
    for place, cell in sorted(names.items()):
        frames.setdefault(cell, []).append(place)
    found = {pair for places in frames.values() for pair in pairwise(places)}
    for line in client.get(at + "cells/").json()["results"]:
        mother = line["facts"]["mother"]
        if mother is not None:
            found.add((frames[mother][-1], frames[line["cell"]][0]))
    return found


def straight() -> set[Link]:
    return {((t - 1, row), (t, row)) for t in range(1, FRAMES) for row in range(ROWS)}


def between(t: int, before: int, after: int) -> Link:
    return ((t - 1, before), (t, after))


@pytest.mark.parametrize("early_first", [True, False])
def test_T12_two_people_by_time(
    branch: Branch, client_of: Callable[[User | None], APIClient], ben: User, cleo: User, early_first: bool
) -> None:
    early, late = Person(client_of(ben), branch), Person(client_of(cleo), branch)
    new, cut = early.cut(1, 3)
    first = [cut, move((2, 3, 4, LAST), (3, 2, 4, LAST)), paint(new, 4, 254, t=5)]
    daughter, division = late.cut(1, 8, mother=1)
    second = [
        division,
        move((2, 4, 9, LAST), (4, 2, 9, LAST)),
        paint(daughter, 4, 254, t=9),
        late.cut(5, 7)[1],
    ]
    batches = [(early, first), (late, second)]
    for person, edits in batches if early_first else batches[::-1]:
        assert person.send(*edits)["status"] == 201
    wanted = straight() - {between(3, 0, 0), between(7, 4, 4)}
    wanted -= {between(4, 1, 1), between(4, 2, 2), between(9, 1, 1), between(9, 3, 3)}
    wanted |= {between(4, 1, 2), between(4, 2, 1)}
    # The later one swaps the rows that she saw, whatever their numbers have become.
    wanted |= {between(9, 1, 3), between(9, 3, 1)}
    assert links(early.client, early.at) == wanted


def test_T12_two_people_by_region(
    branch: Branch, client_of: Callable[[User | None], APIClient], ben: User, cleo: User
) -> None:
    above, below = Person(client_of(ben), branch), Person(client_of(cleo), branch)
    for t in (2, 5, 8):
        assert above.send(move((1, 2, t, LAST), (2, 1, t, LAST)), base=above.base)["status"] in (201, 409)
        above.base = int(above.client.get(above.at).json()["head_number"])
        assert (
            below.send(below.cut(6, t, last=LAST)[1] if t == 2 else paint(5, 85, 254, t=t))["status"] == 201
        )
    crossed = {between(t, *rows) for t in (2, 5, 8) for rows in ((0, 1), (1, 0))}
    kept = straight() - {between(t, row, row) for t in (2, 5, 8) for row in (0, 1)} - {between(2, 5, 5)}
    assert links(above.client, above.at) == kept | crossed


def test_T12_the_same_link_cut_by_both_is_left_to_a_person(
    branch: Branch, client_of: Callable[[User | None], APIClient], ben: User, cleo: User
) -> None:
    one, other = Person(client_of(ben), branch), Person(client_of(cleo), branch)
    assert one.send(one.cut(1, 5)[1])["status"] == 201
    refused = other.send(other.cut(1, 5)[1], paint(4, 64, 254, t=5))
    assert (refused["status"], refused["code"]) == (409, "stale_revision")
    assert {(c["cell"], c["t"]) for c in refused["collisions"]} >= {(1, 5)}
    assert links(one.client, one.at) == straight() - {between(5, 0, 0)}
