"""Why a file of the run folder could not be understood."""


class ContractError(ValueError):
    """A file of a run folder says something that the contract does not allow."""


class InvalidSpec(ContractError):
    """`spec.json` is missing a word or holds a wrong one."""


class InvalidManifest(ContractError):
    """A line of `manifest.jsonl` cannot be used."""


class InvalidSettings(ContractError):
    """The settings of a recipe are unknown or out of range."""


class InvalidResult(ContractError):
    """`result.json`, `model.json` or a list of cells is not as the engine writes it."""


class InvalidProgress(ContractError):
    """A whole line of `progress.jsonl` is not as the engine writes it."""
