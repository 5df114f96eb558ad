"""What the editor's morphology and fill are held to is what scikit-image and scipy answer as installed."""

import json
from pathlib import Path
from typing import Any

from tests.pictures import generate_shapes

PICTURES = Path(generate_shapes.__file__).parent


def committed(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((PICTURES / name).read_text(encoding="utf-8"))
    return cases


def test_M11_shapes_json_is_what_scikit_image_answers() -> None:
    assert committed("shapes.json") == generate_shapes.shape_cases()


def test_M4_floods_json_is_what_scikit_image_answers() -> None:
    assert committed("floods.json") == generate_shapes.flood_cases()


def test_M11_every_operation_changes_some_picture() -> None:
    """A fixture whose answers are the question would hold nobody to anything."""
    changed = {
        answer["kind"]
        for case in committed("shapes.json")
        for answer in case["answers"]
        if answer["runs"] != case["runs"]
    }
    asked = {answer["kind"] for case in committed("shapes.json") for answer in case["answers"]}
    assert changed == asked
