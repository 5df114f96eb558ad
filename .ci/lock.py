"""Prints `name==version` for all that pyproject.toml asks for and what that needs, as installed here."""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PLATFORM_WORDS = ("platform_system", "sys_platform", "platform_machine")
LINUX = 'platform_system == "Linux"'


def walk(requirement: Requirement, only_linux: bool, found: dict[str, tuple[str, bool]]) -> None:
    """Note this requirement and everything below it; `only_linux` says that nobody asks for it elsewhere."""
    only_linux = only_linux or any(word in str(requirement.marker or "") for word in PLATFORM_WORDS)
    name = canonicalize_name(requirement.name)
    key = f"{name}[{','.join(sorted(requirement.extras))}]"
    if key in found and (only_linux or not found[key][1]):
        return
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        sys.exit(f"{name} is asked for, but not installed: pip install -e '.[dev]' first.")
    found[key] = (f"{name}=={installed.version}", only_linux)
    for line in installed.requires or []:
        below = Requirement(line)
        marker = below.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)):
            walk(below, only_linux, found)


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    found: dict[str, tuple[str, bool]] = {}
    for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        walk(Requirement(line), False, found)
    pins: dict[str, bool] = {}
    for pin, only_linux in found.values():
        pins[pin] = only_linux and pins.get(pin, True)
    sys.stdout.write("# Every package of this project, pinned. Made by `make lock` from pyproject.toml.\n")
    for pin in sorted(pins):
        sys.stdout.write(f"{pin} ; {LINUX}\n" if pins[pin] else f"{pin}\n")


if __name__ == "__main__":
    main()
