"""K1, K2, K6, K9 on a phone of 360 px: follow the link, agree, practise every kind, take the code along."""

import math
import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, expect

from tests.browser.conftest import WAIT_MS
from tests.browser.furnishing import first, get, post
from tests.running import Running

pytestmark = pytest.mark.browser

KINDS = ("OUTLINE", "FIX", "CENTRES", "CELL", "SAME", "DIVIDED", "CLASS")
PHONE = ViewportSize(width=360, height=640)
FINGER_PX = 44
SMALL_TARGETS = """() => [...document.querySelectorAll('button, a[href]')]
    .map((one) => [one.getAttribute('aria-label') ?? one.textContent, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5)).map(([name]) => name)"""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    crashes: list[str] = []
    page.on("pageerror", lambda error: crashes.append(str(error)))
    yield page
    context.close()
    assert not crashes, f"The page threw: {crashes}"


def test_K1_K6_K9_a_worker_without_account_does_every_kind_on_a_phone(lab: Running, phone: Page) -> None:
    with closing(lab.api()) as api:
        campaign, link, kinds = _open_campaign(api)
        phone.goto(f"{lab.address}{link}?worker=phone-1")
        phone.get_by_label("I have read this and agree").check(force=True)
        phone.get_by_role("button", name="Begin").tap()
        done = [_answer_one(phone) for _ in kinds]
        # A code proves work, and practice is none.
        expect(phone.get_by_role("heading", level=2)).to_have_text(re.compile("^Is the outlined"))
        expect(phone.locator("canvas[data-loaded]").first).to_be_visible()
        _answer(phone, "Is the outlined")
        expect(phone.get_by_label("Completion code")).to_have_text(re.compile(r"\S+"))
        back = phone.get_by_role("link", name="Back to pay.example").get_attribute("href")
        answers = get(api, f"campaigns/{campaign}/answers/")["results"]
    assert back is not None
    assert phone.get_by_label("Completion code").inner_text() in back
    assert sorted(one["kind"] for one in answers) == sorted([*kinds, "CELL"])
    assert len(set(done)) == len(kinds)


def _open_campaign(api: httpx.Client) -> tuple[str, str, list[str]]:
    """A campaign with one practice picture of each kind that the demonstration has truth for, and one
    question."""
    project = first(api, "projects/")["id"]
    dataset = first(api, f"datasets/?project={project}")["id"]
    made = post(api, f"projects/{project}/campaigns/", {
        "name": "On a phone", "pass_mark": 0, "gold_share": 0, "redirect_url": "https://pay.example/?code={code}",
    })  # fmt: skip
    at = f"campaigns/{made['id']}/"
    kinds = []
    for kind in KINDS:
        wish = {"kind": kind, "dataset": dataset, "limit": 1, "order": "RANDOM", "tile_px": 96}
        wish |= {"per_cell": True} if kind == "OUTLINE" else {}
        answer = api.post(f"{at}gold/", json={"use": "TRAINING", "wish": wish})
        if answer.is_success and answer.json()["made"] > 0:
            kinds.append(kind)
    assert {"OUTLINE", "FIX", "CENTRES", "CELL"} <= set(kinds)
    api.patch(at, json={"training_count": len(kinds)}).raise_for_status()
    post(api, f"{at}cut/", {"kind": "CELL", "dataset": dataset, "limit": 1})
    return made["id"], post(api, f"{at}open/", {})["link"], kinds


def _answer_one(phone: Page) -> str:
    """The how-to, one item answered with fingers, its feedback. Answers with what was asked."""
    phone.get_by_role("button", name="Try it").tap()
    expect(phone.locator("canvas[data-loaded]").first).to_be_visible()
    asked = phone.get_by_role("heading", level=2).inner_text()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert phone.evaluate(SMALL_TARGETS) == [], f"Targets below {FINGER_PX} px in: {asked}"
    _answer(phone, asked)
    expect(phone.get_by_role("heading", level=2)).to_have_text(re.compile("Well done|Have a look"))
    phone.get_by_role("button", name="Go on").tap()
    return asked


def _answer(phone: Page, asked: str) -> None:
    x, y = _middle(phone)
    if asked.startswith("Draw"):
        fingers = phone.context.new_cdp_session(phone)
        _stroke(fingers, [(x + 40 * math.cos(a / 4), y + 40 * math.sin(a / 4)) for a in range(25)])
        expect(phone.get_by_role("button", name="Done")).to_be_visible()
        phone.get_by_role("button", name="Undo").tap()
        expect(phone.get_by_role("button", name="There is no cell")).to_be_visible()
        phone.get_by_role("button", name="Redo").tap()
        _pinch(fingers, x, y)
        phone.get_by_role("button", name="Done").tap()
    elif asked.startswith("Does the outline"):
        phone.get_by_role("button", name="It is right as it is").tap()
    elif asked.startswith("Tap"):
        phone.touchscreen.tap(x, y)
        phone.get_by_role("button", name="Done, 1 cell").tap()
    elif asked.startswith("Is the outlined"):
        fingers = phone.context.new_cdp_session(phone)
        _stroke(fingers, [(x + 12 * step, y) for step in range(11)])
    elif asked.startswith("Which"):
        phone.get_by_role("button", name="Not sure").tap()
    else:
        phone.get_by_text("Blink", exact=True).tap()
        phone.get_by_role("button", name=re.compile("^Yes")).tap()


def _middle(phone: Page) -> tuple[float, float]:
    box = phone.locator("canvas[data-stage]").first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _stroke(fingers: CDPSession, path: list[tuple[float, float]]) -> None:
    """One finger along a path."""
    for number, place in enumerate(path):
        _touch(fingers, "touchStart" if number == 0 else "touchMove", place)
    _touch(fingers, "touchEnd")


def _pinch(fingers: CDPSession, x: float, y: float) -> None:
    """Two fingers that part: they zoom, and draw nothing."""
    _touch(fingers, "touchStart", (x - 10, y))
    for apart in range(10, 60, 10):
        _touch(fingers, "touchStart" if apart == 10 else "touchMove", (x - apart, y), (x + apart, y))
    _touch(fingers, "touchEnd")


def _touch(fingers: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
