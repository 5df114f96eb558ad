"""Background functions of the training app: three lines each, nothing decided here."""

from celery import shared_task

from backend.foundation.queue import Letter
from training.runners import jobs as runner
from training.runners import layout
from training.services import comparisons, corrections, evaluations, jobs, proposing

# The runner has its own limit for each job; Celery's only ends what the runner has lost sight of.
JOB_TIME_LIMIT_S = 15 * 24 * 3600
SWEEP_TIME_LIMIT_S = 300
RECKONING_TIME_LIMIT_S = 6 * 3600


@shared_task(name=Letter.RUN_JOB, soft_time_limit=JOB_TIME_LIMIT_S - 600, time_limit=JOB_TIME_LIMIT_S)
def run_job(job_id: str) -> None:
    """Run a job that waits; nothing when it does not wait any more."""
    runner.run(job_id=job_id)


@shared_task(
    name=Letter.SWEEP_TRAINING, soft_time_limit=SWEEP_TIME_LIMIT_S - 30, time_limit=SWEEP_TIME_LIMIT_S
)
def sweep() -> None:
    """Take back silent jobs, post lost letters again, score new corrections, clean up run folders."""
    jobs.sweep()
    corrections.score_new()
    evaluations.sweep()
    comparisons.sweep()
    proposing.sweep()
    layout.clean_leftovers()


@shared_task(name=Letter.UPLOAD_DONE, soft_time_limit=SWEEP_TIME_LIMIT_S - 30, time_limit=SWEEP_TIME_LIMIT_S)
def after_upload(upload_id: str) -> None:
    """Have new images proposed on, where the project wants it and a model fits."""
    proposing.after_upload(upload_id=upload_id)


@shared_task(
    name=Letter.RUN_EVALUATION, soft_time_limit=RECKONING_TIME_LIMIT_S - 60, time_limit=RECKONING_TIME_LIMIT_S
)
def run_evaluation(evaluation_id: str) -> None:
    """Score predicted labels against true ones; nothing when somebody does it already."""
    evaluations.run(evaluation_id=evaluation_id)


@shared_task(
    name=Letter.RUN_COMPARISON, soft_time_limit=RECKONING_TIME_LIMIT_S - 60, time_limit=RECKONING_TIME_LIMIT_S
)
def run_comparison(comparison_id: str) -> None:
    """Compare two evaluations; nothing when somebody does it already."""
    comparisons.run(comparison_id=comparison_id)
