"""W8: releases never change, whatever else does; packages, restoring, branching, comparing."""

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Callable

import pytest
import yaml
from django.db import DatabaseError, transaction
from rest_framework.test import APIClient

from annotation.core.edits import CellChange, CellFacts
from annotation.models import Branch, Dataset, Image, LabelClass, Release, ReleaseItem, Revision
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.selectors import releases as selectors
from annotation.services import exports, images, labels, projects, releases
from annotation.services.images import ImageIsUsed
from annotation.services.naming import NameTaken
from annotation.services.releases import NothingToRelease
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories.annotation import (
    commit,
    edit,
    erase,
    make_class,
    make_dataset,
    make_image,
    make_project,
    new_cell,
    paint,
)

Client = Callable[[User | None], APIClient]
AUTHORS = [{"family_names": "Ångström", "given_names": "Ana"}, {"name": "The lab"}]


@pytest.fixture
def dataset(team: Team, ben: User, cleo: User) -> Dataset:
    """Two images with accepted labels, cells with and without a class; a third one that nobody labelled."""
    dataset = make_dataset(make_project(team), name="Hearts / 3")
    label_class = make_class(dataset.project, name="mitosis")
    for at in range(3):
        image = make_image(dataset, shape_tzyx=(1, 1, 300, 300), pixels=True, name=f"heart {at}")
        Branch.objects.filter(image=image).update(next_cell=1000)
        if at < 2:
            named = CellFacts(label_class=str(label_class.pk))
            commit(main(image), ben, new_cell(1, 10, 10 + at, facts=named), new_cell(2, 250, 250))
            labels.accept(revision=newest(image), by=cleo)
    return dataset


def main(image: Image) -> Branch:
    return Branch.objects.select_related("image__dataset__project__team").get(image=image, name="main")


def newest(image: Image) -> Revision:
    revision = reading.head_revision(main(image))
    assert revision is not None
    return revision


def pixels(branch: Branch) -> list[list[int]]:
    plane = reading.read_planes(branch=branch, t=0, z=0)
    return [[int(v) for v in row] for row in plane[0][::5, ::5]]


def make(dataset: Dataset, by: User, name: str = "1.0") -> Release:
    return releases.make(
        dataset=dataset,
        name=name,
        title="Hearts",
        notes="Beating.",
        licence="CC-BY-4.0",
        authors=AUTHORS,
        by=by,
    )


def package(release: Release, by: User, outbox: Outbox) -> dict[str, bytes]:
    export = exports.ask_release(release=release, format="LABEL_TIFF", by=by)
    outbox.deliver()
    export.refresh_from_db()
    assert export.state == "DONE", export.message
    with zipfile.ZipFile(io.BytesIO(exports.open_result(export=export).read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change_everything(dataset: Dataset, ben: User, mia: User, ana: User) -> None:
    """All that can be changed around a release: labels, classes, names, scales, acceptance, people."""
    for image in Image.objects.filter(dataset=dataset):
        branch = main(image)
        if branch.head_number:
            commit(branch, ben, erase(2, 250, 250), paint(1, 60, 60))
            commit(branch, ben, new_cell(77, 100, 100))
            labels.accept(revision=newest(image), by=mia)
            labels.restore(branch=main(image), number=0, by=ben)
        images.change(
            image=image, by=mia, name=f"renamed {image.name}", channel_names=["x"], pixel_size_y_um=9.0
        )
    label_class = LabelClass.objects.get(project=dataset.project)
    projects.change_class(label_class=label_class, by=mia, name="other", color="#000000", archived=True)
    projects.add_class(project=dataset.project, name="new", color="#ffffff", by=mia)
    projects.change(project=dataset.project, by=mia, name="Other project")
    Dataset.objects.filter(pk=dataset.pk).update(name="Other", description="x")
    User.objects.filter(pk=ben.pk).update(name="Benjamin")


def test_W8_the_digest_never_changes_whatever_else_does(
    dataset: Dataset, ben: User, mia: User, ana: User, outbox: Outbox
) -> None:
    release = make(dataset, mia)
    digest, before = release.digest, package(release, mia, outbox)
    change_everything(dataset, ben, mia, ana)
    release = Release.objects.get(pk=release.pk)
    proof = selectors.prove(release=release)
    assert (proof.is_whole, proof.found, release.digest) == (True, digest, digest)
    release.exports.all().delete()
    assert package(release, mia, outbox) == before
    later = make(dataset, mia, "2.0")
    assert later.digest != digest


def test_W8_a_release_cannot_be_changed_not_even_by_hand(dataset: Dataset, mia: User) -> None:
    release = make(dataset, mia)
    for column, value in (
        ("name", "x"),
        ("digest", "0" * 64),
        ("notes", "x"),
        ("classes", []),
        ("card", "x"),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**{column: value})
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ReleaseItem.objects.filter(release=release).update(labels_sha256="0" * 64)
    with pytest.raises(ImageIsUsed, match="release"), transaction.atomic():
        images.delete(image=Image.objects.get(name="heart 0"), by=mia)
    with pytest.raises(NameTaken, match=r"1\.0"):
        make(dataset, mia)


def test_W8_a_digest_tells_every_change(dataset: Dataset, ben: User, mia: User) -> None:
    """Pixels, a class, an ignored cell, the name of an image: each gives another digest; a lock does not."""

    def now() -> str:
        return releases.make(dataset=dataset, name=str(uuid.uuid4()), which="HEAD", by=mia).digest

    image = Image.objects.get(name="heart 0")
    seen = [now()]
    assert now() == seen[0]
    commit(main(image), ben, edit(cells=[CellChange(2, CellFacts(), CellFacts(locked=True))]))
    assert now() == seen[0]
    commit(main(image), ben, edit(cells=[CellChange(2, CellFacts(locked=True), CellFacts())]))
    for change in (
        paint(2, 200, 200, 1, 1),
        edit(cells=[CellChange(2, CellFacts(), CellFacts(ignored=True))]),
    ):
        commit(main(image), ben, change)
        seen.append(now())
    images.change(image=image, by=mia, name="a heart")
    seen.append(now())
    LabelClass.objects.update(name="anaphase")
    seen.append(now())
    assert len(set(seen)) == 5


def test_W8_the_package_says_what_it_is_and_how_to_cite_it(
    dataset: Dataset, mia: User, outbox: Outbox
) -> None:
    release = make(dataset, mia)
    files = package(release, mia, outbox)
    assert {
        "CITATION.cff",
        "README.md",
        "release.json",
        "heart 0_labels.tif",
        "heart 1_labels.tif",
    } <= files.keys()
    cited = yaml.safe_load(files["CITATION.cff"])
    assert (cited["cff-version"], cited["type"], cited["version"], cited["license"]) == (
        "1.2.0", "dataset", "1.0", "CC-BY-4.0",
    )  # fmt: skip
    assert cited["authors"] == [{"family-names": "Ångström", "given-names": "Ana"}, {"name": "The lab"}]
    assert cited["identifiers"][0]["value"] == f"sha256:{release.digest}"
    told = json.loads(files["release.json"])
    assert (told["digest"], told["counts"]["cells"], told["counts"]["classes"]) == (
        release.digest, 4, {"": 2, "mitosis": 2},
    )  # fmt: skip
    assert [one["labels_sha256"] for one in told["images"]] == [i.labels_sha256 for i in release.items.all()]
    for name, sha256 in told["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == sha256
    assert "Ångström" in files["README.md"].decode()
    assert "| mitosis | 2 |" in files["README.md"].decode()


def test_W8_restored_and_gone_on_from(dataset: Dataset, ben: User, mia: User) -> None:
    release = make(dataset, mia)
    image = Image.objects.get(name="heart 0")
    was, facts = pixels(main(image)), reading.cell_facts(branch=main(image))
    commit(main(image), ben, erase(1, 10, 10), new_cell(9, 100, 100))
    now_is = pixels(main(image))
    begun = releases.branch(release=release, name="after 1.0", by=ben)
    branch = Branch.objects.get(pk=begun[0].branch_id)
    assert (pixels(branch), reading.cell_facts(branch=branch)) == (was, facts)
    assert pixels(main(image)) == now_is
    commit(branch, ben, new_cell(labels.reserve_cells(branch=branch, count=1, by=ben), 150, 150))
    commit(branch, ben, erase(1, 10, 10, 1, 1))
    with pytest.raises(NameTaken):
        releases.branch(release=release, name="after 1.0", by=ben)
    [restored] = releases.restore(release=release, by=mia)
    assert restored.image_id == image.pk
    assert pixels(main(image)) == was
    assert releases.restore(release=release, by=mia) == []
    assert selectors.prove(release=release).is_whole


def test_W8_two_releases_compared(dataset: Dataset, ben: User, mia: User, cleo: User) -> None:
    first = make(dataset, mia)
    image = Image.objects.get(name="heart 1")
    commit(main(image), ben, paint(1, 60, 60))
    labels.accept(revision=newest(image), by=cleo)
    third = Image.objects.get(name="heart 2")
    commit(main(third), ben, new_cell(1, 10, 10))
    labels.accept(revision=newest(third), by=cleo)
    second = make(dataset, mia, "1.1")
    rows = [(one.name, str(one.became)) for one in selectors.compare(base=first, target=second)]
    assert rows == [("heart 1", "CHANGED"), ("heart 2", "ADDED"), ("heart 0", "SAME")]
    assert [str(one.became) for one in selectors.compare(base=second, target=first)][1] == "REMOVED"


def test_W8_what_is_refused(dataset: Dataset, ben: User, mia: User, team: Team) -> None:
    with pytest.raises(RoleTooLow):
        make(dataset, ben)
    with pytest.raises(NothingToRelease, match="accepted"):
        make(make_dataset(dataset.project), mia)
    release = make(dataset, mia)
    with pytest.raises(RoleTooLow):
        releases.restore(release=release, by=ben)


def test_W8_over_http(
    dataset: Dataset, ben: User, mia: User, dan: User, client_of: Client, outbox: Outbox
) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/releases/"
    asked = {"name": "1.0", "licence": "CC0-1.0", "authors": AUTHORS}
    made = client_of(mia).post(address, asked, format="json").json()
    assert [row["cell_count"] for row in made["items"]] == [2, 2]
    assert client_of(mia).post(address, asked, format="json").status_code == 409
    wrong = {**asked, "name": "2", "authors": [{"affiliation": "nobody"}]}
    assert client_of(mia).post(address, wrong, format="json").status_code == 400
    one = f"/api/v1/releases/{made['id']}/"
    for client, code in ((client_of(ben), 200), (client_of(dan), 404)):
        assert client.get(one).status_code == code
        assert client.get(f"{one}proof/").status_code == code
        assert client.get(f"{one}citation/").status_code == code
        assert client.get(f"{one}comparison/", {"base": made["id"]}).status_code == code
    assert client_of(ben).get(f"{one}proof/").json()["is_whole"] is True
    exported = client_of(ben).post(f"{one}package/", {"format": "COCO"}, format="json").json()
    assert (exported["which"], exported["release"]) == ("RELEASE", made["id"])
    again = client_of(ben).post(f"{one}package/", {"format": "COCO"}, format="json").json()
    assert again["id"] == exported["id"]
    for method in ("put", "patch", "delete"):
        assert getattr(client_of(mia), method)(one).status_code == 405
