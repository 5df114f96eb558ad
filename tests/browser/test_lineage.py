"""T4, T5, T6: the panel of tracks below a movie: found, in step with the picture, edited, undone."""

from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser

MOVIE = "movie-3"
EDITED = "movie-4"
FIRST_LINE_PX = 26
"""From the top of the tree: the frames' numbers, then half a line."""


def test_T4_the_tree_is_in_step_with_the_picture_and_can_be_edited(page: Page, lab: Running) -> None:
    tracks = families(lab)
    hands.open_movie(page, lab, image=MOVIE)
    panel = page.get_by_role("region", name="Tracks", exact=True)
    panel.get_by_role("button", name="Tracks").click()
    tree = panel.get_by_role("application")
    expect(panel.get_by_role("status")).to_contain_text(f"{len(tracks)} tracks")
    mother, daughters = next((cell, kin) for cell, kin in tracks.items() if len(kin) > 1)

    # By number: the picture goes to where the cell begins.
    panel.get_by_label("Find a track by its cell number").fill(str(daughters[0]))
    page.keyboard.press("Enter")
    expect_place(page, cell=daughters[0])
    begins = place_of(page)["t"]

    # By keys: its mother, in her last frame; and back.
    tree.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect_place(page, cell=mother)
    assert int(place_of(page)["t"]) < int(begins)
    page.keyboard.press("Shift+ArrowRight")
    expect_place(page, cell=daughters[0])

    # An edit in the picture is in the tree at once, and so is its undoing.
    counted = counts(panel)
    page.locator("canvas[data-picture]").focus()
    hands.through_palette(page, "Remove the mother")
    expect(panel.get_by_role("status")).not_to_have_text(counted)
    page.keyboard.press("Control+z")
    expect(panel.get_by_role("status")).to_have_text(counted)
    hands.expect_saved(page)

    # It stays open, and beside it lies what wants a look.
    page.reload()
    hands.wait_for_picture(page)
    expect(tree).to_be_visible()
    panel.get_by_text("Alerts", exact=False).first.click()
    expect(panel.get_by_role("region", name="Alerts")).to_be_visible()
    set_aside_and_bring_back(page, panel)


def test_T1_T2_T3_tracks_are_put_right_by_keys_and_mouse_and_the_tree_follows(
    page: Page, lab: Running
) -> None:
    rows = tracks_of(lab, EDITED)
    mothers = {row["facts"]["mother"] for row in rows}
    # Two cells that are there in frames 2 to 4 and neither divide nor are born.
    calm = [
        row["cell"]
        for row in rows
        if row["first_t"] < 2 and row["last_t"] > 4 and row["cell"] not in mothers and not row["gaps"]
    ]
    one, two = calm[:2]
    hands.open_movie(page, lab, image=EDITED)
    panel = page.get_by_role("region", name="Tracks", exact=True)
    panel.get_by_role("button", name="Tracks").click()
    known = panel.get_by_role("status")
    expect(known).to_contain_text(f"{len(rows)} tracks")
    before = known.inner_text()

    # The first line of the tree, by mouse.
    box = panel.get_by_role("application").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.05 * box["width"], box["y"] + FIRST_LINE_PX)
    expect_place(page, cell=min(row["cell"] for row in rows))

    # Unlinked and linked again; unlinked and merged again.
    at_frame(page, 3, one)
    hands.through_palette(page, "Unlink: a new cell")
    expect(known).to_contain_text(f"{len(rows) + 1} tracks")
    hands.through_palette(page, "Link to the cell of the frame before")
    expect(known).to_have_text(before)
    hands.through_palette(page, "Unlink: a new cell")
    expect(known).to_contain_text(f"{len(rows) + 1} tracks")
    hands.expect_saved(page)
    at_frame(page, 3, one, int(place_of(page)["cell"]))
    hands.through_palette(page, "Merge the selected tracks")
    expect(known).to_contain_text(f"{len(rows)} tracks")
    for more in (1, 0):
        page.keyboard.press("Control+z")
        expect(known).to_contain_text(f"{len(rows) + more} tracks")
    expect(known).to_have_text(before)

    # Divided, and swapped. What was taken back in the last moment of a page is there when it is opened again.
    at_frame(page, 3, one, two)
    expect(known).to_have_text(before)
    hands.through_palette(page, "Divide: the first selected cell")
    expect(known).to_contain_text(f"{len(rows) + 2} tracks")
    hands.expect_saved(page)
    page.keyboard.press("Control+z")
    expect(known).to_have_text(before)
    at_frame(page, 3, one, two)
    expect(known).to_have_text(before)
    hands.through_palette(page, "Swap the two selected cells")
    hands.expect_saved(page)
    assert spans_of(lab, one, two) == spans_of(lab, two, one, of=rows, cut=3)
    page.keyboard.press("Control+z")
    hands.expect_saved(page)
    assert spans_of(lab, one, two) == spans_of(lab, one, two, of=rows)


def set_aside_and_bring_back(page: Page, panel: Locator) -> None:
    """The first alert is set aside with a reason, found among those set aside, and brought back."""
    alerts = panel.get_by_role("listbox", name="Alerts, by frame").get_by_role("option")
    expect(alerts.first).to_be_visible()
    count = int(alerts.first.get_attribute("aria-setsize") or 0)
    alerts.first.click()
    panel.get_by_role("button", name="Set aside").click()
    page.get_by_label("Why is it in order?").fill("It touches the border.")
    page.get_by_role("dialog").get_by_role("button", name="Set aside").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    panel.get_by_label("Only of this kind").select_option(label="Set aside (1)")
    aside = panel.get_by_role("listbox", name="Alerts set aside, by frame").get_by_role("option")
    expect(aside).to_have_count(1)
    expect(aside).to_contain_text("It touches the border.")
    aside.click()
    panel.get_by_role("button", name="Bring back").click()
    panel.get_by_label("Only of this kind").select_option(label="Every kind")
    expect(alerts.first).to_have_attribute("aria-setsize", str(count))


def at_frame(page: Page, t: int, *cells: int) -> None:
    """This frame with these cells selected, the panel of tracks open."""
    address = urlparse(page.url)
    page.goto(f"{address.scheme}://{address.netloc}{address.path}?t={t}&cell={','.join(map(str, cells))}")
    hands.wait_for_picture(page)
    expect(page.get_by_role("region", name="Tracks", exact=True).get_by_role("status")).to_be_visible()
    page.locator("canvas[data-picture]").focus()


def spans_of(
    lab: Running, one: int, two: int, *, of: list[dict[str, Any]] | None = None, cut: int = 0
) -> list[tuple[int, int]]:
    """First and last frames of two cells, as the server has them or as `of` says; with `cut` the ends of both
    are those of the other."""
    rows = {row["cell"]: row for row in of or tracks_of(lab, EDITED)}
    begins = (two, one) if cut else (one, two)
    return [(rows[a]["first_t"], rows[b]["last_t"]) for a, b in zip(begins, (one, two), strict=True)]


def tracks_of(lab: Running, name: str) -> list[dict[str, Any]]:
    """The tracks of a movie of the demonstration."""
    with closing(lab.api()) as api:
        images = api.get("images/?limit=100").json()["results"]
        image = next(row for row in images if row["name"] == name)
        branch = api.get(f"images/{image['id']}/branches/").json()["results"][0]
        rows: list[dict[str, Any]] = api.get(f"branches/{branch['id']}/tracks/").json()["results"]
    return rows


def families(lab: Running) -> dict[int, list[int]]:
    """Of each cell of the movie its daughters."""
    rows = tracks_of(lab, MOVIE)
    return {
        row["cell"]: [other["cell"] for other in rows if other["facts"]["mother"] == row["cell"]]
        for row in rows
    }


def counts(panel: Locator) -> str:
    return panel.get_by_role("status").inner_text()


def place_of(page: Page) -> dict[str, str]:
    """What the address bar says of the place."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def expect_place(page: Page, *, cell: int) -> None:
    """The picture has this cell selected."""
    for _ in range(100):
        if place_of(page).get("cell") == str(cell):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Cell {cell} is not selected at {page.url}.")
