"""Who uses the machine's cores while something is measured: the server's parts, and who measures."""

import time
from collections import defaultdict

import psutil

from tests.running import Running


class Cores:
    """Processor time of each part since this was made."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._began_at, self._before = time.monotonic(), self._spent_s()

    def said(self) -> str:
        """Mean cores of each part, the busiest first: `web 0.38, database 0.15, clients 0.03`."""
        passed_s = time.monotonic() - self._began_at
        used = {part: (s - self._before[part]) / passed_s for part, s in self._spent_s().items()}
        return ", ".join(f"{part} {n:.2f}" for part, n in sorted(used.items(), key=lambda one: -one[1]))

    def _spent_s(self) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for process in self._processes():
            try:
                times = process.cpu_times()
                found[self._part(process)] += times.user + times.system
            except psutil.NoSuchProcess:
                continue
        return found

    def _processes(self) -> list[psutil.Process]:
        me, up = psutil.Process(), psutil.Process(self._server.process.pid)
        every = {one.pid: one for one in (me, *up.children(recursive=True))}
        for one in psutil.process_iter(["cmdline"]):
            words = " ".join(one.info["cmdline"] or [])
            if "postgres" in words and str(self._server.home) in words:
                every |= {some.pid: some for some in (one, *one.children(recursive=True))}
        return list(every.values())

    @staticmethod
    def _part(process: psutil.Process) -> str:
        words = " ".join(process.cmdline())
        if process.pid == psutil.Process().pid:
            return "clients"
        if "postgres" in words:
            return "database"
        return "web" if "backend.cli.main web" in words else "background"
