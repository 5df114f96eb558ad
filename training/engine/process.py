"""A recipe as a process: reads the run folder, listens for stops, and ends with a result and an exit code."""

import math
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from training.contract.errors import ContractError
from training.contract.files import ExitCode, RunFolder
from training.contract.manifest import ManifestLine
from training.contract.results import RunResult
from training.contract.specs import Action, RunSpec
from training.engine.devices import Device, choose_device
from training.engine.errors import RunCancelled, RunRefused, RunStopped
from training.engine.reporting import Reporter

COMPILING_PAYS_MINUTES = 5.0


@dataclass
class Run:
    """One run: what is asked, where, and with what."""

    folder: RunFolder
    spec: RunSpec
    manifest: list[ManifestLine]
    device: Device
    report: Reporter
    stop_asked: bool = field(default=False)

    @property
    def pays_compiling(self) -> bool:
        """Whether forward passes are worth translating for the machine: on cards, for runs that are not
        over before it is done, where the translator is there."""
        given = self.spec.minutes or self.spec.cpu_minutes or math.inf
        long = given >= COMPILING_PAYS_MINUTES and self.spec.action is Action.TRAIN
        return long and self.device.on_cards and find_spec("triton") is not None

    def raise_if_asked_to_stop(self) -> None:
        """Raises RunCancelled when the file `cancel` is there, RunStopped after SIGTERM."""
        if self.folder.cancel.exists():
            raise RunCancelled
        if self.stop_asked:
            raise RunStopped

    def listen_for_sigterm(self) -> None:
        """From now on SIGTERM only leaves a word, which the loop reads at its next step."""

        def note(_number: int, _frame: FrameType | None) -> None:
            self.stop_asked = True

        signal.signal(signal.SIGTERM, note)


Act = Callable[[Run], RunResult]


def run_recipe(recipe: str, actions: Mapping[Action, Act], arguments: list[str]) -> int:
    """Does what the run folder named in `arguments` asks for; returns the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write(f"Usage: python -m training.engine.recipes.{recipe} RUN_FOLDER\n")
        return ExitCode.REFUSED
    folder = RunFolder(Path(arguments[0]).resolve())
    try:
        return _run(recipe, actions, folder)
    except (RunRefused, ContractError) as error:
        folder.write_result(RunResult(ok=False, error=str(error)))
        sys.stderr.write(f"{error}\n")
        return ExitCode.REFUSED
    except RunCancelled:
        folder.write_result(RunResult(ok=False, error="The run was cancelled."))
        return ExitCode.CANCELLED
    except RunStopped:
        return ExitCode.STOPPED
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        folder.write_result(RunResult(ok=False, error=_sentence(error), detail=told))
        sys.stderr.write(told)
        return ExitCode.BROKEN


def _run(recipe: str, actions: Mapping[Action, Act], folder: RunFolder) -> int:
    finished = folder.read_result()
    if finished is not None and finished.ok:
        return ExitCode.DONE
    folder.result.unlink(missing_ok=True)
    spec = folder.read_spec()
    if spec.recipe != recipe:
        raise RunRefused(f"spec.json asks for the recipe {spec.recipe}, but {recipe} was started.")
    run = Run(folder, spec, folder.read_manifest(), choose_device(spec.threads), Reporter(folder))
    run.listen_for_sigterm()
    folder.write_result(actions[spec.action](run))
    return ExitCode.DONE


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "The machine's memory was not enough; use smaller crops or fewer of them in a batch."
    return f"The engine broke down: {type(error).__name__}: {error}"
