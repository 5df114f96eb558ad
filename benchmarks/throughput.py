"""`make bench-throughput`: how fast nets learn and read here, by precision, cores or cards, compiled or not.

The recipe is `instances` as it is set by default (flows, medium net), on simulated nuclei of 16 bits (L15).
Learning counts crops from drawing to the optimizer's step, reading megapixels of a frame from pixels to maps.
Each way runs in a process of its own, for a fixed time after a warm-up, in which compiled nets are
translated. Writes `build/bench/throughput.json`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from annotation.core.simulation import simulate_field
from benchmarks import rows
from benchmarks.rows import Row
from tests.engine.conftest import RunWriter
from training.contract.manifest import Split
from training.contract.specs import Action, RunSpec
from training.engine.batches_ahead import Batches
from training.engine.devices import PROCESSOR, Device, choose_device, device_of
from training.engine.gradients import GradientMaker, of_maps
from training.engine.instance_kinds import KINDS
from training.engine.process import Run
from training.engine.recipes import instances
from training.engine.reporting import Reporter
from training.engine.seeds import Chance

FRAME_PX = 1024
IMAGES, IMAGE_PX = 8, 512


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to run the recipe: on so many cores (`cards` 0) or cards."""

    cores: int
    cards: int = 0
    half: bool = True
    compiled: bool = False

    @property
    def name(self) -> str:
        """The row's id, for instance `2-cores.bfloat16`."""
        place = f"{self.cards}-cards" if self.cards else f"{self.cores}-cores"
        return f"{place}.{'bfloat16' if self.half else 'float32'}{'.compiled' if self.compiled else ''}"

    def device(self) -> Device:
        """What nets run on."""
        chosen = choose_device(self.cores)
        if not self.cards:
            return device_of(PROCESSOR, half=self.half, workers=self.cores)
        return device_of(chosen.cards[: self.cards], half=self.half, workers=chosen.workers)


def main() -> None:
    """Measure every way that this machine has; what it lacks is a row without a figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        told = measure(Way(**json.loads(given.way)), seconds=given.seconds)
        sys.stdout.write(json.dumps(told))
        return
    rows.write("throughput", list(table(given.seconds)))


def ways() -> Iterator[Way]:
    """All that this machine can do, plain ways first."""
    cores = len(os.sched_getaffinity(0))
    for count in sorted({1, cores}):
        yield from (Way(cores=count, half=half) for half in (False, True))
    yield Way(cores=1, compiled=True)
    cards = torch.cuda.device_count()
    for number in sorted({1, cards} - {0}) if cards else ():
        yield from (
            Way(cores=cores, cards=number, half=half, compiled=compiled)
            for half, compiled in ((False, False), (True, False), (True, True))
        )


def table(seconds: float) -> Iterator[Row]:
    """Two rows a way."""
    for way in ways():
        command = [sys.executable, "-m", "benchmarks.throughput", "--seconds", str(seconds)]
        done = subprocess.run(
            [*command, "--way", json.dumps(asdict(way))], capture_output=True, text=True, check=False
        )
        if done.returncode:
            why = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it ended without a word"
            yield rows.missing(f"throughput.{way.name}", f"{way.name}: learning and reading", "crops/s", why)
            continue
        told = json.loads(done.stdout)
        setup = f"{told['device']}; {rows.machine()}"
        yield rows.row(
            f"throughput.{way.name}.learning", f"{way.name}: crops of 160 px learned from", told["crops_s"],
            "crops/s", setup=setup,
        )  # fmt: skip
        yield rows.row(
            f"throughput.{way.name}.reading", f"{way.name}: a frame of {FRAME_PX} px read once, to maps",
            told["mpx_s"], "Mpx/s", setup=setup,
        )  # fmt: skip
    if not torch.cuda.is_available():
        yield rows.missing(
            "throughput.cards", "one card, several cards", "crops/s", "no card on this machine"
        )


def measure(way: Way, *, seconds: float) -> dict[str, float | str]:
    """Crops learned from and megapixels read in a second."""
    with tempfile.TemporaryDirectory() as place:
        run = _run(Path(place), way.device())
        crops_s = _learning(run, compiled=way.compiled, seconds=seconds)
        return {"device": run.device.words, "crops_s": crops_s, "mpx_s": _reading(run, seconds=seconds)}


def _run(place: Path, device: Device) -> Run:
    writer = RunWriter(place)
    for seed in range(IMAGES):
        field = simulate_field(seed=seed, height=IMAGE_PX, width=IMAGE_PX, cells=120)
        writer.add(Split.TRAIN, field.image[:, :1], field.labels[None])
    spec = {"action": Action.TRAIN.value, "recipe": "instances", "minutes": 1.0}
    return Run(writer.folder, RunSpec.from_json(spec), writer.lines, device, Reporter(writer.folder))


def _learning(run: Run, *, compiled: bool, seconds: float) -> float:
    kind, chance = KINDS[run.spec.settings["target"]], Chance(0)
    _, lesson, net = instances.set_up(run, kind, chance)
    gradients = GradientMaker(net, of_maps(kind.loss), run.device, compiled=compiled)
    gradients.train_mode()
    batches = Batches(lesson, chance, run.device)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, fused=True)

    def step() -> None:
        gradients.step(batches.next())
        optimizer.step()

    return int(run.spec.settings["batch"]) * _rate(step, seconds)


def _reading(run: Run, *, seconds: float) -> float:
    kind, chance = KINDS[run.spec.settings["target"]], Chance(0)
    _, _, net = instances.set_up(run, kind, chance)
    reader = instances.make_reader(net.eval(), kind, run.device, flips=False)
    frame = np.random.default_rng(0).random((1, FRAME_PX, FRAME_PX), np.float32)
    return FRAME_PX**2 / 1e6 * _rate(lambda: reader.read(frame), seconds)


def _rate(act: Callable[[], object], seconds: float) -> float:
    """Times a second, after three that do not count."""
    for _ in range(3):
        act()
    began, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        act()
        times += 1
    return times / spent


if __name__ == "__main__":
    main()
