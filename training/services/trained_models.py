"""The registry: what a training left behind becomes a numbered version of a name."""

from __future__ import annotations

import hashlib
import uuid
from functools import partial
from pathlib import Path

from django.db import transaction

from annotation.models import Project
from backend.accounts.models import User
from backend.foundation import clock, events, storage
from backend.foundation.errors import Conflict, Invalid
from training.contract.files import WEIGHTS
from training.contract.results import ModelCard, RunResult
from training.models import TrainedModel
from training.policies import projects as project_policies
from training.services import jobs

# A job's trained model has an id made from the job's, so that keeping the weights twice replaces them.
NAMESPACE = uuid.UUID("5a3c1f2e-6d0b-4b1e-9f55-0f2f6f0f8d11")
HASH_CHUNK_BYTES = 1024 * 1024


class TrainedModelInUse(Conflict):
    """Something was made with this trained model, so it stays."""


class StarterStays(Conflict):
    """A starter model came with the package; it is neither deleted nor renamed."""


class NameIsEmpty(Invalid):
    """A trained model needs a name."""


def keep_weights(*, job_id: uuid.UUID | str, model_dir: Path) -> str:
    """Copy a model folder into storage; answers its key. Doing it twice is harmless."""
    key = weights_key(job_id=job_id)
    storage.upload_folder(model_dir, key)
    return key


def weights_key(*, job_id: uuid.UUID | str) -> str:
    """The folder in storage that holds what this job trained."""
    return f"models/{_id_for(job_id)}"


@transaction.atomic
def register(
    *, job_id: uuid.UUID | str, worker: str, model_dir: Path, card: ModelCard, result: RunResult
) -> TrainedModel:
    """Enter what a training job made, and end the job.

    The weights are in storage already. Raises JobTakenOver.
    """
    job = jobs.lock_held(job_id=job_id, worker=worker)
    if job.snapshot is None:
        raise ValueError(f"The training job {job_id} has no snapshot.")
    trained_model = TrainedModel.objects.create(
        id=_id_for(job_id),
        project_id=job.project_id,
        name=job.name,
        version=next_version(job.project_id, job.name),
        recipe=job.recipe,
        job=job,
        snapshot=job.snapshot,
        snapshot_digest=job.snapshot.digest,
        parent=job.init_from,
        weights_key=weights_key(job_id=job_id),
        weights_digest=_sha256(model_dir / WEIGHTS),
        size_bytes=sum(path.stat().st_size for path in model_dir.rglob("*") if path.is_file()),
        settings=card.settings,
        seed=job.seed,
        code_version=card.code_version,
        scores=result.scores or card.scores,
        summary={
            **result.summary,
            "object_size_px": card.object_size_px,
            "channels": card.channels,
            "versions": card.versions,
            "data_digest": card.data_digest,
        },
        created_by=job.created_by,
        created_at=clock.now(),
    )
    jobs.succeed(
        job_id=job_id, worker=worker, scores=trained_model.scores, message=f"Trained {trained_model}."
    )
    events.publish("trained_model.created", project=job.project_id, id=trained_model.pk)
    return trained_model


@transaction.atomic
def change(
    *, trained_model: TrainedModel, by: User, name: str | None = None, description: str | None = None
) -> TrainedModel:
    """Rename or describe.

    A new name numbers it behind the versions already there. Raises NotAllowed, NameIsEmpty, StarterStays.
    """
    project_policies.require_manager(user=by, project=trained_model.project)
    row = TrainedModel.objects.select_for_update(of=("self",)).get(pk=trained_model.pk)
    if name is not None and name.strip() != row.name:
        _refuse_starter(row, "keeps its name")
        if not name.strip():
            raise NameIsEmpty("name: a trained model needs a name.")
        row.name, row.version = name.strip(), next_version(row.project_id, name.strip())
    if description is not None:
        row.description = description
    row.save(update_fields=["name", "version", "description"])
    return row


@transaction.atomic
def delete(*, trained_model: TrainedModel, by: User) -> None:
    """Delete a model that nothing was made with, and its weights. Raises NotAllowed, TrainedModelInUse,
    StarterStays."""
    project_policies.require_manager(user=by, project=trained_model.project)
    row = TrainedModel.objects.select_for_update(of=("self",)).get(pk=trained_model.pk)
    _refuse_starter(row, "stays")
    uses = {
        "predictions": row.predictions.count(),
        "jobs": row.uses.count() + row.continuations.count() + row.linkings.count(),
        "models": row.children.count(),
        "promotions": row.promotions.count(),
        "rules for new images": row.proposal_rules.count(),
    }
    if any(uses.values()):
        told = ", ".join(f"{count} {what}" for what, count in uses.items() if count)
        raise TrainedModelInUse(f"{row} stays, because it was used: {told}.", **uses)
    transaction.on_commit(partial(storage.delete_prefix, row.weights_key))
    transaction.on_commit(partial(storage.delete_prefix, f"leaving/{row.pk}"))
    row.delete()


def _refuse_starter(row: TrainedModel, what: str) -> None:
    if row.starter:
        raise StarterStays(
            f"{row} is a starter model, which every project has, so it {what}; continue from it in a "
            "training to have one of your own."
        )


def _id_for(job_id: uuid.UUID | str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, str(job_id))


def next_version(project_id: uuid.UUID, name: str) -> int:
    """The number of a new model of this name; the project is locked until the transaction ends."""
    # Two jobs that end at once must not take the same number.
    Project.objects.select_for_update(of=("self",)).get(pk=project_id)
    newest = TrainedModel.objects.filter(project_id=project_id, name=name).order_by("-version").first()
    return newest.version + 1 if newest else 1


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
