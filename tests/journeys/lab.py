"""A lab that does everything over HTTP: the words of the loop, so that a journey reads as one."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from rest_framework.test import APIClient

from annotation.core import simulation, tiles
from tests.conftest import Outbox

FIELD_PX = 96
# The smallest net that can be trained, so that a journey takes seconds.
TINY = {"width": "small", "crop_px": 64, "batch": 2, "flips": False}
SECONDS = 1 / 60


@dataclass
class Lab:
    """Mia manages, Ben labels, Cleo reviews; letters are carried by `outbox`."""

    mia: APIClient
    ben: APIClient
    cleo: APIClient
    outbox: Outbox
    team: str
    project: str = ""
    dataset: str = ""

    def open_project(self) -> None:
        """A project with one dataset."""
        self.project = told(self.mia.post("/api/v1/projects/", {"team": self.team, "name": "Loop"}), 201)[
            "id"
        ]
        body = {"project": self.project, "name": "fields"}
        self.dataset = told(self.mia.post("/api/v1/datasets/", body), 201)["id"]

    def upload(self, files: dict[str, bytes]) -> dict[str, Any]:
        """Announce, send, finish, wait for the import."""
        body = {"files": [{"path": path, "size": len(content)} for path, content in files.items()]}
        upload = told(self.mia.post(f"/api/v1/datasets/{self.dataset}/uploads/", body), 201)
        for file in upload["files"]:
            self._send(upload, file, files[file["path"]])
        told(self.mia.post(f"/api/v1/uploads/{upload['id']}/finish/"), 202)
        self.outbox.deliver()
        return dict(told(self.mia.get(f"/api/v1/uploads/{upload['id']}/"), 200))

    def _send(self, upload: dict[str, Any], file: dict[str, Any], content: bytes) -> None:
        for start in range(0, len(content), upload["chunk_bytes"]):
            chunk = content[start : start + upload["chunk_bytes"]]
            address = f"/api/v1/uploads/{upload['id']}/files/{file['id']}/chunks/{start}/"
            headers = {"X-Sha256": hashlib.sha256(chunk).hexdigest()}
            answer = self.mia.put(address, chunk, content_type="application/octet-stream", headers=headers)
            told(answer, 200)

    def images(self) -> list[dict[str, Any]]:
        """The images of the dataset, by name."""
        return list(told(self.mia.get(f"/api/v1/images/?dataset={self.dataset}"), 200)["results"])

    def accept_heads(self) -> None:
        """Cleo accepts what was brought in."""
        for image in self.images():
            branch = image["current_branch"]
            if image["labelled"]:
                body = {"number": branch["head_number"]}
                told(self.cleo.post(f"/api/v1/branches/{branch['id']}/accept/", body), 200)

    def freeze(self, name: str) -> dict[str, Any]:
        """A snapshot of all that is accepted."""
        body = {"project": self.project, "name": name, "dataset_ids": [self.dataset]}
        return dict(told(self.mia.post("/api/v1/snapshots/", body), 201))

    def order(self, **asked: Any) -> dict[str, Any]:
        """A job that waits."""
        return dict(told(self.mia.post("/api/v1/jobs/", {"project": self.project, **asked}), 201))

    def run(self, **asked: Any) -> dict[str, Any]:
        """A job, from the order to its end."""
        job = self.order(**asked)
        self.outbox.deliver()
        return self.job(job["id"])

    def train(self, snapshot: dict[str, Any], *, seconds: float, **asked: Any) -> dict[str, Any]:
        """Train the real recipe for some seconds; answers the job."""
        return self.run(**self.training(snapshot, seconds=seconds, **asked))

    def training(self, snapshot: dict[str, Any], *, seconds: float, **asked: Any) -> dict[str, Any]:
        """What to order for a training of some seconds."""
        return {
            "kind": "TRAIN", "recipe": "instances", "snapshot": snapshot["id"], "settings": TINY,
            "name": "loop",
            "minutes": seconds * SECONDS, **asked,
        }  # fmt: skip

    def job(self, pk: str) -> dict[str, Any]:
        """A job as it stands."""
        return dict(told(self.mia.get(f"/api/v1/jobs/{pk}/"), 200))

    def model(self, pk: str) -> dict[str, Any]:
        """A trained model as the registry shows it."""
        return dict(told(self.mia.get(f"/api/v1/trained-models/{pk}/"), 200))

    def draw_cell(self, branch: str, mask: NDArray[np.bool_]) -> int:
        """Ben draws one cell in frame 0; answers its id."""
        cell = told(self.ben.post(f"/api/v1/branches/{branch}/cell-ids/", {"count": 1}), 200, 201)["first"]
        head = told(self.ben.get(f"/api/v1/branches/{branch}/"), 200)["head_number"]
        facts = {"class": None, "mother": None, "quality": None}
        edit = {
            "id": str(uuid.uuid4()), "tool": "brush",
            "pixels": [{"t": 0, "z": 0, "cell": cell, "add": list(runs_of(mask)), "remove": []}],
            "cells": [{"cell": cell, "before": None, "after": facts}],
        }  # fmt: skip
        body = {"batch_id": str(uuid.uuid4()), "base": head, "edits": [edit], "on_conflict": "REFUSE"}
        told(self.ben.post(f"/api/v1/branches/{branch}/revisions/", body), 201)
        return int(cell)

    def frame(self, branch: str, *, revision: int | None = None) -> NDArray[np.uint32]:
        """Frame 0 of a branch as planes (p, y, x), read as the editor reads it."""
        query = f"?t=0&z=0{'' if revision is None else f'&revision={revision}'}"
        answer = self.ben.get(f"/api/v1/branches/{branch}/labels/{query}")
        assert answer.status_code == 200
        frame = tiles.decode_frame(b"".join(answer))
        contents = {(tile.ty, tile.tx): tiles.unpack(tile.content) for tile in frame.tiles}
        return tiles.planes_of_tiles(contents, FIELD_PX, FIELD_PX)


def told(answer: Any, *expected: int) -> Any:
    """The answer's body, once it was the answer that was expected."""
    assert answer.status_code in expected, (answer.status_code, answer.content[:2000])
    return answer.json()


def runs_of(mask: NDArray[np.bool_]) -> Iterator[int]:
    """`y, x, n` of every run of a mask, row by row."""
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield from (y, int(start), int(end - start))


def labelled_fields(count: int) -> dict[str, bytes]:
    """Simulated fields of one frame with their exact labels, as TIFFs: `a.tif` beside `a_labels.tif`."""
    files: dict[str, bytes] = {}
    for seed in range(count):
        movie = simulate(seed)
        files[f"field_{seed}.tif"] = tiff(movie.image[0, :, 0], axes="CYX")
        files[f"field_{seed}_labels.tif"] = tiff(movie.labels[0, 0].astype(np.uint16), axes="YX")
    return files


def simulate(seed: int) -> simulation.Movie:
    """One small field."""
    return simulation.simulate_movie(seed=seed, frames=1, height=FIELD_PX, width=FIELD_PX, cells=8)


def tiff(array: NDArray[Any], *, axes: str) -> bytes:
    """An OME-TIFF in memory."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, ome=True, metadata={"axes": axes}, photometric="minisblack")
    return stream.getvalue()
