"""`cytoloop export`: a dataset's labels as files that others read."""

import argparse
import time
import zipfile
from pathlib import Path

from annotation.models import Export, ExportFormat, ExportState, ExportWhich
from annotation.services import exports
from backend.cli import output, saying, workplace
from backend.foundation.errors import CytoloopError

LOOK_EVERY_S = 0.3


class ExportFailed(CytoloopError):
    """The export ended without files; the message says why."""


def run(arguments: argparse.Namespace) -> int:
    """Ask for the export, wait for it, unpack it."""
    place = workplace.enter(arguments.project)
    dataset = workplace.find_dataset(place, arguments.dataset)
    output.prepare(arguments.out)
    format = ExportFormat(arguments.format.upper().replace("-", "_"))
    which = ExportWhich.HEAD if arguments.drafts else ExportWhich.ACCEPTED
    with workplace.answered(), saying.bar("Exporting") as tell:
        export = exports.ask(dataset=dataset, format=format, which=which, by=place.owner)
        export = wait(export, tell)
    files = unpack(export, arguments.out)
    if export.message:
        saying.remark(export.message)
    facts = {"dataset": dataset.name, "format": format.value, "files": [str(path) for path in files]}
    sentence = f"{len(files)} files written to {arguments.out}."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 0


def wait(export: Export, tell: saying.Tell) -> Export:
    """Watch the row until it has ended; raises `ExportFailed`."""
    while True:
        export.refresh_from_db()
        tell(0.0, export.state.lower())
        if export.state == ExportState.FAILED:
            raise ExportFailed(f"The export failed. {export.message}")
        if export.state == ExportState.DONE:
            return export
        time.sleep(LOOK_EVERY_S)


def unpack(export: Export, out: Path) -> list[Path]:
    """The archive's files, below the output folder."""
    with exports.open_result(export=export) as stream, zipfile.ZipFile(stream) as archive:
        archive.extractall(out)
        return [out / name for name in archive.namelist() if not name.endswith("/")]
