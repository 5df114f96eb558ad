"""Projects, datasets, uploads and images over HTTP: lists, filters, bytes."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Branch, Dataset, Image
from annotation.services import uploads
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.conftest import Outbox
from tests.factories.annotation import commit, make_branch, make_dataset, make_image, make_project, new_cell

Client = Callable[[User | None], APIClient]
API = "/api/v1/"


@pytest.fixture
def dataset(team: Team) -> Dataset:
    return make_dataset(make_project(team))


@pytest.fixture
def image(dataset: Dataset) -> Image:
    return make_image(dataset, shape_tzyx=(1, 1, 600, 700), pixels=True)


# ---------------------------------------------------------------- projects, classes, datasets


def test_a_project_says_what_the_asker_may_do(team: Team, client_of: Client, mia: User, ben: User) -> None:
    made = client_of(mia).post(API + "projects/", {"team": str(team.pk), "name": "Nuclei"})
    assert (made.status_code, made.json()["role"]) == (201, "MANAGER")
    assert client_of(ben).get(API + "projects/").json()["results"][0]["role"] == "ANNOTATOR"


def test_a_name_that_is_taken_is_a_conflict(dataset: Dataset, client_of: Client, mia: User) -> None:
    sent = {"project": str(dataset.project_id), "name": dataset.name}
    answer = client_of(mia).post(API + "datasets/", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_a_colour_that_is_none_is_refused(dataset: Dataset, client_of: Client, mia: User) -> None:
    path = f"{API}projects/{dataset.project_id}/classes/"
    assert client_of(mia).post(path, {"name": "mitotic", "color": "red"}).status_code == 400
    assert client_of(mia).post(path, {"name": "mitotic", "color": "#FF0000"}).json()["color"] == "#ff0000"


def test_a_dataset_counts_its_images(team: Team, client_of: Client, ben: User, vic: User) -> None:
    branch: Branch = make_branch(team)
    make_image(branch.image.dataset)
    commit(branch, ben, new_cell(1, 10, 10))
    row = client_of(vic).get(f"{API}datasets/{branch.image.dataset_id}/").json()
    assert (row["image_count"], row["labelled_count"], row["accepted_count"]) == (2, 1, 0)


# ---------------------------------------------------------------- images


def test_images_are_filtered(team: Team, client_of: Client, ben: User, vic: User) -> None:
    branch = make_branch(team)
    other = make_image(branch.image.dataset, name="zebra")
    commit(branch, ben, new_cell(1, 10, 10))

    def names(query: str) -> set[str]:
        return {row["name"] for row in client_of(vic).get(f"{API}images/?{query}").json()["results"]}

    assert names(f"dataset={branch.image.dataset_id}") == {branch.image.name, "zebra"}
    assert names("search=ZEB") == {"zebra"}
    assert names("labelled=true") == {branch.image.name}
    assert names("labelled=false") == {other.name}
    assert names("state=IMPORTING") == set()


def _names(client: APIClient, query: str) -> list[str]:
    return [row["name"] for row in client.get(f"{API}images/?{query}").json()["results"]]


def test_images_with_an_accepted_revision_are_found(
    team: Team, client_of: Client, ben: User, cleo: User, vic: User
) -> None:
    branch = make_branch(team)
    make_image(branch.image.dataset)
    number = commit(branch, ben, new_cell(1, 10, 10)).number
    assert _names(client_of(vic), "accepted=true") == []
    client_of(cleo).post(f"{API}branches/{branch.pk}/accept/", {"number": number})
    assert _names(client_of(vic), "accepted=true") == [branch.image.name]
    assert branch.image.name not in _names(client_of(vic), "accepted=false")


def test_each_channel_has_one_name(image: Image, client_of: Client, mia: User) -> None:
    path = f"{API}images/{image.pk}/"
    names = [f"stain {index}" for index in range(image.size_c)]
    assert client_of(mia).patch(path, {"channel_names": names}).json()["channel_names"] == names
    answer = client_of(mia).patch(path, {"channel_names": [*names, "one too many"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_channel_names")


@pytest.mark.parametrize("query", ["dataset=7", "state=NICE", "labelled=perhaps"])
def test_a_filter_that_makes_no_sense_is_refused(query: str, client_of: Client, vic: User) -> None:
    answer = client_of(vic).get(f"{API}images/?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["detail"]


def test_lists_come_in_pages(dataset: Dataset, client_of: Client, vic: User) -> None:
    for _ in range(3):
        make_image(dataset)
    page = client_of(vic).get(API + "images/?limit=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert len(client_of(vic).get(page["next"]).json()["results"]) == 1


def test_lists_cost_the_same_for_one_image_and_for_many(
    dataset: Dataset,
    client_of: Client,
    vic: User,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    for _ in range(5):
        make_image(dataset)
    with django_assert_max_num_queries(4):
        assert client_of(vic).get(API + "images/").json()["count"] == 5


# ---------------------------------------------------------------- bytes


def test_the_zarr_is_read_as_it_lies(image: Image, client_of: Client, vic: User) -> None:
    at = f"{API}images/{image.pk}/zarr/"
    chunk = f"{image.store_key}/0/c/0/0/0/0/0"
    answer = client_of(vic).get(at + "0/c/0/0/0/0/0")
    assert answer.content == storage.get(chunk)
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert client_of(vic).get(at + "zarr.json")["Content-Type"] == "application/json"


def test_what_the_browser_has_is_not_sent_again(image: Image, client_of: Client, vic: User) -> None:
    path = f"{API}images/{image.pk}/zarr/zarr.json"
    etag = client_of(vic).get(path)["ETag"]
    again = client_of(vic).get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "part"), [("0-3", slice(0, 4)), ("5-", slice(5, None)), ("-4", slice(-4, None))]
)
def test_a_range_is_honoured(asked: str, part: slice, image: Image, client_of: Client, vic: User) -> None:
    path = f"{API}images/{image.pk}/zarr/zarr.json"
    whole = client_of(vic).get(path).content
    answer = client_of(vic).get(path, headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, whole[part])
    assert answer["Content-Range"].endswith(f"/{len(whole)}")


def test_a_range_past_the_end_is_refused(image: Image, client_of: Client, vic: User) -> None:
    answer = client_of(vic).get(f"{API}images/{image.pk}/zarr/zarr.json", headers={"Range": "bytes=999999-"})
    assert answer.status_code == 416


@pytest.mark.parametrize(
    "path", ["../thumbnail.png", "0/../../x", "a//b", "%2e%2e/zarr.json", "..%2fzarr.json", "a%5cb", "."]
)
def test_no_path_leads_out_of_the_store(path: str, image: Image, client_of: Client, vic: User) -> None:
    storage.put(f"images/{image.store_key.split('/')[1]}/thumbnail.png", b"secret")
    assert client_of(vic).get(f"{API}images/{image.pk}/zarr/{path}").status_code == 404


def test_a_chunk_that_was_never_written_is_not_found(image: Image, client_of: Client, vic: User) -> None:
    assert client_of(vic).get(f"{API}images/{image.pk}/zarr/0/c/9/9/9/9/9").status_code == 404


def test_bytes_cost_no_query_while_the_answer_is_remembered(
    image: Image,
    client_of: Client,
    vic: User,
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    client, path = client_of(vic), f"{API}images/{image.pk}/zarr/zarr.json"
    client.get(path)
    with django_assert_num_queries(0):
        assert client.get(path).status_code == 200


# ---------------------------------------------------------------- uploads


def announce(client: APIClient, dataset: Dataset, *files: tuple[str, int]) -> dict[str, Any]:
    sent = {"files": [{"path": path, "size": size} for path, size in files]}
    answer = client.post(f"{API}datasets/{dataset.pk}/uploads/", sent)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def chunk(client: APIClient, upload: dict[str, Any], offset: int, data: bytes, sha: str = "") -> Any:
    [file] = upload["files"]
    path = f"{API}uploads/{upload['id']}/files/{file['id']}/chunks/{offset}/"
    headers = {"X-Sha256": sha} if sha else {}
    return client.put(path, data, content_type="application/octet-stream", headers=headers)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHUNK_BYTES", 4)


def test_a_broken_off_upload_goes_on_where_it_stopped(
    small_chunks: None, dataset: Dataset, client_of: Client, mia: User
) -> None:
    client, data = client_of(mia), b"0123456789"
    upload = announce(client, dataset, ("a.tif", 10))
    for offset in (0, 0, 4):  # the first chunk is sent twice
        chunk(
            client,
            upload,
            offset,
            data[offset : offset + 4],
            hashlib.sha256(data[offset : offset + 4]).hexdigest(),
        )
    [file] = client.get(f"{API}uploads/{upload['id']}/").json()["files"]
    assert (file["received"], file["state"]) == (8, "PENDING")
    assert chunk(client, upload, 8, data[8:]).json() == {"received": 10, "state": "RECEIVED"}
    kept = sorted(storage.list_keys(f"uploads/{upload['id']}"))
    assert b"".join(storage.get(key) for key in kept) == data


@pytest.mark.parametrize(
    ("offset", "data", "sha", "status", "code"),
    [
        (0, b"0123", "00", 400, "broken_chunk"),
        (4, b"4567", "", 409, "chunk_out_of_order"),
        (2, b"2345", "", 400, "broken_chunk"),
        (0, b"01", "", 400, "broken_chunk"),
        (0, b"", "", 400, "broken_chunk"),
        (8, b"89abc", "", 400, "broken_chunk"),
    ],
)
def test_a_chunk_that_does_not_fit_is_refused(
    offset: int, data: bytes, sha: str, status: int, code: str,
    small_chunks: None, dataset: Dataset, client_of: Client, mia: User,
) -> None:  # fmt: skip
    upload = announce(client_of(mia), dataset, ("a.tif", 10))
    answer = chunk(client_of(mia), upload, offset, data, sha)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_upload_with_missing_bytes_is_not_finished(dataset: Dataset, client_of: Client, mia: User) -> None:
    upload = announce(client_of(mia), dataset, ("a.tif", 10))
    answer = client_of(mia).post(f"{API}uploads/{upload['id']}/finish/")
    assert (answer.status_code, answer.json()["missing"]) == (409, ["a.tif"])


def test_a_finished_upload_takes_no_more(
    dataset: Dataset, client_of: Client, mia: User, outbox: Outbox
) -> None:
    upload = announce(client_of(mia), dataset, ("a.tif", 2))
    chunk(client_of(mia), upload, 0, b"ab")
    assert client_of(mia).post(f"{API}uploads/{upload['id']}/finish/").status_code == 202
    assert client_of(mia).post(f"{API}uploads/{upload['id']}/finish/").status_code == 202
    assert len(outbox.letters) == 1


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.tif", "a/../../b.tif", "a\\b.tif"])
def test_a_path_that_leads_elsewhere_is_refused(
    path: str, dataset: Dataset, client_of: Client, mia: User
) -> None:
    sent = {"files": [{"path": path, "size": 1}]}
    answer = client_of(mia).post(f"{API}datasets/{dataset.pk}/uploads/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_announcement")


def test_files_that_can_never_be_taken_are_refused_alone(
    dataset: Dataset, client_of: Client, mia: User
) -> None:
    upload = announce(client_of(mia), dataset, ("a.czi", 5), ("b.tif", 5), ("empty.tif", 0))
    states = {file["path"]: (file["state"], bool(file["reason"])) for file in upload["files"]}
    assert states == {"a.czi": ("REFUSED", True), "b.tif": ("PENDING", False), "empty.tif": ("REFUSED", True)}


def test_more_than_the_disk_holds_is_refused(dataset: Dataset, client_of: Client, mia: User) -> None:
    sent = {"files": [{"path": "huge.tif", "size": 2**40}]}
    answer = client_of(mia).post(f"{API}datasets/{dataset.pk}/uploads/", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_room")
