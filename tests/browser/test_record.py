"""The record in the page: two states compared, the log and what is taken back from it, a release."""

import uuid
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import sign_in
from tests.running import Running

pytestmark = pytest.mark.browser


def drawn_on(api: httpx.Client) -> dict[str, Any]:
    """An image of the demonstration on which a cell was made and another lost a row, in one revision."""
    project = api.get("projects/").json()["results"][0]
    images = api.get("images/", params={"project": project["id"], "labelled": "true"}).json()["results"]
    image = images[0]
    branch = image["current_branch"]["id"]
    head = api.get(f"branches/{branch}/").json()["head_number"]
    fresh = api.post(f"branches/{branch}/cell-ids/", json={"count": 1}).json()["first"]
    facts = dict.fromkeys(("class", "mother", "quality", "channel", "merged_into", "ending"))
    made = {"locked": False, "ignored": False, **facts}
    edit = {
        "id": str(uuid.uuid4()), "tool": "brush", "parameters": {"brush_px": 6},
        "pixels": [{"t": 0, "z": 0, "cell": fresh, "add": [0, 0, 6, 1, 0, 6, 2, 0, 6], "remove": []}],
        "cells": [{"cell": fresh, "before": None, "after": made}],
    }  # fmt: skip
    batch = {"batch_id": str(uuid.uuid4()), "base": head, "edits": [edit]}
    answer = api.post(f"branches/{branch}/revisions/", json=batch)
    answer.raise_for_status()
    return {"project": project["id"], "image": image, "branch": branch, "base": head, "cell": fresh}


def test_W7_W8_W9_compared_released_and_taken_back(page: Page, lab: Running) -> None:
    with closing(lab.api()) as api:
        on = drawn_on(api)
    sign_in(page, lab)
    at = f"{lab.address}/projects/{on['project']}"

    page.goto(f"{at}/compare/{on['image']['id']}?base={on['branch']}&baseRevision={on['base']}")
    rows = page.get_by_role("listbox", name="Changed cells").get_by_role("option")
    expect(rows).to_have_count(1)
    rows.first.click()
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.get_by_text("Side by side").click()
    expect(page.get_by_role("region", name="Linked pane 1")).to_be_visible()

    page.goto(f"{at}/datasets/{on['image']['dataset']}/releases")
    page.get_by_role("button", name="New release").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Newest labels").click()
    dialog.get_by_label("Authors").fill("Ångström, Ana")
    dialog.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("family-names: Ångström")).to_be_visible()
    page.get_by_role("button", name="Check the digest").click()
    expect(page.get_by_text("the digest is the same")).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="Audit log").click()
    line = page.get_by_role("row").filter(has_text="brush_px 6")
    expect(line).to_have_count(1)
    line.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("1 edit: 1 cell become as they were before")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("row").filter(has_text="revert")).to_have_count(1)
