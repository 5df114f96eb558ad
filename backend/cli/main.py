"""The console script: parse, set Django up where it is wanted, run one command."""

import importlib
import logging
import os
import sys

import django

from backend.cli.arguments import build_parser
from backend.foundation.errors import CytoloopError

# The supervisor must stay small and start at once: it needs the settings, but no tables.
WITHOUT_DJANGO = ("up", "evaluate", "engine", "prompt-model", "track")


def main() -> None:
    """What `cytoloop` runs."""
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Run one command; its exit code. A failure is one sentence on standard error."""
    arguments = build_parser().parse_args(words)
    # What it says of broken files is told once, as the refusal of the file.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    # Not a default: a variable that is left over from another project must not decide.
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    if arguments.command not in WITHOUT_DJANGO:
        django.setup()
    command = importlib.import_module(f"backend.cli.{arguments.command.replace('-', '_')}")
    try:
        return int(command.run(arguments))
    except CytoloopError as error:
        logging.getLogger(__name__).debug("refused", exc_info=True)
        sys.stderr.write(f"{error.message}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    main()
