"""From kept runs to rows: our mean over seeds against the better peer's, and each engine's own figures."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks import rows
from benchmarks.peers.environments import PEERS
from benchmarks.peers.runs import THRESHOLDS, Outcome
from benchmarks.peers.speed import CAREFUL, CORES, FAST, Speed
from benchmarks.rows import Row

RIVALS = ("unet", *PEERS)
# Pooled AP at IoU 0.5, 0.75, 0.9 that our best target shall reach, by set and budget in CPU-seconds.
GOALS: dict[tuple[str, int], dict[float, float]] = {
    ("dsb2018_nuclei", 3600): {0.5: 0.85, 0.75: 0.68},
    ("dsb2018_fluorescence", 7200): {0.5: 0.90, 0.75: 0.70, 0.9: 0.30},
}
MUST_EXCEED = (0.5, 0.75)
SECONDS_A_MEGAPIXEL = 0.15
TIMES_AS_FAST = {"stardist": 2.0, "cellpose": 30.0}


@dataclass(frozen=True)
class Figures:
    """One engine on one set with one budget, all seeds."""

    engine: str
    outcomes: Sequence[Outcome]

    def ap(self, at: float) -> float:
        """Mean over seeds of the pooled AP."""
        return statistics.mean(outcome.ap[str(at)] for outcome in self.outcomes)

    def told(self, at: float) -> str:
        """The seeds' figures, their spread, and what was given and spent."""
        values = [outcome.ap[str(at)] for outcome in self.outcomes]
        of_images = statistics.mean(outcome.ap_of_images[str(at)] for outcome in self.outcomes)
        spent, whole = (
            statistics.mean(getattr(outcome, name) for outcome in self.outcomes)
            for name in ("train_cpu_s", "whole_cpu_s")
        )
        steps = statistics.mean(outcome.steps for outcome in self.outcomes)
        seeds = ", ".join(str(outcome.asked.seed) for outcome in self.outcomes)
        each, spread = ", ".join(f"{value:.3f}" for value in values), max(values) - min(values)
        first = self.outcomes[0]
        return (
            f"{self.engine}: seeds {seeds}: {each}; spread {spread:.3f}; mean of images {of_images:.3f}; "
            f"{steps:.0f} steps in {spent:.0f} CPU-s of {first.asked.threads} thread(s), {whole:.0f} CPU-s "
            f"with start, thresholds and prediction; {first.given}"
        )


def rows_of(outcomes: Iterable[Outcome]) -> list[Row]:
    """All rows about scores."""
    groups: dict[tuple[str, int], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.asked.set, outcome.asked.budget_s), []).append(outcome)
    return [row for (name, budget_s), some in sorted(groups.items()) for row in _rows(name, budget_s, some)]


def _rows(name: str, budget_s: int, outcomes: Sequence[Outcome]) -> list[Row]:
    engines = dict.fromkeys(outcome.asked.engine for outcome in outcomes)
    figures = [Figures(one, [o for o in outcomes if o.asked.engine == one]) for one in engines]
    mine = [one for one in figures if one.engine not in RIVALS]
    rivals = [one for one in figures if one.engine in RIVALS]
    start, where = f"engine.{name}.{budget_s}", f"on val of {name} after {budget_s} CPU-s"
    found = [_against(start, where, at, mine, rivals) for at in THRESHOLDS]
    found += [row for at in THRESHOLDS for row in _goal(start, where, name, budget_s, at, mine)]
    for one in figures:
        for at in THRESHOLDS:
            what = f"{one.engine}: pooled AP at IoU {at:g} {where}"
            found.append(
                rows.row(f"{start}.{one.engine}.{_short(at)}", what, one.ap(at), "AP", setup=one.told(at))
            )
    return found


def _against(start: str, where: str, at: float, mine: Sequence[Figures], rivals: Sequence[Figures]) -> Row:
    """Our best target against the best of the others; there has to be both."""
    id, what = f"{start}.{_short(at)}", f"our best target's pooled AP at IoU {at:g} {where}"
    rival = max(rivals, key=lambda one: one.ap(at), default=None)
    best = max(mine, key=lambda one: one.ap(at), default=None)
    asked = f"> {rival.ap(at):.3f}" if rival and at in MUST_EXCEED else ""
    if best is None or rival is None:
        return _alone(id, what, asked, at, best, rival)
    met = not asked or best.ap(at) > rival.ap(at)
    setup = f"{best.told(at)} | {rival.told(at)} | {rows.machine()}"
    return Row(id, what, best.ap(at), "AP", asked, met, rival.engine, rival.ap(at), setup)


def _alone(id: str, what: str, asked: str, at: float, best: Figures | None, rival: Figures | None) -> Row:
    """A row that nothing can be compared in, because one side was not run; it is not met."""
    found = best or rival
    setup = f"{'ours' if best is None else 'a peer'} was not run; {found.told(at) if found else ''}"
    value, peer, peer_value = (
        best.ap(at) if best else None,
        rival.engine if rival else None,
        rival.ap(at) if rival else None,
    )
    return Row(id, what, value, "AP", asked or "> the best peer", False, peer, peer_value, setup)


def _goal(start: str, where: str, name: str, budget_s: int, at: float, mine: Sequence[Figures]) -> list[Row]:
    least = GOALS.get((name, budget_s), {}).get(at)
    if least is None or not mine:
        return []
    best = max(mine, key=lambda one: one.ap(at))
    what = f"our best target's pooled AP at IoU {at:g} {where}, against the goal"
    return [rows.row(f"{start}.goal.{_short(at)}", what, best.ap(at), "AP", least=least, setup=best.told(at))]


def _short(at: float) -> str:
    return f"ap{round(at * 100)}"


# ---------------------------------------------------------------- time


WAYS = {FAST: "ours, each picture read once", CAREFUL: "ours as it is scored, with an enlarged copy"}


def rows_of_speed(speeds: Sequence[Speed], busy_percent: float) -> list[Row]:
    """Seconds a megapixel from raw file to labels, ours against its bound and against each peer."""
    setup = (
        f"warm process, {CORES} threads, cores {busy_percent:.0f} % busy before; median of the rounds of the "
        f"sum over mosaics of at least 1024 x 1024 px; {rows.machine()}"
    )
    found = []
    by_engine = {speed.engine: speed for speed in speeds}
    mine = by_engine.get(FAST)
    for speed in speeds:
        most = SECONDS_A_MEGAPIXEL if speed.engine in (FAST, CAREFUL) else None
        what = f"{WAYS.get(speed.engine, speed.engine)}: raw image file to labels, mosaics"
        found.append(
            rows.row(f"engine.speed.{speed.engine}", what, speed.mosaics, "s/Mpx", most=most, setup=setup)
        )
        what = f"{WAYS.get(speed.engine, speed.engine)}: raw file to labels, the set's own, mostly small"
        found.append(rows.row(f"engine.speed.{speed.engine}.files", what, speed.files, "s/Mpx", setup=setup))
    for name, least in TIMES_AS_FAST.items():
        if mine and name in by_engine:
            peer = by_engine[name]
            times, what = peer.mosaics / mine.mosaics, f"times as fast as {name}, raw image file to labels"
            found.append(
                rows.row(
                    f"engine.speed.over.{name}", what, times, "times", least=least, peer=name,
                    peer_value=peer.mosaics, setup=f"peer_value in s/Mpx; {setup}",
                )
            )  # fmt: skip
    return found
