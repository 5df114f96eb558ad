"""What the editor shows, in a real browser: channels, values, panes, and links that bring it all back."""

import io
import json
import re
from contextlib import closing
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Position, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser

DEPTH, HEIGHT, WIDTH = 20, 96, 112
IDLE_MS = 900
READING_LIMIT_MS = 60_000


@pytest.fixture(scope="module")
def stack(lab: Running, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a stack of two channels with two round bodies, 1 and 2, in it."""
    folder = tmp_path_factory.mktemp("stack")
    image, labels = bodies()
    tifffile.imwrite(folder / "bodies.ome.tif", image, ome=True, metadata={"axes": "ZCYX"})
    tifffile.imwrite(folder / "bodies_masks.tif", labels, imagej=True, metadata={"axes": "ZYX"})
    lab.command("ingest", str(folder), "--dataset", "Stacks", "--json")
    return address_of(lab, "Stacks")


def bodies() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """(z, c, y, x) grey values and (z, y, x) labels: a ball in each half."""
    z, y, x = np.mgrid[:DEPTH, :HEIGHT, :WIDTH]
    labels = np.zeros((DEPTH, HEIGHT, WIDTH), np.uint16)
    labels[((z - 6) * 3) ** 2 + (y - 40) ** 2 + (x - 30) ** 2 < 18**2] = 1
    labels[((z - 13) * 3) ** 2 + (y - 56) ** 2 + (x - 80) ** 2 < 16**2] = 2
    noise = np.random.default_rng(3).poisson(40, (DEPTH, 2, HEIGHT, WIDTH))
    noise[:, 0] += (labels == 1) * 600 + (labels == 2) * 300
    noise[:, 1] += (labels == 2) * 500
    return noise.astype(np.uint16), labels


def address_of(lab: Running, dataset: str) -> str:
    """Of the first image of a dataset, in the editor."""
    with closing(lab.api()) as api:
        for project in api.get("projects/").json()["results"]:
            found = api.get("datasets/", params={"project": project["id"]}).json()["results"]
            for one in (one for one in found if one["name"] == dataset):
                image = api.get("images/", params={"dataset": one["id"]}).json()["results"][0]
                return f"{lab.address}/projects/{project['id']}/annotate/{image['id']}"
    raise AssertionError(f"There is no dataset {dataset}.")


def look_at(page: Page, lab: Running, address: str) -> None:
    """Signed in, at this address, with pixels and labels on the screen."""
    hands.sign_in(page, lab)
    page.goto(address)
    picture_is_here(page)


def picture_is_here(page: Page) -> None:
    hands.wait_for_picture(page)
    expect(page.get_by_role("status").filter(has_text="reading")).to_have_count(0, timeout=READING_LIMIT_MS)


def picture(page: Page) -> Locator:
    return page.locator("canvas[data-picture]")


def place(page: Page) -> dict[str, str]:
    """What the address says, once it has followed."""
    page.wait_for_timeout(IDLE_MS)
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def pixels(part: Locator) -> NDArray[np.int16]:
    """What is to be seen of it, as (y, x, 3)."""
    return np.asarray(Image.open(io.BytesIO(part.screenshot())).convert("RGB"), np.int16)


def choose_in_menu(page: Page, button: str, item: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("menuitem", name=item).click()


def test_V1_channels_by_key_and_typed_contrast(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, stack)
    first = page.get_by_role("button", name="Show channel").first
    picture(page).focus()
    for pressed in ("false", "true"):
        page.keyboard.press("1")
        expect(first).to_have_attribute("aria-pressed", pressed)
    before = pixels(picture(page))
    page.get_by_role("button", name=re.compile("^Settings of channel")).first.click()
    page.get_by_label("Full at").fill("200")
    page.keyboard.press("Tab")
    page.get_by_label("Invert").check(force=True)
    page.keyboard.press("Escape")
    page.mouse.move(2, 2)
    assert np.abs(pixels(picture(page)) - before).max() > 60
    assert place(page)["ch"].split(",")[0].split("_")[2] == "200"


def test_V6_grey_values_stand_in_the_pixels_at_64(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, f"{stack}?at=40,30,64&z=6")
    values = page.locator("canvas[data-overlay]").first
    expect(values).to_be_visible()
    page.goto(f"{stack}?at=40,30,20&z=6")
    picture_is_here(page)
    expect(values).to_be_hidden()


def test_V7_linked_panes_share_place_and_cursor(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, f"{stack}?z=6")
    choose_in_menu(page, "Panes", "Raw, without labels")
    pane = page.locator("canvas[data-pane=linked]")
    expect(pane).to_be_visible()
    page.wait_for_timeout(IDLE_MS)
    pane.hover()
    before = place(page)["at"]
    page.mouse.wheel(0, -300)
    assert place(page)["at"] != before
    cursor = picture(page).locator("xpath=following-sibling::canvas[@data-overlay]")
    expect(cursor).to_be_visible()
    picture(page).hover()
    expect(cursor).to_be_hidden()
    expect(pane.locator("xpath=following-sibling::canvas[@data-overlay]")).to_be_visible()


def test_V9_one_voxel_in_three_planes_and_a_body_picked(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, f"{stack}?z=6")
    choose_in_menu(page, "Panes", "Orthogonal views")
    xz = page.locator("canvas[data-pane=xz]")
    expect(xz).to_be_visible()
    picture_is_here(page)
    box = xz.bounding_box()
    assert box is not None
    yz_before = pixels(page.locator("canvas[data-pane=yz]"))
    xz.click(position={"x": box["width"] / 2 + 40, "y": box["height"] / 2 + 30})
    assert int(place(page)["z"]) > DEPTH / 2
    assert (pixels(page.locator("canvas[data-pane=yz]")) != yz_before).any()
    choose_in_menu(page, "Panes", "Masks in 3D")
    volume = page.locator("canvas[data-pane=volume]")
    picture_is_here(page)
    page.wait_for_timeout(IDLE_MS)
    volume.click(position=brightest(pixels(volume)))
    assert place(page)["cell"] in {"1", "2"}


def brightest(seen: NDArray[np.int16]) -> Position:
    """The middle of the longest run of colour in the fullest row: inside a body, not on an edge."""
    coloured = (seen.max(axis=2) - seen.min(axis=2)) > 40
    row = int(coloured.sum(axis=1).argmax())
    columns = np.flatnonzero(coloured[row])
    longest = max(np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1), key=len)
    return {"x": float(longest[len(longest) // 2]), "y": float(row)}


def test_V8_a_link_opens_the_same_picture_in_a_fresh_browser(
    lab: Running, chromium: Browser, page: Page, stack: str
) -> None:
    look_at(page, lab, f"{stack}?z=6")
    picture(page).focus()
    page.keyboard.press("Shift+D")
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.press("+")
    page.get_by_role("button", name="Label display").click()
    page.get_by_text("Track", exact=True).click()
    page.get_by_role("dialog").get_by_text("Number", exact=True).click()
    page.keyboard.press("Escape")
    choose_in_menu(page, "Panes", "Orthogonal views")
    page.mouse.move(2, 2)
    page.locator("canvas[data-pane=xz]").click(position={"x": 300, "y": 90})
    page.mouse.move(2, 2)
    picture_is_here(page)
    said = place(page)
    assert {"t", "z", "at", "ch", "cell", "ov", "cross", "panes"} <= said.keys(), json.dumps(said)
    panes = ["canvas[data-picture]", "canvas[data-pane=xz]", "canvas[data-pane=yz]"]
    here = [pixels(page.locator(pane)) for pane in panes]
    fresh = chromium.new_context(viewport={"width": 1440, "height": 900})
    try:
        other = fresh.new_page()
        look_at(other, lab, page.url)
        now = place(other)
        assert now == said, f"{now} is not {said}"
        for before, pane in zip(here, panes, strict=True):
            seen = pixels(other.locator(pane))
            assert seen.shape == before.shape
            assert (np.abs(seen - before).max(axis=2) > 8).mean() < 0.0005
    finally:
        fresh.close()


def test_V5_colour_by_class_changes_what_is_seen(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, f"{stack}?z=6")
    by_cell = pixels(picture(page))
    page.get_by_role("button", name="Label display").click()
    page.get_by_role("dialog").get_by_text("Class", exact=True).first.click()
    page.keyboard.press("Escape")
    page.mouse.move(2, 2)
    page.wait_for_timeout(IDLE_MS)
    assert (np.abs(pixels(picture(page)) - by_cell).max(axis=2) > 20).any()
    assert place(page)["ov"].startswith("class_")


def test_V8_a_link_written_by_hand_is_understood(lab: Running, page: Page, stack: str) -> None:
    look_at(page, lab, f"{stack}?z=3&at=48,56,6&cell=1&ov=quality_0.5_vo_none_grey")
    said = place(page)
    assert (said["z"], said["cell"], said["ov"]) == ("3", "1", "quality_0.5_vo_none_grey")
