"""W3: who is where, and others' edits with the news of them."""

from typing import Any

import pytest

from annotation.core import edits as core_edits
from annotation.models import Branch
from annotation.selectors.labels import NoSuchFrame
from annotation.services import presence
from backend.accounts.models import Team, User
from backend.foundation import events
from tests.factories.annotation import commit, make_branch, new_cell, paint

Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Events as they were published, checked by the real thing."""
    heard: Told = []
    publish = events.publish

    def listen(name: str, **facts: Any) -> None:
        publish(name, **facts)
        heard.append((name, facts))

    monkeypatch.setattr(events, "publish", listen)
    return heard


def test_W3_where_somebody_is_is_told_and_not_kept(branch: Branch, told: Told, ben: User) -> None:
    presence.tell(branch=branch, by=ben, t=1, z=0, y=10.5, x=20, cells=[3, 4], tool="brush")
    [(name, facts)] = told
    assert name == "presence.moved"
    assert facts["user"] == {"id": str(ben.pk), "name": "Ben"}
    assert {k: facts[k] for k in ("t", "z", "y", "x", "cells", "tool")} == {
        "t": 1, "z": 0, "y": 10.5, "x": 20, "cells": [3, 4], "tool": "brush",
    }  # fmt: skip


def test_W3_leaving_is_told(branch: Branch, told: Told, vic: User) -> None:
    presence.say_gone(branch=branch, by=vic)
    assert (told[0][0], told[0][1]["gone"]) == ("presence.moved", True)


def test_W3_a_frame_that_is_not_there_is_refused(branch: Branch, ben: User) -> None:
    with pytest.raises(NoSuchFrame):
        presence.tell(branch=branch, by=ben, t=99, z=0, y=None, x=None, cells=[], tool="")


def test_W3_small_edits_ride_along_with_the_news(branch: Branch, told: Told, ben: User) -> None:
    stroke = new_cell(1, 10, 10)
    commit(branch, ben, stroke)
    [facts] = [facts for name, facts in told if name == "revision.created"]
    assert facts["edits"] == [core_edits.to_json(stroke)]
    assert (facts["number"], facts["previous"], facts["edit_count"], facts["kind"]) == (1, 0, 1, "EDIT")
    assert facts["author"] == {"id": str(ben.pk), "name": "Ben"}


def test_W3_edits_ride_along_as_they_were_applied(branch: Branch, told: Told, ben: User, cleo: User) -> None:
    base = commit(branch, ben, new_cell(1, 10, 10)).number
    commit(branch, ben, new_cell(2, 40, 40))
    commit(branch, cleo, paint(1, 12, 12), base=base)
    facts = told[-1][1]
    [change] = facts["edits"][0]["pixels"]
    assert (facts["previous"], change["add"]) == (2, [12, 14, 2, 13, 14, 2, 14, 12, 4, 15, 12, 4])


def test_W3_large_edits_are_fetched(branch: Branch, told: Told, ben: User) -> None:
    commit(branch, ben, new_cell(1, 10, 10, 500, 2), new_cell(2, 10, 100, 500, 2))
    facts = told[-1][1]
    assert "edits" not in facts
    assert (facts["bytes"] > 6000, facts["edit_count"]) == (True, 2)
