"""Reading settings from the environment: typed, and loud when a value makes no sense."""

import os
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")


class BadSetting(Exception):
    """A value that must not be started with. The message says what, where and what to do."""


class Environment:
    """The environment, asked by name and type. Empty means not set."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        """The value as it stands."""
        return self._variables.get(name, "").strip() or default

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number in `least` … `most`."""
        value = self._parsed(name, int, "a whole number")
        if value is None:
            return default
        if not least <= value <= most:
            raise BadSetting(
                f"{name} is {value}, but must lie between {least} and {most}. Correct it or unset it."
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no."""
        value = self.text(name).lower()
        if value in ("", *YES, *NO):
            return default if not value else value in YES
        raise BadSetting(f"{name} is “{value}”, but must be yes or no (1 or 0). Correct it or unset it.")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name, default).lower()
        if value not in choices:
            raise BadSetting(
                f"{name} is “{value}”, but must be one of {', '.join(choices)}. Correct it or unset it."
            )
        return value

    def words(self, name: str, default: tuple[str, ...]) -> list[str]:
        """A list with commas between."""
        value = self.text(name)
        return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)

    def url(self, name: str, schemes: tuple[str, ...]) -> SplitResult | None:
        """An address with one of these schemes and a host."""
        value = self.text(name)
        if not value:
            return None
        address = self._parsed(name, urlsplit, "an address")
        if address is None or address.scheme not in schemes:
            known = ", ".join(f"{scheme}://" for scheme in schemes)
            raise BadSetting(f"{name} must start with one of {known}. Correct it or unset it.")
        try:
            _ = address.port
        except ValueError as error:
            raise BadSetting(f"{name} has a port that is not a number. Correct it or unset it.") from error
        return address

    def _parsed(self, name: str, parse: Callable[[str], T], what: str) -> T | None:
        value = self.text(name)
        if not value:
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise BadSetting(f"{name} is “{value}”, which is not {what}. Correct it or unset it.") from error
