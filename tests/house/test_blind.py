"""W10: every operation of the OpenAPI document, asked by people who rate an image blind: none tells them
anything of the others' labels. A new operation is asked by itself."""

import asyncio
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from rest_framework.test import APIClient

from annotation.models import (
    Comment,
    Image,
    Note,
    Notification,
    NotificationKind,
    Review,
    Revision,
    Task,
)
from annotation.services import comments, presence, ratings, tasks
from annotation.services.comments import At
from backend.accounts.models import Membership, Role, User
from backend.doors.events import stream
from tests.cast import Cast, person
from tests.factories.annotation import commit, new_cell
from tests.factories.house import furnish
from tests.house.bodies import Bodies
from tests.house.test_roles import DOCUMENT, GIVEN, OPERATIONS, QUERIES, Operation, client_for, undone
from tests.house.test_strangers import fill
from training.models import Job
from training.runners import leaving

# What others wrote about the image, wherever it might come up.
WHISPER = "Quokka"
# By the first word of their addresses: what tells of the image's labels.
TELLING = (
    "branches", "tasks", "notes", "comments", "alert-dismissals", "releases", "exports", "snapshots",
    "evaluations", "comparisons", "atlases", "campaigns", "crowd-item", "crowd-worker", "searches",
    "trained-models",
)  # fmt: skip
# Which model a job ran is no answer of anybody's; the model itself, and what it remembers, is closed.
NO_SECRET = "trained-models"
FILTERS = ("", "image={images}", "branch={branches}", "project={projects}", "dataset={datasets}")


class Lab(NamedTuple):
    """Ana's lab; who rates its image blind, by role; what they must not read."""

    ids: dict[str, str]
    raters: Mapping[str, User]
    own: Mapping[str, Task]
    secrets: frozenset[str]


@pytest.fixture
def lab(cast: Cast, outbox: object, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(leaving, "_run", _refuse_to_write)
    ids = dict(furnish(cast))
    first = Task.objects.get(pk=ids["tasks"])
    raters, own = {}, {}
    for name, role in (("Uma", Role.ANNOTATOR), ("Ulf", Role.REVIEWER), ("Uta", Role.MANAGER)):
        raters[name] = person(name)
        Membership.objects.create(team=cast.team, user=raters[name], role=role)
        second = ratings.make_second(first=first, by=cast.ana)
        own[name] = tasks.assign(task=second, assignee=raters[name], by=cast.ana)
    _whisper(Image.objects.get(pk=ids["images"]), cast.ana, raters.values())
    return Lab(ids, raters, own, frozenset(_secrets(ids, own)))


def _refuse_to_write(command: list[str]) -> None:
    raise leaving.CannotLeave("These are no weights.")


def _whisper(image: Image, by: User, raters: Iterable[User]) -> None:
    """Words of others about the image: in a comment that names the raters, in a note, in a verdict."""
    comments.write(image=image, text=f"{WHISPER} here, @Uma @Ulf @Uta", at=At(), by=by)
    Note.objects.update(text=WHISPER)
    Review.objects.update(comment=WHISPER)
    first = image.branches.get(name="main")
    for rater in raters:
        Notification.objects.create(
            recipient=rater, project=image.dataset.project, kind=NotificationKind.ANSWERED, text=WHISPER,
            address="/", image=image, branch=first,
        )  # fmt: skip


def _secrets(ids: Mapping[str, str], own: Mapping[str, Task]) -> Iterable[str]:
    yield WHISPER
    yield from (ids[kind] for kind in TELLING if kind != NO_SECRET)
    others = Revision.objects.exclude(branch__in=[task.branch_id for task in own.values()])
    yield from (str(pk) for pk in others.values_list("pk", flat=True))
    yield from (str(pk) for pk in Comment.objects.values_list("pk", flat=True))
    yield from (str(pk) for pk in Job.objects.filter(snapshot__isnull=False).values_list("pk", flat=True))


def read(client: APIClient, operation: Operation, address: str, body: Any) -> tuple[int, str]:
    given = {"data": body, "format": "json"} if body is not None else {}
    if operation.name == "sendChunk":
        given = {"data": b"x", "content_type": "application/octet-stream"}
    with undone():
        answer = getattr(client, operation.method)(address, **given)
        if operation.name == "watchEvents":
            return answer.status_code, ""
        content = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    return answer.status_code, content.decode(errors="replace")


def told(lab: Lab, client: APIClient, operation: Operation) -> set[str]:
    """The secrets that an operation tells this client, those aside that were sent with the question."""
    bodies = Bodies(DOCUMENT, lab.ids, GIVEN)
    body = bodies.of(operation.described)
    found: set[str] = set()
    for query in FILTERS if operation.method == "get" and "{" not in operation.path else FILTERS[:1]:
        address = fill(operation.path, lab.ids) + QUERIES.get(operation.name, "").format_map(lab.ids)
        asked = query.format_map(lab.ids)
        address += (("&" if "?" in address else "?") + asked) if asked else ""
        status, content = read(client, operation, address, body)
        sent = address + json.dumps(body, default=str)
        if status < 400:
            closed = {*lab.secrets, lab.ids[NO_SECRET]}
            found |= {f"answered {status}" for secret in closed if secret in address.split("?")[0]}
        found |= {secret for secret in lab.secrets if secret in content and secret not in sent}
    return found


def test_W10_a_blind_rater_gets_no_other_answers_by_any_operation(lab: Lab, cast: Cast) -> None:
    asked = [one for one in OPERATIONS if not one.path.startswith(("/api/v1/crowd/", "/api/v1/session"))]
    wrong, tells_others = [], set()
    ana = client_for(cast.ana)
    for operation in asked:
        for name, rater in lab.raters.items():
            if operation.method != "get" and name != "Uta":
                continue  # whoever may less is told no more
            found = told(lab, client_for(rater), operation)
            wrong += [f"{operation.name} tells {name}: {', '.join(sorted(found))}"] if found else []
        if operation.method == "get" and told(lab, ana, operation):
            tells_others.add(operation.name)
    assert not wrong, "\n".join(wrong)
    # The same questions do tell somebody who rates nothing: otherwise this test could not fail.
    assert len(tells_others) > 60, sorted(tells_others)
    assert {
        "listBranches",
        "getImage",
        "listAudit",
        "exportAudit",
        "listReleases",
        "readAtlasPoints",
    } <= tells_others


def test_W10_numbers_and_the_newest_labels_are_those_of_the_own_rating(lab: Lab, cast: Cast) -> None:
    ana, uma = client_for(cast.ana), client_for(lab.raters["Uma"])
    own, at = lab.own["Uma"], f"/api/v1/images/{lab.ids['images']}/"
    seen, known = uma.get(at).json(), ana.get(at).json()
    assert seen["current_branch"]["id"] == str(own.branch_id) != known["current_branch"]["id"]
    assert (seen["accepted_number"], seen["labelled"], seen["draft"]) == (None, False, None)
    assert (bool(known["accepted_number"]), known["labelled"]) == (True, True)
    for name in ("labelled", "accepted"):
        images = f"/api/v1/images/?project={lab.ids['projects']}&{name}=true"
        assert (uma.get(images).json()["count"], ana.get(images).json()["count"]) == (0, 1)
    counts = [c.get(f"/api/v1/datasets/{lab.ids['datasets']}/").json() for c in (uma, ana)]
    assert [(one["labelled_count"], one["accepted_count"]) for one in counts] == [(0, 0), (1, 1)]
    branches = uma.get(f"{at}branches/").json()["results"]
    assert [one["id"] for one in branches] == [str(own.branch_id)]
    # Nor is it told how many cells the others drew: new cells are numbered from the start on.
    ids = uma.post(f"/api/v1/branches/{own.branch_id}/cell-ids/", {"count": 1}, format="json").json()
    assert ids["first"] == 1
    assert uma.get(f"/api/v1/tasks/{own.pk}/").json()["blind"] is True


def test_W10_it_ends_with_the_settlement(lab: Lab, cast: Cast) -> None:
    uma, branch = client_for(lab.raters["Uma"]), f"/api/v1/branches/{lab.ids['branches']}/"
    assert uma.get(branch).status_code == 404
    uma.post(f"/api/v1/tasks/{lab.own['Uma'].pk}/submit/")
    assert uma.get(branch).status_code == 404, "what is handed in could be taken back and copied"
    Task.objects.filter(pk=lab.ids["tasks"]).update(state="SUBMITTED")
    settled = client_for(cast.ana).post(f"/api/v1/tasks/{lab.own['Uma'].pk}/settle/", {}, format="json")
    assert settled.status_code == 200, settled.content
    assert uma.get(branch).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_W10_live_events_of_the_others_are_not_heard(
    transactional_db: None, cast: Cast, outbox: object
) -> None:
    ids = dict(furnish(cast))
    image = Image.objects.get(pk=ids["images"])
    first, main = Task.objects.get(pk=ids["tasks"]), image.branches.get(name="main")
    second = ratings.make_second(first=first, by=cast.ana)
    rater = person("Uma")
    Membership.objects.create(team=cast.team, user=rater, role=Role.REVIEWER)

    def others_work(branch: Any) -> None:
        presence.tell(branch=branch, by=cast.ana, t=0, z=0, y=1.0, x=1.0, cells=[1], tool="brush")
        commit(branch, cast.ana, new_cell(int(branch.next_cell) - 1, 1, 1, height=1, width=1))
        comments.write(image=image, text="here", at=At(), by=cast.ana)

    def prepare() -> None:
        tasks.assign(task=second, assignee=rater, by=cast.ana)
        type(main).objects.filter(pk=main.pk).update(next_cell=500)
        main.refresh_from_db()
        others_work(main)
        presence.tell(branch=second.branch, by=cast.ana, t=0, z=0, y=1.0, x=1.0, cells=[], tool="pan")
        connection.close()

    async def scene() -> list[str]:
        source = stream(rater.pk, uuid.UUID(ids["projects"]))
        heard: list[str] = []
        assert await anext(source) == b": welcome\n\n"
        await sync_to_async(prepare)()
        while not heard or '"tool":"pan"' not in heard[-1]:
            heard.append((await asyncio.wait_for(anext(source), 5)).decode())
        await source.aclose()
        return heard

    heard = asyncio.run(scene())
    assert any("task.changed" in one and str(second.pk) in one for one in heard)
    assert not [one for one in heard if str(main.pk) in one or "comment" in one or '"tool":"brush"' in one]
