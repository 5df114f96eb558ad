"""T11 in a real browser: score a draft, keep to one kind of error, open one in the editor; measure."""

import re
import uuid
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.running import Running

pytestmark = pytest.mark.browser


def forget_a_mother(lab: Running) -> dict[str, Any]:
    """On a movie with accepted labels: a newer revision in which one cell has no mother any more."""
    with closing(lab.api()) as api:
        project = api.get("projects/").json()["results"][0]["id"]
        images = api.get(f"images/?project={project}").json()["results"]
        for image in images:
            if image["accepted_number"] is None:
                continue
            branch = image["current_branch"]
            place = f"branches/{branch['id']}"
            tracks = api.get(f"{place}/tracks/").json()["results"]
            born = next((one for one in tracks if one["facts"]["mother"]), None)
            if born is None:
                continue
            after = {**born["facts"], "mother": None}
            change = {"cell": born["cell"], "before": born["facts"], "after": after}
            edit = {"id": str(uuid.uuid4()), "tool": "track", "pixels": [], "cells": [change]}
            batch = {"batch_id": str(uuid.uuid4()), "base": branch["head_number"], "edits": [edit]}
            api.post(f"{place}/revisions/", json=batch).raise_for_status()
            return {"project": project, "image": image, "t": born["first_t"]}
    raise AssertionError("The demonstration has no movie with a division.")


def test_T11_each_error_of_a_draft_is_one_click_from_its_cell(lab: Running, page: Page) -> None:
    made = forget_a_mother(lab)
    hands.sign_in(page, lab)
    page.goto(f"{lab.address}/projects/{made['project']}/images/{made['image']['id']}")
    page.get_by_role("button", name="Score against the accepted revision").click()
    table = page.get_by_role("grid", name="Errors of the tracks")
    expect(table.get_by_role("link", name="division missed")).to_be_visible()
    expect(page.get_by_text("TRA", exact=True)).to_be_visible()
    measured = page.get_by_role("grid", name="Measurements")
    expect(measured.get_by_role("row").nth(3)).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Area, .* cells over 12 frames"))).to_be_visible()
    page.get_by_role("button", name=re.compile("division missed")).click()
    table.get_by_role("link", name="division missed").first.click()
    expect(page).to_have_url(re.compile(rf"/annotate/{made['image']['id']}\?.*t={made['t']}"))
    expect(page.get_by_role("link", name="Tracks and measurements")).to_be_visible()
