"""The words of the run folder: round trips, and a plain sentence for everything that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from training.contract.errors import (
    ContractError,
    InvalidManifest,
    InvalidProgress,
    InvalidResult,
    InvalidSettings,
    InvalidSpec,
)
from training.contract.files import RunFolder, write_atomically
from training.contract.manifest import ManifestLine, Split, format_manifest, parse_manifest
from training.contract.progress import (
    Metrics,
    Picture,
    ProgressLine,
    Status,
    format_line,
    parse_line,
    parse_progress,
)
from training.contract.recipes import RECIPES, complete_settings, recipe_named
from training.contract.results import CellEntry, CellList, ModelCard, RunResult
from training.contract.specs import Action, RunSpec

LINE = ManifestLine(
    image_id="a", name="A", image="/a.zarr", labels="labels/a.zarr", split=Split.TRAIN, group="g"
)
CARD = ModelCard(
    recipe="instances",
    net={"kind": "unet", "channels": 3},
    settings={"target": "flows"},
    channels=[1, 3],
    object_size_px=17.5,
    decoding={"foreground": 0.5},
    scores={"test": {"ap50": 0.8}},
    seed=3,
    code_version="1",
    versions={"torch": "2"},
    data_digest="ab",
    training={"steps": 7},
)


def test_spec_round_trip() -> None:
    spec = RunSpec(
        action=Action.TRAIN,
        recipe="instances",
        settings=complete_settings("instances", {}),
        minutes=1.5,
        seed=4,
    )
    assert RunSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_spec_fills_in_settings() -> None:
    spec = RunSpec.from_json({"action": "train", "recipe": "instances", "minutes": 1})
    assert spec.settings["target"] == "flows"
    assert set(spec.settings) == set(complete_settings("instances", {}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"action": "fly"}, "train, predict, preview, evaluate"),
        ({"recipe": "magic"}, "instances, semantic"),
        ({"minutes": None}, "minutes"),
        ({"minutes": -1}, "at least"),
        ({"minutes": float("nan")}, "a number"),
        ({"seed": "x"}, "whole number"),
        ({"threads": 0}, "at least 1"),
        ({"threads": True}, "whole number"),
        ({"format": 2}, "format"),
        ({"settings": []}, "JSON object"),
        ({"settings": {"target": "magic"}}, "flows, distance"),
        ({"settings": {"unheard_of": 1}}, "unheard_of"),
        ({"settings": {"batch": 0}}, "from 1 to 64"),
        ({"settings": {"batch": 1.5}}, "integer"),
        ({"action": "predict"}, "model_dir"),
        ({"model_dir": 3}, "model_dir"),
    ],
)
def test_spec_refuses(change: dict[str, Any], said: str) -> None:
    good: dict[str, Any] = {"action": "train", "recipe": "instances", "minutes": 1}
    RunSpec.from_json(good)
    with pytest.raises((InvalidSpec, InvalidSettings), match=said):
        RunSpec.from_json({**good, **change})


def test_spec_must_be_an_object() -> None:
    with pytest.raises(InvalidSpec, match="list"):
        RunSpec.from_json([])


def test_manifest_round_trip() -> None:
    lines = [LINE, ManifestLine(image_id="b", name="Ü b", image="/b", labels=None, split=Split.PREDICT)]
    assert parse_manifest(format_manifest(lines)) == lines


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "exam"}, "train, validation, test, predict"),
        ({"image_id": "../x"}, "file's name"),
        ({"name": ""}, "a text"),
        ({"labels": None}, "for train"),
    ],
)
def test_manifest_refuses(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidManifest, match=said):
        parse_manifest(json.dumps({**LINE.to_json(), **change}))


def test_manifest_names_the_line() -> None:
    with pytest.raises(InvalidManifest, match="line 2: not JSON"):
        parse_manifest(json.dumps(LINE.to_json()) + "\n{")
    with pytest.raises(InvalidManifest, match="listed twice"):
        parse_manifest(format_manifest([LINE, LINE]))


@pytest.mark.parametrize(
    "line",
    [
        Status(at="now", message="Learning.", fraction=0.5, eta_s=3.0),
        Status(at="now", message=""),
        Metrics(at="now", step=3, epoch=0.5, elapsed_s=1.0, values={"loss": 0.25}),
        Picture(at="now", name="a.png", caption="A", step=0),
    ],
)
def test_progress_round_trip(line: ProgressLine) -> None:
    assert parse_line(format_line(line)) == line


def test_a_line_being_written_is_left_for_later() -> None:
    whole = format_line(Status(at="now", message="a")).encode()
    lines, taken = parse_progress(whole + whole[:9])
    assert (len(lines), taken) == (1, len(whole))


@pytest.mark.parametrize("text", ["{", '{"kind": "song"}', '{"kind": "metrics", "at": "x", "step": -1}', "3"])
def test_progress_refuses(text: str) -> None:
    with pytest.raises(InvalidProgress):
        parse_line(text)


@pytest.mark.parametrize(
    "result",
    [
        RunResult(ok=True, scores={"test": {"ap50": 0.5}}, summary={"steps": 3}),
        RunResult(ok=False, error="No images.", detail="trace"),
    ],
)
def test_result_round_trip(result: RunResult) -> None:
    assert RunResult.from_json(json.loads(json.dumps(result.to_json()))) == result


@pytest.mark.parametrize(
    "data", [{}, {"ok": False}, {"ok": True, "scores": {"test": {"ap50": "high"}}}, None]
)
def test_result_refuses(data: object) -> None:
    with pytest.raises(InvalidResult):
        RunResult.from_json(data)


def test_cells_round_trip() -> None:
    cells = CellList(cells=(CellEntry(cell=1, quality=0.5), CellEntry(cell=2, class_index=3)))
    assert CellList.from_json(json.loads(json.dumps(cells.to_json()))) == cells


@pytest.mark.parametrize("row", [{"cell": 0}, {"cell": 1, "quality": 1.5}, {"cell": 1, "class_index": 0}, 7])
def test_cells_refuse(row: object) -> None:
    with pytest.raises(InvalidResult):
        CellList.from_json({"cells": [row]})


def test_model_card_round_trip() -> None:
    assert ModelCard.from_json(json.loads(json.dumps(CARD.to_json()))) == CARD


def test_model_card_refuses_another_format() -> None:
    with pytest.raises(InvalidResult, match="only format"):
        ModelCard.from_json({**CARD.to_json(), "format": 2})


def test_every_recipe_completes_its_own_defaults() -> None:
    for recipe in RECIPES:
        complete = complete_settings(recipe.name, {})
        assert complete_settings(recipe.name, complete) == complete
        assert all(
            schema["title"] and schema["description"]
            for schema in recipe.settings_schema["properties"].values()
        )


def test_L10_every_word_of_the_machine_has_a_title_and_the_same_setting_one_description() -> None:
    for recipe in RECIPES:
        for name, setting in recipe.settings_schema["properties"].items():
            for value in setting.get("enum", ()):
                assert setting.get("titles", {}).get(value), f"{recipe.name}: {name} = {value} has no title"
    shared = {"learning_rate", "scale_jitter", "mask", "crop_px", "surroundings"}
    classify, embed = (recipe_named(name).settings_schema["properties"] for name in ("classify", "embed"))
    for name in shared:
        assert classify[name]["description"] == embed[name]["description"], name


def test_class_names_must_be_texts() -> None:
    assert complete_settings("semantic", {"classes": ["a"]})["classes"] == ["a"]
    with pytest.raises(InvalidSettings, match="strings"):
        complete_settings("semantic", {"classes": ["a", 3]})


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with pytest.raises(ContractError, match=r"spec\.json is missing"):
        folder.read_spec()
    with pytest.raises(ContractError, match=r"manifest\.jsonl is missing"):
        folder.read_manifest()
    folder.spec.write_text("{")
    with pytest.raises(ContractError, match="not JSON"):
        folder.read_spec()


def test_run_folder_writes_and_reads_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.read_result() is None
    spec = RunSpec(
        action=Action.TRAIN, recipe="semantic", settings=complete_settings("semantic", {}), max_epochs=1
    )
    folder.write_spec(spec)
    folder.write_manifest([LINE])
    folder.write_result(RunResult(ok=True))
    assert (folder.read_spec(), folder.read_manifest()) == (spec, [LINE])
    assert folder.read_result() == RunResult(ok=True)
    assert folder.cell_classes(LINE) == tmp_path / "labels" / "a.json"


def test_writing_leaves_no_part_behind(tmp_path: Path) -> None:
    write_atomically(tmp_path / "deep" / "file", b"x")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]
