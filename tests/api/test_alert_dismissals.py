"""T6 over HTTP: an alert is set aside with who and why, and is back when one of its cells changes."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from annotation.models import Branch
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, linked_movie, paint

ClientOf = Callable[[User | None], APIClient]


def alerts(client: APIClient, branch: Branch) -> dict[tuple[str, int], dict[str, Any]]:
    rows = client.get(f"/api/v1/branches/{branch.pk}/alerts/").json()["results"]
    return {(row["kind"], row["cell"]): row for row in rows}


def put_aside(client: APIClient, branch: Branch, row: dict[str, Any], reason: str = "") -> Any:
    told = {name: row[name] for name in ("mark", "kind", "cell", "t")}
    at = f"/api/v1/branches/{branch.pk}/alert-dismissals/"
    return client.post(at, {**told, "reason": reason}, format="json")


def test_T6_set_aside_until_the_cells_change(team: Team, client_of: ClientOf, ben: User, dan: User) -> None:
    branch, client = linked_movie(team), client_of(ben)
    only = ("ONE_DAUGHTER", 2)
    told = alerts(client, branch)[only]
    assert told["dismissed"] is None
    said = put_aside(client, branch, told, "Its sister left the picture.")
    assert (said.status_code, said.json()["author"]) == (201, ben.name)
    assert put_aside(client, branch, told).json()["id"] == said.json()["id"]
    known = alerts(client, branch)[only]["dismissed"]
    assert (known["author"], known["reason"]) == (ben.name, "Its sister left the picture.")

    # Another cell changes nothing of it; its own daughter does.
    commit(branch, ben, paint(1, 10, 250))
    assert alerts(client, branch)[only]["dismissed"] is not None
    commit(branch, ben, paint(3, 24, 10, t=5))
    assert alerts(client, branch)[only]["dismissed"] is None

    stranger, at = client_of(dan), f"/api/v1/alert-dismissals/{said.json()['id']}/"
    assert put_aside(stranger, branch, told).status_code == 404
    assert stranger.delete(at).status_code == 404
    assert client.delete(at).status_code == 204
