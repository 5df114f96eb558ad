"""What a file says of cells, brought into a project: classes by their way in the tree, attributes, doubt.

Classes and attributes that the project lacks are made. What the project's rule or its attributes do not allow
is left out, and the import says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from annotation.core.cell_labels import settled, with_attributes, with_classes
from annotation.core.class_schema import AttributeDef, Schema
from annotation.core.edit_values import AttributeValue, CellFacts
from annotation.core.formats.base import AttributeSaid, Mark, Said
from annotation.core.formats.plans import OpenedItem
from annotation.core.schema_changes import convert
from annotation.models import AttributeKind, CellAttribute, LabelClass, Project
from annotation.selectors import schemas as reading
from annotation.services import classes, schemas

BETWEEN = " / "
LONGEST_NAME = 100


@dataclass
class Brought:
    """Facts by cell, and what was left out: {sentence: cells}."""

    facts: dict[int, CellFacts] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def sentences(self) -> list[str]:
        """What was left out, for people."""
        return [f"{what} ({n} cell{'s' if n > 1 else ''})." for what, n in sorted(self.left.items())]


# ---------------------------------------------------------------- what the project lacks


@transaction.atomic
def make_missing(*, project: Project, opened: OpenedItem) -> list[str]:
    """Make the classes and attributes that the project lacks; answers the names of the classes, sorted."""
    ways = {one for said in opened.told.said.values() for one in (said.path, *said.also) if one}
    ways |= {one.of for one in opened.told.attributes.values() if one.of}
    made = _make_ways(project, ways)
    made += classes.make_missing(project=project, names=opened.classes.values())
    used = {name for said in opened.told.said.values() for name in said.attributes}
    _make_attributes(project, {n: one for n, one in opened.told.attributes.items() if n in used})
    schemas.record(project=schemas.lock(project), by=None)
    return sorted(made)


def _make_ways(project: Project, ways: Iterable[str]) -> list[str]:
    """Classes below one another; a class that is there stays where it is."""
    made: list[str] = []
    for way in sorted(ways):
        if _class_of(project, way) is not None:
            continue
        above: LabelClass | None = None
        for name in filter(None, map(classes.tidy, way.split(BETWEEN))):
            there = LabelClass.objects.filter(project=project, name=name).first()
            if there is None:
                place = LabelClass.objects.filter(project=project).count()
                colour = classes.COLOURS[place % len(classes.COLOURS)]
                there = LabelClass.objects.create(
                    project=project, name=name, color=colour, position=place, parent=above
                )
                made.append(name)
            above = there
    return made


def _class_of(project: Project, way: str) -> LabelClass | None:
    """The class of a way: by its whole name, else by the last of its parts. Names are unique in a project."""
    for name in (classes.tidy(way), classes.tidy(way.rsplit(BETWEEN, 1)[-1])):
        found = LabelClass.objects.filter(project=project, name=name).first()
        if found is not None:
            return found
    return None


def _make_attributes(project: Project, wanted: Mapping[str, AttributeSaid]) -> None:
    there = set(CellAttribute.objects.filter(project=project, archived=False).values_list("name", flat=True))
    for name, one in sorted(wanted.items()):
        tidy = classes.tidy(name)
        if not tidy or tidy in there or one.kind not in AttributeKind.values:
            continue
        is_choice = one.kind == AttributeKind.CHOICE
        row = CellAttribute(
            project=project,
            name=tidy,
            kind=AttributeKind.TEXT if is_choice and not one.choices else one.kind,
            unit=one.unit[:20] if one.kind == AttributeKind.NUMBER else "",
            low=one.low,
            high=one.high,
            choices=list(one.choices) if is_choice else [],
            label_class=_class_of(project, one.of) if one.of else None,
            position=CellAttribute.objects.filter(project=project).count(),
        )
        schemas.check_attribute(row)
        row.save()


# ---------------------------------------------------------------- the facts


def brought(*, project: Project, opened: OpenedItem) -> Brought:
    """Facts of the cells that came along; a class or attribute that the project lacks is none."""
    into = _Into(project, opened)
    cells = (
        opened.mothers.keys() | opened.classes.keys() | opened.ignored | opened.merged.keys()
        | opened.told.said.keys() | opened.told.marks.keys()
    )  # fmt: skip
    made = Brought()
    for cell in sorted(cells):
        made.facts[cell] = into.facts(cell, made.left)
    return made


class _Into:
    """A project's classes and attributes by the names that a file gives them."""

    def __init__(self, project: Project, opened: OpenedItem) -> None:
        self.opened = opened
        self.schema: Schema = reading.current(project)
        self.attributes: dict[str, AttributeDef] = {
            one.name: one for one in self.schema.attributes.values() if not one.archived
        }
        self.by_name = {one.name: one.id for one in self.schema.classes.values()}

    def facts(self, cell: int, left: Counter[str]) -> CellFacts:
        """The facts of one cell; counts what is left out."""
        opened, said = self.opened, self.opened.told.said.get(cell, Said())
        marks = opened.told.marks.get(cell, {})
        ending, quality, channel = marks.get("ending"), marks.get("quality"), marks.get("channel")
        merged = opened.merged.get(cell)
        plain = CellFacts(
            mother=opened.mothers.get(cell),
            ignored=cell in opened.ignored,
            merged_into=merged,
            ending=str(ending) if ending is not None and merged is None else None,
            quality=float(quality) if quality is not None else None,
            channel=self.channel(channel),
            locked=bool(marks.get("locked")),
            uncertain=said.uncertain,
        )
        wished = [said.path or opened.classes.get(cell, ""), *said.also]
        several = with_classes(plain, [one for way in wished if way and (one := self.class_of(way))])
        kept = settled(several, self.schema.axis)
        if kept != several:
            left["Further classes that the project does not allow beside the main one"] += 1
        return with_attributes(kept, dict(self.values(said, left)))

    def channel(self, told: Mark | None) -> int | None:
        """The channel that a mask outlines, where the image has it."""
        known = told is not None and 0 <= int(told) < self.opened.source.shape_tczyx[1]
        return int(told) if told is not None and known else None

    def class_of(self, way: str) -> str | None:
        """The class that is in use under this way, or takes the place of it."""
        found = self.by_name.get(classes.tidy(way)) or self.by_name.get(
            classes.tidy(way.rsplit(BETWEEN, 1)[-1])
        )
        return self.schema.successor(found) if found else None

    def values(self, said: Said, left: Counter[str]) -> Iterable[tuple[str, AttributeValue]]:
        """Attributes by id, as far as the project's can hold the values."""
        for name, value in said.attributes.items():
            known = self.attributes.get(classes.tidy(name))
            made = convert(value, known, {}) if known else None
            if known is None or made is None:
                left[f"Values of “{name}” that the project's attribute cannot hold"] += 1
            else:
                yield known.id, made
