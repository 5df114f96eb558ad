"""Kills browser, workers, web server and database at random moments, and counts strokes lost (U5).

Run with `make bench-safety`; writes `build/bench/safety.json`. `--kills 100` is what the issue asks for.
"""

import argparse
import random
import tempfile
from pathlib import Path

from playwright.sync_api import Error

from benchmarks import rows
from benchmarks.rows import Row
from tests.running import running
from tests.servers.killing import Losses, draw_in_browser_under_kills, draw_over_rest_under_kills


def main() -> None:
    given = _arguments()
    rows.write("safety", measure(kills=given.kills, browser_kills=given.browser_kills, seed=given.seed))


def measure(*, kills: int, browser_kills: int = 25, seed: int = 0) -> list[Row]:
    """Draws while programs are killed, over REST and in a browser, and counts what was lost."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as server:
        by_program = draw_over_rest_under_kills(server, kills=kills, rng=rng)
        setup = f"{rows.machine()}, seed {seed}, kill -9 while strokes are drawn without a pause"
        figures = _rows("servers", by_program, setup)
        try:
            by_page = draw_in_browser_under_kills(
                server, folder=Path(folder) / "profile", kills=browser_kills, rng=rng
            )
        except (AssertionError, Error) as error:
            what = f"strokes lost in a browser, {browser_kills} kills"
            return [*figures, rows.missing("safety.browser", what, "strokes", str(error), asked="<= 0")]
    return [*figures, *_rows("browser", by_page, setup)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="of web, workers and database, over REST")
    parser.add_argument(
        "--browser-kills", type=int, default=25, help="of the browser and of servers below it"
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _rows(part: str, losses: Losses, setup: str) -> list[Row]:
    killed = ", ".join(f"{name} {count}" for name, count in sorted(losses.kills.items()))
    total = float(sum(losses.kills.values()))
    what = f"of {losses.acknowledged} acknowledged, {losses.drawn} drawn; killed: {killed}"
    return [
        rows.row(
            f"safety.{part}.kills", f"kills ({killed})", total, "times", setup=setup
        ),
        rows.row(
            f"safety.{part}.acknowledged_lost", f"acknowledged strokes lost, {what}",
            float(losses.acknowledged_lost), "strokes", most=0, setup=setup,
        ),
        rows.row(
            f"safety.{part}.lost_at_once", f"most strokes lost by one kill, {what}",
            float(losses.most_lost_by_one_kill), "strokes", most=1, setup=setup,
        ),
        rows.row(
            f"safety.{part}.twice", "strokes that are in the log twice", float(losses.twice), "strokes",
            most=0, setup=setup,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
