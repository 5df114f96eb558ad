"""Frames, cells and edits over HTTP."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.core import edits as core_edits
from annotation.core.edits import CellFacts, Edit, facts_to_json
from annotation.core.stubs import decode_stubs
from annotation.core.tiles import decode_frame, unpack
from annotation.models import Branch
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint

Client = Callable[[User | None], APIClient]
API = "/api/v1/"


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


@pytest.fixture
def at(branch: Branch) -> str:
    return f"{API}branches/{branch.pk}/"


def batch(base: int, *edits: Edit, **more: Any) -> dict[str, Any]:
    return {
        "batch_id": str(uuid.uuid4()),
        "base": base,
        "edits": [core_edits.to_json(e) for e in edits],
        **more,
    }


# ---------------------------------------------------------------- edits


def test_a_batch_is_acknowledged_with_its_number(at: str, client_of: Client, ben: User) -> None:
    answer = client_of(ben).post(at + "revisions/", batch(0, new_cell(1, 10, 10)))
    assert answer.status_code == 201
    assert {k: answer.json()[k] for k in ("number", "base", "rebased")} == {
        "number": 1,
        "base": 0,
        "rebased": False,
    }


def test_a_stale_batch_names_the_cells(
    at: str, branch: Branch, client_of: Client, ben: User, cleo: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 20, 20))
    mine = paint(1, 30, 30)
    answer = client_of(cleo).post(at + "revisions/", batch(1, mine))
    assert answer.status_code == 409
    refused = answer.json()
    assert (refused["code"], refused["head"]) == ("stale_revision", 2)
    assert refused["collisions"] == [{"cell": 1, "t": 0, "z": 0, "other_cell": 1, "edit": mine.id}]
    assert "cell 1" in refused["detail"]


def test_keeping_mine_is_told(at: str, branch: Branch, client_of: Client, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, paint(1, 20, 20))
    answer = client_of(cleo).post(at + "revisions/", batch(1, paint(1, 30, 30), on_conflict="KEEP_MINE"))
    assert (answer.status_code, answer.json()["rebased"]) == (201, True)


def test_a_broken_edit_says_what_and_where(at: str, client_of: Client, ben: User) -> None:
    sent = batch(0, new_cell(1, 10, 10))
    sent["edits"][0]["pixels"][0]["add"] = [10, 10]
    answer = client_of(ben).post(at + "revisions/", sent)
    assert answer.status_code == 400
    assert "pixels[0].add" in str(answer.json())


def test_an_edit_that_does_not_fit_is_a_conflict(at: str, client_of: Client, ben: User) -> None:
    answer = client_of(ben).post(at + "revisions/", batch(0, paint(1, 10, 10)))
    assert (answer.status_code, answer.json()["code"], answer.json()["cells"]) == (
        409,
        "edit_does_not_fit",
        [1],
    )


def test_ids_are_reserved_in_blocks(at: str, client_of: Client, ben: User) -> None:
    assert client_of(ben).post(at + "cell-ids/", {"count": 5}).json() == {"first": 1001, "count": 5}


def test_the_log_is_read_in_pieces(at: str, branch: Branch, client_of: Client, ben: User, vic: User) -> None:
    drawn = [new_cell(1, 10, 10), new_cell(2, 20, 20)]
    for each in drawn:
        commit(branch, ben, each)
    first = client_of(vic).get(at + "edits/?limit=1").json()
    assert first["results"][0]["edit"] == core_edits.to_json(drawn[0])
    assert first["results"][0]["revision"]["author"] == {"id": str(ben.pk), "name": "Ben"}
    second = client_of(vic).get(f"{at}edits/?limit=1&after={first['next_after']}").json()
    assert second["results"][0]["edit"]["id"] == drawn[1].id
    assert client_of(vic).get(f"{at}edits/?after={second['next_after']}").json() == {
        "results": [],
        "next_after": None,
        "next_before": None,
    }


def test_U2_own_edits_are_read_backwards(
    at: str, branch: Branch, client_of: Client, ben: User, cleo: User
) -> None:
    stroke = new_cell(1, 10, 10)
    commit(branch, ben, stroke)
    commit(branch, cleo, new_cell(2, 20, 20))
    undo = {**core_edits.to_json(core_edits.invert(stroke, id=str(uuid.uuid4()))), "undoes": stroke.id}
    sent = {"batch_id": str(uuid.uuid4()), "base": 2, "edits": [undo]}
    assert client_of(ben).post(at + "revisions/", sent).status_code == 201
    page = client_of(ben).get(at + "edits/?mine=true&limit=1").json()
    assert [(row["edit"], row["undoes"]) for row in page["results"]] == [(undo, stroke.id)]
    older = client_of(ben).get(f"{at}edits/?mine=true&before={page['next_before']}").json()
    assert [(row["edit"]["id"], row["undoes"]) for row in older["results"]] == [(stroke.id, None)]
    assert client_of(ben).get(at + "edits/?before=3").status_code == 400


def test_M20_a_locked_cell_is_a_conflict_that_names_it(
    at: str, branch: Branch, client_of: Client, ben: User
) -> None:
    commit(branch, ben, new_cell(7, 10, 10, facts=CellFacts(locked=True)))
    answer = client_of(ben).post(at + "revisions/", batch(1, paint(7, 30, 30)))
    assert (answer.status_code, answer.json()["code"], answer.json()["cells"]) == (409, "cell_locked", [7])
    assert "Cell 7 is locked" in answer.json()["detail"]


def test_W3_presence_is_told_by_anybody_who_may_look(at: str, client_of: Client, vic: User) -> None:
    here = {"t": 1, "z": 0, "y": 3.5, "x": None, "cells": [1, 2], "tool": "brush"}
    assert client_of(vic).post(at + "presence/", here, format="json").status_code == 204
    assert client_of(vic).post(at + "presence/", {"gone": True}, format="json").status_code == 204
    crowd = {**here, "cells": list(range(1, 52))}
    assert client_of(vic).post(at + "presence/", crowd, format="json").status_code == 400
    assert client_of(vic).post(at + "presence/", {**here, "t": 9}, format="json").status_code == 400


# ---------------------------------------------------------------- frames


def test_a_frame_holds_its_tiles(at: str, branch: Branch, client_of: Client, ben: User, vic: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 300, 300))
    answer = client_of(vic).get(at + "labels/?t=0&z=0")
    frame = decode_frame(answer.content)
    assert answer["Content-Type"] == "application/vnd.cytoloop.tiles"
    assert (frame.head, answer["X-Head-Revision"]) == (1, "1")
    assert [(tile.ty, tile.tx, tile.revision, unpack(tile.content).ids.tolist()) for tile in frame.tiles] == [
        (0, 0, 1, [1]),
        (1, 1, 1, [2]),
    ]


def test_a_frame_that_did_not_change_is_not_sent_again(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    etag = client_of(vic).get(at + "labels/?t=0&z=0")["ETag"]
    commit(branch, ben, new_cell(2, 10, 10, t=1))
    same = client_of(vic).get(at + "labels/?t=0&z=0", headers={"If-None-Match": etag})
    assert (same.status_code, same.content, same["X-Head-Revision"]) == (304, b"", "2")
    commit(branch, ben, paint(1, 20, 20))
    assert client_of(vic).get(at + "labels/?t=0&z=0", headers={"If-None-Match": etag}).status_code == 200


def test_since_sends_what_changed_and_what_became_empty(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 300, 300))
    commit(branch, ben, erase(1, 10, 10))
    changed = decode_frame(client_of(vic).get(at + "labels/?t=0&z=0&since=1").content)
    assert [(tile.ty, tile.tx, len(unpack(tile.content))) for tile in changed.tiles] == [(0, 0, 0)]
    whole = decode_frame(client_of(vic).get(at + "labels/?t=0&z=0").content)
    assert [(tile.ty, tile.tx) for tile in whole.tiles] == [(1, 1)]


def test_an_old_revision_is_read_and_kept_for_ever(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, erase(1, 10, 10))
    answer = client_of(vic).get(at + "labels/?t=0&z=0&revision=1")
    assert [unpack(tile.content).ids.tolist() for tile in decode_frame(answer.content).tiles] == [[1]]
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("t=2&z=0", 400), ("t=0&z=1", 400), ("t=x&z=0", 400), ("t=0&z=0&revision=9", 404), ("t=-1", 400),
        ("ty0=0&tx0=0&ty1=1", 400), ("ty0=1&tx0=0&ty1=1&tx1=1", 400),
    ],
)  # fmt: skip
def test_a_frame_that_is_not_there_is_refused(
    query: str, status: int, at: str, branch: Branch, client_of: Client, vic: User
) -> None:
    answer = client_of(vic).get(f"{at}labels/?{query}")
    assert answer.status_code == status
    assert answer.json()["detail"]


# ---------------------------------------------------------------- regions


def test_a_region_of_labels_and_its_cells(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 250, 4, 20), new_cell(2, 300, 300))
    here = "t=0&z=0&ty0=0&tx0=0&ty1=1&tx1=1"
    frame = decode_frame(client_of(vic).get(f"{at}labels/?{here}").content)
    assert [(tile.ty, tile.tx) for tile in frame.tiles] == [(0, 0)]
    [cell] = client_of(vic).get(f"{at}cells/?{here}").json()["results"]
    assert (cell["cell"], cell["tiles"], cell["t"]) == (1, [[0, 0], [0, 1]], 0)


def test_cells_are_looked_up_by_name(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10, t=1), new_cell(2, 300, 300))
    found = client_of(vic).post(at + "cells/look-up/", {"cells": [2, 1, 77]}).json()
    assert [(c["cell"], c["t"], c["tiles"]) for c in found["results"]] == [(1, 1, [[0, 0]]), (2, 0, [[1, 1]])]
    assert found["head"] == 1
    too_many = client_of(vic).post(at + "cells/look-up/", {"cells": list(range(1, 1002))})
    assert (too_many.status_code, client_of(vic).post(at + "cells/look-up/", {}).status_code) == (400, 400)


def test_stubs_are_points_in_bytes(at: str, branch: Branch, client_of: Client, ben: User, vic: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10), new_cell(2, 300, 300))
    answer = client_of(vic).get(at + "stubs/?ty0=1&tx0=0&ty1=9&tx1=9")
    assert answer["Content-Type"] == "application/vnd.cytoloop.stubs"
    assert decode_stubs(answer.content).rows.tolist() == [[2, 301, 301, 16]]
    assert client_of(vic).get(at + "stubs/?most=0").status_code == 400


def test_the_summary_says_how_much_there_is(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    assert client_of(vic).get(at + "summary/").json() == {
        "head_number": 1,
        "cells": 1,
        "tiles": [{"t": 0, "z": 0, "n_tiles": 1}],
    }


# ---------------------------------------------------------------- cells, revisions


def test_cells_are_listed_with_facts_and_frames(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10), paint(1, 10, 10, t=1))
    [cell] = client_of(vic).get(at + "cells/").json()["results"]
    assert cell["facts"] == facts_to_json(CellFacts())
    assert (cell["cell"], cell["first_t"], cell["last_t"], cell["area_px"]) == (1, 0, 1, 32)


def test_cells_of_a_frame_are_measured(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 254, 254, 4, 4), new_cell(2, 10, 10, t=1))
    [cell] = client_of(vic).get(at + "cells/?t=0").json()["results"]
    assert cell["measures"] == [
        {
            "z": 0,
            "area_px": 16,
            "y": 255.5,
            "x": 255.5,
            "y_min": 254,
            "x_min": 254,
            "y_max": 257,
            "x_max": 257,
        }
    ]


def test_cells_of_an_old_revision(at: str, branch: Branch, client_of: Client, ben: User, vic: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    commit(branch, ben, new_cell(2, 20, 20))
    assert [c["cell"] for c in client_of(vic).get(at + "cells/?revision=1").json()["results"]] == [1]
    assert client_of(vic).get(at + "cells/?revision=0").json()["count"] == 0


def test_revisions_are_listed_newest_first(
    at: str, branch: Branch, client_of: Client, ben: User, vic: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    client_of(ben).post(at + "restore/", {"number": 0})
    rows = client_of(vic).get(at + "revisions/").json()["results"]
    assert [(row["number"], row["kind"]) for row in rows] == [(2, "RESTORE"), (1, "EDIT")]


def test_a_reviewer_accepts_a_revision(
    at: str, branch: Branch, client_of: Client, ben: User, cleo: User
) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    answer = client_of(cleo).post(at + "accept/", {"number": 1})
    assert (answer.status_code, answer.json()["accepted_by"]["name"]) == (200, "Cleo")
    assert client_of(cleo).get(at).json()["accepted_number"] == 1
