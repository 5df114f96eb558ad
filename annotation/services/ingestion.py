"""Files into images: planned by the formats, kept as OME-Zarr, labels as a first revision. Each bad file is
refused alone. Killed half-way it can be begun again: what is ready stays, what was in work is thrown away."""

import hashlib
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction

from annotation.core.formats import folder, ome_zarr, thumbnails
from annotation.core.formats.base import Facts, ImageSource, Refusal, RefusedFile
from annotation.core.formats.folder import ImportItem, OpenedItem
from annotation.core.formats.sources import UNREAD_ENDINGS
from annotation.models import Dataset, Image, ImageState, Origin, RevisionKind, Upload
from annotation.policies import access
from annotation.services import claims, labels, standing, told_facts
from annotation.services.bulk import LabelsDoNotFit
from backend.accounts.models import Role, User
from backend.foundation import events, storage
from backend.foundation.errors import Conflict

HASH_BLOCK_BYTES = 1 << 20

# What decoders raise in the middle of a damaged file; databases and time limits raise others.
UNREADABLE = (ValueError, OSError, EOFError, RuntimeError, LookupError, zlib.error, struct.error)

Progress = Callable[[float, str], None]


class DatasetIsBusy(Conflict):
    """Another import into the dataset is running."""


@dataclass(slots=True)
class IngestReport:
    """What became of the files: new images, how many of them with labels, the classes that were made, those
    that were there already (path → sentence), refusals, and files that are no images and were left aside
    (path → reason), and what the project could not hold (sentence → cells)."""

    images: list[Image] = field(default_factory=list)
    ignored: dict[Path, str] = field(default_factory=dict)
    duplicates: dict[Path, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    labelled: int = 0
    classes: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        """What happened, for people."""
        parts = [f"{_counted(len(self.images), 'image')} imported"]
        parts += [f"{self.labelled} of them with labels"] if self.labelled else []
        parts += (
            [f"{_counted(len(self.classes), 'new class', 'es')} ({', '.join(self.classes)})"]
            if self.classes
            else []
        )
        parts += [f"{len(self.duplicates)} already there"] if self.duplicates else []
        parts += [f"{len(self.refusals)} refused"] if self.refusals else []
        left = [
            f" Left out: {what} ({_counted(cells, 'cell')})." for what, cells in sorted(self.left.items())
        ]
        return ", ".join(parts) + "." + "".join(left)


def _counted(count: int, what: str, plural: str = "s") -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}{plural}"


def why_not(path: str) -> str:
    """Why a file of this name can never be taken, empty when it may."""
    ending = Path(path).suffix.lower()
    if ending in UNREAD_ENDINGS:
        return f"{ending[1:].upper()} files are not read; save the image as OME-TIFF."
    return ""


# ---------------------------------------------------------------- ingest


def ingest(
    *,
    dataset: Dataset,
    paths: Sequence[Path],
    by: User | None,
    labels_accepted: bool = False,
    on_progress: Progress | None = None,
    items: Sequence[ImportItem] = (),
    stated_axes: str | None = None,
) -> IngestReport:
    """Bring local files and folders into a dataset, and `items` of a plan; the command line's way in.

    `on_progress(fraction, name)`. `stated_axes`: see `folder.plan_import`.
    Raises `DatasetIsBusy` while another import into the dataset runs.
    """
    if by is not None:
        access.require(by, dataset.project, Role.MANAGER)
    with claims.alone("import", dataset.pk) as is_alone:
        if not is_alone:
            raise DatasetIsBusy(f"Another import into {dataset.name} is running; wait until it is done.")
        return ingest_alone(
            dataset=dataset,
            paths=paths,
            by=by,
            labels_accepted=labels_accepted,
            on_progress=on_progress,
            items=items,
            stated_axes=stated_axes,
        )


def ingest_alone(
    *,
    dataset: Dataset,
    paths: Sequence[Path],
    by: User | None,
    labels_accepted: bool = False,
    on_progress: Progress | None = None,
    upload: Upload | None = None,
    items: Sequence[ImportItem] = (),
    stated_axes: str | None = None,
) -> IngestReport:
    """Like `ingest`, for holds the dataset's claim already. Images of the same `upload` that are ready from
    an earlier, broken attempt count as imported."""
    clear_leftovers(dataset)
    plans = [folder.plan_import(path, stated_axes=stated_axes) for path in paths]
    items = [item for plan in plans for item in plan.items] + list(items)
    report = IngestReport(
        refusals=[refusal for plan in plans for refusal in plan.refusals],
        ignored={file.path: f"Left aside: {file.reason}." for plan in plans for file in plan.ignored},
    )
    for i, item in enumerate(items):
        tell = _within(on_progress, item.name, i / len(items), 1 / len(items))
        _Import(dataset, item, by, labels_accepted, upload, report, tell).run()
    return report


def clear_leftovers(dataset: Dataset) -> None:
    """Throw away images that a killed import left half-made; nobody else imports here now."""
    for image in Image.objects.filter(dataset=dataset, state=ImageState.IMPORTING):
        storage.delete_prefix(image_folder(image.pk))
        image.delete()


def _within(
    on_progress: Progress | None, name: str, start: float, share: float
) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(start + share * done / max(total, 1), name)

    return tell


@dataclass(slots=True)
class _Import:
    """One item of a plan on its way to an image."""

    dataset: Dataset
    item: ImportItem
    by: User | None
    labels_accepted: bool
    upload: Upload | None
    report: IngestReport
    tell: Callable[[int, int], None]

    def run(self) -> None:
        try:
            self._take()
        except RefusedFile as error:
            self.report.refusals.append(Refusal(error.path, error.reason))
        except UNREADABLE as error:
            reason = f"The file cannot be read to its end: {error}"
            self.report.refusals.append(Refusal(self.item.image[0], reason))

    def _take(self) -> None:
        digest = content_digest(self.item.image, series=self.item.series)
        there = Image.objects.filter(dataset=self.dataset, content_sha256=digest).first()
        if there is None:
            self.report.images.append(self._import(digest))
        elif self.upload is not None and there.upload_id == self.upload.pk:
            self.report.images.append(there)
            self.report.labelled += there.revisions.exists()
        else:
            self.report.duplicates[self.item.image[0]] = f"Already there as {there.name}."

    def _import(self, digest: str) -> Image:
        opened = self._open()
        image = keep_image(
            dataset=self.dataset,
            source=opened.source,
            digest=digest,
            name=self.item.name,
            group=self.item.group,
            source_path=self.item.image[0].name,
            upload=self.upload,
        )
        try:
            write_pixels(image=image, source=opened.source, on_progress=self.tell)
            self._make_ready(image, opened)
        except (RefusedFile, *UNREADABLE):
            storage.delete_prefix(image_folder(image.pk))
            image.delete()
            raise
        return image

    def _open(self) -> OpenedItem:
        """The item; without its labels when only they are bad, which is told."""
        try:
            return folder.open_item(self.item)
        except RefusedFile as error:
            if self.item.labels is None or error.path in self.item.image:
                raise
            self.report.refusals.append(Refusal(error.path, error.reason))
            return folder.open_item(replace(self.item, labels=None))

    def _make_ready(self, image: Image, opened: OpenedItem) -> None:
        try:
            self._make_classes(opened)
            left = make_ready(image=image, opened=opened, by=self.by, labels_accepted=self.labels_accepted)
            self.report.labelled += opened.labels is not None
            self.report.left.update(left)
        except LabelsDoNotFit as error:
            self.report.refusals.append(Refusal(self.item.labels or self.item.image[0], error.message))
            without = OpenedItem(opened.source, None, {})
            make_ready(image=image, opened=without, by=self.by, labels_accepted=self.labels_accepted)
        standing.new_image(image=image)

    def _make_classes(self, opened: OpenedItem) -> None:
        """Those of the item's classes and attributes that the project lacks."""
        made = told_facts.make_missing(project=self.dataset.project, opened=opened)
        self.report.classes.extend(made)


def content_digest(paths: Sequence[Path], *, series: int = 0) -> str:
    """SHA-256 over the bytes of files in the order given, and the number of the series taken from them."""
    digest = hashlib.sha256(series.to_bytes(4, "little"))
    for path in paths:
        digest.update(path.stat().st_size.to_bytes(8, "little"))
        with path.open("rb") as stream:
            while block := stream.read(HASH_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


# ---------------------------------------------------------------- three steps of one image


def image_folder(image_id: UUID) -> str:
    """Where everything of an image is kept in storage."""
    return f"images/{image_id}"


def keep_image(
    *,
    dataset: Dataset,
    source: ImageSource | Facts,
    digest: str,
    name: str,
    group: str,
    source_path: str,
    upload: Upload | None,
) -> Image:
    """The row of an image in work; its digest is unique in the dataset."""
    size_t, size_c, size_z, size_y, size_x = source.shape_tczyx
    pixel_z, pixel_y, pixel_x = source.pixel_size_zyx_um
    image_id = uuid4()
    return Image.objects.create(
        id=image_id,
        dataset=dataset,
        upload=upload,
        name=name[:500],
        group=group[:500],
        size_t=size_t,
        size_c=size_c,
        size_z=size_z,
        size_y=size_y,
        size_x=size_x,
        dtype="uint8" if source.dtype.kind == "b" else source.dtype.newbyteorder("=").name,
        channel_names=[str(channel)[:200] for channel in source.channel_names],
        pixel_size_z_um=pixel_z,
        pixel_size_y_um=pixel_y,
        pixel_size_x_um=pixel_x,
        frame_interval_s=source.frame_interval_s,
        axes_note=source.axes_note,
        store_key=f"{image_folder(image_id)}/image.ome.zarr",
        source=source_path,
        content_sha256=digest,
    )


def write_pixels(
    *, image: Image, source: ImageSource, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """The OME-Zarr with its pyramid, and the thumbnail."""
    stored = ome_zarr.write(storage.zarr_store(image.store_key), source, on_progress=on_progress)
    key = f"{image_folder(image.pk)}/thumbnail.png"
    storage.put(key, thumbnails.thumbnail(stored))
    image.thumbnail_key = key


@transaction.atomic
def make_ready(*, image: Image, opened: OpenedItem, by: User | None, labels_accepted: bool) -> Counter[str]:
    """The branch `main`, the labels that came along as its first revision, and the image for all to see.
    Answers what the project could not hold: {sentence: cells}.

    With `labels_accepted` the revision is truth at once, else it waits for a review.
    """
    brought = told_facts.brought(project=image.dataset.project, opened=opened)
    branch = labels.open_branch(image=image, name=labels.MAIN, origin=Origin.PERSON)
    if opened.labels is not None:
        revision = labels.import_planes(
            image=image,
            branch=branch,
            frames=opened.labels,
            facts=brought.facts,
            author=by,
            kind=RevisionKind.IMPORT,
            message=" ".join(
                filter(None, [f"Came with {image.source}.", opened.labels.note, *brought.sentences])
            ),
            parameters={"source": image.source},
        )
        if labels_accepted:
            labels.accept(revision=revision, by=by)
    image.current_branch, image.state = branch, ImageState.READY
    image.save(update_fields=["current_branch", "state", "thumbnail_key"])
    events.publish("image.ready", project=image.dataset.project_id, id=image.pk, dataset=image.dataset_id)
    return brought.left
