"""What people said of cells on its way out and in again: classes by their way in the tree, further ones,
attributes, doubt, and marks (why a cell ends, the channel that it outlines, how sure a model was, a lock).

Formats that take free JSON hold a *book*: `{"attributes": {name: …}, "cells": {"3": {…}}}`. Tables hold
columns: `class_path`, `also`, `uncertain`, and `attribute NAME` each.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from annotation.core.edit_values import ENDINGS
from annotation.core.formats.base import AttributeSaid, LabelStack, Mark, RefusedFile, Said

ATTRIBUTE = "attribute "
BETWEEN = "; "
LONGEST_TEXT = 200
MARKS: Mapping[str, type] = {"ending": str, "channel": int, "quality": float, "locked": bool}


@dataclass(frozen=True)
class Told:
    """What a file says of cells beside one class and a mother each."""

    said: Mapping[int, Said] = field(default_factory=dict)
    attributes: Mapping[str, AttributeSaid] = field(default_factory=dict)
    marks: Mapping[int, Mapping[str, Mark]] = field(default_factory=dict)

    def renamed(self, names: Mapping[int, int]) -> "Told":
        """The same of cells with other numbers; those that have none are left out."""
        said = {names[cell]: one for cell, one in self.said.items() if cell in names}
        marks = {names[cell]: one for cell, one in self.marks.items() if cell in names}
        return replace(self, said=said, marks=marks)


# ---------------------------------------------------------------- as JSON


def book(labels: LabelStack) -> dict[str, Any]:
    """Everything that was said, as plain JSON; empty where nothing was."""
    cells = {str(cell): of_cell(labels, cell) for cell in sorted(labels.said.keys() | labels.marks.keys())}
    if not cells:
        return {}
    return {"attributes": attributes_json(labels.attributes), "cells": cells}


def of_cell(labels: LabelStack, cell: int) -> dict[str, Any]:
    """What was said of one cell, as plain JSON."""
    said = labels.said.get(cell)
    return {**(said.to_json() if said else {}), **labels.marks.get(cell, {})}


def attributes_json(attributes: Mapping[str, AttributeSaid]) -> dict[str, Any]:
    """Kinds, units and choices of attributes, as plain JSON."""
    return {
        name: {k: v for k, v in asdict(one).items() if v not in (None, "", ())}
        for name, one in attributes.items()
    }


def read_book(path: Path, plain: Any) -> Told:
    """The inverse of `book`. Raises RefusedFile for what is none."""
    try:
        cells = {int(cell): dict(one) for cell, one in dict(plain.get("cells") or {}).items()}
        attributes = read_attributes(plain.get("attributes") or {})
        said = {cell: said_of(one) for cell, one in cells.items()}
        marks = {cell: marks_of(one) for cell, one in cells.items()}
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise RefusedFile(path, f"what it says of cells cannot be read: {error}") from error
    return Told(
        {cell: one for cell, one in said.items() if one != Said()},
        attributes,
        {cell: one for cell, one in marks.items() if one},
    )


def read_file(path: Path) -> Told:
    """A book in a file of its own; nothing where there is none. Raises RefusedFile."""
    if not path.exists():
        return Told()
    try:
        return read_book(path, json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise RefusedFile(path, f"it is no JSON: {error}") from error


def read_attributes(plain: Mapping[str, Any]) -> dict[str, AttributeSaid]:
    """The inverse of `attributes_json`."""
    known = AttributeSaid.__dataclass_fields__
    made = {}
    for name, one in plain.items():
        told = {key: value for key, value in one.items() if key in known}
        made[str(name)] = AttributeSaid(**{**told, "choices": tuple(map(str, told.get("choices", ())))})
    return made


def said_of(plain: Mapping[str, Any]) -> Said:
    """What one cell's JSON says; what it does not say is as if never said."""
    attributes = plain.get("attributes") or {}
    return Said(
        path=str(plain.get("class_path") or ""),
        also=tuple(map(str, plain.get("also") or ())),
        attributes={str(k): v for k, v in attributes.items() if isinstance(v, str | int | float | bool)},
        uncertain=bool(plain.get("uncertain")),
    )


def marks_of(plain: Mapping[str, Any]) -> dict[str, Mark]:
    """The marks that one cell's JSON says."""
    found = {name: kind(plain[name]) for name, kind in MARKS.items() if plain.get(name) is not None}
    if found.get("ending", ENDINGS[0]) not in ENDINGS:
        found.pop("ending")
    return found


# ---------------------------------------------------------------- as columns


def columns(stacks: Iterable[LabelStack]) -> list[str]:
    """The columns that a table of these cells needs beside their classes; none where nobody said more."""
    several = [said for labels in stacks for said in labels.said.values()]
    attributes = sorted({name for said in several for name in said.attributes})
    is_more = any(said.also or said.attributes or said.uncertain or " / " in said.path for said in several)
    return ["class_path", "also", "uncertain", *(f"{ATTRIBUTE}{a}" for a in attributes)] if is_more else []


def row(labels: LabelStack, cell: int, named: Sequence[str]) -> list[object]:
    """The values of these columns for one cell."""
    said = labels.said.get(cell, Said())
    plain = {
        "class_path": said.path,
        "also": BETWEEN.join(said.also),
        "uncertain": _text(said.uncertain or ""),
    }
    values = {f"{ATTRIBUTE}{name}": _text(value) for name, value in said.attributes.items()}
    return [{**plain, **values}.get(name, "") for name in named]


def _text(value: str | int | float | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def of_rows(rows: Mapping[int, Mapping[str, str]]) -> Told:
    """What the columns of a table say of cells; kinds of attributes are taken from all their values."""
    names = sorted({name for line in rows.values() for name in line if name and name.startswith(ATTRIBUTE)})
    kinds = {name: _kind([line[name] for line in rows.values() if line.get(name)]) for name in names}
    said = {cell: _said_of_row(line, kinds) for cell, line in rows.items()}
    attributes = {name.removeprefix(ATTRIBUTE): AttributeSaid(kind=kind) for name, kind in kinds.items()}
    return Told({cell: one for cell, one in said.items() if one != Said()}, attributes)


def _said_of_row(line: Mapping[str, str], kinds: Mapping[str, str]) -> Said:
    values = {
        name.removeprefix(ATTRIBUTE): _value(line[name], kind)
        for name, kind in kinds.items()
        if line.get(name)
    }
    return Said(
        path=(line.get("class_path") or "").strip(),
        also=tuple(filter(None, (one.strip() for one in (line.get("also") or "").split(BETWEEN.strip())))),
        attributes=values,
        uncertain=(line.get("uncertain") or "").strip().lower() in ("yes", "true", "1"),
    )


def _kind(values: Sequence[str]) -> str:
    if values and all(value in ("yes", "no") for value in values):
        return "FLAG"
    return "NUMBER" if values and all(_is_number(value) for value in values) else "TEXT"


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= 1e15
    except ValueError:
        return False


def _value(text: str, kind: str) -> str | int | float | bool:
    if kind == "FLAG":
        return text == "yes"
    if kind != "NUMBER":
        return text[:LONGEST_TEXT]
    number = float(text)
    return int(number) if number.is_integer() else number


# ---------------------------------------------------------------- what does not fit

WORDS = {
    "class": "classes",
    "tree": "the ways of classes in the tree",
    "also": "further classes",
    "attributes": "attributes",
    "uncertain": "doubt",
    "mother": "mothers",
    "merged": "what cells merged into",
    "ending": "why cells end",
    "channel": "the channels of masks",
    "quality": "how sure a model was",
    "locked": "locks",
}
EVERYTHING = frozenset(WORDS)


def counted(labels: LabelStack) -> Counter[str]:
    """Of how many cells there is each kind of fact."""
    found: Counter[str] = Counter({"class": len(labels.classes)})
    found += Counter({"mother": len(labels.mothers), "merged": len(labels.merged)})
    for said in labels.said.values():
        parts = {"tree": " / " in said.path, "also": said.also, "attributes": said.attributes}
        found.update(name for name, there in {**parts, "uncertain": said.uncertain}.items() if there)
    for marks in labels.marks.values():
        found.update(marks.keys())
    return found


def left_out(stacks: Iterable[LabelStack], holds: frozenset[str]) -> str:
    """What a format that `holds` some kinds of facts cannot say, as `classes (12 cells), doubt (1 cell)`."""
    found: Counter[str] = Counter()
    for labels in stacks:
        found += counted(labels)
    parts = [
        f"{word} ({found[kind]} cell{'s' if found[kind] > 1 else ''})"
        for kind, word in WORDS.items()
        if found[kind] and kind not in holds
    ]
    return ", ".join(parts)
