"""What a person's hands do, said once: sign in, choose files, draw a stroke, wait for a job."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import tifffile
from playwright.sync_api import Locator, Page, expect

from annotation.core import simulation
from tests.running import Running

JOB_LIMIT_MS = 240_000
PICTURE_LIMIT_S = 60


def sign_in(page: Page, lab: Running, *, email: str = "", password: str = "") -> None:
    """From the first address to the projects."""
    page.goto(lab.address)
    page.get_by_label("E-mail").fill(email or lab.email)
    page.get_by_role("textbox", name="Password").fill(password or lab.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Password")).to_have_count(0)


def open_project(page: Page, name: str) -> None:
    """From the projects to one of them."""
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def visit(page: Page, section: str) -> None:
    """Through the navigation at the left."""
    page.get_by_role("navigation").get_by_role("link", name=section, exact=True).click()


def make_dataset(page: Page, name: str) -> None:
    """A new, empty dataset, and the page on which images are brought into it."""
    visit(page, "Datasets")
    page.get_by_role("button", name="New dataset").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="Bring in images", level=1)).to_be_visible()


def bring_in(page: Page, files: Sequence[Path], *, reviewed: bool) -> None:
    """On the page that brings in images: upload, wait until they are imported, look at them."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([str(file) for file in files])
    if reviewed:
        page.get_by_label("These labels are reviewed").check(force=True)
    page.get_by_role("button", name="Upload").click()
    done = page.get_by_role("link", name="Look at the images")
    expect(done).to_be_visible(timeout=60_000)
    done.click()


def wait_for_job(page: Page, then: str) -> None:
    """On a job's page: wait for its end, then follow the link that it offers."""
    link = page.get_by_role("link", name=then)
    expect(link).to_be_visible(timeout=JOB_LIMIT_MS)
    link.click()


def wait_for_picture(page: Page) -> None:
    """Every tile and label of the editor's first view is on the screen."""
    # Asked again and again: the content security policy forbids to wait for an expression in the page.
    until = time.monotonic() + PICTURE_LIMIT_S
    while not page.evaluate("performance.getEntriesByName('cytoloop:first-picture').length"):
        if time.monotonic() > until:
            raise AssertionError(f"No picture after {PICTURE_LIMIT_S} s at {page.url}.")
        page.wait_for_timeout(50)


def open_movie(page: Page, lab: Running, *, image: str = "movie-2") -> None:
    """An image of the demonstration in the editor, the keys going to its picture."""
    sign_in(page, lab)
    with closing(lab.api()) as api:
        project = api.get("projects/").json()["results"][0]["id"]
        images = api.get(f"images/?project={project}&limit=100").json()["results"]
    found = next(row["id"] for row in images if row["name"] == image)
    page.goto(f"{lab.address}/projects/{project}/annotate/{found}")
    wait_for_picture(page)
    page.locator("canvas[data-picture]").focus()


def through_palette(page: Page, words: str) -> None:
    """The editor's command of these words, then back to the picture."""
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Search commands").fill(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("canvas[data-picture]").focus()


def canvas(page: Page) -> Locator:
    """The editor's canvas, once its labels can be edited."""
    found = page.locator("canvas").first
    expect(found).to_be_visible()
    return found


def click(page: Page, place: tuple[float, float]) -> None:
    """A click on the canvas, at a share of its width and height."""
    box = canvas(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])


def draw(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke between two places of the canvas, given as shares of its width and height."""
    box = canvas(page).bounding_box()
    assert box is not None
    (x0, y0), (x1, y1) = (
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)
    )
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=12)
    page.mouse.up()


def expect_saved(page: Page) -> None:
    """Everything drawn is on the server."""
    expect(page.get_by_role("status", name="Everything you drew is on the server.")).to_be_visible()


def write_fields(folder: Path, *, count: int, side_px: int, with_labels: bool, seed: int) -> list[Path]:
    """Simulated single frames `field-N.tif`, and their truth `field-N_masks.tif`."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number in range(count):
        movie = simulation.simulate_movie(
            seed=seed + number, frames=1, height=side_px, width=side_px, cells=12
        )
        name = folder / f"{folder.name}-{number + 1}.tif"
        tifffile.imwrite(name, np.asarray(movie.image)[0, :, 0], imagej=True, metadata={"axes": "CYX"})
        written.append(name)
        if with_labels:
            masks = folder / f"{folder.name}-{number + 1}_masks.tif"
            tifffile.imwrite(masks, np.asarray(movie.labels)[0, 0].astype(np.uint16))
            written.append(masks)
    return written
