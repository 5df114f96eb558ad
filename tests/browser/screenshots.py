"""`make screenshots`: every page of a small working lab in Chromium, as numbered pictures, dark and light."""

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, sync_playwright

from tests.browser import hands
from tests.browser.furnishing import furnish
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running, running

SETTLED_MS = 1500
PATIENCE_MS = 20_000
SETTLED = """() => !document.querySelector('.mantine-Skeleton-root, .mantine-Loader-root')
    && [...document.images].every((one) => one.complete || one.getBoundingClientRect().top > innerHeight)"""
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=360, height=740)
TABLET = ViewportSize(width=768, height=1024)
ALSO_NARROW = (
    "overview", "dataset", "tasks", "editor", "map", "search", "classifier", "model-later", "stain",
    "campaign-progress", "crowd-worker",
)  # fmt: skip
WHOLE = ("model-later", "classifier", "folds-model", "new-training", "stain")


def main(folder: Path) -> None:
    """Start a lab, let it work until no page is empty, take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="cytoloop-screenshots-") as home, running(Path(home)) as lab:
        places = dict(furnish(lab))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
            for scheme in ("dark", "light"):
                walk(browser, lab, places, folder, scheme)
            browser.close()


def walk(browser: Browser, lab: Running, places: dict[str, str], folder: Path, scheme: str) -> None:
    """One picture a page; then the help of the editor, and some pages as wide as a phone."""
    context = browser.new_context(viewport=WIDE, color_scheme="dark" if scheme == "dark" else "light")
    context.add_init_script(f"localStorage.setItem('cytoloop-colours', '{scheme}')")
    page = context.new_page()
    page.goto(lab.address)
    page.get_by_role("button", name="Sign in").wait_for()
    _shoot(page, folder, scheme, 0, "sign-in")
    hands.sign_in(page, lab)
    for number, (name, address) in enumerate(places.items(), start=1):
        page.goto(lab.address + address)
        _shoot(page, folder, scheme, number, name)
        if name in WHOLE:
            _shoot(page, folder, scheme, number, f"{name}-whole", whole=True)
        if name == "editor":
            _editor_states(page, folder, scheme, number)
    page.set_viewport_size(NARROW)
    for number, name in enumerate(ALSO_NARROW, start=len(places) + 1):
        page.goto(lab.address + places[name])
        _shoot(page, folder, scheme, number, f"{name}-narrow")
    page.set_viewport_size(TABLET)
    page.goto(lab.address + places["editor"])
    _shoot(page, folder, scheme, len(places) + len(ALSO_NARROW) + 1, "editor-tablet")
    context.close()


def _editor_states(page: Page, folder: Path, scheme: str, number: int) -> None:
    """What opens over the picture, and a tool with many settings."""
    for state, keys in (("keys", "?"), ("own-keys", "Control+,"), ("palette", "Control+k")):
        page.locator("canvas[data-picture]").focus()
        page.keyboard.press(keys)
        _shoot(page, folder, scheme, number, f"editor-{state}")
        page.keyboard.press("Escape")
        page.wait_for_timeout(SETTLED_MS)
    page.get_by_role("button", name="Shapes: all tools").click()
    _shoot(page, folder, scheme, number, "editor-shapes")
    page.keyboard.press("Escape")
    page.get_by_role("option").nth(3).click()
    page.get_by_role("button", name="Brush", exact=True).click()
    _shoot(page, folder, scheme, number, "editor-brush")
    page.get_by_role("button", name="Cell", exact=True).click()
    _shoot(page, folder, scheme, number, "editor-cell-menu")
    page.keyboard.press("Escape")


def _shoot(page: Page, folder: Path, scheme: str, number: int, name: str, *, whole: bool = False) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED_MS)
    _wait_until_all_is_there(page)
    _refuse_blank(page, name)
    page.screenshot(path=str(folder / f"{scheme}-{number:02d}-{name}.png"), full_page=whole)


def _refuse_blank(page: Page, name: str) -> None:
    """Raises AssertionError for a page without a word, which would pass as a white picture."""
    if not page.inner_text("body").strip():
        raise AssertionError(
            f"The page “{name}” ({page.url}) is blank. Were the pages built anew while pictures were taken?"
        )


def _wait_until_all_is_there(page: Page) -> None:
    """Until nothing is loading any more, on a busy machine too; a page that never ends is shown as it is."""
    with suppress(TimeoutError):
        page.wait_for_function(SETTLED, timeout=PATIENCE_MS)
        page.wait_for_timeout(SETTLED_MS / 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
