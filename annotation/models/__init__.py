"""The tables of the annotation office, one file a subject."""

from annotation.models.datasets import Dataset
from annotation.models.exports import Export, ExportFormat, ExportState, ExportWhich
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
from annotation.models.projects import LabelClass, Project
from annotation.models.releases import Release, ReleaseItem
from annotation.models.reviews import Note, Review, Verdict
from annotation.models.tasks import Task, TaskKind, TaskState
from annotation.models.uploads import Upload, UploadFile, UploadFileState, UploadState

__all__ = [
    "Branch",
    "CellHead",
    "CellState",
    "CellTile",
    "Dataset",
    "EditRecord",
    "Export",
    "ExportFormat",
    "ExportState",
    "ExportWhich",
    "Image",
    "ImageState",
    "LabelClass",
    "Linking",
    "Note",
    "Origin",
    "Project",
    "Release",
    "ReleaseItem",
    "Review",
    "Revision",
    "RevisionKind",
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
]
