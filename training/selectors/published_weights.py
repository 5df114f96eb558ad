"""Weights that others have published, put by an administrator into a folder of the data folder."""

from pathlib import Path

from django.conf import settings

FOLDER = "weights"
ENDINGS = (".pth", ".pt", ".safetensors")


def names() -> list[str]:
    """The files that may be named, sorted; empty where there is no such folder."""
    folder = Path(settings.CYTOLOOP_HOME) / FOLDER
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file())


def path_of(name: str) -> Path:
    """Where the file lies. Raises LookupError for a name that is not listed."""
    if name not in names():
        raise LookupError(f"There are no weights {name!r} in {FOLDER}/ of the data folder.")
    return Path(settings.CYTOLOOP_HOME) / FOLDER / name
