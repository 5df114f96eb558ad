"""The life of a search: start, trials one after the other, stop, the winner. The rows are the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from annotation.models import Project
from backend.accounts.models import User
from backend.foundation import clock, events
from backend.foundation.errors import Conflict
from training.contract import searching
from training.contract.errors import InvalidSettings
from training.contract.progress import BUDGET_SHARE, Metrics, ProgressLine, Status
from training.contract.recipes import recipe_named
from training.contract.results import RunResult
from training.models import Job, Search, Trial
from training.models.jobs import FINAL_STATES, Kind
from training.models.searches import TrialState
from training.policies import projects as project_policies
from training.selectors import searches as selectors
from training.selectors.orders import Order
from training.services import jobs
from training.services.orders import MINUTES_MAX, BadSettings, JobNotComplete

TRIALS_AT_MOST = 500
STARTS_AT_MOST = 3
DEFAULT_TRIALS = 6
"""Whole trials for which the budget is enough unless told; pruning makes room for more."""


class SearchIsOver(Conflict):
    """The search has ended, so it cannot be stopped."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person asks of a search. `vary`: names of settings, or None for those chosen beforehand."""

    minutes: float
    trial_minutes: float | None = None
    counts_cpu: bool = False
    vary: Sequence[str] | None = None


@transaction.atomic
def start(*, project: Project, order: Order, wish: Wish, by: User) -> Search:
    """Queue a search; `order` is that of a training with the settings that the first trial has.

    Raises NotAllowed, JobNotComplete, NotOfThisProject, BadSettings.
    """
    job = jobs.start(project=project, order=order, by=by)
    trial_minutes = wish.trial_minutes or wish.minutes / DEFAULT_TRIALS
    _check(job, wish, trial_minutes)
    job.kind, job.minutes = Kind.SEARCH, None if wish.counts_cpu else wish.minutes
    job.save(update_fields=["kind", "minutes"])
    try:
        space = searching.space_of(job.recipe, job.settings, wish.vary)
    except InvalidSettings as error:
        raise BadSettings(f"vary: {error}") from error
    return _create(job, space, wish.minutes, trial_minutes, wish.counts_cpu)


@transaction.atomic
def of_job(*, job: Job) -> Search:
    """The search of a job; a job that was asked for again begins its search anew."""
    found = Search.objects.filter(job=job).first()
    if found is not None:
        return found
    if job.retry_of is None:
        raise ValueError(f"The job {job.pk} has no search.")
    old = of_job(job=job.retry_of)
    return _create(job, old.space, old.minutes, old.trial_minutes, old.counts_cpu)


@transaction.atomic
def stop(*, search: Search, by: User) -> Search:
    """End early and keep the best trial so far. Raises NotAllowed, SearchIsOver."""
    project_policies.require_manager(user=by, project=search.job.project)
    row = Search.objects.select_for_update(of=("self",)).select_related("job").get(pk=search.pk)
    if row.job.state in FINAL_STATES:
        raise SearchIsOver(f"This search has already ended ({row.job.state.lower()}).")
    row.stop_asked = True
    row.save(update_fields=["stop_asked"])
    events.publish("job.changed", project=row.job.project_id, id=row.job_id, state=row.job.state)
    return row


@transaction.atomic
def begin_trial(*, search: Search, worker: str, settings: Mapping[str, Any]) -> Trial:
    """Enter the next trial. Raises JobTakenOver."""
    jobs.lock_held(job_id=search.job_id, worker=worker)
    trial = Trial.objects.create(
        search=search, number=search.trials.count(), settings=dict(settings), started_at=clock.now()
    )
    _tell(search, f"Trial {trial.number + 1} begins.")
    return trial


@transaction.atomic
def note_start(*, trial: Trial, worker: str) -> None:
    """One more process begins to work on it. Raises JobTakenOver."""
    jobs.lock_held(job_id=trial.search.job_id, worker=worker)
    trial.starts += 1
    trial.save(update_fields=["starts"])


@transaction.atomic
def hear(
    *,
    trial: Trial,
    worker: str,
    lines: Sequence[ProgressLine],
    offset: int,
    spent_s: float,
    spent_cpu_s: float,
) -> None:
    """Write down what a trial told and has spent since the last call. Raises JobTakenOver."""
    jobs.lock_held(job_id=trial.search.job_id, worker=worker)
    for line in lines:
        if isinstance(line, Metrics) and BUDGET_SHARE in line.values:
            first = next(value for name, value in line.values.items() if name != BUDGET_SHARE)
            trial.rungs = {**trial.rungs, str(line.values[BUDGET_SHARE]): first}
        if isinstance(line, Metrics):
            trial.starts = 1
            Job.objects.filter(pk=trial.search.job_id).update(fruitless_attempts=0)
    trial.offset = offset
    trial.spent_s += spent_s
    trial.spent_cpu_s += spent_cpu_s
    trial.save(update_fields=["rungs", "offset", "spent_s", "spent_cpu_s", "starts"])
    said = [line.message for line in lines if isinstance(line, Status) and line.message]
    if said or spent_s:
        _tell(trial.search, f"Trial {trial.number + 1}: {said[-1]}" if said else "")


def is_worth_going_on(*, trial: Trial) -> bool:
    """Whether a trial is good enough at the last rung it reached. The default always goes on."""
    if trial.number == 0 or not trial.rungs:
        return True
    share = max(trial.rungs, key=float)
    others = trial.search.trials.exclude(pk=trial.pk).values_list("rungs", flat=True)
    reached = [float(rungs[share]) for rungs in others if share in rungs]
    return searching.worth_going_on(float(trial.rungs[share]), reached)


@transaction.atomic
def end_trial(
    *, trial: Trial, worker: str, state: TrialState, result: RunResult | None = None, error: str = ""
) -> None:
    """Write a trial's end down; one that is DONE has its scores in `result`. Raises JobTakenOver."""
    jobs.lock_held(job_id=trial.search.job_id, worker=worker)
    trial.state, trial.error, trial.finished_at = state, error, clock.now()
    if result is not None and state == TrialState.DONE:
        trial.scores = {split: dict(values) for split, values in result.scores.items()}
        trial.score = trial.scores.get("validation", {}).get(trial.search.score)
        if trial.score is None:
            trial.state = TrialState.FAILED
            trial.error = f"The trial left no “{trial.search.score}” on the validation split."
    trial.save()
    _tell(trial.search, f"Trial {trial.number + 1} has ended.")


@transaction.atomic
def crown(*, search: Search, worker: str) -> Trial | None:
    """Choose the winner by the validation split, and only then look at the test split. None where no trial
    learned to the end. Raises JobTakenOver."""
    jobs.lock_held(job_id=search.job_id, worker=worker)
    best = searching.winner(selectors.tried(search=search))
    if best is None:
        return None
    search.best = search.trials.get(number=best.number)
    search.confirmed = _confirmed(search, search.best)
    search.save(update_fields=["best", "confirmed"])
    return search.best


def has_room(*, search: Search) -> bool:
    """Whether a whole trial still fits into the budget. The default is always tried."""
    trials = list(search.trials.all())
    if not trials:
        return True
    ended = [selectors.spent_minutes(search=search, trial=t) for t in trials if t.state == TrialState.DONE]
    whole = max([search.trial_minutes, *ended])
    spent = sum(selectors.spent_minutes(search=search, trial=trial) for trial in trials)
    return spent + whole <= search.minutes and len(trials) < TRIALS_AT_MOST


def _confirmed(search: Search, best: Trial) -> dict[str, Any]:
    """Scores of winner and default on the test split; `held` says whether the winner is not worse there."""
    default = search.trials.get(number=0)
    mine = best.scores.get("test", {}).get(search.score)
    its = default.scores.get("test", {}).get(search.score)
    return {"best": mine, "default": its, "held": None if mine is None or its is None else mine >= its}


def _check(job: Job, wish: Wish, trial_minutes: float) -> None:
    if not recipe_named(job.recipe).score:
        raise JobNotComplete(f"recipe: {job.recipe} has no score by which a search could choose.")
    if not 0 < wish.minutes <= MINUTES_MAX:
        raise JobNotComplete(f"minutes: give more than 0 and at most {MINUTES_MAX:.0f}.")
    if not 0.05 <= trial_minutes <= wish.minutes / 2:
        raise JobNotComplete(
            "trial_minutes: a trial needs at least 0.05 minutes, and the whole search room for two trials."
        )
    counts = job.snapshot.counts if job.snapshot else {}
    if not counts.get("validation", {}).get("images"):
        raise JobNotComplete(
            "snapshot: it has no validation images, by which a search chooses; freeze one that leaves some."
        )


def _create(job: Job, space: Any, minutes: float, trial_minutes: float, counts_cpu: bool) -> Search:
    return Search.objects.create(
        job=job,
        space=space,
        score=recipe_named(job.recipe).score,
        minutes=minutes,
        trial_minutes=trial_minutes,
        counts_cpu=counts_cpu,
        created_at=clock.now(),
    )


def _tell(search: Search, message: str) -> None:
    """Where the search stands, in its job's row."""
    spent = sum(selectors.spent_minutes(search=search, trial=trial) for trial in search.trials.all())
    row = Job.objects.get(pk=search.job_id)
    row.message = message or row.message
    row.fraction = max(row.fraction, min(0.99, spent / search.minutes))
    row.eta_s = max(0.0, search.minutes - spent) * 60
    row.save(update_fields=["message", "fraction", "eta_s"])
    events.publish("job.progress", project=row.project_id, id=row.pk)
