"""A simulated crowd with bad workers: consensus beside majority votes and STAPLE, answers saved by stopping
when sure, spammers found, ambiguity, and the time for a large campaign. Part of `make bench-team`.

    python -m benchmarks.crowd --only consensus spam --seeds 11 12

STAPLE is SimpleITK's, in an environment of its own, or our plain twin where that cannot be had.
"""

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import spearmanr

from annotation.core import crowd
from annotation.core.crowd.values import Key, MaskAnswer
from annotation.core.matching import ImageCounts
from benchmarks import crowd_peers, rows
from benchmarks.crowd_spam import spam
from benchmarks.rows import Row
from tests.crowd import campaign, crops
from tests.crowd.campaign import Campaign, Masks
from tests.crowd.crops import Crop
from tests.crowd.workers import crowd as workers_of

SEEDS = (11, 12, 13)
ITEMS, GOLD, WORKERS, BAD, REDUNDANCY = 220, 20, 30, 0.3, 5
FIXED = (3, 4, 5, 6, 7)
OURS = f"fixed {REDUNDANCY}"
RULE = crowd.Stopping(most=8)
LARGE_ANSWERS = 100_000
PARTS = ("consensus", "real", "spam", "speed")

Counts = list[ImageCounts]


def main() -> None:
    """Measure and write the rows into `build/bench/team.json`."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--only", nargs="*", choices=PARTS)
    words.add_argument("--seeds", nargs="*", type=int, default=list(SEEDS))
    asked = words.parse_args()
    for part in asked.only or PARTS:
        rows.write("team", list(measure(part, asked.seeds)), keep_others=True)


def measure(part: str, seeds: Sequence[int]) -> Iterator[Row]:
    """The rows of one part."""
    if part == "consensus":
        yield from consensus("", {seed: crops.simulated(seed=seed, count=ITEMS) for seed in seeds})
    elif part == "real":
        some = {seed: crops.real(seed=seed, count=ITEMS) for seed in seeds}
        if all(len(one) == ITEMS for one in some.values()):
            yield from consensus("real.", some)
        else:
            why = "the real images are not beside the project (../shared/data)"
            yield rows.missing("crowd.real.f1", "object F1 of the consensus, real images", "", why)
    elif part == "spam":
        yield from spam(seeds)
    else:
        yield speed()


# ---------------------------------------------------------------- consensus


def consensus(of: str, items: dict[int, list[Crop]]) -> Iterator[Row]:
    """Ours and the others at a fixed number of answers; ours with answers where they are needed."""
    found: dict[str, Counts] = {}
    answers: dict[str, int] = {}
    by_seed: dict[str, list[float]] = {}
    ambiguous: list[float] = []
    staple = ""
    for seed, some in items.items():
        made, said = _campaigns(some, seed)
        counts = {name: campaign.count(asked, said[name]) for name, asked in made.items()}
        others, staple = crowd_peers.masks(made[OURS])
        counts |= {name: campaign.count(made[OURS], masks) for name, masks in others.items()}
        ambiguous.append(_ambiguity(made[OURS]))
        for name, one in counts.items():
            found.setdefault(name, []).extend(one)
            by_seed.setdefault(name, []).append(campaign.f1(one))
        for name, asked in made.items():
            answers[name] = answers.get(name, 0) + asked.counted()
    yield from _rows(of, found, by_seed, answers, ambiguous, staple)


def _campaigns(some: list[Crop], seed: int) -> tuple[dict[str, Campaign], dict[str, dict[int, Masks]]]:
    """Campaigns by name with their consensus: so many answers an item, or until sure."""
    workers = workers_of(seed=seed, workers=WORKERS, bad=BAD)
    most = campaign.fixed(some, workers, seed=seed, redundancy=max(FIXED), gold=GOLD)
    made = {f"fixed {n}": campaign.shortened(most, n) for n in FIXED}
    said = {}
    for name, one in made.items():
        said[name] = campaign.consensus(one, crowd.fit_outlines(one.answers, one.truths()))
    for name in ("adaptive", "campaign"):
        shut_out = name == "campaign"
        made[name], skills = campaign.adaptive(
            some, workers, seed=seed, rule=RULE, gold=GOLD, shut_out=shut_out
        )
        said[name] = campaign.consensus(made[name], skills)
    return made, said


def _ambiguity(made: Campaign) -> float:
    """Rank correlation of ambiguity with how hard each crop is to see and to part."""
    skills = crowd.fit_outlines(made.answers, made.truths())
    items = range(GOLD, len(made.crops))
    seen = [crowd.ambiguity(crowd.consensus_masks(made.answers[i], skills)) for i in items]
    return float(spearmanr(seen, [made.crops[i].hard for i in items]).statistic)


def _rows(
    of: str,
    found: dict[str, Counts],
    by_seed: dict[str, list[float]],
    answers: dict[str, int],
    ambiguous: list[float],
    staple: str,
) -> Iterator[Row]:
    f1 = {name: campaign.f1(counts) for name, counts in found.items()}
    seeds = {name: ", ".join(f"{value:.4f}" for value in values) for name, values in by_seed.items()}
    pictures = "crops of dsb2018 val" if of else "simulated crops"
    setup = (
        f"{len(ambiguous)} seeds of {ITEMS - GOLD} {pictures}, {WORKERS} workers of whom {BAD:.0%} bad "
        "(sloppy, random, too large, too small, copying, constant, merging, empty), "
        f"{REDUNDANCY} answers an item, {GOLD} gold items of which each worker has answered 6; "
        f"nobody is shut out. By seed: {seeds[OURS]}"
    )
    what = "object F1 at IoU 0.5 of the consensus"
    yield rows.row(f"crowd.{of}f1", what, f1[OURS], "", least=0.95, setup=setup)
    for kind in ("majority", "STAPLE"):
        name = max((n for n in f1 if n.startswith(kind)), key=lambda n: f1[n])
        peer = f"{name}{f' ({staple})' if kind == 'STAPLE' else ''}"
        told = "; ".join(f"{n} {f1[n]:.4f}" for n in f1 if n.startswith(kind))
        yield rows.row(
            f"crowd.{of}f1.above_{kind.lower()}",
            f"{what}, less that of the best {kind}",
            f1[OURS] - f1[name],
            "",
            least=0.0,
            peer=peer,
            peer_value=f1[name],
            setup=f"the same answers; {told}",
        )
    yield from _saved(of, found, answers, seeds)
    yield rows.row(
        f"crowd.{of}ambiguity",
        "rank correlation of ambiguity with difficulty, least of the seeds",
        min(ambiguous),
        "",
        least=0.4,
        setup=", ".join(f"{r:.3f}" for r in ambiguous),
    )


def _saved(
    of: str, found: dict[str, Counts], answers: dict[str, int], seeds: dict[str, str]
) -> Iterator[Row]:
    """Answers asked until sure, of those that fixed redundancy needs to be as right (between whole numbers
    of answers, by the line from one to the next)."""
    f1 = {name: campaign.f1(counts) for name, counts in found.items()}
    curve = [f1[f"fixed {n}"] for n in FIXED]
    each = answers[OURS] / REDUNDANCY
    told = ", ".join(f"{n} answers {value:.4f}" for n, value in zip(FIXED, curve, strict=True))
    for name, who in (("adaptive", "nobody is shut out"), ("campaign", "spammers are shut out when found")):
        needed = float(np.interp(f1[name], np.maximum.accumulate(curve), FIXED))
        setup = (
            f"{who}; {RULE.least} to {RULE.most} answers, enough at a gain below {RULE.gain:g}: "
            f"{answers[name] / each:.2f} answers an item, F1 {f1[name]:.4f} (by seed {seeds[name]}), "
            f"for which fixed redundancy needs {needed:.2f}; fixed: {told}"
        )
        what = "answers until sure, of those that fixed redundancy needs for the same object F1"
        yield rows.row(f"crowd.{of}{name}.answers", what, answers[name] / each / needed, "ratio", most=0.7,
                       peer="fixed redundancy", peer_value=needed, setup=setup)  # fmt: skip
        yield rows.row(f"crowd.{of}{name}.f1", "object F1 from those answers", f1[name], "", least=0.95,
                       setup=setup)  # fmt: skip


# ---------------------------------------------------------------- time


def speed() -> Row:
    """CPU time to learn of all workers from a large campaign and to say the consensus of each item."""
    some = crops.simulated(seed=5, count=500)
    made = campaign.fixed(some, workers_of(seed=5, workers=200), seed=5, redundancy=4, gold=0)
    copies = LARGE_ANSWERS // made.counted()
    items: dict[Key, Sequence[MaskAnswer]] = {
        (copy, item): answers for copy in range(copies) for item, answers in made.answers.items()
    }
    began = time.process_time()
    skills = crowd.fit_outlines(items)
    learnt = time.process_time() - began
    for answers in items.values():
        crowd.consensus_masks(answers, skills)
    whole = time.process_time() - began
    cells = np.mean([len(a.masks) for row in made.answers.values() for a in row])
    each_ms = 1000 * (whole - learnt) / len(items)
    return rows.row(
        "crowd.speed",
        f"{len(items) * 4:,} answers: what workers are worth and the consensus of all items",
        whole,
        "CPU-s",
        most=600,
        setup=f"{cells:.1f} outlines an answer; learning {learnt:.1f} s, then "
        f"{each_ms:.2f} ms an item; {rows.machine()}",
    )


if __name__ == "__main__":
    main()
