"""One running Cytoloop for all browser journeys, and a page of Chromium in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running, running

WAIT_MS = 20_000


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A whole Cytoloop with its demonstration project."""
    with running(tmp_path_factory.mktemp("lab") / "home") as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium with software WebGL."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is not there: install Chromium, or name it in CHROMIUM.")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A fresh browser profile. An error that the page did not catch fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT_MS)
    opened = context.new_page()
    crashes: list[str] = []
    opened.on("pageerror", lambda error: crashes.append(str(error)))
    yield opened
    opened.screenshot(path=str(tmp_path / "last.png"))
    context.close()
    assert not crashes, f"The page threw: {crashes}"
