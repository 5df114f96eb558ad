"""W9: the log of every edit, its export, its replay to the exact labels; one author's edits taken back."""

import csv
import io
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from rest_framework.test import APIClient

from annotation.core import edits as core_edits
from annotation.core import replay
from annotation.core.edits import CellChange, CellFacts, Edit
from annotation.core.replay import BrokenLog
from annotation.models import Branch, RevisionKind
from annotation.policies.access import RoleTooLow
from annotation.selectors import audit
from annotation.selectors import labels as reading
from annotation.services import bulk, labels, reverting
from annotation.services.reverting import BranchMoved, NothingToRevert, Whose, WhoseEdits
from backend.accounts.models import Team, User
from backend.foundation.clock import now
from tests.factories.annotation import (
    commit,
    edit,
    erase,
    make_branch,
    make_class,
    move,
    new_cell,
    paint,
    picture,
)

Client = Callable[[User | None], APIClient]
MODEL = labels.ModelAuthor(uuid.uuid4(), "nuclei 3")


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def with_parameters(done: Edit, **parameters: str | int) -> Edit:
    return replace(done, parameters=parameters)


def exported(client: APIClient, branch: Branch, **query: str) -> list[str]:
    address = f"/api/v1/projects/{branch.image.dataset.project_id}/audit/export/"
    answer = client.get(address, query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]


def a_day_of_work(branch: Branch, ben: User, cleo: User) -> None:
    """Every kind of revision: import, edits, moves, facts, stale work put on top, prediction, restore."""
    drawn = picture("1 1 . 2\n1 1 . 2\n. . 3 3").repeat(60, 1).repeat(90, 2)
    padded = [(t, 0, np.pad(drawn, ((0, 0), (0, 600 - 180), (0, 700 - 360)))) for t in (0, 1)]
    bulk.import_planes(
        image=branch.image, branch=branch, frames=padded, facts={2: CellFacts(mother=1)}, author=ben
    )
    label_class = str(make_class(branch.image.dataset.project).pk)
    base = commit(branch, ben, with_parameters(new_cell(20, 300, 300), brush_px=9), paint(1, 200, 250)).number
    commit(
        branch,
        cleo,
        new_cell(21, 400, 400, t=1),
        edit(cells=[CellChange(3, CellFacts(), CellFacts(label_class=label_class))]),
    )
    commit(branch, ben, erase(20, 300, 300, 2, 2), base=base)
    commit(branch, ben, move((3, 30, 1, 1), cells=[CellChange(30, None, CellFacts())]))
    other = labels.open_branch(image=branch.image, name="nuclei 3", origin="MODEL", author_model=MODEL)
    bulk.import_planes(
        image=branch.image, branch=other, frames=padded[:1], facts={}, author=MODEL,
        kind=RevisionKind.PREDICTION, parameters={"job": "j", "threshold": 0.5},
    )  # fmt: skip
    labels.restore(branch=branch, number=base, by=cleo)
    commit(branch, cleo, paint(1, 500, 500, t=1))


# ---------------------------------------------------------------- the log


def test_W9_the_exported_log_replays_to_the_exact_labels(
    branch: Branch, ben: User, cleo: User, client_of: Client
) -> None:
    a_day_of_work(branch, ben, cleo)
    replayed = replay.replay(exported(client_of(cleo), branch))
    branches = Branch.objects.filter(image=branch.image)
    assert set(replayed.labels) == {str(one.pk) for one in branches}
    for one in branches:
        told = replayed.labels[str(one.pk)]
        assert told.facts == reading.cell_facts(branch=one)
        for t in (0, 1):
            frame = {key[2:]: content for key, content in told.tiles.items() if key[:2] == (t, 0)}
            assert frame == reading.frame_tiles(branch=one, t=t, z=0)
        assert replayed.numbers[str(one.pk)] == one.head_number


def test_W9_a_log_with_a_line_changed_taken_out_or_cut_off_is_refused(
    branch: Branch, ben: User, cleo: User, client_of: Client
) -> None:
    a_day_of_work(branch, ben, cleo)
    lines = exported(client_of(cleo), branch)
    for broken in (
        [*lines[:3], *lines[4:]],
        lines[:-1],
        [*lines[:2], lines[2].replace('"tool":', '"tool": '), *lines[3:]],
        [lines[0], lines[-1]],
        exported(client_of(cleo), branch, tool="brush"),
    ):
        with pytest.raises(BrokenLog):
            replay.replay(broken)


def test_W9_lines_say_who_when_with_what(branch: Branch, ben: User, cleo: User, client_of: Client) -> None:
    a_day_of_work(branch, ben, cleo)
    address = f"/api/v1/projects/{branch.image.dataset.project_id}/audit/"
    client = client_of(cleo)
    everything = client.get(address).json()
    assert everything["count"] == 10
    times = [row["at"] for row in everything["results"]]
    assert times == sorted(times, reverse=True)
    [row] = client.get(address, {"tool": "prediction"}).json()["results"]
    assert (row["model"], row["parameters"], row["person"]) == (
        "nuclei 3",
        {"job": "j", "threshold": 0.5},
        None,
    )
    assert client.get(address, {"model": "nuclei 3"}).json()["count"] == 1
    assert client.get(address, {"person": str(ben.pk)}).json()["count"] == 5
    assert client.get(address, {"until": everything["results"][-1]["at"]}).json()["count"] == 1
    brushed = client.get(address, {"tool": "brush", "person": str(ben.pk)}).json()["results"]
    assert brushed[-1]["parameters"] == {"brush_px": 9}
    words = client.get(f"{address}words/").json()
    assert [one["name"] for one in words["people"]] == ["Ben", "Cleo"]
    assert words["models"] == ["nuclei 3"]
    assert words["tools"] == ["brush", "import", "prediction", "restore", "track"]


def test_W9_the_table_for_people_holds_no_formula(
    branch: Branch, ben: User, cleo: User, client_of: Client
) -> None:
    commit(branch, ben, replace(new_cell(1, 10, 10), tool="=1+1"))
    rows = list(csv.DictReader(io.StringIO("\n".join(exported(client_of(cleo), branch, form="csv")))))
    assert [(row["person_name"], row["tool"], row["number"]) for row in rows] == [("Ben", "'=1+1", "1")]


def test_W9_the_log_is_for_reviewers(branch: Branch, ben: User, dan: User, client_of: Client) -> None:
    for rest in ("", "words/", "export/"):
        address = f"/api/v1/projects/{branch.image.dataset.project_id}/audit/{rest}"
        assert client_of(ben).get(address).status_code == 403
        assert client_of(dan).get(address).status_code == 404


def test_W9_parameters_that_are_no_parameters_are_refused(
    branch: Branch, ben: User, client_of: Client
) -> None:
    done = core_edits.to_json(new_cell(1, 10, 10))
    wrong: list[object] = [[], {"a": {}}, {"": 1}, {"a": "x" * 300}, {f"a{i}": 1 for i in range(50)}]
    for parameters in wrong:
        batch = {"batch_id": str(uuid.uuid4()), "base": 0, "edits": [{**done, "parameters": parameters}]}
        answer = client_of(ben).post(f"/api/v1/branches/{branch.pk}/revisions/", batch, format="json")
        assert answer.status_code == 400, parameters
        assert "parameters" in json.dumps(answer.json())


# ---------------------------------------------------------------- taking back


@pytest.mark.parametrize("seed", range(6))
def test_W9_a_person_taken_out_equals_the_naive_twin(
    team: Team, ben: User, cleo: User, mia: User, seed: int
) -> None:
    """Two people draw on ten cells in two frames. A unit is what it was at the other's last touch of it, or,
    where the other never touched it, at the beginning."""
    chance = random.Random(seed)
    branch = make_branch(team, shape_tzyx=(2, 1, 256, 256))
    commit(branch, mia, *(new_cell(cell, 20 * cell, 10, t=cell % 2) for cell in range(1, 6)))
    log: list[tuple[User, Edit]] = []
    for step in range(25):
        person = chance.choice([ben, cleo])
        cell = chance.randrange(1, 6)
        y, x = 20 * cell + chance.randrange(6), 10 + 4 * chance.randrange(20)
        draw = chance.choice([paint, erase])
        done = (
            new_cell(50 + step, 200, 8 * step, t=step % 2)
            if chance.random() < 0.2
            else draw(cell, y, x, t=cell % 2)
        )
        try:
            revision = commit(branch, person, done)
        except labels.EditDoesNotFit:
            continue
        log += [(person, each) for each in audit.edits_of(revision=revision)]
    plan = reverting.preview(branch=branch, whose=Whose(person=ben.pk), by=cleo)
    reverting.revert(branch=branch, whose=Whose(person=ben.pk), head=plan.head, by=cleo)
    assert everything(branch) == naive_without(ben, mia, branch, log)


Unit = tuple[int, int]


def everything(branch: Branch) -> dict[Unit, frozenset[tuple[int, int]]]:
    """Pixels by (t, cell)."""
    found: dict[Unit, set[tuple[int, int]]] = {}
    for t in (0, 1):
        for plane in reading.read_planes(branch=branch, t=t, z=0):
            for y, x in zip(*np.nonzero(plane), strict=True):
                found.setdefault((t, int(plane[y, x])), set()).add((int(y), int(x)))
    return {unit: frozenset(pixels) for unit, pixels in found.items()}


def naive_without(
    who: User, first: User, branch: Branch, log: list[tuple[User, Edit]]
) -> dict[Unit, frozenset[tuple[int, int]]]:
    now_is: dict[Unit, frozenset[tuple[int, int]]] = {}
    theirs: dict[Unit, frozenset[tuple[int, int]]] = {}
    [beginning] = Branch.objects.get(pk=branch.pk).revisions.filter(author=first)
    for person, done in [*((first, e) for e in audit.edits_of(revision=beginning)), *log]:
        for p in done.pixels:
            unit = (p.t, p.cell)
            now_is[unit] = now_is.get(unit, frozenset()) - points(p.remove) | points(p.add)
            if person != who:
                theirs[unit] = now_is[unit]
    return {unit: pixels for unit, pixels in theirs.items() if pixels}


def points(runs: tuple[int, ...]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (y, x + i) for y, x, n in zip(runs[::3], runs[1::3], runs[2::3], strict=True) for i in range(n)
    )


def test_W9_a_models_proposal_goes_and_what_people_corrected_stays(
    branch: Branch, ben: User, cleo: User
) -> None:
    """The person drew on cell 1, so it is the person's now; cell 2 nobody touched; cell 9 is the person's."""
    planes = np.zeros((1, 600, 700), np.uint32)
    planes[0, 10:20, 10:20], planes[0, 30:40, 30:40] = 1, 2
    facts = {1: CellFacts(quality=0.4), 2: CellFacts(quality=0.9)}
    bulk.import_planes(
        image=branch.image,
        branch=branch,
        frames=[(0, 0, planes)],
        facts=facts,
        author=MODEL,
        kind=RevisionKind.PREDICTION,
    )
    commit(branch, ben, paint(1, 20, 10), new_cell(9, 100, 100, facts=CellFacts(mother=2)))
    plan = reverting.preview(branch=branch, whose=Whose(model=MODEL.name), by=cleo)
    assert [(kept.cell, kept.t, kept.by) for kept in plan.kept if kept.t is not None] == [(1, 0, "Ben")]
    assert (plan.removed_px, plan.added_px) == (100, 0)
    before = everything(branch)
    revision = reverting.revert(branch=branch, whose=Whose(model=MODEL.name), head=plan.head, by=cleo)
    assert {cell for _, cell in everything(branch)} == {1, 9}
    assert reading.cell_facts(branch=branch)[9].mother is None
    assert revision.author == cleo
    [done] = audit.edits_of(revision=revision)
    assert (done.tool, done.parameters["of"]) == ("revert", "nuclei 3")
    commit(branch, cleo, replace(core_edits.invert(done, id=str(uuid.uuid4())), undoes=done.id))
    assert everything(branch) == before
    assert reading.cell_facts(branch=branch)[9].mother == 2


def test_W9_edits_made_with_a_models_help_are_the_models_too(branch: Branch, ben: User, cleo: User) -> None:
    clicked = with_parameters(replace(new_cell(1, 10, 10), tool="prompt"), model="clicks 1")
    commit(branch, ben, clicked, new_cell(2, 50, 50))
    plan = reverting.preview(branch=branch, whose=Whose(model="clicks 1"), by=cleo)
    reverting.revert(branch=branch, whose=Whose(model="clicks 1"), head=plan.head, by=cleo)
    assert {cell for _, cell in everything(branch)} == {2}


def test_W9_moves_are_taken_back_by_their_pixels(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, cleo, new_cell(1, 10, 10), paint(1, 10, 10, t=1))
    before = everything(branch)
    commit(branch, ben, move((1, 5, 1, 1), cells=[CellChange(5, None, CellFacts())]))
    plan = reverting.preview(branch=branch, whose=Whose(person=ben.pk), by=ben)
    reverting.revert(branch=branch, whose=Whose(person=ben.pk), head=plan.head, by=ben)
    assert everything(branch) == before
    assert set(reading.cell_facts(branch=branch)) == {1}


def test_W9_only_since_a_time_and_never_a_locked_cell(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    since = now()
    commit(branch, ben, new_cell(2, 50, 50), new_cell(3, 90, 90))
    commit(branch, ben, edit(cells=[CellChange(3, CellFacts(), CellFacts(locked=True))]))
    plan = reverting.preview(branch=branch, whose=Whose(person=ben.pk, since=since), by=cleo)
    assert [kept.cell for kept in plan.kept] == [3]
    reverting.revert(branch=branch, whose=Whose(person=ben.pk, since=since), head=plan.head, by=cleo)
    assert {cell for _, cell in everything(branch)} == {1, 3}


def test_W9_what_is_refused(branch: Branch, ben: User, cleo: User) -> None:
    commit(branch, cleo, new_cell(1, 10, 10))
    with pytest.raises(RoleTooLow):
        reverting.preview(branch=branch, whose=Whose(person=cleo.pk), by=ben)
    with pytest.raises(WhoseEdits):
        reverting.preview(branch=branch, whose=Whose(), by=cleo)
    with pytest.raises(BranchMoved):
        reverting.revert(branch=branch, whose=Whose(person=cleo.pk), head=0, by=cleo)
    with pytest.raises(NothingToRevert):
        reverting.revert(branch=branch, whose=Whose(person=ben.pk), head=1, by=cleo)


def test_W9_over_http(branch: Branch, ben: User, cleo: User, dan: User, client_of: Client) -> None:
    commit(branch, ben, new_cell(1, 10, 10))
    address = f"/api/v1/branches/{branch.pk}/revert/"
    whose = {"person": str(ben.pk)}
    shown = client_of(cleo).post(f"{address}preview/", whose, format="json").json()
    assert (shown["head"], shown["cells"], shown["removed_px"], shown["kept"]) == (1, 1, 16, [])
    assert client_of(dan).post(f"{address}preview/", whose, format="json").status_code == 404
    assert client_of(dan).post(address, {**whose, "head": 1}, format="json").status_code == 404
    assert client_of(cleo).post(address, {**whose, "head": 1}, format="json").status_code == 201
    assert client_of(cleo).post(address, {**whose, "head": 1}, format="json").status_code == 409
    assert everything(branch) == {}


def test_W9_replay_knows_no_more_than_the_lines_say() -> None:
    """A head alone is no log, and what is no JSON is none either."""
    with pytest.raises(BrokenLog, match="stops"):
        replay.replay(['{"line":"head","format":"cytoloop-audit","version":1,"complete":true}'])
    with pytest.raises(BrokenLog, match="no JSON"):
        replay.replay(["{"])
