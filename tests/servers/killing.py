"""Strokes drawn while something is killed again and again: what was acknowledged against what is there."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import (
    BrowserContext,
    Error,
    Page,
    Playwright,
    Response,
    TimeoutError,
    expect,
    sync_playwright,
)

from backend.foundation.place import database_folder
from benchmarks.strokes import Painter
from tests.browser import hands
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running, free_port

BACK_LIMIT_S = 120.0
WAIT_MS = 60_000
SIDE_PX = 512
PATIENCE = 4


@dataclass
class Losses:
    """What became of the strokes."""

    drawn: int = 0
    acknowledged: int = 0
    acknowledged_lost: int = 0
    most_lost_by_one_kill: int = 0
    twice: int = 0
    kills: Counter[str] = field(default_factory=Counter)


# ---------------------------------------------------------------- who is killed


def postmaster(server: Running) -> list[psutil.Process]:
    """The database's first process; its own end with it."""
    note = database_folder(server.home) / "postmaster.pid"
    return [psutil.Process(int(note.read_text().split()[0]))] if note.exists() else []


def children(server: Running, word: str) -> list[psutil.Process]:
    """Processes of the server that were started with this word."""
    found = []
    for process in psutil.Process(server.process.pid).children(recursive=True):
        try:
            if word in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


VICTIMS: dict[str, Callable[[Running], list[psutil.Process]]] = {
    "web": lambda server: children(server, "web"),
    "worker": lambda server: children(server, "worker"),
    "database": postmaster,
}


def kill(found: list[psutil.Process]) -> bool:
    """End them without a word; whether there was anything to end."""
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    return bool(found)


# ---------------------------------------------------------------- a program that draws


@dataclass
class Drawer:
    """Sends strokes, each as a batch of its own, and keeps what was acknowledged."""

    server: Running
    branch: str
    painter: Painter
    head: int
    api: httpx.Client
    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def stroke(self, *, patient: bool) -> None:
        """One stroke. A patient client sends it until it is acknowledged; the other gives up at once."""
        edit = self.painter.stroke()
        batch = {
            "batch_id": str(uuid.uuid4()),
            "base": self.head,
            "edits": [edit],
            "on_conflict": "REFUSE",
        }
        self.sent.append(edit["id"])
        until = time.monotonic() + BACK_LIMIT_S
        answer: httpx.Response | None = None
        while time.monotonic() < until:
            try:
                answer = self.api.post(f"branches/{self.branch}/revisions/", json=batch)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 201:
                self.head = int(answer.json()["number"])
                self.acknowledged.append(edit["id"])
                return
            if not patient:
                return
            time.sleep(0.1)
        said = "nothing" if answer is None else f"{answer.status_code} {answer.text[:500]}"
        raise AssertionError(f"The server did not come back; it answered {said}.")


def draw_over_rest_under_kills(server: Running, *, kills: int, rng: random.Random) -> Losses:
    """Strokes without a pause; `kills` times a process of the server is ended at a random moment."""
    image = blank_image(server, "Under kills")
    losses = Losses()
    with closing(server.api()) as api:
        drawer = _drawer(server, api, image, strokes=1000 + kills * 100)
        for name in _victims(kills, rng):
            _draw_until_kill(drawer, name, rng)
            losses.kills[name] += 1
            wait_until_back(server)
            drawer.stroke(patient=True)
    _count(losses, drawer.sent, drawer.acknowledged, edits_on(server, drawer.branch))
    unknown = len(drawer.sent) - len(drawer.acknowledged)
    losses.most_lost_by_one_kill = 1 if unknown else 0
    return losses


def _draw_until_kill(drawer: Drawer, name: str, rng: random.Random) -> None:
    """The stroke that is on its way when the process ends is given up by half of the clients."""
    at = time.monotonic() + rng.uniform(0.0, 0.4)
    patient = rng.random() < 0.5
    with killing_at(drawer.server, name, at):
        while time.monotonic() < at + 0.1:
            drawer.stroke(patient=patient)


@contextmanager
def killing_at(server: Running, name: str, at: float) -> Iterator[None]:
    """Ends a process at a moment, from a thread of its own."""

    def work() -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        while not kill(VICTIMS[name](server)):
            time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _victims(kills: int, rng: random.Random) -> list[str]:
    """Each kind about as often, in a random order."""
    names = [name for _, name in zip(range(kills), list(VICTIMS) * kills, strict=False)]
    rng.shuffle(names)
    return names


def _drawer(server: Running, api: httpx.Client, image: dict[str, Any], *, strokes: int) -> Drawer:
    branch = image["current_branch"]["id"]
    first = api.post(f"branches/{branch}/cell-ids/", json={"count": strokes}).json()["first"]
    head = api.get(f"branches/{branch}/").json()["head_number"]
    return Drawer(server, branch, Painter(first, SIDE_PX, SIDE_PX, brush_px=6, length_px=6), head, api)


# ---------------------------------------------------------------- a page that is drawn on


def draw_in_browser_under_kills(server: Running, *, folder: Path, kills: int, rng: random.Random) -> Losses:
    """Strokes by hand in Chromium; the browser, or a server below it, ends at a random moment.

    The page is opened again with the same profile, where strokes that were not acknowledged wait.
    """
    losses = Losses()
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        for number in range(kills):
            name = ["browser", "browser", "browser", "web", "database"][number % 5]
            image = blank_image(server, f"Drawn by hand {number}")
            _one_story(playwright, server, folder / str(number), image, name, rng, losses)
            losses.kills[name] += 1
    return losses


def _one_story(
    playwright: Playwright,
    server: Running,
    profile: Path,
    image: dict[str, Any],
    name: str,
    rng: random.Random,
    losses: Losses,
) -> None:
    branch = image["current_branch"]["id"]
    address = f"{server.address}/projects/{image['project']}/annotate/{image['id']}"
    acknowledged: list[str] = []
    context = _open(playwright, profile)
    page = context.pages[0]
    page.on("response", lambda answer: acknowledged.extend(_acknowledged_by(answer)))
    _sign_in(page, server)
    _look_at(page, address)
    drawn = _draw_and_kill(page, server, profile, name, rng)
    if name == "browser":
        context = _open(playwright, profile)
        page = context.pages[0]
        _come_back(page, server, address)
    else:
        wait_until_back(server)
    hands.expect_saved(page)
    context.close()
    there = edits_on(server, branch)
    _count(losses, [], acknowledged, there)
    losses.drawn += drawn
    losses.most_lost_by_one_kill = max(losses.most_lost_by_one_kill, drawn - len(set(there)))


def _come_back(page: Page, server: Running, address: str) -> None:
    """The cookie reaches the disk later than strokes do: one may have to sign in again."""
    page.goto(address)
    asked = page.get_by_label("E-mail")
    expect(asked.or_(page.locator("canvas[data-picture]")).first).to_be_visible()
    if asked.is_visible():
        _sign_in(page, server)
        page.goto(address)


def _sign_in(page: Page, server: Running) -> None:
    """A page that was asked for while the server came back is asked for again, as people do."""
    for _ in range(PATIENCE):
        with suppress(TimeoutError):
            return hands.sign_in(page, server)
    raise AssertionError(f"Nobody could sign in after {PATIENCE} attempts at {page.url}.")


def _draw_and_kill(page: Page, server: Running, profile: Path, name: str, rng: random.Random) -> int:
    """Strokes of new cells, as fast as hands go, until the kill; how many pens were lifted before it."""
    last = rng.randrange(2, 12)
    for number in range(last):
        x, y = 0.3 + 0.03 * (number % 12), 0.25 + 0.4 * rng.random()
        page.keyboard.press("n")
        hands.draw(page, (x, y), (x + 0.01, y + 0.02))
    page.wait_for_timeout(rng.uniform(0, 60))
    if name == "browser":
        kill(_browser_of(profile))
    else:
        kill(VICTIMS[name](server))
    return last


def _browser_of(profile: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(profile) in word for word in process.info["cmdline"] or ()):
            found.append(process)
    return found


def _open(playwright: Playwright, profile: Path) -> BrowserContext:
    profile.mkdir(parents=True, exist_ok=True)
    for note in profile.glob("Singleton*"):
        note.unlink()  # left by the browser that was killed
    flags = [*CHROMIUM_FLAGS, f"--remote-debugging-port={free_port()}"]
    return playwright.chromium.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, args=flags, viewport={"width": 1280, "height": 800}
    )


def _look_at(page: Page, address: str) -> None:
    page.goto(address)
    hands.expect_saved(page)
    while not page.evaluate("performance.getEntriesByName('cytoloop:first-picture').length"):
        page.wait_for_timeout(50)
    brush = page.get_by_role("button", name="Brush", exact=True)
    brush.click()
    expect(brush).to_have_attribute("aria-pressed", "true")


def _acknowledged_by(answer: Response) -> list[str]:
    try:
        if answer.status != 201 or not answer.url.endswith("/revisions/"):
            return []
        return [edit["id"] for edit in (answer.request.post_data_json or {}).get("edits", ())]
    except Error:
        return []  # the browser ended while it was asked


# ---------------------------------------------------------------- what is there


def _count(losses: Losses, sent: list[str], acknowledged: list[str], there: list[str]) -> None:
    losses.drawn += len(sent)
    losses.acknowledged += len(acknowledged)
    losses.acknowledged_lost += len(set(acknowledged) - set(there))
    losses.twice += len(there) - len(set(there))


def edits_on(server: Running, branch: str) -> list[str]:
    """Ids of all edits in the log of a branch."""
    ids: list[str] = []
    after: int | None = 0
    with closing(server.api()) as api:
        while after is not None:
            page = api.get(f"branches/{branch}/edits/", params={"after": after, "limit": 1000}).json()
            ids += [row["edit"]["id"] for row in page["results"]]
            after = page["next_after"]
    return ids


def wait_until_back(server: Running) -> None:
    """Until the server answers from its database again."""
    until = time.monotonic() + BACK_LIMIT_S
    while time.monotonic() < until:
        try:
            with closing(server.api()) as api:
                api.get("projects/").raise_for_status()
            return
        except (httpx.HTTPError, OSError):
            time.sleep(0.1)
    raise AssertionError("The server did not come back.")


def blank_image(server: Running, name: str) -> dict[str, Any]:
    """A new image without labels, in a dataset of its own."""
    folder = server.home / "brought" / uuid.uuid4().hex
    hands.write_fields(folder, count=1, side_px=SIDE_PX, with_labels=False, seed=3)
    server.command("ingest", str(folder), "--dataset", name, "--json")
    with closing(server.api()) as api:
        for project in api.get("projects/").json()["results"]:
            for dataset in api.get("datasets/", params={"project": project["id"]}).json()["results"]:
                if dataset["name"] == name:
                    found: list[dict[str, Any]] = api.get(
                        "images/", params={"dataset": dataset["id"]}
                    ).json()["results"]
                    return found[0]
    raise AssertionError(f"{name} was not brought in.")
