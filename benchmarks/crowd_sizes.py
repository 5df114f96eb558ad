"""A campaign that grows to 100,000 answers: collecting one more, reckoning all, some new ones, the results.

    python -m benchmarks.crowd_sizes --kinds CELL OUTLINE --sizes 1000 10000 100000

Part of `make bench-team`; writes `build/bench/team_sizes.json`. Everything is asked as the product asks it,
of a database of its own; answers are those of the simulated crowd, five an item, 30 % of the workers bad.
"""

import argparse
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import django
import numpy as np
import psutil

from annotation.core.crowd.values import ChoiceAnswer, MaskAnswer, PointAnswer
from benchmarks import rows
from benchmarks.rows import Row
from tests.crowd import crops
from tests.crowd.crops import Crop
from tests.crowd.workers import Worker
from tests.crowd.workers import crowd as workers_of

SIZES = (1_000, 10_000, 100_000)
KINDS = ("CELL", "CLASS", "CENTRES", "OUTLINE")
REDUNDANCY, DISTINCT, EACH, HANDS = 5, 200, 250, 30
MORE = 200  # answers that come after all is reckoned
CLASSES = 4
# Ten times the answers in twelve times the time: no comparison of all with all.
EXPONENT_MOST = 1.1
MOST_S = {"CELL": 120.0, "CLASS": 120.0, "CENTRES": 300.0, "OUTLINE": 600.0}
ANSWER_MS, RESULTS_S, MEMORY_MB = 50.0, 5.0, 1000.0


@dataclass
class Spent:
    """Seconds, and by how much the process grew meanwhile, MB."""

    seconds: float
    grown_mb: float


def main() -> None:
    """Measure and write the rows, kind by kind."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    words.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="cytoloop-sizes-") as folder:
        os.environ["CYTOLOOP_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        django.setup()
        for kind in asked.kinds:
            rows.write("team_sizes", list(measure(kind, asked.sizes)), keep_others=True)


def measure(kind: str, sizes: Sequence[int]) -> Iterator[Row]:
    """The rows of one kind; the largest size is held to the bounds, and the growth from the one before."""
    told = {size: _one(kind, size) for size in sizes}
    for size, found in told.items():
        last = size == SIZES[-1]
        name, setup = f"sizes.{kind.lower()}.{size}", f"{found.setup}; {rows.machine()}"
        yield rows.row(
            f"{name}.all", f"{kind}: {size:,} answers reckoned, workers and all items",
            found.all.seconds, "s", most=MOST_S[kind] if last else None, setup=setup,
        )  # fmt: skip
        yield rows.row(
            f"{name}.memory", f"{kind}: by how much the process grew meanwhile", found.all.grown_mb, "MB",
            most=MEMORY_MB if last else None, setup=setup,
        )  # fmt: skip
        yield rows.row(
            f"{name}.more", f"{kind}: {MORE} more answers reckoned", found.more.seconds, "s", setup=setup
        )
        yield rows.row(
            f"{name}.answer", f"{kind}: one more answer kept and the next item given, p95", found.answer_ms,
            "ms", most=ANSWER_MS, setup=setup,
        )  # fmt: skip
        yield rows.row(
            f"{name}.results", f"{kind}: the results, for the first time", found.results.seconds, "s",
            most=RESULTS_S, setup=setup,
        )  # fmt: skip
        yield rows.row(
            f"{name}.table", f"{kind}: all answers as a table", found.table.seconds, "s", setup=setup
        )
    for small, large in pairwise(sizes):
        steps = math.log(large / small)
        power = math.log(told[large].all.seconds / told[small].all.seconds) / steps
        yield rows.row(
            f"sizes.{kind.lower()}.growth.{large}", f"{kind}: time grows by this power of the answers",
            power, "", most=EXPONENT_MOST, setup=f"{small:,} to {large:,} answers",
        )  # fmt: skip


# ---------------------------------------------------------------- one campaign


@dataclass
class Found:
    """What one campaign of one size took."""

    all: Spent
    more: Spent
    answer_ms: float
    results: Spent
    table: Spent
    setup: str


def _one(kind: str, size: int) -> Found:
    # Django's tables are known only after its set-up.
    from annotation.models import Campaign  # noqa: PLC0415
    from annotation.selectors import campaigns as reading  # noqa: PLC0415
    from annotation.services import crowd_batches, crowd_consensus  # noqa: PLC0415
    from backend.cli import workplace  # noqa: PLC0415

    place = workplace.enter("")
    campaign, people = _planted(kind, size, place.project, place.owner)
    whole = timed(lambda: crowd_consensus.anew(campaign=campaign, by=place.owner))
    answer_ms = rows.percentile(_answers(campaign, kind), 0.95)
    more = timed(lambda: crowd_consensus.run(campaign_id=campaign.pk))
    row = reading.with_counts(Campaign.objects.filter(pk=campaign.pk)).get()
    results = timed(lambda: reading.results(campaign=row))
    table = timed(lambda: crowd_batches.answer_table(campaign=campaign))
    out = campaign.workers.filter(state="EXCLUDED").count()
    left = campaign.items.filter(is_dirty=True).count()
    setup = f"{people} workers, {out} of them shut out, {left} items to be reckoned again for that"
    campaign.delete()
    return Found(whole, more, answer_ms, results, table, setup)


def timed(work: Callable[[], Any]) -> Spent:
    """How long it takes and how much memory."""
    process, most, done = psutil.Process(), [0], threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.05):
            most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    done.set()
    watcher.join()
    return Spent(took, max(0, max(most[0], process.memory_info().rss) - before) / 1e6)


def _planted(kind: str, size: int, project: Any, person: Any) -> tuple[Any, int]:
    """An open campaign with so many answers that nobody has reckoned, and some items that nobody answered."""
    from annotation.models import (  # noqa: PLC0415
        CrowdAnswer,
        CrowdItem,
        CrowdWorker,
        Dataset,
        Image,
        ImageState,
    )
    from annotation.services import campaigns  # noqa: PLC0415
    from backend.foundation.clock import now  # noqa: PLC0415

    dataset, _ = Dataset.objects.get_or_create(project=project, name="sizes")
    image, _ = Image.objects.get_or_create(
        dataset=dataset, name="an image", size_t=1, size_c=1, size_z=1, size_y=2048, size_x=2048,
        dtype="uint16", channel_names=["a"], state=ImageState.READY, store_key="images/sizes",
        content_sha256="0" * 64,
    )  # fmt: skip
    names = _classes(project) if kind == "CLASS" else ["yes", "no"]
    campaign = campaigns.create(
        project=project, name=f"{kind} {size}", by=person, answers_min=REDUNDANCY, answers_max=REDUNDANCY,
        gold_share=0.0, seconds_min=0.0, answers_per_minute=10_000, joins_per_minute=100_000,
    )  # fmt: skip
    said, shapes = _said(kind, max(20, size // EACH), names)
    people = CrowdWorker.objects.bulk_create(
        CrowdWorker(campaign=campaign, secret_hash=f"{campaign.pk}{i}"[-64:], code=f"{i}")
        for i in range(len(said))
    )
    count, moment = size // REDUNDANCY, now()
    items = CrowdItem.objects.bulk_create(
        (
            CrowdItem(
                campaign=campaign, kind=kind, key=f"{i}", image=image, t=0, z=0, y=0, x=0,
                height=shapes[i % DISTINCT][0], width=shapes[i % DISTINCT][1], priority=1.0,
                cell=None if kind in ("CENTRES", "OUTLINE") else 1,
                wanted=REDUNDANCY, given=REDUNDANCY if i < count else 0,
                answered=REDUNDANCY if i < count else 0, is_dirty=i < count,
            )
            for i in range(count + MORE)
        ),
        batch_size=1000,
    )  # fmt: skip
    CrowdAnswer.objects.bulk_create(
        (
            CrowdAnswer(
                item=items[i], worker=people[w], given_at=moment, answered_at=moment, seconds=3.0,
                value=said[w][i % DISTINCT], counts=True,
            )
            for i in range(count)
            for w in ((i * REDUNDANCY + k * 7) % len(people) for k in range(REDUNDANCY))
        ),
        batch_size=2000,
    )  # fmt: skip
    campaigns.open(campaign=campaign, by=person)
    return campaign, len(people)


def _classes(project: Any) -> list[str]:
    from annotation.models import LabelClass  # noqa: PLC0415

    made = [LabelClass.objects.get_or_create(project=project, name=f"class {i}")[0] for i in range(CLASSES)]
    return [str(one.pk) for one in made]


def _said(
    kind: str, people: int, names: Sequence[str]
) -> tuple[list[list[dict[str, Any]]], list[tuple[int, int]]]:
    """(of each worker the answers to the distinct items, the items' sizes)."""
    some = crops.simulated(seed=5, count=DISTINCT)
    chance = np.random.default_rng(5)
    # No more kinds of hands than this: what is measured is the reckoning, not the simulation.
    crowd = workers_of(seed=5, workers=HANDS)
    hands = [[_value(kind, one, crop, names, i, chance) for i, crop in enumerate(some)] for one in crowd]
    order = np.concatenate([chance.permutation(HANDS) for _ in range(-(-people // HANDS))])[:people]
    return [hands[i] for i in order.tolist()], [crop.shape for crop in some]


def _value(
    kind: str, worker: Worker, crop: Crop, names: Sequence[str], number: int, chance: np.random.Generator
) -> dict[str, Any]:
    if kind == "OUTLINE":
        return _plain(worker.outline(crop, chance))
    if kind == "CENTRES":
        return _plain(worker.click(crop, chance))
    return _plain(worker.choose(names[number % len(names)], names, crop.hard, chance))


def _plain(answer: MaskAnswer | PointAnswer | ChoiceAnswer) -> dict[str, Any]:
    if isinstance(answer, MaskAnswer):
        return {"masks": [mask.tolist() for mask in answer.masks]}
    if isinstance(answer, PointAnswer):
        return {"points": np.round(answer.points, 1).tolist()}
    return {"choice": answer.choice}


def _answers(campaign: Any, kind: str) -> list[float]:
    """A new worker answers what is left, one item after another; ms each."""
    from annotation.services import crowd_answers, crowd_workers  # noqa: PLC0415

    worker, _ = crowd_workers.join(campaign=campaign, consent=True)
    given = crowd_answers.take_next(worker=worker)
    name = str(campaign.project.classes.first().pk) if kind == "CLASS" else "yes"
    value: dict[str, Any] = {"OUTLINE": {"masks": []}, "CENTRES": {"points": []}}.get(kind, {"choice": name})
    times: list[float] = []
    while given.item is not None and len(times) < MORE:
        began = time.perf_counter()
        taken = crowd_answers.answer(
            worker=worker, item_id=given.item.pk, value=value, seconds=3.0, then_next=True
        )
        times.append(1000 * (time.perf_counter() - began))
        assert taken.next is not None
        given = taken.next
    return times


if __name__ == "__main__":
    main()
