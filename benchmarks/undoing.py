"""What the editor's own tests show about undo, taken from their run."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import rows
from benchmarks.rows import Row

PAGES = Path(__file__).resolve().parent.parent / "frontend"
ASKED = {
    "U1": "10,000 random operations undone give the first state's hash: tests that say so",
    "U3": "two scripted people, 1,000 interleavings, no edit lost: tests that say so",
    "U6": "500 edits drawn offline arrive in order: tests that say so",
    "U9": "a replayed log reaches the same hash: tests that say so",
}


def measure() -> list[Row]:
    """One row a promise: how many tests of that name passed; met when there are some and none failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        names = "|".join(ASKED)
        words = ["npx", "vitest", "run", "-t", f"({names})", "--reporter=json", f"--outputFile={report}"]
        subprocess.run(words, cwd=PAGES, check=False, capture_output=True)
        tests = _tests(json.loads(report.read_text(encoding="utf-8")))
    return [_row(name, what, tests) for name, what in ASKED.items()]


def _tests(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (case["fullName"], case["status"])
        for file in report["testResults"]
        for case in file["assertionResults"]
    ]


def _row(name: str, what: str, tests: list[tuple[str, str]]) -> Row:
    mine = [status for title, status in tests if name in title.split()]
    failed = sum(status == "failed" for status in mine)
    passed = sum(status == "passed" for status in mine)
    if failed or not passed:
        return rows.missing(f"undo.{name}", what, "tests", f"{failed} failed, {passed} passed", asked=">= 1")
    return rows.row(f"undo.{name}", what, float(passed), "tests", least=1)
