"""The tables of the training app."""

from training.models.atlases import Atlas, AtlasImage, AtlasPoint, Labelling
from training.models.cross_validations import CrossValidation
from training.models.evaluations import Comparison, Evaluation, EvaluationFault, EvaluationItem
from training.models.jobs import Job, JobPicture, JobPoint, JobTarget
from training.models.predicted_images import PredictedImage
from training.models.predictions import Correction, Prediction
from training.models.promotions import Promotion, PromotionRule
from training.models.proposing import ProposalRule, UploadProposal
from training.models.searches import Search, Trial
from training.models.snapshots import Snapshot, SnapshotItem
from training.models.trackings import Tracking
from training.models.trained_models import TrainedModel

__all__ = [
    "Atlas",
    "AtlasImage",
    "AtlasPoint",
    "Comparison",
    "Correction",
    "CrossValidation",
    "Evaluation",
    "EvaluationFault",
    "EvaluationItem",
    "Job",
    "JobPicture",
    "JobPoint",
    "JobTarget",
    "Labelling",
    "PredictedImage",
    "Prediction",
    "Promotion",
    "PromotionRule",
    "ProposalRule",
    "Search",
    "Snapshot",
    "SnapshotItem",
    "Tracking",
    "TrainedModel",
    "Trial",
    "UploadProposal",
]
