"""T10 over HTTP: unsure links are asked about, answered, and kept from strangers."""

from collections.abc import Callable

from rest_framework.test import APIClient

from backend.accounts.models import Team, User
from tests.factories.annotation import linked_movie


def test_T10_questions_and_answers(
    team: Team, client_of: Callable[[User | None], APIClient], ben: User, dan: User
) -> None:
    branch = linked_movie(team)
    at, client = f"/api/v1/branches/{branch.pk}/", client_of(ben)
    first, second = client.get(f"{at}uncertain-links/?count=2").json()["results"]
    assert first == {"t": 3, "cell": 3, "from_t": 2, "from_cell": 2, "is_division": True, "chance": 0.4}
    assert (second["t"], second["is_division"]) == (5, False)
    ends = {name: first[name] for name in ("t", "cell", "from_t", "from_cell")}
    said = client.post(f"{at}link-answers/", {"answers": [{**ends, "is_right": True}]}, format="json")
    assert (said.status_code, said.json()["number"]) == (201, 2)
    assert client.get(f"{at}human-links/").json()["links"] == 1
    assert client.get(f"{at}uncertain-links/?count=1").json()["results"] == [second]
    wrong = {"answers": [{**ends, "from_cell": 1, "is_right": False}]}
    refused = client.post(f"{at}link-answers/", wrong, format="json")
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Cell 3 in frame 3 is not a daughter of cell 1 any more.",
    )  # fmt: skip
    stranger = client_of(dan)
    assert stranger.get(f"{at}uncertain-links/").status_code == 404
    assert stranger.post(f"{at}link-answers/", wrong, format="json").status_code == 404
