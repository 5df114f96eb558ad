"""Files become images with their labels: each bad file refused alone, nothing stored twice."""

import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from django.db import connection
from numpy.typing import NDArray

from annotation.core.formats import ome_zarr
from annotation.models import Dataset, Image, ImageState
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.services import claims, images, ingestion
from annotation.services.ingestion import DatasetIsBusy
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.factories.annotation import make_dataset, make_project, picture

TRUTH = """
    . . . . . . . .
    . 1 1 . . . . .
    . 1 1 . . 2 2 .
    . . . . . 2 2 .
    . . . . . . . .
"""


@pytest.fixture
def dataset(team: Team) -> Dataset:
    return make_dataset(make_project(team))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a labelled picture, a bare one, and a file that is no image."""
    folder = tmp_path / "in"
    folder.mkdir()
    tifffile.imwrite(folder / "a.tif", pixels(1))
    tifffile.imwrite(folder / "a_masks.tif", picture(TRUTH)[0].astype(np.uint16))
    tifffile.imwrite(folder / "b.tif", pixels(2))
    (folder / "broken.tif").write_bytes(b"this is no image")
    (folder / "notes.txt").write_text("hello")
    return folder


def pixels(seed: int) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 4000, (5, 8), np.uint16)


def test_a_folder_becomes_images_with_pixels_and_thumbnails(dataset: Dataset, files: Path, mia: User) -> None:
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert [image.name for image in report.images] == ["a", "b"]
    image = Image.objects.get(name="b")
    assert (image.state, image.dtype, image.shape_tczyx) == (ImageState.READY, "uint16", (1, 1, 1, 5, 8))
    stored = ome_zarr.open(storage.zarr_store(image.store_key, read_only=True))
    assert np.array_equal(stored.read_plane(0, 0, 0, 0), pixels(2))
    assert storage.get(image.thumbnail_key).startswith(b"\x89PNG")


def test_labels_that_come_along_wait_for_a_review(dataset: Dataset, files: Path, mia: User) -> None:
    images.ingest(dataset=dataset, paths=[files], by=mia)
    image = Image.objects.get(name="a")
    assert image.current_branch is not None
    assert np.array_equal(reading.read_planes(branch=image.current_branch, t=0, z=0), picture(TRUTH))
    assert reading.accepted_revision(image) is None


def test_trusted_labels_are_accepted_at_once(dataset: Dataset, files: Path, mia: User) -> None:
    images.ingest(dataset=dataset, paths=[files], by=mia, labels_accepted=True)
    accepted = reading.accepted_revision(Image.objects.get(name="a"))
    assert accepted is not None
    assert (accepted.kind, accepted.author, accepted.accepted_by) == ("IMPORT", mia, mia)


def test_a_bad_file_is_refused_alone_with_its_reason(dataset: Dataset, files: Path, mia: User) -> None:
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert [refusal.path.name for refusal in report.refusals] == ["broken.tif"]
    assert "not an image" in report.refusals[0].reason
    assert [path.name for path in report.ignored] == ["notes.txt"]
    assert report.sentence() == "2 images imported, 1 of them with labels, 1 refused."


def test_bad_labels_do_not_hinder_their_image(dataset: Dataset, files: Path, mia: User) -> None:
    tifffile.imwrite(files / "a_masks.tif", np.zeros((3, 3), np.uint16))
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert {image.name for image in report.images} == {"a", "b"}
    assert {refusal.path.name for refusal in report.refusals} == {"a_masks.tif", "broken.tif"}


def test_a_file_damaged_in_the_middle_is_refused_alone(dataset: Dataset, files: Path, mia: User) -> None:
    whole = np.random.default_rng(3).integers(0, 4000, (256, 256), np.uint16)
    tifffile.imwrite(files / "damaged.tif", whole, compression="zlib")
    data = (files / "damaged.tif").read_bytes()
    middle = len(data) // 2
    (files / "damaged.tif").write_bytes(data[:middle] + bytes(2000) + data[middle + 2000 :])
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert "damaged.tif" in {refusal.path.name for refusal in report.refusals}
    assert [image.name for image in report.images] == ["a", "b"]
    assert Image.objects.count() == 2


def test_the_same_content_is_not_stored_twice(dataset: Dataset, files: Path, mia: User) -> None:
    images.ingest(dataset=dataset, paths=[files], by=mia)
    (files / "copy-of-b.tif").write_bytes((files / "b.tif").read_bytes())
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert report.images == []
    assert report.duplicates[files / "copy-of-b.tif"] == "Already there as b."
    assert Image.objects.count() == 2


def test_another_dataset_may_hold_the_same_content(dataset: Dataset, files: Path, mia: User) -> None:
    images.ingest(dataset=dataset, paths=[files], by=mia)
    other = make_dataset(dataset.project)
    assert len(images.ingest(dataset=other, paths=[files], by=mia).images) == 2


def test_what_a_killed_import_left_behind_is_made_anew(
    dataset: Dataset, files: Path, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "make_ready", die)
        with pytest.raises(KeyboardInterrupt):
            images.ingest(dataset=dataset, paths=[files], by=mia)
    [half_made] = Image.objects.filter(state=ImageState.IMPORTING)
    report = images.ingest(dataset=dataset, paths=[files], by=mia)
    assert [image.name for image in report.images] == ["a", "b"]
    assert Image.objects.filter(state=ImageState.READY).count() == Image.objects.count() == 2
    assert list(storage.list_keys(f"images/{half_made.pk}")) == []


def test_progress_rises_to_one(dataset: Dataset, files: Path, mia: User) -> None:
    told: list[float] = []
    images.ingest(
        dataset=dataset, paths=[files], by=mia, on_progress=lambda fraction, _: told.append(fraction)
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.django_db(transaction=True)
def test_two_imports_into_one_dataset_do_not_mix(dataset: Dataset, files: Path, mia: User) -> None:
    with claimed_elsewhere("import", dataset), pytest.raises(DatasetIsBusy):
        images.ingest(dataset=dataset, paths=[files], by=mia)


def test_an_annotator_brings_nothing_in(dataset: Dataset, files: Path, ben: User) -> None:
    with pytest.raises(RoleTooLow):
        images.ingest(dataset=dataset, paths=[files], by=ben)


def test_a_deleted_image_leaves_no_bytes(dataset: Dataset, files: Path, mia: User, outbox: object) -> None:
    images.ingest(dataset=dataset, paths=[files], by=mia, labels_accepted=True)
    image = Image.objects.get(name="a")
    images.delete(image=image, by=mia)
    run_after_commit(outbox)
    assert list(storage.list_keys(f"images/{image.pk}")) == []
    assert Image.objects.count() == 1


class claimed_elsewhere:  # noqa: N801
    """Holds a claim in another thread, hence in another database session."""

    def __init__(self, subject: str, row: Dataset) -> None:
        self.subject, self.row = subject, row
        self.held, self.leave = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def _hold(self) -> None:
        with claims.alone(self.subject, self.row.pk):
            self.held.set()
            self.leave.wait(10)
        connection.close()

    def __enter__(self) -> None:
        self.thread.start()
        self.held.wait(10)

    def __exit__(self, *_: object) -> None:
        self.leave.set()
        self.thread.join()


def run_after_commit(outbox: object) -> None:
    """A test's transaction never commits; reading the outbox runs what waits for that."""
    assert outbox.letters == []  # type: ignore[attr-defined]
