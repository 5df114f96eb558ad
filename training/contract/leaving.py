"""What is said of a model that leaves the house: by which form, and the facts that travel with it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from training.contract.errors import ContractError
from training.contract.fields import FieldReader, JsonObject


class Form(StrEnum):
    """How a model leaves."""

    ONNX = "onnx"
    BIOIMAGEIO = "bioimageio"
    CONTAINER = "container"


LICENCES = ("CC-BY-4.0", "CC0-1.0", "BSD-3-Clause", "MIT", "Apache-2.0")
"""Under which a model may be passed on, by their SPDX names; the first is what bioimage.io asks for."""


class InvalidFacts(ContractError):
    """The facts of a model are incomplete."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the registry knows of a model and its files do not.

    `made_at` is an ISO time, `learned_from` a sentence on the data, `code_version` that of what wrote the
    files. `reads` are words for what the model has learned from, by which it knows channels (see
    `contract.reading.choose`).
    """

    name: str
    version: int = 1
    description: str = ""
    author: str = ""
    licence: str = LICENCES[0]
    made_at: str = ""
    learned_from: str = ""
    snapshot: str = ""
    identity: str = ""
    code_version: str = ""
    scores: JsonObject = field(default_factory=dict)
    reads: Sequence[str] = ()

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return {**asdict(self), "reads": list(self.reads)}

    @staticmethod
    def from_json(data: object) -> "Facts":
        """Raises InvalidFacts."""
        read = FieldReader(data, where="the facts of the model", error=InvalidFacts)
        licence = read.text("licence")
        if licence not in LICENCES:
            raise read.refuse("licence", "one of " + ", ".join(LICENCES))
        words = ("description", "author", "made_at", "learned_from", "snapshot", "identity", "code_version")
        return Facts(
            name=read.text("name"),
            version=read.integer("version", at_least=1),
            licence=licence,
            scores=read.table("scores"),
            reads=tuple(str(word) for word in read.items("reads")),
            **{word: str(read.data.get(word) or "") for word in words},
        )
