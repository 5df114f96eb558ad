"""Runs a training with cross-validation: a net for each fold, and last the one that learns from all images.

Every net learns equally long. Which nets are done is read from their folders, so whatever is killed, the net
that was learning goes on from its checkpoint and none learns twice.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence
from dataclasses import replace

from training.contract import folding as craft
from training.contract.files import ExitCode, RunFolder
from training.contract.manifest import ManifestLine, Split
from training.contract.progress import ProgressLine
from training.contract.results import RunResult
from training.contract.specs import Action, RunSpec
from training.models import CrossValidation
from training.runners import layout
from training.runners.collect import collect
from training.runners.parts import Parts
from training.runners.watch import Cause, Ending, log_tail
from training.services import cross_validations, jobs

WORKER_LEAVES = (ExitCode.STOPPED, -signal.SIGTERM, -signal.SIGKILL)
LAST = "All images"


class PartEnded(Exception):
    """A net did not come to its end; what is to be done about the job has been done."""


def run(parts: Parts) -> None:
    """Run the folds and the last net from where they stand. Raises JobTakenOver."""
    row = cross_validations.of_job(job=parts.job)
    if row is None:
        raise ValueError(f"The job {parts.job.pk} has no folds.")
    parts.prepare()
    lines = parts.folder.read_manifest()
    folds = craft.folds_of(lines, row.folds, seed=parts.job.seed)
    nets = len(folds) + 1
    spec = parts.spec(minutes=(parts.job.minutes or jobs.DEFAULT_TRAINING_MINUTES) / nets)
    try:
        for number in range(len(folds)):
            _run_fold(parts, row, folds, number, spec)
        part = parts.lay_out("all", spec=spec, lines=craft.all_of(lines))
        result = _run_part(parts, part, LAST, place=len(folds), nets=nets)
    except PartEnded:
        return
    row.refresh_from_db()
    collect(job=parts.job, worker=parts.worker, folder=part, result=_with_folds(row, result, len(folds)))
    layout.clean(folder=parts.folder)


def _run_fold(
    parts: Parts, row: CrossValidation, folds: Sequence[Sequence[ManifestLine]], number: int, spec: RunSpec
) -> None:
    """One net without one fold, and the score of every image in it."""
    nets, name = len(folds) + 1, f"Fold {number + 1} of {len(folds)}"
    held_out = folds[number]
    known = {image["image"] for image in row.images}
    if all(line.image_id in known for line in held_out):
        return
    part = parts.lay_out(f"fold-{number + 1}", spec=spec, lines=craft.without(folds, number))
    result = _run_part(parts, part, name, place=number, nets=nets)
    scores = [result.scores.get("test", {})]
    if len(held_out) > 1:
        scores = [_score_alone(parts, part, line, name, number, nets, spec) for line in held_out]
    images = [
        {"image": line.image_id, "name": line.name, "fold": number + 1, "scores": dict(each)}
        for line, each in zip(held_out, scores, strict=True)
    ]
    cross_validations.keep_images(row=row, worker=parts.worker, images=images)
    for heavy in (part.checkpoint, part.pictures, part.model):
        shutil.rmtree(heavy, ignore_errors=True)


def _score_alone(
    parts: Parts, trained: RunFolder, line: ManifestLine, name: str, number: int, nets: int, spec: RunSpec
) -> dict[str, float]:
    """The scores of one image among several that a net has not seen."""
    asked = replace(spec, action=Action.EVALUATE, model_dir=str(trained.model), minutes=None)
    part = parts.lay_out(
        f"{trained.path.name}-{line.image_id}", spec=asked, lines=[replace(line, split=Split.TEST)]
    )
    result = _run_part(parts, part, name, place=number + 0.99, nets=nets)
    return dict(result.scores.get("test", {}))


def _run_part(parts: Parts, part: RunFolder, name: str, *, place: float, nets: int) -> RunResult:
    """Run one engine to its result. Raises PartEnded, JobTakenOver."""

    def told(lines: Sequence[ProgressLine], offset: int, _spent_s: float, _spent_cpu_s: float) -> None:
        if lines:
            cross_validations.hear(
                job=parts.job, worker=parts.worker, lines=lines, offset=offset, part=name, place=place,
                parts=nets,
            )  # fmt: skip

    result = part.read_result()
    if result is None:
        ending = parts.run(part, offset=_heard(part), told=told)
        result = part.read_result()
        if result is None or ending.cause is not Cause.BY_ITSELF:
            _give_up(parts, part, ending, name)
    if result is None or not result.ok:
        error = result.error if result is not None and result.error else "The engine failed."
        jobs.fail(job_id=parts.job.pk, worker=parts.worker, error=f"{name}: {error}", detail=_words(part))
        layout.clean(folder=parts.folder)
        raise PartEnded
    return result


def _heard(part: RunFolder) -> int:
    """What an earlier engine told has been written down, all but its last moments."""
    return part.progress.stat().st_size if part.progress.exists() else 0


def _give_up(parts: Parts, part: RunFolder, ending: Ending, name: str) -> None:
    """The job's row says why there is no result. Raises PartEnded, JobTakenOver."""
    if ending.cause is Cause.TAKEN_OVER:
        raise jobs.JobTakenOver(f"The job {parts.job.pk} is in other hands.")
    if ending.cause is Cause.CANCELLED:
        jobs.confirm_cancelled(job_id=parts.job.pk, worker=parts.worker)
        layout.clean(folder=parts.folder)
    elif ending.cause is Cause.BY_ITSELF and ending.exit_code in WORKER_LEAVES:
        jobs.release(job_id=parts.job.pk, worker=parts.worker, reason=f"{name}: the engine was ended.")
    else:
        why = "more memory than its limit" if ending.cause is Cause.TOO_LARGE else "too long, or ended oddly"
        error = f"{name}: the job was stopped, for it took {why}."
        jobs.fail(job_id=parts.job.pk, worker=parts.worker, error=error, detail=_words(part))
        layout.clean(folder=parts.folder)
    raise PartEnded


def _words(part: RunFolder) -> str:
    return log_tail(folder=part)[-4000:].decode(errors="replace").strip()


def _with_folds(row: CrossValidation, result: RunResult, folds: int) -> RunResult:
    told = {"folds": folds, "images": row.images, "summary": row.summary}
    held_out = {name: says["mean"] for name, says in row.summary.items()}
    scores = {**result.scores, **({"held_out": held_out} if held_out else {})}
    return replace(result, scores=scores, summary={**result.summary, "cross_validation": told})
