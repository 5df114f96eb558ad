"""The tables of the training app."""

from training.models.jobs import Job, JobPicture, JobPoint, JobTarget
from training.models.predictions import Correction, Prediction
from training.models.snapshots import Snapshot, SnapshotItem
from training.models.trained_models import TrainedModel

__all__ = [
    "Correction",
    "Job",
    "JobPicture",
    "JobPoint",
    "JobTarget",
    "Prediction",
    "Snapshot",
    "SnapshotItem",
    "TrainedModel",
]
