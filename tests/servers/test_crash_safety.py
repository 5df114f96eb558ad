"""U5: browser, worker, web server and database killed while strokes are drawn.

`make bench-safety` does it 100 times.
"""

import random
from pathlib import Path

import pytest

from tests.running import running
from tests.servers.killing import draw_in_browser_under_kills, draw_over_rest_under_kills

pytestmark = [pytest.mark.slow, pytest.mark.servers]


def test_U5_no_acknowledged_stroke_is_lost_and_at_most_the_one_in_flight(tmp_path: Path) -> None:
    rng = random.Random(5)
    with running(tmp_path / "home") as server:
        over_rest = draw_over_rest_under_kills(server, kills=6, rng=rng)
        by_hand = draw_in_browser_under_kills(server, folder=tmp_path / "profile", kills=4, rng=rng)
    for losses in (over_rest, by_hand):
        assert losses.acknowledged > 0
        assert losses.acknowledged_lost == 0
        assert losses.most_lost_by_one_kill <= 1
        assert losses.twice == 0
    assert set(over_rest.kills) == {"web", "worker", "database"}
    assert "browser" in by_hand.kills
