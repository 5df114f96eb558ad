"""What lies beside the data of a release: how to cite it (CITATION.cff), what it is (README.md), and the list
of its images and files (release.json)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from annotation.models import Release
from annotation.selectors import releases as selectors

CITE_VERSION = "1.2.0"
CITATION, CARD, MANIFEST = "CITATION.cff", "README.md", "release.json"


def citation(
    *, title: str, version: str, notes: str, licence: str, authors: Sequence[Mapping[str, str]], digest: str,
    at: datetime,
) -> str:  # fmt: skip
    """A CITATION.cff of the Citation File Format 1.2.0 for a dataset."""
    said: dict[str, Any] = {
        "cff-version": CITE_VERSION,
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": title,
        "version": version,
        "date-released": f"{at:%Y-%m-%d}",
        "authors": [_author(author) for author in authors] or [{"name": "The annotators"}],
        "identifiers": [
            {"type": "other", "value": f"sha256:{digest}", "description": "Digest over all contents"}
        ],
    }
    if licence:
        said["license"] = licence
    if notes:
        said["abstract"] = notes
    return str(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100))


def _author(author: Mapping[str, str]) -> dict[str, str]:
    """A person by family name, else an entity by name."""
    known = {
        "family-names": author.get("family_names", ""),
        "given-names": author.get("given_names", ""),
        "name": author.get("name", "") if not author.get("family_names") else "",
        "affiliation": author.get("affiliation", ""),
        "orcid": author.get("orcid", ""),
    }
    return {name: value for name, value in known.items() if value}


def card(
    *, title: str, version: str, notes: str, licence: str, authors: Sequence[Mapping[str, str]], digest: str,
    at: datetime, counts: Mapping[str, Any], project: str, dataset: str,
) -> str:  # fmt: skip
    """The README.md of a release: contents, classes, who and what made the labels, licence, how to cite."""
    names = ", ".join(_shown(author) for author in authors) or "the annotators"
    lines = [
        f"# {title}", "",
        f"Version **{version}** of {at:%Y-%m-%d}, from the dataset “{dataset}” of the project “{project}”.",
        "",
        *([notes, ""] if notes else []),
        "## Contents", "",
        "| | |", "| --- | ---: |",
        f"| images | {counts['images']} |",
        f"| frames and slices | {counts['planes']} |",
        f"| cells | {counts['cells']} |",
        f"| images whose labels a reviewer accepted | {counts['accepted']} |", "",
        "## Classes", "",
        *_classes(counts["classes"]), "",
        "## Who made the labels", "",
        f"People: {', '.join(counts['people']) or 'none named'}.", "",
        f"Models that had a part in it: {', '.join(counts['models']) or 'none'}.", "",
        "## Licence and citation", "",
        f"{licence or 'No licence was named; ask the authors before using it.'}", "",
        f"By {names}. How to cite is in `CITATION.cff`.", "",
        "## Is it whole?", "",
        f"The digest over all contents (SHA-256) is `{digest}`. `release.json` lists every image with the "
        "digest of its pixels and of its labels, and every file of this package with its own.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _shown(author: Mapping[str, str]) -> str:
    if author.get("family_names"):
        return f"{author.get('given_names', '')} {author['family_names']}".strip()
    return author.get("name", "")


def _classes(counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return ["No cell has a class."]
    rows = [f"| {name or 'without a class'} | {count} |" for name, count in counts.items()]
    return ["| class | cells |", "| --- | ---: |", *rows]


# ---------------------------------------------------------------- in the package


def write_papers(*, release: Release, folder: Path) -> None:
    """CITATION.cff, README.md and release.json beside the labels in `folder`."""
    (folder / CITATION).write_text(release.citation, encoding="utf-8")
    (folder / CARD).write_text(release.card, encoding="utf-8")
    manifest = {
        "name": release.name, "title": release.title, "digest": release.digest,
        "released_at": release.created_at.isoformat(), "licence": release.licence, "classes": release.classes,
        "counts": release.counts,
        "images": [
            {
                "name": item.name, "revision": item.revision.number, "pixels_sha256": item.image_sha256,
                "labels_sha256": item.labels_sha256, "cells": item.cell_count, **item.facts,
            }
            for item in selectors.list_items(release=release)
        ],
        "files": _files(folder),
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


def _files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by its place."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
