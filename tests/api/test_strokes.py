"""One stroke of a 20 px brush, from the wire to the disk."""

import json
import uuid
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotation.core.tiles import decode_frame, unpack
from annotation.models import Branch
from backend.accounts.models import Team, User
from benchmarks.strokes import Painter
from tests.factories.annotation import make_branch

Client = Callable[[User | None], APIClient]
LIMIT_BYTES = 20_000


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


def test_U4_an_acknowledged_stroke_is_on_the_server_and_small(
    branch: Branch, client_of: Client, ben: User
) -> None:
    image = branch.image
    stroke = Painter(1, image.size_y, image.size_x, length_px=image.size_x - 60).stroke()
    batch = {"batch_id": str(uuid.uuid4()), "base": 0, "edits": [stroke], "on_conflict": "REFUSE"}
    answer = client_of(ben).post(f"/api/v1/branches/{branch.pk}/revisions/", batch)
    assert answer.status_code == 201
    assert len(json.dumps(batch)) < LIMIT_BYTES
    frame = client_of(ben).get(f"/api/v1/branches/{branch.pk}/labels/", {"t": 0, "z": 0})
    _, tiles = decode_frame(frame.content)
    drawn = sum(int((unpack(content).lengths.astype(int)).sum()) for *_, content in tiles)
    assert drawn == sum(stroke["pixels"][0]["add"][2::3])
