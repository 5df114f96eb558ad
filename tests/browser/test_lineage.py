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
