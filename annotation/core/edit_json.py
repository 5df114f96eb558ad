"""Edits as JSON: everything that comes from outside is checked here, once."""

import math
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np

from annotation.core import intervals, moves
from annotation.core.edit_values import (
    ENDINGS,
    MAX_CELL,
    MAX_COORDINATE,
    ROW,
    AttributeValue,
    CellChange,
    CellFacts,
    CellMove,
    Edit,
    InvalidEdit,
    Parameters,
    PixelChange,
    Runs,
)
from annotation.core.runs import intervals_of_runs


def _need(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise InvalidEdit(f"{where}: {what}.")


def _integer(value: Any, where: str, low: int, high: int) -> int:
    _need(
        isinstance(value, int) and not isinstance(value, bool),
        where,
        f"a whole number is needed, not {value!r:.40}",
    )
    _need(low <= value <= high, where, f"must lie between {low} and {high}, but is {value}")
    return int(value)


def _mapping(value: Any, where: str, needed: set[str], allowed: set[str]) -> dict[str, Any]:
    _need(isinstance(value, dict), where, "an object is needed")
    missing, unknown = needed - value.keys(), value.keys() - allowed
    _need(not missing, where, f"{', '.join(sorted(missing))} missing")
    _need(not unknown, where, f"unknown {', '.join(sorted(map(str, unknown)))}")
    return dict(value)


def _list(value: Any, where: str) -> list[Any]:
    _need(isinstance(value, list), where, "a list is needed")
    return list(value)


def _runs(value: Any, where: str) -> Runs:
    flat = _list(value, where)
    _need(len(flat) % 3 == 0, where, "runs are triples y, x, n")
    _need(all(type(item) is int for item in flat), where, "runs are whole numbers")
    _need(all(0 <= item <= MAX_COORDINATE for item in flat), where, "a number of the runs is out of range")
    table = np.asarray(flat, np.int64).reshape(-1, 3)
    _need(bool((table[:, 2] > 0).all()), where, "a run is empty")
    starts = table[:, 0] * ROW + table[:, 1]
    ends = starts + table[:, 2]
    _need(bool((ends[:-1] < starts[1:]).all()), where, "runs must be sorted, disjoint and maximal")
    return tuple(flat)


def _pixel_change(value: Any, where: str) -> PixelChange:
    row = _mapping(value, where, {"t", "z", "cell", "add", "remove"}, {"t", "z", "cell", "add", "remove"})
    change = PixelChange(
        t=_integer(row["t"], f"{where}.t", 0, MAX_COORDINATE),
        z=_integer(row["z"], f"{where}.z", 0, MAX_COORDINATE),
        cell=_integer(row["cell"], f"{where}.cell", 1, MAX_CELL),
        add=_runs(row["add"], f"{where}.add"),
        remove=_runs(row["remove"], f"{where}.remove"),
    )
    shared = intervals.intersection(intervals_of_runs(change.add), intervals_of_runs(change.remove))
    _need(shared.starts.size == 0, where, "a pixel is added and removed at once")
    return change


def _label_class(value: Any, where: str) -> str | None:
    if value is None:
        return None
    return _uuid(value, where)


def _uuid(value: Any, where: str) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise InvalidEdit(f"{where}: a uuid is needed, not {value!r:.60}.") from None


def _quality(value: Any, where: str) -> float | None:
    if value is None:
        return None
    _need(
        isinstance(value, (int, float)) and not isinstance(value, bool), where, "a number or null is needed"
    )
    _need(0 <= value <= 1, where, "must lie between 0 and 1")
    return float(value)


def _flag(value: Any, where: str) -> bool:
    _need(isinstance(value, bool), where, "true or false is needed")
    return bool(value)


SAID_IF_ANY = {"also", "attributes", "uncertain"}
FACTS = {"class", "mother", "quality", "channel", "locked", "ignored", "merged_into", "ending"} | SAID_IF_ANY
LONGEST_VALUE = 200
MOST_CLASSES = 32
MOST_ATTRIBUTES = 64


def parse_facts(value: Any, where: str = "facts") -> CellFacts | None:
    """Facts from JSON (the keys of FACTS) or null; raises InvalidEdit.

    What is left out is as if never said: edits from before a fact existed stay readable.
    """
    if value is None:
        return None
    row = _mapping(value, where, set(), FACTS)
    channel = row.get("channel")
    label_class = _label_class(row.get("class"), f"{where}.class")
    return CellFacts(
        label_class=label_class,
        mother=_other_cell(row.get("mother"), f"{where}.mother"),
        quality=_quality(row.get("quality"), f"{where}.quality"),
        channel=None if channel is None else _integer(channel, f"{where}.channel", 0, MAX_COORDINATE),
        locked=_flag(row.get("locked", False), f"{where}.locked"),
        ignored=_flag(row.get("ignored", False), f"{where}.ignored"),
        merged_into=_other_cell(row.get("merged_into"), f"{where}.merged_into"),
        ending=_ending(row.get("ending"), f"{where}.ending"),
        also=_also(row.get("also", []), label_class, f"{where}.also"),
        attributes=_attributes(row.get("attributes", {}), f"{where}.attributes"),
        uncertain=_flag(row.get("uncertain", False), f"{where}.uncertain"),
    )


def _also(value: Any, main: str | None, where: str) -> tuple[str, ...]:
    classes = [_uuid(item, f"{where}[{i}]") for i, item in enumerate(_list(value, where))]
    _need(len(classes) <= MOST_CLASSES, where, f"a cell carries at most {MOST_CLASSES} further classes")
    _need(not classes or main is not None, where, "further classes need a main one")
    _need(len({main, *classes}) == len(classes) + 1 or not classes, where, "a class is named twice")
    return tuple(sorted(classes))


def _attributes(value: Any, where: str) -> tuple[tuple[str, AttributeValue], ...]:
    _need(isinstance(value, dict), where, "an object is needed")
    _need(len(value) <= MOST_ATTRIBUTES, where, f"a cell carries at most {MOST_ATTRIBUTES} attributes")
    pairs = {_uuid(name, where): _attribute(each, f"{where}.{name}") for name, each in value.items()}
    return tuple(sorted(pairs.items()))


def _attribute(value: Any, where: str) -> AttributeValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        _need(math.isfinite(value) and abs(value) <= MAX_NUMBER, where, "the number is too large")
        return int(value) if float(value).is_integer() else float(value)
    _need(
        isinstance(value, str) and 0 < len(value) <= LONGEST_VALUE,
        where,
        "a short text, a number, true or false is needed",
    )
    return str(value)


MAX_NUMBER = 1e15


def _other_cell(value: Any, where: str) -> int | None:
    return None if value is None else _integer(value, where, 1, MAX_CELL)


def _ending(value: Any, where: str) -> str | None:
    if value is None:
        return None
    _need(
        isinstance(value, str) and value in ENDINGS, where, f"null or one of {', '.join(ENDINGS)} is needed"
    )
    return str(value)


def _cell_change(value: Any, where: str) -> CellChange:
    row = _mapping(value, where, {"cell", "before", "after"}, {"cell", "before", "after"})
    cell = _integer(row["cell"], f"{where}.cell", 1, MAX_CELL)
    before, after = parse_facts(row["before"], f"{where}.before"), parse_facts(row["after"], f"{where}.after")
    _need(after is None or after.mother != cell, where, f"cell {cell} cannot be its own mother")
    _need(after is None or after.merged_into != cell, where, f"cell {cell} cannot merge into itself")
    return CellChange(cell, before, after)


def _cell_move(value: Any, where: str) -> CellMove:
    row = _mapping(value, where, {"cell", "to", "first", "last"}, {"cell", "to", "first", "last"})
    first = _integer(row["first"], f"{where}.first", 0, MAX_COORDINATE)
    move = CellMove(
        cell=_integer(row["cell"], f"{where}.cell", 1, MAX_CELL),
        to=_integer(row["to"], f"{where}.to", 1, MAX_CELL),
        first=first,
        last=_integer(row["last"], f"{where}.last", first, MAX_COORDINATE),
    )
    _need(move.cell != move.to, where, f"cell {move.cell} is moved to itself")
    return move


def _all_different(keys: Sequence[Any], where: str) -> None:
    _need(len(set(keys)) == len(keys), where, "the same cell is named twice in one frame")


def parse(value: Any) -> Edit:
    """An edit from decoded JSON. Raises InvalidEdit with what is wrong and where (`pixels[2].add: …`)."""
    needed = {"id", "tool", "pixels", "cells"}
    row = _mapping(value, "edit", needed, needed | {"undoes", "moves", "parameters"})
    _need(isinstance(row["tool"], str) and 0 < len(row["tool"]) <= 40, "tool", "a short name is needed")
    pixels = tuple(
        _pixel_change(item, f"pixels[{i}]") for i, item in enumerate(_list(row["pixels"], "pixels"))
    )
    cells = tuple(_cell_change(item, f"cells[{i}]") for i, item in enumerate(_list(row["cells"], "cells")))
    _all_different([(p.t, p.z, p.cell) for p in pixels], "pixels")
    _all_different([c.cell for c in cells], "cells")
    _check_life(pixels, cells)
    several = _list(row.get("moves", []), "moves")
    undoes = None if row.get("undoes") is None else _uuid(row["undoes"], "undoes")
    moved = tuple(_cell_move(item, f"moves[{i}]") for i, item in enumerate(several))
    edit = Edit(
        _uuid(row["id"], "id"),
        row["tool"],
        pixels,
        cells,
        undoes,
        moved,
        _parameters(row.get("parameters", {})),
    )
    moves.check(edit)
    return edit


MAX_PARAMETERS = 40
LONGEST_PARAMETER = 200
PARAMETER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,39}")


def _parameters(value: Any) -> Parameters:
    _need(isinstance(value, dict), "parameters", "an object is needed")
    _need(len(value) <= MAX_PARAMETERS, "parameters", f"at most {MAX_PARAMETERS} of them are kept")
    for name, each in value.items():
        _need(PARAMETER_NAME.fullmatch(str(name)) is not None, "parameters", f"{name!r:.50} is no name")
        _need(
            each is None
            or isinstance(each, bool)
            or (isinstance(each, int | float) and math.isfinite(each))
            or (isinstance(each, str) and len(each) <= LONGEST_PARAMETER),
            f"parameters.{name}",
            "a short text, a number, true or false is needed",
        )
    return dict(value)


def _check_life(pixels: tuple[PixelChange, ...], cells: tuple[CellChange, ...]) -> None:
    """A cell made here has nothing to lose, a cell deleted here gains nothing."""
    born = {c.cell for c in cells if c.before is None}
    gone = {c.cell for c in cells if c.after is None}
    for i, change in enumerate(pixels):
        _need(
            not (change.cell in gone and change.add),
            f"pixels[{i}].add",
            f"cell {change.cell} is deleted here",
        )
        _need(
            not (change.cell in born and change.remove),
            f"pixels[{i}].remove",
            f"cell {change.cell} is made here",
        )


def facts_to_json(facts: CellFacts | None) -> dict[str, Any] | None:
    """Facts as JSON; further classes, attributes and `uncertain` are left out when there are none."""
    if facts is None:
        return None
    plain: dict[str, Any] = {
        "class": facts.label_class,
        "mother": facts.mother,
        "quality": facts.quality,
        "channel": facts.channel,
        "locked": facts.locked,
        "ignored": facts.ignored,
        "merged_into": facts.merged_into,
        "ending": facts.ending,
    }
    if facts.also:
        plain["also"] = list(facts.also)
    if facts.attributes:
        plain["attributes"] = dict(facts.attributes)
    if facts.uncertain:
        plain["uncertain"] = True
    return plain


def to_json(edit: Edit) -> dict[str, Any]:
    """The edit as plain lists and dicts, the inverse of `parse`; `moves`, `parameters` and `undoes` are left
    out when there are none."""
    plain: dict[str, Any] = {
        "id": edit.id,
        "tool": edit.tool,
        "pixels": [
            {"t": p.t, "z": p.z, "cell": p.cell, "add": list(p.add), "remove": list(p.remove)}
            for p in edit.pixels
        ],
        "cells": [
            {"cell": c.cell, "before": facts_to_json(c.before), "after": facts_to_json(c.after)}
            for c in edit.cells
        ],
    }
    if edit.moves:
        plain["moves"] = [{"cell": m.cell, "to": m.to, "first": m.first, "last": m.last} for m in edit.moves]
    if edit.parameters:
        plain["parameters"] = dict(edit.parameters)
    return plain if edit.undoes is None else {**plain, "undoes": edit.undoes}


def check_bounds(edit: Edit, *, size_t: int, size_z: int, height: int, width: int) -> None:
    """Raise InvalidEdit when a pixel or a move of the edit lies outside an image of this size."""
    for i, move in enumerate(edit.moves):
        _need(move.last < size_t, f"moves[{i}]", f"frame {move.last} is not in the image of {size_t} frames")
    for i, change in enumerate(edit.pixels):
        _need(change.t < size_t and change.z < size_z, f"pixels[{i}]", "the frame is not in the image")
        for runs in (change.add, change.remove):
            inside = all(y < height for y in runs[0::3]) and all(
                x + n <= width for x, n in zip(runs[1::3], runs[2::3], strict=True)
            )
            _need(inside, f"pixels[{i}]", f"a run leaves the image of {height} x {width} px")
