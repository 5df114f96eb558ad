"""Which code made a model: the commit of the checkout, or the version of the installed package."""

import os
import subprocess
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
UNKNOWN = "unknown"


@lru_cache(maxsize=1)
def code_version() -> str:
    """Determined once a process.

    `CYTOLOOP_CODE_VERSION` is set where images are built without the checkout.
    """
    return os.environ.get("CYTOLOOP_CODE_VERSION") or _described() or _packaged()


def _described() -> str:
    """`v1.2-3-gabc1234`, with `-dirty` when files were changed; empty outside a checkout."""
    if not (REPOSITORY / ".git").exists():
        return ""
    command = ["git", "-C", str(REPOSITORY), "describe", "--always", "--tags", "--dirty"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def _packaged() -> str:
    try:
        return version("cytoloop")
    except PackageNotFoundError:
        return UNKNOWN
