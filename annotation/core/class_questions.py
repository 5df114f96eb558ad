"""Which classes a question names, and what the answer says of a cell.

A crowd is asked at one level of the tree of classes, or below one class of it; the answer lands on the cell
by the project's rule of how many classes a cell carries.
"""

from collections.abc import Sequence

from annotation.core.cell_labels import classes_of, given
from annotation.core.class_schema import Schema
from annotation.core.edit_values import CellFacts


def choices(schema: Schema, *, level: int | None = None, below: str | None = None) -> list[str]:
    """The classes in use that may be chosen, in the order of the tree.

    With `level` (0: the roots) those of that level and what ends above it; with `below` only what lies below
    that class, or below the one in its place. A class that is no longer there limits nothing.
    """
    top = None if below is None else schema.successor(below)
    among = set(schema.classes) if top not in schema.classes else schema.below(str(top)) - {top}
    found = {_at(schema, one, level, among) for one in schema.classes if one in among}
    named = {one for one in found if not schema.classes[one].archived}
    if level is not None:
        named -= {above for one in named for above in schema.line_of(one)[1:]}
    return sorted(named, key=lambda one: _place(schema, one))


def _at(schema: Schema, label_class: str, level: int | None, among: set[str]) -> str:
    """The class of this level above it, the class itself where that one may not be chosen."""
    above = schema.at_level(label_class, level)
    return above if above in among and not schema.classes[above].archived else label_class


def _place(schema: Schema, label_class: str) -> list[int]:
    """Where it stands in the tree that is read from top to bottom."""
    order = {one: i for i, one in enumerate(schema.classes)}
    return [order[one] for one in reversed(schema.line_of(label_class))]


def told(schema: Schema, facts: CellFacts, asked: Sequence[str]) -> str | None:
    """Which of these classes a cell is: its own or the nearest above, of its main class first; None: of none,
    or people are not sure."""
    if facts.uncertain:
        return None
    lines = (schema.line_of(schema.successor(one)) for one in classes_of(facts))
    return next((one for line in lines for one in line if one in asked), None)


def answered(schema: Schema, facts: CellFacts, choice: str) -> CellFacts:
    """The facts after a crowd chose this class, in the place of those that the project's rule excludes. A
    cell that is of a class below it already says more, and stays."""
    now = schema.successor(choice)
    if now not in schema.classes or any(now in schema.line_of(one) for one in classes_of(facts)):
        return facts
    return given(facts, now, schema.axis)
