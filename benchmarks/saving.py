"""Saving strokes over REST, early and late in the life of a branch."""

import json
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks import rows
from benchmarks.rows import Row
from benchmarks.strokes import Painter
from tests.running import Running

STROKES = 200


@dataclass
class Branch:
    """A branch being drawn on; `head` is the newest revision that we know."""

    api: httpx.Client
    id: str
    head: int
    painter: Painter

    def save_and_take_back(self) -> tuple[float, int]:
        """A stroke, then a second revision that takes it back: milliseconds and bytes of the first."""
        stroke = self.painter.stroke()
        spent = self._commit(stroke)
        self._commit(self.painter.erase(stroke))
        return spent

    def _commit(self, edit: dict[str, Any]) -> tuple[float, int]:
        batch = {"batch_id": str(uuid.uuid4()), "base": self.head, "edits": [edit], "on_conflict": "REFUSE"}
        body = json.dumps(batch).encode()
        began = time.monotonic()
        answer = self.api.post(
            f"branches/{self.id}/revisions/", content=body, headers={"Content-Type": "application/json"}
        )
        spent_ms = (time.monotonic() - began) * 1000
        answer.raise_for_status()
        self.head = int(answer.json()["number"])
        return spent_ms, len(body)


def measure(server: Running, image: dict[str, Any], *, revisions: int) -> list[Row]:
    """Strokes after 5 revisions, then after `revisions` more."""
    with closing(server.api()) as api:
        branch = _open(api, image, cells=2 * STROKES + revisions)
        for _ in range(3):
            branch.save_and_take_back()
        early = [branch.save_and_take_back() for _ in range(STROKES)]
        while branch.head < revisions:
            branch.save_and_take_back()
        late = [branch.save_and_take_back() for _ in range(STROKES)]
        reading_ms = _reading_ms(api, branch.id)
    return _rows(early, late, reading_ms, revisions)


def _open(api: httpx.Client, image: dict[str, Any], *, cells: int) -> Branch:
    branch = image["current_branch"]["id"]
    first = api.post(f"branches/{branch}/cell-ids/", json={"count": cells}).json()["first"]
    head = api.get(f"branches/{branch}/").json()["head_number"]
    return Branch(api, branch, head, Painter(first, image["size_y"], image["size_x"]))


def _reading_ms(api: httpx.Client, branch: str) -> float:
    times = []
    for _ in range(20):
        began = time.monotonic()
        api.get(f"branches/{branch}/labels/", params={"t": 0, "z": 0}).raise_for_status()
        times.append((time.monotonic() - began) * 1000)
    return rows.percentile(times, 0.5)


def _rows(
    early: list[tuple[float, int]], late: list[tuple[float, int]], reading_ms: float, revisions: int
) -> list[Row]:
    first, last = (rows.percentile([ms for ms, _ in these], 0.95) for these in (early, late))
    kilobytes = max(size for _, size in [*early, *late]) / 1000
    after = f"after {revisions} revisions"
    what = "20 px stroke, 60 px long: acknowledged, p95"
    return [
        rows.row("stroke.p95.early", f"{what}, after 5 revisions", first, "ms", most=150),
        rows.row(
            "stroke.p95.late", f"{what}, {after}", last, "ms",
            most=150, peer="the same after 5 revisions", peer_value=first,
        ),
        rows.row("stroke.ratio", f"{what}: {after} to after 5", last / first, "times", most=1.5),
        rows.row("stroke.size", "largest request of such a stroke", kilobytes, "kB", most=20),
        rows.row("frame.read", f"labels of the whole frame over REST {after}, median", reading_ms, "ms"),
    ]  # fmt: skip
