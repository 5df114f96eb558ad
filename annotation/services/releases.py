"""Releases: a state of a dataset named for good, brought back, gone on from, and given away as a package."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from annotation.models import (
    Dataset,
    EditRecord,
    ExportWhich,
    Image,
    Release,
    ReleaseItem,
    Revision,
)
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import releases as selectors
from annotation.services import branching, labels
from annotation.services.naming import NameTaken
from annotation.services.release_papers import card, citation
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.clock import now
from backend.foundation.errors import Conflict


class NothingToRelease(Conflict):
    """No image of the dataset has such labels."""


@transaction.atomic
def make(
    *,
    dataset: Dataset,
    name: str,
    which: str = ExportWhich.ACCEPTED,
    title: str = "",
    notes: str = "",
    licence: str = "",
    authors: Sequence[Mapping[str, str]] = (),
    by: User,
) -> Release:
    """Name the present labels of a dataset for good. Raises RoleTooLow, NothingToRelease, NameTaken.

    Nothing of it changes afterwards: not its list, not its digest, not the words in which its classes and
    images were named.
    """
    access.require(by, dataset.project, Role.MANAGER)
    access.refuse_blind(by, dataset.project)
    revisions = selectors.chosen(dataset=dataset, which=which)
    if not revisions:
        what = "an accepted revision" if which == ExportWhich.ACCEPTED else "labels"
        raise NothingToRelease(f"No image of {dataset.name} has {what} yet.")
    classes = selectors.classes_now(project_id=dataset.project_id)
    items, counts = _items(revisions, selectors.class_names(classes))
    said: dict[str, Any] = {
        "title": title.strip() or dataset.name, "notes": notes, "licence": licence,
        "authors": [dict(author) for author in authors],
    }  # fmt: skip
    at, digest = now(), selectors.digest_of(classes=classes, items=items)
    papers = {**said, "version": name, "digest": digest, "at": at}
    release = Release(
        dataset=dataset, name=name, **said, classes=classes, counts=counts, digest=digest,
        citation=citation(**papers),
        card=card(**papers, counts=counts, project=dataset.project.name, dataset=dataset.name),
        created_by=by, created_at=at,
    )  # fmt: skip
    _keep(release, items)
    events.publish("release.created", project=dataset.project_id, id=release.pk, dataset=dataset.pk)
    return release


def _keep(release: Release, items: Sequence[ReleaseItem]) -> None:
    try:
        with transaction.atomic():
            release.save(force_insert=True)
    except IntegrityError as error:
        if "once_in" not in str(error):
            raise
        raise NameTaken(f"There is already a release “{release.name}” of this dataset.") from error
    for item in items:
        item.release = release
    ReleaseItem.objects.bulk_create(items)


def _items(
    revisions: Sequence[Revision], names: Mapping[str, str]
) -> tuple[list[ReleaseItem], dict[str, Any]]:
    items: list[ReleaseItem] = []
    by_class: Counter[str] = Counter()
    for position, revision in enumerate(revisions):
        image, found = revision.image, selectors.cells_by_class(revision=revision, names=names)
        by_class.update(found)
        items.append(
            ReleaseItem(
                position=position,
                image=image,
                revision=revision,
                name=image.name,
                facts=selectors.image_facts(image),
                image_sha256=image.content_sha256,
                labels_sha256=selectors.labels_digest(revision=revision, names=names),
                cell_count=found.total(),
            )
        )
    people, models = _authors(revisions)
    counts = {
        "images": len(items),
        "planes": sum(revision.image.size_t * revision.image.size_z for revision in revisions),
        "cells": by_class.total(),
        "accepted": sum(revision.accepted_at is not None for revision in revisions),
        "classes": dict(sorted(by_class.items())),
        "people": people,
        "models": models,
    }
    return items, counts


def _authors(revisions: Sequence[Revision]) -> tuple[list[str], list[str]]:
    """Names of the people and models that had a part in these labels."""
    people: set[str] = set()
    models: set[str] = set()
    for revision in revisions:
        until = Revision.objects.filter(branch=revision.branch_id, number__lte=revision.number).order_by()
        people.update(until.filter(author__isnull=False).values_list("author__name", flat=True).distinct())
        models.update(
            until.exclude(author_model_name="").values_list("author_model_name", flat=True).distinct()
        )
        helped = EditRecord.objects.filter(revision__in=until, parameters__has_key="model").order_by()
        models.update(map(str, helped.values_list("parameters__model", flat=True).distinct()))
    return sorted(people), sorted(models)


# ---------------------------------------------------------------- going back, going on


@transaction.atomic
def restore(*, release: Release, by: User) -> list[Revision]:
    """Every image's labels become again what they are in the release, as new revisions on top; images that
    are still so are passed over. What came in between stays in the history."""
    access.require(by, release.dataset.project, Role.MANAGER)
    made = []
    names = selectors.class_names(selectors.classes_now(project_id=release.dataset.project_id))
    for item in selectors.list_items(release=release):
        branch, image = item.revision.branch, item.image
        head = reading.head_revision(branch)
        is_same = head is not None and selectors.labels_digest(
            revision=head, names=names
        ) == selectors.labels_digest(revision=item.revision, names=names)
        if not is_same:
            made.append(labels.restore(branch=branch, number=item.revision.number, by=by))
        if image.current_branch_id != branch.pk:
            Image.objects.filter(pk=image.pk).update(current_branch=branch)
    return made


@transaction.atomic
def branch(*, release: Release, name: str, by: User) -> list[Revision]:
    """A branch of this name on every image, beginning as the release; the current ones stay as they are."""
    access.require(by, release.dataset.project, Role.ANNOTATOR)
    items = selectors.list_items(release=release)
    return [branching.branch_from(revision=item.revision, name=name, by=by) for item in items]
