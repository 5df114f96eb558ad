"""`make screenshots`: every page of a small working lab in Chromium, as numbered pictures, dark and light."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser import hands
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running, running

SETTLED_MS = 1500
JOB_LIMIT_S = 300
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=360, height=740)
TABLET = ViewportSize(width=768, height=1024)


def main(folder: Path) -> None:
    """Start a lab, let it train and predict once so that no page is empty, take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="cytoloop-screenshots-") as home, running(Path(home)) as lab:
        places = dict(furnish(lab))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
            for scheme in ("dark", "light"):
                walk(browser, lab, places, folder, scheme)
            browser.close()


def furnish(lab: Running) -> Iterator[tuple[str, str]]:
    """A trained model, a prediction with tasks, one of them handed in; the addresses of all pages by name."""
    with closing(lab.api()) as api:
        project = _first(api, "projects/")["id"]
        dataset = _first(api, f"datasets/?project={project}")["id"]
        images = {i["name"]: i for i in _get(api, f"images/?project={project}")["results"]}
        rule = {"project": project, "name": "first", "dataset_ids": [dataset], "include": "ACCEPTED"}
        snapshot = _post(api, "snapshots/", {**rule, "seed": 0})["id"]
        order = {"project": project, "kind": "TRAIN", "recipe": "instances", "snapshot": snapshot}
        training = _post(api, "jobs/", {**order, "minutes": 1.0, "name": "movies"})["id"]
        model = _finished(api, training)["result"]
        chosen = [images[name]["id"] for name in ("movie-4", "movie-5")]
        order = {"project": project, "kind": "PREDICT", "trained_model": model, "image_ids": chosen}
        prediction = _post(api, "jobs/", {**order, "make_tasks": True})["id"]
        _finished(api, prediction)
        task = _first(api, f"tasks/?project={project}&kind=CORRECT")
        me = _get(api, "me/")["id"]
        _post(api, f"tasks/{task['id']}/assign/", {"assignee": me})
        _post(api, f"tasks/{task['id']}/submit/", {})
    yield "home", "/"
    at = f"/projects/{project}"
    for name in ("", "datasets", "tasks?mine=false", "review", "training", "models", "predictions"):
        yield name.partition("?")[0] or "overview", f"{at}/{name}"
    yield "classes", f"{at}/classes"
    yield "settings", f"{at}/settings"
    yield "dataset", f"{at}/datasets/{dataset}"
    yield "upload", f"{at}/datasets/{dataset}/upload"
    yield "exports", f"{at}/datasets/{dataset}/exports"
    yield "editor", f"{at}/annotate/{images['movie-2']['id']}"
    yield "editor-proposal", f"{at}/annotate/{images['movie-5']['id']}"
    yield "review-task", f"{at}/review/{task['id']}"
    yield "new-training", f"{at}/training/new"
    yield "job", f"{at}/training/{training}"
    yield "prediction-job", f"{at}/training/{prediction}"
    yield "model", f"{at}/models/{model}"
    yield "new-prediction", f"{at}/predictions/new?model={model}"
    yield "new-tasks", f"{at}/tasks/new?dataset={dataset}"
    yield "teams", "/teams"
    yield "account", "/account"
    yield "nowhere", "/projects/nowhere"


def walk(browser: Browser, lab: Running, places: dict[str, str], folder: Path, scheme: str) -> None:
    """One picture a page; then the help of the editor, and some pages as wide as a phone."""
    context = browser.new_context(viewport=WIDE, color_scheme="dark" if scheme == "dark" else "light")
    context.add_init_script(f"localStorage.setItem('cytoloop-colours', '{scheme}')")
    page = context.new_page()
    page.goto(lab.address)
    page.get_by_role("button", name="Sign in").wait_for()
    _shoot(page, folder, scheme, 0, "sign-in")
    hands.sign_in(page, lab)
    for number, (name, address) in enumerate(places.items(), start=1):
        page.goto(lab.address + address)
        _shoot(page, folder, scheme, number, name)
        if name == "editor":
            _editor_states(page, folder, scheme, number)
    page.set_viewport_size(NARROW)
    for number, name in enumerate(("overview", "dataset", "tasks", "editor"), start=len(places) + 1):
        page.goto(lab.address + places[name])
        _shoot(page, folder, scheme, number, f"{name}-narrow")
    page.set_viewport_size(TABLET)
    page.goto(lab.address + places["editor"])
    _shoot(page, folder, scheme, len(places) + 5, "editor-tablet")
    context.close()


def _editor_states(page: Page, folder: Path, scheme: str, number: int) -> None:
    """What opens over the picture, and a tool with many settings."""
    for state, keys in (("keys", "?"), ("own-keys", "Control+,"), ("palette", "Control+k")):
        page.locator("canvas[data-picture]").focus()
        page.keyboard.press(keys)
        _shoot(page, folder, scheme, number, f"editor-{state}")
        page.keyboard.press("Escape")
        page.wait_for_timeout(SETTLED_MS)
    page.get_by_role("button", name="Shapes: all tools").click()
    _shoot(page, folder, scheme, number, "editor-shapes")
    page.keyboard.press("Escape")
    page.get_by_role("option").nth(3).click()
    page.get_by_role("button", name="Brush", exact=True).click()
    _shoot(page, folder, scheme, number, "editor-brush")
    page.get_by_role("button", name="Cell", exact=True).click()
    _shoot(page, folder, scheme, number, "editor-cell-menu")
    page.keyboard.press("Escape")


def _shoot(page: Page, folder: Path, scheme: str, number: int, name: str) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=str(folder / f"{scheme}-{number:02d}-{name}.png"))


def _finished(api: httpx.Client, job: str) -> dict[str, Any]:
    until = time.monotonic() + JOB_LIMIT_S
    while time.monotonic() < until:
        row = _get(api, f"jobs/{job}/")
        if row["state"] == "SUCCEEDED":
            return row
        if row["state"] in ("FAILED", "CANCELLED"):
            raise AssertionError(f"The job ended as {row['state']}: {row['error']}")
        time.sleep(1)
    raise AssertionError(f"The job did not end within {JOB_LIMIT_S} s.")


def _get(api: httpx.Client, path: str) -> dict[str, Any]:
    answer = api.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _first(api: httpx.Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = _get(api, path)["results"][0]
    return found


def _post(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    if answer.is_error:
        raise AssertionError(f"{path} answered {answer.status_code}: {answer.text}")
    made: dict[str, Any] = answer.json()
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
