"""What people say a cell is: its classes, its attributes, and whether they are sure.

A cell carries one main class and any number of further ones, as the set of which they are one. Classes
*contend* on an axis: of one axis a cell carries one class. Which classes share an axis is for the project's
schema to say (`axis`); where nobody says, all share one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from annotation.core.edit_values import AttributeValue, CellChange, CellFacts

Axis = Callable[[str], str]
"""Class id → its axis: classes of one axis exclude each other."""

Value = TypeVar("Value")
_NONE = object()


def one_axis(_label_class: str) -> str:
    """Every class excludes every other."""
    return ""


def classes_of(facts: CellFacts | None) -> tuple[str, ...]:
    """The classes of a cell, the main one first."""
    if facts is None or facts.label_class is None:
        return ()
    return (facts.label_class, *facts.also)


def with_classes(facts: CellFacts, classes: Iterable[str]) -> CellFacts:
    """The facts with these classes, the first of them as the main one; each counts once."""
    each = list(dict.fromkeys(classes))
    return replace(facts, label_class=each[0] if each else None, also=tuple(sorted(each[1:])))


def attributes_of(facts: CellFacts | None) -> dict[str, AttributeValue]:
    """{attribute id: value}."""
    return {} if facts is None else dict(facts.attributes)


def with_attributes(facts: CellFacts, values: Mapping[str, AttributeValue]) -> CellFacts:
    """The facts with these attributes and no others."""
    return replace(facts, attributes=tuple(sorted(values.items())))


def given(facts: CellFacts, label_class: str | None, axis: Axis = one_axis) -> CellFacts:
    """The facts with this class in the place of those that it excludes; None: without any class."""
    if label_class is None:
        return with_classes(facts, ())
    there = classes_of(facts)
    kept = [one for one in there if axis(one) != axis(label_class)]
    main = not there or there[0] not in kept
    return with_classes(facts, [label_class, *kept] if main else [*kept, label_class])


def settled(facts: CellFacts, axis: Axis) -> CellFacts:
    """The facts with one class an axis: the main one stays, of the others the first by id."""
    kept: dict[str, str] = {}
    for one in classes_of(facts):
        kept.setdefault(axis(one), one)
    return with_classes(facts, kept.values())


# ---------------------------------------------------------------- two people


def over(change: CellChange, now: CellFacts) -> CellFacts:
    """What the change says, put on facts that others changed since: classes and attributes one by one.

    A change that makes or deletes the cell says all of it or nothing.
    """
    if change.before is None or change.after is None:
        return change.after or now
    plain = {name: value for name, value in change.said.items() if name not in MERGED}
    merged = replace(now, **plain)
    added, removed = _classes_said(change)
    main = change.after.label_class if "label_class" in change.said else None
    if added or removed or main is not None:
        merged = with_classes(merged, _put(classes_of(now), added, removed, main))
    said = _attributes_said(change)
    if said:
        values = {**attributes_of(now), **{name: value for name, value in said.items() if value is not None}}
        merged = with_attributes(merged, {n: v for n, v in values.items() if said.get(n, _NONE) is not None})
    return merged


MERGED = ("label_class", "also", "attributes")


def _put(now: tuple[str, ...], added: set[str], removed: set[str], main: str | None) -> list[str]:
    """The classes that are left and those that come; `main` first, where the change says one."""
    kept = [one for one in now if one not in removed]
    first = [main] if main in added or main in kept else []
    return [one for one in (*first, *kept, *sorted(added)) if one is not None]


def _classes_said(change: CellChange) -> tuple[set[str], set[str]]:
    before, after = set(classes_of(change.before)), set(classes_of(change.after))
    return after - before, before - after


def _attributes_said(change: CellChange) -> dict[str, AttributeValue | None]:
    """Attributes that the change gives; None: it takes them away."""
    before, after = attributes_of(change.before), attributes_of(change.after)
    names = before.keys() | after.keys()
    return {name: after.get(name) for name in names if before.get(name, _NONE) != after.get(name, _NONE)}


def contend(mine: CellChange, theirs: CellChange, axis: Axis = one_axis) -> bool:
    """Do two changes of one living cell say different things of its classes on one axis, or of one
    attribute?"""
    if _contended(_by_axis(mine, axis), _by_axis(theirs, axis)):
        return True
    return _contended(_attributes_said(mine), _attributes_said(theirs))


def _contended(mine: Mapping[str, Value], theirs: Mapping[str, Value]) -> bool:
    return any(name in theirs and theirs[name] != value for name, value in mine.items())


def _by_axis(change: CellChange, axis: Axis) -> dict[str, frozenset[str]]:
    """The classes of each axis on which the change says something, as they are after it."""
    added, removed = _classes_said(change)
    after = classes_of(change.after)
    touched = {axis(one) for one in added | removed}
    return {name: frozenset(one for one in after if axis(one) == name) for name in touched}
