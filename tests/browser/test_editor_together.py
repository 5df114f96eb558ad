"""Two people at one image, one of them offline for a while; undo and replay from the server's log."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import hands
from tests.browser.conftest import WAIT_MS
from tests.running import Running, csrf

pytestmark = pytest.mark.browser

BEN = ("ben@lab.example", "Ben Okafor", "membranes-and-vesicles")
STEPS = 50


@dataclass
class Field:
    """An image without labels, and what the server knows of it."""

    lab: Running
    address: str
    branch: str

    def ask(self, what: str, **query: Any) -> Any:
        with closing(self.lab.api()) as api:
            answer = api.get(f"branches/{self.branch}/{what}/", params=query)
            answer.raise_for_status()
            return answer.json()["results"]

    def edits(self) -> list[dict[str, Any]]:
        return [row["edit"] for row in self.ask("edits", after=0, limit=1000)]

    def cells(self) -> set[int]:
        return {row["cell"] for row in self.ask("cells", limit=1000)}


@pytest.fixture
def field(lab: Running, tmp_path: Path) -> Field:
    """A fresh image of 128 px, nothing labelled."""
    name = f"Field {uuid.uuid4().hex[:8]}"
    hands.write_fields(tmp_path / "field", count=1, side_px=128, with_labels=False, seed=7)
    lab.command("ingest", str(tmp_path / "field"), "--dataset", name, "--json")
    with closing(lab.api()) as api:
        for project in api.get("projects/").json()["results"]:
            for dataset in api.get("datasets/", params={"project": project["id"]}).json()["results"]:
                if dataset["name"] == name:
                    image = api.get("images/", params={"dataset": dataset["id"]}).json()["results"][0]
                    address = f"{lab.address}/projects/{project['id']}/annotate/{image['id']}"
                    return Field(lab, address, image["current_branch"]["id"])
    raise AssertionError(f"{name} was not imported.")


@pytest.fixture(scope="module")
def ben(lab: Running) -> tuple[str, str]:
    """A second person in Ana's team: e-mail and password."""
    email, name, password = BEN
    with closing(lab.api()) as api:
        project = api.get("projects/").json()["results"][0]
        asked = {"email": email, "role": "ANNOTATOR"}
        invited = api.post(f"teams/{project['team']}/invitations/", json=asked)
        if invited.status_code == httpx.codes.CONFLICT:
            return email, password  # of the team already
        invited.raise_for_status()
    with httpx.Client(base_url=f"{lab.address}/api/v1/") as fresh:
        fresh.get("session/")
        token = invited.json()["token"]
        body = {"name": name, "password": password}
        fresh.post(f"invitations/{token}/", json=body, headers=csrf(fresh)).raise_for_status()
    return email, password


@pytest.fixture
def visit(chromium: Browser, lab: Running) -> Iterator[Callable[..., Page]]:
    """Opens an address in a browser profile of its own, signed in."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, email: str = "", password: str = "") -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        hands.sign_in(page, lab, email=email, password=password)
        look_at(page, address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def look_at(page: Page, address: str) -> None:
    page.goto(address)
    hands.expect_saved(page)
    while not page.evaluate("performance.getEntriesByName('cytoloop:first-picture').length"):
        page.wait_for_timeout(50)
    take_brush(page)


def take_brush(page: Page) -> None:
    brush = page.get_by_role("button", name="Brush", exact=True)
    brush.click()
    expect(brush).to_have_attribute("aria-pressed", "true")


def draw_new(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke of a new cell."""
    page.keyboard.press("n")
    hands.draw(page, start, end)


def draw_on_first(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke of the only cell that there is."""
    select_first(page)
    hands.draw(page, start, end)


def select_first(page: Page) -> None:
    page.locator("canvas[data-picture]").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox", name="Cells").get_by_role("option", selected=True)).to_have_count(1)


def wait_until_kept(page: Page, count: int) -> None:
    """So many edits lie in the browser's own database."""
    asked = """async () => {
        const database = await new Promise((done) => {
            const request = indexedDB.open("cytoloop");
            request.onsuccess = () => done(request.result);
        });
        const count = database.transaction("edits").objectStore("edits").count();
        const found = await new Promise((done) => { count.onsuccess = () => done(count.result); });
        database.close();
        return found;
    }"""
    while page.evaluate(asked) != count:
        page.wait_for_timeout(50)


# ---------------------------------------------------------------- together


def test_W3_another_person_is_seen_and_their_strokes_appear(
    field: Field, ben: tuple[str, str], visit: Callable[..., Page]
) -> None:
    ana, other = visit(field.address), visit(field.address, *ben)
    expect(ana.get_by_role("button", name=re.compile("^Ben Okafor is here"))).to_be_visible()
    draw_new(other, (0.4, 0.4), (0.5, 0.45))
    expect(ana.get_by_role("button", name=re.compile("^Ben Okafor is here.*on cell"))).to_be_visible()
    ana.get_by_role("tab", name="Cells").click()
    [cell] = wait_for_cells(field, 1)
    expect(ana.get_by_role("option", name=re.compile(f"^Cell {cell} "))).to_be_visible()
    select_first(ana)
    expect(ana.get_by_text(f"Ben Okafor is working on cell {cell}")).to_be_visible()
    other.close()
    expect(ana.get_by_role("button", name=re.compile("^Ben Okafor is here"))).to_have_count(0)


def wait_for_cells(field: Field, count: int) -> set[int]:
    until = time.monotonic() + WAIT_MS / 1000
    while len(field.cells()) != count and time.monotonic() < until:
        time.sleep(0.05)
    assert len(field.cells()) == count
    return field.cells()


# ---------------------------------------------------------------- colliding


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_U7_two_who_change_one_cell_are_asked_and_either_answer_holds(
    field: Field, ben: tuple[str, str], visit: Callable[..., Page], choice: str
) -> None:
    ana = visit(field.address)
    draw_new(ana, (0.4, 0.4), (0.5, 0.4))
    hands.expect_saved(ana)
    other = visit(field.address, *ben)
    ana.context.set_offline(True)
    draw_on_first(ana, (0.4, 0.4), (0.4, 0.6))
    expect(ana.get_by_text("Offline – 1 edit waiting")).to_be_visible()
    draw_on_first(other, (0.5, 0.4), (0.5, 0.6))
    hands.expect_saved(other)
    mine = 1
    ana.context.set_offline(False)
    panel = ana.get_by_role("alertdialog", name="Colliding changes")
    expect(panel).to_contain_text("Somebody else changed")
    assert len(field.edits()) == 2
    panel.get_by_role("button", name=choice).click()
    expect(panel).to_have_count(0)
    hands.expect_saved(ana)
    assert len(field.edits()) == 2 + (mine if choice == "Keep mine" else 0)
    areas = [areas_of(page, field) for page in (ana, other)]
    expect_same(areas, field)


def areas_of(page: Page, field: Field) -> str:
    """What the list of cells says, after the last change has come."""
    page.get_by_role("tab", name="Cells").click()
    page.wait_for_timeout(1500)
    return page.get_by_role("listbox", name="Cells").inner_text()


def expect_same(areas: list[str], field: Field) -> None:
    [truth] = field.ask("cells", t=0, limit=10)
    assert areas[0] == areas[1]
    assert str(truth["area_px"]) in areas[0].replace(",", "")


# ---------------------------------------------------------------- without a network


def test_U6_edits_drawn_offline_are_counted_kept_and_sent_in_order(
    field: Field, visit: Callable[..., Page]
) -> None:
    ana = visit(field.address)
    ana.context.set_offline(True)
    for place in range(5):
        draw_new(ana, (0.3 + 0.08 * place, 0.3), (0.33 + 0.08 * place, 0.5))
    expect(ana.get_by_text("Offline – 5 edits waiting")).to_be_visible()
    assert field.edits() == []
    ana.context.set_offline(False)
    hands.expect_saved(ana)
    drawn = [edit["cells"][0]["cell"] for edit in field.edits()]
    assert len(drawn) == 5
    assert drawn == sorted(drawn)


def test_U6_edits_of_a_page_that_was_closed_offline_arrive_with_the_next_visit(
    field: Field, visit: Callable[..., Page]
) -> None:
    ana = visit(field.address)
    ana.context.set_offline(True)
    draw_new(ana, (0.3, 0.3), (0.4, 0.4))
    draw_new(ana, (0.6, 0.3), (0.7, 0.4))
    expect(ana.get_by_text("Offline – 2 edits waiting")).to_be_visible()
    wait_until_kept(ana, 2)
    ana.close()
    context = ana.context
    context.set_offline(False)
    again = context.new_page()
    look_at(again, field.address)
    assert [edit["tool"] for edit in field.edits()] == ["brush", "brush"]
    again.keyboard.press("Control+z")
    hands.expect_saved(again)
    assert len(wait_for_cells(field, 1)) == 1


# ---------------------------------------------------------------- undo, replay


def test_U2_fifty_steps_are_undone_after_a_reload_and_redone_on_another_device(
    field: Field, visit: Callable[..., Page]
) -> None:
    ana = visit(field.address)
    for step in range(STEPS):
        x, y = 0.25 + 0.05 * (step % 10), 0.2 + 0.12 * (step // 10)
        draw_new(ana, (x, y), (x + 0.01, y))
    hands.expect_saved(ana)
    assert len(field.cells()) == STEPS
    look_at(ana, field.address)
    for _ in range(STEPS):
        ana.keyboard.press("Control+z")
        ana.wait_for_timeout(40)
    expect(ana.get_by_role("button", name="Redo")).to_be_enabled()
    wait_for_cells(field, 0)
    hands.expect_saved(ana)
    elsewhere = visit(field.address)
    expect(elsewhere.get_by_role("button", name="Redo")).not_to_have_attribute("aria-disabled", "true")
    for _ in range(STEPS):
        elsewhere.keyboard.press("Control+Shift+z")
        elsewhere.wait_for_timeout(40)
    wait_for_cells(field, STEPS)
    undone = [edit for edit in field.edits() if edit["tool"] in ("undo", "redo")]
    assert len(undone) == 2 * STEPS
    assert all(edit["undoes"] for edit in undone)


def test_U9_the_history_is_replayed_to_the_state_of_the_head(
    field: Field, visit: Callable[..., Page]
) -> None:
    ana = visit(field.address)
    for step in range(6):
        draw_new(ana, (0.3 + 0.07 * step, 0.3), (0.32 + 0.07 * step, 0.5))
    ana.keyboard.press("Control+z")
    hands.expect_saved(ana)
    head = areas_of(ana, field)
    ana.get_by_role("tab", name="History").click()
    ana.get_by_role("button", name="Replay", exact=True).click()
    bar = ana.get_by_role("region", name="Replay")
    expect(bar).to_contain_text(re.compile(r"7 of 7 · .* · undo"))
    assert areas_of(ana, field) == head
    bar.get_by_role("button", name="Play").click()
    expect(bar.get_by_role("button", name="Pause")).to_be_visible()
    expect(bar).to_contain_text(re.compile(r"7 of 7"))
    bar.get_by_role("button", name="Back to the newest").click()
    expect(bar).to_have_count(0)
