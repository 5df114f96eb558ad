"""Click-to-segment in Chromium: a click gives a cell, and it goes on when the network does not."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser
ANSWERED = "Enter accepts. Click what is missing"
ANSWER_LIMIT_MS = 60_000
ONE_CELL, ANOTHER_CELL = (0.425, 0.49), (0.66, 0.56)


def test_M15_clicks_are_answered_after_the_network_has_gone(page: Page, lab: Running) -> None:
    hands.open_movie(page, lab, image="movie-5")
    page.get_by_role("button", name="Click to segment").first.click()
    answered = page.get_by_text(ANSWERED)
    hands.click(page, ONE_CELL)
    expect(answered).to_be_visible(timeout=ANSWER_LIMIT_MS)
    page.keyboard.press("Escape")
    expect(answered).to_have_count(0)
    page.context.set_offline(True)
    try:
        hands.click(page, ANOTHER_CELL)
        expect(answered).to_be_visible(timeout=ANSWER_LIMIT_MS)
    finally:
        page.context.set_offline(False)
