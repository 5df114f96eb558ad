"""L14: a newcomer's first click proposes cells, on images of other channels than the model reads too."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser


def test_L14_the_first_click_of_a_newcomer_proposes_cells(lab: Running, page: Page) -> None:
    hands.sign_in(page, lab)
    hands.open_project(page, "Demonstration")
    hands.visit(page, "Predictions")
    page.get_by_role("link", name="New prediction").first.click()
    _choose(page, "Model", re.compile("^Starter nuclei"))
    _choose(page, "Images", re.compile("^Simulated movies"))
    expect(page.get_by_text("By itself it reads “Nuclei” of “Nuclei”, “Membrane”.")).to_be_visible()
    expect(page.get_by_text("The model learned from cells about 19 px across.")).to_be_visible()
    page.get_by_role("switch", name="Link cells over time").uncheck(force=True)
    page.get_by_text("Fast", exact=True).click()
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("Read by the channel “Nuclei”.")).to_be_visible(timeout=hands.JOB_LIMIT_MS)
    page.get_by_role("link", name="See the proposals").click()
    rows = page.get_by_role("grid", name="Predictions").get_by_role("row")
    expect(rows).to_have_count(7)
    expect(page.get_by_text("reads “Nuclei”").first).to_be_visible()
    cells = [int(text) for text in rows.locator("td:nth-child(3)").all_inner_texts()]
    assert min(cells) > 30, "cells in every movie"


def test_L14_what_the_model_reads_can_be_chosen_and_a_grey_button_says_why(lab: Running, page: Page) -> None:
    hands.sign_in(page, lab)
    hands.open_project(page, "Demonstration")
    hands.make_dataset(page, "Nothing yet")
    hands.visit(page, "Predictions")
    page.get_by_role("link", name="New prediction").first.click()
    _choose(page, "Model", re.compile("^Starter nuclei"))
    _choose(page, "Images", re.compile("^Simulated movies"))
    predict = page.get_by_role("button", name="Predict")
    expect(predict).to_be_enabled()
    channels = page.get_by_role("combobox", name="Channels the model reads")
    channels.click()
    page.get_by_role("option", name="Membrane").click()
    expect(page.get_by_text("It reads “Membrane” of “Nuclei”, “Membrane”.")).to_be_visible()
    page.get_by_role("option", name="Nuclei").click()
    expect(page.get_by_text(re.compile("names 2, but Starter nuclei"))).to_be_visible()
    expect(predict).to_be_disabled()
    expect(page.get_by_text("Something above has to be changed first.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_text("In pixels").click()
    expect(page.get_by_label("Diameter of the cells in pixels")).to_be_visible()


def _choose(page: Page, label: str, option: "re.Pattern[str]") -> None:
    """Unless it is chosen by itself. A list that is open moves while the form below it still grows, and may
    close: then it is opened again, as a person would."""
    field = page.get_by_role("combobox", name=label, exact=True)
    expect(field).to_be_visible()
    for _ in range(3):
        if not option.match(field.input_value()):
            field.click()
            with suppress(PlaywrightTimeout):
                page.get_by_role("option", name=option).first.click(timeout=5000)
    expect(field).to_have_value(option)
