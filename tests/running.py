"""A whole Cytoloop, started as a person starts it, for browser journeys, screenshots and benchmarks."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

EMAIL = "ana@lab.example"
PASSWORD = "nuclei-and-cytoplasm"
READY_LIMIT_S = 120.0
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Software WebGL, and no call home.
CHROMIUM_FLAGS = (
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@dataclass(frozen=True)
class Running:
    """Where it answers, and who may come in."""

    address: str
    home: Path
    process: "subprocess.Popen[bytes]"
    ready_after_s: float
    email: str = EMAIL
    password: str = PASSWORD

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`cytoloop …` on the same data folder; raises with the command's own words when it fails."""
        return command(self.home, *words)

    def api(self) -> httpx.Client:
        """A signed-in client for `/api/v1/…`; close it."""
        client = httpx.Client(base_url=f"{self.address}/api/v1/", timeout=60)
        client.get("session/")
        answer = client.post(
            "session/", json={"email": self.email, "password": self.password}, headers=csrf(client)
        )
        answer.raise_for_status()
        client.headers.update(csrf(client))
        client.headers["Referer"] = self.address
        return client


def command(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`cytoloop …` on a data folder, with or without a server; raises with the command's own words."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli.main", *words],
        env={**os.environ, "CYTOLOOP_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"cytoloop {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}")
    return done


def csrf(client: httpx.Client) -> dict[str, str]:
    """The header that goes with the session cookie."""
    token = client.cookies.get("csrftoken")
    return {"X-CSRFToken": token} if token else {}


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    home: Path, *words: str, demonstration: bool = True, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start `cytoloop up` with `words` on `home`, wait until it answers, stop it in good order at the end."""
    port = free_port()
    environment = {
        **os.environ,
        "CYTOLOOP_HOME": str(home),
        "PORT": str(port),
        "CYTOLOOP_ADMIN_EMAIL": EMAIL,
        "CYTOLOOP_ADMIN_PASSWORD": PASSWORD,
        "CYTOLOOP_DEMONSTRATION": "yes" if demonstration else "no",
        **(settings or {}),
    }
    home.mkdir(parents=True, exist_ok=True)
    log = home / "up.log"
    began = time.monotonic()
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli.main", "up", *words],
            env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process, log)
        yield Running(address, home, process, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/api/v1/health/", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(
        f"Cytoloop does not start; its words were:\n{log.read_text(errors='replace')[-4000:]}"
    )
