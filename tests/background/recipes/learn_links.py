"""A tiny trained linker: it looks that its weights and the settings of its training were brought, and then
links like the tiny linker.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.background.recipes import link
from training.contract.files import ExitCode, RunFolder
from training.contract.linking import Lineage


def main(folder: RunFolder, behaviour: str) -> ExitCode:
    """One run."""
    spec = folder.read_spec()
    assert (Path(str(spec.model_dir)) / "weights.safetensors").read_bytes() == b"weights"
    assert (spec.settings["width"], spec.settings["division_bias"]) == ("small", 1.5)
    code = link.main(folder, behaviour)
    for line in folder.read_manifest():
        place = folder.output_lineage(line.image_id)
        replace(Lineage.read(place), linker="learned").write(place)
    return code


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1])), os.environ.get("CYTOLOOP_TEST_RECIPE", "work")))
