"""Runs a search: one trial after the other, each an engine of its own, until the budget is spent.

Whatever is killed, the rows say which trials have ended and which one is running; it goes on from its
checkpoint. The weights of the best trial so far are kept in storage as soon as it has ended.
"""

from __future__ import annotations

import logging
import shutil
import signal
from collections.abc import Sequence

from backend.foundation import storage
from training.contract import searching as craft
from training.contract.files import ExitCode, RunFolder, read_model_card
from training.contract.progress import ProgressLine
from training.contract.results import RunResult
from training.models import Search, Trial
from training.models.searches import TrialState
from training.runners import layout
from training.runners.parts import Parts
from training.runners.suggesting import suggest
from training.runners.watch import Cause, Ending, log_tail
from training.selectors import searches as selectors
from training.services import jobs, searches, trained_models

logger = logging.getLogger(__name__)

WORKER_LEAVES = (ExitCode.STOPPED, -signal.SIGTERM)


def run(parts: Parts) -> None:
    """Run the search from where it stands to its end, or until the worker must leave. Raises JobTakenOver."""
    search = searches.of_job(job=parts.job)
    parts.prepare()
    while (trial := _next_trial(search, parts.worker)) is not None:
        ending = _run_trial(parts, search, trial)
        if ending.cause is Cause.TAKEN_OVER:
            raise jobs.JobTakenOver(f"The job {parts.job.pk} is in other hands.")
        if ending.cause is Cause.CANCELLED:
            searches.end_trial(trial=trial, worker=parts.worker, state=TrialState.STOPPED)
            jobs.confirm_cancelled(job_id=parts.job.pk, worker=parts.worker)
            layout.clean(folder=parts.folder)
            return
        if ending.cause is Cause.BY_ITSELF and ending.exit_code in WORKER_LEAVES:
            jobs.release(job_id=parts.job.pk, worker=parts.worker, reason="The engine was asked to stop.")
            return
        _end_trial(parts, search, trial, ending)
    _finish(parts, search)


def _next_trial(search: Search, worker: str) -> Trial | None:
    """The trial that is running, or the next one; None when there is to be none."""
    search.refresh_from_db()
    running = search.trials.filter(state=TrialState.RUNNING).first()
    if running is not None:
        return running
    default = search.trials.filter(number=0).first()
    failed = default is not None and default.state != TrialState.DONE
    if search.stop_asked or failed or not searches.has_room(search=search):
        return None
    if default is None:
        return searches.begin_trial(search=search, worker=worker, settings={})
    tried = selectors.tried(search=search)
    settings = suggest(space=search.space, tried=tried, seed=search.job.seed)
    return None if settings is None else searches.begin_trial(search=search, worker=worker, settings=settings)


def _run_trial(parts: Parts, search: Search, trial: Trial) -> Ending:
    minutes = search.trial_minutes
    spec = parts.spec(
        settings={**parts.folder.read_spec().settings, **trial.settings},
        minutes=None if search.counts_cpu else minutes,
        cpu_minutes=minutes if search.counts_cpu else None,
        validate_at=craft.rungs_of(minutes * 60),
    )
    part = parts.lay_out(_name(trial), spec=spec, lines=parts.folder.read_manifest())
    searches.note_start(trial=trial, worker=parts.worker)

    def told(lines: Sequence[ProgressLine], offset: int, spent_s: float, spent_cpu_s: float) -> None:
        searches.hear(
            trial=trial, worker=parts.worker, lines=lines, offset=offset, spent_s=spent_s,
            spent_cpu_s=spent_cpu_s,
        )  # fmt: skip

    def wanted() -> bool:
        search.refresh_from_db(fields=["stop_asked"])
        return not search.stop_asked and searches.is_worth_going_on(trial=trial)

    return parts.run(part, offset=trial.offset, told=told, wanted=wanted)


def _end_trial(parts: Parts, search: Search, trial: Trial, ending: Ending) -> None:
    """Write down how a trial ended, and keep its weights if it is the best so far."""
    part = parts.folder_of(_name(trial))
    result = part.read_result()
    if result is not None and result.ok:
        _keep_if_best(parts, search, part, result)
        searches.end_trial(trial=trial, worker=parts.worker, state=TrialState.DONE, result=result)
    elif ending.cause is Cause.NOT_WANTED:
        state = TrialState.STOPPED if search.stop_asked else TrialState.PRUNED
        searches.end_trial(trial=trial, worker=parts.worker, state=state)
    elif ending.cause is Cause.BY_ITSELF and ending.exit_code == -signal.SIGKILL and _may_again(trial):
        return
    else:
        error = _sentence(ending, result, part)
        searches.end_trial(trial=trial, worker=parts.worker, state=TrialState.FAILED, error=error)
    _tidy(part)


def _may_again(trial: Trial) -> bool:
    return trial.starts < searches.STARTS_AT_MOST


def _keep_if_best(parts: Parts, search: Search, part: RunFolder, result: RunResult) -> None:
    """Before the row says that the trial is done: a worker killed in between does the same once more."""
    score = result.scores.get("validation", {}).get(search.score)
    best = craft.winner(selectors.tried(search=search))
    if score is not None and (best is None or best.score is None or score > best.score):
        trained_models.keep_weights(job_id=parts.job.pk, model_dir=part.model)


def _finish(parts: Parts, search: Search) -> None:
    """The best trial's weights become the trained model."""
    best = searches.crown(search=search, worker=parts.worker)
    if best is None:
        first = search.trials.filter(number=0).first()
        stopped = "The search was stopped before its first trial had ended, so there is no model."
        error = first.error if first is not None and first.error else stopped
        jobs.fail(job_id=parts.job.pk, worker=parts.worker, error=error)
    else:
        model_dir = parts.folder.path / layout.MODEL_IN / "best"
        storage.download_prefix(trained_models.weights_key(job_id=parts.job.pk), model_dir)
        trained_models.register(
            job_id=parts.job.pk,
            worker=parts.worker,
            model_dir=model_dir,
            card=read_model_card(model_dir),
            result=RunResult(ok=True, scores=best.scores, summary=_summary(search, best)),
        )
    layout.clean(folder=parts.folder)


def _summary(search: Search, best: Trial) -> dict[str, object]:
    default = search.trials.get(number=0)
    told = {
        "id": str(search.pk), "trials": search.trials.count(), "best": best.number, "score": search.score,
        "best_score": best.score, "default_score": default.score, "on_test": search.confirmed,
    }  # fmt: skip
    return {"search": told, "note": None}


def _sentence(ending: Ending, result: RunResult | None, part: RunFolder) -> str:
    if result is not None and result.error:
        return result.error
    if ending.cause is Cause.TOO_LARGE:
        return "It needed more memory than there is; try smaller crops or a smaller batch."
    if ending.exit_code == -signal.SIGKILL:
        return f"Its process was killed {searches.STARTS_AT_MOST} times without any progress."
    words = log_tail(folder=part)[-500:].decode(errors="replace").strip()
    return f"The engine stopped without a result (exit code {ending.exit_code}): {words}"


def _tidy(part: RunFolder) -> None:
    """A trial that has ended keeps what tells of it, not what is heavy."""
    for heavy in (part.checkpoint, part.pictures, part.model):
        shutil.rmtree(heavy, ignore_errors=True)


def _name(trial: Trial) -> str:
    return f"{trial.number:04d}"
