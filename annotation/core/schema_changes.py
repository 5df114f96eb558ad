"""What becomes of the facts of cells when the schema changes: pure functions from facts to facts.

Each is undone by the edit that carries it out. A value that cannot be converted stays under the old, archived
attribute, where it harms nobody and comes back with it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotation.core.cell_labels import (
    Axis,
    attributes_of,
    classes_of,
    contend,
    over,
    settled,
    with_attributes,
    with_classes,
)
from annotation.core.class_schema import FLAG, NUMBER, AttributeDef, Schema
from annotation.core.edit_values import AttributeValue, CellChange, CellFacts

Step = Callable[[CellFacts], CellFacts]
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


def replaced(old: str, new: str | None) -> Step:
    """Cells of class `old` are of class `new`; None: they lose it."""

    def step(facts: CellFacts) -> CellFacts:
        if old not in classes_of(facts):
            return facts
        several = [new if one == old else one for one in classes_of(facts)]
        return with_classes(facts, [one for one in several if one is not None])

    return step


@dataclass(frozen=True, slots=True)
class Condition:
    """Which cells are meant: those whose `attribute` is one of `values`, or a number from `low` up to below
    `high`."""

    attribute: str
    values: tuple[AttributeValue, ...] = ()
    low: float | None = None
    high: float | None = None

    def holds(self, facts: CellFacts) -> bool:
        """Whether a cell with these facts is meant."""
        value = attributes_of(facts).get(self.attribute)
        if value is None:
            return False
        if self.values:
            return any(type(value) is type(one) and value == one for one in self.values)
        if isinstance(value, bool | str):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)


def split_off(old: str, new: str, condition: Condition) -> Step:
    """Cells of class `old` for which the condition holds are of class `new`."""
    move = replaced(old, new)
    return lambda facts: move(facts) if condition.holds(facts) else facts


def kept_apart(axis: Axis) -> Step:
    """One class an axis is left."""
    return lambda facts: settled(facts, axis)


def retyped(old: str, new: AttributeDef, conversion: Mapping[str, Any]) -> Step:
    """Values of attribute `old` become values of `new`, where they can."""

    def step(facts: CellFacts) -> CellFacts:
        values = attributes_of(facts)
        if old not in values:
            return facts
        now = convert(values[old], new, conversion)
        if now is None:
            return facts
        values.pop(old)
        return with_attributes(facts, {**values, new.id: now})

    return step


def convert(value: AttributeValue, to: AttributeDef, conversion: Mapping[str, Any]) -> AttributeValue | None:
    """The value as one of another attribute, None where it cannot be one.

    `conversion`: `map` {text of the old value: the new one, or None} goes first, then numbers are multiplied
    by `factor`.
    """
    said = conversion.get("map", {})
    key = text_of(value)
    made: AttributeValue | None = said.get(key, value)
    if made is None:
        return None
    if to.kind == FLAG:
        made = _flag(made)
    elif to.kind == NUMBER:
        made = _number(made, 1.0 if key in said else float(conversion.get("factor", 1)))
    else:
        made = text_of(made)[:200] or None
    return None if made is None or to.says_no(made) else made


def text_of(value: AttributeValue) -> str:
    """A value as people write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:.12g}"


def _flag(value: AttributeValue) -> bool | None:
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in YES else False if word in NO else None
    return bool(value)


def _number(value: AttributeValue, factor: float) -> AttributeValue | None:
    try:
        number = float(value) * factor
    except ValueError:
        return None
    if not abs(number) <= 1e15:
        return None
    return int(number) if number.is_integer() else number


# ---------------------------------------------------------------- of many cells


@dataclass(slots=True)
class Plan:
    """What changes on one branch; `locked` cells would change and stay."""

    changes: list[CellChange] = field(default_factory=list)
    locked: list[int] = field(default_factory=list)


def stepped(facts: CellFacts, steps: Sequence[Step]) -> CellFacts:
    """The facts after the steps, one after the other. Steps look at classes and attributes, and at nothing
    else."""
    for step in steps:
        facts = step(facts)
    return facts


def plan(facts: Mapping[int, CellFacts], steps: Sequence[Step]) -> Plan:
    """The changes that the steps, one after the other, make to these cells."""
    made, known = Plan(), dict[tuple[Any, ...], CellFacts]()
    for cell, before in sorted(facts.items()):
        said = (before.label_class, before.also, before.attributes)
        after = known.get(said)
        if after is None:
            known[said] = after = stepped(before, steps)
        now = (after.label_class, after.also, after.attributes)
        if now == said:
            continue
        after = replace(before, label_class=now[0], also=now[1], attributes=now[2])
        if before.locked:
            made.locked.append(cell)
        else:
            made.changes.append(CellChange(cell, before, after))
    return made


def taken_back(
    made: Iterable[CellChange], now: Mapping[int, CellFacts]
) -> tuple[list[CellChange], list[int]]:
    """The changes that lead back from what the migration `made`, and the cells that stay: locked, deleted, or
    said to be something else since."""
    back: list[CellChange] = []
    left: list[int] = []
    for change in made:
        facts = now.get(change.cell)
        inverse = CellChange(change.cell, change.after, change.before)
        if facts is None or facts.locked or contend(inverse, CellChange(change.cell, change.after, facts)):
            left.append(change.cell)
        elif (after := over(inverse, facts)) != facts:
            back.append(CellChange(change.cell, facts, after))
    return back, left


def told(
    changes: Iterable[tuple[CellChange, int]], before: Schema, after: Schema
) -> list[tuple[str, str, int]]:
    """(from, to, how many cells) of changes that so many cells make, the most first: what people read before
    they agree."""
    counted: Counter[tuple[str, str]] = Counter()
    for change, cells in changes:
        counted[_words(change, change.before, before), _words(change, change.after, after)] += cells
    return sorted(((was, now, n) for (was, now), n in counted.items()), key=lambda row: (-row[2], row))


def _words(change: CellChange, facts: CellFacts | None, schema: Schema) -> str:
    parts = []
    if classes_of(change.before) != classes_of(change.after):
        names = [schema.path_of(one) or "a class that is gone" for one in classes_of(facts)]
        parts.append(" + ".join(names) or "no class")
    old, new = attributes_of(change.before), attributes_of(change.after)
    for name, value in sorted(attributes_of(facts).items()):
        if old.get(name) != new.get(name) or (name in old) != (name in new):
            known = schema.attributes.get(name)
            unit = f" {known.unit}" if known and known.unit else ""
            parts.append(f"{known.name if known else name}: {text_of(value)}{unit}")
    return ", ".join(parts) or "nothing"
