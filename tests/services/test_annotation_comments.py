"""W5: comments at places, who hears of them, mails that gather, webhooks that sign and try again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.core.mentions import mentioned
from annotation.models import Branch, Comment, Delivery, Image, Notification, Project, Webhook
from annotation.policies.access import RoleTooLow
from annotation.selectors import comments as reading
from annotation.selectors import places
from annotation.services import comments, notifications, reviews, sweeps, tasks, webhooks
from annotation.services.comments import AnswersAreFlat, At, NotYourComment, PlaceIncomplete
from annotation.services.webhooks import Event, sign
from backend.accounts.models import Team, User
from backend.foundation.clock import now
from backend.foundation.outward import BadAddress
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories.annotation import commit, make_branch, new_cell

Client = Callable[[User | None], APIClient]


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team, shape_tzyx=(3, 1, 64, 64))


@pytest.fixture
def image(branch: Branch) -> Image:
    return branch.image


@pytest.fixture
def project(image: Image) -> Project:
    return image.dataset.project


PIXEL = At(place="PIXEL", t=1, z=0, y=4.5, x=7.25, zoom=3.0)


# ---------------------------------------------------------------- comments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ben look", {"Ben"}),
        ("@ben okafor, look", {"Ben Okafor"}),
        ("mail ben@lab.example", set()),
        ("@Benjamin", set()),
        ("(@Ben) and @Cleo.", {"Ben", "Cleo"}),
        ("@", set()),
    ],
)
def test_W5_people_are_called_by_name(text: str, found: set[str]) -> None:
    assert mentioned(text, ["Ben", "Ben Okafor", "Cleo", ""]) == found


def test_W5_the_link_opens_the_exact_view(image: Image, branch: Branch, cleo: User) -> None:
    pinned = comments.write(image=image, text="what is this?", at=PIXEL, by=cleo)
    of_cell = At(place="CELL", t=1, z=0, y=4.5, x=7.0, cell=3, zoom=3.0)
    on_cell = comments.write(image=image, text="two cells?", at=of_cell, branch=branch, by=cleo)
    root = f"/projects/{image.dataset.project_id}/annotate/{image.pk}"
    assert places.of_comment(pinned) == f"{root}?t=1&z=0&at=4.5,7.25,3&comment={pinned.pk}"
    assert f"branch={branch.pk}" in places.of_comment(on_cell)
    assert "cell=3" in places.of_comment(on_cell)


@pytest.mark.parametrize(
    "at",
    [
        At(place="FRAME"),
        At(place="PIXEL", t=0, z=0),
        At(place="CELL", t=0, z=0, cell=1),
        At(place="TRACK"),
    ],
)
def test_W5_a_place_is_told_in_full(image: Image, cleo: User, at: At) -> None:
    with pytest.raises(PlaceIncomplete):
        comments.write(image=image, text="here", at=at, by=cleo)


def test_W5_a_conversation_is_answered_settled_and_opened_by_an_answer(
    image: Image, ben: User, cleo: User, vic: User
) -> None:
    root = comments.write(image=image, text="two cells?", at=PIXEL, by=cleo)
    said = comments.answer(thread=root, text="yes", by=ben)
    with pytest.raises(AnswersAreFlat):
        comments.answer(thread=said, text="no", by=ben)
    with pytest.raises(RoleTooLow):
        comments.resolve(comment=root, resolved=True, by=vic)
    settled = comments.resolve(comment=root, resolved=True, by=ben)
    assert settled.resolved_by == ben
    assert not reading.list_threads(user=cleo, image=image.pk, open=True)
    comments.answer(thread=settled, text="and yet", by=cleo)
    [thread] = reading.list_threads(user=cleo, image=image.pk, open=True)
    assert [one.text for one in thread.answers.all()] == ["yes", "and yet"]


def test_W5_people_change_their_own_words_only(image: Image, ben: User, cleo: User, mia: User) -> None:
    mine = comments.write(image=image, text="hm", at=At(), by=cleo)
    with pytest.raises(NotYourComment):
        comments.change(comment=mine, text="ha", by=mia)
    assert comments.change(comment=mine, text="oh @Ben", by=cleo).changed_at is not None
    assert list(mine.mentioned.all()) == [ben]
    with pytest.raises(RoleTooLow):
        comments.delete(comment=mine, by=ben)
    comments.delete(comment=mine, by=mia)
    assert not Comment.objects.exists()


def test_W5_over_http_comments_are_written_answered_and_found(
    image: Image, project: Project, ben: User, cleo: User, dan: User, client_of: Client
) -> None:
    address = f"/api/v1/images/{image.pk}/comments/"
    body = {"text": "look, @Ben", "place": "PIXEL", "t": 1, "z": 0, "y": 4.5, "x": 7.25, "zoom": 2}
    made = client_of(cleo).post(address, body)
    assert made.status_code == 201
    assert [person["name"] for person in made.json()["mentioned"]] == ["Ben"]
    client_of(ben).post(address, {"text": "yes", "thread": made.json()["id"]})
    of_project = f"/api/v1/projects/{project.pk}/comments/?for_me=true&open=true"
    [found] = client_of(ben).get(of_project).json()["results"]
    assert [said["text"] for said in found["answers"]] == ["yes"]
    one = f"/api/v1/comments/{made.json()['id']}/"
    assert client_of(ben).patch(one, {"resolved": True}).json()["resolved_by"]["name"] == "Ben"
    assert client_of(dan).get(one).status_code == 404
    assert client_of(dan).post(address, body).status_code == 404


# ---------------------------------------------------------------- who hears


def heard(user: User) -> list[tuple[str, bool]]:
    rows = reading.list_notifications(user=user)
    return [(str(row.kind), row.read_at is not None) for row in rows]


def test_W5_those_who_are_named_and_those_who_took_part_hear_once(
    image: Image, ben: User, cleo: User, mia: User, dan: User
) -> None:
    root = comments.write(image=image, text="@Ben @Dan two cells?", at=PIXEL, by=cleo)
    comments.answer(thread=root, text="@Ben? I think so", by=mia)
    assert heard(ben) == [("MENTIONED", False), ("MENTIONED", False)]
    assert heard(cleo) == [("ANSWERED", False)]
    assert heard(mia) == heard(dan) == []
    assert notifications.mark_read(user=ben) == 2
    assert [read for _, read in heard(ben)] == [True, True]


def test_W5_the_way_of_a_task_is_told(
    image: Image, branch: Branch, project: Project, ben: User, cleo: User, mia: User
) -> None:
    task = tasks.create(project=project, image=image, assignee=ben, by=mia)
    commit(branch, ben, new_cell(1, 10, 10))
    reviews.hand_in(task=task, by=ben)
    reviews.decide(task=task, by=cleo, verdict="ACCEPTED")
    assert [kind for kind, _ in heard(ben)] == ["ACCEPTED", "ASSIGNED"]
    commit(branch, ben, new_cell(2, 30, 30))
    assert [kind for kind, _ in heard(cleo)] == ["CHANGED"]


def test_W5_who_left_hears_nothing_more(image: Image, ben: User, cleo: User, team: Team) -> None:
    comments.write(image=image, text="@Ben", at=At(), by=cleo)
    team.memberships.filter(user=ben).delete()
    assert heard(ben) == []


# ---------------------------------------------------------------- mail


def test_W5_mails_gather_what_is_unread_and_come_as_often_as_wanted(
    image: Image, ben: User, cleo: User, outbox: Outbox, settings: Settings
) -> None:
    settings.CYTOLOOP_MAIL, settings.CYTOLOOP_ADDRESS = True, "https://lab.example"
    for text in ("@Ben one", "@Ben two"):
        comments.write(image=image, text=text, at=PIXEL, by=cleo)
    sweeps.sweep()
    assert not outbox.of(Letter.MAIL_DIGEST), "what comes within minutes is gathered"
    Notification.objects.update(created_at=now() - timedelta(minutes=11))
    sweeps.sweep()
    outbox.deliver()
    outbox.deliver_again()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([ben.email], "2 things for you in Cytoloop")
    assert "two" in letter.body
    assert "https://lab.example/projects/" in letter.body
    Notification.objects.update(mailed_at=None)
    sweeps.sweep()
    assert not outbox.of(Letter.MAIL_DIGEST), "not before the hour is over"


def test_W5_nobody_gets_mails_who_wants_none(
    image: Image, ben: User, cleo: User, outbox: Outbox, settings: Settings, client_of: Client
) -> None:
    settings.CYTOLOOP_MAIL = True
    assert client_of(ben).get("/api/v1/me/mail/").json() == {"rhythm": "HOURLY", "available": True}
    client_of(ben).put("/api/v1/me/mail/", {"rhythm": "NEVER"})
    comments.write(image=image, text="@Ben", at=At(), by=cleo)
    Notification.objects.update(created_at=now() - timedelta(hours=2))
    sweeps.sweep()
    assert not outbox.of(Letter.MAIL_DIGEST)


# ---------------------------------------------------------------- webhooks


class Receiver:
    """Another program: keeps what it is told, answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((dict(self.headers.items()), body))
                self.send_response(receiver.answers)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.CYTOLOOP_WEBHOOKS_INSIDE = True
    made = Receiver()
    thread = Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def webhook(project: Project, receiver: Receiver, mia: User) -> Webhook:
    return webhooks.create(project=project, url=receiver.url, events=[Event.COMMENT_WRITTEN], by=mia)


def test_W5_a_letter_is_signed_and_arrives_once(
    image: Image, webhook: Webhook, receiver: Receiver, outbox: Outbox, cleo: User
) -> None:
    comments.write(image=image, text="hello", at=PIXEL, by=cleo)
    outbox.deliver(Letter.DELIVER_WEBHOOK)
    outbox.deliver_again()
    [(headers, body)] = receiver.heard
    at_s, signature = (part.split("=")[1] for part in headers["X-Cytoloop-Signature"].split(","))
    told = hmac.new(webhook.secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == told
    assert sign(secret="another", body=body, at_s=int(at_s)) != headers["X-Cytoloop-Signature"]
    letter = json.loads(body)
    assert (letter["event"], letter["data"]["text"]) == ("comment.written", "hello")
    assert Delivery.objects.get().state == "DONE"


def test_W5_what_is_refused_is_tried_again_with_growing_patience_and_then_given_up(
    image: Image, webhook: Webhook, receiver: Receiver, outbox: Outbox, mia: User
) -> None:
    receiver.answers = 500
    webhooks.try_out(webhook=webhook, by=mia)
    waits = []
    for _ in range(len(webhooks.PATIENCE) + 1):
        outbox.deliver(Letter.DELIVER_WEBHOOK)
        delivery = Delivery.objects.get()
        if delivery.next_at is not None:
            waits.append(delivery.next_at - now())
            sweeps.sweep()
            assert not outbox.of(Letter.DELIVER_WEBHOOK), "not before its time"
            Delivery.objects.update(next_at=now())
            sweeps.sweep()
    assert waits == sorted(waits)
    assert waits[-1] > 100 * waits[0]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("FAILED", 6, 500)
    assert "500" in delivery.failure
    receiver.answers = 204
    webhooks.try_again(delivery=delivery, by=mia)
    outbox.deliver(Letter.DELIVER_WEBHOOK)
    assert Delivery.objects.get().state == "DONE"


def test_W5_only_what_was_asked_for_is_told_and_nothing_while_silent(
    image: Image, webhook: Webhook, project: Project, outbox: Outbox, mia: User, ben: User, cleo: User
) -> None:
    tasks.create(project=project, image=image, assignee=ben, by=mia)
    assert not Delivery.objects.exists()
    webhooks.change(webhook=webhook, active=False, by=mia)
    comments.write(image=image, text="hello", at=At(), by=cleo)
    assert not Delivery.objects.exists()


def test_W5_letters_do_not_go_into_the_house_by_default(project: Project, mia: User, outbox: Outbox) -> None:
    made = webhooks.create(project=project, url="http://127.0.0.1:9/", events=[], by=mia)
    webhooks.try_out(webhook=made, by=mia)
    outbox.deliver(Letter.DELIVER_WEBHOOK)
    assert "own network" in Delivery.objects.get().failure
    for url in ("ftp://lab.example", "https://user:secret@lab.example/", "https:///x"):
        with pytest.raises(BadAddress):
            webhooks.create(project=project, url=url, events=[], by=mia)


def test_W5_the_secret_is_shown_once_and_to_managers(
    project: Project, client_of: Client, mia: User, cleo: User, dan: User
) -> None:
    address = f"/api/v1/projects/{project.pk}/webhooks/"
    body = {"url": "https://lab.example/hook", "events": ["task.submitted"]}
    assert client_of(mia).post(address, body).json()["secret"].startswith("whs_")
    assert "secret" not in client_of(mia).get(address).json()["results"][0]
    assert client_of(cleo).get(address).status_code == 403
    assert client_of(dan).get(address).status_code == 404
