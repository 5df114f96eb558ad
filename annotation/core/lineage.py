"""The forest of mothers and daughters: what is allowed, what is broken and where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong with a cell's mother."""

    OWN_MOTHER = "OWN_MOTHER"
    UNKNOWN_MOTHER = "UNKNOWN_MOTHER"
    CIRCLE = "CIRCLE"
    BEFORE_MOTHER_BEGINS = "BEFORE_MOTHER_BEGINS"
    BEFORE_MOTHER_ENDS = "BEFORE_MOTHER_ENDS"
    TOO_MANY_DAUGHTERS = "TOO_MANY_DAUGHTERS"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, at which cell and which mother, in words."""

    fault: Fault
    cell: int
    mother: int
    message: str


@dataclass(frozen=True, slots=True)
class Span:
    """First and last frame in which a cell has pixels, both included."""

    first: int
    last: int


def check(
    mothers: Mapping[int, int],
    *,
    cells: Collection[int],
    spans: Mapping[int, Span] | None = None,
    most_daughters: int | None = None,
) -> list[Finding]:
    """Every fault of a lineage `{daughter: mother}` among the cells that exist, sorted by cell.

    A daughter must begin after its mother's last frame, where `spans` are given. An empty list: all in order.
    """
    findings = []
    circular = cells_in_circles(mothers)
    for cell, mother in sorted(mothers.items()):
        fault = _fault(cell, mother, cells, circular, spans or {})
        if fault:
            findings.append(Finding(fault, cell, mother, _SENTENCES[fault].format(cell=cell, mother=mother)))
    if most_daughters is not None:
        findings += _crowded(mothers, most_daughters)
    return findings


def _fault(
    cell: int, mother: int, cells: Collection[int], circular: Collection[int], spans: Mapping[int, Span]
) -> Fault | None:
    if cell == mother:
        return Fault.OWN_MOTHER
    if mother not in cells:
        return Fault.UNKNOWN_MOTHER
    if cell in circular:
        return Fault.CIRCLE
    if cell in spans and mother in spans and spans[cell].first <= spans[mother].last:
        return Fault.BEFORE_MOTHER_ENDS
    return None


def born_before_mothers(mothers: Mapping[int, int], begins: Mapping[int, int]) -> list[Finding]:
    """Daughters that begin in an earlier frame than their mothers, ascending; `begins` is the first frame of
    each cell that has one."""
    fault = Fault.BEFORE_MOTHER_BEGINS
    return [
        Finding(
            fault, cell, mother,
            f"Cell {cell} begins in frame {begins[cell]}, before cell {mother}, which begins in frame "
            f"{begins[mother]}: a mother is there before her daughter.",
        )
        for cell, mother in sorted(mothers.items())
        if cell in begins and mother in begins and begins[cell] < begins[mother]
    ]  # fmt: skip


def _crowded(mothers: Mapping[int, int], most: int) -> list[Finding]:
    fault = Fault.TOO_MANY_DAUGHTERS
    return [
        Finding(
            fault, mother, mother, f"Cell {mother} has {len(several)} daughters; at most {most} are allowed."
        )
        for mother, several in daughters(mothers).items()
        if len(several) > most
    ]


def cells_in_circles(mothers: Mapping[int, int]) -> set[int]:
    """Cells that are their own ancestor."""
    done: set[int] = set()
    circular: set[int] = set()
    for start in mothers:
        path: dict[int, int] = {}
        cell: int | None = start
        while cell is not None and cell not in done and cell not in path:
            path[cell] = len(path)
            cell = mothers.get(cell)
        if cell in path:
            circular.update(c for c, place in path.items() if place >= path[cell])
        done.update(path)
    return circular


def daughters(mothers: Mapping[int, int]) -> dict[int, list[int]]:
    """{mother: daughters ascending}, mothers ascending."""
    result: dict[int, list[int]] = {}
    for daughter, mother in sorted(mothers.items(), key=lambda item: (item[1], item[0])):
        result.setdefault(mother, []).append(daughter)
    return result


def founder(cell: int, mothers: Mapping[int, int]) -> int:
    """The first known ancestor of a cell. Raises ValueError when its line goes in a circle."""
    seen = {cell}
    while cell in mothers:
        cell = mothers[cell]
        if cell in seen:
            raise ValueError(f"The line of cell {cell} goes in a circle.")
        seen.add(cell)
    return cell


_SENTENCES = {
    Fault.OWN_MOTHER: "Cell {cell} is its own mother.",
    Fault.UNKNOWN_MOTHER: "Cell {cell} has mother {mother}, which does not exist.",
    Fault.CIRCLE: "Cell {cell} is its own ancestor, through mother {mother}.",
    Fault.BEFORE_MOTHER_ENDS: "Cell {cell} begins before its mother {mother} has ended.",
}
