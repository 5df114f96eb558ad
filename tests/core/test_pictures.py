"""The committed pictures say what the code says; the TypeScript core reads the same files."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from annotation.core import documents, edits, tiles
from annotation.core.documents import Labels
from tests.pictures import generate

PICTURES = Path(generate.__file__).parent


def committed(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((PICTURES / name).read_text(encoding="utf-8"))
    return cases


def test_edits_json_is_what_the_generator_writes() -> None:
    assert committed("edits.json") == generate.edit_cases()


def test_frames_json_is_what_the_generator_writes() -> None:
    """Compared without the compressed bytes, which another zlib may write differently."""
    fresh = generate.frame_cases()
    stored = committed("frames.json")
    assert [{**case, "bytes": ""} for case in stored] == [{**case, "bytes": ""} for case in fresh]
    for old, new in zip(stored, fresh, strict=True):
        assert decoded(old) == decoded(new)


def decoded(case: dict[str, Any]) -> tuple[int, list[tuple[int, int, int, tiles.TileContent]]]:
    frame = tiles.decode_frame(base64.b64decode(case["bytes"]))
    return frame.head, [(t.ty, t.tx, t.revision, tiles.unpack(t.content)) for t in frame.tiles]


@pytest.mark.parametrize("case", committed("edits.json"), ids=lambda case: case["name"])
def test_each_edit_leads_from_before_to_after(case: dict[str, Any]) -> None:
    edit = edits.parse(case["edit"])
    facts = {int(c): edits.parse_facts(f) for c, f in case["facts_before"].items()}
    before = document(case["before"], {c: f for c, f in facts.items() if f}, case["t"], case["z"])
    after = documents.apply(before, edit)
    assert as_json(after, case) == case["after"]
    assert {str(c): edits.facts_to_json(f) for c, f in after.facts.items()} == case["facts_after"]


def document(cells: dict[str, list[int]], facts: dict[int, edits.CellFacts], t: int, z: int) -> Labels:
    drawn = tuple(edits.PixelChange(t, z, int(cell), tuple(runs)) for cell, runs in cells.items())
    made = tuple(edits.CellChange(cell, None, fact) for cell, fact in facts.items())
    return documents.apply(Labels(), edits.Edit("x", "draw", drawn, made))


def as_json(document: Labels, case: dict[str, Any]) -> dict[str, list[int]]:
    runs = documents.runs(document, t=case["t"], z=case["z"])
    return {str(cell): list(flat) for cell, flat in runs.items()}


@pytest.mark.parametrize("case", committed("frames.json"), ids=lambda case: case["name"])
def test_each_frame_decodes_to_its_cells(case: dict[str, Any]) -> None:
    frame = tiles.decode_frame(base64.b64decode(case["bytes"]))
    content = {(tile.ty, tile.tx): tiles.unpack(tile.content) for tile in frame.tiles}
    cells = tiles.runs_of_tiles(content)
    assert {str(cell): list(runs) for cell, runs in cells.items()} == case["cells"]
    assert frame.head == case["head"]
