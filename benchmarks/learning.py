"""The loop on real nuclei by the command line: ingest, train, predict, evaluate."""

import json
import time
from pathlib import Path

from benchmarks import rows
from benchmarks.rows import Row
from tests.running import command

NUCLEI = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "dsb2018_nuclei"
ASKED = {"ap50": 0.81, "ap75": None, "ap90": None}


def measure(home: Path, out: Path, *, minutes: float) -> list[Row]:
    """Pooled AP on val after `minutes` of training on train."""
    if minutes <= 0:
        return [_missing("left out: --minutes 0")]
    if not NUCLEI.is_dir():
        return [_missing("shared/data/dsb2018_nuclei is not beside the project")]
    train = f"train --dataset nuclei --recipe instances --minutes {minutes} --name nuclei-1"
    command(home, "ingest", str(NUCLEI / "train"), "--dataset", "nuclei")
    command(home, *train.split())
    began = time.monotonic()
    command(home, "predict", "--model", "nuclei-1", "--images", str(NUCLEI / "val/images"), "--out", str(out))
    spent_s = time.monotonic() - began
    judged = command(
        home, "evaluate", "--truth", str(NUCLEI / "val/masks"), "--predicted", str(out), "--json"
    )
    scores = json.loads(judged.stdout)
    setup = f"{minutes:g} minutes of training on {rows.machine()}"
    return [
        *(
            rows.row(
                f"nuclei.{name}", f"pooled {name} on val", float(scores[name]), "AP", least=least, setup=setup
            )
            for name, least in ASKED.items()
        ),
        rows.row("nuclei.predict", "predict 38 images by command, everything included", spent_s, "s"),
    ]


def _missing(why: str) -> Row:
    return rows.missing("nuclei.ap50", "pooled ap50 on val", "AP", why, asked=">= 0.81")
