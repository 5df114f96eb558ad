"""Signing in, tokens, teams, members and invitations, asked by the whole cast."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from backend.accounts.models import Membership, Role, SignInFailure, Team, Token, User
from backend.accounts.services import invitations, people, tokens
from backend.foundation import clock
from tests.cast import PASSWORD, Cast

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def browser() -> APIClient:
    """A browser that must carry its CSRF token."""
    return APIClient(enforce_csrf_checks=True)


def sign_in(browser: APIClient, email: str, password: str) -> int:
    browser.get("/api/v1/session/")
    token = browser.cookies["csrftoken"].value
    given = {"email": email, "password": password}
    return int(browser.post("/api/v1/session/", given, HTTP_X_CSRFTOKEN=token).status_code)


def test_nobody_is_signed_in_at_first(db: None, browser: APIClient) -> None:
    assert browser.get("/api/v1/session/").json() == {"user": None}


def test_signing_in_with_any_case_of_the_address(cast: Cast, browser: APIClient) -> None:
    assert sign_in(browser, " ANA@lab.example ".strip(), PASSWORD) == 200
    user = browser.get("/api/v1/session/").json()["user"]
    assert (user["email"], [team["role"] for team in user["teams"]]) == ("ana@lab.example", ["OWNER"])


def test_it_refuses_a_wrong_password_without_telling_which_was_wrong(cast: Cast, browser: APIClient) -> None:
    token = browser.get("/api/v1/session/") and browser.cookies["csrftoken"].value
    answers = [
        browser.post("/api/v1/session/", {"email": email, "password": "wrong"}, HTTP_X_CSRFTOKEN=token)
        for email in ("ana@lab.example", "nobody@lab.example")
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "wrong_email_or_password"


def test_it_refuses_to_sign_in_without_the_browsers_token(cast: Cast, browser: APIClient) -> None:
    answer = browser.post("/api/v1/session/", {"email": "ana@lab.example", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_it_refuses_a_change_without_the_browsers_token(cast: Cast, browser: APIClient) -> None:
    sign_in(browser, "ana@lab.example", PASSWORD)
    assert browser.patch("/api/v1/me/", {"name": "Eve"}).status_code == 403
    assert User.objects.get(pk=cast.ana.pk).name == "Ana"


def test_guessing_is_stopped_even_for_the_right_password(cast: Cast, browser: APIClient) -> None:
    codes = [sign_in(browser, "ana@lab.example", f"guess {n}") for n in range(people.GUESSES_PAIR)]
    assert set(codes) == {400}
    assert sign_in(browser, "ana@lab.example", PASSWORD) == 429
    assert sign_in(browser, "ben@lab.example", PASSWORD) == 200, "others are not locked out"


def test_old_guesses_are_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(people.GUESSES_PAIR):
        SignInFailure.objects.create(email="ana@lab.example", address="1.2.3.4")
    later = clock.now() + people.GUESS_WINDOW
    monkeypatch.setattr(people, "now", lambda: later)
    found = people.authenticate(email="ana@lab.example", password=PASSWORD, address="1.2.3.4")
    assert found == cast.ana
    people.sweep()
    people.sweep()
    assert not SignInFailure.objects.exists()


def test_signing_out_ends_the_session(cast: Cast, browser: APIClient) -> None:
    sign_in(browser, "ana@lab.example", PASSWORD)
    token = browser.cookies["csrftoken"].value
    assert browser.delete("/api/v1/session/", HTTP_X_CSRFTOKEN=token).status_code == 204
    assert browser.get("/api/v1/me/").status_code == 401


def test_a_person_who_left_is_not_let_in(cast: Cast, browser: APIClient) -> None:
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    assert sign_in(browser, "ben@lab.example", PASSWORD) == 400


def test_changing_the_password_signs_other_browsers_out(cast: Cast) -> None:
    here, elsewhere = APIClient(), APIClient()
    assert here.login(username="ana@lab.example", password=PASSWORD)
    assert elsewhere.login(username="ana@lab.example", password=PASSWORD)
    new = "another long sentence"
    assert here.post("/api/v1/me/password/", {"old": PASSWORD, "new": new}).status_code == 204
    assert here.get("/api/v1/me/").status_code == 200
    assert elsewhere.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("wrong", "another long sentence", "wrong_password"), (PASSWORD, "short", "weak_password")],
)
def test_it_refuses_a_bad_change_of_password(
    client_of: ClientOf, ana: User, old: str, new: str, code: str
) -> None:
    answer = client_of(ana).post("/api/v1/me/password/", {"old": old, "new": new})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_token_is_shown_once_and_works(client_of: ClientOf, ana: User) -> None:
    made = client_of(ana).post("/api/v1/tokens/", {"name": "notebook"}).json()
    assert made["secret"].startswith("cyt_")
    assert "secret" not in client_of(ana).get("/api/v1/tokens/").json()["results"][0]
    assert not Token.objects.filter(secret_hash=made["secret"]).exists()
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {made['secret']}")
    assert program.get("/api/v1/me/").json()["email"] == ana.email


def test_it_refuses_a_withdrawn_or_invented_token(client_of: ClientOf, ana: User) -> None:
    token, secret = tokens.create(user=ana, name="notebook")
    assert client_of(ana).delete(f"/api/v1/tokens/{token.pk}/").status_code == 204
    for wrong in (secret, "cyt_invented", ""):
        program = APIClient()
        program.credentials(HTTP_AUTHORIZATION=f"Bearer {wrong}")
        assert program.get("/api/v1/me/").status_code == 401


def test_a_stranger_cannot_withdraw_my_token(client_of: ClientOf, ana: User, dan: User) -> None:
    token, _ = tokens.create(user=ana, name="notebook")
    assert client_of(dan).delete(f"/api/v1/tokens/{token.pk}/").status_code == 404
    assert Token.objects.filter(pk=token.pk).exists()


def test_a_team_belongs_to_whoever_makes_it(client_of: ClientOf, ben: User) -> None:
    made = client_of(ben).post("/api/v1/teams/", {"name": "Side project"}).json()
    assert (made["role"], made["member_count"]) == ("OWNER", 1)


def test_a_stranger_sees_nothing_of_a_team(client_of: ClientOf, team: Team, dan: User, ana: User) -> None:
    member = Membership.objects.get(team=team, user=ana)
    client = client_of(dan)
    assert str(team.pk) not in client.get("/api/v1/teams/").content.decode()
    for address in (f"teams/{team.pk}/", f"teams/{team.pk}/members/", f"teams/{team.pk}/invitations/"):
        assert client.get(f"/api/v1/{address}").status_code == 404
    assert client.patch(f"/api/v1/members/{member.pk}/", {"role": "VIEWER"}).status_code == 404
    assert client.delete(f"/api/v1/members/{member.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["mia", "cleo", "ben", "vic"])
def test_only_owners_change_the_team(client_of: ClientOf, cast: Cast, team: Team, name: str) -> None:
    client = client_of(getattr(cast, name))
    member = Membership.objects.get(team=team, user=cast.ana)
    invited = {"email": "new@lab.example", "role": "VIEWER"}
    assert client.get(f"/api/v1/teams/{team.pk}/members/").json()["count"] == 5
    assert client.patch(f"/api/v1/teams/{team.pk}/", {"name": "Mine"}).status_code == 403
    assert client.post(f"/api/v1/teams/{team.pk}/invitations/", invited).status_code == 403
    assert client.get(f"/api/v1/teams/{team.pk}/invitations/").status_code == 403
    assert client.patch(f"/api/v1/members/{member.pk}/", {"role": "VIEWER"}).status_code == 403
    assert client.delete(f"/api/v1/members/{member.pk}/").status_code == 403


def test_the_last_owner_stays(client_of: ClientOf, team: Team, ana: User, mia: User) -> None:
    mine = Membership.objects.get(team=team, user=ana)
    leave = client_of(ana).delete(f"/api/v1/members/{mine.pk}/")
    step_down = client_of(ana).patch(f"/api/v1/members/{mine.pk}/", {"role": "VIEWER"})
    assert [a.status_code for a in (leave, step_down)] == [409, 409]
    assert leave.json()["code"] == "last_owner"
    hers = Membership.objects.get(team=team, user=mia)
    assert client_of(ana).patch(f"/api/v1/members/{hers.pk}/", {"role": "OWNER"}).status_code == 200
    assert client_of(ana).delete(f"/api/v1/members/{mine.pk}/").status_code == 204


def test_anyone_may_leave(client_of: ClientOf, team: Team, ben: User) -> None:
    mine = Membership.objects.get(team=team, user=ben)
    assert client_of(ben).delete(f"/api/v1/members/{mine.pk}/").status_code == 204
    assert client_of(ben).get(f"/api/v1/teams/{team.pk}/").status_code == 404


def test_adding_somebody_does_not_tell_who_has_an_account(
    client_of: ClientOf, cast: Cast, team: Team
) -> None:
    address = f"/api/v1/teams/{team.pk}/members/"
    answers = [
        client_of(cast.ana).post(address, {"email": email}).json()
        for email in ("dan@lab.example", "nobody@lab.example")
    ]
    assert [answer["code"] for answer in answers] == ["not_known_to_you"] * 2


def test_adding_somebody_from_another_of_my_teams(client_of: ClientOf, cast: Cast) -> None:
    second = client_of(cast.ana).post("/api/v1/teams/", {"name": "Second"}).json()
    address = f"/api/v1/teams/{second['id']}/members/"
    assert client_of(cast.ana).post(address, {"email": "ben@lab.example"}).status_code == 201
    assert client_of(cast.ana).post(address, {"email": "ben@lab.example"}).status_code == 409


def invite(client: APIClient, team: Team, email: str) -> str:
    answer = client.post(f"/api/v1/teams/{team.pk}/invitations/", {"email": email, "role": "REVIEWER"})
    assert answer.status_code == 201
    return str(answer.json()["token"])


def test_an_invited_person_makes_an_account_and_joins(client_of: ClientOf, team: Team, ana: User) -> None:
    link = invite(client_of(ana), team, "eve@lab.example")
    seen = client_of(None).get(f"/api/v1/invitations/{link}/").json()
    assert (seen["team"], seen["invited_by"], seen["has_account"]) == ("Ana's lab", "Ana", False)
    given = {"name": "Eve", "password": PASSWORD}
    assert client_of(None).post(f"/api/v1/invitations/{link}/", given).status_code == 201
    assert Membership.objects.get(team=team, user__email="eve@lab.example").role == Role.REVIEWER
    assert client_of(None).post(f"/api/v1/invitations/{link}/", given).status_code == 404, "a link works once"


def test_an_invited_person_with_an_account_signs_in(client_of: ClientOf, cast: Cast, team: Team) -> None:
    link = invite(client_of(cast.ana), team, "dan@lab.example")
    address = f"/api/v1/invitations/{link}/"
    assert client_of(None).get(address).json()["has_account"]
    given = {"name": "Not Dan", "password": PASSWORD}
    assert client_of(None).post(address, given).json()["code"] == "account_exists"
    assert client_of(cast.ben).post(address, {}).json()["code"] == "not_your_invitation"
    assert client_of(cast.dan).post(address, {}).status_code == 201


def test_it_refuses_a_nameless_newcomer(client_of: ClientOf, team: Team, ana: User) -> None:
    link = invite(client_of(ana), team, "eve@lab.example")
    answer = client_of(None).post(f"/api/v1/invitations/{link}/", {"name": "Eve"})
    assert (answer.status_code, answer.json()["code"]) == (400, "name_and_password_needed")


def test_a_withdrawn_or_old_invitation_leads_nowhere(
    client_of: ClientOf, team: Team, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invite(client_of(ana), team, "eve@lab.example")
    waiting = client_of(ana).get(f"/api/v1/teams/{team.pk}/invitations/").json()["results"]
    withdrawn = client_of(ana).delete(f"/api/v1/teams/{team.pk}/invitations/{waiting[0]['id']}/")
    assert withdrawn.status_code == 204
    assert client_of(None).get(f"/api/v1/invitations/{link}/").status_code == 404
    old = invite(client_of(ana), team, "eve@lab.example")
    later = clock.now() + invitations.GOOD_FOR
    monkeypatch.setattr(invitations, "now", lambda: later)
    assert client_of(None).get(f"/api/v1/invitations/{old}/").json()["code"] == "invitation_gone"


def test_it_refuses_to_invite_a_member(client_of: ClientOf, team: Team, ana: User) -> None:
    answer = client_of(ana).post(f"/api/v1/teams/{team.pk}/invitations/", {"email": "BEN@lab.example"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


def test_the_first_owner_is_made_once(db: None) -> None:
    owner, password = people.ensure_first_owner(email="Owner@lab.example", password="")
    assert owner.check_password(password)
    assert owner.email == "owner@lab.example"
    assert people.ensure_first_owner(email="other@lab.example", password="") == (owner, "")


def test_it_refuses_a_weak_first_password(db: None) -> None:
    with pytest.raises(people.WeakPassword):
        people.ensure_first_owner(email="owner@lab.example", password="password")
    assert not Team.objects.exists()
