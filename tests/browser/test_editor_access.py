"""V11: axe-core finds nothing serious, in dark and light; the editor needs no mouse and says what changes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import hands
from tests.browser.conftest import WAIT_MS
from tests.running import Running

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")

pytestmark = pytest.mark.browser


@pytest.fixture(params=["dark", "light"])
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in one of the colour schemes that lets axe-core in past the content security policy."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=request.param, bypass_csp=True
    )
    context.add_init_script(f"localStorage.setItem('cytoloop-colours', '{request.param}')")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def test_V11_main_pages_have_no_serious_finding(lab: Running, open_page: Page) -> None:
    open_page.goto(lab.address)
    open_page.get_by_role("button", name="Sign in").wait_for()
    found = _findings(open_page, "sign-in")
    hands.sign_in(open_page, lab)
    for address in _addresses(lab):
        open_page.goto(lab.address + address)
        open_page.locator("h1").first.wait_for()
        open_page.wait_for_load_state("networkidle") if "/annotate/" in address else None
        found += _findings(open_page, address)
    assert not found, "\n".join(found)


def test_V11_the_editor_has_no_serious_finding_in_any_of_its_states(lab: Running, open_page: Page) -> None:
    page = open_page
    hands.open_movie(page, lab)
    found = _findings(page, "editor")
    for tool in ("Brush", "Polygon", "Watershed"):
        hands.through_palette(page, tool)
        found += _findings(page, tool)
    hands.through_palette(page, "Class keys")
    found += _findings(page, "class keys")
    for keys, dialog in (("?", "Keyboard"), ("Control+,", "Keys, mouse and pen")):
        page.locator("canvas[data-picture]").focus()
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        found += _findings(page, dialog)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name=dialog)).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()
    found += _findings(page, "palette")
    page.keyboard.press("Escape")
    for tab in ("Classes", "Review", "History", "Comments", "Cells"):
        page.get_by_role("tab", name=tab).click()
        found += _findings(page, tab)
    assert not found, "\n".join(found)


def test_V11_the_editor_says_what_changes_and_nothing_of_the_moving_pointer(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab)
    news = page.get_by_role("log", name="What changed")
    hands.through_palette(page, "Eraser")
    expect(news).to_contain_text("Eraser")
    page.keyboard.press("Tab")
    expect(news).to_have_text("Cell 1 selected")
    box = page.locator("canvas[data-picture]").bounding_box()
    assert box is not None
    for step in range(8):
        page.mouse.move(box["x"] + 200 + 20 * step, box["y"] + 200)
    page.wait_for_timeout(600)
    expect(news).to_have_text("Cell 1 selected")


def test_V11_a_cell_is_drawn_and_taken_back_by_keys_alone(lab: Running, page: Page) -> None:
    hands.open_movie(page, lab, image="movie-3")
    hands.through_palette(page, "New cell")
    hands.through_palette(page, "Brush")
    hands.through_palette(page, "Point with the keys")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Space")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_role("button", name="Undo")).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Redo")).not_to_have_attribute("aria-disabled", "true")


def test_V11_every_part_of_the_editor_is_reached_by_tab_with_a_visible_focus(
    lab: Running, page: Page
) -> None:
    hands.open_movie(page, lab)
    page.get_by_role("toolbar", name="Tools").get_by_role("button").first.focus()
    reached: set[str] = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const at = document.activeElement;
                const part = at.closest('[role=toolbar],[role=tablist],[role=listbox],aside,header');
                const shown = at.matches(':focus-visible');
                const name = part?.getAttribute('aria-label') ?? part?.tagName ?? '';
                return [name, shown, at.outerHTML.slice(0, 120)]; }"""
        )
        if at[2].startswith("<body"):  # past the last element lies the browser's own
            break
        assert at[1], f"No visible focus on {at[2]}"
        reached.add(at[0])
    assert {"Tools", "Channels", "Cells"} <= reached


def _addresses(lab: Running) -> Sequence[str]:
    """Every main page that needs no trained model."""
    with closing(lab.api()) as api:
        project = api.get("projects/").json()["results"][0]["id"]
        dataset = api.get(f"datasets/?project={project}").json()["results"][0]["id"]
    at = f"/projects/{project}"
    sections = (
        "",
        "/datasets",
        "/tasks",
        "/review",
        "/training",
        "/models",
        "/predictions",
        "/classes",
        "/settings",
    )
    more = (
        "/training/new",
        f"/datasets/{dataset}",
        f"/datasets/{dataset}/upload",
        f"/datasets/{dataset}/exports",
        f"/tasks/new?dataset={dataset}",
    )
    return ["/", *(at + part for part in (*sections, *more)), "/teams", "/account"]


def _findings(page: Page, where: str) -> list[str]:
    """What axe-core calls serious or critical, as sentences."""
    page.wait_for_timeout(
        400
    )  # Mantine's transitions fade texts in; half-faded ones have too little contrast
    page.add_script_tag(path=str(AXE))
    found: list[dict[str, Any]] = page.evaluate("axe.run(document).then((result) => result.violations)")
    return [
        f"{where}: {rule['id']} ({rule['impact']}): {node['html'][:160]} {_why(node)}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    reasons: list[dict[str, Any]] = [*node["any"], *node["all"], *node["none"]]
    return str(reasons[0]["message"])[:160] if reasons else ""
