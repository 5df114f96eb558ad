"""`spec.json`: what the engine is asked to do in one run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from training.contract.errors import InvalidSpec
from training.contract.fields import FieldReader, JsonObject
from training.contract.reading import check_cell_px
from training.contract.recipes import Makes, complete_settings, recipe_named

FORMAT = 1


class Action(StrEnum):
    """What a run does."""

    TRAIN = "train"
    PREDICT = "predict"
    PREVIEW = "preview"
    EVALUATE = "evaluate"
    EXPLAIN = "explain"


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run of one recipe.

    `minutes` is the budget of training in minutes of running time (time spent dead is not counted),
    `cpu_minutes` in minutes of processor time, all cores together; `max_epochs` ends it earlier. One of the
    three must be given for `train`. `validate_at` names shares of the budget (0 … 1) at which the net is
    scored, instead of every now and then; the scores then say so with `budget_share`. `model_dir` is an
    absolute path of a trained model: what `predict` and `evaluate` use, and what `train` continues from.
    `cell_px` says to `predict` how large the cells are: a diameter in px, “auto” to have it found by itself,
    None for as large as those that the model learned from.
    """

    action: Action
    recipe: str
    settings: JsonObject = field(default_factory=dict)
    seed: int = 0
    minutes: float | None = None
    cpu_minutes: float | None = None
    max_epochs: int | None = None
    validate_at: Sequence[float] = ()
    threads: int = 2
    model_dir: str | None = None
    code_version: str = ""
    cell_px: float | str | None = None
    format: int = FORMAT

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return {**asdict(self), "action": self.action.value}

    @staticmethod
    def from_json(data: object) -> "RunSpec":
        """Reads, checks and completes a spec with defaults. Raises InvalidSpec, InvalidSettings."""
        read = FieldReader(data, where="spec.json", error=InvalidSpec)
        if read.integer("format", at_least=1, default=FORMAT) != FORMAT:
            raise read.refuse("format", f"{FORMAT}, the only format this version reads")
        action = read.text("action")
        if action not in set(Action):
            raise read.refuse("action", "one of " + ", ".join(Action))
        recipe = recipe_named(read.text("recipe"))
        spec = RunSpec(
            action=Action(action),
            recipe=recipe.name,
            settings=complete_settings(recipe.name, read.table("settings")),
            seed=read.integer("seed", at_least=0, default=0),
            minutes=read.optional_number("minutes", at_least=0.01),
            cpu_minutes=read.optional_number("cpu_minutes", at_least=0.01),
            max_epochs=read.optional_integer("max_epochs", at_least=1),
            validate_at=tuple(float(share) for share in read.data.get("validate_at") or ()),
            threads=read.integer("threads", at_least=1, default=2),
            model_dir=read.optional_text("model_dir"),
            code_version=str(read.data.get("code_version") or ""),
            cell_px=None if read.data.get("cell_px") is None else check_cell_px(read.data["cell_px"]),
        )
        spec.check()
        return spec

    def check(self) -> None:
        """Raises InvalidSpec when words that are right alone do not go together."""
        ends = (self.minutes, self.cpu_minutes, self.max_epochs)
        if self.action is Action.TRAIN and not any(end is not None for end in ends):
            raise InvalidSpec(
                "spec.json: training needs an end: give “minutes”, “cpu_minutes”, “max_epochs” or several."
            )
        recipe = recipe_named(self.recipe)
        if not recipe.learns and self.action is not Action.PREDICT:
            raise InvalidSpec(f"spec.json: the recipe {recipe.name} learns nothing; it can only predict.")
        alone = self.action is Action.PREDICT and (recipe.makes is Makes.VECTORS or not recipe.learns)
        needs_model = self.action in (Action.PREDICT, Action.EVALUATE, Action.EXPLAIN) and not alone
        if needs_model and self.model_dir is None:
            raise InvalidSpec(f"spec.json: to {self.action} a “model_dir” with a trained model is needed.")
