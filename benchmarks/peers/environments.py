"""Environments of the peers, each in `build/peers/NAME`, made when first needed, never the project's own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.sets import REPOSITORY

FOLDER = REPOSITORY / "build" / "peers"


@dataclass(frozen=True)
class Peer:
    """A package to compare with: what is installed and which script drives it."""

    name: str
    driver: str
    requirements: tuple[str, ...]


PEERS = {
    "cellpose": Peer("cellpose", "benchmarks.peers.drive_cellpose", ("torch==2.13.0", "cellpose==3.1.1.3")),
    "stardist": Peer(
        "stardist",
        "benchmarks.peers.drive_stardist",
        ("stardist==0.9.2", "tensorflow-cpu==2.21.*", "csbdeep"),
    ),
}


def python_of(peer: Peer) -> Path:
    """The peer's Python, with everything installed. Raises subprocess.CalledProcessError where pip fails."""
    home, python = FOLDER / peer.name, FOLDER / peer.name / "bin" / "python"
    stamp, wanted = home / ".installed", "\n".join(peer.requirements)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *peer.requirements], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python
