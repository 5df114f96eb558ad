"""What `cytoloop predict` writes for a model that makes maps of cells: `map.csv` and `vectors.npy`."""

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.models import Image
from backend.cli import saying
from backend.foundation import storage
from training.models import Atlas, Job, TrainedModel
from training.selectors import atlases

TABLE, VECTORS = "map.csv", "vectors.npy"
Columns = dict[str, NDArray[Any]]


def tell(
    *,
    job: Job,
    model: TrainedModel,
    images: Mapping[str, Image],
    refused: Sequence[Path],
    arguments: argparse.Namespace,
) -> int:
    """Write the map of all inputs together, and say it; the exit code. `images` by the name that they have in
    the table.
    """
    atlas = Atlas.objects.get(job=job)
    ids, columns = read_columns(atlases.columns(atlas=atlas))
    names = {str(image.pk): name for name, image in images.items()}
    write_table(arguments.out / TABLE, [names.get(each, each) for each in ids], columns)
    vectors = np.frombuffer(storage.get(f"{atlas.folder}/{atlases.VECTORS}"), "<f4")
    np.save(arguments.out / VECTORS, vectors.reshape(atlas.point_count, -1))
    facts = {
        "model": {"id": model.pk, "name": model.name, "version": model.version},
        "map": {"id": atlas.pk, "cells": atlas.point_count, "groups": atlas.group_count},
        "outputs": [str(arguments.out / name) for name in (TABLE, VECTORS)],
        "refused": [str(path) for path in refused],
    }
    sentence = (
        f"A map of {atlas.point_count} cells on {len(images)} images in {atlas.group_count} groups, "
        f"written to {arguments.out}: {TABLE}, and {VECTORS} with a row for each of its lines."
    )
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 1 if refused else 0


def read_columns(content: bytes) -> tuple[list[str], Columns]:
    """(ids of the images, columns by name) as `services.atlases.pack` wrote them."""
    size = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + size])
    columns = {
        row["name"]: np.frombuffer(content, "<" + row["dtype"], head["count"], 4 + size + row["at"])
        for row in head["columns"]
    }
    return [row["id"] for row in head["images"]], columns


def write_table(path: Path, names: Sequence[str], columns: Columns) -> None:
    """One line a cell; the image by its name, numbers with six digits."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            cells = [f"{value:.6g}" if isinstance(value, float) else value for value in row[1:]]
            table.writerow([names[row[0]], *cells])
