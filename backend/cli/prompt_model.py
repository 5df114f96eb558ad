"""`cytoloop prompt-model`: a team's larger click-to-segment model comes, is shown, or goes. The engine
process sees it at the next click; nothing is started again.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from backend import settings
from backend.foundation.errors import Invalid, NotFound
from training.contract.errors import ContractError
from training.contract.prompting import CONTRACT, DECODER, ENCODER, WHOLE, digest_of, read_model
from training.contract.socket_words import LARGER_FOLDER


class NoModelFolder(Invalid):
    """The folder does not hold what is needed."""


class NothingInstalled(NotFound):
    """There is no larger model."""


def run(arguments: argparse.Namespace) -> int:
    """Install, show or remove."""
    place = settings.CYTOLOOP_HOME / LARGER_FOLDER
    if arguments.action == "install":
        return _install(arguments.folder, place)
    if not (place / CONTRACT).is_file():
        raise NothingInstalled("No larger click-to-segment model is installed; the pages use their own.")
    model = read_model(place)
    if arguments.action == "remove":
        # The contract first: without it nobody opens the rest.
        (place / CONTRACT).unlink()
        shutil.rmtree(place)
    sys.stdout.write(
        f"{model.name} ({model.digest[:12]}){' removed' if arguments.action == 'remove' else ''}\n"
    )
    return 0


def _install(folder: Path | None, place: Path) -> int:
    if folder is None or not folder.is_dir():
        raise NoModelFolder(f"Name a folder with {ENCODER}, {DECODER} and {CONTRACT}.")
    try:
        words = {"format": 1, "kind": WHOLE, **json.loads((folder / CONTRACT).read_text(encoding="utf-8"))}
        digest = digest_of(folder)
    except (OSError, ValueError) as error:
        raise NoModelFolder(f"{folder} is no click-to-segment model: {error}") from error
    if words.get("digest", digest) != digest:
        raise NoModelFolder(f"The files in {folder} are not those that its {CONTRACT} speaks of.")
    words = {"name": folder.name, **words, "digest": digest}
    place.mkdir(parents=True, exist_ok=True)
    (place / CONTRACT).unlink(missing_ok=True)
    for name in (ENCODER, DECODER):
        shutil.copyfile(folder / name, place / name)
    part = place / f"{CONTRACT}.part"
    part.write_text(json.dumps(words, indent=1), encoding="utf-8")
    try:
        part.replace(place / CONTRACT)
        model = read_model(place)
    except ContractError as error:
        (place / CONTRACT).unlink(missing_ok=True)
        raise NoModelFolder(str(error)) from error
    sys.stdout.write(f"{model.name} ({model.digest[:12]}) is installed.\n")
    return 0
