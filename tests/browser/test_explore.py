"""L8, C4 in a real browser: make a map, gate cells, label them at once, take that back, open one."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser


def test_L8_a_map_is_made_a_gate_is_labelled_and_taken_back(lab: Running, page: Page) -> None:
    with closing(lab.api()) as api:
        project = api.get("projects/").json()["results"][0]["id"]
        api.post(f"projects/{project}/classes/", json={"name": "dividing"}).raise_for_status()
    hands.sign_in(page, lab)
    hands.open_project(page, "Demonstration")
    hands.visit(page, "Explore")
    page.get_by_role("button", name="New map").first.click()
    page.get_by_role("combobox", name="Cells of").click()
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="Make the map").click()
    hands.wait_for_job(page, "Open the map")
    canvas = page.get_by_role("application", name=re.compile("Map of cells"))
    expect(canvas).to_be_visible()
    page.get_by_text("Box", exact=True).click()
    area = canvas.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] - 5, area["y"] + area["height"] - 5, steps=4)
    page.mouse.up()
    chosen = page.get_by_role("region", name="Chosen cells")
    expect(chosen.get_by_text(re.compile(r"^\d+ cells chosen of \d+$"))).to_be_visible()
    chosen.get_by_role("combobox", name="Class").click()
    page.get_by_role("option", name="dividing").click()
    chosen.get_by_role("button", name=re.compile("^Label .* as ")).click()
    expect(chosen.get_by_text(re.compile("labelled as"))).to_be_visible()
    chosen.get_by_role("button", name="Undo").click()
    expect(chosen.get_by_text(re.compile("labelled as"))).to_have_count(0)
