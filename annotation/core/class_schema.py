"""What the cells of a project may be: a tree of classes, attributes, and how many classes a cell carries.

A schema is a value: two of them are compared into sentences, and facts are checked against one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from annotation.core.cell_labels import Axis, attributes_of, classes_of, one_axis, with_classes
from annotation.core.edit_values import AttributeValue, CellChange, CellFacts, Edit

ONE, BRANCH, ANY = "ONE", "BRANCH", "ANY"
NUMBER, CHOICE, TEXT, FLAG = "NUMBER", "CHOICE", "TEXT", "FLAG"
RULES = {ONE: "one class", BRANCH: "one class from each branch of the tree", ANY: "any number of classes"}


class NotInSchema(ValueError):
    """Facts that the schema does not allow; says which cell may not carry what."""


@dataclass(frozen=True, slots=True)
class ClassDef:
    """A class; `parent` is the id of the class above it."""

    id: str
    name: str
    color: str = ""
    key: str = ""
    parent: str | None = None
    position: int = 0
    archived: bool = False
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeDef:
    """An attribute of every cell, or of the cells of one class and of those below it."""

    id: str
    name: str
    kind: str
    label_class: str | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    position: int = 0
    archived: bool = False
    replaced_by: str | None = None
    conversion: Mapping[str, Any] = field(default_factory=dict)

    def says_no(self, value: AttributeValue) -> str | None:
        """Why this is no value of the attribute, None when it is one."""
        if self.kind == FLAG:
            return None if isinstance(value, bool) else "yes or no is needed"
        if self.kind == NUMBER:
            return self._no_number(value)
        if not isinstance(value, str):
            return "a text is needed"
        if self.kind == CHOICE and value not in self.choices:
            return f"one of {', '.join(self.choices)} is needed"
        return None

    def _no_number(self, value: AttributeValue) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number is needed"
        if self.low is not None and value < self.low:
            return f"at least {self.low:g} {self.unit}".rstrip() + " is needed"
        if self.high is not None and value > self.high:
            return f"at most {self.high:g} {self.unit}".rstrip() + " is allowed"
        return None


@dataclass(frozen=True, slots=True)
class Schema:
    """Classes and attributes by id, in their order."""

    rule: str = ONE
    classes: Mapping[str, ClassDef] = field(default_factory=dict)
    attributes: Mapping[str, AttributeDef] = field(default_factory=dict)

    def line_of(self, label_class: str) -> list[str]:
        """The class and those above it, the nearest first."""
        line: list[str] = []
        at: str | None = label_class
        while at is not None and at in self.classes and at not in line:
            line.append(at)
            at = self.classes[at].parent
        return line

    def path_of(self, label_class: str) -> str:
        """`cell type / neutrophil`."""
        return " / ".join(self.classes[one].name for one in reversed(self.line_of(label_class)))

    def at_level(self, label_class: str, level: int | None) -> str:
        """The class itself, or the one above it at this level of the tree (0: the roots)."""
        line = self.line_of(label_class)[::-1]
        return line[min(level, len(line) - 1)] if line and level is not None else label_class

    def successor(self, label_class: str) -> str:
        """The class in use that takes the place of a merged one; the class itself where there is none."""
        seen, at = {label_class}, label_class
        while (known := self.classes.get(at)) and known.archived and known.replaced_by is not None:
            at = known.replaced_by
            if at in seen:
                return label_class
            seen.add(at)
        return at

    def below(self, label_class: str) -> set[str]:
        """The class and everything below it."""
        return {one for one in self.classes if label_class in self.line_of(one)}

    def makes_circle(self, label_class: str, parent: str | None) -> bool:
        """Would the class be its own ancestor?"""
        return parent is not None and label_class in self.line_of(parent)

    @property
    def axis(self) -> Axis:
        """Which classes exclude each other."""
        if self.rule == ONE:
            return one_axis
        if self.rule == ANY:
            return str
        return lambda one: (self.line_of(one) or [one])[-1]

    # ---- JSON

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, in the order of the schema."""
        return {
            "rule": self.rule,
            "classes": [asdict(one) for one in self.classes.values()],
            "attributes": [{**asdict(one), "choices": list(one.choices)} for one in self.attributes.values()],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Schema":
        """The inverse of `to_json`; what an older version did not say is as if never said."""
        classes = [ClassDef(**row) for row in plain.get("classes", ())]
        attributes = [
            AttributeDef(**{**row, "choices": tuple(row.get("choices", ()))})
            for row in plain.get("attributes", ())
        ]
        return cls(
            plain.get("rule", ONE),
            {one.id: one for one in classes},
            {one.id: one for one in attributes},
        )


# ---------------------------------------------------------------- facts


def check(schema: Schema, cell: int, facts: CellFacts) -> None:
    """Raise NotInSchema when a cell may not carry these classes or attributes.

    Archived classes and attributes are allowed: what was said once stays sayable, and takes no harm.
    """
    axes: dict[str, str] = {}
    for one in classes_of(facts):
        other = axes.setdefault(schema.axis(one), one)
        if other != one:
            names = " and ".join(schema.path_of(each) or each for each in (other, one))
            raise NotInSchema(f"Cell {cell} cannot be {names} at once: a cell has {RULES[schema.rule]}.")
    for name, value in attributes_of(facts).items():
        known = schema.attributes.get(name)
        why = "the project has no such attribute" if known is None else known.says_no(value)
        if why is not None:
            raise NotInSchema(f"{known.name if known else name} of cell {cell}: {why}.")


def brought_up(schema: Schema, edit: Edit) -> Edit:
    """An edit that gives a class which was merged into another since means that other one."""
    cells = tuple(_brought_up(schema, change) for change in edit.cells)
    return edit if cells == edit.cells else replace(edit, cells=cells)


def _brought_up(schema: Schema, change: CellChange) -> CellChange:
    before, after = classes_of(change.before), classes_of(change.after)
    if change.after is None or set(after) <= set(before):
        return change
    now = [one if one in before else schema.successor(one) for one in after]
    return change if tuple(now) == after else replace(change, after=with_classes(change.after, now))


# ---------------------------------------------------------------- what changed


def changes(before: Schema, after: Schema) -> list[str]:
    """What differs, in sentences, classes first."""
    said = [*_rule(before, after), *_classes(before, after), *_attributes(before, after)]
    if not said and [*before.classes] != [*after.classes]:
        said.append("The order of the classes changed.")
    return said


def _rule(before: Schema, after: Schema) -> Iterable[str]:
    if before.rule != after.rule:
        yield f"A cell has {RULES[after.rule]}, no longer {RULES[before.rule]}."


def _classes(before: Schema, after: Schema) -> Iterable[str]:
    for one in after.classes.values():
        old = before.classes.get(one.id)
        if old is None:
            yield f"Class “{after.path_of(one.id)}” was added."
        elif old != one:
            yield from _class(after, old, one)
    for one in before.classes.values():
        if one.id not in after.classes:
            yield f"Class “{before.path_of(one.id)}” was deleted."


def _class(after: Schema, old: ClassDef, new: ClassDef) -> Iterable[str]:
    if old.name != new.name:
        yield f"Class “{old.name}” is called “{new.name}” now."
    if old.parent != new.parent:
        above = f"below “{after.path_of(new.parent)}”" if new.parent else "at the top"
        yield f"Class “{new.name}” is {above} now."
    if old.color != new.color:
        yield f"Class “{new.name}” is drawn in {new.color}, not in {old.color}."
    if old.key != new.key:
        yield f"Class “{new.name}” has " + (f"the key {new.key}." if new.key else "no key of its own.")
    if (old.archived, old.replaced_by) != (new.archived, new.replaced_by):
        taken = after.classes.get(new.replaced_by or "")
        instead = f"; “{after.path_of(taken.id)}” takes its place" if taken else ""
        yield f"Class “{new.name}” " + (f"was archived{instead}." if new.archived else "is back.")


def _attributes(before: Schema, after: Schema) -> Iterable[str]:
    for one in after.attributes.values():
        old = before.attributes.get(one.id)
        if old is None:
            yield f"Attribute “{one.name}” ({_kind(one)}) was added."
        elif old.archived != one.archived:
            yield f"Attribute “{one.name}” " + ("was archived." if one.archived else "is back.")
        elif old.name != one.name:
            yield f"Attribute “{old.name}” is called “{one.name}” now."
        elif _kind(old) != _kind(one) or old.label_class != one.label_class:
            of = f" of “{after.path_of(one.label_class)}”" if one.label_class else " of every cell"
            yield f"Attribute “{one.name}” is {_kind(one)}{of} now, was {_kind(old)}."
    for one in before.attributes.values():
        if one.id not in after.attributes:
            yield f"Attribute “{one.name}” was deleted."


def _kind(one: AttributeDef) -> str:
    if one.kind == CHOICE:
        return f"one of {', '.join(one.choices)}"
    if one.kind == NUMBER:
        ends = [
            f"from {one.low:g}" if one.low is not None else "",
            f"to {one.high:g}" if one.high is not None else "",
        ]
        return " ".join(part for part in ("a number", *ends, f"in {one.unit}" if one.unit else "") if part)
    return {TEXT: "a text", FLAG: "yes or no"}[one.kind]
