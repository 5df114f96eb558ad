"""Uploads: announced, received in chunks that can be sent again, imported by a background function."""

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from annotation.models import Dataset, Upload, UploadFile, UploadFileState, UploadState
from annotation.policies import access
from annotation.services import claims, ingestion
from annotation.services.ingestion import IngestReport
from backend.accounts.models import Role, User
from backend.foundation import events, storage
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid, NotFound
from backend.foundation.queue import Letter, post

CHUNK_BYTES = 8 * 1024 * 1024
MAX_FILES = 20_000
MAX_FILE_BYTES = 1 << 40
MAX_ATTEMPTS = 5
WAITING_TOO_LONG = timedelta(minutes=2)
PROGRESS_EVERY_S = 1.0


class BadAnnouncement(Invalid):
    """The announced files cannot be taken."""


class NoSuchFile(NotFound):
    """The upload announced no such file."""


class BrokenChunk(Invalid):
    """The bytes are not what was sent, or not a chunk."""


class ChunkOutOfOrder(Conflict):
    """A chunk in between is missing; the details say from where to go on."""


class UploadClosed(Conflict):
    """The upload takes no more bytes."""


class UploadIncomplete(Conflict):
    """Bytes of announced files are missing."""


class NoRoom(Conflict):
    """The disk cannot hold what was announced."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file to come: its path inside the upload, with `/`, and its size in bytes."""

    path: str
    size: int


# ---------------------------------------------------------------- receiving


@transaction.atomic
def announce(
    *, dataset: Dataset, files: Sequence[Announced], labels_accepted: bool = False, by: User
) -> Upload:
    """Say what will come. Nothing is received yet; a file that can never be taken is refused at once, alone.

    `labels_accepted` brings in label images as accepted truth.
    """
    access.require(by, dataset.project, Role.MANAGER)
    _check_announcement(files)
    upload = Upload.objects.create(dataset=dataset, created_by=by, labels_accepted=labels_accepted)
    UploadFile.objects.bulk_create(
        UploadFile(upload=upload, path=str(PurePosixPath(f.path)), size=f.size, **_verdict(f)) for f in files
    )
    _announce(upload)
    return upload


def _check_announcement(files: Sequence[Announced]) -> None:
    if not files or len(files) > MAX_FILES:
        raise BadAnnouncement(f"An upload holds between 1 and {MAX_FILES} files, not {len(files)}.")
    seen: set[str] = set()
    for file in files:
        parts = PurePosixPath(file.path).parts
        if not parts or file.path.startswith("/") or ".." in parts or "\\" in file.path or "\0" in file.path:
            raise BadAnnouncement(f"“{file.path}” is not a relative path without dots.")
        if not 0 <= file.size <= MAX_FILE_BYTES:
            raise BadAnnouncement(f"{file.path} has {file.size} bytes; at most {MAX_FILE_BYTES} are taken.")
        if str(PurePosixPath(file.path)) in seen:
            raise BadAnnouncement(f"{file.path} is announced twice.")
        seen.add(str(PurePosixPath(file.path)))
    _check_room(sum(file.size for file in files))


def _check_room(announced: int) -> None:
    """Chunks, the assembled file and the stored image may lie on this disk at once."""
    home = Path(settings.CYTOLOOP_HOME)
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if announced * 3 > free:
        raise NoRoom(
            f"The files need about {announced * 3 // 2**20} MiB while they are imported; {free // 2**20} "
            f"are free."
        )


def _verdict(file: Announced) -> dict[str, str]:
    reason = ingestion.why_not(file.path) if file.size else "The file is empty."
    return {"state": UploadFileState.REFUSED, "reason": reason} if reason else {}


def receive_chunk(
    *, upload: Upload, file_id: UUID, offset: int, data: bytes, sha256: str = "", by: User
) -> UploadFile:
    """Keep one chunk of a file. Chunks of a file come in order; one that is here already changes nothing.

    Every chunk has CHUNK_BYTES bytes, only the last may be shorter. `sha256`, when given, must fit the bytes.
    """
    access.require(by, upload.dataset.project, Role.MANAGER)
    file = UploadFile.objects.filter(upload=upload, pk=file_id).first()
    if file is None:
        raise NoSuchFile("The upload announced no such file.")
    if sha256 and hashlib.sha256(data).hexdigest() != sha256.lower():
        raise BrokenChunk("The bytes do not have the checksum that was sent with them; send the chunk again.")
    _check_chunk(file, offset, len(data))
    if offset + len(data) <= file.received:
        return file
    if upload.state != UploadState.OPEN or file.state != UploadFileState.PENDING:
        raise UploadClosed(f"{file.path} takes no more bytes: it is {file.state.lower()}.")
    storage.put(chunk_key(file, offset), data)
    end = offset + len(data)
    state = UploadFileState.RECEIVED if end == file.size else UploadFileState.PENDING
    UploadFile.objects.filter(pk=file.pk, received=offset).update(received=end, state=state)
    file.refresh_from_db()
    return file


def _check_chunk(file: UploadFile, offset: int, length: int) -> None:
    end = offset + length
    if offset % CHUNK_BYTES or length == 0 or end > file.size or (length != CHUNK_BYTES and end != file.size):
        raise BrokenChunk(
            f"A chunk starts at a multiple of {CHUNK_BYTES} and holds as many bytes, or the rest of the "
            f"file; "
            f"{length} bytes at {offset} of {file.size} do not."
        )
    if offset > file.received:
        raise ChunkOutOfOrder(
            f"Bytes before {offset} are missing; go on at {file.received}.", received=file.received
        )


def chunk_key(file: UploadFile, offset: int) -> str:
    """Where a chunk waits in storage."""
    return f"{upload_folder(file.upload_id)}/{file.pk}/{offset:016d}"


def upload_folder(upload_id: UUID) -> str:
    """Where the chunks of an upload wait in storage."""
    return f"uploads/{upload_id}"


@transaction.atomic
def finish(*, upload: Upload, by: User) -> Upload:
    """All bytes are here: import them. Asking again changes nothing."""
    access.require(by, upload.dataset.project, Role.MANAGER)
    locked = Upload.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=upload.pk)
    if locked.state != UploadState.OPEN:
        return locked
    missing = list(locked.files.filter(state=UploadFileState.PENDING).values_list("path", flat=True))
    if missing:
        raise UploadIncomplete(
            f"Bytes of {missing[0]} and {len(missing) - 1} other files are missing.", missing=missing[:100]
        )
    locked.state = UploadState.RECEIVED
    locked.save(update_fields=["state", "updated_at"])
    post(Letter.IMPORT_UPLOAD, upload_id=str(locked.pk))
    _announce(locked)
    return locked


# ---------------------------------------------------------------- importing


def import_upload(*, upload_id: UUID) -> None:
    """Import a received upload; does nothing when it is done or another worker is at its dataset.

    Killed half-way, it is begun again: images that are ready stay, the one in work is thrown away and made
    anew.
    """
    upload = (
        Upload.objects.unfinished()
        .select_related("dataset__project__team", "created_by")
        .filter(pk=upload_id)
        .first()
    )
    if upload is None:
        return
    with claims.alone("import", upload.dataset_id) as is_alone:
        if is_alone and _claim(upload):
            _import(upload)


def _claim(upload: Upload) -> bool:
    claimed = Upload.objects.unfinished().filter(pk=upload.pk, attempts__lt=MAX_ATTEMPTS)
    if claimed.update(state=UploadState.IMPORTING, attempts=F("attempts") + 1, updated_at=now()):
        return True
    _close(
        upload,
        UploadState.FAILED,
        f"The import stopped without a word {MAX_ATTEMPTS} times; look at the worker's log.",
    )
    return False


def _import(upload: Upload) -> None:
    folder = Path(settings.CYTOLOOP_HOME) / "imports" / str(upload.pk)
    try:
        _assemble(upload, folder)
        report = ingestion.ingest_alone(
            dataset=upload.dataset,
            paths=[folder],
            by=upload.created_by,
            labels_accepted=upload.labels_accepted,
            on_progress=_progress(upload),
            upload=upload,
        )
        _record(upload, folder, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _assemble(upload: Upload, folder: Path) -> None:
    """Put the chunks together as files below `folder`."""
    for file in upload.files.exclude(state=UploadFileState.REFUSED):
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as sink:
            for offset in range(0, file.size, CHUNK_BYTES):
                sink.write(storage.get(chunk_key(file, offset)))


def _progress(upload: Upload) -> Callable[[float, str], None]:
    """Writes the fraction at most once a second."""
    last = 0.0

    def tell(fraction: float, _: str) -> None:
        nonlocal last
        if time.monotonic() - last < PROGRESS_EVERY_S:
            return
        last = time.monotonic()
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).update(fraction=min(fraction, 1.0), updated_at=now())
            _announce(upload)

    return tell


@transaction.atomic
def _record(upload: Upload, folder: Path, report: IngestReport) -> None:
    """Write per file what became of it, and close the upload."""
    refused = {_inside(folder, refusal.path): refusal.reason for refusal in report.refusals}
    remarks = {_inside(folder, path): why for path, why in (report.duplicates | report.ignored).items()}
    files = list(upload.files.exclude(state=UploadFileState.REFUSED))
    for file in files:
        reason = _reason(file.path, refused)
        file.state = UploadFileState.IMPORTED if reason is None else UploadFileState.REFUSED
        file.reason = reason or remarks.get(file.path, "")
    UploadFile.objects.bulk_update(files, ["state", "reason"], batch_size=1000)
    nothing = not report.images and not report.duplicates
    _close(upload, UploadState.FAILED if nothing else UploadState.DONE, report.sentence())
    if report.images:
        post(Letter.UPLOAD_DONE, upload_id=str(upload.pk))


def _reason(path: str, refused: Mapping[str, str]) -> str | None:
    """Why a file was refused: by its own name, or with the folder it lies in."""
    above = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    return next((refused[place] for place in above if place in refused), None)


def _inside(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


@transaction.atomic
def _close(upload: Upload, state: UploadState, message: str) -> None:
    Upload.objects.filter(pk=upload.pk).update(state=state, message=message, fraction=1.0, updated_at=now())
    upload.state = state
    transaction.on_commit(partial(storage.delete_prefix, upload_folder(upload.pk)))
    _announce(upload)


def _announce(upload: Upload) -> None:
    events.publish(
        "upload.changed", project=upload.dataset.project_id, id=upload.pk, dataset=upload.dataset_id
    )


def repost_waiting() -> int:
    """Post the letter again for uploads that wait too long; answers how many. A letter too many does
    nothing."""
    waiting = Upload.objects.unfinished().filter(updated_at__lt=now() - WAITING_TOO_LONG)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        post(Letter.IMPORT_UPLOAD, upload_id=str(pk))
    return len(ids)
