"""Exports: pinned when asked for, written by a background function, kept as one zip."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from annotation.models import (
    Dataset,
    Export,
    ExportFormat,
    ExportState,
    ExportWhich,
    Image,
    Release,
    Revision,
)
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import releases as released
from annotation.selectors import stacks
from annotation.services import claims, export_writers, release_papers
from backend.accounts.models import Role, User
from backend.foundation import events, storage
from backend.foundation.clock import now
from backend.foundation.errors import Conflict
from backend.foundation.queue import Letter, post

MAX_ATTEMPTS = 3
WAITING_TOO_LONG = timedelta(minutes=2)


class NothingToExport(Conflict):
    """No image of the dataset has such labels."""


class ExportNotReady(Conflict):
    """The export is not written yet, or failed."""


@transaction.atomic
def ask(*, dataset: Dataset, format: str, which: str = ExportWhich.ACCEPTED, by: User) -> Export:
    """Ask for a dataset's labels as one zip. What goes out is pinned now; later work does not change it."""
    access.require(by, dataset.project, Role.MANAGER)
    if which == ExportWhich.RELEASE:
        raise NothingToExport("A package of a release is asked for at the release itself.")
    pinned = [{"image": str(r.image_id), "revision": str(r.pk)} for r in _chosen(dataset, which)]
    if not pinned:
        what = "an accepted revision" if which == ExportWhich.ACCEPTED else "labels"
        raise NothingToExport(f"No image of {dataset.name} has {what} yet.")
    export = Export.objects.create(dataset=dataset, format=format, which=which, pinned=pinned, created_by=by)
    post(Letter.RUN_EXPORT, export_id=str(export.pk))
    _announce(export)
    return export


@transaction.atomic
def ask_release(*, release: Release, format: str, by: User) -> Export:
    """Ask for a release as one zip; one that was written before, or is being written, is given again."""
    access.require(by, release.dataset.project, Role.VIEWER)
    there = Export.objects.filter(release=release, format=format).exclude(state=ExportState.FAILED).first()
    if there is not None:
        return there
    items = release.items.values_list("image_id", "revision_id")
    export = Export.objects.create(
        dataset=release.dataset,
        format=format,
        which=ExportWhich.RELEASE,
        release=release,
        pinned=[{"image": str(image), "revision": str(revision)} for image, revision in items],
        created_by=by,
    )
    post(Letter.RUN_EXPORT, export_id=str(export.pk))
    _announce(export)
    return export


def _chosen(dataset: Dataset, which: str) -> Iterator[Revision]:
    for image in (
        Image.objects.ready().filter(dataset=dataset).select_related("current_branch").order_by("name", "pk")
    ):
        if which == ExportWhich.ACCEPTED:
            revision = reading.accepted_revision(image)
        else:
            revision = reading.head_revision(image.current_branch) if image.current_branch else None
        if revision is not None:
            yield revision


def run(*, export_id: UUID) -> None:
    """Write a waiting export; does nothing when it is written or another worker writes it."""
    with claims.alone("export", export_id) as is_alone:
        export = (
            Export.objects.unfinished()
            .select_related("dataset__project", "release")
            .filter(pk=export_id)
            .first()
        )
        if export is None or not is_alone:
            return
        if export.attempts >= MAX_ATTEMPTS:
            _close(
                export,
                ExportState.FAILED,
                message="The export stopped without a word; look at the worker's log.",
            )
            return
        Export.objects.filter(pk=export_id).update(
            state=ExportState.RUNNING, attempts=F("attempts") + 1, updated_at=now()
        )
        _write(export)


def _write(export: Export) -> None:
    work = Path(settings.CYTOLOOP_HOME) / "work"
    work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work) as place:
        try:
            folder = Path(place) / "export"
            notes = write_folder(export=export, folder=folder)
        except export_writers.CannotHold as error:
            _close(export, ExportState.FAILED, message=str(error))
            return
        archive = Path(place) / "export.zip"
        _zip(folder, archive)
        key = f"exports/{export.pk}/{file_name(export)}"
        storage.upload_folder(_only(archive, file_name(export)), f"exports/{export.pk}")
        _close(export, ExportState.DONE, message=" ".join(notes), key=key, size_bytes=archive_size(key))


def archive_size(key: str) -> int:
    """Bytes of a finished archive."""
    return storage.size(key)


def _only(archive: Path, name: str) -> Path:
    """A folder that holds nothing but the archive under its final name."""
    folder = archive.parent / "out"
    folder.mkdir()
    shutil.move(archive, folder / name)
    return folder


def write_folder(*, export: Export, folder: Path) -> list[str]:
    """Write what the export pinned below `folder`; answers sentences about what the format could not hold."""
    folder.mkdir(parents=True, exist_ok=True)
    if export.release is not None:
        return _write_release(export, export.release, folder)
    revisions = {
        str(r.pk): r for r in Revision.objects.filter(pk__in=[pin["revision"] for pin in export.pinned])
    }
    chosen = [
        stacks.of_revision(revision=revisions[pin["revision"]])
        for pin in export.pinned
        if pin["revision"] in revisions
    ]
    return export_writers.write(format=ExportFormat(export.format), folder=folder, labelled=chosen)


def _write_release(export: Export, release: Release, folder: Path) -> list[str]:
    chosen = released.labelled(release=release)
    notes = export_writers.write(format=ExportFormat(export.format), folder=folder, labelled=chosen)
    release_papers.write_papers(release=release, folder=folder)
    return notes


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as target:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            target.write(path, path.relative_to(folder).as_posix())


@transaction.atomic
def _close(export: Export, state: ExportState, **columns: Any) -> None:
    Export.objects.filter(pk=export.pk).update(state=state, updated_at=now(), **columns)
    _announce(export)


def _announce(export: Export) -> None:
    events.publish(
        "export.changed", project=export.dataset.project_id, id=export.pk, dataset=export.dataset_id
    )


def file_name(export: Export) -> str:
    """`nuclei-coco.zip`"""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", export.dataset.name).strip("-.") or "dataset"
    if export.release is not None:
        version = re.sub(r"[^A-Za-z0-9._-]+", "-", export.release.name).strip("-.") or "release"
        plain = f"{plain[:60]}-{version[:40]}"
    return f"{plain[:110]}-{str(export.format).lower().replace('_', '-')}.zip"


def open_result(*, export: Export) -> IO[bytes]:
    """The zip of a finished export; raises `ExportNotReady`."""
    if export.state != ExportState.DONE:
        raise ExportNotReady(f"The export is {str(export.state).lower()}. {export.message}".strip())
    return storage.open_stream(export.key)


def repost_waiting() -> int:
    """Post the letter again for exports that wait too long; answers how many."""
    ids = list(
        Export.objects.unfinished()
        .filter(updated_at__lt=now() - WAITING_TOO_LONG)
        .values_list("pk", flat=True)
    )
    for pk in ids:
        post(Letter.RUN_EXPORT, export_id=str(pk))
    return len(ids)
