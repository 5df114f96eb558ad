"""Letters of annotation: imports and exports, delivered twice, lost, and left over by killed workers."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import tifffile

from annotation.core.edits import CellChange
from annotation.core.formats import coco, label_tiff
from annotation.models import Dataset, Export, ExportState, Image, Revision, Upload, UploadFile, UploadState
from annotation.selectors import labels as reading
from annotation.services import exports, ingestion, labels, uploads
from annotation.services.uploads import Announced
from backend.accounts.models import Team, User
from backend.foundation import storage
from backend.foundation.clock import now
from backend.foundation.queue import Letter, Queue
from tests.conftest import Outbox, Posted
from tests.factories.annotation import commit, edit, make_dataset, make_project, picture

TRUTH = """
    . . . . . . . .
    . 1 1 . . . . .
    . 1 1 . . 2 2 .
    . . . . . 2 2 .
    . . . . . . . .
"""

TOLD = "2 images imported, 1 of them with labels, 1 refused."


@pytest.fixture
def dataset(team: Team) -> Dataset:
    return make_dataset(make_project(team), name="nuclei")


def tiff(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values)
    return buffer.getvalue()


def some_files() -> dict[str, bytes]:
    rng = np.random.default_rng(1)
    return {
        "plate/a.tif": tiff(rng.integers(0, 4000, (5, 8), np.uint16)),
        "plate/a_masks.tif": tiff(picture(TRUTH)[0].astype(np.uint16)),
        "plate/b.tif": tiff(rng.integers(0, 4000, (5, 8), np.uint16)),
        "broken.tif": b"this is no image",
    }


def send(dataset: Dataset, by: User, files: dict[str, bytes], *, labels_accepted: bool = False) -> Upload:
    """Announce, send and finish."""
    announced = [Announced(path, len(data)) for path, data in files.items()]
    upload = uploads.announce(dataset=dataset, files=announced, labels_accepted=labels_accepted, by=by)
    for file in upload.files.filter(state="PENDING"):
        data = files[file.path]
        for offset in range(0, len(data), uploads.CHUNK_BYTES):
            part = data[offset : offset + uploads.CHUNK_BYTES]
            sha = hashlib.sha256(part).hexdigest()
            uploads.receive_chunk(upload=upload, file_id=file.pk, offset=offset, data=part, sha256=sha, by=by)
    return uploads.finish(upload=upload, by=by)


def facts(upload: Upload) -> dict[str, tuple[str, str]]:
    return {file.path: (file.state, file.reason) for file in UploadFile.objects.filter(upload=upload)}


# ---------------------------------------------------------------- imports


def test_an_upload_becomes_images(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    upload = send(dataset, mia, some_files(), labels_accepted=True)
    assert Image.objects.count() == 0, "nothing happens before the letter arrives"
    outbox.deliver()
    upload.refresh_from_db()
    assert (upload.state, upload.message) == (
        UploadState.DONE,
        "2 images imported, 1 of them with labels, 1 refused.",
    )
    assert facts(upload)["plate/a.tif"] == ("IMPORTED", "")
    assert facts(upload)["broken.tif"][0] == "REFUSED"
    image = Image.objects.get(name="plate/a")
    accepted = reading.accepted_revision(image)
    assert accepted is not None
    assert np.array_equal(reading.read_planes(revision=accepted, t=0, z=0), picture(TRUTH))


def test_chunks_are_thrown_away_after_the_import(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    upload = send(dataset, mia, some_files())
    outbox.deliver()
    assert outbox.letters == []
    assert list(storage.list_keys(f"uploads/{upload.pk}")) == []


def test_a_second_delivery_changes_nothing(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    send(dataset, mia, some_files())
    outbox.deliver()
    before = list(Image.objects.order_by("pk").values()), Revision.objects.count()
    outbox.deliver_again()
    assert (list(Image.objects.order_by("pk").values()), Revision.objects.count()) == before


def test_a_killed_import_goes_on_without_duplicates(
    dataset: Dataset, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(dataset, mia, some_files())
    ready, calls = ingestion.make_ready, []

    def die_at_the_second(**kwargs: object) -> None:
        calls.append(kwargs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        ready(**kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "make_ready", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver()
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTING
    Upload.objects.update(updated_at=now() - timedelta(minutes=5))
    uploads.repost_waiting()
    outbox.deliver()
    upload.refresh_from_db()
    assert (upload.state, upload.message) == (
        UploadState.DONE,
        "2 images imported, 1 of them with labels, 1 refused.",
    )
    assert Image.objects.count() == 2


def test_a_lost_letter_is_posted_again_by_the_sweep(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    upload = send(dataset, mia, some_files())
    outbox.letters.clear()
    Upload.objects.update(updated_at=now() - timedelta(minutes=5))
    outbox.waiting.append(Posted(Letter.SWEEP_ANNOTATION, {}, Queue.INTERACTIVE))
    outbox.deliver()
    upload.refresh_from_db()
    assert upload.state == UploadState.DONE


def test_an_import_that_always_dies_is_given_up(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    upload = send(dataset, mia, some_files())
    Upload.objects.update(attempts=uploads.MAX_ATTEMPTS, state=UploadState.IMPORTING)
    outbox.deliver()
    upload.refresh_from_db()
    assert upload.state == UploadState.FAILED
    assert "stopped without a word" in upload.message


def test_an_upload_of_nothing_useful_fails_with_a_sentence(
    dataset: Dataset, mia: User, outbox: Outbox
) -> None:
    upload = send(dataset, mia, {"broken.tif": b"this is no image"})
    outbox.deliver()
    upload.refresh_from_db()
    assert (upload.state, upload.message) == (UploadState.FAILED, "0 images imported, 1 refused.")


def test_duplicates_are_named(dataset: Dataset, mia: User, outbox: Outbox) -> None:
    send(dataset, mia, some_files())
    outbox.deliver()
    upload = send(dataset, mia, {"again.tif": some_files()["plate/b.tif"]})
    outbox.deliver()
    assert facts(upload)["again.tif"] == ("IMPORTED", "Already there as plate/b.")


# ---------------------------------------------------------------- exports


@pytest.fixture
def labelled(dataset: Dataset, mia: User, outbox: Outbox) -> Dataset:
    send(dataset, mia, some_files(), labels_accepted=True)
    outbox.deliver()
    return dataset


def ask(dataset: Dataset, by: User, outbox: Outbox, format: str, which: str = "ACCEPTED") -> Export:
    export = exports.ask(dataset=dataset, format=format, which=which, by=by)
    outbox.deliver()
    export.refresh_from_db()
    assert export.state == ExportState.DONE, export.message
    return export


def unpacked(export: Export, folder: Path) -> Path:
    with exports.open_result(export=export) as file, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def test_label_tiffs_are_read_back_equal(
    labelled: Dataset, mia: User, outbox: Outbox, tmp_path: Path
) -> None:
    folder = unpacked(ask(labelled, mia, outbox, "LABEL_TIFF"), tmp_path / "out")
    planes = label_tiff.read(folder / "plate" / "a_labels.tif", size_t=1, size_z=1)
    assert np.array_equal(planes[:, 0, 0], picture(TRUTH))
    assert (folder / "cells.csv").read_text().splitlines()[1] == "plate/a,1,,"


def test_coco_is_read_back_equal(labelled: Dataset, mia: User, outbox: Outbox, tmp_path: Path) -> None:
    folder = unpacked(ask(labelled, mia, outbox, "COCO"), tmp_path / "out")
    [stack] = coco.read(folder / "annotations.json")
    assert np.array_equal(stack.read(0, 0), picture(TRUTH))


@pytest.mark.parametrize("format", ["OME_TIFF", "CTC"])
def test_what_goes_out_comes_in_again(
    format: str, labelled: Dataset, mia: User, outbox: Outbox, tmp_path: Path
) -> None:
    folder = unpacked(ask(labelled, mia, outbox, format), tmp_path / "out")
    other = make_dataset(labelled.project)
    report = ingestion.ingest(dataset=other, paths=[folder], by=mia, labels_accepted=True)
    assert report.refusals == []
    [image] = report.images
    revision = reading.accepted_revision(image)
    assert revision is not None
    assert np.array_equal(reading.read_planes(revision=revision, t=0, z=0), picture(TRUTH))


def ignore_cell_1(labelled: Dataset, by: User) -> None:
    """Cell 1 of plate/a becomes one about which nothing is said, and that is accepted."""
    branch = Image.objects.get(dataset=labelled, name="plate/a").current_branch
    assert branch is not None
    before = reading.cell_facts(branch=branch)[1]
    mark = edit(cells=[CellChange(1, before, replace(before, ignored=True))])
    labels.accept(revision=commit(branch, by, mark), by=by)


def test_M21_ignored_cells_do_not_leave_as_cells(
    labelled: Dataset, mia: User, outbox: Outbox, tmp_path: Path
) -> None:
    ignore_cell_1(labelled, mia)
    tiffs = unpacked(ask(labelled, mia, outbox, "LABEL_TIFF"), tmp_path / "tiff")
    left = label_tiff.read(tiffs / "plate" / "a_labels.tif", size_t=1, size_z=1)
    truth = picture(TRUTH)
    assert np.array_equal(left[:, 0, 0], np.where(truth == 1, 0, truth))
    assert (tiffs / "cells.csv").read_text().splitlines()[1:] == ["plate/a,2,,"]
    book = json.loads(
        (unpacked(ask(labelled, mia, outbox, "COCO"), tmp_path / "coco") / "annotations.json").read_text()
    )
    assert {row["track_id"]: row["iscrowd"] for row in book["annotations"]} == {1: 1, 2: 0}


def test_an_export_is_written_once(labelled: Dataset, mia: User, outbox: Outbox) -> None:
    export = ask(labelled, mia, outbox, "COCO")
    outbox.deliver_again()
    export.refresh_from_db()
    assert export.attempts == 1


def test_an_export_says_what_was_true_when_it_was_asked_for(
    labelled: Dataset, mia: User, outbox: Outbox, tmp_path: Path
) -> None:
    export = exports.ask(dataset=labelled, format="COCO", which="HEAD", by=mia)
    image = Image.objects.get(name="plate/a")
    assert image.current_branch is not None
    frames = [(0, 0, np.zeros((1, 5, 8), np.uint32))]
    labels.import_planes(image=image, branch=image.current_branch, frames=frames, facts={}, author=mia)
    outbox.deliver()
    export.refresh_from_db()
    [stack] = coco.read(unpacked(export, tmp_path / "out") / "annotations.json")
    assert np.array_equal(stack.read(0, 0), picture(TRUTH))


def test_nothing_accepted_is_nothing_to_export(dataset: Dataset, mia: User) -> None:
    with pytest.raises(exports.NothingToExport):
        exports.ask(dataset=dataset, format="COCO", by=mia)


def test_an_unwritten_export_cannot_be_taken(labelled: Dataset, mia: User) -> None:
    export = exports.ask(dataset=labelled, format="COCO", by=mia)
    with pytest.raises(exports.ExportNotReady):
        exports.open_result(export=export)


def test_a_lost_export_letter_is_posted_again(labelled: Dataset, mia: User, outbox: Outbox) -> None:
    exports.ask(dataset=labelled, format="COCO", by=mia)
    outbox.letters.clear()
    assert exports.repost_waiting() == 0, "not yet waiting too long"
    Export.objects.update(updated_at=now() - timedelta(minutes=5))
    assert exports.repost_waiting() == 1
    assert [posted.letter for posted in outbox.letters] == [Letter.RUN_EXPORT]
