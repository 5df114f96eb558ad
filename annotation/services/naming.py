"""Saving what carries a name that may be taken."""

from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from backend.foundation.errors import Conflict

Named = TypeVar("Named", bound=models.Model)


class NameTaken(Conflict):
    """Another one of the same name is there already."""


def keep(row: Named, changes: dict[str, Any] | None = None) -> Named:
    """Save a new row, or the changed columns of an old one.

    A name that is taken is refused with a sentence; the surrounding transaction stays whole.
    """
    for name, value in (changes or {}).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=None if changes is None else list(changes))
    except IntegrityError as error:
        if "once_in" not in str(error):
            raise
        raise NameTaken(f"There is already one named “{row}” here.") from error
    return row
