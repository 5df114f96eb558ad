"""W8, W9: releases and the audit log from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from annotation.models import Branch, Project, Release, Tile
from backend.accounts.models import Team, User
from backend.cli import workplace
from backend.cli.main import run
from backend.cli.workplace import Workplace
from tests.factories.annotation import commit, make_branch, new_cell, paint


@pytest.fixture
def branch(team: Team, ana: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Branch:
    made = make_branch(team, shape_tzyx=(1, 1, 64, 64))
    commit(made, ana, new_cell(1, 4, 4), new_cell(2, 20, 20))
    project: Project = made.image.dataset.project
    monkeypatch.setattr(workplace, "enter", lambda _: Workplace(ana, project))
    return made


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_W8_a_release_is_made_listed_and_verified(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    named = ("--dataset", branch.image.dataset.name, "--name", "1.0")
    made = said(capsys, "releases", "make", *named, "--drafts", "--title", "Cells")
    assert (made["images"], made["cells"]) == (1, 2)
    [listed] = said(capsys, "releases", "list", *named[:2])["releases"]
    assert listed["digest"] == made["digest"]
    assert said(capsys, "releases", "verify", *named)["found"] == made["digest"]
    Tile.objects.filter(branch=branch).update(content=Tile.objects.filter(branch=branch)[0].content[:-1])
    assert run(["releases", "verify", *named]) == 1
    assert "is not what was released" in capsys.readouterr().err
    assert run(["releases", "verify", *named[:2]]) == 1
    assert "--name" in capsys.readouterr().err
    assert run(["releases", "download", *named[:3], "2.0"]) == 1
    assert "There are: 1.0" in capsys.readouterr().err
    assert Release.objects.count() == 1


def test_W9_the_log_is_written_and_replays_to_the_labels(
    branch: Branch, ana: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.jsonl"
    assert said(capsys, "audit", "export", "--file", str(file))["lines"] == 4
    told = said(capsys, "audit", "replay", "--file", str(file))
    assert told == {"edits": 2, "branches": 1, "differing": 0}
    assert said(capsys, "audit", "export", "--file", str(tmp_path / "log.csv"))["lines"] == 3
    commit(branch, ana, paint(1, 30, 30))
    assert run(["audit", "replay", "--file", str(file)]) == 1
    assert "the log ends at revision 1, the labels are at 2" in capsys.readouterr().err
    file.write_text(file.read_text().replace('"tool":"brush"', '"tool":"wand"'))
    assert run(["audit", "replay", "--file", str(file)]) == 1
    assert "lines before it were changed" in capsys.readouterr().err
