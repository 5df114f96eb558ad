"""Every row of the lists of capabilities of the editor and the engine has a test that carries its name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDITOR_ROWS = [
    *(f"V{n}" for n in range(1, 12)),
    # M2 is a figure, not a behaviour: `make bench-editor` measures it.
    *(f"M{n}" for n in range(1, 22) if n != 2),
    *(f"U{n}" for n in range(1, 10)),
]
ENGINE_ROWS = [f"L{n}" for n in range(1, 20) if n != 6]
"""L6, tracking, has rows of its own."""
PYTHON = re.compile(r"^\s*(?:async )?def test_([A-Z]\d{1,2})_", re.MULTILINE)
PAGES = re.compile(r"""\b(?:test|it|describe)(?:\.each\([^)]*\))?\(\s*["'`]([A-Z]\d{1,2})\b""")


def _named_tests() -> set[str]:
    python = [p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py")]
    sources = ROOT / "frontend" / "src"
    pages = [p.read_text(encoding="utf-8") for end in ("ts", "tsx") for p in sources.rglob(f"*.test.{end}")]
    found = {name for text in python for name in PYTHON.findall(text)}
    return found | {name for text in pages for name in PAGES.findall(text)}


@pytest.mark.parametrize("row", [*EDITOR_ROWS, *ENGINE_ROWS])
def test_row_has_a_test_named_after_it(row: str) -> None:
    assert row in _named_tests(), f"No test is named after {row}; name one test_{row}_… or '{row} …'."
