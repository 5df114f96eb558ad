"""Any two states of an image's labels side by side: revisions of a branch, branches, raters, models."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from annotation.core import frame_differences
from annotation.core.edits import CellFacts
from annotation.core.frame_differences import FrameComparison
from annotation.core.tiles import CellMeasures
from annotation.models import Branch, CellTile, TileHead
from annotation.selectors import changes, labels
from annotation.selectors.changes import CellDifference, ChangeKind
from backend.foundation.errors import Invalid

LEAST_IOU = 0.3
AGREED_IOU = 0.5


class NotOneImage(Invalid):
    """The two states are not of the same image."""


@dataclass(frozen=True, slots=True)
class State:
    """The labels of a branch as of a revision; number 0 is the branch before its first."""

    branch: Branch
    number: int


def state(*, branch: Branch, number: int | None = None) -> State:
    """The state at `number`, or at the head. Raises `NoSuchRevision`."""
    if number is None:
        return State(branch, branch.head_number)
    if number != 0:
        labels.get_revision(branch=branch, number=number)
    return State(branch, number)


@dataclass(frozen=True, slots=True)
class Tally:
    """Cells, each counted in every frame where it is: differing, the same, and how alike what was paired is.

    `f1` counts a pair as agreed from an IoU of 0.5 on: 2 agreed / (cells before + cells after).
    """

    added: int
    removed: int
    changed: int
    facts: int
    same: int
    mean_iou: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two states of one image."""

    base: State
    target: State
    rows: list[CellDifference]
    tally: Tally


def compare(*, base: State, target: State, least_iou: float = LEAST_IOU) -> Comparison:
    """Differences of `target` from `base`, by frame and cell, least alike first.

    On one branch cells are compared by id, and only frames that were touched in between are read; across
    branches they are paired by overlap (`least_iou`) and every frame with labels is read. A class, mother or
    another fact that differs is a row FACTS at the place where the cell is seen first. Raises `NotOneImage`.
    """
    if base.branch.image_id != target.branch.image_id:
        raise NotOneImage("Both sides must be labels of the same image.")
    reader = _Reader(base, target, least_iou)
    rows, tally = reader.read()
    return Comparison(base, target, sorted(rows, key=_likeness), tally)


def _likeness(row: CellDifference) -> tuple[float, int, int, int]:
    alike = 2.0 if row.change is ChangeKind.FACTS else (row.iou or 0.0)
    return alike, row.t or 0, row.z or 0, row.cell


class _Reader:
    """Walks the frames of two states."""

    def __init__(self, base: State, target: State, least_iou: float) -> None:
        self.base, self.target, self.least_iou = base, target, least_iou
        self.one_branch = base.branch.pk == target.branch.pk

    def read(self) -> tuple[list[CellDifference], Tally]:
        rows: list[CellDifference] = []
        ious: list[float] = []
        for t, z in self._frames():
            compared = self._compared(t, z)
            rows += changes.rows_of(compared, t=t, z=z)
            ious += [pair.iou for pair in compared.pairs]
            if not self.one_branch:
                rows += self._facts_in(compared, t, z)
        if self.one_branch:
            rows += self._facts_of_branch()
            ious += [1.0] * self._untouched()
        return rows, _tally(rows, ious)

    def _compared(self, t: int, z: int) -> FrameComparison:
        before, after = (
            changes.contents_at(branch_id=side.branch.pk, number=side.number, t=t, z=z)
            for side in (self.base, self.target)
        )
        if self.one_branch:
            return frame_differences.by_id(before, after)
        return frame_differences.by_overlap(before, after, least_iou=self.least_iou)

    def _frames(self) -> list[tuple[int, int]]:
        heads = TileHead.objects.filter(branch__in=[self.base.branch, self.target.branch])
        if self.one_branch:
            heads = heads.filter(number__gt=min(self.base.number, self.target.number))
        return sorted(set(heads.values_list("t", "z")))

    def _untouched(self) -> int:
        """Cells in the frames that nobody touched in between."""
        touched, found = set(self._frames()), set()
        for t, z, stats in labels.tile_stats(self.target.branch.pk, self.target.number):
            if (t, z) not in touched:
                found |= {(t, z, cell) for cell in CellMeasures.from_bytes(stats).ids.tolist()}
        return len(found)

    # ---- facts

    @cached_property
    def _facts(self) -> tuple[Mapping[int, CellFacts], Mapping[int, CellFacts]]:
        before, after = (
            labels.facts_at(branch_id=side.branch.pk, number=side.number) for side in (self.base, self.target)
        )
        return before, after

    def _facts_in(self, compared: FrameComparison, t: int, z: int) -> Iterator[CellDifference]:
        """Pairs whose class differs; other facts name cells or are a model's own and say nothing across."""
        before, after = self._facts
        for pair in compared.pairs:
            old, new = before.get(pair.before), after.get(pair.after)
            if old and new and old.label_class != new.label_class:
                yield CellDifference(
                    pair.after, ChangeKind.FACTS, t, z, round(pair.iou, 4), pair.area_before_px,
                    pair.area_after_px, *compared.centres[pair.after], pair.before,
                )  # fmt: skip

    def _facts_of_branch(self) -> list[CellDifference]:
        before, after = self._facts
        differing = [cell for cell in sorted(before.keys() & after.keys()) if before[cell] != after[cell]]
        places = _first_places(self.target, differing)
        return [
            replace(places.get(cell, CellDifference(cell, ChangeKind.FACTS)), base_cell=cell)
            for cell in differing
        ]


def _first_places(at: State, cells: list[int]) -> dict[int, CellDifference]:
    """Where each cell is seen first, as rows FACTS; cells without pixels now are left out."""
    lying = CellTile.objects.filter(branch=at.branch, cell__in=cells).order_by("cell", "t", "z")
    first = {row.cell: (row.t, row.z) for row in lying.distinct("cell")}
    found = {}
    for t in sorted({t for t, _ in first.values()}):
        for z, measures in _measures_at(at, t).items():
            columns = (measures.ids, measures.area_px, measures.centroid_y, measures.centroid_x)
            for cell, area, y, x in zip(*(column.tolist() for column in columns), strict=True):
                if first.get(cell) == (t, z):
                    found[cell] = CellDifference(
                        cell, ChangeKind.FACTS, t, z, 1.0, area, area, round(y, 1), round(x, 1)
                    )
    return found


def _measures_at(at: State, t: int) -> dict[int, CellMeasures]:
    if at.number == 0:
        return {}
    return labels.cell_measures(revision=labels.get_revision(branch=at.branch, number=at.number), t=t)


def _tally(rows: list[CellDifference], ious: list[float]) -> Tally:
    kinds = Counter(row.change for row in rows)
    agreed = sum(iou >= AGREED_IOU for iou in ious)
    cells = 2 * len(ious) + kinds[ChangeKind.ADDED] + kinds[ChangeKind.REMOVED]
    return Tally(
        added=kinds[ChangeKind.ADDED],
        removed=kinds[ChangeKind.REMOVED],
        changed=kinds[ChangeKind.CHANGED],
        facts=kinds[ChangeKind.FACTS],
        same=sum(iou == 1.0 for iou in ious),
        mean_iou=sum(ious) / len(ious) if ious else None,
        f1=2 * agreed / cells if cells else None,
    )
