"""Lineages at size: 10,000 tracks over 500 frames asked of the server and drawn in Chromium, an edit seen in
the tree, and what the order of repairs is worth. `make bench-lineage`."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from annotation.core import simulation_repairs as repairing
from annotation.core import simulation_tracks as tracking
from benchmarks import chromium, rows
from benchmarks.chromium import Desk
from benchmarks.rows import Row
from tests.running import Running, running

TRACKS, FRAMES = 10_000, 500
SEEDS = (1, 2, 3, 4, 5)
MOVIES = (("calm", 0, 1.9), ("slipping", 2, 1.9), ("fast", 0, 6.0))
EDITS = 10


def main() -> None:
    """Measure and write `build/bench/lineage.json`."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", nargs="*", choices=("repairs", "tree"))
    asked = words.parse_args()
    if "repairs" in (asked.only or ("repairs",)):
        rows.write("lineage", list(repairs()), keep_others=True)
    if "tree" in (asked.only or ("tree",)):
        with tempfile.TemporaryDirectory(prefix="cytoloop-bench-") as folder:
            home = Path(folder) / "home"
            with running(home, demonstration=True) as server:
                rows.write("lineage", tree(server), keep_others=True)


# ---------------------------------------------------------------- order of repairs


def repairs() -> Iterator[Row]:
    """Steps to 95 % in the proposed order, of the edits that a person who sees every error needs in time."""
    for name, slips, speed_px in MOVIES:
        steps = edits = 0
        reached = 1.0
        for seed in SEEDS:
            truth = tracking.simulate(seed=seed, slips=slips, speed_px=speed_px)
            broken = repairing.plant(truth, seed=seed, share=0.2)
            queue, by_time = repairing.by_queue(broken, truth), repairing.by_time(broken, truth)
            steps, edits = steps + queue.steps, edits + by_time.edits
            reached = min(reached, queue.after, by_time.after)
        setup = (
            f"{len(SEEDS)} simulated movies, errors planted. Queue: {steps} places looked at, each counts. "
            f"Time order: {edits} edits by a person who sees every error and edits nothing in vain"
        )
        what = f"edits to 95 % edge accuracy, proposed order of time order, {name} cells"
        if reached < 0.95:
            yield rows.missing(f"lineage.repairs.{name}", what, "ratio", f"only {reached:.3f} was reached")
        else:
            yield rows.row(f"lineage.repairs.{name}", what, steps / edits, "ratio", most=0.5, setup=setup)


# ---------------------------------------------------------------- the tree


def tree(server: Running) -> list[Row]:
    """The tracks over HTTP, the first picture of the tree, an edit in it."""
    image = make_movie(server)
    with chromium.desk(server) as desk:
        return [*_asked(server, image), *_drawn(desk, image)]


def make_movie(server: Running) -> dict[str, Any]:
    """The movie of many tracks, written straight into the server's database."""
    environment = {
        **os.environ,
        "CYTOLOOP_HOME": str(server.home),
        "DJANGO_SETTINGS_MODULE": "backend.settings",
    }
    words = ["--tracks", str(TRACKS), "--frames", str(FRAMES)]
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.lineage_movie", *words],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    with closing(server.api()) as api:
        return dict(api.get(f"images/{made.stdout.strip()}/").json())


def _asked(server: Running, image: dict[str, Any]) -> Iterator[Row]:
    branch = image["current_branch"]["id"]
    with closing(server.api()) as api:
        for name, asked_s in (("tracks", 1.0), ("alerts", None), ("repairs", None)):
            times = []
            for _ in range(3):
                began = time.monotonic()
                answer = api.get(f"branches/{branch}/{name}/")
                answer.raise_for_status()
                times.append(time.monotonic() - began)
            count = len(answer.json()["results"])
            what = f"{name} of {TRACKS:,} tracks over {FRAMES} frames, median of 3: {count:,} answered"
            yield rows.row(f"lineage.{name}", what, statistics.median(times), "s", most=asked_s)


def _drawn(desk: Desk, image: dict[str, Any]) -> Iterator[Row]:
    desk.open(image)
    desk.watch("")
    desk.page.keyboard.press("\\")
    shown_ms = desk.wait_for("cytoloop:tree", after_ms=desk.last_input_ms()) - desk.last_input_ms()
    setup = chromium.setup()
    what = f"key to the first picture of the tree of {TRACKS:,} tracks"
    yield rows.row("lineage.tree", what, shown_ms / 1000, "s", most=2.0, setup=setup)
    times = [_edit_ms(desk) for _ in range(EDITS)]
    what = f"an edit of a track, key to the tree drawn anew, p95 of {EDITS}"
    yield rows.row("lineage.edit", what, rows.percentile(times, 0.95), "ms", most=100.0, setup=setup)


def _edit_ms(desk: Desk) -> float:
    """The next cell of the frame is cut from its past, and this is taken back."""
    page = desk.page
    page.locator("canvas[data-picture]").focus()
    page.keyboard.press("d")
    page.keyboard.press(")")
    time.sleep(1.0)
    page.keyboard.press("Shift+U")
    done = desk.wait_for("cytoloop:tree", after_ms=desk.last_input_ms()) - desk.last_input_ms()
    time.sleep(0.5)
    page.keyboard.press("Control+z")
    time.sleep(0.5)
    return done


if __name__ == "__main__":
    main()
