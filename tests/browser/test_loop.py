"""The whole loop in a real browser: upload, train, predict, correct, review, train again. No step by REST."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

FIELDS = "Fields"

pytestmark = pytest.mark.browser


def test_from_upload_to_accepted_correction_to_second_model(lab: Running, page: Page, tmp_path: Path) -> None:
    hands.sign_in(page, lab)
    hands.open_project(page, "Demonstration")
    _bring_in_truth(page, tmp_path)
    _train(page, "journey", version=1)
    _bring_in_new_images(page, tmp_path)
    _predict(page)
    _correct(page)
    _review(page)
    _train(page, "journey", version=2)
    expect(page.get_by_text("5 images").first).to_be_visible()


def _bring_in_truth(page: Page, folder: Path) -> None:
    files = hands.write_fields(folder / "truth", count=4, side_px=128, with_labels=True, seed=40)
    hands.make_dataset(page, FIELDS)
    hands.bring_in(page, files, reviewed=True)
    expect(page.get_by_text("4 accepted")).to_be_visible()


def _bring_in_new_images(page: Page, folder: Path) -> None:
    files = hands.write_fields(folder / "new", count=1, side_px=128, with_labels=False, seed=60)
    hands.visit(page, "Datasets")
    page.get_by_role("link", name=FIELDS).first.click()
    page.get_by_role("link", name="Bring in images").first.click()
    hands.bring_in(page, files, reviewed=False)
    expect(page.get_by_text("new-1")).to_be_visible()


def _train(page: Page, name: str, *, version: int) -> None:
    hands.visit(page, "Training")
    page.get_by_role("link", name="New training").first.click()
    for dataset in page.get_by_role("checkbox").all():
        dataset.uncheck(force=True)
    page.get_by_role("checkbox", name=re.compile(f"^{FIELDS}")).check(force=True)
    page.get_by_role("textbox", name="Minutes").fill("0.4")
    page.get_by_label("Name of the model").fill(name)
    page.get_by_role("button", name="Start training").click()
    hands.wait_for_job(page, "Open the model")
    expect(page.get_by_role("heading", name=re.compile(f"{name}.*{version}"))).to_be_visible()


def _predict(page: Page) -> None:
    page.get_by_text("new-1").first.hover()
    page.get_by_role("checkbox", name=re.compile("new-1")).check(force=True)
    page.get_by_role("link", name="Predict", exact=True).click()
    page.get_by_role("button", name="Predict").click()
    hands.wait_for_job(page, "Correct the proposals")


def _correct(page: Page) -> None:
    page.get_by_role("row", name=re.compile("new-1")).click()
    page.get_by_role("button", name="Take this task").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    page.get_by_role("button", name="Brush", exact=True).click()
    page.get_by_role("button", name="New cell").click()
    hands.draw(page, (0.45, 0.5), (0.55, 0.52))
    hands.expect_saved(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("waits for review")).to_be_visible()


def _review(page: Page) -> None:
    page.goto(re.sub(r"/annotate/.*", "/review", page.url))
    page.get_by_role("row", name=re.compile("new-1")).click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
