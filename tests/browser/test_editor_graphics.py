"""The picture with WebGL2 and without any graphics at all."""

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest
import tifffile
from playwright.sync_api import Browser, Page

from tests.browser import hands
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running

PIL_Image = pytest.importorskip("PIL.Image")
pytestmark = pytest.mark.browser
CHANNELS, SIDE_PX = 8, 300


@pytest.fixture(scope="module")
def plain_chromium(chromium: Browser) -> Iterator[Browser]:
    """A browser that offers no WebGL."""
    arguments = [flag for flag in CHROMIUM_FLAGS if "swiftshader" not in flag] + ["--disable-3d-apis"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def many_channels(lab: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An image of eight channels with 16 bits, without labels."""
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    waves = [np.sin(rows / (5 + c)) + np.cos(columns / (9 - c)) for c in range(CHANNELS)]
    picture = np.stack([((w + 2) / 4) ** 8 * 48_000 + rng.integers(0, 400, w.shape) for w in waves]).astype(
        np.uint16
    )
    folder = tmp_path_factory.mktemp("channels")
    tifffile.imwrite(folder / "eight.tif", picture, imagej=True, metadata={"axes": "CYX"})
    lab.command("ingest", str(folder), "--dataset", "Eight channels")
    with closing(lab.api()) as api:
        found: dict[str, Any] = api.get("images/", params={"search": "eight"}).json()["results"][0]
    return found


def _picture(browser: Browser, lab: Running, image: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.int16]]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page: Page = context.new_page()
    hands.sign_in(page, lab)
    page.goto(f"{lab.address}/projects/{image['project']}/annotate/{image['id']}?at=150,150,2")
    hands.canvas(page)
    page.wait_for_timeout(3000)
    page.mouse.move(0, 0)
    box = hands.canvas(page).bounding_box()
    assert box is not None
    centre = {
        "x": box["x"] + box["width"] / 2 - 150,
        "y": box["y"] + box["height"] / 2 - 150,
        "width": 300,
        "height": 300,
    }
    shot = page.screenshot(clip=centre)  # type: ignore[arg-type]
    context.close()
    return np.asarray(PIL_Image.open(io.BytesIO(shot)).convert("RGB")).astype(np.int16)


def test_V2_eight_channels_of_16_bit_look_the_same_without_webgl(
    chromium: Browser, plain_chromium: Browser, lab: Running, many_channels: dict[str, Any]
) -> None:
    with_graphics = _picture(chromium, lab, many_channels)
    without = _picture(plain_chromium, lab, many_channels)
    assert with_graphics.std() > 5, "there is nothing to be seen"
    assert int(np.abs(with_graphics - without).max()) <= 1
