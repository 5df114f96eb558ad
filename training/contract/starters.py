"""`starter.json`: what is told of a starter model, for the engine that writes it and the product that shows
it.

A starter model is a folder of `training/starter_models/`: the weights and `model.json` as every trained model
has them, `starter.json`, the same as text in `README.md`, and `picture.png`, what its proposals look like.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.contract.errors import ContractError
from training.contract.fields import FieldReader, JsonObject
from training.contract.files import MODEL_CARD, WEIGHTS

FORMAT = 1
FACTS, PICTURE, README = "starter.json", "picture.png", "README.md"
SHIPPED = Path(__file__).resolve().parent.parent / "starter_models"
"""The starter models that come with the package, a folder each."""
MODEL_FILES = (WEIGHTS, MODEL_CARD, FACTS, PICTURE, README)


class InvalidStarter(ContractError):
    """A folder is no starter model."""


@dataclass(frozen=True, kw_only=True)
class StarterFacts:
    """`data`: {name, source, licence, cite, images, cells} of each set learned from. `scores`: {name: {value,
    low, high}} pooled over the held-out pictures, the interval by pictures. `kinds`: the same pictures by
    kind, {kind, pictures, cells, ap50, ap75, ap90}. `elsewhere`: pictures of other origin, of which nothing
    was learned, {name, what, caveat, pictures, cells, ap50, ap75, ap90}.
    """

    name: str
    title: str
    purpose: str
    data: Sequence[JsonObject]
    scores: JsonObject
    kinds: Sequence[JsonObject]
    elsewhere: Sequence[JsonObject]
    limits: Sequence[str]
    licence: str
    cpu_minutes: float
    parameters: int
    format: int = FORMAT

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return asdict(self)

    @staticmethod
    def from_json(data: object) -> "StarterFacts":
        """Reads starter.json. Raises InvalidStarter."""
        read = FieldReader(data, where=FACTS, error=InvalidStarter)
        if read.integer("format", at_least=1, default=FORMAT) != FORMAT:
            raise read.refuse("format", f"{FORMAT}, the only format this version reads")
        return StarterFacts(
            name=read.text("name"),
            title=read.text("title"),
            purpose=read.text("purpose"),
            data=list(read.items("data")),
            scores=read.table("scores"),
            kinds=list(read.items("kinds")),
            elsewhere=list(read.items("elsewhere")),
            limits=[str(limit) for limit in read.items("limits")],
            licence=read.text("licence"),
            cpu_minutes=read.number("cpu_minutes"),
            parameters=read.integer("parameters", at_least=1),
        )


def shipped(folder: Path = SHIPPED) -> dict[str, Path]:
    """Name → folder of every starter model that comes with the package, by name."""
    if not folder.is_dir():
        return {}
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FACTS}"))}


def read_facts(folder: Path) -> StarterFacts:
    """What is told of one starter model. Raises InvalidStarter."""
    try:
        return StarterFacts.from_json(json.loads((folder / FACTS).read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        raise InvalidStarter(
            f"{FACTS} of the starter model {folder.name} cannot be read: {problem}"
        ) from None
