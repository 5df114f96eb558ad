"""L14: the script that trains a starter model, and the outlines that judge one."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from tests.engine.conftest import TINY, discs
from training.contract.files import MODEL_CARD, WEIGHTS, read_model_card
from training.contract.manifest import Split
from training.contract.starters import FACTS, PICTURE, README, read_facts, shipped
from training.engine import trained
from training.engine.starters import judging, learn
from training.engine.starters.outlines import read_outline
from training.engine.starters.sets import STARTERS, OtherOrigin, Shot, StarterPlan, split

CREDIT = "# discs\n\n- Source repository: nowhere\n- Data licence: CC0.\n- Cite: Nobody (2020).\n"


def shots(first: int, count: int) -> Iterator[Shot]:
    for seed in range(first, first + count):
        frame, labels = discs(seed)
        yield Shot(f"disc {seed}", "discs", "bright" if seed % 2 else "other", frame[None], labels)


PLAN = StarterPlan(
    title="Discs",
    purpose="Discs of a simulator.",
    sets={"discs": lambda _folder, part: shots(0, 8) if part == "train" else shots(20, 2)},
    elsewhere=[OtherOrigin("elsewhere", "other discs", "none", lambda _folder: shots(40, 2))],
    limits=["Nothing but discs."],
    settings={**TINY, "flips": False},
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("discs", "elsewhere"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "README.md").write_text(CREDIT)
    monkeypatch.setitem(STARTERS, "discs", PLAN)
    # A net that learned for a second scores by luck, in float16 too.
    monkeypatch.setattr(learn, "MOST_LOST", 1.0)
    return tmp_path / "data"


def test_L14_one_command_trains_scores_and_writes_the_folder(data: Path, tmp_path: Path) -> None:
    words = ["discs", "--data", str(data), "--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    assert learn.main([*words, "--cpu-minutes", "0.02"]) == 0
    folder = tmp_path / "out" / "discs"
    assert {path.name for path in folder.iterdir()} == {WEIGHTS, MODEL_CARD, FACTS, PICTURE, README}
    facts, card = read_facts(folder), read_model_card(folder)
    assert [(row["images"], row["licence"]) for row in facts.data] == [(6, "CC0.")]
    assert {row["kind"]: row["pictures"] for row in facts.kinds} == {"bright": 1, "other": 1}
    assert [row["pictures"] for row in facts.elsewhere] == [2]
    assert facts.scores["ap50"]["value"] == card.scores["test"]["ap50"]
    assert {
        str(value.dtype) for value in load_file(folder / WEIGHTS).values() if value.is_floating_point()
    } == {"torch.float16"}
    net, _ = trained.load(folder, recipe="instances")
    assert {str(value.dtype) for value in net.parameters()} == {"torch.float32"}
    text = (folder / README).read_text()
    assert "Nothing but discs." in text
    assert str(tmp_path) not in text
    assert "Nobody (2020)." in text

    before = (folder / WEIGHTS).read_bytes()
    steps = card.training["steps"]
    assert learn.main([*words, "--cpu-minutes", "0.03", "--resume"]) == 0
    assert read_model_card(folder).training["steps"] > steps
    assert (folder / WEIGHTS).read_bytes() != before


def test_L14_weights_that_cost_too_much_in_float16_are_refused() -> None:
    whole = {name: {"value": 0.5} for name in judging.SHOWN}
    learn.refuse_if_worse(whole, whole)
    with pytest.raises(learn.NotFit, match=r"float16 costs 0\.0100 ap75"):
        learn.refuse_if_worse({**whole, "ap75": {"value": 0.49}}, whole)


def test_L14_sets_that_are_not_there_are_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn.main(["discs", "--data", str(tmp_path / "nowhere")]) == 2
    assert "discs" in capsys.readouterr().err


def test_L14_each_kind_keeps_some_pictures_for_choices() -> None:
    parts = split(list(shots(0, 8)), seed=1)
    aside = [shot.kind for shot, part in parts if part is Split.VALIDATION]
    assert sorted(aside) == ["bright", "other"]
    assert [p for _, p in parts] == [p for _, p in split(list(shots(0, 8)), seed=1)]


def test_L14_outlines_of_imagej_are_read() -> None:
    ys, xs = [0, 0, 9, 9], [0, 4, 4, 0]
    header = b"Iout" + struct.pack(">hBBhhhhH", 227, 0, 0, 3, 5, 12, 9, 4)
    content = header.ljust(64, b"\0") + struct.pack(">8h", *xs, *ys)
    rows, columns = read_outline(content)
    assert (rows.tolist(), columns.tolist()) == ([3, 3, 12, 12], [5, 9, 9, 5])
    with pytest.raises(ValueError, match="no outline"):
        read_outline(b"\0" * 80)


@pytest.mark.skipif(not shipped(), reason="no starter model is shipped yet")
def test_L14_what_is_shipped_is_small_and_says_where_it_comes_from() -> None:
    folders = shipped()
    assert set(folders) == {"nuclei", "cells"}
    assert sum(path.stat().st_size for folder in folders.values() for path in folder.iterdir()) < 10e6
    for folder in folders.values():
        facts, card = read_facts(folder), read_model_card(folder)
        net, _ = trained.load(folder, recipe="instances")
        assert sum(value.numel() for value in net.parameters()) <= 2.5e6
        assert all(row["licence"] and row["cite"] for row in facts.data)
        assert facts.elsewhere
        assert facts.limits
        assert np.isclose(facts.scores["ap50"]["value"], card.scores["test"]["ap50"])
