"""New images show proposals by themselves: after an upload a prediction job starts, once, if a model fits."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from django.db import transaction

from annotation.models import Project, Upload, UploadState
from backend.accounts.models import User
from backend.foundation import clock, events
from backend.foundation.errors import CytoloopError, Invalid
from training.models import Job, ProposalRule, TrainedModel, UploadProposal
from training.models.jobs import Kind
from training.models.proposing import Proposer
from training.policies import projects as project_policies
from training.selectors import proposing as selectors
from training.selectors.orders import Order
from training.services import jobs

logger = logging.getLogger(__name__)

# A lost letter is made up for as long as people still wait for its proposals.
LATE, TOO_LATE = timedelta(minutes=2), timedelta(hours=2)


class CannotPropose(Invalid):
    """The rule names no model, or one that has nothing to propose on new images."""


@transaction.atomic
def set_rule(
    *, project: Project, proposer: Proposer, trained_model: TrainedModel | None = None, by: User
) -> ProposalRule:
    """Choose who proposes on new images. Raises NotAllowed, CannotPropose."""
    project_policies.require_manager(user=by, project=project)
    if (proposer is Proposer.MODEL) != (trained_model is not None):
        raise CannotPropose("trained_model: name the model that is to propose, and only then.")
    if trained_model is not None:
        if trained_model.project_id != project.pk:
            raise CannotPropose("trained_model: it belongs to another project.")
        if why := selectors.may_propose(trained_model):
            raise CannotPropose(f"trained_model: {why}")
    rule, _ = ProposalRule.objects.update_or_create(
        project=project,
        defaults={
            "proposer": proposer,
            "trained_model": trained_model,
            "set_by": by,
            "set_at": clock.now(),
        },
    )
    return rule


@transaction.atomic
def after_upload(*, upload_id: uuid.UUID | str) -> None:
    """Start the job that proposes on an upload's images; a letter delivered twice finds it there."""
    found = Upload.objects.select_for_update(of=("self",)).select_related("dataset__project", "created_by")
    upload = found.filter(pk=upload_id, state=UploadState.DONE).first()
    if upload is None or UploadProposal.objects.filter(upload=upload).exists():
        return
    choice = selectors.choose(upload=upload)
    job, reason = None, choice.reason
    if choice.model is not None:
        job, reason = _start(upload, choice)
    UploadProposal.objects.create(
        upload=upload, job=job, image_count=len(choice.images), reason=reason, created_at=clock.now()
    )
    events.publish("upload.proposed", project=upload.dataset.project_id, id=upload.pk)


def sweep() -> int:
    """Look after uploads whose letter was lost; answers how many."""
    now = clock.now()
    done = Upload.objects.filter(state=UploadState.DONE, upload_proposal__isnull=True)
    lost = done.filter(updated_at__lt=now - LATE, updated_at__gt=now - TOO_LATE)
    for pk in list(lost.values_list("pk", flat=True)):
        after_upload(upload_id=pk)
    return len(lost)


def _start(upload: Upload, choice: selectors.Choice) -> tuple[Job | None, str]:
    """The job, in the name of whoever brought the images in; or the sentence that says why there is none."""
    if upload.created_by is None:
        return None, "Whoever brought the images in is gone, so nobody starts a job."
    count = len(choice.images)
    order = Order(
        kind=Kind.PREDICT,
        trained_model=choice.model,
        images=choice.images,
        name=f"Proposals on {count} new image{'' if count == 1 else 's'} of {upload.dataset.name}"[:200],
    )
    try:
        with transaction.atomic():
            return jobs.start(project=upload.dataset.project, order=order, by=upload.created_by), ""
    except CytoloopError as error:
        logger.warning("No proposals on the upload %s: %s", upload.pk, error.message)
        return None, error.message
