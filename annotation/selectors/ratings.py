"""Images that were rated twice: who still rates, how far the two agree, and what a rater must not hear of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotation.core import difference_pictures, rater_agreement
from annotation.core.bootstrap import Estimate
from annotation.core.frame_differences import Tiles
from annotation.core.rater_agreement import PairCounts
from annotation.models import LabelClass, Project, Revision, Task, TaskState, TileHead, veil
from annotation.models.ownership import projects_of
from annotation.models.tasks import HANDED_IN
from annotation.selectors import changes, labels
from backend.accounts.models import Role, User

PAIRS_REMEMBERED = 4096
# Of a movie only so many frames are looked at for the picture.
MOST_FRAMES = 64


# ---------------------------------------------------------------- what is hidden


@dataclass(frozen=True, slots=True)
class Veil:
    """What one person must not hear of in a project: of `images` everything but one branch each, and these
    `branches`."""

    images: Mapping[str, str]
    branches: frozenset[str]

    def hides(self, facts: Mapping[str, Any]) -> bool:
        """Is an event about labels that are hidden? Its `image` and `branch` say whose labels they are; an
        image's own events carry neither."""
        image, branch = facts.get("image"), facts.get("branch")
        if branch is not None and branch in self.branches:
            return True
        return image in self.images and branch != self.images[str(image)]


def veil_of(*, user: User, project: UUID) -> Veil:
    """What `user` must not hear of now."""
    own = veil.own_blind_tasks(user).filter(project=project).values_list("image", "branch")
    reviewed = projects_of(user, at_least=Role.REVIEWER)
    others = veil.others_ratings(user, reviewed=reviewed).filter(project=project)
    return Veil(
        {str(image): str(branch) for image, branch in own},
        frozenset(str(pk) for pk in others.values_list("branch", flat=True)),
    )


# ---------------------------------------------------------------- pairs


class Stage(StrEnum):
    """Where two ratings stand: the second is still to begin, at least one is drawn, both are handed in, or
    somebody has decided."""

    WAITING = "WAITING"
    UNDER_WAY = "UNDER_WAY"
    READY = "READY"
    SETTLED = "SETTLED"


@dataclass(frozen=True, slots=True)
class Pair:
    """One image rated twice: the `second` task, blind, and the `first`, of which it knows nothing."""

    second: Task
    first: Task | None
    stage: Stage
    begins_at: datetime | None

    @property
    def is_repeat(self) -> bool:
        """The same person again, not another one."""
        return self.second.repeat_after_days is not None

    @property
    def revisions(self) -> tuple[Revision, Revision] | None:
        """What the two handed in, once both have."""
        one, two = self.second.compared_with, self.second.submitted_revision
        both = self.stage in (Stage.READY, Stage.SETTLED)
        return (one, two) if both and one is not None and two is not None else None


def list_ratings(*, user: User, project: Project) -> QuerySet[Task]:
    """The blind tasks of a project that `user` may see, the newest first, with the tasks that they repeat."""
    rows = Task.objects.visible_to(user).filter(project=project, blind=True)
    rows = rows.exclude(state=TaskState.CANCELLED).select_related(
        "image__dataset", "branch", "assignee", "compared_with__branch", "submitted_revision__branch",
        "second_of__assignee", "second_of__branch", "second_of__submitted_revision", "project__team",
    )  # fmt: skip
    return rows.order_by("-created_at", "pk")


def own_unsettled(*, user: User) -> QuerySet[Task]:
    """The ratings that `user` makes blind and nobody has settled: of these they are told nothing."""
    return Task.objects.filter(pk__in=veil.own_blind_tasks(user).values("pk"))


def pairs_of(rows: Iterable[Task]) -> list[Pair]:
    """These blind tasks, each beside the task whose work it rates again."""
    return [_pair(row) for row in rows]


def _pair(second: Task) -> Pair:
    first = second.second_of
    begins = None
    if second.repeat_after_days is not None and first is not None and first.submitted_revision is not None:
        begins = first.submitted_revision.created_at + timedelta(days=second.repeat_after_days)
    if second.state == TaskState.ACCEPTED:
        stage = Stage.SETTLED
    elif second.state == TaskState.SUBMITTED and second.compared_with is not None:
        stage = Stage.READY if first is None or first.state in HANDED_IN else Stage.UNDER_WAY
    else:
        stage = Stage.WAITING if second.state == TaskState.OPEN else Stage.UNDER_WAY
    return Pair(second, first, stage, begins)


# ---------------------------------------------------------------- agreement


@dataclass(frozen=True, slots=True)
class ImageAgreement:
    """How far the two ratings of one image agree; measures without intervals."""

    pair: Pair
    measures: Mapping[str, float]
    first_cells: int
    second_cells: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over all images rated twice by now: pooled measures with intervals, and image by image, least agreed
    first."""

    measures: Mapping[str, Estimate]
    images: Sequence[ImageAgreement]
    table: Mapping[tuple[str, str], int]


def agreement(pairs: Iterable[Pair]) -> Agreement:
    """The agreement of those pairs in which both are handed in."""
    counted = [(pair, counts_of(*pair.revisions)) for pair in pairs if pair.revisions is not None]
    images = [
        ImageAgreement(pair, _values(counts), counts.first_cells, counts.second_cells)
        for pair, counts in counted
    ]
    table: dict[tuple[str, str], int] = {}
    for _, counts in counted:
        for classes, cells in counts.classes.items():
            table[classes] = table.get(classes, 0) + cells
    return Agreement(
        rater_agreement.measures([counts for _, counts in counted]),
        sorted(images, key=lambda one: (one.measures["f1_50"], one.pair.second.image.name)),
        table,
    )


def _values(counts: PairCounts) -> dict[str, float]:
    return {name: one.value for name, one in rater_agreement.measures([counts]).items()}


def difference_picture(*, pair: Pair) -> bytes | None:
    """PNG of the frame on which the two ratings differ most; None before both are handed in."""
    if pair.revisions is None:
        return None
    return _pictured(pair.revisions[0].pk, pair.revisions[1].pk)


@lru_cache(maxsize=64)
def _pictured(first_id: UUID, second_id: UUID) -> bytes:
    rows = Revision.objects.select_related("image").in_bulk([first_id, second_id])
    image = rows[first_id].image
    drawn = (
        difference_pictures.masks(one, two, image.size_y, image.size_x)
        for one, two in islice(_frames(rows[first_id], rows[second_id]), MOST_FRAMES)
    )
    worst = max(drawn, key=lambda masks: int((masks[0] ^ masks[1]).sum()), default=None)
    return difference_pictures.png(*(worst or difference_pictures.masks({}, {}, image.size_y, image.size_x)))


def counts_of(first: Revision, second: Revision) -> PairCounts:
    """What two revisions of one image have in common. Revisions never change, so it is reckoned once."""
    return _counted(first.pk, second.pk)


@lru_cache(maxsize=PAIRS_REMEMBERED)
def _counted(first_id: UUID, second_id: UUID) -> PairCounts:
    rows = Revision.objects.select_related("image__dataset").in_bulk([first_id, second_id])
    first, second = rows[first_id], rows[second_id]
    names = _class_names(first)
    return rater_agreement.count(_frames(first, second), _classes(first, names), _classes(second, names))


def _frames(first: Revision, second: Revision) -> Iterator[tuple[Tiles, Tiles]]:
    """Every frame in which either has labels."""
    for t, z in frames_of(first.branch_id, second.branch_id):
        one, two = (
            changes.contents_at(branch_id=side.branch_id, number=side.number, t=t, z=z)
            for side in (first, second)
        )
        yield one, two


def frames_of(*branches: UUID) -> list[tuple[int, int]]:
    """(t, z) of the frames in which one of these branches has, or had, labels."""
    return sorted(set(TileHead.objects.filter(branch__in=branches).values_list("t", "z")))


def _class_names(revision: Revision) -> dict[str, str]:
    project = revision.image.dataset.project_id
    rows = LabelClass.objects.filter(project=project).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _classes(revision: Revision, names: Mapping[str, str]) -> dict[int, str]:
    facts = labels.facts_at(branch_id=revision.branch_id, number=revision.number)
    told = {cell: names.get(known.label_class or "", "") for cell, known in facts.items()}
    return {cell: name for cell, name in told.items() if name}
