"""Opening a large frame and painting on it, in Chromium."""

import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks import rows
from benchmarks.rows import Row
from tests.browser import hands
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running

FIRST_PICTURE = "performance.getEntriesByName('cytoloop:first-picture')"
LIMIT_S = 60
SAVED = "Everything you drew is on the server."


def measure(server: Running, image: dict[str, Any]) -> list[Row]:
    """First picture of the image's frame, and strokes from pen up to acknowledged."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        hands.sign_in(page, server)
        address = f"{server.address}/projects/{image['project']}/annotate/{image['id']}"
        times = [_first_picture_s(page, address) for _ in range(5)]
        saved = [_stroke_saved_ms(page, number) for number in range(30)]
        browser.close()
    setup = f"{rows.machine()}, Chromium with software WebGL, loopback"
    what = f"{image['size_x']} px frame with 1,000 cells: navigation to first picture"
    first = rows.percentile(times, 0.5)
    return [
        rows.row("open.first_picture", f"{what}, median of 5", first, "s", most=1.0, setup=setup),
        rows.row("open.first_picture.cold", f"{what}, first visit", times[0], "s", setup=setup),
        rows.row(
            "page.stroke_saved",
            "20 px stroke in the page: pen up to acknowledged, p95, the autosave's own pause included",
            rows.percentile(saved, 0.95),
            "ms",
            setup=setup,
        ),
    ]


def _first_picture_s(page: Page, address: str) -> float:
    page.goto("about:blank")
    page.goto(address)
    # Asked again and again, since the content security policy forbids to wait for an expression in the page.
    until = time.monotonic() + LIMIT_S
    while not page.evaluate(f"{FIRST_PICTURE}.length"):
        if time.monotonic() > until:
            raise AssertionError(f"No picture after {LIMIT_S} s at {address}.")
        time.sleep(0.05)
    return float(page.evaluate(f"{FIRST_PICTURE}[0].startTime")) / 1000


def _stroke_saved_ms(page: Page, number: int) -> float:
    if number == 0:
        page.get_by_role("status", name=SAVED).wait_for()
        page.keyboard.press("b")
    page.keyboard.press("n")
    x, y = 0.2 + 0.05 * (number % 10), 0.3 + 0.1 * (number // 10)
    with page.expect_response(lambda answer: answer.request.method == "POST" and "revisions" in answer.url):
        hands.draw(page, (x, y), (x + 0.03, y + 0.02))
        began = time.monotonic()
    return (time.monotonic() - began) * 1000
