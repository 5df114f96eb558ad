"""W6: twenty tasks judged without the mouse. W5: a comment at a place; its link opens that view."""

import re
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser

TASKS = 20
# On two idle cores, pictures drawn without a graphics card, about half a minute; a busy machine takes longer.
LIMIT_S = 90.0
APPROVE = '[data-action="task.approve"]'


@dataclass(frozen=True)
class Field:
    """An image of 64 px with labels, in a project of its own."""

    lab: Running
    project: str
    image: str

    def ask(self, method: str, path: str, **body: Any) -> Any:
        with closing(self.lab.api()) as api:
            given: Any = {"json": body} if method == "POST" else {"params": body}
            answer = api.request(method, path, **given)
            answer.raise_for_status()
            return answer.json()


@pytest.fixture
def field(lab: Running, tmp_path: Path) -> Field:
    name = f"Review {uuid.uuid4().hex[:8]}"
    hands.write_fields(tmp_path / "field", count=1, side_px=64, with_labels=True, seed=3)
    with closing(lab.api()) as api:
        team = api.get("teams/").json()["results"][0]["id"]
        project = api.post("projects/", json={"team": team, "name": name}).json()["id"]
    lab.command("ingest", str(tmp_path / "field"), "--dataset", name, "--project", name, "--json")
    with closing(lab.api()) as api:
        image = api.get("images/", params={"project": project}).json()["results"][0]["id"]
    return Field(lab, project, image)


def hand_in(field: Field, count: int) -> None:
    """Tasks of the owner's, all handed in."""
    me = field.ask("GET", "me/")["id"]
    for number in range(count):
        task = field.ask("POST", "tasks/", image=field.image, title=f"Task {number + 1:02}", assignee=me)
        field.ask("POST", f"tasks/{task['id']}/submit/")


def press_and_leave(page: Page, key: str) -> None:
    """A key that leads to another task; waits until it is there."""
    before = page.url.partition("?")[0]
    page.keyboard.press(key)
    # What is in view is written into the query, and says nothing of the task.
    expect(page).not_to_have_url(re.compile(re.escape(before)))


def ready(page: Page) -> None:
    """The task of the address can be judged: what is on the screen is no other's."""
    task = page.url.partition("?")[0].rpartition("/")[2]
    expect(page.locator(f'{APPROVE}[data-task="{task}"]')).to_be_visible()


def by_keys_to_the_first(page: Page) -> None:
    """From the project to its first submitted task, by keys alone."""
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("grid", name="Submitted tasks")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.tagName") == "TR":
            break
    page.keyboard.press("Enter")
    expect(page.locator(APPROVE)).to_be_visible()


def test_W6_twenty_tasks_are_judged_by_keys_alone(page: Page, lab: Running, field: Field) -> None:
    hand_in(field, TASKS)
    hands.sign_in(page, lab)
    page.goto(f"{lab.address}/projects/{field.project}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    by_keys_to_the_first(page)
    begun = time.monotonic()
    for _ in range(TASKS - 2):
        ready(page)
        press_and_leave(page, "a")
    ready(page)
    press_and_leave(page, "j")
    ready(page)
    press_and_leave(page, "k")
    ready(page)
    page.keyboard.press("n")
    expect(page.get_by_role("textbox", name="Note 1")).to_be_focused()
    page.keyboard.type("Is this one cell or two?")
    page.keyboard.press("Enter")
    press_and_leave(page, "r")
    ready(page)
    page.keyboard.press("q")
    expect(page.get_by_role("textbox", name="Comment on the whole")).to_be_focused()
    page.keyboard.type("Begin again, please.")
    page.keyboard.press("Enter")
    press_and_leave(page, "q")
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    took_s = time.monotonic() - begun
    states = [row["state"] for row in field.ask("GET", "tasks/", project=field.project)["results"]]
    counted = {state: states.count(state) for state in set(states)}
    assert counted == {"ACCEPTED": TASKS - 2, "RETURNED": 1, "OPEN": 1}
    assert took_s < LIMIT_S, f"{TASKS} tasks took {took_s:.1f} s"


def test_W5_a_comment_is_written_at_a_place_and_its_link_opens_that_view(
    page: Page, lab: Running, field: Field
) -> None:
    hands.sign_in(page, lab)
    at = f"{lab.address}/projects/{field.project}"
    page.goto(f"{at}/annotate/{field.image}?at=20,30,6")
    hands.wait_for_picture(page)
    page.get_by_role("tab", name="Comments").click()
    page.get_by_role("button", name="Comment on …").click()
    page.get_by_role("textbox", name="Your comment").fill("Two cells here?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("list", name="Comments").get_by_text("Two cells here?")).to_be_visible()
    [thread] = field.ask("GET", f"projects/{field.project}/comments/")["results"]
    assert (thread["place"], round(thread["y"]), round(thread["x"]), round(thread["zoom"])) == (
        "PIXEL", 20, 30, 6,
    )  # fmt: skip
    page.goto(lab.address + thread["address"])
    hands.wait_for_picture(page)
    expect(page.get_by_text("Two cells here?")).to_be_visible()
    expect(page).to_have_url(re.compile(r"at=20(\.\d+)?(%2C|,)30(\.\d+)?(%2C|,)6"))
    page.goto(f"{at}/comments")
    expect(page.get_by_text("Two cells here?")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("No open conversation")).to_be_visible()
