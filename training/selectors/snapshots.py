"""What a snapshot would hold, and what it holds."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet

from annotation.core import splits
from annotation.models import CellState, Image, ImageState, LabelClass, Project, Revision
from annotation.selectors import schemas
from backend.accounts.models import User
from backend.foundation.errors import Invalid, NotFound
from training.models import PredictedImage, Snapshot, SnapshotItem
from training.models.snapshots import Include, SnapshotQuerySet, Split
from training.policies import snapshots as policies

DEFAULT_FRACTIONS: Mapping[str, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}
# Branches asked about in one query; PostgreSQL plans a few hundred conditions well, thousands badly.
CELL_COUNT_BATCH = 200


class SnapshotMissing(NotFound):
    """There is no such snapshot, or not for this person."""


class BadFractions(Invalid):
    """The fractions of a split are no parts of a whole."""


class ImageUnknown(Invalid):
    """A rule names an image or a dataset that is not in the project."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which images a snapshot takes: datasets, single images, or both; accepted revisions unless told."""

    dataset_ids: Sequence[uuid.UUID] = ()
    image_ids: Sequence[uuid.UUID] = ()
    include: Include = Include.ACCEPTED

    def to_json(self) -> dict[str, Any]:
        """As kept with the snapshot."""
        return {
            "dataset_ids": [str(i) for i in self.dataset_ids],
            "image_ids": [str(i) for i in self.image_ids],
            "include": str(self.include),
        }


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How much there is; a frame is one time point, a cell is one id of one image."""

    images: int = 0
    frames: int = 0
    cells: int = 0
    groups: int = 0


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One image that a snapshot would take; without a revision where images alone are learned from."""

    image: Image
    revision: Revision | None
    group: str
    split: Split
    cells: int


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """One image that a snapshot would not take, and why."""

    image_id: uuid.UUID
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What freezing would give. `notice` says plainly when the split could not be as asked."""

    items: Sequence[Planned]
    left_out: Sequence[LeftOut]
    fractions: Mapping[str, float]
    seed: int
    notice: str = ""
    tallies: Mapping[str, Tally] = field(default_factory=dict)

    def counts(self) -> dict[str, dict[str, int]]:
        """`{"all": {images, frames, cells, groups}, "train": …, "validation": …, "test": …}`."""
        return {name: asdict(tally) for name, tally in self.tallies.items()}


def list_snapshots(*, user: User | AnonymousUser, project: uuid.UUID | None = None) -> SnapshotQuerySet:
    """Snapshots that this person may see, newest first."""
    found = policies.visible_to(user).select_related("created_by", "project")
    return found.filter(project_id=project) if project else found


def get_snapshot(*, user: User | AnonymousUser, snapshot_id: uuid.UUID | str) -> Snapshot:
    """Raises SnapshotMissing."""
    snapshot = list_snapshots(user=user).filter(pk=snapshot_id).first()
    if snapshot is None:
        raise SnapshotMissing("There is no such snapshot that you may see.")
    return snapshot


def list_items(*, snapshot: Snapshot) -> QuerySet[SnapshotItem]:
    """Its images with their revisions, side by side."""
    found = SnapshotItem.objects.filter(snapshot=snapshot)
    return found.select_related("image", "revision").order_by("split", "image__name", "image_id")


def plan(*, project: Project, rule: Rule, fractions: Mapping[str, float], seed: int) -> Plan:
    """What freezing this rule would give, without freezing. Raises ImageUnknown, BadFractions.

    Images that share a `group` (the positions of one well, the crops of one slide) stand on one side; a movie
    is one image. With fewer groups than sides that are asked for, everything is for training, and `notice`
    says so.
    """
    images = images_of(project=project, rule=rule)
    revisions = {} if rule.include == Include.IMAGES else revisions_of(images=images, include=rule.include)
    cells = count_cells(revisions=revisions.values())
    made = set(PredictedImage.objects.filter(made__in=images).values_list("made_id", flat=True))
    taken = [image for image in images if _may_enter(image, rule.include, revisions, made)]
    entered = {image.pk for image in taken}
    left_out = [
        LeftOut(image_id=image.pk, name=image.name, reason=_reason(image, rule.include))
        for image in images
        if image.pk not in entered
    ]
    sides, notice = _split(taken, fractions, seed)
    items = [
        Planned(
            image=image,
            revision=revisions.get(image.pk),
            group=group_of(image),
            split=side,
            cells=cells.get(revisions[image.pk].pk, 0) if image.pk in revisions else 0,
        )
        for image, side in zip(taken, sides, strict=True)
    ]
    return Plan(
        items=items,
        left_out=left_out,
        fractions=fractions,
        seed=seed,
        notice=notice,
        tallies=_tally(items),
    )


def group_of(image: Image) -> str:
    """What must not stand on two sides: the image's group, or the image itself."""
    return image.group or str(image.pk)


def images_of(*, project: Project, rule: Rule) -> list[Image]:
    """The images a rule names, each once, by name. Raises ImageUnknown for one outside the project."""
    known = set(project.datasets.filter(pk__in=rule.dataset_ids).values_list("pk", flat=True))
    if set(rule.dataset_ids) - known:
        raise ImageUnknown("dataset_ids: a dataset is not in this project.")
    named = set(
        Image.objects.filter(pk__in=rule.image_ids, dataset__project=project).values_list("pk", flat=True)
    )
    if set(rule.image_ids) - named:
        raise ImageUnknown("image_ids: an image is not in this project.")
    wanted = Q(dataset_id__in=known) | Q(pk__in=named)
    return list(Image.objects.filter(wanted).select_related("current_branch").order_by("name", "pk"))


def revisions_of(*, images: Sequence[Image], include: Include) -> dict[uuid.UUID, Revision]:
    """The revision a snapshot takes of each image: the newest accepted one, or the head of its current
    branch.
    """
    ready = [image.pk for image in images if image.state == ImageState.READY]
    found = Revision.objects.filter(image__in=ready).select_related("branch")
    if include == Include.ACCEPTED:
        newest = found.accepted().order_by("image_id", "-accepted_at", "-number").distinct("image_id")
    else:
        newest = found.filter(
            branch_id=F("image__current_branch_id"), number=F("branch__head_number")
        ).order_by("image_id")
    return {revision.image_id: revision for revision in newest}


def count_cells(*, revisions: Iterable[Revision]) -> dict[uuid.UUID, int]:
    """How many cells exist in each revision, counted in the database without reading a pixel."""
    wanted = list(revisions)
    counts: dict[uuid.UUID, int] = {}
    for start in range(0, len(wanted), CELL_COUNT_BATCH):
        counts |= _count_batch(wanted[start : start + CELL_COUNT_BATCH])
    return counts


def carried_classes(*, snapshot: Snapshot, level: int | None = None) -> list[str]:
    """Names of the classes that cells of the snapshot carry, in the project's order; of uncertain cells none.

    With a `level` of the tree of classes (0: its roots) those above them at that level. A class that was
    merged into another is that other one.
    """
    items = SnapshotItem.objects.filter(snapshot=snapshot, revision__isnull=False).select_related("revision")
    revisions = [item.revision for item in items if item.revision is not None]
    found: set[Any] = set()
    for start in range(0, len(revisions), CELL_COUNT_BATCH):
        newest = _newest_states(revisions[start : start + CELL_COUNT_BATCH])
        rows = newest.values_list("label_class_id", "exists", "uncertain", "also")
        for kind, exists, uncertain, also in rows:
            if exists and kind and not uncertain:
                found |= {str(kind), *also}
    schema = schemas.current(snapshot.project)
    told = {schema.at_level(schema.successor(one), level) for one in found}
    return list(LabelClass.objects.filter(pk__in=told).values_list("name", flat=True))


def _newest_states(revisions: Sequence[Revision]) -> QuerySet[CellState]:
    """The state of each cell, existing or not, as of the revisions."""
    upto = Q()
    for revision in revisions:
        upto |= Q(branch_id=revision.branch_id, number__lte=revision.number)
    return (
        CellState.objects.filter(upto).order_by("branch_id", "cell", "-number").distinct("branch_id", "cell")
    )


def _count_batch(revisions: Sequence[Revision]) -> dict[uuid.UUID, int]:
    newest = _newest_states(revisions)
    alive = Counter(branch for branch, exists in newest.values_list("branch_id", "exists") if exists)
    return {revision.pk: alive.get(revision.branch_id, 0) for revision in revisions}


def _may_enter(
    image: Image, include: Include, revisions: Mapping[uuid.UUID, Revision], made: Container[uuid.UUID]
) -> bool:
    """With its pinned revision; where images alone are learned from, unless a model made it."""
    if include == Include.IMAGES:
        return image.state == ImageState.READY and image.pk not in made
    return image.pk in revisions


def _reason(image: Image, include: Include) -> str:
    if image.state != ImageState.READY:
        return "It is still being imported."
    if include == Include.IMAGES:
        return "A model made it of another image."
    if include == Include.HEAD:
        return "It has no labels yet."
    if image.last_number == 0:
        return "It has no labels yet."
    return "No revision of its labels has been accepted yet."


def _split(images: Sequence[Image], fractions: Mapping[str, float], seed: int) -> tuple[list[Split], str]:
    groups = [group_of(image) for image in images]
    try:
        parts = splits.check_fractions(fractions)
        wanted = [name for name, part in parts.items() if part > 0]
        if len(set(groups)) >= len(wanted):
            return [Split(side) for side in splits.assign(groups, fractions, seed)], ""
    except splits.InvalidFractions as error:
        raise BadFractions(f"fractions: {error}") from error
    return [Split.TRAIN] * len(images), _too_few(len(set(groups)), wanted)


def _too_few(groups: int, wanted: Sequence[str]) -> str:
    if not groups:
        return ""
    there_are = "There is only one group" if groups == 1 else f"There are only {groups} groups"
    return (
        f"{there_are} of images, too few for {len(wanted)} sides ({', '.join(wanted)}), "
        "and a group is never split. "
        "Everything is used for training, so the scores of a model will say nothing about new images. "
        "Add images of other movies, wells or slides to get an honest score."
    )


def _tally(items: Sequence[Planned]) -> dict[str, Tally]:
    sides: dict[str, list[Planned]] = defaultdict(list)
    for item in items:
        sides[item.split.value].append(item)
    return {"all": _tally_of(items)} | {side: _tally_of(sides[side]) for side in Split.values}


def _tally_of(items: Sequence[Planned]) -> Tally:
    return Tally(
        images=len(items),
        frames=sum(item.image.size_t for item in items),
        cells=sum(item.cells for item in items),
        groups=len({item.group for item in items}),
    )
