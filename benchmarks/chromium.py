"""Chromium as a person's browser: pages signed in at one image, and the time from an input to its paint."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from benchmarks import rows
from tests.browser import hands
from tests.running import CHROMIUM, CHROMIUM_FLAGS, Running

SIZE: ViewportSize = {"width": 1440, "height": 900}
LIMIT_S = 120.0
MARKS = "(name) => performance.getEntriesByName(name).map((mark) => mark.startTime)"

# An input is timed from its own stamp to the end of the draw that follows it. The editor hears the event
# first and asks for its draw first, so that ours comes after it in the same frame; reading a pixel waits for
# the graphics.
PROBE = """() => {
  if (window.cytoloopProbe) return;
  const canvas = document.querySelector('canvas');
  const gl = canvas.getContext('webgl2');
  const pixel = new Uint8Array(4);
  const drawn = () => {
    const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    gl.bindFramebuffer(gl.FRAMEBUFFER, bound);
  };
  const probe = { kind: '', times: [], last: 0 };
  for (const kind of ['pointermove', 'pointerup', 'keydown', 'wheel']) {
    window.addEventListener(kind, (event) => {
      if (kind !== 'pointermove') probe.last = event.timeStamp;
      if (probe.kind !== kind) return;
      requestAnimationFrame(() => {
        drawn();
        probe.times.push(performance.now() - event.timeStamp);
      });
    });
  }
  window.cytoloopProbe = probe;
}"""


class NotSaid(AssertionError):
    """The page did not do in time what it was asked."""


@dataclass(frozen=True)
class Desk:
    """A browser that is signed in to a running Cytoloop."""

    server: Running
    browser: Browser
    page: Page

    def open(
        self, image: dict[str, Any], *, zoom: float | None = None, at: tuple[float, float] | None = None
    ) -> float:
        """The image in the editor, at a zoom if one is given; seconds to the first picture."""
        y, x = at or (image["size_y"] / 2, image["size_x"] / 2)
        place = f"?at={y:g},{x:g},{zoom:g}" if zoom else ""
        self.page.goto("about:blank")
        self.page.goto(f"{self.server.address}/projects/{image['project']}/annotate/{image['id']}{place}")
        return self.wait_for("cytoloop:first-picture") / 1000

    def wait_for(self, mark: str, *, after_ms: float = 0.0, limit_s: float = LIMIT_S) -> float:
        """When the page set this mark (ms of its own clock), later than `after_ms`. Raises NotSaid."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            found = self.page.evaluate(
                "(name) => performance.getEntriesByName(name).map((e) => e.startTime)", mark
            )
            if found and found[-1] > after_ms:
                return float(found[-1])
            time.sleep(0.01)
        raise NotSaid(f"The page did not say {mark} within {limit_s:g} s at {self.page.url}.")

    def watch(self, kind: str) -> None:
        """From now on every input of this kind is timed to its paint."""
        self.page.evaluate(PROBE)
        self.page.evaluate("(kind) => { Object.assign(window.cytoloopProbe, { kind, times: [] }); }", kind)

    def times(self) -> list[float]:
        """Milliseconds from input to paint since `watch`."""
        time.sleep(0.3)
        found: list[float] = self.page.evaluate("() => window.cytoloopProbe.times")
        return found

    def last_input_ms(self) -> float:
        """When the last click or key came, on the page's clock."""
        return float(self.page.evaluate("() => window.cytoloopProbe.last"))

    def middle(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the picture, CSS px."""
        box = hands.canvas(self.page).bounding_box()
        assert box is not None
        return box["x"], box["y"], box["width"], box["height"]

    def memory_mb(self) -> dict[str, float]:
        """Proportional memory of the tab's process and of the graphics process."""
        session = self.browser.new_browser_cdp_session()
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        sizes: dict[str, float] = {}
        for process in found:
            sizes[process["type"]] = max(sizes.get(process["type"], 0.0), _pss_mb(int(process["id"])))
        return sizes


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def desk(server: Running) -> Iterator[Desk]:
    """Signed in, the window as large as a laptop's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = browser.new_context(viewport=SIZE).new_page()
        page.set_default_timeout(LIMIT_S * 1000)
        expect.set_options(timeout=LIMIT_S * 1000)
        hands.sign_in(page, server)
        yield Desk(server, browser, page)
        browser.close()


def setup() -> str:
    """What all figures of the page were taken on."""
    return f"{rows.machine()}, Chromium with software WebGL, {SIZE['width']} × {SIZE['height']}, loopback"
