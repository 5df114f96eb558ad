"""U8 in a real browser: presets, a key of one's own, the overlay, the palette with everything."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser


def test_U8_a_preset_changes_keys_buttons_and_overlay_and_stays(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    _open_keys(page)
    page.get_by_role("radio", name="napari").check(force=True)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Brush", exact=True)).to_have_attribute("aria-keyshortcuts", "2")
    _tap(page, "2", "Digit2")
    expect(page.get_by_role("button", name="Brush", exact=True)).to_have_attribute("aria-pressed", "true")
    page.reload()
    hands.wait_for_picture(page)
    expect(page.get_by_role("button", name="Brush", exact=True)).to_have_attribute("aria-keyshortcuts", "2")
    _open_keys(page)
    page.get_by_role("radio", name="Cytoloop").check(force=True)


def test_U8_a_taken_key_is_shown_with_its_holder_and_a_choice(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    _open_keys(page)
    dialog = page.get_by_role("dialog", name="Keys, mouse and pen")
    dialog.get_by_role("button", name="Change G of Fill").click()
    page.keyboard.press("b")
    choice = page.get_by_role("alertdialog", name="This key is taken")
    expect(choice).to_contain_text("Brush")
    choice.get_by_role("button", name=re.compile("^Swap")).click()
    expect(dialog.get_by_role("button", name="Change B of Fill")).to_be_visible()
    expect(dialog.get_by_role("button", name="Change G of Brush")).to_be_visible()
    dialog.get_by_role("button", name="Forget my changes").click()
    expect(dialog.get_by_role("button", name="Change G of Fill")).to_be_visible()


def test_U8_the_overlay_lists_the_present_keys_and_finds_them(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("Swap brush and eraser")
    sheet.get_by_role("textbox").fill("undo")
    expect(sheet).to_contain_text("Ctrl")
    expect(sheet).not_to_contain_text("Swap brush and eraser")


def test_U8_the_palette_has_every_action_of_the_keys_dialog(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    _open_keys(page)
    rows = (
        page.get_by_role("dialog", name="Keys, mouse and pen").locator("tr td:first-child").all_inner_texts()
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    expect(palette.locator("[data-action]").first).to_be_visible()
    said = "\n".join(palette.locator("[data-action]").all_inner_texts())
    missing = [row for row in rows if row not in said and not re.fullmatch(r"Class \d|Command palette", row)]
    assert rows
    assert missing == []


def test_U8_a_tool_held_for_a_moment_goes_when_its_key_does(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    hands.through_palette(page, "Select")
    page.keyboard.down("e")
    expect(page.get_by_role("button", name="Eraser", exact=True)).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(400)
    page.keyboard.up("e")
    expect(page.get_by_role("button", name="Select", exact=True)).to_have_attribute("aria-pressed", "true")


def _open_keys(page: Page) -> None:
    page.locator("canvas[data-picture]").focus()
    page.keyboard.press("Control+,")
    expect(page.get_by_role("dialog", name="Keys, mouse and pen")).to_be_visible()


def _tap(page: Page, key: str, code: str) -> None:
    """A short tap, however busy the machine is: a long press would be a tool for a moment."""
    page.evaluate(
        """([key, code]) => {
            const canvas = document.querySelector('canvas[data-picture]');
            for (const kind of ['keydown', 'keyup'])
                canvas.dispatchEvent(new KeyboardEvent(kind, { key, code, bubbles: true, cancelable: true }));
        }""",
        [key, code],
    )
