"""`cytoloop releases`: named states of a dataset that never change: listed, made, downloaded, proved."""

import argparse

from annotation.models import Dataset, ExportFormat, ExportWhich, Release
from annotation.selectors import releases as reading
from annotation.services import exports, releases
from backend.cli import export as exporting
from backend.cli import output, saying, workplace
from backend.cli.workplace import Workplace
from backend.foundation.errors import CytoloopError, Invalid, NotFound


class NoSuchRelease(NotFound):
    """The dataset has no release of this name."""


class NameNeeded(Invalid):
    """This is done to one release, or makes one: it must be named."""


class NotWhole(CytoloopError):
    """What is there is not what was released."""


def run(arguments: argparse.Namespace) -> int:
    """List, make, download or verify."""
    place = workplace.enter(arguments.project)
    dataset = workplace.find_dataset(place, arguments.dataset)
    if arguments.action != "list" and not arguments.name:
        raise NameNeeded("Name the release with --name.")
    actions = {"list": _list, "make": _make, "download": _download, "verify": _verify}
    actions[arguments.action](arguments, place, dataset)
    return 0


def _facts(release: Release) -> dict[str, object]:
    counts = {name: release.counts.get(name, 0) for name in ("images", "cells")}
    return {"name": release.name, "digest": release.digest, "created_at": release.created_at, **counts}


def _line(release: Release) -> str:
    at = release.created_at.date().isoformat()
    cells, images = release.counts.get("cells", 0), release.counts.get("images", 0)
    return f"{release.name}  {at}  {images} images, {cells} cells  sha256:{release.digest}"


def _list(arguments: argparse.Namespace, place: Workplace, dataset: Dataset) -> None:
    found = list(reading.list_releases(dataset=dataset, user=place.owner))
    facts = {"dataset": dataset.name, "releases": [_facts(one) for one in found]}
    lines = [_line(one) for one in found] or [f"{dataset.name} has no release yet."]
    saying.answer(as_json=arguments.json, facts=facts, sentence="\n".join(lines))


def _make(arguments: argparse.Namespace, place: Workplace, dataset: Dataset) -> None:
    which = ExportWhich.HEAD if arguments.drafts else ExportWhich.ACCEPTED
    said = {"title": arguments.title, "notes": arguments.notes, "licence": arguments.licence}
    made = releases.make(dataset=dataset, name=arguments.name, which=which, by=place.owner, **said)
    saying.answer(as_json=arguments.json, facts=_facts(made), sentence=_line(made))


def _download(arguments: argparse.Namespace, place: Workplace, dataset: Dataset) -> None:
    release = _find(place, dataset, arguments.name)
    output.prepare(arguments.out)
    format = ExportFormat(arguments.format.upper().replace("-", "_"))
    with workplace.answered(), saying.bar("Writing the package") as tell:
        package = exports.ask_release(release=release, format=format, by=place.owner)
        package = exporting.wait(package, tell)
    files = exporting.unpack(package, arguments.out)
    facts = {**_facts(release), "format": format.value, "files": [str(path) for path in files]}
    sentence = f"{len(files)} files of {release.name} written to {arguments.out}."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)


def _verify(arguments: argparse.Namespace, place: Workplace, dataset: Dataset) -> None:
    """Read every label again; fails where the digest is another one."""
    release = _find(place, dataset, arguments.name)
    proof = reading.prove(release=release)
    if not proof.is_whole:
        images = ", ".join(proof.differing) or "its list"
        raise NotWhole(f"{release.name} is not what was released: {images}. Its digest is now {proof.found}.")
    facts = {**_facts(release), "found": proof.found, "whole": True}
    sentence = f"{release.name} is what was released: sha256:{proof.found}."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)


def _find(place: Workplace, dataset: Dataset, name: str) -> Release:
    rows = reading.list_releases(dataset=dataset, user=place.owner)
    found = rows.filter(name=name).first()
    if found is None:
        known = ", ".join(rows.values_list("name", flat=True)) or "none"
        raise NoSuchRelease(f"{dataset.name} has no release “{name}”. There are: {known}.")
    return found
