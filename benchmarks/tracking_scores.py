"""Scores of tracks: ours beside py-ctcmetrics and traccuracy, on the same random lineages in one process.

    make bench-tracking            (with `benchmarks.tracking`, which links; or this file by itself)
    python -m benchmarks.tracking_scores --lineages 100

The peers are installed into `build/peers/track_scores` when first needed. A thousand lineages of some 900
detections take them some five CPU-minutes.
"""

import argparse
import json
import subprocess
from typing import Any

from benchmarks import rows
from benchmarks.peers.environments import Peer, python_of
from benchmarks.peers.sets import REPOSITORY
from benchmarks.rows import Row

PEER = Peer(
    "track_scores",
    "benchmarks.peers.drive_track_scores",
    ("traccuracy==0.4.3", "py-ctcmetrics==1.3.3"),
)
NAMES = {"ctc": "py-ctcmetrics 1.3.3", "traccuracy": "traccuracy 0.4.3"}
LINEAGES, FRAMES, FOUNDERS = 1000, 30, 30
TIMES = 20.0


def main() -> None:
    """Measure and write the rows into `build/bench/tracking.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lineages", type=int, default=LINEAGES)
    rows.write("tracking", measure(parser.parse_args().lineages), keep_others=True)


def measure(lineages: int = LINEAGES) -> list[Row]:
    """Every row; where the peers cannot be had, what was asked stands there unmeasured."""
    try:
        return rows_of(drive(lineages), lineages)
    except (OSError, subprocess.CalledProcessError) as error:
        why = f"{type(error).__name__}: {error}"
        return [
            rows.missing("T11.scores.differences", "scores that differ", "", why, asked="<= 0"),
            *(
                rows.missing(
                    f"T11.scores.times.{name}", f"× as fast as {NAMES[name]}", "×", why, asked=">= 20"
                )
                for name in NAMES
            ),
        ]


def drive(lineages: int) -> dict[str, Any]:
    """What the driver in the environment of the peers answers."""
    asked = json.dumps({"lineages": lineages, "frames": FRAMES, "founders": FOUNDERS})
    done = subprocess.run(
        [str(python_of(PEER)), "-m", PEER.driver, asked],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows_of(told: dict[str, Any], lineages: int) -> list[Row]:
    """Differences of scores, and speed against either peer."""
    setup = f"{lineages} random lineages, {told['detections']} detections; {rows.machine()}"
    first = f"; first: {'; '.join(told['first'])}" if told["first"] else ""
    cpu_s = told["cpu_s"]
    return [
        rows.row(
            "T11.scores.differences", f"of {told['compared']} scores compared, those that differ",
            told["differences"], "", most=0, setup=setup + first,
        ),
        *(
            rows.row(
                f"T11.scores.times.{name}", f"× as fast as {full}", cpu_s[name] / cpu_s["ours"], "×",
                least=TIMES, peer=full, peer_value=1000 * cpu_s[name] / lineages,
                setup=f"{setup}; ours {1000 * cpu_s['ours'] / lineages:.2f} CPU-ms a lineage, all scores",
            )
            for name, full in NAMES.items()
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
