"""Reading one typed field out of a JSON object, or saying plainly what is wrong with it."""

import math
from collections.abc import Mapping
from typing import Any

from training.contract.errors import ContractError

JsonObject = dict[str, Any]


class FieldReader:
    """Reads typed fields of one JSON object; every refusal names the field and the place."""

    def __init__(self, data: object, *, where: str, error: type[ContractError]) -> None:
        """`where` is what the sentences call the object, `error` what a refusal raises."""
        self.where, self.error = where, error
        if not isinstance(data, Mapping):
            raise error(f"{where} must be a JSON object, not {type(data).__name__}.")
        self.data: Mapping[str, Any] = data

    def refuse(self, name: str, wanted: str) -> ContractError:
        """The error that says which field should have been what."""
        found = "is missing" if name not in self.data else f"is {self.data[name]!r}"
        return self.error(f"{self.where}: “{name}” {found}; it must be {wanted}.")

    def text(self, name: str, *, empty: bool = False) -> str:
        """A string, not empty unless allowed."""
        value = self.data.get(name)
        if not isinstance(value, str) or not (value or empty):
            raise self.refuse(name, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, or None when it is null or missing."""
        return None if self.data.get(name) is None else self.text(name)

    def integer(self, name: str, *, at_least: int, default: int | None = None) -> int:
        """A whole number ≥ `at_least`; `default` stands in for a missing one."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            raise self.refuse(name, f"a whole number of at least {at_least}")
        return value

    def optional_integer(self, name: str, *, at_least: int) -> int | None:
        """A whole number ≥ `at_least`, or None when it is null or missing."""
        return None if self.data.get(name) is None else self.integer(name, at_least=at_least)

    def number(self, name: str, *, at_least: float | None = None, at_most: float | None = None) -> float:
        """A finite number within the bounds."""
        value = self.data.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse(name, f"a number{_range(at_least, at_most)}")
        if (at_least is not None and value < at_least) or (at_most is not None and value > at_most):
            raise self.refuse(name, f"a number{_range(at_least, at_most)}")
        return float(value)

    def optional_number(
        self, name: str, *, at_least: float | None = None, at_most: float | None = None
    ) -> float | None:
        """A number within the bounds, or None when it is null or missing."""
        missing = self.data.get(name) is None
        return None if missing else self.number(name, at_least=at_least, at_most=at_most)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.data.get(name)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def table(self, name: str) -> JsonObject:
        """A JSON object; a missing one is empty."""
        value = self.data.get(name, {})
        if not isinstance(value, Mapping):
            raise self.refuse(name, "a JSON object")
        return dict(value)

    def items(self, name: str) -> list[Any]:
        """A JSON list; a missing one is empty."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self.refuse(name, "a list")
        return value


def _range(at_least: float | None, at_most: float | None) -> str:
    low = "" if at_least is None else f" of at least {at_least:g}"
    high = "" if at_most is None else f" of at most {at_most:g}"
    return f"{low}{' and' if low and high else ''}{high}"
