"""What the tests of training by REST begin with: one of everything, and requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from annotation.models import Image
from backend.accounts.models import User
from training.models import Job, Prediction, Snapshot, TrainedModel

ClientOf = Callable[[User | None], APIClient]
AT = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Bench:
    """One of everything, in Ana's lab."""

    snapshot: Snapshot
    model: TrainedModel
    job: Job
    prediction: Prediction
    image: Image

    @property
    def project(self) -> str:
        return str(self.snapshot.project_id)


def call(client: APIClient, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return getattr(client, method)(f"/api/v1/{path}", body)


def rule(bench: Bench, **changes: Any) -> dict[str, Any]:
    dataset = bench.image.dataset_id
    return {"project": bench.project, "dataset_ids": [str(dataset)], **changes}


def training(bench: Bench, **changes: Any) -> dict[str, Any]:
    return {
        "project": bench.project, "kind": "TRAIN", "recipe": "instances", "snapshot": str(bench.snapshot.pk),
        "name": "nuclei", "minutes": 5, **changes,
    }  # fmt: skip
