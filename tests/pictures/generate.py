"""Writes edits.json and frames.json beside this file: pictures that the Python and the TypeScript core read.

Run `python -m tests.pictures.generate` after a change of the label arithmetic; a test compares the committed
files with what this code says.
"""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from annotation.core import documents, edits, tiles
from annotation.core.documents import Labels
from annotation.core.edits import CellChange, CellFacts, Edit, PixelChange, Runs

HERE = Path(__file__).parent
NO_FACTS = CellFacts()
MODEL = CellFacts(label_class="5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11", mother=None, quality=0.75)


def picture(text: str, *, y: int = 0, x: int = 0) -> dict[int, Runs]:
    """Runs of the cells drawn as digits in a text picture whose corner lies at (y, x)."""
    rows = np.array([list(line.strip()) for line in text.strip().splitlines()])
    cells = sorted(set(rows.ravel().tolist()) - {"."})
    return {int(cell): edits.runs_of_mask(rows == cell, y=y, x=x) for cell in cells}


def labels(cells: dict[int, Runs], facts: dict[int, CellFacts] | None = None) -> Labels:
    """A document with these cells in frame (0, 0)."""
    known = facts or dict.fromkeys(cells, NO_FACTS)
    drawing = Edit(
        uuid(0),
        "draw",
        tuple(PixelChange(0, 0, cell, runs) for cell, runs in cells.items()),
        tuple(CellChange(cell, None, fact) for cell, fact in known.items()),
    )
    return documents.apply(Labels(), drawing)


def uuid(number: int) -> str:
    """A fixed uuid for the case."""
    return f"00000000-0000-4000-8000-{number:012d}"


def change(cell: int, add: Runs = (), remove: Runs = (), *, t: int = 0, z: int = 0) -> PixelChange:
    return PixelChange(t, z, cell, add, remove)


def case(
    name: str, before: Labels, edit: Edit, *, height: int = 8, width: int = 12, t: int = 0, z: int = 0
) -> dict[str, Any]:
    """One case: the frame (t, z) before and after an edit of it."""
    after = documents.apply(before, edit)
    return {
        "name": name,
        "height": height,
        "width": width,
        "t": t,
        "z": z,
        "before": frame(before, t, z),
        "facts_before": facts(before),
        "edit": edits.to_json(edit),
        "after": frame(after, t, z),
        "facts_after": facts(after),
    }


def frame(document: Labels, t: int, z: int) -> dict[str, list[int]]:
    return {str(cell): list(runs) for cell, runs in documents.runs(document, t=t, z=z).items()}


def facts(document: Labels) -> dict[str, Any]:
    return {str(cell): edits.facts_to_json(fact) for cell, fact in sorted(document.facts.items())}


TWO = picture(
    """
    ............
    .111........
    .1111..222..
    .111...222..
    ............
    """
)


MADE_WITH: dict[str, str | int | float | bool | None] = {
    "brush_px": 12,
    "write mode": "keep",
    "model": "nuclei",
    "share": 0.5,
    "fills": True,
    "of": None,
}


def edit_cases() -> list[dict[str, Any]]:
    """Every case of edits.json."""
    two = labels(TWO)
    brush = Edit(uuid(1), "brush", (change(1, (2, 5, 2, 3, 4, 2)),))
    overlap = Edit(uuid(2), "brush", (change(1, (2, 5, 4)),))
    overwrite = Edit(uuid(3), "brush", (change(1, (2, 5, 4)), change(2, (), (2, 7, 2))))
    erase = Edit(uuid(4), "eraser", (change(1, (), (2, 1, 4)),))
    delete = Edit(uuid(5), "delete", (change(2, (), TWO[2]),), (CellChange(2, NO_FACTS, None),))
    create = Edit(uuid(6), "new", (change(9, (6, 0, 3, 7, 0, 3)),), (CellChange(9, None, NO_FACTS),))
    merge = Edit(
        uuid(7), "merge", (change(1, TWO[2]), change(2, (), TWO[2])), (CellChange(2, NO_FACTS, None),)
    )
    return [
        case("brush adds pixels", two, brush),
        case("brush undone", documents.apply(two, brush), edits.invert(brush, id=uuid(11))),
        case("brush over a neighbour keeps both (overlap)", two, overlap),
        case("overlap undone", documents.apply(two, overlap), edits.invert(overlap, id=uuid(12))),
        case("brush over a neighbour takes its pixels (overwrite)", two, overwrite),
        case("overwrite undone", documents.apply(two, overwrite), edits.invert(overwrite, id=uuid(13))),
        case("eraser splits the runs of a cell", two, erase),
        case("delete removes the cell and its facts", two, delete),
        case("delete undone", documents.apply(two, delete), edits.invert(delete, id=uuid(15))),
        case("new cell", two, create),
        case("new cell undone", documents.apply(two, create), edits.invert(create, id=uuid(16))),
        case("merge", two, merge),
        case("brush that says with what it was made", two, replace(brush, parameters=MADE_WITH)),
        case("merge undone", documents.apply(two, merge), edits.invert(merge, id=uuid(17))),
        *border_cases(),
        *fact_cases(),
    ]


def border_cases() -> list[dict[str, Any]]:
    """Cases across tile borders and frames."""
    big = {"height": 300, "width": 700}
    near = labels({5: (10, 250, 6)})
    across = Edit(uuid(21), "brush", (change(5, (10, 256, 4, 11, 250, 10)),))
    corner = Edit(uuid(22), "brush", (change(5, (255, 254, 4, 256, 254, 4)),))
    three = Edit(uuid(23), "fill", (change(5, (20, 100, 500)),))
    first = labels({5: (0, 255, 1)})
    last = Edit(uuid(24), "brush", (change(5, (0, 256, 1, 255, 255, 2, 256, 255, 2)),))
    full = Edit(uuid(25), "fill", (change(5, tuple(n for y in range(2) for n in (y, 0, 256))),))
    other = Edit(uuid(26), "brush", (change(5, (10, 250, 6), t=3, z=2),))
    return [
        case("run across x=255/256", near, across, **big),
        case("run across x=255/256 undone", documents.apply(near, across), edits.invert(across), **big),
        case("stroke over four tiles", near, corner, **big),
        case("one run over three tiles", near, three, **big),
        case("pixels on both sides of the border", first, last, **big),
        case("rows as wide as a tile become one packed run", labels({5: (9, 0, 1)}), full, **big),
        case("another frame is not touched", near, other, **big),
        case("the frame that is touched", near, other, **big, t=3, z=2),
    ]


def fact_cases() -> list[dict[str, Any]]:
    """Cases with classes, mothers and a model's quality."""
    known = labels(TWO, {1: NO_FACTS, 2: MODEL})
    confirm = Edit(
        uuid(31), "brush", (change(2, (4, 7, 3)),), (CellChange(2, MODEL, replace(MODEL, quality=None)),)
    )
    adopt = Edit(uuid(32), "link", (), (CellChange(2, MODEL, replace(MODEL, mother=1)),))
    several = Edit(
        uuid(33),
        "split",
        (change(2, (), (3, 7, 3)), change(3, (3, 7, 3))),
        (CellChange(2, MODEL, replace(MODEL, quality=None)), CellChange(3, None, NO_FACTS)),
    )
    nucleus = CellFacts(channel=0)
    lock = Edit(
        uuid(35),
        "lock",
        (),
        (
            CellChange(1, NO_FACTS, replace(NO_FACTS, locked=True)),
            CellChange(2, MODEL, replace(MODEL, ignored=True)),
        ),
    )
    outline = Edit(uuid(36), "brush", (change(9, (6, 0, 3)),), (CellChange(9, None, nucleus),))
    undo = replace(edits.invert(lock, id=uuid(37)), tool="undo", undoes=lock.id)
    return [
        case("a cell locked, a model's cell left out of learning", known, lock),
        case("lock undone by an edit that says which it takes back", documents.apply(known, lock), undo),
        case("new cell that outlines one channel", known, outline),
        case("drawing on a model's cell clears its quality", known, confirm),
        case("mother given, no pixel touched", known, adopt),
        case("split into an old and a new cell", known, several),
        case("split undone", documents.apply(known, several), edits.invert(several, id=uuid(34))),
    ]


def frame_cases() -> list[dict[str, Any]]:
    """Every case of frames.json."""
    overlap = labels({1: (2, 1, 6, 3, 1, 6), 2: (3, 4, 6, 4, 4, 6)})
    border = labels({2147483647: (0, 254, 4, 255, 250, 10, 256, 250, 10), 7: (299, 512, 188)})
    whole = labels({3: tuple(n for y in range(256) for n in (y, 0, 256))})
    return [
        frame_case("no tiles", Labels(), 0, height=10, width=12),
        frame_case("two cells that overlap", overlap, 3, height=10, width=12),
        frame_case("four tiles and the largest id", border, 41, height=300, width=700),
        frame_case("a cell that fills a tile", whole, 2, height=256, width=256),
        frame_case("an emptied tile, as sent with since", Labels(), 9, height=300, width=700, emptied=(1, 2)),
    ]


def frame_case(
    name: str, document: Labels, head: int, *, height: int, width: int, emptied: tuple[int, int] | None = None
) -> dict[str, Any]:
    rows = [(key[2], key[3], head, tiles.pack(content)) for key, content in sorted(document.tiles.items())]
    if emptied:
        rows.append((*emptied, head, tiles.pack(tiles.EMPTY_TILE)))
    return {
        "name": name,
        "height": height,
        "width": width,
        "bytes": base64.b64encode(tiles.encode_frame(head, rows)).decode(),
        "head": head,
        "tiles": [{"ty": ty, "tx": tx, "revision": revision} for ty, tx, revision, _ in rows],
        "cells": frame(document, 0, 0),
    }


def as_text(cases: list[dict[str, Any]]) -> str:
    """One case a line, so that a change is seen in a diff."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in cases)
    return f"[\n{lines}\n]\n"


def main() -> None:
    """Write both files."""
    (HERE / "edits.json").write_text(as_text(edit_cases()), encoding="utf-8")
    (HERE / "frames.json").write_text(as_text(frame_cases()), encoding="utf-8")


if __name__ == "__main__":
    main()
