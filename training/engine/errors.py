"""Why a run cannot be done: what, where and what to do, in a sentence for the person who started it."""


class RunRefused(ValueError):
    """Something about the input makes the run impossible."""


class NothingToLearn(RunRefused):
    """There is no training image, or no training image has a cell."""


class UnreadableImage(RunRefused):
    """An image or its labels cannot be read."""


class WrongModel(RunRefused):
    """The trained model that was given does not fit the recipe."""


class ChannelMismatch(RunRefused):
    """The trained model cannot read that number of channels."""


class MissingChannel(RunRefused):
    """An image lacks a channel that the settings or the model name."""


class RunCancelled(Exception):
    """The file `cancel` appeared in the run folder."""


class RunStopped(Exception):
    """SIGTERM came; a checkpoint was written."""
