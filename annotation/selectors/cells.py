"""Cells for lists and panels: facts with what was measured. No pixel is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from annotation.core.edits import CellFacts
from annotation.core.tiles import CellMeasures
from annotation.models import Branch
from annotation.selectors import labels


@dataclass(frozen=True, slots=True)
class CellMeasure:
    """One cell in one slice, px in image coordinates; bounds hold both ends."""

    z: int
    area_px: int
    y: float
    x: float
    y_min: int
    x_min: int
    y_max: int
    x_max: int


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell, its facts, and either the measures of one frame or the frames it spans."""

    cell: int
    facts: CellFacts
    first_t: int | None
    last_t: int | None
    area_px: int
    measures: tuple[CellMeasure, ...]


def list_cells(*, branch: Branch, t: int | None = None, revision: int | None = None) -> list[CellLine]:
    """The cells at the head or as of `revision`, ascending. With `t` only those in that frame, measured
    there; without it all, with their first and last frame. Raises `NoSuchFrame`, `NoSuchRevision`."""
    if t is not None:
        labels.check_frame(image=branch.image, t=t, z=0)
    at = labels.get_revision(branch=branch, number=revision) if revision else None
    if revision == 0:
        return []
    facts = labels.cell_facts(branch=branch, revision=at)
    if t is None:
        spans = labels.cell_spans(branch=branch, revision=at)
        return [_spanned(cell, known, spans.get(cell)) for cell, known in facts.items()]
    measured: dict[int, list[CellMeasure]] = {}
    for z, measures in labels.cell_measures(branch=branch, revision=at, t=t).items():
        for cell, line in _lines(z, measures):
            measured.setdefault(cell, []).append(line)
    return [
        _measured(cell, facts.get(cell, CellFacts()), t, lines) for cell, lines in sorted(measured.items())
    ]


def _spanned(cell: int, facts: CellFacts, span: labels.CellSpan | None) -> CellLine:
    first, last, area = span or (None, None, 0)
    return CellLine(cell, facts, first, last, area, ())


def _measured(cell: int, facts: CellFacts, t: int, lines: list[CellMeasure]) -> CellLine:
    return CellLine(cell, facts, t, t, sum(line.area_px for line in lines), tuple(lines))


def _lines(z: int, m: CellMeasures) -> Iterator[tuple[int, CellMeasure]]:
    columns = (m.area_px, m.centroid_y.round(2), m.centroid_x.round(2), m.y_min, m.x_min, m.y_max, m.x_max)
    for cell, *row in zip(m.ids.tolist(), *(column.tolist() for column in columns), strict=True):
        yield cell, CellMeasure(z, *row)
