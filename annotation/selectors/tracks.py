"""Tracks of a branch: in which frames is which cell, who comes from whom, what looks wrong.

No pixel is read, but to confirm that two cells overlap.
"""

from dataclasses import dataclass

import numpy as np
from django.db import connection

from annotation.core import alert_marks, alerts, observations, repairs
from annotation.core.alerts import Alert, Overlap
from annotation.core.edits import CellFacts
from annotation.core.observations import Followed, Hole, Observations
from annotation.core.repairs import Repair
from annotation.core.tiles import CellMeasures
from annotation.models import AlertDismissal, Branch, Revision
from annotation.selectors import labels, regions
from backend.foundation.errors import NotFound

NOTHING_SAID = CellFacts()


class NoSuchTrack(NotFound):
    """The branch has no cell of this number with pixels."""


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A cell through time: first and last frame, the frames missing between them, and its facts."""

    cell: int
    first_t: int
    last_t: int
    gaps: tuple[Hole, ...]
    facts: CellFacts


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """A cell in one frame, px in image coordinates; bounds hold both ends, z is the mean plane.

    `step_px` is how far its centre moved from the frame before in which it was seen, None in the first.
    """

    t: int
    area_px: int
    z: float
    y: float
    x: float
    y_min: int
    x_min: int
    y_max: int
    x_max: int
    step_px: float | None


def list_tracks(*, branch: Branch, revision: int | None = None) -> list[TrackLine]:
    """Every cell that has pixels, ascending, at the head or as of `revision`. Raises `NoSuchRevision`."""
    at = _revision(branch, revision)
    if revision == 0:
        return []
    facts = labels.cell_facts(branch=branch, revision=at)
    # The measures of tiles are fewer rows than the tiles of cells: a third of the time, also at the head.
    seen = observe(branch=branch, revision=at)
    tracks, holes = observations.tracks_of(seen), observations.holes_of(seen.cell, seen.t)
    spans = zip(tracks.cell.tolist(), tracks.first.tolist(), tracks.last.tolist(), strict=True)
    return [
        TrackLine(cell, first, last, tuple(holes.get(cell, ())), facts.get(cell, NOTHING_SAID))
        for cell, first, last in spans
    ]


def _revision(branch: Branch, number: int | None) -> Revision | None:
    return labels.get_revision(branch=branch, number=number) if number else None


# ---------------------------------------------------------------- one track


def read_track(*, branch: Branch, cell: int, revision: int | None = None) -> list[TrackPoint]:
    """A cell's measures frame by frame, at the head or as of `revision`. Raises `NoSuchTrack`,
    `NoSuchRevision`."""
    at = _revision(branch, revision)
    if at is None:
        seen = _observe_cell(branch, cell)
    else:
        seen = observe(branch=branch, revision=at)
        seen = seen[seen.cell == cell]
    if len(seen) == 0 or revision == 0:
        raise NoSuchTrack(f"Cell {cell} has no pixels on the branch {branch.name}.")
    return _points(seen)


def _observe_cell(branch: Branch, cell: int) -> Observations:
    """The rows of one cell at the head, from the tiles in which it lies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t, z, ty, tx FROM annotation_celltile WHERE branch_id = %s AND cell = %s",
            [branch.pk, cell],
        )
        keys = [(t, z, ty, tx) for t, z, ty, tx in cursor.fetchall()]
    stats = regions.stats_of(branch_id=branch.pk, keys=keys)
    seen = observations.gather((t, z, measures) for (t, z, *_), measures in stats.items())
    return seen[seen.cell == cell]


def _points(seen: Observations) -> list[TrackPoint]:
    step = np.hypot(np.diff(seen.y), np.diff(seen.x)).round(2).tolist()
    columns = (
        seen.t, seen.area_px, seen.z.round(2), seen.y.round(2), seen.x.round(2), seen.y_min, seen.x_min,
        seen.y_max, seen.x_max,
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), [None, *step], strict=True)
    return [TrackPoint(*row) for row in rows]


# ---------------------------------------------------------------- alerts


def observe(*, branch: Branch, revision: Revision | None = None) -> Observations:
    """Every cell in every frame, at the head or as of `revision`."""
    number = None if revision is None else revision.number
    stats = labels.tile_stats(branch.pk, number)
    return observations.gather((t, z, CellMeasures.from_bytes(row)) for t, z, row in stats)


def follow(*, branch: Branch, revision: int | None = None) -> Followed:
    """What is known of the tracks of a branch, for the rules of alerts and repairs."""
    at = _revision(branch, revision)
    facts = {} if revision == 0 else labels.cell_facts(branch=branch, revision=at)
    seen = observations.gather([]) if revision == 0 else observe(branch=branch, revision=at)
    image = branch.image
    return Followed(
        seen=seen,
        mothers=[(cell, known.mother) for cell, known in facts.items() if known.mother is not None],
        frames=image.size_t,
        height=image.size_y,
        width=image.size_x,
        merged={cell: known.merged_into for cell, known in facts.items() if known.merged_into is not None},
        ended=frozenset(cell for cell, known in facts.items() if known.ending is not None),
        settled=frozenset(cell for cell, known in facts.items() if known.locked or known.ignored),
    )


@dataclass(frozen=True, slots=True)
class MarkedAlert:
    """An alert, the mark of the cells that it was told about, and who has set it aside."""

    alert: Alert
    mark: str
    dismissal: AlertDismissal | None


def list_alerts(*, branch: Branch, revision: int | None = None) -> list[Alert]:
    """The suspicious places of a movie, by frame; none where there is one frame. Raises `NoSuchRevision`."""
    return [one.alert for one in list_marked_alerts(branch=branch, revision=revision)]


def list_marked_alerts(*, branch: Branch, revision: int | None = None) -> list[MarkedAlert]:
    """The same with what people have said of each; one of whose cells has changed since is new again."""
    if branch.image.size_t < 2:
        return []
    movie = follow(branch=branch, revision=revision)
    found = alerts.find(movie, overlaps=_overlaps(branch, _revision(branch, revision), movie.seen))
    marks = alert_marks.marks_of(movie, found)
    rows = AlertDismissal.objects.filter(branch=branch, mark__in=marks).select_related("author")
    dismissed = {row.mark: row for row in rows}
    return [MarkedAlert(alert, mark, dismissed.get(mark)) for alert, mark in zip(found, marks, strict=True)]


def _overlaps(branch: Branch, revision: Revision | None, seen: Observations) -> list[Overlap]:
    """Cells that share pixels, by reading the frames in which the bounds of two say that they might."""
    i, j = alerts.overlap_candidates(seen)
    by_frame: dict[int, list[tuple[int, int]]] = {}
    for t, a, b in zip(seen.t[i].tolist(), seen.cell[i].tolist(), seen.cell[j].tolist(), strict=True):
        by_frame.setdefault(t, []).append((a, b))
    slices = range(branch.image.size_z)
    found = []
    for t, pairs in by_frame.items():
        frames = [labels.frame_tiles(branch=branch, revision=revision, t=t, z=z) for z in slices]
        tiles = [content for frame in frames for content in frame.values()]
        found += [Overlap(t, a, b, shared) for (a, b), shared in alerts.shared_pixels(tiles, pairs).items()]
    return found


def list_repairs(*, branch: Branch, revision: int | None = None, limit: int | None = None) -> list[Repair]:
    """The edits that would put most links right, the highest expected gain first. Raises
    `NoSuchRevision`."""
    if branch.image.size_t < 2:
        return []
    return repairs.propose(follow(branch=branch, revision=revision))[:limit]
