"""The tables of the annotation office, one file a subject."""

from annotation.models.alerts import AlertDismissal
from annotation.models.campaigns import (
    Campaign,
    CampaignState,
    CrowdAnswer,
    CrowdFit,
    CrowdItem,
    CrowdWorker,
    ItemKind,
    ItemUse,
    WorkerState,
)
from annotation.models.comments import Comment, Place
from annotation.models.crowd_drafts import CrowdDraft, CrowdStitching, Doubt, StitchingState
from annotation.models.datasets import Dataset
from annotation.models.exports import Export, ExportFormat, ExportState, ExportWhich
from annotation.models.grants import GRANTED, ProjectMember
from annotation.models.images import Image, ImageState
from annotation.models.labels import (
    Branch,
    CellHead,
    CellState,
    CellTile,
    EditRecord,
    Origin,
    Revision,
    RevisionKind,
    Tile,
    TileHead,
)
from annotation.models.links import Linking
from annotation.models.notifications import MailChoice, MailRhythm, Notification, NotificationKind
from annotation.models.projects import ClassRule, LabelClass, Project
from annotation.models.releases import Release, ReleaseItem
from annotation.models.review_rules import OwnWork, ReviewRule
from annotation.models.reviews import Note, Review, Verdict
from annotation.models.schemas import AttributeKind, CellAttribute, SchemaVersion
from annotation.models.standing_rules import StandingRule
from annotation.models.tasks import Task, TaskKind, TaskState
from annotation.models.uploads import Upload, UploadFile, UploadFileState, UploadState
from annotation.models.webhooks import Delivery, DeliveryState, Webhook

__all__ = [
    "GRANTED",
    "AlertDismissal",
    "AttributeKind",
    "Branch",
    "Campaign",
    "CampaignState",
    "CellAttribute",
    "CellHead",
    "CellState",
    "CellTile",
    "ClassRule",
    "Comment",
    "CrowdAnswer",
    "CrowdDraft",
    "CrowdFit",
    "CrowdItem",
    "CrowdStitching",
    "CrowdWorker",
    "Dataset",
    "Delivery",
    "DeliveryState",
    "Doubt",
    "EditRecord",
    "Export",
    "ExportFormat",
    "ExportState",
    "ExportWhich",
    "Image",
    "ImageState",
    "ItemKind",
    "ItemUse",
    "LabelClass",
    "Linking",
    "MailChoice",
    "MailRhythm",
    "Note",
    "Notification",
    "NotificationKind",
    "Origin",
    "OwnWork",
    "Place",
    "Project",
    "ProjectMember",
    "Release",
    "ReleaseItem",
    "Review",
    "ReviewRule",
    "Revision",
    "RevisionKind",
    "SchemaVersion",
    "StandingRule",
    "StitchingState",
    "Task",
    "TaskKind",
    "TaskState",
    "Tile",
    "TileHead",
    "Upload",
    "UploadFile",
    "UploadFileState",
    "UploadState",
    "Verdict",
    "Webhook",
    "WorkerState",
]
