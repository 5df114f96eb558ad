"""The families of what can go wrong. No status codes here: only `http` knows those."""

import re
from typing import Any


def snake_case(name: str) -> str:
    """`StaleRevision` → `stale_revision`, `OMEMissing` → `ome_missing`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class CytoloopError(Exception):
    """Something a person can be told in one sentence; `details` travel along in the answer."""

    code: str = ""

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = snake_case(cls.__name__)


class NotAllowed(CytoloopError):
    """The object may be seen, but this may not be done to it."""


class NotFound(CytoloopError):
    """There is no such thing, or not for this person: the same answer for both."""


class Conflict(CytoloopError):
    """The request makes sense, but the world has moved on."""


class Invalid(CytoloopError):
    """The request makes no sense; the message says what, where and what to do."""


class Unavailable(CytoloopError):
    """A part of the house that is needed for this does not run at the moment."""


class TooMany(CytoloopError):
    """Too often in too short a time."""
