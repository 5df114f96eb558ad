"""Rows of a benchmark: what was asked, what was measured, and whether that is enough."""

import json
import math
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"


@dataclass(frozen=True)
class Row:
    """One figure. `asked` is a sentence such as `< 1.0`; a row that could not be measured has value None."""

    id: str
    what: str
    value: float | None
    unit: str
    asked: str = ""
    met: bool = False
    peer: str | None = None
    peer_value: float | None = None
    setup: str = ""


def row(
    id: str,
    what: str,
    value: float | None,
    unit: str,
    *,
    most: float | None = None,
    least: float | None = None,
    peer: str | None = None,
    peer_value: float | None = None,
    setup: str = "",
) -> Row:
    """A figure against its bound: at most `most`, or at least `least`; without one it is only told."""
    asked = f"<= {most:g}" if most is not None else f">= {least:g}" if least is not None else ""
    met = value is not None and (most is None or value <= most) and (least is None or value >= least)
    return Row(id, what, value, unit, asked, met, peer, peer_value, setup or machine())


def missing(id: str, what: str, unit: str, why: str, *, asked: str = "") -> Row:
    """A figure that could not be measured here, with the reason."""
    return Row(id, what, None, unit, asked, False, setup=why)


def machine() -> str:
    """Cores, processor and system, in a few words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def percentile(values: list[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def write(name: str, rows: list[Row], *, keep_others: bool = False) -> Path:
    """Keep the rows as `build/bench/<name>.json` and show them; rows of other ids stay where asked."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}.json"
    earlier = json.loads(target.read_text(encoding="utf-8")) if keep_others and target.exists() else []
    new = {r.id: asdict(r) for r in rows}
    others = [row for row in earlier if row["id"] not in new]
    target.write_text(json.dumps([*others, *new.values()], indent=1) + "\n", encoding="utf-8")
    for r in rows:
        value = "not measured" if r.value is None else f"{r.value:.4g} {r.unit}"
        print(f"{'ok  ' if r.met else 'MISS'} {r.id:28} {value:>18}  {r.asked:>10}  {r.what}")  # noqa: T201
    return target
