"""Runs one job from its letter to its end: claim, lay out, start, watch, collect."""

from __future__ import annotations

import logging
import signal
import time
import traceback
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from training.contract.errors import ContractError
from training.contract.files import ExitCode, RunFolder
from training.models import Job
from training.models.jobs import Kind
from training.runners import folding, layout, searching, tracking
from training.runners.base import EngineProcess, Limits, Runner, limits_for
from training.runners.collect import collect
from training.runners.heartbeat import Heartbeat
from training.runners.local_process import LocalProcessRunner, end_orphan
from training.runners.parts import Parts
from training.runners.tail import Tail
from training.runners.watch import POLL_S, Cause, Ending, Watch, log_tail
from training.services import cross_validations, jobs

logger = logging.getLogger(__name__)

ERROR_TAIL_BYTES = 8000
CHECKPOINT_PATIENCE_S = 15.0
INTERRUPTED = (ExitCode.STOPPED, -signal.SIGTERM, -signal.SIGKILL)


def run(*, job_id: str, runner: Runner | None = None, limits: Limits | None = None) -> None:
    """Run the job unless somebody has it already. Every end is written in the job's row, none is raised."""
    worker = jobs.name_worker()
    job = jobs.claim(job_id=job_id, worker=worker)
    if job is None:
        logger.info("Job %s is not waiting: nothing to do.", job_id)
        return
    with Heartbeat(job_id=job.pk, worker=worker) as pulse:
        try:
            _run_claimed(
                job, worker, pulse, runner or LocalProcessRunner(), limits or limits_for(minutes=job.minutes)
            )
        except jobs.JobTakenOver as error:
            logger.warning("%s", error)
        except (OperationalError, InterfaceError):
            logger.exception("The database was away while job %s ran.", job.pk)
            _release_quietly(job, worker)
        except Exception as error:
            logger.exception("Job %s failed in the worker.", job.pk)
            _fail_quietly(job, worker, error)


def _run_claimed(job: Job, worker: str, pulse: Heartbeat, runner: Runner, limits: Limits) -> None:
    folder = layout.folder_of(job_id=job.pk)
    if (several := _of_several_parts(job)) is not None:
        several(Parts(job, worker, pulse, runner, limits, folder))
        return
    end_orphan(folder=folder)
    tail = Tail(folder.progress, _prepare(job, worker, folder))
    watch = Watch(job, worker, folder, pulse, limits, tail)
    ending = Ending(cause=Cause.BY_ITSELF, exit_code=ExitCode.DONE)
    if folder.read_result() is None:
        ending = _watch_engine(watch, runner.start(folder=folder, recipe=job.recipe))
    else:
        # The engine had ended when the worker before died: only what it said and left is wanting.
        watch.hear(last=True)
    _finish(job, worker, folder, ending, limits)


def _of_several_parts(job: Job) -> Callable[[Parts], None] | None:
    """What runs a job that needs several engines, one after the other."""
    if job.kind == Kind.SEARCH:
        return searching.run
    if tracking.links(job):
        return tracking.run
    return folding.run if cross_validations.of_job(job=job) is not None else None


def _watch_engine(watch: Watch, process: EngineProcess) -> Ending:
    """Watch until the engine has ended; whatever happens here, none is left running."""
    watch.pulse.memory = process.memory_bytes
    try:
        return watch.until_end(process)
    finally:
        if process.poll() is None:
            process.terminate()
            deadline = time.monotonic() + CHECKPOINT_PATIENCE_S
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(POLL_S)
            process.kill()


def _prepare(job: Job, worker: str, folder: RunFolder) -> int:
    """Lay the folder out unless an earlier attempt did; answers where to read on in the progress."""
    if layout.is_laid_out(folder=folder):
        return job.progress_offset
    jobs.note(job_id=job.pk, worker=worker, message="Preparing images and labels…")
    jobs.set_run_folder(job_id=job.pk, worker=worker, run_folder=f"runs/{job.pk}")
    layout.lay_out(job=job, folder=folder)
    left_out = layout.count_uncertain(job=job)
    if left_out:
        told = f"{left_out} uncertain cells are" if left_out > 1 else "1 uncertain cell is"
        jobs.note(job_id=job.pk, worker=worker, message=f"{told} left out of the classes.")
    return 0


def _finish(job: Job, worker: str, folder: RunFolder, ending: Ending, limits: Limits) -> None:
    """Write the end into the row. The result file counts more than the exit code."""
    if ending.cause is Cause.TAKEN_OVER:
        raise jobs.JobTakenOver(f"The job {job.pk} is in other hands.")
    if ending.cause is Cause.CANCELLED:
        jobs.confirm_cancelled(job_id=job.pk, worker=worker)
        layout.clean(folder=folder)
        return
    result = folder.read_result()
    if result is not None and result.ok:
        collect(job=job, worker=worker, folder=folder, result=result)
        layout.clean(folder=folder)
    elif result is not None:
        jobs.fail(
            job_id=job.pk,
            worker=worker,
            error=result.error or "The engine failed.",
            detail=_detail(folder, result.detail),
        )
        layout.clean(folder=folder)
    elif ending.cause is Cause.BY_ITSELF and ending.exit_code in INTERRUPTED:
        jobs.release(job_id=job.pk, worker=worker, reason=_interruption(ending.exit_code))
    else:
        jobs.fail(job_id=job.pk, worker=worker, error=_sentence(ending, limits), detail=_detail(folder, None))
        layout.clean(folder=folder)


def _interruption(exit_code: int) -> str:
    if exit_code == -signal.SIGKILL:
        return "The engine was killed. If this comes again, the machine has too little memory."
    return "The engine was asked to stop."


def _sentence(ending: Ending, limits: Limits) -> str:
    if ending.cause is Cause.TOO_LONG:
        return f"The job was stopped: it took longer than its limit of {limits.seconds / 60:.0f} minutes."
    if ending.cause is Cause.TOO_LARGE:
        gib = (limits.memory_bytes or 0) / 2**30
        return (
            f"The job was stopped: it needed more than its limit of {gib:.1f} GiB of memory. "
            "Try smaller crops or a smaller batch."
        )
    if ending.exit_code < 0:
        name = signal.Signals(-ending.exit_code).name
        return f"The engine crashed ({name}) and left no result. Its last words are below."
    return f"The engine stopped without a result (exit code {ending.exit_code}). Its last words are below."


def _detail(folder: RunFolder, told: str | None) -> str:
    """What the engine told, or else the end of what it printed."""
    return told or log_tail(folder=folder)[-ERROR_TAIL_BYTES:].decode(errors="replace").strip()


def _release_quietly(job: Job, worker: str) -> None:
    """Nothing is wrong with the job: it goes on from its checkpoint when the database is back."""
    connection.close()
    try:
        jobs.release(job_id=job.pk, worker=worker, reason="The database was away.")
    except Exception:
        logger.exception("Job %s could not be put back; the sweep will find it.", job.pk)


def _fail_quietly(job: Job, worker: str, error: Exception) -> None:
    """A fault outside the engine: said in the row when the database can be reached; if not, the sweep finds
    it.
    """
    sentence = (
        str(error) if isinstance(error, ContractError) else f"The worker could not finish this job: {error}"
    )
    try:
        jobs.fail(job_id=job.pk, worker=worker, error=sentence, detail=traceback.format_exc())
    except Exception:
        logger.exception("The failure of job %s could not be written down.", job.pk)
