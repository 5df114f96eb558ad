"""Freezing: from now on the list of (image, revision, split) never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import BinaryField, F, Func

from annotation.models import CellState, Project, Revision, Tile
from backend.accounts.models import User
from backend.foundation import clock, events
from backend.foundation.errors import Invalid
from training.models import Snapshot, SnapshotItem
from training.models.snapshots import Include
from training.policies import projects as project_policies
from training.selectors import snapshots as selectors
from training.selectors.snapshots import Plan, Planned, Rule


class SnapshotIsEmpty(Invalid):
    """Nothing that the rule names may enter the snapshot."""


@transaction.atomic
def freeze(
    *, project: Project, name: str, rule: Rule, fractions: Mapping[str, float], seed: int, by: User
) -> Snapshot:
    """Freeze what `plan` shows. Raises NotAllowed, SnapshotIsEmpty, ImageUnknown, BadFractions."""
    project_policies.require_manager(user=by, project=project)
    plan = selectors.plan(project=project, rule=rule, fractions=fractions, seed=seed)
    check_not_empty(plan=plan, include=rule.include)
    snapshot = Snapshot.objects.create(
        project=project,
        name=name.strip() or f"Snapshot of {clock.now():%Y-%m-%d %H:%M}",
        digest=digest_of(items=plan.items),
        rule=rule.to_json(),
        seed=seed,
        fractions=dict(fractions),
        counts=plan.counts(),
        left_out=[
            {"image_id": str(out.image_id), "name": out.name, "reason": out.reason} for out in plan.left_out
        ],
        notice=plan.notice,
        created_by=by,
        created_at=clock.now(),
    )
    SnapshotItem.objects.bulk_create(_row(snapshot, item) for item in plan.items)
    events.publish("snapshot.created", project=project.pk, id=snapshot.pk)
    return snapshot


def check_not_empty(*, plan: Plan, include: Include = Include.ACCEPTED) -> None:
    """Raises SnapshotIsEmpty, saying what is missing; cells are not, where images alone are learned from."""
    if not plan.items:
        reasons = sorted({out.reason for out in plan.left_out})
        why = " ".join(reasons) if reasons else "The rule names no image."
        raise SnapshotIsEmpty(f"No image may enter this snapshot. {why}", left_out=len(plan.left_out))
    if plan.tallies["all"].cells == 0 and include != Include.IMAGES:
        raise SnapshotIsEmpty("The chosen revisions hold no cell, so there is nothing to learn from.")


def digest_of(*, items: Iterable[Planned]) -> str:
    """SHA-256 over what is learned from: imported bytes of each image, its labels and facts, and its split.

    Names and ids are left out, so the same data brought in elsewhere gives the same digest.
    """
    lines = sorted(
        json.dumps([item.image.content_sha256, _labels_digest(item), item.split.value]) for item in items
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _labels_digest(item: Planned) -> str:
    return labels_digest(revision=item.revision) if item.revision else ""


def labels_digest(*, revision: Revision) -> str:
    """SHA-256 over the tiles and the cell facts of one revision; the tiles are hashed inside the database."""
    digest = hashlib.sha256()
    for line in (*_tiles(revision), *_facts(revision)):
        digest.update(json.dumps(line).encode())
    return digest.hexdigest()


def _tiles(revision: Revision) -> list[list[Any]]:
    place = ("t", "z", "ty", "tx")
    rows = (
        Tile.objects.filter(branch_id=revision.branch_id, number__lte=revision.number)
        .order_by(*place, "-number")
        .distinct(*place)
        .annotate(sha256=Func(F("content"), function="sha256", output_field=BinaryField()))
        .values_list(*place, "sha256")
    )
    return [[*where, bytes(sha256).hex()] for *where, sha256 in rows]


def _facts(revision: Revision) -> list[list[Any]]:
    rows = (
        CellState.objects.filter(branch_id=revision.branch_id, number__lte=revision.number)
        .order_by("cell", "-number")
        .distinct("cell")
        .values_list("cell", "exists", "label_class__name", "mother", "also", "attributes", "uncertain")
    )
    # What was added to facts later is told only where somebody said it, so that older digests stay true.
    return [
        [cell, name, mother, *([more] if any(more) else [])]
        for cell, exists, name, mother, *more in rows
        if exists
    ]


def _row(snapshot: Snapshot, item: Planned) -> SnapshotItem:
    return SnapshotItem(
        snapshot=snapshot, image=item.image, revision=item.revision, split=item.split, group=item.group
    )
