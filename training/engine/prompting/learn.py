"""Trains the nets of click-to-segment on the openly licensed sets, and keeps what did best on held-out
images.

    python -m training.engine.prompting.learn --data DATA --out OUT --minutes 20

DATA holds the sets' folders; what is missing is left out. OUT gets `net.safetensors` with `net.json` (the
averaged weights that were best on held-out training images), `state.pt` (to go on from, by the same command)
and `log.jsonl`. The validation parts of the sets are not read here.
"""

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from training.engine.averaging import WeightAverage
from training.engine.checkpoints import TrainingState
from training.engine.devices import Device, choose_device
from training.engine.prompting import crops, judging
from training.engine.prompting.lessons import Plan, teach
from training.engine.prompting.nets import PromptNet
from training.engine.prompting.pictures import Picture, read_pictures
from training.engine.schedules import Budget, Cadence, Patience, learning_rate
from training.engine.seeds import Chance

HELD_OUT = 0.12
"""Share of each kind's training images that is kept for choices; at least one where a kind has four."""
PEAK_RATE, WEIGHT_DECAY, LARGEST_GRADIENT = 2e-3, 1e-2, 2.0
REPORT_S, CHECKPOINT_S, JUDGE_S = 20.0, 60.0, 300.0
JUDGED_CELLS = 120
READING = ((192, 4, 0, 0.8), (320, 1, 0, 0.2))
ANSWERING = ((192, 3, 5, 0.8), (320, 1, 10, 0.2))
"""Side of the crops in px, crops a share, cells a crop, chance. Many small steps learn more than few large
ones.

The encoder learns to read first, by what it says of every pixel; a step of that costs a fifth of one with
clicks.
"""
READING_SHARE = 0.3
SETTLING_SHARE, SETTLED = 0.4, 0.5
"""In the last part of the time, crops are varied half as much: nearer to what pictures are really like."""


Size = tuple[int, int, int, float]


@dataclass(frozen=True)
class Split:
    """What is learnt from and what choices are made by."""

    learnt: list[Picture]
    held_out: list[Picture]


def split(pictures: Sequence[Picture], seed: int) -> Split:
    """Keeps some pictures of every kind of every set apart, the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[Picture]] = {}
    for picture in pictures:
        groups.setdefault((picture.origin, picture.kind), []).append(picture)
    learnt, held_out = [], []
    for key in sorted(groups):
        group = groups[key]
        count = max(math.floor(HELD_OUT * len(group)), 1 if len(group) >= 4 else 0)
        order = rng.permutation(len(group))
        held_out += [group[i] for i in order[:count]]
        learnt += [group[i] for i in order[count:]]
    return Split(learnt, held_out)


class Sharing:
    """Gradients of a lesson whose shares are worked out side by side, each by a copy with the same
    weights.
    """

    def __init__(self, net: PromptNet, device: Device) -> None:
        self.device = device
        self.parameters = list(net.parameters())
        self.nets = [net, *(_twin(net) for _ in range(device.parts - 1))]

    def step(
        self, pictures: Sequence[Picture], plans: Sequence[Plan]
    ) -> tuple[float, list[dict[str, float]]]:
        """Puts the mean gradient into the weights' `grad`; returns the mean loss and what was told of it."""

        def work(job: tuple[PromptNet, Plan]) -> tuple[float, dict[str, float], list[torch.Tensor]]:
            loss, told = teach(job[0], pictures, job[1], self.device)
            gradients = torch.autograd.grad(loss, list(job[0].parameters()), allow_unused=True)
            filled = [
                torch.zeros_like(p) if g is None else g
                for p, g in zip(self.parameters, gradients, strict=True)
            ]
            return float(loss.detach()), told, filled

        done = list(self.device.side_by_side(work, list(zip(self.nets, plans, strict=True))))
        for parameter, *parts in zip(self.parameters, *(gradients for _, _, gradients in done), strict=True):
            parameter.grad = torch.stack(parts).mean(0)
        return sum(loss for loss, _, _ in done) / len(done), [told for _, told, _ in done]


def _twin(net: PromptNet) -> PromptNet:
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, weight in mine._parameters.items():
            its._parameters[name] = weight
    return twin


def learn(
    *,
    pictures: Sequence[Picture],
    out: Path,
    minutes: float | None,
    steps: int | None,
    seed: int = 0,
    threads: int = 2,
    net: PromptNet | None = None,
    rate: float = PEAK_RATE,
    reading: float = READING_SHARE,
    reading_sizes: Sequence[Size] = READING,
    answering_sizes: Sequence[Size] = ANSWERING,
) -> PromptNet:
    """Trains until the budget is spent; goes on where an earlier start in the same folder stopped."""
    out.mkdir(parents=True, exist_ok=True)
    chance, device = Chance(seed), choose_device(threads)
    parts = split(pictures, seed)
    net = device.place_net(net or PromptNet())
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=WEIGHT_DECAY, fused=True)
    state = TrainingState(net, WeightAverage(net), optimizer, chance, Patience(None))
    resumed = state.restore(out)
    sharing = Sharing(net, device)
    weights = crops.weigh(parts.learnt)
    budget = Budget(minutes, steps, spent_s=state.elapsed_s)
    report, checkpoint = (
        Cadence(REPORT_S, budget.elapsed_s + 5),
        Cadence(CHECKPOINT_S, budget.elapsed_s + CHECKPOINT_S),
    )
    judge = Cadence(JUDGE_S, budget.elapsed_s + JUDGE_S)
    _say(
        out,
        {"at": time.time(), "learnt": len(parts.learnt), "held_out": len(parts.held_out), "resumed": resumed},
    )
    told: list[dict[str, float]] = []

    while (fraction := budget.fraction(state.step)) < 1:
        # Each part has its own rise and fall of the step size.
        reads = fraction < reading
        within = fraction / reading if reads else (fraction - reading) / (1 - reading)
        size = learning_rate(rate, step=state.step, fraction=within)
        sizes = reading_sizes if reads else answering_sizes
        for group in optimizer.param_groups:
            group["lr"] = size
        strength = SETTLED if fraction > 1 - SETTLING_SHARE else 1.0
        lesson = plan(parts.learnt, weights, chance, device.parts, sizes, strength)
        loss, notes = sharing.step(parts.learnt, lesson)
        torch.nn.utils.clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        state.average.follow(net, state.step)
        state.count(loss)
        told += notes
        if report.due(budget.elapsed_s):
            _report(out, state, told, elapsed_s=budget.elapsed_s)
            told = []
        if not reads and judge.due(budget.elapsed_s):
            _keep_if_best(out, state, parts.held_out, most_cells=JUDGED_CELLS)
        if checkpoint.due(budget.elapsed_s):
            state.save(out, budget)

    state.save(out, budget)
    _keep_if_best(out, state, parts.held_out, most_cells=JUDGED_CELLS)
    return state.average.net  # type: ignore[no-any-return]


def plan(
    pictures: Sequence[Picture],
    weights: np.ndarray,
    chance: Chance,
    parts: int,
    sizes: Sequence[Size],
    strength: float,
) -> list[Plan]:
    """Draws a lesson in `parts` shares. Its crops are of one size, larger ones being fewer."""
    rng = chance.rng
    crop_px, count, cells, _ = sizes[int(rng.choice(len(sizes), p=[size[3] for size in sizes]))]
    return [
        Plan(
            rng.choice(len(pictures), count, p=weights).tolist(),
            crop_px,
            cells,
            int(rng.integers(2**62)),
            strength,
        )
        for _ in range(parts)
    ]


def _keep_if_best(out: Path, state: TrainingState, held_out: Sequence[Picture], *, most_cells: int) -> None:
    if not held_out:
        save_net(out, state.average.net, {})
        return
    scores = judging.judge(state.average.net, held_out, clicks=3, most_cells=most_cells)
    score = scores["iou"][0] + scores["iou"][2]
    best = state.patience.note(score)
    _say(out, {"at": time.time(), "step": state.step, "held_out": scores, "best": best})
    if best:
        save_net(out, state.average.net, {"step": state.step, "held_out": scores})


def save_net(out: Path, net: PromptNet, notes: dict[str, object]) -> None:
    """Writes the weights and what is known of them."""
    temporary = out / "net.safetensors.part"
    save_file({name: value.contiguous() for name, value in net.state_dict().items()}, temporary)
    temporary.replace(out / "net.safetensors")
    (out / "net.json").write_text(json.dumps({"net": net.describe(), **notes}, indent=1))


def load_net(folder: Path) -> PromptNet:
    """The net that an earlier training left in a folder."""
    shape = json.loads((folder / "net.json").read_text())["net"]
    net = PromptNet(
        features=shape["features"],
        widths=tuple(shape["widths"]),
        decoder_widths=tuple(shape["decoder_widths"]),
    )
    net.load_state_dict(load_file(folder / "net.safetensors"))
    return net


def _report(out: Path, state: TrainingState, told: Sequence[dict[str, float]], *, elapsed_s: float) -> None:
    names = sorted({name for note in told for name in note})
    means = {name: float(np.nanmean([note.get(name, math.nan) for note in told])) for name in names}
    line = {"step": state.step, "elapsed_s": round(elapsed_s, 1), "loss": round(state.mean_loss(), 4)}
    _say(out, {**line, **{name: round(value, 4) for name, value in means.items()}})


def _say(out: Path, line: dict[str, object]) -> None:
    with (out / "log.jsonl").open("a") as stream:
        stream.write(json.dumps(line) + "\n")
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.prompting.learn", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--begin-with", type=Path, help="weights to begin with: the OUT of another training")
    parser.add_argument(
        "--reading", type=float, default=READING_SHARE, help="share of the time without clicks"
    )
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="largest step size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    pictures = read_pictures(given.data)
    if not pictures:
        sys.stderr.write(f"None of the open sets is in {given.data}.\n")
        return 1
    learn(
        pictures=pictures,
        out=given.out,
        minutes=given.minutes,
        steps=given.steps,
        seed=given.seed,
        threads=given.threads,
        rate=given.rate,
        reading=given.reading,
        net=load_net(given.begin_with) if given.begin_with else None,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
