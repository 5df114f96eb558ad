"""Reading releases: what is in one, whether it is still what it was, and how two differ."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, F, Func, QuerySet

from annotation.core.edits import CellFacts
from annotation.models import (
    Dataset,
    ExportWhich,
    Image,
    LabelClass,
    Release,
    ReleaseItem,
    Revision,
    Tile,
)
from annotation.selectors import labels, stacks
from annotation.selectors.stacks import Labelled
from backend.accounts.models import User

IMAGE_FACTS = (
    "size_t", "size_c", "size_z", "size_y", "size_x", "dtype", "channel_names", "pixel_size_z_um",
    "pixel_size_y_um", "pixel_size_x_um", "frame_interval_s", "group",
)  # fmt: skip
# Of a cell, all that is said of it but the lock, which is about editing.
CELL_FACTS = ("mother", "quality", "channel", "ignored", "merged_into", "ending")


def list_releases(*, dataset: Dataset, user: User) -> QuerySet[Release]:
    """The dataset's releases that `user` may see, the newest first."""
    return Release.objects.visible_to(user).filter(dataset=dataset).select_related("created_by")


def list_items(*, release: Release) -> QuerySet[ReleaseItem]:
    """The images of a release in their order."""
    return release.items.select_related("revision__branch", "image")


def chosen(*, dataset: Dataset, which: str) -> list[Revision]:
    """The revision of each image that a release made now would hold: the accepted one, or the newest."""
    images = Image.objects.ready().filter(dataset=dataset).select_related("current_branch")
    found = []
    for image in images.order_by("name", "pk"):
        if which == ExportWhich.ACCEPTED:
            revision = labels.accepted_revision(image)
        else:
            revision = labels.head_revision(image.current_branch) if image.current_branch else None
        if revision is not None:
            revision.image = image
            found.append(revision)
    return found


def image_facts(image: Image) -> dict[str, Any]:
    """Size, scale and channels of an image, as plain JSON."""
    return {name: getattr(image, name) for name in IMAGE_FACTS}


def classes_now(*, project_id: UUID) -> list[dict[str, Any]]:
    """The project's classes as a release keeps them."""
    rows = LabelClass.objects.filter(project_id=project_id).order_by("position", "name", "pk")
    return [
        {"id": str(row.pk), "name": row.name, "color": row.color, "archived": row.archived} for row in rows
    ]


def class_names(classes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """{id: name} of classes that a release keeps."""
    return {str(row["id"]): str(row["name"]) for row in classes}


# ---------------------------------------------------------------- digests


def labels_digest(*, revision: Revision, names: Mapping[str, str]) -> str:
    """SHA-256 over every tile and every cell's facts of a revision, classes by name."""
    digest = hashlib.sha256()
    for line in (*_tiles(revision), *_facts(revision, names)):
        digest.update(json.dumps(line).encode() + b"\n")
    return digest.hexdigest()


def _tiles(revision: Revision) -> list[list[Any]]:
    """[t, z, ty, tx, SHA-256 of the content], hashed inside the database; emptied tiles say nothing."""
    place = ("t", "z", "ty", "tx")
    rows = (
        Tile.objects.filter(branch_id=revision.branch_id, number__lte=revision.number)
        .order_by(*place, "-number")
        .distinct(*place)
        .annotate(sha256=Func(F("content"), function="sha256", output_field=BinaryField()))
        .values_list(*place, "sha256")
    )
    empty = hashlib.sha256(labels.EMPTY_CONTENT).digest()
    return [[*where, bytes(sha256).hex()] for *where, sha256 in rows if bytes(sha256) != empty]


def _facts(revision: Revision, names: Mapping[str, str]) -> list[list[Any]]:
    facts = labels.facts_at(branch_id=revision.branch_id, number=revision.number)
    return [
        [
            cell,
            names.get(known.label_class or "", None),
            *(getattr(known, name) for name in CELL_FACTS),
            *_said(known, names),
        ]
        for cell, known in sorted(facts.items())
    ]


def _said(known: CellFacts, names: Mapping[str, str]) -> list[Any]:
    """What was added to facts later; nothing where nobody said it, so that older digests stay true."""
    if not (known.also or known.attributes or known.uncertain):
        return []
    further = sorted(names.get(one, one) for one in known.also)
    return [further, [list(pair) for pair in known.attributes], known.uncertain]


def digest_of(*, classes: Sequence[Mapping[str, Any]], items: Iterable[ReleaseItem]) -> str:
    """SHA-256 over the contents: every image by its bytes, name and facts, its labels, and the classes.

    Ids are left out, so the same contents brought in elsewhere give the same digest.
    """
    words = sorted([row["name"], row["color"]] for row in classes)
    lines: list[Any] = [words]
    lines += [[item.name, item.facts, item.image_sha256, item.labels_sha256] for item in items]
    text = "\n".join(json.dumps(line, sort_keys=True) for line in lines)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """A release's digest, and what its contents give when they are read anew; names of images that differ."""

    digest: str
    found: str
    differing: list[str]

    @property
    def is_whole(self) -> bool:
        return self.digest == self.found and not self.differing


def prove(*, release: Release) -> Proof:
    """Read every label of the release again and compare."""
    names, items = class_names(release.classes), list(list_items(release=release))
    differing = []
    for item in items:
        found = labels_digest(revision=item.revision, names=names)
        if found != item.labels_sha256 or item.image.content_sha256 != item.image_sha256:
            differing.append(item.name)
        item.labels_sha256, item.image_sha256 = found, item.image.content_sha256
    return Proof(release.digest, digest_of(classes=release.classes, items=items), differing)


# ---------------------------------------------------------------- contents


def labelled(*, release: Release) -> list[Labelled]:
    """Images and labels as they were when the release was made: names, scales and classes of then."""
    names = class_names(release.classes)
    return [
        stacks.of_revision(
            revision=item.revision, class_names=names, image_facts={**item.facts, "name": item.name}
        )
        for item in list_items(release=release)
    ]


def cells_by_class(*, revision: Revision, names: Mapping[str, str]) -> Counter[str]:
    """How many cells of each class, by name; "" for those without."""
    facts = labels.facts_at(branch_id=revision.branch_id, number=revision.number)
    return Counter(names.get(known.label_class or "", "") for known in facts.values())


class Became(StrEnum):
    SAME = "SAME"
    CHANGED = "CHANGED"
    ADDED = "ADDED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An image in two releases; what is missing on one side is None."""

    image: UUID
    name: str
    became: Became
    before: ReleaseItem | None
    after: ReleaseItem | None


def compare(*, base: Release, target: Release) -> list[ItemChange]:
    """Image by image, what differs comes first."""
    before = {item.image_id: item for item in list_items(release=base)}
    after = {item.image_id: item for item in list_items(release=target)}
    found = [_change(pk, before.get(pk), after.get(pk)) for pk in before.keys() | after.keys()]
    return sorted(found, key=lambda one: (one.became is Became.SAME, one.name, str(one.image)))


def _change(pk: UUID, before: ReleaseItem | None, after: ReleaseItem | None) -> ItemChange:
    if before is None or after is None:
        one = after or before
        assert one is not None
        return ItemChange(pk, one.name, Became.ADDED if after else Became.REMOVED, before, after)
    same = (before.labels_sha256, before.image_sha256, before.facts, before.name) == (
        after.labels_sha256, after.image_sha256, after.facts, after.name,
    )  # fmt: skip
    return ItemChange(pk, after.name, Became.SAME if same else Became.CHANGED, before, after)
