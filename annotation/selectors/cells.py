"""Cells for lists and panels: facts with what was measured. No pixel is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotation.core.edits import CellFacts, TileKey
from annotation.core.tiles import CellMeasures, merge_stats
from annotation.models import Branch
from annotation.selectors import labels, regions
from annotation.selectors.regions import Life, Region


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
    t: int | None = None  # the frame of the measures and the tiles
    tiles: tuple[tuple[int, int], ...] | None = None  # (ty, tx) in which it lies there; None: not asked


def list_cells(
    *,
    branch: Branch,
    t: int | None = None,
    z: int | None = None,
    revision: int | None = None,
    region: Region | None = None,
) -> list[CellLine]:
    """The cells at the head or as of `revision`, ascending. With `t` only those in that frame, measured
    there; without it all, with their first and last frame; with `region` those in these tiles of (t, z).
    Raises `NoSuchFrame`, `NoSuchRevision`, `NoSuchRegion`."""
    if region is not None:
        return list_region(branch=branch, t=t or 0, z=z or 0, region=region, revision=revision)
    if t is not None:
        labels.check_frame(image=branch.image, t=t, z=0)
    at = labels.get_revision(branch=branch, number=revision) if revision else None
    if revision == 0:
        return []
    if t is None:
        facts = labels.cell_facts(branch=branch, revision=at)
        spans = labels.cell_spans(branch=branch, revision=at)
        return [_spanned(cell, known, spans.get(cell)) for cell, known in facts.items()]
    measured: dict[int, list[CellMeasure]] = {}
    for z, measures in labels.cell_measures(branch=branch, revision=at, t=t).items():
        for cell, line in _lines(z, measures):
            measured.setdefault(cell, []).append(line)
    facts = labels.facts_of_cells(branch=branch, revision=at, cells=measured.keys())
    return [
        _measured(cell, facts.get(cell, CellFacts()), t, lines) for cell, lines in sorted(measured.items())
    ]


def list_region(
    *, branch: Branch, t: int, z: int, region: Region, revision: int | None = None
) -> list[CellLine]:
    """The cells with pixels in these tiles, ascending, with the tiles in which each lies at (t, z).

    At the head a cell is measured whole, also where it leaves the region; as of an older `revision` only what
    lies inside is measured and named. Raises `NoSuchFrame`, `NoSuchRegion`, `NoSuchRevision`.
    """
    labels.check_frame(image=branch.image, t=t, z=z)
    inside = regions.within(branch.image, region)
    number = labels.get_revision(branch=branch, number=revision).number if revision else revision
    if number == 0:
        return []
    stats = regions.measures(branch_id=branch.pk, t=t, z=z, region=inside, number=number)
    if number is not None:
        return _as_of(branch, t, stats, number)
    cells = sorted({cell for tile in stats.values() for cell in tile.ids.tolist()})
    facts = labels.facts_of_cells(branch=branch, revision=None, cells=cells)
    lives = {cell: Life(facts.get(cell, CellFacts()), t, t, 0) for cell in cells}
    return _placed(branch, lives, dict.fromkeys(cells, t), z, stats)


def look_up(
    *, branch: Branch, cells: Sequence[int], t: int | None = None, z: int | None = None
) -> list[CellLine]:
    """These cells at the head, ascending: facts, first and last frame, measures and tiles in frame t (each in
    its own first frame when t is left out), in every slice or in slice z. Cells that do not exist are left
    out."""
    if t is not None or z is not None:
        labels.check_frame(image=branch.image, t=t or 0, z=z or 0)
    lives = regions.lives(branch_id=branch.pk, cells=set(cells))
    frames = {cell: t if t is not None else (life.first_t or 0) for cell, life in lives.items()}
    return _placed(branch, lives, frames, z, {})


def _placed(
    branch: Branch,
    lives: Mapping[int, Life],
    frames: Mapping[int, int],
    z: int | None,
    stats: Mapping[TileKey, CellMeasures],
) -> list[CellLine]:
    """Lines of cells, each with its tiles in its own frame; tiles of which no `stats` are given are read."""
    places = regions.places(branch_id=branch.pk, frames=frames, z=z)
    missing = {place.key for place in places} - stats.keys()
    known = {**stats, **regions.stats_of(branch_id=branch.pk, keys=missing)}
    measured = _measure_by_frame(known, frames)
    tiles: dict[int, set[tuple[int, int]]] = {}
    for place in places:
        tiles.setdefault(place.cell, set()).add((place.ty, place.tx))
    return [
        _living(cell, life, frames[cell], measured.get(cell, []), tiles.get(cell, set()))
        for cell, life in sorted(lives.items())
    ]


def _living(cell: int, life: Life, t: int, lines: list[CellMeasure], tiles: set[tuple[int, int]]) -> CellLine:
    area = sum(line.area_px for line in lines)
    return CellLine(cell, life.facts, life.first_t, life.last_t, area, tuple(lines), t, tuple(sorted(tiles)))


def _measure_by_frame(
    stats: Mapping[TileKey, CellMeasures], frames: Mapping[int, int]
) -> dict[int, list[CellMeasure]]:
    """Measures by slice of each cell in its own frame."""
    of_slice: dict[tuple[int, int], list[CellMeasures]] = {}
    for (t, z, *_), tile in sorted(stats.items()):
        of_slice.setdefault((t, z), []).append(tile)
    measured: dict[int, list[CellMeasure]] = {}
    for (t, z), several in of_slice.items():
        for cell, line in _lines(z, merge_stats(several)):
            if frames.get(cell) == t:
                measured.setdefault(cell, []).append(line)
    return measured


def _as_of(branch: Branch, t: int, stats: Mapping[TileKey, CellMeasures], number: int) -> list[CellLine]:
    tiles: dict[int, set[tuple[int, int]]] = {}
    for (_, _, ty, tx), tile in stats.items():
        for cell in tile.ids.tolist():
            tiles.setdefault(cell, set()).add((ty, tx))
    facts = labels.facts_at(branch_id=branch.pk, number=number, cells=tiles.keys())
    measured = _measure_by_frame(stats, dict.fromkeys(tiles, t))
    return [
        _living(cell, Life(facts.get(cell, CellFacts()), t, t, 0), t, measured[cell], tiles[cell])
        for cell in sorted(tiles)
    ]


def _spanned(cell: int, facts: CellFacts, span: labels.CellSpan | None) -> CellLine:
    first, last, area = span or (None, None, 0)
    return CellLine(cell, facts, first, last, area, ())


def _measured(cell: int, facts: CellFacts, t: int, lines: list[CellMeasure]) -> CellLine:
    return CellLine(cell, facts, t, t, sum(line.area_px for line in lines), tuple(lines), t)


def _lines(z: int, m: CellMeasures) -> Iterator[tuple[int, CellMeasure]]:
    columns = (m.area_px, m.centroid_y.round(2), m.centroid_x.round(2), m.y_min, m.x_min, m.y_max, m.x_max)
    for cell, *row in zip(m.ids.tolist(), *(column.tolist() for column in columns), strict=True):
        yield cell, CellMeasure(z, *row)
