"""`cytoloop up`: everything on one machine, from one command, until Ctrl-C."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from backend import settings
from backend.cli.children import Child, end_all
from backend.foundation import database, presence, processes
from backend.foundation.errors import CytoloopError, Invalid
from backend.foundation.place import FIRST_SIGN_IN, child_lock

HEALTHY_LIMIT_S = 120.0
LOOK_EVERY_S = 0.2
DATABASE_LOOK_EVERY_S = 2.0
GRACE_S = 3.0
ENDING_LIMIT_S = 20.0
ENDING = "ending"
POOL = 12
MOST_WEBS, WEBS_LIMIT = 4, 6
STEPS = {
    "tables": "Bringing the tables up to date",
    "account": "Looking for the first account",
    "demonstration": "Loading the demonstration project",
}


class AlreadyUp(CytoloopError):
    """Another `cytoloop up` works on this data folder."""


class PortTaken(CytoloopError):
    """Another program listens there."""


class DoesNotStart(CytoloopError):
    """A part ended while it was starting; the message carries the end of its log."""


def run(arguments: argparse.Namespace) -> int:
    """Start everything, watch over it, stop it. Returns when told to stop."""
    if arguments.parent:
        processes.end_with_parent(parent=arguments.parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    webs = web_processes(arguments.web)
    return Supervisor(settings.CYTOLOOP_HOME, Console(highlight=False), webs=webs).run()


def web_processes(wished: int | None) -> int:
    """How many web servers share the socket: as wished, or one for each two cores. They know of each other's
    events through the database alone."""
    if wished is None:
        return max(1, min(MOST_WEBS, (os.cpu_count() or 1) // 2))
    if not 1 <= wished <= WEBS_LIMIT:
        raise Invalid(f"--web takes a number from 1 to {WEBS_LIMIT}, not {wished}.")
    return wished


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


class Supervisor:
    """One data folder, one database, web servers on one socket, two workers, one engine process."""

    def __init__(self, home: Path, console: Console, *, webs: int = 1) -> None:
        self.home = home
        self.webs = webs
        self.console = console
        self.logs = home / "logs"
        self.children: list[Child] = []
        self.began_at = time.monotonic()
        self.looked_at_database_at = 0.0

    def run(self) -> int:
        """From nothing to nothing."""
        self._be_alone()
        try:
            with self._open_socket() as listening:
                self._start(listening)
                self._watch()
        except KeyboardInterrupt:
            pass
        finally:
            self._end()
        return 0

    def _be_alone(self) -> None:
        """Refuse beside another `up`; wait for one that is ending, and for the children of one that was
        killed.
        """
        note = self.home / "up.lock"
        until = time.monotonic() + ENDING_LIMIT_S
        while not presence.announce(note, alone=True):
            known = note.read_text().split()
            if ENDING not in known or time.monotonic() > until:
                raise AlreadyUp(
                    f"Cytoloop runs on {self.home} already (process {known[0] if known else 'unknown'}). "
                    "Stop it there, or set CYTOLOOP_HOME to another folder."
                )
            time.sleep(LOOK_EVERY_S)
        while presence.somebody(child_lock(self.home)) and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        note.write_text(f"{os.getpid()}\n")

    def _open_socket(self) -> socket.socket:
        """Open before anything slow: a busy port is told at once, and no connection is refused while web
        starts.
        """
        family = socket.AF_INET6 if ":" in settings.CYTOLOOP_HOST else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.CYTOLOOP_HOST, settings.PORT))
        except OSError as error:
            listening.close()
            raise PortTaken(
                f"Port {settings.PORT} on {settings.CYTOLOOP_HOST} cannot be used ({error.strerror}). "
                "Stop the program that has it, or set PORT to another number."
            ) from error
        listening.listen(256)
        return listening

    def _start(self, listening: socket.socket) -> None:
        self.console.print(f"[bold]Cytoloop[/] · data folder {self.home}")
        if settings.CYTOLOOP_EMBEDDED_DATABASE:
            with self._step("Starting the database"):
                database.hold(self.home)
        sign_in = self._prepare()
        with self._step("Starting the web server"):
            self._begin(self._web(listening))
            self._wait_until_healthy()
        # Only now: the page must not wait for them on a machine with few cores.
        for child in [*(self._web(listening, i) for i in range(2, self.webs + 1)), *self._workers()]:
            self._begin(child)
        self._welcome(sign_in)

    def _web(self, listening: socket.socket, which: int = 1) -> Child:
        number = listening.fileno()
        return Child(
            name="web" if which == 1 else f"web {which}",
            words=("web", "--fd", str(number)),
            log=self.logs / ("web.log" if which == 1 else f"web-{which}.log"),
            environment={"CYTOLOOP_DATABASE_POOL": os.environ.get("CYTOLOOP_DATABASE_POOL") or str(POOL)},
            file_descriptors=(number,),
            farewell=(signal.SIGTERM, signal.SIGTERM, signal.SIGKILL),
        )

    def _workers(self) -> list[Child]:
        """One for long jobs, one for what people wait for: an import never stands behind a training."""
        clock = ("--beat",)
        return [
            self._worker("jobs", "cpu,gpu", 1),
            self._worker("interactive", "interactive", 2, *clock),
            Child(name="engine", words=("engine",), log=self.logs / "engine.log"),
        ]

    def _worker(self, name: str, queues: str, concurrency: int, *more: str) -> Child:
        words = ("worker", "--name", name, "--queues", queues, "--concurrency", str(concurrency))
        return Child(name=f"worker {name}", words=(*words, *more), log=self.logs / f"worker-{name}.log")

    def _prepare(self) -> dict[str, str]:
        """Run `cytoloop prepare`, showing its steps; what it told about signing in."""
        told: dict[str, str] = {}
        log = self.logs / "prepare.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-P", "-m", "backend.cli.main", "prepare"]
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                words, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL
            ) as process,
            self._step("Preparing") as step,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                facts = json.loads(line)
                told |= {name: value for name, value in facts.items() if name != "step"}
                if "step" in facts:
                    step.say(STEPS[facts["step"]])
        if process.returncode != 0:
            raise DoesNotStart(f"The data folder could not be prepared. The log ends:\n{_tail(log)}")
        return told

    def _begin(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + HEALTHY_LIMIT_S
        while not self._answers():
            for child in self.children:
                if not child.alive():
                    raise DoesNotStart(
                        f"{child.name} ended while starting. Its log ({child.log}) ends:\n{child.tail()}"
                    )
            if time.monotonic() > until:
                raise DoesNotStart(
                    f"The web server does not answer after {HEALTHY_LIMIT_S:.0f} s. See {self.logs}."
                )
            time.sleep(LOOK_EVERY_S)

    def _answers(self) -> bool:
        host = "127.0.0.1" if settings.CYTOLOOP_HOST in ("0.0.0.0", "::") else settings.CYTOLOOP_HOST
        request = urllib.request.Request(f"http://{_bracketed(host)}:{settings.PORT}/api/v1/health/")
        request.add_header("Host", "localhost")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _welcome(self, sign_in: dict[str, str]) -> None:
        host = (
            "localhost"
            if settings.CYTOLOOP_HOST in ("0.0.0.0", "::", "127.0.0.1")
            else settings.CYTOLOOP_HOST
        )
        lines = [
            f"Ready after {time.monotonic() - self.began_at:.1f} s: [bold]http://{_bracketed(host)}:{settings.PORT}/[/]"
        ]
        if sign_in.get("password"):
            lines += ["", f"Sign in as [bold]{sign_in['email']}[/] with [bold]{sign_in['password']}[/]"]
        if (self.home / FIRST_SIGN_IN).exists():
            lines += [
                f"(The first password is kept in {self.home / FIRST_SIGN_IN}; change it after signing in.)"
            ]
        self.console.print(Panel("\n".join([*lines, "", "Ctrl-C stops everything."]), expand=False))

    def _watch(self) -> None:
        """Look after everyone, for ever."""
        while True:
            for child in self.children:
                if story := child.watch():
                    self.console.print(f"[yellow]{story}[/]")
            self._watch_database()
            time.sleep(LOOK_EVERY_S)

    def _watch_database(self) -> None:
        if (
            not settings.CYTOLOOP_EMBEDDED_DATABASE
            or time.monotonic() - self.looked_at_database_at < DATABASE_LOOK_EVERY_S
        ):
            return
        self.looked_at_database_at = time.monotonic()
        try:
            if not database.is_ready(self.home):
                self.console.print("[yellow]The database ended and is started again.[/]")
            database.hold(self.home)
        except CytoloopError as error:
            # A server that was killed leaves processes that need a moment to notice: the next look tries
            # again.
            self.console.print(f"[yellow]{error.message}[/]")

    def _end(self) -> None:
        # A second Ctrl-C must not leave half of it running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        (self.home / "up.lock").write_text(f"{os.getpid()} {ENDING}\n")
        if any(child.alive() for child in self.children):
            self.console.print("Stopping …")
        end_all(self.children, grace_s=GRACE_S)
        if settings.CYTOLOOP_EMBEDDED_DATABASE:
            database.stop_unless_used(self.home)
        self.console.print(f"Stopped. Everything is kept in {self.home}.")

    def _step(self, what: str) -> "Step":
        return Step(self.console, what)


class Step:
    """One line while something starts: moving on a terminal, plain in a log."""

    def __init__(self, console: Console, what: str) -> None:
        self.console = console
        self.what = what
        self.status = console.status(f"{what} …")
        self.began_at = 0.0

    def __enter__(self) -> "Step":
        self.began_at = time.monotonic()
        self.status.start()
        return self

    def say(self, what: str) -> None:
        """The step before is done; this one begins."""
        self._done()
        self.what, self.began_at = what, time.monotonic()
        self.status.update(f"{what} …")

    def __exit__(self, kind: object, *_: object) -> None:
        self.status.stop()
        if kind is None:
            self._done()

    def _done(self) -> None:
        self.console.print(f"  [green]✓[/] {self.what} [dim]{time.monotonic() - self.began_at:.1f} s[/]")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
