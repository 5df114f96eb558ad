"""Who made a revision: a person, or a trained model that annotation knows only by name."""

from dataclasses import dataclass
from uuid import UUID

from backend.accounts.models import User


@dataclass(frozen=True, slots=True)
class ModelAuthor:
    """A trained model, as its registry names it, or a method that was never trained and has no id."""

    id: UUID | None
    name: str


Author = User | ModelAuthor | None
