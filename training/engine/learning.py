"""The loop in which every recipe learns: draw, step, tell, validate, keep, until the budget is spent.

A recipe says what is drawn (`Lesson`), what is wrong (`Loss`) and how well it goes (`Watch`); everything that
must be right for all of them stands here once: budgets, warm-up, averaged weights, patience, checkpoints that
a killed run goes on from, and what people are told meanwhile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from training.contract.progress import BUDGET_SHARE
from training.engine.averaging import WeightAverage
from training.engine.batches_ahead import Batches, Lesson
from training.engine.checkpoints import TrainingState
from training.engine.errors import RunCancelled, RunStopped
from training.engine.gradients import GradientMaker, Loss
from training.engine.optimizing import Groups, Moves, orthogonal
from training.engine.process import Run
from training.engine.schedules import Budget, Cadence, Patience, Rungs, learning_rate
from training.engine.seeds import Chance

Net = TypeVar("Net", bound=nn.Module)
Part = TypeVar("Part")
Made = TypeVar("Made")

LARGEST_GRADIENT = 5.0
CONTINUED = 0.25
"""Share of the learning rate when a trained model learns on."""
REPORT_S, CHECKPOINT_S, VALIDATE_S = 10.0, 25.0, 45.0
LEARNING_SHARE = 0.97
"""Share of the whole run, as people are told it; the rest is choosing thresholds and scoring."""
VALIDATION_SHARE = 0.04
"""Most of the running time that validation may take."""

Watch = Callable[[TrainingState], Mapping[str, float]]
"""Scores of the averaged net on what it does not learn from; the first decides which weights are kept."""


@dataclass(frozen=True)
class Learned(Generic[Net]):
    """What the loop leaves: the averaged net as it was best, and how it came about."""

    net: Net
    state: TrainingState
    epochs: float
    device: str

    @property
    def training(self) -> dict[str, Any]:
        """What `model.json` says of it."""
        spent = {"elapsed_s": round(self.state.elapsed_s, 1), "cpu_s": round(self.state.cpu_s, 1)}
        steps = {"steps": self.state.step, "epochs": round(self.epochs, 2)}
        return {**steps, **spent, "device": self.device}


def learn(
    run: Run,
    *,
    net: Net,
    lesson: Lesson[Part, Made],
    loss: Loss[Made],
    chance: Chance,
    watch: Callable[[Net], Watch | None] = lambda _net: None,
    groups: Groups | None = None,
    move: Callable[[Groups], Moves] = orthogonal,
    at_fraction: Callable[[float], None] = lambda _fraction: None,
) -> Learned[Net]:
    """Trains `net` in place until the budget is spent or patience ends.

    `watch` is given the averaged net and answers how to score it. `groups` are parameters that learn alike,
    where not all do; `move` makes of them what moves the weights. `at_fraction` hears before every step how
    much of the budget is spent, and may thaw parts of the net; what does not require a gradient stands still.
    Raises RunCancelled, RunStopped, and keeps a checkpoint then.
    """
    folder, settings = run.folder, run.spec.settings
    batches = Batches(lesson, chance, run.device)
    gradients = GradientMaker(net, loss, run.device, compiled=run.pays_compiling)
    gradients.train_mode()
    optimizer = move(groups or [{"params": list(net.parameters())}])
    average = WeightAverage(net)
    state = TrainingState(net, average, optimizer, batches, Patience(settings.get("patience")))
    resumed = state.restore(folder.checkpoint)
    score = watch(average.net)
    peak = settings["learning_rate"] * (CONTINUED if run.spec.model_dir else 1.0)
    epoch = lesson.steps_per_epoch()
    steps = None if run.spec.max_epochs is None else run.spec.max_epochs * epoch
    budget = Budget(
        run.spec.minutes,
        steps,
        cpu_minutes=run.spec.cpu_minutes,
        spent_s=state.elapsed_s,
        spent_cpu_s=state.cpu_s,
    )
    report, checkpoint = Cadence(REPORT_S), Cadence(CHECKPOINT_S, budget.elapsed_s + CHECKPOINT_S)
    validate = Cadence(VALIDATE_S, budget.elapsed_s + VALIDATE_S / 2)
    rungs = Rungs(run.spec.validate_at, budget.fraction(state.step))
    done = LEARNING_SHARE * budget.fraction(state.step)
    begun = "Learning goes on" if resumed else "Learning"
    run.report.status(f"{begun} on {run.device.words}.", fraction=done)

    while (fraction := budget.fraction(state.step)) < 1 and not state.patience.exhausted:
        try:
            run.raise_if_asked_to_stop()
        except (RunCancelled, RunStopped):
            state.save(folder.checkpoint, budget)
            raise
        at_fraction(fraction)
        rate = learning_rate(peak, step=state.step, fraction=fraction)
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)
        wrong = gradients.step(batches.next())
        torch.nn.utils.clip_grad_norm_(gradients.moving, LARGEST_GRADIENT)
        optimizer.step()
        state.average.follow(net, state.step)
        state.count(wrong)

        at_epoch = steps is not None and state.step % epoch == 0
        if at_epoch or (steps is None and report.due(budget.elapsed_s)):
            values = {"loss": state.mean_loss(), "learning_rate": rate}
            _tell(run, state, budget, epoch, values)
            run.report.status("Learning.", fraction=LEARNING_SHARE * fraction, eta_s=budget.eta_s(state.step))
        rung = rungs.passed(budget.fraction(state.step))
        if score and (validate.due(budget.elapsed_s) if rungs.none else rung is not None):
            began = budget.elapsed_s
            scores = score(state)
            _tell(run, state, budget, epoch, scores if rung is None else {**scores, BUDGET_SHARE: rung})
            state.keep_if_best(next(iter(scores.values())))
            validate.at_least((budget.elapsed_s - began) / VALIDATION_SHARE)
        if checkpoint.due(budget.elapsed_s):
            state.save(folder.checkpoint, budget)

    state.save(folder.checkpoint, budget)
    return Learned(state.best_net(), state, state.step / epoch, run.device.words)


def _tell(run: Run, state: TrainingState, budget: Budget, epoch: int, values: Mapping[str, float]) -> None:
    run.report.metrics(state.step, epoch=state.step / epoch, elapsed_s=budget.elapsed_s, values=values)
