"""How much of a model's proposals people corrected. Training comes and looks; annotation never tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.matching import Overlaps
from annotation.models import Revision, Tile
from annotation.selectors import labels
from backend.foundation import clock, events
from training.models import Correction, Prediction

THRESHOLDS = (0.5, 0.75, 0.9)
PREDICTIONS_AT_ONCE = 50

Planes = NDArray[np.uint32]


@dataclass
class Comparison:
    """What became of the proposed cells, by id; matches count cells per frame, as {IoU: [TP, FP, FN]}."""

    untouched: int = 0
    added: int = 0
    removed: int = 0
    changed_ious: list[float] = field(default_factory=list)
    matches: dict[str, list[int]] = field(default_factory=dict)


def score_new(*, at_once: int = PREDICTIONS_AT_ONCE) -> int:
    """Score predictions whose branch has a newly accepted revision.

    Answers how many; a second call finds none.
    """
    waiting = list(unscored().select_related("image__dataset", "revision__image")[:at_once])
    for prediction in waiting:
        score(prediction=prediction)
    return len(waiting)


def unscored() -> QuerySet[Prediction]:
    """Predictions with an accepted descendant that is not the one they were scored against."""
    newest = _accepted_on(OuterRef("branch_id"), OuterRef("revision__number")).values("pk")[:1]
    found = Prediction.objects.annotate(accepted_id=Subquery(newest)).filter(accepted_id__isnull=False)
    return found.filter(Q(correction__isnull=True) | ~Q(correction__revision_id=F("accepted_id"))).order_by(
        "created_at"
    )


@transaction.atomic
def score(*, prediction: Prediction) -> Correction | None:
    """Compare a prediction with the newest accepted revision on its branch; None when none was accepted."""
    Prediction.objects.select_for_update(of=("self",)).get(pk=prediction.pk)
    accepted = _accepted_on(prediction.branch_id, prediction.revision.number).select_related("image").first()
    if accepted is None:
        return None
    found = compare(proposed=prediction.revision, accepted=accepted)
    correction, _ = Correction.objects.update_or_create(
        prediction=prediction,
        defaults={
            "revision": accepted,
            "untouched_count": found.untouched,
            "changed_count": len(found.changed_ious),
            "added_count": found.added,
            "removed_count": found.removed,
            "mean_changed_iou": sum(found.changed_ious) / len(found.changed_ious)
            if found.changed_ious
            else None,
            "matches": found.matches,
            "scored_at": clock.now(),
        },
    )
    project = prediction.image.dataset.project_id
    if prediction.trained_model_id is not None:
        events.publish("trained_model.changed", project=project, id=prediction.trained_model_id)
    return correction


def compare(*, proposed: Revision, accepted: Revision) -> Comparison:
    """Compare two revisions of one branch by cell id. Only frames that were written between them are read.

    Nothing is said about cells that the accepted revision ignores, nor about proposed cells that lie for the
    most part in what it ignores there.
    """
    ignored = frozenset(cell for cell, fact in labels.cell_facts(revision=accepted).items() if fact.ignored)
    passed_over: set[int] = set(ignored)
    lost: Counter[int] = Counter()
    gained: Counter[int] = Counter()
    result = Comparison(matches={f"{threshold:g}": [0, 0, 0] for threshold in THRESHOLDS})
    changed = _changed_frames(proposed, accepted)
    for t, z in sorted(changed):
        before = labels.read_planes(revision=proposed, t=t, z=z)
        after = labels.read_planes(revision=accepted, t=t, z=z)
        if ignored:
            hidden = _hidden_cells(before, after, ignored)
            passed_over |= hidden
            before, after = _without(before, hidden), _without(after, ignored)
        table = matching.overlaps(after, before)
        _count_pixels(table, lost, gained)
        _count_matches(table, result)
    _count_frames_left_alone(proposed, changed, result, ignored)
    _count_cells(proposed, accepted, lost, gained, result, passed_over)
    return result


def _hidden_cells(before: Planes, after: Planes, ignored: Collection[int]) -> set[int]:
    """Ignored cells, and proposed ones of which more than half lies in ignored cells; planes (p, y, x)."""
    region = np.isin(after, list(ignored)).any(0)
    ids, areas = np.unique(before[before > 0], return_counts=True)
    shown, inside = np.unique(before[:, region], return_counts=True)
    covered = dict(zip(shown.tolist(), inside.tolist(), strict=True))
    hidden = {c for c, area in zip(ids.tolist(), areas.tolist(), strict=True) if 2 * covered.get(c, 0) > area}
    return hidden | set(ignored)


def _without(planes: Planes, cells: Collection[int]) -> Planes:
    return np.where(np.isin(planes, list(cells)), 0, planes).astype(np.uint32)


def _accepted_on(branch: Any, number: Any) -> QuerySet[Revision]:
    """Accepted revisions of a branch from a number on, newest first; the arguments may be columns of an outer
    query.
    """
    accepted = Revision.objects.accepted().filter(branch_id=branch, number__gte=number)
    return accepted.order_by("-accepted_at", "-number")


def _changed_frames(proposed: Revision, accepted: Revision) -> set[tuple[int, int]]:
    written = Tile.objects.filter(
        branch_id=proposed.branch_id, number__gt=proposed.number, number__lte=accepted.number
    )
    return set(written.values_list("t", "z").distinct())


def _count_pixels(table: Overlaps, lost: Counter[int], gained: Counter[int]) -> None:
    """Pixels that each cell lost and gained in one frame; the table's truth is what was accepted."""
    same = table.truth_ids[table.rows] == table.predicted_ids[table.columns]
    shared = dict(
        zip(table.truth_ids[table.rows[same]].tolist(), table.shared_px[same].tolist(), strict=True)
    )
    for cell, area in zip(table.predicted_ids.tolist(), table.predicted_area_px.tolist(), strict=True):
        lost[cell] += area - shared.get(cell, 0)
    for cell, area in zip(table.truth_ids.tolist(), table.truth_area_px.tolist(), strict=True):
        gained[cell] += area - shared.get(cell, 0)


def _count_matches(table: Overlaps, result: Comparison) -> None:
    for threshold in THRESHOLDS:
        found = matching.match_overlaps(table, threshold)
        counts = result.matches[f"{threshold:g}"]
        counts[0] += len(found.truth)
        counts[1] += len(found.invented)
        counts[2] += len(found.missed)


def _count_frames_left_alone(
    proposed: Revision, changed: set[tuple[int, int]], result: Comparison, ignored: Collection[int]
) -> None:
    """In frames that nobody touched every proposed cell matches itself."""
    for t in range(proposed.image.size_t):
        for z, measures in labels.cell_measures(revision=proposed, t=t).items():
            if (t, z) not in changed:
                for found in result.matches.values():
                    found[0] += len(set(measures.ids.tolist()) - set(ignored))


def _count_cells(
    proposed: Revision,
    accepted: Revision,
    lost: Counter[int],
    gained: Counter[int],
    result: Comparison,
    passed_over: Collection[int],
) -> None:
    before, after = (
        {cell: span for cell, span in labels.cell_spans(revision=revision).items() if cell not in passed_over}
        for revision in (proposed, accepted)
    )
    result.removed = len(before.keys() - after.keys())
    result.added = len(after.keys() - before.keys())
    for cell in before.keys() & after.keys():
        if not lost[cell] and not gained[cell]:
            result.untouched += 1
            continue
        kept = before[cell].area_px - lost[cell]
        result.changed_ious.append(kept / (before[cell].area_px + gained[cell]))
