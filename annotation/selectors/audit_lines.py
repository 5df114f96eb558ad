"""The audit log written out: JSON lines that replay to the labels, or a table; and what a log leads to
compared with what is there."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from annotation.core import replay
from annotation.core.documents import Labels
from annotation.core.replay import Replayed
from annotation.models import Branch, Project, TileHead
from annotation.selectors import labels
from annotation.selectors.audit import Asked, Exported, Line
from backend.foundation.clock import now


def json_lines(log: Iterable[Exported], project: Project, wanted: Asked) -> Iterator[bytes]:
    """`core.replay` reads them back."""
    digest, edits = hashlib.sha256(), 0
    head = {
        "line": "head", "format": replay.FORMAT, "version": replay.VERSION, "project": str(project.pk),
        "name": project.name, "complete": wanted.is_whole, "at": now().isoformat(),
    }  # fmt: skip
    yield _packed(head, digest)
    for each in log:
        edits += each.body is not None
        yield _packed({"line": "edit", **_plain(each.line), "edit": each.body}, digest)
    end = {"line": "end", "edits": edits, "sha256": digest.hexdigest()}
    yield json.dumps(end).encode() + b"\n"


def _packed(line: dict[str, Any], digest: Any) -> bytes:
    text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    digest.update(text)
    return text


def _plain(line: Line) -> dict[str, Any]:
    told = line._asdict()
    told["revision_id"], told["revision"] = told["revision"], told.pop("number")
    told["edit_id"] = told.pop("edit")
    return {
        name: value if isinstance(value, str | int | dict | None) else str(value)
        for name, value in told.items()
    }


COLUMNS = (
    "at", "image_name", "branch_name", "number", "kind", "person_name", "model", "tool", "parameters",
    "position", "edit", "undoes", "message", "image", "branch", "accepted_at",
)  # fmt: skip


def csv_lines(log: Iterable[Exported]) -> Iterator[bytes]:
    """A table for people, one line an edit."""
    yield _row(COLUMNS)
    for each in log:
        told = each.line._asdict()
        told["parameters"] = json.dumps(told["parameters"]) if told["parameters"] else ""
        yield _row(["" if told[name] is None else str(told[name]) for name in COLUMNS])


def _row(cells: Iterable[str]) -> bytes:
    """What a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Compared:
    """A branch, its newest revision, and what of it is not as a log says: ("t 0 z 0", "facts", "missing")."""

    branch: Branch
    differing: list[str]


def compare(*, replayed: Replayed, project: Project) -> list[Compared]:
    """Every branch of a project that has labels, beside what a complete log of it leads to."""
    branches = Branch.objects.filter(image__dataset__project=project, head_number__gt=0)
    rows = branches.select_related("image").order_by("image__name", "name", "pk")
    return [Compared(branch, list(_differing(branch, replayed))) for branch in rows]


def _differing(branch: Branch, replayed: Replayed) -> Iterator[str]:
    told = replayed.labels.get(str(branch.pk))
    if told is None or replayed.numbers[str(branch.pk)] != branch.head_number:
        found = replayed.numbers.get(str(branch.pk), 0)
        yield f"the log ends at revision {found}, the labels are at {branch.head_number}"
        return
    if told.facts != labels.cell_facts(branch=branch):
        yield "facts of cells"
    for t, z in _frames(branch, told):
        there = {at: tile for at, tile in labels.frame_tiles(branch=branch, t=t, z=z).items() if len(tile)}
        if {key[2:]: tile for key, tile in told.tiles.items() if key[:2] == (t, z)} != there:
            yield f"frame t {t}, z {z}"


def _frames(branch: Branch, told: Labels) -> list[tuple[int, int]]:
    kept = TileHead.objects.filter(branch=branch).values_list("t", "z")
    return sorted({*kept, *((key[0], key[1]) for key in told.tiles)})
