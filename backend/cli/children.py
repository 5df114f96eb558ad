"""The supervisor's children: started, watched, started again, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A child that lived this long was well; the next end is a new story.
WELL_AFTER_S = 30.0
PAUSES_S = (0.2, 1.0, 2.0, 5.0, 15.0)
LOG_LIMIT_BYTES = 20 * 1024 * 1024


@dataclass
class Child:
    """One process that should always be there."""

    name: str
    words: Sequence[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    file_descriptors: tuple[int, ...] = ()
    # What to send first, and what to those who are still there after the grace.
    farewell: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL)
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    ends: int = 0
    pause_until: float = 0.0

    def start(self) -> None:
        """Start it, its words going to its log. In a session of its own: Ctrl-C reaches the supervisor
        alone.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "backend.cli.main", *self.words, "--parent", str(os.getpid())],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.file_descriptors,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def watch(self) -> str:
        """Start it again if it ended; what to tell about that, or an empty text."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.pause_until:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        self.ends = 1 if now - self.started_at > WELL_AFTER_S else self.ends + 1
        self.pause_until = now + PAUSES_S[min(self.ends, len(PAUSES_S)) - 1]
        self.process = None
        return f"{self.name} ended ({describe(code)}) and is started again. Its log: {self.log}"

    def alive(self) -> bool:
        """Whether it runs at this moment."""
        return self.process is not None and self.process.poll() is None

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def describe(code: int) -> str:
    """An exit code in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def end_all(children: Sequence[Child], *, grace_s: float) -> None:
    """Ask all together, politely first; nobody is left."""
    for step in range(3):
        living = [child for child in children if child.alive()]
        for child in living:
            _send(child, child.farewell[step])
        until = time.monotonic() + grace_s
        while any(child.alive() for child in living) and time.monotonic() < until:
            time.sleep(0.05)


def _send(child: Child, number: signal.Signals) -> None:
    if child.process is not None:
        child.process.send_signal(number)
