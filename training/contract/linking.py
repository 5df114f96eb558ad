"""What people have said of tracks before a linker runs, and what the linker says of them.

In: `labels/ID.links.json`, a `Constraints`; every linker keeps to it. Out: `outputs/ID.lineage.json`, a
`Lineage`, beside the labels `outputs/ID.zarr` in which each cell has one id over time. A detection is one
cell of one frame, named by (t, its id in the labels that came in): the same id may be another cell in
another frame.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from training.contract.errors import ContractError, InvalidResult
from training.contract.fields import FieldReader, JsonObject

FORMAT = 1


class InvalidConstraints(ContractError):
    """What people said of tracks contradicts itself, or is not as it must be written."""


class Kind(StrEnum):
    """What a link says of the earlier and the later cell."""

    SAME = "same"
    """They are one cell."""
    DAUGHTER = "daughter"
    """The later one is a daughter of the earlier one."""


class Detection(NamedTuple):
    """A cell in a frame: its id in the labels that came in."""

    t: int
    cell: int


class Link(NamedTuple):
    """Two detections, the later one at any later frame: `source.t < target.t`."""

    source: Detection
    target: Detection
    kind: Kind = Kind.SAME


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """Links that must be, pairs that must not be linked (neither as one cell nor as mother and daughter),
    detections that have nothing before them (`begins`) and such that have nothing after them (`ends`).

    A detection has at most one link into it; one that has a link SAME out of it has no other.
    """

    must: Sequence[Link] = ()
    must_not: Sequence[Link] = ()
    begins: Sequence[Detection] = ()
    ends: Sequence[Detection] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not or self.begins or self.ends)

    def check(self) -> None:
        """Raises InvalidConstraints for the first contradiction."""
        for link in (*self.must, *self.must_not):
            if link.source.t >= link.target.t:
                raise InvalidConstraints(f"{_told(link)}: the later cell must be in a later frame.")
        into: dict[Detection, Link] = {}
        out: dict[Detection, Link] = {}
        barred = {(link.source, link.target) for link in self.must_not}
        for link in self.must:
            before, after = into.get(link.target), out.get(link.source)
            if before is not None and before != link:
                raise InvalidConstraints(f"{_told(link)}, but also {_told(before)}; a cell comes from one.")
            if after not in (None, link) and Kind.SAME in (link.kind, after.kind if after else None):
                raise InvalidConstraints(f"{_told(link)}, but it already goes on otherwise.")
            if (link.source, link.target) in barred:
                raise InvalidConstraints(f"{_told(link)} is both asked for and forbidden.")
            into[link.target], out[link.source] = link, link
        for place, taken, word in ((self.begins, into, "before"), (self.ends, out, "after")):
            for one in place:
                if one in taken:
                    raise InvalidConstraints(
                        f"Cell {one.cell} in frame {one.t} has nothing {word} it, but {_told(taken[one])}."
                    )

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal; a link is [t, cell, later t, later cell, kind]."""
        return {
            "must": [_row(link) for link in self.must],
            "must_not": [_row(link) for link in self.must_not],
            "begins": [list(one) for one in self.begins],
            "ends": [list(one) for one in self.ends],
        }

    @staticmethod
    def from_json(data: object, *, where: str = "the constraints") -> "Constraints":
        """Reads and checks. Raises InvalidConstraints."""
        read = FieldReader(data, where=where, error=InvalidConstraints)
        found = Constraints(
            must=tuple(_link(row, read, "must") for row in read.items("must")),
            must_not=tuple(_link(row, read, "must_not") for row in read.items("must_not")),
            begins=tuple(_detection(row, read, "begins") for row in read.items("begins")),
            ends=tuple(_detection(row, read, "ends") for row in read.items("ends")),
        )
        found.check()
        return found

    @staticmethod
    def read(path: Path) -> "Constraints":
        """The constraints of a run's image; none where there is no file. Raises InvalidConstraints."""
        if not path.exists():
            return Constraints()
        try:
            return Constraints.from_json(json.loads(path.read_text(encoding="utf-8")), where=path.name)
        except (json.JSONDecodeError, UnicodeDecodeError) as problem:
            raise InvalidConstraints(f"{path.name} is not JSON: {problem}.") from None


@dataclass(frozen=True, kw_only=True)
class TrackedCell:
    """One cell over time, by its new id.

    `first`, `last`: its span; `missing`: frames within it in which it has no pixels. `division` is the
    chance, 0..1, that it is a daughter of `mother`. `quality` is the chance that its weakest link is right; 1
    for a cell of one frame. `merged_into`: the cell with which it became one outline after `last`.
    """

    cell: int
    first: int
    last: int
    missing: Sequence[int] = ()
    mother: int | None = None
    division: float | None = None
    quality: float = 1.0
    merged_into: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class LinkTable:
    """Links as columns of one length, sorted by t and cell; `cell` and `to_cell` are new ids.

    `to_t` is t + 1 but for links over a gap. `confidence` float32, 0..1: the chance that the link is right, 1
    where a person has `given` it. Where `cell` differs from `to_cell` the one is the other's mother.
    """

    t: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int64]
    to_t: npt.NDArray[np.int32]
    to_cell: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float32]
    given: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, eq=False, kw_only=True)
class Renamed:
    """Every detection once, sorted by t and `was`: what it was in the labels that came in, what it is now."""

    t: npt.NDArray[np.int32]
    was: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, eq=False, kw_only=True)
class Lineage:
    """What a linker made of one movie. `measured`: the scales it measured in it, by name.

    `links` holds every link: of a cell over time, over gaps, and from mother to daughter.
    """

    linker: str
    cells: Sequence[TrackedCell]
    links: LinkTable
    renamed: Renamed
    measured: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back; columns are lists."""
        return {
            "format": FORMAT,
            "linker": self.linker,
            "measured": self.measured,
            "cells": [_bare(cell) for cell in self.cells],
            "links": _lists(self.links),
            "renamed": _lists(self.renamed),
        }

    @staticmethod
    def from_json(data: object, *, where: str = "the lineage") -> "Lineage":
        """Raises InvalidResult."""
        read = FieldReader(data, where=where, error=InvalidResult)
        if read.integer("format", at_least=1, default=FORMAT) != FORMAT:
            raise read.refuse("format", f"{FORMAT}, the only format this version reads")
        return Lineage(
            linker=read.text("linker"),
            measured={name: float(value) for name, value in read.table("measured").items()},
            cells=tuple(_tracked(row, where) for row in read.items("cells")),
            links=LinkTable(**_columns(read, "links", LINK_COLUMNS)),
            renamed=Renamed(**_columns(read, "renamed", RENAMED_COLUMNS)),
        )

    def write(self, path: Path) -> None:
        """Writes the file so that a reader sees the old one or the new one; on one line, for it is long."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        temporary.write_text(json.dumps(self.to_json(), separators=(",", ":")), encoding="utf-8")
        temporary.replace(path)

    @staticmethod
    def read(path: Path) -> "Lineage":
        """Raises InvalidResult for a file that is missing, broken or not whole."""
        try:
            return Lineage.from_json(json.loads(path.read_text(encoding="utf-8")), where=path.name)
        except FileNotFoundError:
            raise InvalidResult(f"{path.name} is missing from {path.parent.name}.") from None
        except (json.JSONDecodeError, UnicodeDecodeError) as problem:
            raise InvalidResult(f"{path.name} is not JSON: {problem}.") from None


LINK_COLUMNS: dict[str, type[np.generic]] = {
    "t": np.int32,
    "cell": np.int64,
    "to_t": np.int32,
    "to_cell": np.int64,
    "confidence": np.float32,
    "given": np.bool_,
}
RENAMED_COLUMNS: dict[str, type[np.generic]] = {"t": np.int32, "was": np.int64, "cell": np.int64}


def _row(link: Link) -> list[Any]:
    return [*link.source, *link.target, link.kind.value]


def _told(link: Link) -> str:
    word = "is" if link.kind is Kind.SAME else "is a daughter of"
    source, target = link.source, link.target
    return f"Cell {target.cell} in frame {target.t} {word} cell {source.cell} of frame {source.t}"


def _link(row: object, read: FieldReader, name: str) -> Link:
    if not isinstance(row, list) or len(row) not in (4, 5) or (len(row) == 5 and row[4] not in set(Kind)):
        raise read.refuse(name, f"a list of links [t, cell, later t, later cell, {' or '.join(Kind)}]")
    kind = Kind(row[4]) if len(row) == 5 else Kind.SAME
    return Link(_detection(row[:2], read, name), _detection(row[2:4], read, name), kind)


def _detection(row: object, read: FieldReader, name: str) -> Detection:
    if not isinstance(row, list) or len(row) != 2 or not all(type(part) is int for part in row):
        raise read.refuse(name, "made of pairs of whole numbers: a frame and a cell in it")
    if row[0] < 0 or row[1] < 1:
        raise read.refuse(name, "made of frames from 0 and cells from 1")
    return Detection(*row)


def _bare(cell: TrackedCell) -> JsonObject:
    return {name: value for name, value in asdict(cell).items() if value not in (None, ())}


def _tracked(row: object, where: str) -> TrackedCell:
    read = FieldReader(row, where=where, error=InvalidResult)
    return TrackedCell(
        cell=read.integer("cell", at_least=1),
        first=read.integer("first", at_least=0),
        last=read.integer("last", at_least=0),
        missing=tuple(int(t) for t in read.items("missing")),
        mother=read.optional_integer("mother", at_least=1),
        division=read.optional_number("division", at_least=0, at_most=1),
        quality=read.number("quality", at_least=0, at_most=1),
        merged_into=read.optional_integer("merged_into", at_least=1),
    )


def _lists(table: LinkTable | Renamed) -> JsonObject:
    """Columns as lists; chances with four digits."""
    columns = {one.name: np.asarray(getattr(table, one.name)) for one in fields(table)}
    return {
        name: np.round(column.astype(np.float64), 4).tolist() if column.dtype.kind == "f" else column.tolist()
        for name, column in columns.items()
    }


def _columns(read: FieldReader, name: str, kinds: dict[str, type[np.generic]]) -> dict[str, Any]:
    told = read.table(name)
    try:
        columns = {word: np.asarray(told[word], kind) for word, kind in kinds.items()}
    except (KeyError, ValueError, TypeError, OverflowError):
        raise read.refuse(name, f"an object of the columns {', '.join(kinds)}") from None
    if len({column.shape for column in columns.values()}) != 1:
        raise read.refuse(name, "made of columns of one length")
    return columns
