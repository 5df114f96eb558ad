"""Classes in the page: renamed, split off by an attribute with a preview, merged, and taken back."""

import uuid
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import sign_in
from tests.running import Running

pytestmark = pytest.mark.browser

NOBODY_SAID = dict.fromkeys(("class", "mother", "quality", "channel", "merged_into", "ending"))
BARE = {**NOBODY_SAID, "locked": False, "ignored": False}


@pytest.fixture
def project(lab: Running) -> str:
    """The demonstration, with six round cells: three of them strongly stained, one of these locked."""
    with closing(lab.api()) as api:
        project = str(api.get("projects/").json()["results"][0]["id"])
        images = api.get("images/", params={"project": project, "labelled": "true"}).json()["results"]
        kind = _post(api, f"projects/{project}/classes/", {"name": "round", "color": "#e0af68"})["id"]
        stain = {"name": "stain", "kind": "CHOICE", "choices": ["weak", "strong"]}
        attribute = _post(api, f"projects/{project}/attributes/", stain)["id"]
        _draw(api, images[-1]["current_branch"]["id"], kind, attribute)
    return project


def _draw(api: httpx.Client, branch: str, kind: str, attribute: str) -> None:
    head = api.get(f"branches/{branch}/").json()["head_number"]
    first = _post(api, f"branches/{branch}/cell-ids/", {"count": 6})["first"]
    cells = []
    for place in range(6):
        said = {"class": kind, "attributes": {attribute: "strong" if place < 3 else "weak"}}
        cells.append({"cell": first + place, "before": None, "after": {**BARE, **said, "locked": place == 0}})
    pixels = [
        {"t": 0, "z": 0, "cell": first + place, "add": [0, 4 * place, 2], "remove": []} for place in range(6)
    ]
    edit = {"id": str(uuid.uuid4()), "tool": "brush", "pixels": pixels, "cells": cells}
    _post(
        api, f"branches/{branch}/revisions/", {"batch_id": str(uuid.uuid4()), "base": head, "edits": [edit]}
    )


def _post(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    assert answer.is_success, answer.text
    return dict(answer.json())


def test_C1_a_class_is_renamed_split_merged_and_all_is_taken_back(
    page: Page, lab: Running, project: str
) -> None:
    sign_in(page, lab)
    page.goto(f"{lab.address}/projects/{project}/classes")
    tree = page.get_by_role("list", name="Classes", exact=True)
    name = tree.get_by_role("listitem", name="round", exact=True).get_by_role("textbox", name="Name of class")
    name.fill("spheroid")
    name.press("Enter")
    expect(page.get_by_text("Class “round” is called “spheroid” now.")).to_be_visible()

    page.get_by_role("button", name="More for spheroid").click()
    page.get_by_role("menuitem", name="Split a class off").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the new class").fill("stained spheroid")
    dialog.get_by_label("Cells whose").select_option(label="stain")
    dialog.get_by_label("is", exact=True).select_option(label="strong")
    dialog.get_by_role("button", name="Show what changes").click()
    preview = page.get_by_role("table", name="Cells that change")
    expect(preview.get_by_role("row").last).to_contain_text("stained spheroid")
    expect(page.get_by_text("1 locked cell would change and stays as before")).to_be_visible()
    page.get_by_role("button", name="Change 2 cells").click()
    expect(tree.get_by_role("listitem", name="stained spheroid")).to_be_visible()

    page.get_by_role("button", name="More for stained spheroid").click()
    page.get_by_role("menuitem", name="Merge into another").click()
    page.get_by_role("dialog").get_by_label("Its cells become").select_option(label="spheroid")
    page.get_by_role("dialog").get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Change 2 cells").click()
    expect(tree.get_by_role("listitem", name="stained spheroid")).to_have_count(0)

    versions = page.get_by_role("list", name="Versions of the classes")
    versions.get_by_role("button", name="Take back").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(tree.get_by_role("listitem", name="stained spheroid")).to_be_visible()
    expect(versions.get_by_role("listitem").first).to_contain_text("2 cells")
