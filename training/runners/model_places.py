"""Where a trained model's folder lies on this machine, for a process that reads files and no storage."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from backend.foundation import storage
from training.contract.files import MODEL_CARD
from training.models import TrainedModel

FETCHED = "fetched-models"


def folder_of(*, trained_model: TrainedModel) -> Path:
    """The model's folder where storage is on this disk, else a copy of it, fetched once."""
    local = storage.local_path(trained_model.weights_key)
    if local is not None:
        return local
    copy = Path(settings.CYTOLOOP_HOME) / FETCHED / trained_model.weights_digest
    if not (copy / MODEL_CARD).exists():
        storage.download_prefix(trained_model.weights_key, copy)
    return copy
