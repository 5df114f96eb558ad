"""Many people at one server on this machine: 200 workers of a crowd, then 50 people who draw.

The figures asked for: 200 workers at once, p95 under 500 ms, no item given twice against the rules, no answer
lost; 50 annotators saving strokes for 10 minutes, p95 under 500 ms, no error. Server, database, background
functions and the people's clients share the machine's cores.
"""

import argparse
import asyncio
import random
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import tifffile

from annotation.core import simulation
from benchmarks import rows
from benchmarks.cores import Cores
from benchmarks.plain_http import Answer, Client
from benchmarks.rows import Row
from benchmarks.strokes import Painter
from tests.running import Running, running

API = "/api/v1"
WORKERS, ANNOTATORS = 200, 50
THINK_S = (2.0, 6.0)
STROKE_EVERY_S = (2.0, 4.0)
SIDE_PX, CELLS = 2048, 1000
ANSWERS = {"answers_min": 5, "answers_max": 9}
SLOW_MS = 500.0
# The workers of the background start after the web server; nobody is asked to wait for that.
SETTLE_S = 12.0


@dataclass
class Watch:
    """Everything that was asked and answered."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    twice: int = 0

    def note(self, what: str, answer: Answer) -> bool:
        """Keep the time; answers whether it went well."""
        self.ms[what].append(answer.spent_ms)
        if answer.status >= 400:
            self.errors.append(f"{what}: {answer.status} {answer.body[:200]!r}")
        return answer.status < 400

    def all_ms(self) -> list[float]:
        """The times of every request."""
        return [ms for times in self.ms.values() for ms in times]


def main() -> None:
    """Measure and write `build/bench/team_load.json`."""
    told = _arguments()
    with tempfile.TemporaryDirectory(prefix="cytoloop-team-") as folder:
        words = ("--web", str(told.web)) if told.web else ()
        with running(Path(folder) / "home", *words, demonstration=False) as server:
            figures = []
            if told.seconds:
                figures += measure_crowd(
                    server,
                    Path(folder),
                    told.workers,
                    told.seconds,
                    (told.think[0], told.think[1]),
                    told.web,
                )
            if told.minutes:
                figures += measure_annotators(server, Path(folder), told.annotators, told.minutes)
        rows.write("team_load", figures, keep_others=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the crowd; 0 leaves it out")
    parser.add_argument(
        "--think", type=float, nargs=2, default=THINK_S, help="seconds a worker looks at an item"
    )
    parser.add_argument("--web", type=int, default=0, help="web server processes; 0: as many as usual")
    parser.add_argument("--annotators", type=int, default=ANNOTATORS)
    parser.add_argument("--minutes", type=float, default=10.0, help="of drawing; 0 leaves it out")
    return parser.parse_args()


# ---------------------------------------------------------------- a crowd


def measure_crowd(
    server: Running,
    folder: Path,
    workers: int,
    seconds: float,
    think_s: tuple[float, float],
    web: int = 0,
) -> list[Row]:
    """A campaign on the cells of a large frame, and everybody at it at once."""
    with closing(server.api()) as api:
        campaign = _campaign(server, api, folder / "frame")
        time.sleep(SETTLE_S)
        watch, cores = Watch(), Cores(server)
        asyncio.run(_crowd(server.address, campaign["link"], watch, workers, seconds, think_s))
        spent = cores.said()
        stored = _stored(api, campaign["id"])
    return _crowd_rows(watch, stored, workers, seconds, think_s, spent, web)


def _campaign(server: Running, api: httpx.Client, folder: Path) -> dict[str, Any]:
    movie = simulation.simulate_movie(seed=3, frames=1, height=SIDE_PX, width=SIDE_PX, cells=CELLS)
    folder.mkdir()
    tifffile.imwrite(
        folder / "frame.tif", np.asarray(movie.image)[0, :, 0], imagej=True, metadata={"axes": "CYX"}
    )
    tifffile.imwrite(folder / "frame_masks.tif", np.asarray(movie.labels)[0, 0].astype(np.uint16))
    server.command("ingest", str(folder), "--dataset", "Crowd")
    image = api.get("images/").json()["results"][0]
    project = api.get(f"datasets/{image['dataset']}/").json()["project"]
    rules = {"name": "Load", "gold_share": 0.0, **ANSWERS}
    made = api.post(f"projects/{project}/campaigns/", json=rules).json()
    cut = api.post(
        f"campaigns/{made['id']}/cut/", json={"kind": "CELL", "images": [image["id"]], "limit": 5000}
    )
    cut.raise_for_status()
    opened: dict[str, Any] = api.post(f"campaigns/{made['id']}/open/").raise_for_status().json()
    return opened


async def _crowd(
    address: str, link: str, watch: Watch, workers: int, seconds: float, think_s: tuple[float, float]
) -> None:
    until = time.monotonic() + seconds
    await asyncio.gather(*(_worker(address, API + link, watch, i, until, think_s) for i in range(workers)))


async def _worker(
    address: str, doors: str, watch: Watch, number: int, until: float, think_s: tuple[float, float]
) -> None:
    """Join, then look, think and answer until the time is up."""
    chance = random.Random(number)
    client = Client(address)
    await asyncio.sleep(chance.uniform(0, think_s[1]))
    joined = await client.ask("POST", f"{doors}/join/", {"consent": True})
    if not watch.note("join", joined):
        return
    client.headers = {"X-Worker": joined.json()["secret"]}
    first = await client.ask("POST", f"{doors}/next/", {})
    item = first.json()["item"] if watch.note("next", first) else None
    seen: set[str] = set()
    while item is not None and time.monotonic() < until:
        watch.twice += item["id"] in seen
        seen.add(item["id"])
        item = await _one(client, doors, watch, item["id"], chance.uniform(*think_s), chance.random() < 0.9)
    client.close()


async def _one(client: Client, doors: str, watch: Watch, item: str, took_s: float, yes: bool) -> Any:
    """Answer one item; the next one comes with the acknowledgement."""
    watch.note("picture", await client.ask("GET", f"{doors}/items/{item}/picture/"))
    await asyncio.sleep(took_s)
    choice = "yes" if yes else "no"
    body = {"value": {"choice": choice}, "seconds": took_s, "next": True}
    answer = await client.ask("POST", f"{doors}/items/{item}/answer/", body)
    if not watch.note("answer", answer):
        return None
    watch.answered[item] += 1
    return answer.json()["next"]["item"]


def _stored(api: httpx.Client, campaign: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        query = {"limit": 1000, "offset": len(found)}
        page = api.get(f"campaigns/{campaign}/answers/", params=query).raise_for_status().json()
        found += page["results"]
        if not page["results"] or len(found) >= page["count"]:
            return found


def _crowd_rows(
    watch: Watch,
    stored: list[dict[str, Any]],
    workers: int,
    seconds: float,
    think_s: tuple[float, float],
    spent: str,
    web: int = 0,
) -> list[Row]:
    pairs = Counter((one["item"], one["worker"]) for one in stored)
    by_item = Counter(one["item"] for one in stored)
    wrong = sum(n - 1 for n in pairs.values()) + watch.twice
    wrong += sum(max(0, n - ANSWERS["answers_max"]) for n in by_item.values())
    lost = sum((watch.answered - by_item).values())
    each = ", ".join(f"{what} {rows.percentile(ms, 0.95):.0f} ms" for what, ms in watch.ms.items())
    count = len(watch.all_ms())
    setup = (
        f"{workers} workers who think {think_s[0]:g} to {think_s[1]:g} s, {seconds:g} s, {count} requests "
        f"({count / seconds:.0f} a second), {len(stored)} answers; p95 of {each}; cores: {spent}; server, "
        f"database, background functions and clients on {rows.machine()}; "
        f"{'; '.join(watch.errors[:3]) or 'no error'}"
    )
    figures = {
        "errors": ("requests that were refused or failed", len(watch.errors)),
        "twice": ("items given twice to one worker, or to too many", wrong),
        "lost": ("acknowledged answers that are not stored", lost),
    }
    worst = rows.percentile(watch.all_ms(), 0.95)
    what = f"{workers} workers at once: a request, p95"
    slow = "" if think_s == THINK_S else f".{think_s[0]:g}-{think_s[1]:g}s"
    slow += f".web{web}" if web else ""
    setup += f"; {web} web processes" if web else ""
    return [
        rows.row(f"load.crowd.p95{slow}", what, worst, "ms", most=SLOW_MS, setup=setup),
        *(
            rows.row(f"load.crowd.{name}{slow}", what, float(value), "", most=0, setup=setup)
            for name, (what, value) in figures.items()
        ),
    ]


# ---------------------------------------------------------------- annotators


def measure_annotators(server: Running, folder: Path, annotators: int, minutes: float) -> list[Row]:
    """Everybody draws on an image of their own, and saves after each stroke."""
    images = folder / "images"
    images.mkdir()
    noise = np.random.default_rng(1)
    for i in range(annotators):
        tifffile.imwrite(images / f"image {i:02}.tif", noise.integers(0, 999, (512, 512), np.uint16))
    server.command("ingest", str(images), "--dataset", "Strokes")
    watch = Watch()
    with closing(server.api()) as api:
        found = api.get("images/", params={"search": "image ", "limit": 1000}).json()["results"]
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in api.cookies.items()),
            "X-CSRFToken": str(api.cookies.get("csrftoken")),
            "Referer": server.address,
        }
        asyncio.run(_draw(server.address, headers, watch, found[:annotators], minutes * 60))
    times = watch.ms["save"]
    setup = (
        f"{annotators} people on images of their own, a stroke every {STROKE_EVERY_S[0]:g} to "
        f"{STROKE_EVERY_S[1]:g} s, {minutes:g} minutes, {len(times)} saves; server, database and clients on "
        f"{rows.machine()}; {'; '.join(watch.errors[:3]) or 'no error'}"
    )
    worst = rows.percentile(times, 0.95) if times else None
    what, failed = f"{annotators} people saving strokes: acknowledged, p95", float(len(watch.errors))
    return [
        rows.row("load.annotators.p95", what, worst, "ms", most=SLOW_MS, setup=setup),
        rows.row("load.annotators.errors", "saves that failed", failed, "", most=0, setup=setup),
    ]


async def _draw(
    address: str, headers: dict[str, str], watch: Watch, images: list[dict[str, Any]], seconds: float
) -> None:
    until = time.monotonic() + seconds
    people = (_annotator(address, headers, watch, image, until) for image in images)
    await asyncio.gather(*people)


async def _annotator(
    address: str, headers: dict[str, str], watch: Watch, image: dict[str, Any], until: float
) -> None:
    """A stroke, saved; then it is taken back, saved; and so on."""
    client, chance = Client(address, headers), random.Random(image["id"])
    branch = f"{API}/branches/{image['current_branch']['id']}"
    first = await client.ask("POST", f"{branch}/cell-ids/", {"count": 5000})
    painter = Painter(first.json()["first"], image["size_y"], image["size_x"])
    head, stroke = 0, None
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(*STROKE_EVERY_S))
        edit = painter.stroke() if stroke is None else painter.erase(stroke)
        batch = {"batch_id": str(uuid.uuid4()), "base": head, "edits": [edit], "on_conflict": "REFUSE"}
        answer = await client.ask("POST", f"{branch}/revisions/", batch)
        if watch.note("save", answer):
            head, stroke = int(answer.json()["number"]), edit if stroke is None else None
    client.close()


if __name__ == "__main__":
    main()
